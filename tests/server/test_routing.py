"""Whose a request is where a server has selectors of its own: claims, names, order, conflicts."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.driven import Driven, message
from tests.server.world import World, code, document, request

from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.request import MAX_READ_BYTES
from pymockapi.server.application import MockApplication
from pymockapi.server.edge import Edge
from pymockapi.server.routing import PortRouting

SELECTORS: Final = ["bearer", "header.x-tenant", "body.$.tenant"]


def world_of(*selectors: str, **server: Any) -> World:
    """Return a world with the namespaces ``a``, that claims token ``ta`` and 7, and ``b``."""
    asked = list(selectors or SELECTORS)
    world = World({"server": {"selectors": asked, **server}})
    claims = {"bearer": "ta", "body.$.tenant": [7, "long"]}
    claimed = {name: value for name, value in claims.items() if name in asked}
    world.call("POST", "/namespaces", {"name": "a", "claims": claimed})
    world.call("POST", "/namespaces", {"name": "b"})
    return world


def routed(world: World, body: bytes = b"", target: str = "/x", **headers: str) -> Any:
    """Return namespace, selector and conflict of the record of one request."""
    before = {space.name: space.journal.last for space in world.store.spaces()}
    world.send("POST", target, body, **headers)
    for space in world.store.spaces():
        if space.journal.last > before[space.name]:
            entry = world.entries(space.name)[-1]
            return space.name, entry["selector"], entry["conflict"]
    return None


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, b"", ("default", "default", None)),
        ({"Authorization": "Bearer ta"}, b"", ("a", "bearer", None)),
        ({"Authorization": "Bearer b"}, b"", ("b", "bearer", None)),
        ({"Authorization": "Bearer nobody"}, b"", ("default", "default", None)),
        ({"Authorization": "Bearer nobody", "X_Tenant": "b"}, b"", ("b", "header.x-tenant", None)),
        ({"X_Tenant": "ta"}, b"", ("default", "default", None)),
        ({}, b'{"tenant": 7}', ("a", "body.$.tenant", None)),
        ({}, b'{"tenant": "7"}', ("a", "body.$.tenant", None)),
        ({}, b'{"tenant": "b"}', ("b", "body.$.tenant", None)),
        ({}, b'{"tenant": null}', ("default", "default", None)),
        ({}, b"no JSON", ("default", "default", None)),
        ({"Authorization": "Bearer ta", "X_Tenant": "b"}, b"", ("a", "bearer", "header.x-tenant: b")),
        ({"X_Tenant": "b"}, b'{"tenant": 7}', ("b", "header.x-tenant", "body.$.tenant: a")),
        ({"X_Tenant": "a"}, b'{"tenant": 7}', ("a", "header.x-tenant", None)),
        ({"X_Mock_Namespace": "b", "Authorization": "Bearer ta"}, b"", ("b", "header", "bearer: a")),
        ({"X_Mock_Namespace": "b", "Authorization": "Bearer x"}, b"", ("b", "header", None)),
        ({"Host": "B.mock.localhost"}, b'{"tenant": "a"}', ("b", "host", "body.$.tenant: a")),
        ({"X_Mock_Namespace": "b", "Baggage": "mock.namespace=a", "Authorization": "Bearer ta"}, b"",
         ("b", "header", "baggage: a")),
    ],
)  # fmt: skip
def test_selectors_are_asked_in_order_claims_before_names(
    headers: dict[str, str], body: bytes, expected: Any
) -> None:
    assert routed(world_of(), body, **headers) == expected


def test_a_prefix_decides_before_selectors_and_the_body_is_read_once() -> None:
    world = world_of()
    assert routed(world, b'{"tenant": 7}', "/~b/x") == ("b", "path", "body.$.tenant: a")
    asked = request("POST", "/~b/x", b'{"tenant": 7}')
    assert asked.json == {"tenant": 7}
    assert asked.below("/~b").json is asked.json


def test_of_a_header_that_comes_twice_the_first_value_that_is_anyones_decides() -> None:
    world = world_of("header.x-tenant")
    for values, expected in {
        ("nobody", "b"): ("b", "header.x-tenant", None),
        ("a", "b"): ("a", "header.x-tenant", "header.x-tenant: b"),
    }.items():
        asked = request("GET", "/x")
        lines = "".join(f"X-Tenant: {value}\r\n" for value in values).encode()
        asked.head = asked.head[:-2] + lines + b"\r\n"
        world.application.answer(asked)
        entry = world.entries(expected[0])[-1]
        assert (expected[0], entry["selector"], entry["conflict"]) == expected


def test_selectors_match_names_as_they_are_written() -> None:
    assert routed(world_of(), X_Tenant="B") == ("default", "default", None)


LARGE: Final = b'{"tenant": "a", "x": "' + b"x" * MAX_READ_BYTES + b'"}'


def test_a_body_that_is_too_much_to_be_read_reaches_nobody_and_is_listed() -> None:
    world = world_of()
    response = world.send("POST", "/x", LARGE)
    assert (response.status, code(response)) == (599, "matcher-limit")
    assert document(response)["detail"].startswith("selector 'body.$.tenant': The body has")
    orphans = world.call("GET", "/orphans")["orphans"]
    assert [(each["code"], each["namespace"]) for each in orphans] == [("matcher-limit", "")]
    assert not world.entries()


@pytest.mark.parametrize(
    "body",
    [b"[" * 5_000 + b"]" * 5_000, b'{"tenant": 1e309}', b'{"tenant": "a", "x": "\\ud800"}'],
)
def test_json_beyond_what_is_read_reaches_nobody_and_is_listed(body: bytes) -> None:
    world = world_of()
    response = world.send("POST", "/x", body)
    assert (response.status, code(response)) == (599, "matcher-limit")
    assert document(response)["detail"].startswith("selector 'body.$.tenant': The JSON")
    assert [each["code"] for each in world.call("GET", "/orphans")["orphans"]] == ["matcher-limit"]
    assert not world.entries()


def test_a_body_that_is_too_much_to_be_read_is_no_conflict() -> None:
    assert routed(world_of(), LARGE, Authorization="Bearer ta") == ("a", "bearer", None)


@pytest.mark.parametrize(
    ("headers", "name"), [({"Authorization": "Bearer ta"}, "a"), ({}, "default")]
)
def test_the_head_alone_tells_whose_a_request_is_that_did_not_come_whole(
    headers: Mapping[str, str], name: str
) -> None:
    world = world_of()
    asked = request("POST", "/x", b'{"tenant": "b"}', headers)
    world.application.refuse(asked, Phase.INCOMPLETE, ControlError("gone"))
    assert [entry["phase"] for entry in world.entries(name)] == ["incomplete"]


# What ends, begins and is refused by the control API.


def test_claims_are_shown_and_end_with_their_namespace() -> None:
    world = world_of()
    shown = world.call("GET", "/namespaces/a")["claims"]
    assert shown == {"bearer": ["ta"], "body.$.tenant": ["7", "long"]}
    for call in (("POST", "/namespaces/a/finish"), ("DELETE", "/namespaces/a")):
        assert routed(world, Authorization="Bearer ta") == ("a", "bearer", None)
        world.call(*call)
        assert routed(world, Authorization="Bearer ta") == ("default", "default", None)
        world.call("POST", "/namespaces", {"name": "a", "claims": {"bearer": "ta"}})
    world.call("PUT", "/namespaces/a", {"claims": {"bearer": "other"}})
    assert routed(world, Authorization="Bearer ta") == ("default", "default", None)
    assert routed(world, Authorization="Bearer other") == ("a", "bearer", None)


def call(world: World, method: str, path: str, body: Any) -> Any:
    response = world.reply(method, f"/__mock/v1{path}", json.dumps(body).encode()).response
    return response.status, code(response), document(response)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/namespaces"), ("PUT", "/namespaces/c"), ("POST", "/namespaces/b/fork")],
)
def test_a_claim_that_another_holds_is_409_and_names_the_holder(method: str, path: str) -> None:
    world = world_of()
    status, error, shown = call(world, method, path, {"claims": {"bearer": ["free", "ta"]}})
    assert (status, error) == (409, "claim-held")
    assert "Namespace 'a' holds the claim to bearer 'ta'" in shown["detail"]
    assert [space.name for space in world.store.spaces()] == ["default", "a", "b"]
    assert routed(world, Authorization="Bearer free") == ("default", "default", None)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/namespaces"), ("PUT", "/namespaces/a"), ("POST", "/namespaces/b/fork")],
)
def test_a_claim_by_what_is_no_selector_is_422_and_says_where_to_list_it(
    method: str, path: str
) -> None:
    world = world_of()
    status, error, shown = call(world, method, path, {"claims": {"cookie.sid": "x"}})
    assert (status, error, shown["errors"][0]["pointer"]) == (422, "invalid", "/claims/cookie.sid")
    assert "body.$.tenant, cookie.sid]}" in shown["errors"][0]["message"]
    assert routed(world, Authorization="Bearer ta") == ("a", "bearer", None)


def test_a_fork_claims_for_itself() -> None:
    world = world_of()
    world.call("POST", "/namespaces/a/fork", {"name": "f", "claims": {"bearer": "tf"}})
    world.call("POST", "/namespaces", {"name": "g", "fork_of": "a"})
    assert world.call("GET", "/namespaces/f")["claims"] == {"bearer": ["tf"]}
    assert world.call("GET", "/namespaces/g")["claims"] == {}
    assert routed(world, Authorization="Bearer tf") == ("f", "bearer", None)
    assert routed(world, Authorization="Bearer ta") == ("a", "bearer", None)


def test_namespaces_of_the_config_claim_from_the_start() -> None:
    world = World(
        {"server": {"selectors": ["bearer"]}, "namespaces": {"shop": {"claims": {"bearer": "ts"}}}}
    )
    assert routed(world, Authorization="Bearer ts") == ("shop", "bearer", None)


# A namespace's own port.


@pytest.mark.parametrize(
    ("selectors", "headers", "body", "conflict"),
    [
        (SELECTORS, {"Authorization": "Bearer ta"}, b"", "bearer: a"),
        (SELECTORS, {}, b'{"tenant": 7}', "body.$.tenant: a"),
        (SELECTORS, {"X_Mock_Namespace": "a", "X_Tenant": "a"}, b"", "header: a"),
        (SELECTORS, {"X_Tenant": "b"}, b"", None),
        (SELECTORS, {"X_Tenant": "nobody"}, b"", None),
        (["bearer"], {"X_Tenant": "a"}, b"", None),
    ],
)
def test_on_a_namespaces_own_port_a_selector_that_finds_another_is_a_conflict(
    selectors: list[str], headers: dict[str, str], body: bytes, conflict: str | None
) -> None:
    world = world_of(*selectors)
    shared, world.application = world.application, on_port_of(world, "b")
    world.send("POST", "/x", body, **headers)
    cut = request(
        "POST", "/x", body, {key.replace("_", "-"): each for key, each in headers.items()}
    )
    world.application.refuse(cut, Phase.INCOMPLETE, ControlError("gone"))
    world.application = shared
    whole, part = world.entries("b")
    assert (whole["selector"], whole["conflict"]) == ("port", conflict)
    of_head = None if (conflict or "").startswith("body") else conflict
    assert (part["selector"], part["conflict"]) == ("port", of_head)


def test_without_selectors_a_port_compares_what_the_head_names_alone() -> None:
    world = World()
    world.call("POST", "/namespaces", {"name": "b"})
    on_port_of(world, "b").answer(request("GET", "/x", b"", {"Authorization": "Bearer default"}))
    assert world.entries("b")[0]["conflict"] is None


def on_port_of(world: World, name: str) -> MockApplication:
    routing = PortRouting(world.store, world.store.configuration.server, name)
    routing.owner = world.store.known(name).id
    return world.application.on_port(routing)


# on_missing: reject.


def test_without_a_namespace_the_answer_names_the_ways_of_this_server() -> None:
    plain = World({"server": {"on_missing": "reject"}})
    response = plain.send("GET", "/x")
    assert (response.status, code(response)) == (404, "no-namespace")
    assert document(response)["detail"] == (
        "This server answers only requests that name a namespace, by the path /~NAME/...,"
        " X-Mock-Namespace: NAME, baggage: mock.namespace=NAME or Host: NAME.mock.localhost."
        " With --on-missing default it takes the others into the namespace 'default'."
    )
    other = World(
        {"server": {"on_missing": "reject", "path_prefix": False,
                    "selectors": ["bearer", "query.tenant"]}}
    )  # fmt: skip
    detail = document(other.send("GET", "/x"))["detail"]
    assert "bearer (Authorization: Bearer NAME, or what NAME claims) or query.tenant" in detail
    assert "/~" not in detail


@pytest.mark.parametrize("server", [{}, {"selectors": SELECTORS}, {"on_missing": "reject"}])
@pytest.mark.parametrize(
    ("headers", "selector", "name", "said"),
    [
        ({"X_Mock_Namespace": ""}, "header", "", "X-Mock-Namespace came with an empty value"),
        (
            {"Baggage": "mock.namespace="},
            "baggage",
            "",
            "'mock.namespace' came with an empty value",
        ),
        ({"Host": "a.b.mock.localhost"}, "host", "a.b", "No namespace is named 'a.b'"),
        ({"X_Mock_Namespace": "a b"}, "header", "a b", "that is no name: 1 to 128 characters"),
    ],
)
def test_what_says_a_namespace_that_cannot_be_never_falls_into_default(
    server: dict[str, Any], headers: dict[str, str], selector: str, name: str, said: str
) -> None:
    world = World({"server": server})
    response = world.send("GET", "/x", b"", **headers)
    expected = "unknown-namespace" if name else "no-namespace"
    assert (response.status, code(response)) == (404, expected)
    assert said in document(response)["detail"]
    assert not world.entries()
    orphan = world.call("GET", "/orphans")["orphans"][0]
    assert (orphan["selector"], orphan["namespace"], orphan["code"]) == (selector, name, expected)


def test_an_empty_header_leaves_it_to_the_servers_own_selectors() -> None:
    assert routed(world_of(), X_Mock_Namespace="", Authorization="Bearer ta") == (
        "a", "bearer", None,
    )  # fmt: skip


def test_a_name_with_dots_is_reached_by_its_host() -> None:
    world = World({"namespaces": {"a.B": {}}})
    world.send("GET", "/x", Host="A.b.mock.localhost:1")
    assert [entry["selector"] for entry in world.entries("a.B")] == ["host"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"X_Tenant": "nobody"}])
def test_a_value_that_is_nobodys_is_rejected_as_if_it_were_not_there(
    headers: dict[str, str],
) -> None:
    world = world_of(on_missing="reject")
    assert code(world.send("GET", "/x", b"", **headers)) == "no-namespace"
    assert world.send("GET", "/x", Authorization="Bearer ta").status == 404
    assert [entry["selector"] for entry in world.entries("a")] == ["bearer"]
    assert [each["code"] for each in world.call("GET", "/orphans")["orphans"]] == ["no-namespace"]


# Any claims and requests, beside a few lines that say the same.

TOKENS: Final = ("x", "a", "b", "none")
NAMES: Final = ("a", "b")
_claims = st.dictionaries(
    st.sampled_from(SELECTORS),
    st.lists(st.sampled_from(TOKENS), min_size=1, max_size=2, unique=True),
)
_changes = st.tuples(
    st.sampled_from(["PUT", "PUT", "DELETE", "POST"]), st.sampled_from(NAMES), _claims
)
_requests = st.fixed_dictionaries(
    {},
    optional={
        "bearer": st.sampled_from(TOKENS), "header.x-tenant": st.sampled_from(TOKENS),
        "body.$.tenant": st.sampled_from(TOKENS), "named": st.sampled_from(["a", "none"]),
    },
)  # fmt: skip


class Twin:
    """Which namespaces live and what they claim, in the plainest form."""

    def __init__(self, selectors: list[str]) -> None:
        self.selectors = selectors
        self.claims: dict[str, dict[str, list[str]]] = {}

    def change(self, method: str, name: str, claims: dict[str, list[str]]) -> None:
        others = [each for other, each in self.claims.items() if other != name or method == "POST"]
        is_held = any(
            set(values) & set(each.get(selector, []))
            for each in others
            for selector, values in claims.items()
        )
        if method == "DELETE":
            self.claims.pop(name, None)
        elif not (
            (method == "POST" and name in self.claims)
            or is_held
            or set(claims) - set(self.selectors)
        ):
            self.claims[name] = claims  # fmt: skip

    def owner(self, asked: Mapping[str, str]) -> str | None:
        if "named" in asked:
            return asked["named"] if asked["named"] in self.claims else None
        for selector in self.selectors:
            value = asked.get(selector)
            for name, claims in self.claims.items():
                if value in claims.get(selector, []):
                    return name
            if value in self.claims:
                return value
        return "default"


def raw(asked: Mapping[str, str]) -> bytes:
    lines = {"bearer": "Authorization: Bearer {}", "header.x-tenant": "X-Tenant: {}",
             "named": "X-Mock-Namespace: {}"}  # fmt: skip
    head = "POST /x HTTP/1.1\r\nHost: h\r\n" + "".join(
        line.format(asked[key]) + "\r\n" for key, line in lines.items() if key in asked
    )
    tenant = asked.get("body.$.tenant")
    body = b"{}" if tenant is None else json.dumps({"tenant": tenant}).encode()
    return message(head.encode(), body.ljust(20))


@given(
    st.lists(st.sampled_from(SELECTORS), max_size=3, unique=True),
    st.lists(_requests, min_size=1, max_size=3),
    st.lists(st.one_of(st.integers(0, 2), st.integers(0, 2), _changes), min_size=8, max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_any_claims_and_requests_are_routed_as_they_read(
    selectors: list[str], asked: list[dict[str, str]], actions: list[Any]
) -> None:
    world = World({"server": {"selectors": selectors}, "settings": {"debug_headers": True}})
    twin = Twin(selectors)

    async def play() -> None:
        driven = Driven(Edge, world)
        for action in actions:
            if isinstance(action, tuple):
                method, name, claims = action
                body = {"claims": claims} if method != "DELETE" else None
                path = "/namespaces" if method == "POST" else f"/namespaces/{name}"
                spec = {"name": name, **(body or {})} if method == "POST" else body
                await driven.change(method, path, spec)
                twin.change(method, name, claims)
                continue
            sent = asked[action % len(asked)]
            for _ in range(2):  # so that its head is known, by the second action at the latest
                await driven.send(5, raw(sent))
                answer = re.search(rb"X-Mock-Namespace: (.*)\r\n", driven.output[-1])
                assert (answer and answer[1].decode()) == twin.owner(sent), (sent, twin.claims)

    asyncio.run(play())
