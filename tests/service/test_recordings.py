"""Reading what was recorded: pages, filters, searches, counts, explanations, dry runs."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Final

import pytest
from tests.server.world import World, code, document

NS: Final = "/namespaces/default"
STUBS: Final = [
    {"name": "order", "request": {"method": "GET", "path": "/orders/{id}"}},
    {"name": "pay", "request": {"method": "POST", "path": "/pay", "body": {"json_contains": {"amount": {"gt": 5}}}}},
    {"name": "seq", "request": {"path": "/seq"}, "responses": [{}, {}], "per": "query.q"},
]  # fmt: skip


@pytest.fixture
def world() -> World:
    made = World({"stubs": STUBS})
    for number in range(1, 5):
        made.send("GET", f"/orders/{number}", X_Request_Id=f"id-{number}")
    made.send("POST", "/pay", b'{"amount": 7}')
    made.send("POST", "/pay", b'{"amount": 3}')
    made.send("PUT", "/orders/1?x=a&x=b", b"\xff")
    return made


def numbers(world: World, query: str) -> list[int]:
    found = world.call("GET", f"{NS}/requests{query}")
    return [entry["number"] for entry in found["requests"]]


def search(world: World, **pattern: Any) -> list[int]:
    found = world.call("POST", f"{NS}/requests/search", pattern)
    return [entry["number"] for entry in found["requests"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]), ("?after=5", [6, 7]), ("?limit=2", [1, 2]), ("?after=9", []),
        ("?order=desc&limit=2", [7, 6]), ("?order=desc&after=6&limit=2", [5, 4]), ("?method=POST", [5, 6]),
        ("?path=/pay", [5, 6]), ("?path=%2Forders%2F1", [1, 7]), ("?stub=order", [1, 2, 3, 4]),
        ("?matched=true", [1, 2, 3, 4, 5]), ("?matched=false", [6, 7]), ("?phase=received", [1, 2, 3, 4, 5, 6, 7]),
        ("?phase=refused", []), ("?correlation=id-3", [3]), ("?method=PUT&path=/orders/1", [7]),
        ("?stub=order&after=2&limit=1", [3]), ("?stub=order&order=desc&after=3", [2, 1]), ("?method=put", [7]), ("?method=X", []),
    ],
)  # fmt: skip
def test_requests_are_listed_by_what_the_query_says(
    world: World, query: str, expected: list[int]
) -> None:
    assert numbers(world, query) == expected


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("filtered", ["", "&stub=order", "&matched=true"])
def test_next_leads_through_all_pages(world: World, order: str, filtered: str) -> None:
    whole = numbers(world, f"?order={order}{filtered}")
    seen: list[int] = []
    after: int | None = None
    for _ in range(10):
        place = "" if after is None else f"&after={after}"
        page = world.call("GET", f"{NS}/requests?limit=2&order={order}{filtered}{place}")
        seen += [entry["number"] for entry in page["requests"]]
        after = page["next"]
        if after is None:
            break
    assert seen == whole


def test_total_counts_what_fits_and_evicted_what_was_dropped(world: World) -> None:
    page = world.call("GET", f"{NS}/requests?stub=order&limit=1")
    assert (page["total"], page["evicted"], page["next"]) == (4, 0, 1)


def test_a_long_page_is_told_whole(world: World) -> None:
    for number in range(200):
        world.send("GET", f"/orders/{number}")
    page = world.call("GET", f"{NS}/requests?limit=1000")
    assert [entry["number"] for entry in page["requests"]] == list(range(1, 208))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]), ({"method": "POST"}, [5, 6]), ({"path": "/pay"}, [5, 6]),
        ({"path": "/orders/{id}"}, [1, 2, 3, 4, 7]), ({"path": {"prefix": "/orders"}, "method": "GET"}, [1, 2, 3, 4]),
        ({"body": {"json_contains": {"amount": {"lt": 5}}}}, [6]), ({"headers": {"x-request-id": "id-2"}}, [2]),
        ({"query": {"x": {"exactly": ["b", "a"]}}}, [7]), ({"stub": "order", "after": 2}, [3, 4]),
        ({"order": "desc", "limit": 2}, [7, 6]), ({"phase": "received", "method": "PUT"}, [7]),
        ({"method": "GET", "path": "/orders/2"}, [2]),
    ],
)  # fmt: skip
def test_a_search_finds_what_a_pattern_accepts(
    world: World, pattern: Any, expected: list[int]
) -> None:
    assert search(world, **pattern) == expected
    if not {"order", "limit"} & set(pattern):
        count = world.call("POST", f"{NS}/requests/count", pattern)
        assert count == {"count": len(expected), "complete": True}


def test_a_count_is_incomplete_once_dropped_requests_could_have_fitted() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "limits": {"requests": 2}})
    for _ in range(3):
        world.send("GET", "/~a/x")
    assert world.call("POST", "/namespaces/a/requests/count", {"method": "GET"}) == {
        "count": 2,
        "complete": False,
    }


@pytest.mark.parametrize(
    ("pattern", "counted", "complete"),
    [
        ({"stub": "x"}, 3, True),
        ({"stub": "y"}, 2, True),
        ({"stub": "quiet"}, 0, True),
        ({"stub": "quiet", "method": "GET"}, 0, True),
        ({"stub": "x", "method": "GET"}, 1, False),
        ({"stub": "x", "headers": {"a": "b"}}, 0, False),
        ({"stub": "x", "after": 1}, 2, False),
        ({"stub": "x", "after": 4}, 1, True),
    ],
)
def test_a_count_by_stub_stays_exact_when_requests_are_dropped(
    pattern: dict[str, Any], counted: int, complete: bool
) -> None:
    world = World()
    stubs = [{"name": name, "request": {"path": f"/{name}"}} for name in ("x", "y", "quiet")]
    world.call("POST", "/namespaces", {"name": "a", "limits": {"requests": 2}, "stubs": stubs})
    for path in ("x", "x", "y", "y", "x"):
        world.send("GET", f"/~a/{path}")
    found = world.call("POST", "/namespaces/a/requests/count", pattern)
    assert found == {"count": counted, "complete": complete}


def test_a_count_by_stub_leaves_out_what_was_deleted_on_purpose() -> None:
    world = World()
    world.call(
        "POST", "/namespaces", {"name": "a", "limits": {"requests": 2}, "stubs": [{"name": "x"}]}
    )
    for _ in range(4):
        world.send("GET", "/~a/x")
    world.call("DELETE", "/namespaces/a/requests/4")
    count = world.call("POST", "/namespaces/a/requests/count", {"stub": "x"})
    assert count == {"count": 3, "complete": True}
    world.call("DELETE", "/namespaces/a/requests")
    world.send("GET", "/~a/x")
    count = world.call("POST", "/namespaces/a/requests/count", {"stub": "x"})
    assert count == {"count": 1, "complete": True}


def test_a_pattern_past_its_budget_is_422(world: World) -> None:
    world.send(
        "POST", "/deep", b'{"a":' * 40 + b"[" + b",".join([b"[1,2,3]"] * 300) + b"]" + b"}" * 40
    )
    body = b'{"body": {"jsonpath": {"$..*..*..*": {"equals": "never"}}}}'
    for call in ("search", "count"):
        response = world.send("POST", f"/__mock/v1{NS}/requests/{call}", body)
        assert (response.status, code(response)) == (422, "invalid")


def test_a_stub_that_was_removed_stays_known(world: World) -> None:
    world.call("POST", f"{NS}/stubs", {"name": "gone", "request": {"path": "/gone"}})
    world.send("GET", "/gone")
    world.call("DELETE", f"{NS}/stubs/gone")
    assert numbers(world, "?stub=gone") == [8]
    response = world.send("GET", f"/__mock/v1{NS}/requests?stub=gon")
    assert (response.status, code(response)) == (404, "unknown-stub")


def test_an_entry_has_every_documented_part(world: World) -> None:
    found = world.call("GET", f"{NS}/requests/1")
    assert found == {
        "number": 1, "at": "2030-03-17T17:46:40.000000Z", "mock_at": "2030-03-17T17:46:40.000000Z",
        "phase": "received", "client": "127.0.0.1:5", "scheme": "http", "method": "GET", "target": "/orders/1",
        "path": "/orders/1", "query": {}, "headers": [["Host", "127.0.0.1"], ["X-Request-Id", "id-1"]],
        "trailers": [], "body": {"size": 0}, "correlation": {"x-request-id": "id-1"}, "selector": "default",
        "conflict": None, "stub": "order", "step": None, "hit": 1, "params": {"id": "1"}, "error": None,
        "response": {"status": 200, "headers": [], "body": {"size": 0}, "sent_bytes": 0},
        "timings": {"total_ms": 0.0},
    }  # fmt: skip


def test_a_body_is_told_as_text_json_or_base64(world: World) -> None:
    bodies = [world.call("GET", f"{NS}/requests/{number}")["body"] for number in (5, 7)]
    assert bodies[0] == {"size": 13, "text": '{"amount": 7}', "json": {"amount": 7}}
    assert (bodies[1]["size"], bodies[1]["base64"]) == (1, base64.b64encode(b"\xff").decode())
    assert bodies[1]["sha256"] == "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89"


def test_deleted_requests_are_gone_and_not_counted_as_dropped(world: World) -> None:
    world.call("DELETE", f"{NS}/requests/2")
    assert numbers(world, "") == [1, 3, 4, 5, 6, 7]
    response = world.send("GET", f"/__mock/v1{NS}/requests/2")
    assert "no longer recorded" in document(response)["detail"]
    assert world.call("POST", f"{NS}/requests/count", {"stub": "order"}) == {
        "count": 3,
        "complete": True,
    }
    world.call("DELETE", f"{NS}/requests")
    page = world.call("GET", f"{NS}/requests")
    assert (page["requests"], page["total"], page["evicted"]) == ([], 0, 0)
    world.send("GET", "/orders/9")
    assert numbers(world, "") == [8]


def test_an_unknown_number_says_which_there_are(world: World) -> None:
    response = world.send("GET", f"/__mock/v1{NS}/requests/99")
    assert "run from 1 to 7" in document(response)["detail"]
    empty = World().send("GET", f"/__mock/v1{NS}/requests/1")
    assert "none has come yet" in document(empty)["detail"]


# Explanations.


def test_an_explanation_tells_what_answered_and_why_others_did_not(world: World) -> None:
    found = world.call("GET", f"{NS}/requests/6/explain")
    assert (found["matched"], found["stub"], found["complete"]) == (False, None, True)
    assert found["request"] == "POST /pay"
    first = found["candidates"][0]
    assert (first["stub"], first["fits"], first["available"]) == ("pay", False, False)
    assert first["differences"][0]["field"] == "body.$.amount"


def test_an_explanation_is_as_of_its_requests_moment(world: World) -> None:
    world.call("POST", f"{NS}/stubs", {"name": "all", "priority": 1})
    world.call("DELETE", f"{NS}/stubs/order")
    before = world.call("GET", f"{NS}/requests/1/explain")
    assert (before["matched"], before["stub"]) == (True, "order")
    world.send("GET", "/orders/1")
    assert world.call("GET", f"{NS}/requests/8/explain")["stub"] == "all"


def test_an_explanation_tells_the_step_that_was_served(world: World) -> None:
    for _ in range(2):
        world.send("GET", "/seq?q=1")
    steps = [world.call("GET", f"{NS}/requests/{number}/explain")["step"] for number in (8, 9)]
    assert steps == [1, 2]


def test_a_reason_tells_what_kept_a_stub_that_fits(world: World) -> None:
    world.call(
        "POST", f"{NS}/stubs", {"name": "when", "request": {"path": "/w"}, "when": {"on": True}}
    )
    world.send("GET", "/w")
    first = world.call("GET", f"{NS}/requests/8/explain")["candidates"][0]
    assert (first["fits"], first["available"]) == (True, False)
    assert first["reason"] == "state 'on' is not set, expected equal to true"


def test_at_most_fifty_candidates_are_listed_and_the_rest_counted() -> None:
    world = World({"stubs": [{"request": {"path": f"/{n}"}} for n in range(70)]})
    world.send("GET", "/x")
    found = world.call("GET", f"{NS}/requests/1/explain")
    assert (len(found["candidates"]), found["omitted"]) == (50, 20)


# Dry runs.


def match(world: World, **trial: Any) -> Any:
    return world.call("POST", f"{NS}/match", trial)


def test_a_dry_run_tells_which_stub_would_answer_and_changes_nothing(world: World) -> None:
    before = world.call("GET", NS)
    found = match(world, method="POST", path="/pay", json={"amount": 9})
    assert (found["matched"], found["stub"], found["step"]) == (True, "pay", None)
    assert match(world, method="GET", path="/seq?q=1")["step"] == 1
    assert world.call("GET", NS) == before


def test_a_dry_run_follows_the_cursor_of_its_key(world: World) -> None:
    world.send("GET", "/seq?q=1")
    assert match(world, path="/seq?q=1")["step"] == 2
    assert match(world, path="/seq?q=2")["step"] == 1


@pytest.mark.parametrize(
    ("body", "pattern"),
    [({"text": "a=1"}, {"text": "a=1"}), ({"base64": "YT0x"}, {"form": {"a": 1}}), ({"json": {"a": [1]}}, {"json": {"a": [1]}})],
)  # fmt: skip
def test_a_dry_run_takes_a_body_in_one_of_three_forms(body: Any, pattern: Any) -> None:
    world = World({"stubs": [{"name": "b", "request": {"body": pattern}}]})
    assert match(world, **body)["stub"] == "b"


def test_a_dry_run_takes_headers_of_one_or_several_values() -> None:
    pattern = {"headers": {"a": {"exactly": ["1", "two"]}, "b": "true"}}
    world = World({"stubs": [{"name": "h", "request": pattern}]})
    assert match(world, headers={"A": [1, "two"], "b": True})["stub"] == "h"
    assert match(world, headers={"A": "1\r\nB: true"})["matched"] is False


def test_a_dry_run_may_be_of_https(world: World) -> None:
    stub = {"name": "safe", "request": {"path": "/safe", "scheme": "https"}}
    world.call("POST", f"{NS}/stubs", stub)
    assert match(world, path="/safe", scheme="https")["stub"] == "safe"
    told = match(world, path="/safe")
    assert not told["matched"]
    differing = [each for each in told["candidates"] if each["stub"] == "safe"]
    assert [each["field"] for each in differing[0]["differences"]] == ["scheme"]


@pytest.mark.parametrize(
    ("trial", "pointer"),
    [({"path": "orders"}, "/path"), ({"json": 1, "text": "a"}, ""), ({"base64": "?"}, "/base64"),
     ({"headers": []}, "/headers"), ({"method": 1}, "/method"), ({"text": 1}, "/text"), ({"query": {}}, "/query")],
)  # fmt: skip
def test_a_dry_run_of_what_is_no_request_is_422(world: World, trial: Any, pointer: str) -> None:
    raw = json.dumps(trial).encode()
    response = world.reply("POST", f"/__mock/v1{NS}/match", raw).response
    assert response.status == 422
    assert pointer in [error["pointer"] for error in document(response)["errors"]]


def test_each_mistake_of_a_pattern_is_told_once(world: World) -> None:
    raw = json.dumps({"json": 1, "matched": True, "metod": "GET"}).encode()
    response = world.reply("POST", f"/__mock/v1{NS}/requests/count", raw).response
    found = [(each["pointer"], each["message"]) for each in document(response)["errors"]]
    assert [pointer for pointer, _ in found] == ["/json", "/matched", "/metod"]
    assert found[0][1] == "unknown key 'json'; it goes under 'body'"


def test_of_a_body_over_a_mebibyte_size_and_hash_are_told(world: World) -> None:
    large = b"x" * (1024 * 1024 + 1)
    world.send("POST", "/large", large)
    for entry in (world.call("GET", f"{NS}/requests/8"), world.entries()[-1]):
        assert entry["body"] == {"size": len(large), "sha256": hashlib.sha256(large).hexdigest()}


@pytest.mark.parametrize(("size", "shown"), [(256 * 1024, True), (256 * 1024 + 1, False)])
def test_a_long_body_is_shown_as_text_and_a_shorter_one_as_json_too(
    world: World, size: int, shown: bool
) -> None:
    world.send("POST", "/large", b'"' + b"x" * (size - 2) + b'"')
    body = world.call("GET", f"{NS}/requests/8")["body"]
    assert len(body["text"]) == size
    assert ("json" in body) is shown
