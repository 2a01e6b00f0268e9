"""P4: the same definitions, seed, clock and requests give the same bytes, whatever else goes on."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.world import World

DRAWS: Final = (
    "{{ uuid() }} {{ random_int(1, 1000000) }} {{ random_string(6) }} {{ random_float() }}"
    " {{ random_choice(['a', 'b', 'c', 'd']) }} {{ now() }} {{ hit }} {{ state.n }} {{ state.token }}"
)
STUBS: Final[list[dict[str, Any]]] = [
    {"name": name, "request": {"path": f"/{name}"},
     "response": {"template": True, "headers": {"x-id": "{{ uuid() }}"}, "json": {"made": DRAWS}},
     "set": {"n": {"increment": 1}, "token": {"template": "{{ random_string(4) }}"}}}
    for name in ("a", "b")
]  # fmt: skip
BASE: Final = [{**STUBS[0], "name": "base", "request": {"path": "/base"}}]
CLOCK: Final = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
PATHS: Final = ("/a", "/b", "/base")

calls = st.lists(st.tuples(st.sampled_from(["mine", "other"]), st.sampled_from(PATHS)), max_size=12)


def opened(name: str = "mine") -> World:
    world = World({"stubs": BASE})
    for each in (name, "other"):
        made = {"name": each, "seed": 7, "clock": CLOCK, "stubs": STUBS}
        world.call("POST", "/namespaces", made)
    return world


def answers(world: World, asked: list[tuple[str, str]], name: str = "mine") -> list[bytes]:
    sent = [
        (who, world.send("GET", f"/~{name if who == 'mine' else who}{path}")) for who, path in asked
    ]
    return [response.head + response.tail for who, response in sent if who == "mine"]


@settings(max_examples=60, deadline=None)
@given(calls)
def test_what_others_ask_for_changes_nothing(asked: list[tuple[str, str]]) -> None:
    alone = answers(opened(), [each for each in asked if each[0] == "mine"])
    assert answers(opened(), asked) == alone


@settings(max_examples=20, deadline=None)
@given(calls)
def test_the_name_of_the_namespace_changes_nothing(asked: list[tuple[str, str]]) -> None:
    assert answers(opened("renamed"), asked, "renamed") == answers(opened(), asked)


@settings(max_examples=30, deadline=None)
@given(st.permutations([("mine", path) for path in PATHS * 2]))
def test_what_is_drawn_for_a_stub_does_not_follow_from_the_calls_of_others(
    asked: list[tuple[str, str]],
) -> None:
    drawn = dict[str, list[bytes]]()
    for (_, path), answer in zip(asked, answers(opened(), asked), strict=True):
        head, _, _ = answer.partition(b"Content-Length")
        drawn.setdefault(path, []).append(head)
    again = dict[str, list[bytes]]()
    ordered = sorted(asked)
    for (_, path), answer in zip(ordered, answers(opened(), ordered), strict=True):
        head, _, _ = answer.partition(b"Content-Length")
        again.setdefault(path, []).append(head)
    assert drawn == again


def test_another_seed_gives_other_answers() -> None:
    world = opened()
    world.call("POST", "/namespaces", {"name": "third", "seed": 8, "clock": CLOCK, "stubs": STUBS})
    assert world.send("GET", "/~third/a").body != world.send("GET", "/~mine/a").body


def test_a_reset_begins_the_draws_anew() -> None:
    world = opened()
    first = answers(world, [("mine", "/a"), ("mine", "/a")])
    world.call("POST", "/namespaces/mine/reset")
    assert answers(world, [("mine", "/a"), ("mine", "/a")]) == first
    assert first[0] != first[1]


def test_an_answer_is_pinned_for_every_machine_and_version() -> None:
    assert opened().send("GET", "/~mine/a").body.decode() == (
        '{"made":"08308479-b560-42d1-baa6-f06dd4c61bee 229413 BslxCx 0.06108182943986773 d'
        ' 2030-01-01T00:00:00Z 1 1 pNqY"}'
    )


DELAYED: Final = [
    {"name": "even", "request": {"path": "/even"},
     "response": {"delay": {"uniform": ["0ms", "1h"]}}},
    {"name": "far", "request": {"path": "/far"},
     "response": {"delay": {"lognormal": {"median": "90ms", "sigma": 2}}}},
]  # fmt: skip


def delays(asked: list[tuple[str, str]], name: str = "mine") -> list[float]:
    world = World()
    for each in (name, "other"):
        world.call("POST", "/namespaces", {"name": each, "seed": 7, "stubs": DELAYED})
    waited = [(who, world.delay("GET", f"/~{name if who == 'mine' else who}{path}"))
              for who, path in asked]  # fmt: skip
    return [delay_s for who, delay_s in waited if who == "mine"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["mine", "other"]), st.sampled_from(["/even", "/far"]))))
def test_delays_that_are_drawn_follow_from_seed_stub_and_hit_alone(
    asked: list[tuple[str, str]],
) -> None:
    alone = delays([each for each in asked if each[0] == "mine"])
    assert delays(asked) == alone
    assert delays(asked, "renamed") == alone
