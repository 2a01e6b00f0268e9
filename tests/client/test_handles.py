"""Handles (patterns, stubs, state, namespaces) against scripted answers: what they send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from tests.client.conftest import SYNC, Client
from tests.client.fake_server import FakeServer, answer, json_body, problem, request_line

from pymockapi.client.errors import MockServerError

DESCRIPTION = {
    "name": "n", "id": "n1", "base_url": "http://mock/~n", "path": "/~n", "seed": 7,
    "headers": {"X-Mock-Namespace": "n"}, "labels": {}, "counts": {"requests": 3},
}  # fmt: skip
DEFINED = answer({"stubs": [{"name": "s1"}], "version": 2}, 201)
ENTRY = {
    "number": 3, "method": "POST", "path": "/pay", "target": "/~n/pay?x=1", "phase": "answered",
    "query": {"x": ["1"]}, "headers": [["Host", "h"]], "stub": None, "step": 0, "hit": 0,
    "error": "no-match", "body": {"size": 2, "text": "{}", "json": {}},
    "response": {"status": 404, "headers": [], "body": {"size": 0}, "sent_bytes": 9},
}  # fmt: skip
NO_ORPHANS = (
    answer({"total": 0, "orphans": []}),
    answer({"created_at": "2030-01-01T00:00:00Z"}),  # of the namespace: older ones are not told
)
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Scripted:
    """A namespace whose server gives the scripted answers on one connection."""

    def __init__(self, client: Client, *script: bytes | Event | None) -> None:
        self.server = FakeServer(list(script))
        self.transport = client.transport(self.server.url, 10)
        control = client.namespace_control(client.control(self.transport), "n")
        self.namespace = client.namespace(control, DESCRIPTION, self.server.url)

    def sent(self) -> list[tuple[str, Any]]:
        """Return method, path and JSON of every call, below the namespace."""
        return [
            (
                request_line(each).replace("/__mock/v1/namespaces/n", "")[: -len(" HTTP/1.1")],
                json_body(each) if not each.endswith(b"\r\n\r\n") else None,
            )
            for each in self.server.requests
        ]

    def close(self) -> None:
        self.transport.close()
        self.server.close()


Script = Callable[..., Scripted]


@pytest.fixture
def script(client: Client) -> Iterator[Script]:
    made: list[Scripted] = []

    def play(*answers: bytes | Event | None) -> Scripted:
        made.append(Scripted(client, *answers))
        return made[-1]

    yield play
    for scripted in made:
        scripted.close()


def test_respond_is_one_write_with_one_response(script: Script) -> None:
    played = script(DEFINED)
    stub = played.namespace.get("/orders/{id}").respond(json={"id": 7}, name="order")
    assert stub.name == "s1"
    assert played.sent() == [
        (
            "POST /stubs",
            {
                "name": "order",
                "response": {"status": 200, "json": {"id": 7}},
                "request": {"method": "GET", "path": "/orders/{id}"},
            },
        )
    ]


def test_then_makes_a_sequence_of_the_answer_and_keeps_the_cursor(script: Script) -> None:
    played = script(DEFINED, answer({}))
    played.namespace.post("/pay").respond(503, times=2).then(201, json={"id": "p1"})
    assert played.sent()[1] == (
        "PUT /stubs/s1",
        {
            "request": {"method": "POST", "path": "/pay"},
            "responses": [{"status": 503, "times": 2}, {"status": 201, "json": {"id": "p1"}}],
            "keep_cursor": True,
        },
    )


def test_a_refused_step_leaves_the_handle_as_it_was(script: Script) -> None:
    played = script(DEFINED, problem("invalid", 422))
    stub = played.namespace.post("/pay").respond(503)
    before = stub.definition
    with pytest.raises(MockServerError):
        stub.then(201)
    assert stub.definition == before


def test_respond_with_is_one_write_of_all_steps(script: Script) -> None:
    played = script(DEFINED)
    played.namespace.any().respond_with([{"status": 503, "times": 2}, {"text": "ok"}], per="bearer")
    assert played.sent()[0][1] == {
        "per": "bearer",
        "responses": [{"status": 503, "times": 2}, {"status": 200, "text": "ok"}],
        "request": {},
    }


@pytest.mark.parametrize("steps", [{"status": 503}, [503, 200], "503"])
def test_answers_that_are_no_list_of_mappings_are_refused_with_an_example(
    script: Script, steps: Any
) -> None:
    played = script()
    with pytest.raises(TypeError, match=r"a list of answers, each a mapping such as"):
        played.namespace.any("/pay").respond_with(steps)


def test_several_stubs_go_as_a_list(script: Script) -> None:
    made = {"stubs": [{"name": "a"}, {"name": "b"}], "version": 2}
    played = script(answer(made, 201))
    played.namespace.stubs([{"name": "a"}, {"name": "b"}])
    assert played.sent()[0][1] == [{"name": "a"}, {"name": "b"}]


def test_requests_follows_the_pages(script: Script) -> None:
    pages = [{"requests": [{**ENTRY, "number": n}], "next": following} for n, following in
             ((1, 1), (2, 2), (3, None))]  # fmt: skip
    played = script(*map(answer, pages))
    found = played.namespace.requests(matched=False)
    assert [request.number for request in found] == [1, 2, 3]
    assert [line for line, _ in played.sent()] == [
        f"GET /requests?matched=false&after={after}&limit=500" for after in (0, 1, 2)
    ]


def test_a_search_sends_the_pattern_and_stops_at_the_limit(script: Script) -> None:
    played = script(answer({"requests": [ENTRY], "next": 3}))
    found = played.namespace.post("/pay").requests(limit=1, after=2)
    assert [request.number for request in found] == [3]
    assert played.sent() == [
        ("POST /requests/search", {"method": "POST", "path": "/pay", "after": 2, "limit": 1})
    ]


def test_a_recorded_request_has_its_views(client: Client) -> None:
    server = FakeServer([answer(ENTRY)])
    control = client.namespace_control(client.control(client.transport(server.url, 10)), "n")
    request = client.namespace(control, DESCRIPTION, server.url).request_number(3)
    assert str(request) == "3  POST /pay?x=1 -> 404, no-match"
    assert repr(request) == "<RecordedRequest 3  POST /pay?x=1 -> 404, no-match>"
    assert repr(request.response) == "<RecordedResponse 404, 0 bytes>"
    assert (request.json, request.text, request.body) == ({}, "{}", b"{}")
    assert (request.stub, request.step, request.header("HOST")) == (None, None, "h")
    assert request.response is not None
    assert request.response.status == 404
    control.control.transport.close()
    server.close()


def test_a_count_that_may_be_too_low_is_no_number(script: Script) -> None:
    played = script(answer({"count": 3, "complete": False}))
    with pytest.raises(MockServerError, match="At least 3 requests fit"):
        played.namespace.post("/pay").count()


def test_a_failed_assertion_lists_what_came_and_how_the_nearest_differs(script: Script) -> None:
    differences = [{"field": "body.$.a", "expected": "equal to 1", "actual": "missing"}]
    candidate = {
        "stub": "s1", "layer": "own", "priority": 5, "fits": False, "available": False,
        "reason": None, "differences": differences,
    }  # fmt: skip
    explained = {
        "matched": False, "stub": None, "step": None, "request": "POST /pay", "complete": True,
        "candidates": [candidate], "omitted": 0,
    }  # fmt: skip
    played = script(
        DEFINED,
        answer({"count": 0, "complete": True}),
        answer({"requests": [ENTRY], "next": None}),
        answer(explained),
        *NO_ORPHANS,
    )
    stub = played.namespace.post("/pay", json={"a": 1}).respond(201)
    with pytest.raises(AssertionError) as raised:
        stub.assert_called(2)
    assert str(raised.value) == (
        "Stub 's1' (POST /pay): expected 2 requests, got 0.\n"
        "Namespace 'n' has received (the last 1):\n"
        "  3  POST /pay?x=1 -> 404, no-match\n"
        "Near, but different: 3  POST /pay\n"
        "  body.$.a: expected equal to 1, got missing"
    )


@pytest.mark.parametrize(
    ("count", "complete", "times", "passes"),
    [
        (2, True, 2, True),
        (2, True, None, True),
        (2, True, 1, False),
        (0, True, None, False),
        (2, False, None, True),
        (2, False, 2, False),
        (0, False, 0, False),
    ],
)
def test_an_assertion_holds_only_if_dropped_requests_cannot_change_it(
    script: Script, count: int, complete: bool, times: int | None, passes: bool
) -> None:
    played = script(
        DEFINED,
        answer({"count": count, "complete": complete}),
        answer({"requests": [], "next": None}),
        *NO_ORPHANS,
    )
    stub = played.namespace.get("/a").respond()
    if passes:
        stub.assert_called(times)
    else:
        with pytest.raises(AssertionError, match=f"got {count}"):
            stub.assert_called(times)


def test_state_is_used_like_a_dict(script: Script) -> None:
    played = script(answer({"cart": "full"}), answer({"cart": "full"}), answer({}), answer({}))
    state = played.namespace.state
    assert state["cart"] == "full"
    del state["cart"]
    state.update({"a": 1}, b=2)
    assert played.sent()[2:] == [
        ("PATCH /state", {"cart": None}),
        ("PATCH /state", {"a": 1, "b": 2}),
    ]


def test_a_state_shows_what_it_holds_if_the_server_can_be_asked() -> None:
    played = Scripted(SYNC, answer({"cart": "full"}), problem("stopping", 503))
    state = played.namespace.state
    assert repr(state) == "<State {'cart': 'full'} of namespace 'n'>"
    assert repr(state) == "<State of namespace 'n'>"
    played.close()


@pytest.mark.parametrize("pattern", ["/pay", 7])
def test_what_is_no_pattern_is_refused_with_an_example(script: Script, pattern: Any) -> None:
    with pytest.raises(TypeError, match=r"a pattern is one of get\(...\)"):
        script().namespace.count(pattern)


def test_a_pattern_names_its_methods_and_what_else_it_asks(script: Script) -> None:
    mock = script().namespace
    assert str(mock.request(["GET", "HEAD"], "/a", host="x")) == "GET or HEAD /a with host"
    assert str(mock.any()) == "any method any path"


def test_a_missing_state_key_is_a_key_error(script: Script) -> None:
    played = script(answer({}), answer({}))
    with pytest.raises(KeyError, match="cart"):
        played.namespace.state["cart"]
    with pytest.raises(KeyError, match="cart"):
        del played.namespace.state["cart"]


def test_the_url_is_below_the_server_that_the_client_reaches(script: Script) -> None:
    played = script()
    assert played.namespace.url == f"{played.server.url}/~n"


def test_leaving_the_block_deletes_the_namespace(script: Script) -> None:
    played = script(NO_CONTENT)
    with played.namespace:
        pass
    assert played.sent() == [("DELETE ", None)]


def test_leaving_the_block_of_a_finished_namespace_is_no_error(script: Script) -> None:
    with script(problem("finished-namespace", 404)).namespace:
        pass


def test_a_tests_own_failure_is_not_hidden_by_a_server_that_is_gone(script: Script) -> None:
    namespace = script(problem("stopping", 503)).namespace
    with pytest.raises(ZeroDivisionError), namespace:
        raise ZeroDivisionError


def test_delete_without_a_path_is_refused_so_that_it_is_not_taken_for_the_namespace(
    client: Client,
) -> None:
    namespace: Any = client.namespace(
        client.namespace_control(client.control(client.transport("http://127.0.0.1:9", 1)), "n"),
        DESCRIPTION,
        "",
    )
    with pytest.raises(TypeError, match="path"):
        namespace.delete()


def test_attaching_takes_the_address_from_the_environment(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer([answer({"version": "0"}), answer(DESCRIPTION)])
    monkeypatch.setenv("PYMOCKAPI_URL", server.url)
    monkeypatch.setenv("PYMOCKAPI_TOKEN", "t")
    monkeypatch.delenv("PYMOCKAPI_CONTROL_URL", raising=False)
    with client.server.attach() as attached:
        assert attached.control_url == f"{server.url}/__mock/v1"
        assert attached.default.seed == 7
    assert all(b"Bearer t" in request for request in server.requests)
    server.close()


def test_a_path_of_the_url_stands_before_every_call(client: Client) -> None:
    server = FakeServer([answer({"version": "0"}), answer(DESCRIPTION)])
    url = f"{server.url}/mocks"
    with client.server.attach(f"{url}/") as attached:
        assert attached.control_url == f"{url}/__mock/v1"
        assert attached.default.url == f"{url}{DESCRIPTION['path']}"
    assert server.requests[0].startswith(b"GET /mocks/__mock/v1/version ")
    server.close()


def test_attaching_without_an_address_says_what_to_give(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYMOCKAPI_URL", raising=False)
    with pytest.raises(MockServerError, match="PYMOCKAPI_URL"):
        client.server.attach()


def test_a_server_that_is_not_running_says_so(client: Client) -> None:
    with pytest.raises(MockServerError, match="not running"):
        client.server().namespace()
