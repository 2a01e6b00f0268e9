"""Bad input: every error at once, each with its place and its cure, and nothing changed by it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.live import Answer, Live

from pymockapi.api.row import Row
from pymockapi.api.rows import ROWS

NS: Final = "/namespaces/fixed"
WRITERS: Final = [
    row for row in ROWS
    if row.body != "none" and row.name not in ("create_namespace", "fork_namespace")
]  # fmt: skip
DEFINITION: Final = {
    "name": "fixed",
    "stubs": [{"name": "s", "request": {"path": "/s"}, "responses": [{}, {}]}],
    "state": {"a": 1},
    "clock": {"mode": "frozen"},
}


def concrete(row: Row) -> str:
    return row.path.format(namespace="fixed", stub="s", snapshot="kept", gate="pay", number=1,
                           scope="scope-1", set="none")  # fmt: skip


def errors(answer: Answer) -> dict[str, str]:
    assert (answer.status, answer.code) == (422, "invalid"), answer
    return {item["pointer"]: item["message"] for item in answer.json["errors"]}


def test_every_error_is_told_at_once_with_its_place(live: Live) -> None:
    ns = live.create()
    found = errors(
        live.call(
            "POST",
            f"/namespaces/{ns}/stubs",
            [
                {"request": {"metod": "GET", "path": "/a?b=1"}, "priority": "high"},
                {"response": {"json": 1, "text": "a", "status": 99}},
                {"name": "a b", "respons": {}},
            ],
        )
    )
    assert set(found) == {
        "/0/request/metod", "/0/request/path", "/0/priority", "/1/response",
        "/1/response/status", "/2/name", "/2/respons",
    }  # fmt: skip
    assert "did you mean 'method'?" in found["/0/request/metod"]
    assert "did you mean 'response'?" in found["/2/respons"]


def test_a_problem_document_has_the_documented_members(live: Live) -> None:
    ns = live.create()
    answer = live.call("POST", f"/namespaces/{ns}/stubs", {"request": {"metod": "GET"}})
    assert answer.json == {
        "type": "urn:pymockapi:error:invalid",
        "title": "The request is readable but invalid",
        "status": 422,
        "detail": "The stub has 1 error; nothing was changed. The first, at /request/metod:"
        " unknown key 'metod'; did you mean 'method'?",
        "errors": [
            {"pointer": "/request/metod", "message": "unknown key 'metod'; did you mean 'method'?"}
        ],
        "suggestions": [],
    }


def test_a_pointer_escapes_what_rfc_6901_asks(live: Live) -> None:
    assert set(errors(live.call("POST", "/namespaces", {"a/b~c": 1}))) == {"/a~1b~0c"}


def test_the_first_hundred_errors_are_listed(live: Live) -> None:
    found = errors(live.call("POST", "/namespaces", {"stubs": [{"x": 1}] * 500}))
    assert len(found) == 100


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "suggestion"),
    [
        ("GET", "/namespaces/fixedd", None, "unknown-namespace", "fixed"),
        ("GET", "/namespaces/fixed/stubs/checkotu", None, "unknown-stub", "checkout"),
        ("POST", "/namespaces/fixed/apply", {"remove_stubs": ["chekout"]}, "unknown-stub", "checkout"),
        ("GET", "/namespaces/fixed/requests?stub=checkou", None, "unknown-stub", "checkout"),
        ("POST", "/namespaces/fixed/requests/count", {"stub": "checkou"}, "unknown-stub", "checkout"),
        ("GET", "/namespace", None, "unknown-call", "/namespaces"),
        ("GET", "/orphan", None, "unknown-call", "/orphans"),
    ],
)  # fmt: skip
def test_an_unknown_name_brings_the_nearest_known_ones(
    live: Live, method: str, path: str, body: Any, code: str, suggestion: str
) -> None:
    live.call("PUT", NS, {"stubs": [{"name": "checkout"}]})
    answer = live.call(method, path) if body is None else live.call(method, path, body)
    assert (answer.status, answer.code) == (404, code)
    assert suggestion in answer.json["suggestions"]
    assert suggestion in answer.json["detail"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/snapshots/none/restore", "unknown-item"), ("/requests/1", "unknown-item"),
        ("/requests/0", "unknown-item"), ("/requests/one", "unknown-item"),
        ("/requests/99999999999999999999", "unknown-item"), ("/requests/1/explain", "unknown-item"),
        ("/sequences/none", "unknown-stub"), ("/stubs/none", "unknown-stub"),
    ],
)  # fmt: skip
def test_what_a_path_names_and_is_not_there_is_404(live: Live, path: str, code: str) -> None:
    live.call("PUT", NS, DEFINITION)
    method = "POST" if path.endswith("restore") else "GET"
    answer = live.call(method, NS + path)
    assert (answer.status, answer.code) == (404, code)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "/limit"), ("limit=1001", "/limit"), ("limit=x", "/limit"), ("after=-1", "/after"),
        ("order=up", "/order"), ("matched=yes", "/matched"), ("phase=done", "/phase"),
        ("nosuch=1", "/nosuch"), ("limit=1&limit=2", "/limit"),
    ],
)  # fmt: skip
def test_a_wrong_query_value_is_422_at_its_name(live: Live, query: str, place: str) -> None:
    ns = live.create()
    assert place in errors(live.call("GET", f"/namespaces/{ns}/requests?{query}"))


@pytest.mark.parametrize(
    "body",
    [
        {"stubs": [{"name": "a"}, {"name": "a"}]},
        {"name": "no name"}, {"name": ""}, {"name": "x" * 129}, {"name": 5}, {"sets": ["none"]},
        {"sets": "none"}, {"state": []}, {"seed": -1}, {"seed": 2**63}, {"seed": 1.5}, {"seed": True},
        {"clock": {}}, {"clock": {"now": "tomorrow"}}, {"clock": {"advance": True}}, {"labels": {"a": []}},
        {"settings": {"delay": "1 week"}}, {"settings": {"unmatched": 404}}, {"settings": {"x": 1}},
        {"limits": {"stubs": 0}}, {"limits": {"holds": 1}}, {"lease": 0}, {"lease": "-1s"}, {"lease": 1e300},
        {"tags": "@a"}, {"tags": ["@a @b"]}, {"tags": ["@mock.none"]}, {"tags": [1]}, {"fork_of": "default", "tags": []}, {"claims": []}, {"claims": {"bearer": "unlisted"}}, {"claims": {"header.x-device": ""}}, {"port": -1}, {"fork_of": "default", "seed": 1}, [], "x", 1, None, True,
    ],
    ids=lambda body: json.dumps(body)[:60],
)  # fmt: skip
def test_a_wrong_definition_of_a_namespace_creates_none(live: Live, body: Any) -> None:
    before = len(live.call("GET", "/namespaces").json["namespaces"])
    assert errors(live.call("POST", "/namespaces", body))
    assert len(live.call("GET", "/namespaces").json["namespaces"]) == before


UNREADABLE: Final = {
    "cut short": b'{"a": 1', "no JSON": b"hello", "two values": b"{} {}", "a trailing comma": b"[1,]",
    "NaN": b'{"a": NaN}', "infinity": b'{"a": Infinity}', "a number past any float": b'{"a": 1e999}',
    "invalid UTF-8": b'{"a": "\xff"}', "UTF-16": '{"a": 1}'.encode("utf-16"),
    "half a surrogate pair": b'{"a": "\\ud800"}', "a control character": b'{"a": "\x01"}',
    "single quotes": b"{'a': 1}", "only spaces": b"  ", "too deep": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "deep lists": b"[" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("row", WRITERS, ids=lambda row: row.name)
def test_a_body_that_is_no_json_is_400_and_changes_nothing(live: Live, row: Row, name: str) -> None:
    live.call("PUT", NS, DEFINITION)
    before = live.call("GET", NS).json
    answer = live.call(row.method, concrete(row), UNREADABLE[name])
    assert (answer.status, answer.code) == (400, "unreadable")
    assert live.call("GET", NS).json == before


HUGE: Final = [10**30, 10**400, 10**4000, -(10**400), 1e308, 5e-324, -0.0]


@pytest.mark.parametrize("number", HUGE, ids=lambda number: str(number)[:12])
@pytest.mark.parametrize(
    "template",
    ['{"lease": %s}', '{"seed": %s}', '{"state": {"a": %s}}', '{"labels": {"a": %s}}',
     '{"stubs": [{"priority": %s}]}', '{"stubs": [{"response": {"delay": %s}}]}',
     '{"stubs": [{"response": {"status": %s}}]}', '{"stubs": [{"response": {"headers": {"a": %s}}}]}',
     '{"stubs": [{"response": {"json": %s}}]}', '{"clock": {"advance": %s}}',
     '{"limits": {"stubs": %s}}', '{"stubs": [{"request": {"query": {"a": {"gt": %s}}}}]}',
     '{"stubs": [{"request": {"body": {"json": %s}}}]}', '{"stubs": [{"when": {"a": {"lt": %s}}}]}',
     '{"stubs": [{"set": {"a": {"increment": %s}}}]}', '{"stubs": [{"times": %s}]}'],
)  # fmt: skip
def test_a_huge_number_anywhere_is_taken_or_refused(
    live: Live, template: str, number: float
) -> None:
    answer = live.call("PUT", NS, (template % json.dumps(number)).encode())
    assert answer.status in (200, 201, 422), answer
    if answer.status != 422:
        live.send("POST", "/~fixed/", b"1")
        live.send("POST", "/~fixed/", b"1")
    assert live.call("GET", "/namespaces").status == 200
    assert live.call("DELETE", NS).status in (204, 404)


@pytest.mark.parametrize("depth", [100, 300, 600, 850, 950, 960, 970, 980])
def test_whatever_nested_value_is_taken_can_be_shown_again(live: Live, depth: int) -> None:
    live.call("PUT", NS, {"stubs": [{"set": {"sent": {"from": "body"}}}]})
    value = b"[" * depth + b"]" * depth
    for path, body in (
        ("/state", b'{"x":%b}'), ("/stubs", b'[{"response":{"json":%b}}]'),
        ("/stubs", b'[{"meta":{"x":%b}}]'), ("/stubs", b'[{"request":{"body":{"json":%b}}}]'),
        ("/apply", b'{"state":{"y":%b}}'),
    ):  # fmt: skip
        method = "PUT" if path == "/state" else "POST"
        assert live.call(method, NS + path, body % value).status in (200, 201, 400, 422)
    live.send("POST", "/~fixed/", value)
    for path in ("", "/state", "/stubs", "/requests", "/requests/1/explain"):
        assert live.call("GET", NS + path).status == 200
    assert live.call("GET", "/namespaces").status == 200


@pytest.mark.parametrize(
    "path",
    ["/%FF", "/namespaces/%FF", "/namespaces/fixed/stubs/%FF", "/namespaces/fixed/requests/%FF",
     "/namespaces/fixed/requests?stub=%FF", "/namespaces/fixed/stubs?layer=%FF",
     "/namespaces?label=%FF", "/namespaces?%FF=1", "/namespaces/fixed/requests?order=%FF",
     "/namespaces/fixed/sequences/%ED%A0%80", "/namespaces/fixed/snapshots/%FF/restore",
     "/namespaces/%00", "/namespaces/..%2F..", "/namespaces/%E2%82%AC"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_invalid_utf_8_in_a_path_is_never_the_servers_failure(
    live: Live, method: str, path: str
) -> None:
    live.call("PUT", NS, DEFINITION)
    answer = live.call(method, path, *([{}] if method in ("PUT", "POST") else []))
    assert answer.status < 500, answer


def test_what_traffic_brings_that_is_no_utf_8_can_be_shown(live: Live) -> None:
    live.call(
        "PUT",
        NS,
        {
            "stubs": [
                {"request": {"path": "/keys"}, "responses": [{}, {}], "per": "query.q"},
                {"request": {"path": "/kept"}, "set": {"kept": {"from": "query.q"}}},
                {"request": {"path": "/at/{id}"}, "set": {"id": {"from": "params.id"}}},
            ]
        },
    )
    for target in ("/keys?q=%FF", "/kept?q=%FF", "/at/%FF", "/%FF?%FF=%FF"):
        live.send(
            "GET",
            "/~fixed" + target,
            headers={"baggage": "mock.namespace=%FF", "X-\u00ff": "\u00ff"},
        )
    live.send("GET", "/~%FF/x")
    for path in (NS, NS + "/state", NS + "/sequences", NS + "/requests", "/orphans", "/namespaces"):
        assert live.call("GET", path).status == 200, path
    for number in range(1, 5):
        assert live.call("GET", f"{NS}/requests/{number}/explain").status == 200


KEYS: Final = ["name", "request", "response", "responses", "when", "set", "times", "per", "priority",
               "after_last", "method", "path", "query", "headers", "body", "json", "json_contains",
               "jsonpath", "text", "form", "base64", "auth", "status", "delay", "equals", "matches",
               "one_of", "not", "all", "any", "gt", "length", "exactly", "before", "from", "stubs",
               "state", "settings", "limits", "clock", "only", "lease", "labels", "sets", "mode", "now",
               "advance", "position", "step", "key", "reset", "cursors", "remove_stubs", "unmatched",
               "replace_stubs", "replace_state", "id", "after", "limit", "order", "phase", "stub"]  # fmt: skip
SCALARS: Final = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8) | st.sampled_from(["GET", "/a", "/{id}", "$.a[?@.b>1]", "(", "now+1m", "s", "1h"])
)  # fmt: skip
VALUES: Final = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(row=st.sampled_from(WRITERS), body=VALUES)
def test_no_json_whatever_makes_the_server_fail_or_change_half(
    live: Live, row: Row, body: Any
) -> None:
    if live.call("GET", NS).status == 404:
        live.call("PUT", NS, DEFINITION)
    before = live.call("GET", NS)
    answer = live.call(row.method, concrete(row), body)
    assert answer.status < 500, answer
    after = live.call("GET", NS)
    if answer.status >= 400:
        assert frozen(after) == frozen(before)
    elif row.name in ("finish_namespace", "replace_namespace"):
        live.call("DELETE", NS)
    else:
        assert after.status == 200


def frozen(answer: Answer) -> Any:
    """Return a namespace's document without a real clock's time."""
    document = answer.json
    if document.get("clock", {}).get("mode") == "real":
        document["clock"].pop("now")
    return document
