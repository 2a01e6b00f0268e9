"""Which namespace a request names, by what, and what disagrees about it."""

from __future__ import annotations

import pytest
from tests.engine.requests import make_request

from pymockapi.engine.selectors import (
    EMPTY_BAGGAGE,
    EMPTY_HEADER,
    NOTHING,
    Selection,
    host_label,
    select,
)

Headers = list[tuple[str, str]]
NAMED = [("X-Mock-Namespace", "h")]
BAGGAGE = [("baggage", "a=1, mock.namespace=b;ttl=3")]
HOST = [("Host", "l.mock.localhost:8080")]


def selected(
    target: str = "/", headers: Headers | None = None, prefix: str | None = "~"
) -> Selection:
    return select(make_request("GET", target, headers or []), prefix)


def test_a_request_that_names_nothing_selects_nothing() -> None:
    assert selected("/orders", [("Host", "localhost")]) == Selection(None, "none")


@pytest.mark.parametrize(
    ("target", "name", "start"),
    [
        ("/~a/orders/7", "a", "/~a"),
        ("/~a", "a", "/~a"),
        ("/~a?x=1", "a", "/~a"),
        ("/~a?x=/b", "a", "/~a"),
        ("/~a/", "a", "/~a"),
        ("/%7Ea/x", "a", "/%7Ea"),
        ("/%7ea/x", "a", "/%7ea"),
        ("/~a%2Db/x", "a-b", "/~a%2Db"),
        ("http://h:1/~a/x", "a", "/~a"),
    ],
)
def test_a_path_prefix_names_a_namespace_and_is_taken_off(
    target: str, name: str, start: str
) -> None:
    assert selected(target) == Selection(name, "path", start)


@pytest.mark.parametrize(
    "target", ["/~", "/~/x", "/x/~a", "/%7E/x", "/%2Fa", "/%", "*", "h:1", "/", "//~a"]
)
def test_other_paths_name_none(target: str) -> None:
    assert selected(target).name is None


def test_the_prefix_can_be_another_or_off() -> None:
    assert selected("/ns-a/x", prefix="ns-") == Selection("a", "path", "/ns-a")
    assert selected("/~a/x", prefix="ns-").name is None
    assert selected("/~a/x", prefix=None).name is None


@pytest.mark.parametrize("name", ["X-Mock-Namespace", "x-mock-namespace", "X-MOCK-NAMESPACE"])
def test_a_header_names_a_namespace(name: str) -> None:
    assert selected("/", [(name, "a")]) == Selection("a", "header")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("X-Mock-Namespace", "")], EMPTY_HEADER),
        ([("X-Mock-Namespace", " \t")], EMPTY_HEADER),
        ([("X-Mock-Namespace", ""), ("X-Mock-Namespace", "")], EMPTY_HEADER),
        ([("X-Mock-Namespace", ""), ("X-Mock-Namespace", "a")], Selection("a", "header")),
        ([("X-Mock-Namespace", ""), ("baggage", "mock.namespace=")], EMPTY_HEADER),
        ([("X-Mock-Namespace", ""), *BAGGAGE], Selection("b", "baggage")),
        ([("baggage", "mock.namespace="), *HOST], Selection("l", "host")),
        ([("baggage", "a=1")], NOTHING),
    ],
)
def test_a_header_without_a_value_names_none_and_is_told(
    headers: Headers, expected: Selection
) -> None:
    assert selected("/", headers) == expected
    assert select(make_request("GET", "/", headers), "~", "p").name == "p"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("mock.namespace=a", "a"),
        (" mock.namespace = a ;p=1;q", "a"),
        ("x=1,mock.namespace=a%2D1,y=2", "a-1"),
        ("mock.namespace=", ""),
        ("mock.namespace= ;p=1", ""),
        ("mock.namespace", None),
        ("xmock.namespace=a", None),
        ("x=mock.namespace=a", None),
        ("", None),
    ],
)
def test_baggage_names_a_namespace(value: str, name: str | None) -> None:
    found = selected("/", [("Baggage", value)])
    nothing = NOTHING if name is None else EMPTY_BAGGAGE
    assert found == (Selection(name, "baggage") if name else nothing)


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("a.mock.localhost:8080", "a"),
        ("A-1.MOCK.LocalHost", "A-1"),
        ("a.mock.example.org", "a"),
        ("mock.localhost", None),
        (".mock.localhost", None),
        ("a.b.mock.localhost", "a.b"),
        ("A.b.Mock.LOCALHOST:8080", "A.b"),
        ("a.b.mock.localhost.example.org", None),
        ("a.b.mock.example.org", None),
        ("a.mock", None),
        ("a.mocked.localhost", None),
        ("localhost:8080", None),
        ("", None),
    ],
)
def test_a_host_label_names_a_namespace(host: str, label: str | None) -> None:
    assert host_label(host) == label
    found = selected("/", [("Host", host)])
    assert found == (Selection(label, "host") if label else Selection(None, "none"))


@pytest.mark.parametrize(
    ("target", "headers", "name", "selector", "conflict"),
    [
        ("/~p/x", NAMED + BAGGAGE + HOST, "p", "path", "header: h"),
        ("/", NAMED + BAGGAGE + HOST, "h", "header", "baggage: b"),
        ("/", BAGGAGE + HOST, "b", "baggage", "host: l"),
        ("/", HOST + NAMED, "h", "header", "host: l"),
        ("/", HOST, "l", "host", None),
        ("/~h/x", NAMED, "h", "path", None),
        ("/~h/x", NAMED + HOST, "h", "path", "host: l"),
        ("/~L/x", HOST, "L", "path", None),
        ("/", [*NAMED, ("X-Mock-Namespace", "other")], "h", "header", "header: other"),
        ("/", [("baggage", "mock.namespace=a,mock.namespace=b")], "a", "baggage", "baggage: b"),
    ],
)
def test_the_first_selector_decides_and_the_first_that_differs_is_noted(
    target: str, headers: Headers, name: str, selector: str, conflict: str | None
) -> None:
    found = selected(target, headers)
    assert (found.name, found.selector, found.conflict) == (name, selector, conflict)


def test_a_name_in_the_body_or_in_a_value_selects_nothing() -> None:
    request = make_request("POST", "/", [("X-A", "x-mock-namespace: a")], b"X-Mock-Namespace: a")
    assert select(request, "~").name is None


# On a namespace's own port.


@pytest.mark.parametrize(
    ("target", "headers", "start", "conflict"),
    [
        ("/x", [], "", None),
        ("/~a/x", [], "/~a", None),
        ("/%7Ea/x", [], "/%7Ea", None),
        ("/~b/x", [], "", "path: b"),
        ("/~b/x", [("X-Mock-Namespace", "c")], "", "path: b"),
        ("/~a/x", [("X-Mock-Namespace", "c")], "/~a", "header: c"),
        ("/x", [("X-Mock-Namespace", "a")], "", None),
        ("/x", [("X-Mock-Namespace", "a"), ("baggage", "mock.namespace=c")], "", "baggage: c"),
        ("/x", [("Host", "A.mock.localhost")], "", None),
    ],
)
def test_a_port_decides_before_all_others(
    target: str, headers: Headers, start: str, conflict: str | None
) -> None:
    selection = select(make_request("GET", target, headers), "~", "a")
    assert selection == Selection("a", "port", start, conflict)


def test_a_port_decides_where_paths_name_nobody() -> None:
    assert select(make_request("GET", "/~a/x", []), None, "a") == Selection("a", "port")
