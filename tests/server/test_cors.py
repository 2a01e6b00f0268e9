"""CORS: what a page may read, which preflights are answered, and what they leave untouched.

Headers are those of https://fetch.spec.whatwg.org; a small model of a browser judges them.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any, Final

import pytest
from tests.api.live import Live, encoded, read_answer
from tests.server.world import World, code, document, request

from pymockapi.api.row import Row
from pymockapi.api.rows import ROWS
from pymockapi.model.cors import Cors
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import Response, make_response
from pymockapi.server.application_port import Later, Reply
from pymockapi.server.cors import CrossOrigin
from pymockapi.server.refusals import BodyTooLarge

PAGE: Final = "http://localhost:3000"
EVIL: Final = "https://evil.example"
LISTED: Final = {"origins": [PAGE, "https://*.shop.example"]}
STUBS: Final = [
    {"name": "get", "request": {"method": "GET", "path": "/a"}, "response": {"json": 1}},
    {"name": "any", "request": {"path": "/any"}, "response": {"status": 500}},
]


class Page:
    """A page on ``origin`` that calls a mock with ``cors``; a browser between them."""

    def __init__(self, cors: Any, origin: str = PAGE, **document: Any) -> None:
        self.world = World({"server": {"cors": cors}, "stubs": STUBS, **document})
        settings = self.world.store.configuration.server
        assert settings.cors is not None
        self.edge = CrossOrigin(self.world.application, settings.cors)
        self.origin = origin

    def ask(self, method: str, target: str, headers: dict[str, str] | None = None) -> Reply:
        asked = request(method, target, b"", {"Origin": self.origin, **(headers or {})})
        reply = self.edge.answer(asked)
        assert isinstance(reply, Reply)
        return reply

    def preflight(self, method: str, target: str, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["Access-Control-Request-Method"] = method
        return self.ask("OPTIONS", target, named).response

    def headers(self, method: str, target: str) -> dict[str, str]:
        return sent(self.ask(method, target))

    def may_read(self, method: str, target: str, *, cookies: bool = False) -> bool:
        """Return what the CORS check of a browser says."""
        found = self.headers(method, target)
        allowed = found.get("access-control-allow-origin")
        if allowed == "*" and not cookies:
            return True
        if allowed != self.origin:
            return False
        return not cookies or found.get("access-control-allow-credentials") == "true"


def sent(reply: Reply) -> dict[str, str]:
    """Return the header lines that leave, by lower-case name; no name may come twice."""
    lines = (reply.response.head + reply.extra).decode().split("\r\n")[1:-1]
    pairs = [line.partition(": ") for line in lines]
    names = [name.lower() for name, _, _ in pairs]
    assert len(set(names)) == len(names), names
    return {name.lower(): value for name, _, value in pairs}


def cors_of(headers: dict[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("access-control-"): value
        for name, value in headers.items()
        if name.startswith("access-control-") or name == "vary"
    }


# What a page may read.


@pytest.mark.parametrize(
    ("cors", "origin", "plainly", "with_cookies"),
    [
        (True, PAGE, True, False),
        (True, "null", True, False),
        ({"credentials": True}, EVIL, True, True),
        ({"credentials": True}, "null", True, True),
        (LISTED, PAGE, True, False),
        (LISTED, "https://a.shop.example", True, False),
        (LISTED, EVIL, False, False),
        (LISTED, "null", False, False),
        ({**LISTED, "credentials": True}, PAGE, True, True),
        ({**LISTED, "credentials": True}, EVIL, False, False),
    ],
)
@pytest.mark.parametrize(
    "target", ["/a", "/any", "/nothing", "/~default/a", "/~nobody/a", "/~ns/bad"]
)
def test_a_page_reads_every_answer_or_none(
    target: str, cors: Any, origin: str, plainly: bool, with_cookies: bool
) -> None:
    ended = {"stubs": [{"request": {"path": "/bad"}, "responses": [{"times": 1}],
                        "after_last": "fail"}]}  # fmt: skip
    page = Page(cors, origin, namespaces={"ns": ended})
    page.ask("GET", "/~ns/bad")
    assert page.may_read("GET", target) is plainly
    assert page.may_read("GET", target, cookies=True) is with_cookies


@pytest.mark.parametrize(
    ("cors", "expected"),
    [
        (True, {"allow-origin": "*", "expose-headers": "*"}),
        (LISTED, {"allow-origin": PAGE, "vary": "Origin", "expose-headers": "*"}),
        (
            {"credentials": True},
            {"allow-origin": PAGE, "vary": "Origin", "allow-credentials": "true",
             "expose-headers": "Date, Content-Type"},
        ),
    ],
)  # fmt: skip
def test_an_answer_carries_exactly_these_headers(cors: Any, expected: dict[str, str]) -> None:
    assert cors_of(Page(cors).headers("GET", "/a")) == expected


def test_with_credentials_every_header_of_the_answer_is_exposed_by_name() -> None:
    page = Page({"credentials": True}, settings={"debug_headers": True})
    assert cors_of(page.headers("GET", "/a"))["expose-headers"] == (
        "Date, Content-Type, X-Mock-Namespace, X-Mock-Request, X-Mock-Stub"
    )
    assert "X-Mock-Error" in cors_of(page.headers("GET", "/nothing"))["expose-headers"]


@pytest.mark.parametrize(
    ("cors", "expected"),
    [(True, {"allow-origin": "*", "expose-headers": "*"}), (LISTED, {"vary": "Origin"})],
)
def test_a_request_that_says_no_origin_is_answered_so_that_caches_hold(
    cors: Any, expected: dict[str, str]
) -> None:
    reply = Page(cors).edge.answer(request("GET", "/a"))
    assert isinstance(reply, Reply)
    assert cors_of(sent(reply)) == expected


def test_an_origin_that_may_not_read_is_served_and_recorded_all_the_same() -> None:
    page = Page(LISTED, EVIL)
    reply = page.ask("GET", "/a")
    assert (reply.response.status, cors_of(sent(reply))) == (200, {"vary": "Origin"})
    assert [entry["stub"] for entry in page.world.entries()] == ["get"]


@pytest.mark.parametrize("value", ["a b", "x" * 1001, "http://\u00e9.example", ""])
def test_what_is_no_origin_is_never_echoed(value: str) -> None:
    page = Page({"credentials": True}, value)
    assert cors_of(page.headers("GET", "/a")) == {"vary": "Origin"}


def test_two_origins_are_none() -> None:
    head = f"GET /a HTTP/1.1\r\nHost: a\r\nOrigin: {PAGE}\r\nOrigin: {PAGE}\r\n\r\n".encode()
    reply = Page(LISTED).edge.answer(Request("GET", "/a", head))
    assert isinstance(reply, Reply)
    assert cors_of(sent(reply)) == {"vary": "Origin"}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"Access-Control-Allow-Origin": "https://x.example"}, {"allow-origin": "https://x.example"}),
        ({"access-control-allow-origin": "*", "Access-Control-Expose-Headers": "X"},
         {"allow-origin": "*", "expose-headers": "X"}),
        ({"access-control-expose-headers": "X-Total"},
         {"allow-origin": PAGE, "vary": "Origin", "allow-credentials": "true",
          "expose-headers": "X-Total"}),
    ],
)  # fmt: skip
def test_headers_of_the_stubs_own_win(own: dict[str, str], expected: dict[str, str]) -> None:
    stub = {"request": {"path": "/own"}, "response": {"headers": own}}
    page = Page({"credentials": True}, stubs=[stub])
    assert cors_of(page.headers("GET", "/own")) == expected


@pytest.mark.parametrize(
    ("target", "is_read"), [("/a", True), ("/~default/a", True), ("", False), ("/__mock/v1", False)]
)
def test_a_request_that_is_refused_is_read_too_unless_it_may_be_a_control_call(
    target: str, is_read: bool
) -> None:
    page = Page(True)
    asked = request("POST", target, b"", {"Origin": PAGE})
    reply = page.edge.refuse(asked, Phase.REFUSED, BodyTooLarge(1))
    assert (sent(reply).get("access-control-allow-origin") == "*") is is_read


def test_progress_is_handed_on() -> None:
    page = Page(True)
    reply = page.ask("GET", "/a")
    page.edge.progress(reply.handle, Phase.ANSWERED, 17)
    assert page.world.entries()[0]["response"]["sent_bytes"] == 17


# Preflights.


def test_a_preflight_allows_what_it_asks_for() -> None:
    response = Page({**LISTED, "credentials": True, "max_age": "10m"}).preflight(
        "PATCH", "/a", Access_Control_Request_Headers="content-type,x-mock-namespace",
        Access_Control_Request_Private_Network="true",
    )  # fmt: skip
    assert (response.status, response.body) == (204, b"")
    assert response.headers == (
        ("Access-Control-Allow-Origin", PAGE),
        ("Vary", "Origin"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "PATCH"),
        ("Access-Control-Allow-Headers", "content-type,x-mock-namespace"),
        ("Access-Control-Allow-Private-Network", "true"),
        ("Access-Control-Max-Age", "600"),
    )


def test_a_preflight_allows_nothing_that_it_does_not_ask_for() -> None:
    assert Page(True).preflight("DELETE", "/a").headers == (
        ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "DELETE"),
    )  # fmt: skip


def test_header_names_that_are_none_are_not_echoed() -> None:
    response = Page(True).preflight("PUT", "/a", Access_Control_Request_Headers="a\x0bb: c")
    assert "Access-Control-Allow-Headers" not in dict(response.headers)


@pytest.mark.parametrize("target", ["/a", "/any", "/nothing", "/~ns/a", "/~nobody/a", "*"])
def test_a_preflight_is_answered_for_any_target_and_leaves_no_trace(target: str) -> None:
    page = Page(True, namespaces={"ns": {"settings": {"unmatched": {"status": 418}}}})
    response = page.preflight("PUT", target, X_Mock_Namespace="nobody")
    assert (response.status, code(response)) == (204, None)
    assert page.world.entries() == page.world.entries("ns") == []
    assert page.world.call("GET", "/orphans")["orphans"] == []
    assert page.world.call("GET", "/namespaces/default/verdict")["passed"] is True
    assert page.world.application.outcomes["preflight"] == 1


def test_a_preflight_needs_no_namespace_where_requests_do() -> None:
    page = Page(True)
    document = {"server": {"cors": True, "on_missing": "reject"}}
    world = World(document)
    edge = CrossOrigin(world.application, Cors())
    page.edge = edge
    assert page.preflight("PUT", "/a").status == 204
    assert page.ask("PUT", "/a").response.status == 404


def test_a_preflight_of_an_origin_that_is_not_listed_is_403_and_says_what_to_do() -> None:
    page = Page(LISTED, EVIL)
    response = page.preflight("PUT", "/a")
    assert (response.status, code(response)) == (403, "forbidden-origin")
    assert dict(response.headers)["Vary"] == "Origin"
    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
    detail = document(response)["detail"]
    assert detail == (
        f"Origin '{EVIL}' is not among server.cors.origins ({PAGE}, https://*.shop.example); add it"
        " there, and its pages may call the mock."
    )
    assert page.world.entries() == []


def test_of_many_origins_the_error_lists_some() -> None:
    page = Page({"origins": [f"http://localhost:{port}" for port in range(1000, 1012)]}, EVIL)
    detail = document(page.preflight("PUT", "/a"))["detail"]
    assert "http://localhost:1009, ...)" in detail


def test_what_cannot_be_echoed_may_not_call_where_answers_name_their_origin() -> None:
    page = Page({"credentials": True}, "a b")
    response = page.preflight("PUT", "/a")
    assert code(response) == "forbidden-origin"
    assert "Origin 'a b' is no origin" in document(response)["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Access-Control-Request-Method": "a\x0bb"},
        {"Access-Control-Request-Headers": "x"},
    ],
)
def test_options_that_is_no_preflight_is_an_ordinary_request(headers: dict[str, str]) -> None:
    page = Page(True)
    assert page.ask("OPTIONS", "/any", headers).response.status == 500
    assert [entry["method"] for entry in page.world.entries()] == ["OPTIONS"]


def test_options_without_an_origin_is_an_ordinary_request() -> None:
    page = Page(True)
    asked = request("OPTIONS", "/any", b"", {"Access-Control-Request-Method": "PUT"})
    reply = page.edge.answer(asked)
    assert isinstance(reply, Reply)
    assert reply.response.status == 500


OPTIONS: Final = {
    "name": "flight", "request": {"method": ["OPTIONS", "GET"], "path": "/own"},
    "response": {"status": 200, "headers": {"Access-Control-Allow-Methods": "GET"}},
}  # fmt: skip


@pytest.mark.parametrize("target", ["/own", "/~default/own"])
def test_a_stub_that_names_options_wins_and_is_recorded(target: str) -> None:
    page = Page(True, stubs=[OPTIONS])
    response = page.preflight("PUT", target)
    assert (response.status, len(page.world.entries())) == (200, 1)
    assert cors_of(sent(page.ask("OPTIONS", target))) == {
        "allow-methods": "GET", "allow-origin": "*", "expose-headers": "*",
    }  # fmt: skip
    assert page.world.application.outcomes["preflight"] == 0


def test_a_stub_that_names_options_and_does_not_fit_does_not_win() -> None:
    fussy = {**OPTIONS, "request": {"method": "OPTIONS", "path": "/own", "query": {"a": "1"}}}
    page = Page(True, stubs=[fussy])
    assert page.preflight("PUT", "/own").status == 204
    assert page.preflight("PUT", "/own?a=1").status == 200


def test_a_spent_stub_that_names_options_no_longer_wins() -> None:
    page = Page(True, stubs=[{**OPTIONS, "times": 1}])
    assert [page.preflight("PUT", "/own").status for _ in range(2)] == [200, 204]


def test_a_stub_for_any_method_is_not_spent_on_preflights() -> None:
    strong = {"name": "strong", "priority": 1, "request": {"path": "/own"}, "times": 1}
    page = Page(True, stubs=[OPTIONS, strong])
    assert page.preflight("PUT", "/own").status == 204
    assert page.ask("PUT", "/own").response.status == 200
    assert [entry["method"] for entry in page.world.entries()] == ["PUT"]


def test_a_preflight_that_meets_a_limit_is_told_so() -> None:
    slow = {
        "name": "slow",
        "request": {"method": "OPTIONS", "headers": {"x": {"matches": "(a|a)+b(c|c)*d"}}},
    }
    page = Page(True, stubs=[slow])
    response = page.preflight("PUT", "/own", x="a" * 40_000)
    assert (response.status, code(response)) == (599, "matcher-limit")


def test_preflights_are_logged_where_requests_are(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "pymockapi.requests"):
        Page(True).preflight("PUT", "/a")
    assert [record.getMessage() for record in caplog.records] == ["OPTIONS /a: 204"]


# The control API is not for pages, and a page that may call the mocks cannot drive it.


@pytest.fixture(scope="module")
def opened() -> Iterator[Live]:
    """A server whose mocks any page may call."""
    server = Live({"server": {"cors": {"credentials": True}}, "stubs": STUBS})
    yield server
    server.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_preflight_to_a_control_call_is_granted(opened: Live, row: Row) -> None:
    path = row.path.replace("{", "").replace("}", "")
    headers = {"Origin": PAGE, "Access-Control-Request-Method": row.method}
    for prefix in ("", "http://127.0.0.1"):
        answer = opened.send("OPTIONS", f"{prefix}/__mock/v1{path}", headers=headers)
        assert (answer.status, answer.code) == (403, "forbidden")
        assert cors_of(answer.headers) == {}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_no_simple_request_of_a_page_drives_the_control_api(
    opened: Live, method: str, kind: str
) -> None:
    headers = {"Origin": PAGE, "Content-Type": kind}
    body = json.dumps({"name": "by-a-page"}).encode()
    answer = opened.send(method, "/__mock/v1/namespaces", body, headers)
    assert (answer.status, answer.code, cors_of(answer.headers)) == (403, "forbidden", {})
    assert opened.call("GET", "/namespaces/by-a-page").status == 404


def test_a_control_answer_carries_no_cors_headers_even_for_its_own_origin(opened: Live) -> None:
    host = f"127.0.0.1:{opened.address[1]}"
    headers = {"Host": host, "Origin": f"http://{host}"}
    answer = opened.call("GET", "/version", headers=headers)
    assert (answer.status, cors_of(answer.headers)) == (200, {})


def test_the_same_page_calls_the_mock_on_a_real_connection(opened: Live) -> None:
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    with opened.connect() as line:
        for method, status in (("OPTIONS", 204), ("GET", 200), ("OPTIONS", 204)):
            line.sendall(encoded(method, "/a", headers=headers))
            answer = read_answer(line, method)
            assert (answer.status, cors_of(answer.headers)["allow-origin"]) == (status, PAGE)
    metrics = opened.call("GET", "/metrics").body.decode()
    assert 'pymockapi_requests_total{outcome="preflight"} 2' in metrics
    assert 'pymockapi_requests_total{outcome="matched"} 1' in metrics


def test_a_control_call_on_the_mocks_port_is_answered_as_without_cors() -> None:
    page = Page(True)
    asked = request("GET", "/__mock/v1/version")

    async def answered() -> Reply:
        reply = page.edge.answer(asked)
        assert not isinstance(reply, Later)
        return reply if isinstance(reply, Reply) else await reply

    assert asyncio.run(answered()).response.status == 200


def test_an_answer_that_came_later_may_be_read_too() -> None:
    page = Page(True)
    later = Later("n")
    page.world.application.answer = lambda _: later  # type: ignore[method-assign, assignment]
    seen: list[Reply] = []
    assert page.edge.answer(request("GET", "/a", b"", {"Origin": PAGE})) is later
    later.arrive = seen.append
    later.hand_over(Reply(make_response(200)))
    assert b"Access-Control-Allow-Origin: *" in seen[0].extra
