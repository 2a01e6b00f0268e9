"""A world behind an edge, and random requests and control changes for it that meet often."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from hypothesis import strategies as st
from tests.server.harness import Line
from tests.server.world import World

from pymockapi.engine.features import load_jsonpath, load_regex
from pymockapi.model.exchange import Exchange
from pymockapi.server.edge import Door, Edge
from pymockapi.server.limits import EdgeLimits
from pymockapi.store.journal import Journal

Action = tuple[Any, ...]
SOON: Final = "2030-03-17T17:46:50Z"  # ten seconds after the world's clock begins

TARGETS: Final = ("/a", "/a", "/a", "/b", "/a?q=1", "/a?q=1&q=2", f"/a?t={SOON}", f"/~n/a?t={SOON}", "/~n/a", "/~n/a?q=1", "/%7En/a",
                  "/~m/b", "http://n.mock.localhost/a", "/__mock/v1/namespaces/n/stubs")  # fmt: skip
FIELDS: Final = ("", *["X-Mock-Namespace: n\r\n"] * 3, "X-Mock-Namespace: m\r\n", "X-H: 1\r\nCookie: c=1\r\n",
                 "Baggage: mock.namespace=n\r\n", "Authorization: Bearer b\r\n")  # fmt: skip

heads = st.builds(
    lambda method, target, host, fields, version: (
        f"{method} {target} HTTP/1.{version}\r\nHost: {host}\r\n{fields}".encode()
    ),
    st.sampled_from(["GET", "GET", "GET", "HEAD"]),
    st.sampled_from(TARGETS),
    st.sampled_from(["127.0.0.1", "127.0.0.1", "n.mock.localhost"]),
    st.sampled_from(FIELDS),
    st.sampled_from("1110"),
)
load_jsonpath(), load_regex()  # else the first call that needs one is answered a little later
bodies = st.sampled_from([None, None, None, b"{}", b"[]", b"11", b"", b'{"k":1}', b'{"k":2}'])


def message(head: bytes, body: bytes | None) -> bytes:
    if body is None:
        return head + b"\r\n"
    return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


_FIELDS: Final[dict[str, list[Any]]] = {
    "path": ["/a", "/a", "/{x}", {"prefix": "/"}, {"matches": "/a"}],
    "method": ["GET", "POST"],
    "query": [
        {"q": "1"}, {"q": {"equals": "1", "not": "2"}}, {"t": {"equals": SOON, "after": "now"}},
        {"t": {"before": "now"}}, {"q": {"absent": True}},
    ],
    "headers": [{"X-H": "1"}, {"Host": {"contains": "mock"}}],
    "cookies": [{"c": "1"}],
    "auth": [{"bearer": "b"}],
    "body": [
        {"json": {}}, {"text": "11"}, {"jsonpath": {"$.k": 1}},
        {"jsonpath": {"$.k": {"absent": True}}},
    ],
    "client": [{"ip": "127.0.0.1"}],
}  # fmt: skip
_field = st.sampled_from(list(_FIELDS)).flatmap(
    lambda key: st.sampled_from([{key: value} for value in _FIELDS[key]])
)
patterns: st.SearchStrategy[Any] = st.one_of(
    st.just({"path": "/a"}), st.just({}), _field, st.builds(lambda a, b: {**a, **b}, _field, _field)
)
stubs: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"name": st.sampled_from(["base", "extra", "s", "t", "u"]), "request": patterns,
     "response": st.integers(200, 205).map(lambda status: {"status": status})},
    optional={
        "priority": st.sampled_from([1, 9]),
        "times": st.integers(1, 2),
        "when": st.sampled_from([{"k": 1}, {"k": {"absent": True}}]),
        "set": st.just({"k": {"increment": 1}}),
    },
)  # fmt: skip
CROWD: Final = [
    {"name": f"c{n}", "priority": 2, "request": {"path": "/a", "body": {"jsonpath": {"$.k": n}}}}
    for n in range(20)
]
NS: Final = "/namespaces/n"
PASSING: Final = {
    "name": "once", "request": {"path": "/a"}, "priority": 1,
    "responses": [{"status": 206, "times": 2}], "after_last": "pass",
}  # fmt: skip
_fixed: st.SearchStrategy[Action] = st.sampled_from(
    [("POST", f"{NS}/stubs", CROWD), ("PUT", f"{NS}/stubs", []),
     ("DELETE", f"{NS}/stubs/base", None), ("DELETE", f"{NS}/stubs/s", None),
     ("POST", f"{NS}/reset", None), ("POST", f"{NS}/snapshots", {"id": "x"}),
     ("POST", f"{NS}/snapshots/x/restore", None), ("POST", f"{NS}/apply", {"sets": ["extra"]}),
     ("PATCH", f"{NS}/state", {"k": 1}), ("PUT", f"{NS}/state", {}),
     ("PUT", f"{NS}/clock", {"advance": "20s"}), ("DELETE", NS, None), ("PUT", NS, {}),
     ("POST", f"{NS}/finish", None), ("POST", f"{NS}/fork", {"name": "m"}),
     ("DELETE", "/namespaces/m", None), ("DELETE", f"{NS}/requests", None),
     ("POST", f"{NS}/stubs", PASSING), ("PUT", f"{NS}/sequences/once", {"reset": True})]
)  # fmt: skip
changes: st.SearchStrategy[Action] = st.integers(0, 5).flatmap(
    lambda kind: (
        (
            stubs.map(lambda stub: ("POST", f"{NS}/stubs", stub)),
            stubs.map(lambda stub: ("POST", "/namespaces/default/stubs", stub)),
            st.lists(stubs, max_size=3, unique_by=lambda stub: str(stub["name"])).map(
                lambda found: ("PUT", NS, {"stubs": found})
            ),
        )[kind]
        if kind < 3
        else _fixed
    )
)


def document_of(base: Any) -> dict[str, Any]:
    return {
        "server": {"on_missing": "default"},
        "stubs": [base],
        "sets": {"extra": {"stubs": [{"name": "extra", "request": {"path": "/a"}}]}},
    }


class Driven:
    """A world behind an edge, with three clients."""

    def __init__(self, kind: type[Edge], world: World) -> None:
        self.world = world
        edge = kind(EdgeLimits())
        edge.close()  # no tick, so one date for all
        edge.date_line = b""
        self.door = Door(edge, world.application)
        self.lines: dict[int, Line] = {}
        self.output: list[bytes] = []

    async def send(self, port: int, data: bytes) -> None:
        line = self.lines.get(port)
        if line is None or line.transport.is_closed:
            line = self.lines[port] = Line(door=self.door, port=port)
        line.send(data)
        await line.turns(2)
        self.output.append(line.transport.output)
        line.transport.output = b""

    async def change(self, method: str, path: str, body: Any) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        head = f"{method} /__mock/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
        await self.send(1, message(head, raw))

    def recorded(self) -> object:
        store = self.world.store
        spaces = {
            space.name: (space.id, space.events.seq, _alike(space.journal))
            for space in store.spaces()
        }
        orphans = [
            (msgspec.structs.replace(each, owner=None), each.owner and each.owner.id)
            for each in store.lives.orphans
        ]
        return spaces, orphans


def _alike(journal: Journal) -> list[Exchange]:
    """Return entries that are equal if all is but the events that tell of them.

    When an answer leaves depends on how the requests came, and it is an event as their arrivals are.
    """
    return [msgspec.structs.replace(entry, events=None, seq=0) for entry in journal]


async def drive(driven: Driven, actions: list[Action]) -> None:
    for kind, *rest in actions:
        if kind == "ask":
            port, data, times, cut = rest
            for _ in range(times):
                await driven.send(port, data[:cut])
                if data[cut:]:
                    await driven.send(port, data[cut:])
        elif kind == "change":
            await driven.change(*rest[0])
        else:
            driven.world.real_ns += rest[0]


def actions_on(asked: list[bytes]) -> st.SearchStrategy[list[Action]]:
    port = st.sampled_from([5, 6])
    one = st.sampled_from(asked)
    sent = st.one_of(one, one, one, st.lists(one, min_size=2, max_size=4).map(b"".join))
    cuts = st.sampled_from([100_000, 100_000, 100_000, -1, 40])
    asking = st.tuples(st.just("ask"), port, sent, st.integers(1, 3), cuts)
    changing = st.tuples(st.just("change"), changes)
    passing = st.tuples(st.just("wait"), st.sampled_from([1, 15 * 10**9]))
    return st.lists(st.one_of(asking, asking, asking, changing, changing, passing),
                    min_size=5, max_size=40)  # fmt: skip
