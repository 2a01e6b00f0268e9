"""Gates in the store: who passes, who waits, in which order permits are used."""

from __future__ import annotations

import pytest
from tests.store.worlds import Bench, bench_of, project_of, settings_of

from pymockapi.model.changes import Reset
from pymockapi.model.event import EventKind
from pymockapi.model.exchange import Phase
from pymockapi.model.response import Response, make_response
from pymockapi.store.gates import MAX_RELEASES

STUBS = [
    {"name": "held", "request": {"path": "/held"}, "response": {"text": "own", "hold": "g"}},
    {
        "name": "steps",
        "request": {"path": "/steps"},
        "responses": [{"text": "1"}, {"text": "2", "hold": "g"}],
        "set": {"n": {"increment": 1}},
    },
    {
        "name": "keyed",
        "request": {"path": "/keyed"},
        "responses": [{"hold": "g"}],
        "per": "query.k",
    },
]
OTHER = make_response(503)


@pytest.fixture
def bench() -> Bench:
    bench = bench_of(project_of(stubs=STUBS))
    bench.create(settings=settings_of(limits={"held": 2}))
    return bench


def kept(bench: Bench) -> list[tuple[int, Response | None]]:
    """Note who is let go, with what, from now on: those that wait now."""
    gone: list[tuple[int, Response | None]] = []
    gates = bench.space.gates
    for entry in gates.by_name["g"].held.values():
        number = entry.number
        gates.when_let_go(entry, lambda response, n=number: gone.append((n, response)))  # type: ignore[misc]
    return gone


def test_an_answer_waits_and_is_let_go_with_what_the_release_says(bench: Bench) -> None:
    entries = [bench.ask("/held").exchange for _ in range(2)]
    assert [each.phase for each in entries] == [Phase.PARKED] * 2
    assert bench.space.gates.count == 2
    gone = kept(bench)
    assert bench.space.gates.release("g", 1, OTHER) == [1]
    assert bench.space.gates.release("g", None, None) == [2]
    assert gone == [(1, OTHER), (2, None)]
    assert bench.space.gates.count == 0


def test_one_that_nobody_waits_for_is_let_go_without_effect(bench: Bench) -> None:
    bench.ask("/held")
    assert bench.space.gates.release("g", 1, None) == [1]


def test_permits_left_over_are_used_in_the_order_they_were_given(bench: Bench) -> None:
    gates = bench.space.gates
    gates.release("g", 1, OTHER)
    gates.release("g", 2, None)
    assert gates.by_name["g"].permitted == 3
    answers = [bench.ask("/held") for _ in range(4)]
    assert [each.exchange.phase for each in answers] == [Phase.RECEIVED] * 3 + [Phase.PARKED]
    assert answers[0].response is OTHER
    assert [each.response.body for each in answers[1:3] if each.response] == [b"own"] * 2


def test_permits_that_are_alike_are_one_release(bench: Bench) -> None:
    gates = bench.space.gates
    for response in (None, None, OTHER, OTHER, None):
        gates.release("g", 2, response)
    assert [(each.left, each.response) for each in gates.by_name["g"].permits] == [
        (4, None), (4, OTHER), (2, None),
    ]  # fmt: skip


def test_releases_that_nobody_has_used_are_bounded(bench: Bench) -> None:
    gates = bench.space.gates
    for number in range(MAX_RELEASES // 2):
        gates.release("g", 1, OTHER if number % 2 else None)
        gates.release(f"open-{number}", None, None)
    assert not gates.may_release("g", 1, None)
    assert not gates.may_release("h", 1, OTHER)
    assert not gates.may_release("h", None, None)
    assert gates.may_release("g", 5, OTHER)
    assert gates.may_release("open-1", None, OTHER)
    assert bench.ask("/held").exchange.phase is Phase.RECEIVED
    assert gates.may_release("g", 1, None)
    gates.shut()
    first = bench.ask("/held").exchange
    assert first.phase is Phase.PARKED
    assert gates.may_release("g", 1, OTHER)
    assert gates.release("g", 1, OTHER) == [first.number]
    assert gates.by_name["g"].releases == 0


def test_an_open_gate_lets_all_by_until_it_is_reset(bench: Bench) -> None:
    bench.space.gates.release("g", 5, None)
    bench.space.gates.release("g", None, OTHER)
    assert bench.space.gates.by_name["g"].permitted == 0
    assert [bench.ask("/held").response for _ in range(3)] == [OTHER] * 3
    bench.apply(Reset(frozenset({"gates"})))
    assert bench.space.gates.by_name == {}
    assert bench.ask("/held").exchange.phase is Phase.PARKED


def test_a_reset_of_the_gates_leaves_who_waits(bench: Bench) -> None:
    bench.ask("/held")
    bench.apply(Reset(frozenset({"gates"})))
    assert bench.space.gates.count == 1
    assert list(bench.space.gates.by_name["g"].held) == [1]


def test_who_leaves_uses_no_permit_and_leaving_twice_is_leaving_once(bench: Bench) -> None:
    first, second = bench.ask("/held").exchange, bench.ask("/held").exchange
    gone = kept(bench)
    bench.space.gates.leave(first)
    bench.space.gates.leave(first)
    assert bench.space.gates.count == 1
    assert bench.space.gates.release("g", 1, None) == [second.number]
    assert gone == [(2, None)]


def test_over_the_limit_a_request_takes_nothing_but_one_with_a_permit_passes(bench: Bench) -> None:
    bench.ask("/steps")
    bench.ask("/held")
    bench.ask("/steps")
    for target in ("/held", "/steps", "/keyed?k=1"):
        refused = bench.ask(target)
        assert (refused.refusal, refused.exchange.error) == ("held", "limit-reached")
        assert (refused.exchange.stub, refused.response) == (None, None)
    assert bench.space.state == {"n": 2}
    assert bench.space.key_count == 0
    bench.space.gates.release("g", 3, None)
    assert bench.ask("/held").exchange.phase is Phase.RECEIVED


def test_a_step_that_is_held_is_taken_and_told_in_order(bench: Bench) -> None:
    told: list[EventKind] = []
    bench.space.sinks.append(lambda event: told.append(event.kind))
    bench.ask("/steps")
    bench.ask("/steps")
    assert told[-4:] == [
        EventKind.STATE_CHANGED,
        EventKind.REQUEST_RECEIVED,
        EventKind.GATE_WAITING,
        EventKind.STATE_CHANGED,
    ]
    assert bench.space.state == {"n": 2}
