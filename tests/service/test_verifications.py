"""The call that verifies: cursors, near misses, secrets, and that every way to look back agrees."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.world import World, document, request

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.engine.verifying.verification import Verification
from pymockapi.model.errors import Unreadable
from pymockapi.model.exchange import Phase
from pymockapi.server.application_port import Reply
from pymockapi.service import scanning

ROOT: Final = Path(__file__).parents[2]
NS: Final = "/namespaces/default"
STUBS: Final = [
    {"name": "order", "request": {"method": "GET", "path": "/orders/{id}"}},
    {"name": "pay", "request": {"method": "POST", "path": "/pay"},
     "responses": [{"status": 503}, {"status": 201}]},
    {"name": "login", "request": {"path": "/login", "headers": {"authorization": "Bearer right"},
                                  "query": {"pin": "1234"}}},
]  # fmt: skip


@pytest.fixture
def world() -> World:
    return World({"stubs": STUBS, "settings": {"redact": ["query.pin"]}})


def verify(world: World, *expect: Any, ns: str = NS, **more: Any) -> Any:
    return world.call("POST", f"{ns}/verify", {"expect": list(expect), **more})


def refused(world: World, *expect: Any, **more: Any) -> list[tuple[str, str]]:
    """Return the places and messages of a verification that must be refused."""
    body = json.dumps({"expect": list(expect), **more}).encode()
    response = world.reply("POST", f"{CONTROL_ROOT}{NS}/verify", body).response
    assert response.status == 422
    return [(each["pointer"], each["message"]) for each in document(response)["errors"]]


def test_a_request_that_was_just_recorded_is_seen(world: World) -> None:
    for number in range(1, 20):
        world.send("GET", "/orders/1")
        assert verify(world, {"stub": "order", "times": number})["passed"]


def test_the_cursor_of_one_step_is_the_after_of_the_next(world: World) -> None:
    world.send("GET", "/orders/1")
    first = verify(world, {"stub": "order", "times": 1})
    again = verify(world, {"stub": "order", "times": 0}, after=first["cursor"])
    assert (again["passed"], again["cursor"]) == (True, first["cursor"])
    world.send("GET", "/orders/2")
    assert verify(world, {"stub": "order", "times": 1}, after=first["cursor"])["passed"]
    assert verify(world, {"stub": "order", "times": 1}, after=1)["passed"]


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (2, "the last request is 1; 2 is beyond it"), (-1, "expected a whole number of at least 0, got -1"),
        (True, "expected a number or a cursor, got a boolean"), (None, "expected a number or a cursor, got null"),
        ("1", "expected a number or a cursor, got '1'"), ("n1-f0f0f0:x", "expected a number or a cursor, got 'n1-f0f0f0:x'"),
        ("n1-f0f0f0:2", "the last request is 1; 2 is beyond it"),
        ("n9-f0f0f0:1", "this cursor is of namespace 'n9-f0f0f0'; 'default' is 'n1-f0f0f0' now, and its"
         " requests are numbered anew"),
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_of_this_namespace_is_refused(
    world: World, after: Any, message: str
) -> None:
    world.send("GET", "/orders/1")
    assert refused(world, {"stub": "order"}, after=after) == [("/after", message)]


def test_before_the_first_request_no_cursor_is_beyond_zero(world: World) -> None:
    assert refused(world, {"stub": "order"}, after=1) == [
        ("/after", "the last request is yet to come; 1 is beyond it")
    ]


def test_a_cursor_of_an_earlier_namespace_of_the_same_name_is_refused(world: World) -> None:
    world.call("POST", "/namespaces", {"name": "shop"})
    cursor = verify(world, nothing_else=True, ns="/namespaces/shop")["cursor"]
    world.call("PUT", "/namespaces/shop", {})
    body = json.dumps({"expect": [], "nothing_else": True, "after": cursor}).encode()
    response = world.reply("POST", f"{CONTROL_ROOT}/namespaces/shop/verify", body).response
    assert response.status == 422


def test_a_deleted_stub_stays_known_and_one_that_never_was_is_not(world: World) -> None:
    world.call("POST", f"{NS}/stubs", {"name": "gone", "request": {"path": "/gone"}})
    world.send("GET", "/gone")
    world.call("DELETE", f"{NS}/stubs/gone")
    assert verify(world, {"stub": "gone", "times": 1})["passed"]
    assert refused(world, {"stub": "gnoe"}) == [
        ("/expect/0/stub", "namespace 'default' has no stub named 'gnoe'; did you mean 'gone'?")
    ]


def test_for_what_is_missing_the_nearest_requests_are_told(world: World) -> None:
    world.send("GET", "/health")
    world.send("POST", "/orders/7")
    (result,) = verify(world, {"stub": "order"})["results"]
    assert result["nearest"][0] == {
        "number": 2,
        "request": "#2 POST /orders/7 -> 404 no-match",
        "differences": [{"field": "method", "expected": "GET", "actual": "POST"}],
    }


def test_a_request_that_fits_and_was_answered_otherwise_is_near(world: World) -> None:
    world.send("POST", "/pay")
    asked = {"stub": "pay", "answered": {"status": 201, "step": 2, "phase": "answered"}}
    (result,) = verify(world, asked)["results"]
    assert result["nearest"][0]["differences"] == [
        {"field": "answered.status", "expected": "equal to 201", "actual": "503"},
        {"field": "answered.step", "expected": "2", "actual": "1"},
        {"field": "answered.phase", "expected": "answered", "actual": "received"},
    ]


def test_another_stub_that_took_the_request_is_named(world: World) -> None:
    world.call(
        "POST", f"{NS}/stubs", {"name": "thief", "request": {"path": "/orders/7"}, "priority": 1}
    )
    world.send("GET", "/orders/7")
    (result,) = verify(world, {"stub": "order"})["results"]
    assert result["nearest"][0]["differences"] == [
        {"field": "stub", "expected": "'order'", "actual": "'thief'"}
    ]


def test_a_stub_without_step_is_told_as_such(world: World) -> None:
    world.send("GET", "/orders/7")
    (result,) = verify(world, {"stub": "order", "answered": {"step": 1}})["results"]
    assert result["nearest"][0]["differences"][0]["actual"] == "no step of a sequence"


def test_a_stub_that_is_no_longer_defined_is_missed_by_its_name_alone(world: World) -> None:
    world.call("POST", f"{NS}/stubs", {"name": "gone", "request": {"path": "/gone"}})
    world.call("DELETE", f"{NS}/stubs/gone")
    world.send("GET", "/orders/7")
    (result,) = verify(world, {"stub": "gone"})["results"]
    assert result["nearest"][0]["differences"] == [
        {"field": "stub", "expected": "'gone'", "actual": "'order'"}
    ]


def test_secrets_are_told_by_marks(world: World) -> None:
    world.send("GET", "/login?pin=9999", Authorization="Bearer s3cret")
    found = verify(world, {"stub": "login"}, nothing_else=True)
    text = json.dumps(found)
    assert "s3cret" not in text
    assert "Bearer right" not in text
    assert "9999" not in text
    assert "GET /login?… -> 404 no-match" in found["report"]


def test_a_pattern_that_goes_past_its_budget_is_an_error_with_the_request(world: World) -> None:
    world.send("GET", "/a?q=" + "x" * 3000)
    asked = {"request": {"query": {"q": {"matches": "(x+x+)+y"}}}}
    ((pointer, message),) = refused(world, asked)
    assert pointer == "/expect"
    assert message.startswith("a pattern went past its budget on a recorded request, request 1: ")


def test_a_miss_whose_differences_cannot_be_told_is_left_out(world: World) -> None:
    world.send("GET", "/a?q=" + "x" * 3000)
    asked = {"request": {"method": "POST", "query": {"q": {"matches": "(x+x+)+y"}}}}
    (result,) = verify(world, asked)["results"]
    assert (result["actual"], result["nearest"]) == (0, [])


def test_overlaps_that_cannot_be_followed_are_an_error_that_says_what_to_do(world: World) -> None:
    for _ in range(40):
        world.send("GET", "/a")
    runs = [{"id": str(n), "request": {}, "times": {"at_most": 50}} for n in range(200)]
    assert refused(world, *runs, order="strict") == [
        (
            "/order",
            "the expectations overlap so much that there are too many ways to assign requests to"
            " them; tell them apart by method, path or stub, or verify them in several calls",
        )
    ]


def test_requests_that_were_refused_are_no_near_misses(world: World) -> None:
    world.application.refuse(request("GET", "/orders"), Phase.REFUSED, Unreadable("bad"))
    (result,) = verify(world, {"stub": "order"})["results"]
    assert result["nearest"] == []
    (refusal,) = verify(world, {"request": {}, "answered": {"phase": "refused"}})["results"]
    assert refusal["requests"] == [1]


def test_of_many_expectations_ten_are_told_the_nearest_requests(world: World) -> None:
    world.send("GET", "/x")
    asked = [{"request": {"path": f"/{n}"}} for n in range(15)]
    found = verify(world, *asked)["results"]
    assert [bool(each["nearest"]) for each in found] == [True] * 10 + [False] * 5


def test_a_finished_namespace_is_verified_by_its_id(world: World) -> None:
    space = world.call("POST", "/namespaces", {"name": "shop"})
    world.send("GET", "/~shop/orders/1")
    world.call("POST", "/namespaces/shop/finish", {})
    assert verify(world, {"stub": "order", "times": 1}, ns=f"/namespaces/{space['id']}")["passed"]


def test_a_request_that_is_deleted_counts_no_more(world: World) -> None:
    for _ in range(3):
        world.send("GET", "/orders/1")
    world.call("DELETE", f"{NS}/requests/2")
    found = verify(world, {"stub": "order", "times": 2})
    assert (found["passed"], found["results"][0]["requests"]) == (True, [1, 3])


def test_a_request_that_is_dropped_meanwhile_is_told_by_its_number() -> None:
    world = World({"settings": {"limits": {"requests": 2}}})
    pauses: list[int] = []

    def pause() -> Any:
        pauses.append(1)
        if len(pauses) == 2:  # after the one of the reading
            for _ in range(3):
                world.send("GET", "/later")

    world.store.pause = pause
    world.send("GET", "/a")
    found = verify(
        world, {"id": "b", "request": {"path": "/b", "body": {"text": "x"}}}, nothing_else=True
    )
    assert "#1 (no longer recorded)" in found["report"]


EXPECTATIONS: Final = [
    {"stub": "order"}, {"request": {"method": "POST"}}, {"request": {"path": "/pay"}},
    {"request": {"method": "GET", "path": "/orders/1"}}, {"request": {"path": "/orders/{id}"}},
    {"stub": "pay", "request": {"method": "POST"}}, {"request": {"method": ["GET", "POST"]}},
    {"request": {"query": {"q": "1"}}},
]  # fmt: skip
TARGETS: Final = [("GET", "/orders/1"), ("GET", "/orders/2"), ("POST", "/pay"), ("PUT", "/pay?q=1")]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(TARGETS), max_size=12),
    st.lists(st.sampled_from(EXPECTATIONS), min_size=1, max_size=3),
    st.integers(0, 12),
    st.sampled_from([3, 100]),
    st.sets(st.integers(1, 12), max_size=2),
)
def test_counting_by_an_index_is_counting_one_by_one(
    targets: list[tuple[str, str]], expect: list[Any], after: int, kept: int, deleted: set[int]
) -> None:
    world = World({"stubs": STUBS, "settings": {"limits": {"requests": kept}}})
    for method, target in targets:
        world.send(method, target)
    space = world.store.view("default")
    assert space is not None
    for number in deleted:
        space.journal.delete(number)
    after = min(after, len(targets))
    found = verify(world, *expect, after=after)["results"]
    for item, result in zip(expect, found, strict=True):
        again = verify(world, {**item, "answered": {"status": {"ge": 0}}}, after=after)["results"][
            0
        ]
        assert result["requests"] == again["requests"]
        if kept > len(targets):
            assert result["actual"] == again["actual"]


def test_a_long_look_back_goes_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[int] = []

    def pause() -> Any:
        pauses.append(1)
        return asyncio.sleep(0)

    world = World({"stubs": STUBS}, pause)
    for _ in range(500):
        world.send("GET", "/orders/1")
    fed: list[int] = []
    feed = Verification.feed

    def counted(self: Verification, *given: Any) -> bool:
        fed.append(1)
        return feed(self, *given)

    monkeypatch.setattr(Verification, "feed", counted)
    pauses.clear()
    assert verify(world, {"stub": "order", "times": 500}, nothing_else=True)["passed"]
    assert len(fed) == 500
    assert len(pauses) >= 500 // scanning.SLICE
    pauses.clear()
    body = {"request": {"body": {"text": "x"}}, "times": 0}
    assert verify(world, body)["passed"]
    assert len(pauses) >= 500  # after each that may be costly


def test_an_index_that_tells_all_is_not_looked_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        world.send("GET", "/orders/1")
    monkeypatch.setattr(Verification, "feed", None)
    asked = [{"stub": "order"}, {"request": {"method": "GET"}}, {"request": {"path": "/orders/1"}}]
    assert [each["actual"] for each in verify(world, *asked)["results"]] == [3, 3, 3]


def test_a_call_that_needs_no_wait_is_answered_in_its_first_step(world: World) -> None:
    body = json.dumps({"expect": [{"stub": "order"}]}).encode()
    asked = request("POST", f"{CONTROL_ROOT}{NS}/verify", body)
    assert isinstance(world.application.answer(asked), Reply)


def test_the_report_on_the_page_is_what_is_told() -> None:
    page = (ROOT / "docs" / "verifying.md").read_text(encoding="utf-8")
    shown = page.split("```text\n", 1)[1].split("```", 1)[0]
    world = World({
        "stubs": [
            {"name": "get-order", "request": {"method": "GET", "path": "/orders/{id}"}},
            {"name": "pay", "request": {"method": "POST", "path": "/payments"}, "response": {"status": 201}},
        ],
        "namespaces": {"checkout": {}},
    })  # fmt: skip
    for method, target in (("GET", "/orders/7"), ("POST", "/payments"), ("POST", "/payment")):
        world.send(method, f"/~checkout{target}")
        space = world.store.view("checkout")
        assert space is not None
        (*_, entry) = space.journal
        world.store.progress(entry, Phase.ANSWERED, 0)
    found = verify(
        world,
        {"stub": "get-order"},
        {"request": {"method": "POST", "path": "/payments"}, "times": 2},
        order="strict",
        ns="/namespaces/checkout",
    )
    steady = [re.sub(r"\(n\d+-\w+\)", "(id)", text).strip() for text in (found["report"], shown)]
    assert steady[0] == steady[1]


def test_long_texts_are_told_by_their_beginning() -> None:
    world = World()
    world.send("GET", "/" + "a" * 5000, b"")
    path = "/" + "b" * 5000
    choices = {"one_of": [str(number) * 100 for number in range(60)]}
    (result,) = verify(world, {"request": {"path": path, "query": {"q": choices}}})["results"]
    assert len(result["what"]) < 250
    (near,) = result["nearest"]
    assert len(near["request"]) < 250
    assert all(len(text) <= 401 for each in near["differences"] for text in each.values())


def test_many_expectations_are_read_in_slices() -> None:
    pauses: list[int] = []

    def pause() -> Any:
        pauses.append(1)
        return asyncio.sleep(0)

    world = World({}, pause)
    ignore = [{"path": f"/{number}"} for number in range(50)]
    verify(
        world,
        *({"request": {"path": f"/{n}"}} for n in range(200)),
        nothing_else=True,
        ignore=ignore,
    )
    assert len(pauses) >= 250


@pytest.mark.parametrize(("change", "status"), [("replace", 409), ("delete", 404), ("reset", 200)])
def test_a_namespace_that_ends_while_the_call_is_read_is_not_judged(
    change: str, status: int
) -> None:
    changes = {
        "replace": ("PUT", "/namespaces/shop"), "delete": ("DELETE", "/namespaces/shop"),
        "reset": ("POST", "/namespaces/shop/reset"),
    }  # fmt: skip
    world = World({"namespaces": {"shop": {}}})
    world.send("GET", "/~shop/a")
    pauses: list[int] = []

    def pause() -> Any:
        pauses.append(1)
        if len(pauses) == 1:
            method, path = changes[change]
            world.begin_call(method, path, None if method == "DELETE" else {})

    world.store.pause = pause
    body = json.dumps({"expect": [{"request": {"path": "/a"}, "times": 0}]}).encode()
    response = world.reply("POST", f"{CONTROL_ROOT}/namespaces/shop/verify", body).response
    assert response.status == status
    if status == 200:
        assert document(response)["passed"]
