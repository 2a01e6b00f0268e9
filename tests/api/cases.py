"""For every row one call that succeeds, and one for each status that the row may refuse with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.api.live import UNSET, Answer, Live

from pymockapi.api.row import Row
from pymockapi.api.rows import BY_NAME

NS: Final = "/namespaces/golden"
SERVER: Final = {
    "server": {"limits": {"body": 50_000, "namespaces": 6}, "selectors": ["header.x-device"]},
    "settings": {"unmatched": None},
    "stubs": [
        {"name": "pay", "request": {"method": "POST", "path": "/payments"}, "response": {"status": 201}}
    ],
    "sets": {
        "down": {
            "stubs": [{"name": "pay", "request": {"path": "/payments"}, "response": {"status": 503}}],
            "state": {"payments": "down"},
            "settings": {"debug_headers": False},
        }
    },
    "tags": {
        "@outage": {"sets": ["down"]},
        "@guest and not @member": {"state": {"user": "guest"}, "settings": {"debug_headers": True}},
    },
}  # fmt: skip
CONFIG: Final = {"version": 1, **SERVER}
ANY: Final = {"If-Match": "*"}
TABLE: Final = {"@outage or @flaky": {"sets": ["down"], "state": {"a": 1}}, "@known": None}
SET: Final = {"stubs": [{"name": "pay", "response": {"status": 202}}], "state": {"a": 1}}
NAMESPACE: Final = {
    "name": "golden",
    "sets": ["down"],
    "stubs": [
        {"name": "order", "request": {"method": "GET", "path": "/orders/{id}"},
         "response": {"json": {"id": 7}}},
        {"name": "ship", "request": {"method": "POST", "path": "/ship", "query": {"to": "DE"}},
         "responses": [{"status": 503, "times": 2}, {"status": 200}], "meta": {"owner": "tests"}},
    ],
    "state": {"cart": "empty"},
    "seed": 7,
    "clock": {"mode": "frozen", "now": "2030-01-01T00:00:00Z"},
    "labels": {"test": "golden"},
    "limits": {"stubs": 3, "snapshots": 2},
    "lease": "10m",
}  # fmt: skip

A_PORT: Final = 29_417


@dataclass(frozen=True)
class Example:
    """A call, after ``before`` has been done to the server."""

    path: str
    body: Any = UNSET
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Live], object] = lambda live: live

    def run(self, live: Live, row: Row) -> Answer:
        self.before(live)
        return live.call(row.method, self.path, self.body, self.headers)


def prepare(live: Live) -> None:
    """Leave the server as it was at its start, with the namespace ``golden`` besides."""
    assert live.call("PUT", "/config", CONFIG, ANY).status == 200
    for each in live.call("GET", "/namespaces").json["namespaces"]:
        live.call("DELETE", f"/namespaces/{each['name']}")
    live.call("DELETE", "/orphans")
    live.create(**NAMESPACE)


def use(live: Live) -> None:
    """Send a request that a stub answers, a step of a sequence, and one that fits nothing."""
    live.send("GET", "/~golden/orders/42?x=1&x=2", headers={"X-Request-Id": "a1", "Cookie": "c=1"})
    live.send("POST", "/~golden/ship?to=DE", b'{"kg": 2}', {"Content-Type": "application/json"})
    live.send("POST", "/~golden/ship?to=FR", b"\xff\xfe")


def keep(live: Live) -> None:
    live.call("POST", NS + "/snapshots", {"id": "kept"})


def take_a_port(live: Live) -> None:
    """See that another than ``golden`` has the port: a namespace, or, where that fails, a stranger."""
    live.call("POST", "/namespaces", {"port": A_PORT})


def keep_two(live: Live) -> None:
    keep(live)
    live.call("POST", NS + "/snapshots", {"id": "kept-too"})


def claim(live: Live) -> None:
    live.create(name="other", claims={"header.x-device": "d1"})


def scope(live: Live) -> None:
    """Open two scopes, and send what no stub fits in the second."""
    live.call("POST", NS + "/scopes", {"name": "module"})
    live.call("POST", NS + "/scopes")
    use(live)


def lose(live: Live) -> None:
    """Send a request that names a finished namespace, and one that names none that ever was."""
    live.call("POST", NS + "/finish", {"status": "passed"})
    live.send("GET", "/~golden/late")
    live.send("GET", "/nothing", headers={"X-Mock-Namespace": "nobody"})


def fill(live: Live) -> None:
    """Create namespaces until the server has no room for more."""
    while live.call("POST", "/namespaces").status == 201:
        pass


def use_set(live: Live) -> None:
    live.call("PUT", "/config", {**CONFIG, "namespaces": {"smoke": {"sets": ["down"]}}}, ANY)


def call_back(live: Live) -> None:
    """Have a request answered whose callback goes to where the mock never calls."""
    callback = {"url": "http://169.254.10.1/hook", "json": {"id": 7}}
    live.call(
        "PUT",
        NS + "/stubs/hook",
        {"request": {"path": "/pay"}, "response": {"callbacks": [callback]}},
    )
    live.send("POST", "/~golden/pay", headers={"X-Request-Id": "a1"})
    live.call("POST", NS + "/callbacks/verify", {"outcome": "failed", "within": "5s"})


def gate(live: Live) -> None:
    """Define what is held at a gate, which lets one through."""
    held = {"name": "held", "request": {"path": "/held"}, "response": {"hold": "pay"}}
    live.call("POST", NS + "/stubs", held)
    live.call("POST", NS + "/gates/pay/release", {"count": 1})


def finish_once(live: Live) -> None:
    use(live)
    lose(live)


STUB: Final = {"request": {"path": "/new"}, "response": {"text": "new"}}
FOUR: Final = [{"name": f"s{number}"} for number in range(4)]

GOOD: Final[dict[str, Example]] = {
    "health": Example("/health"),
    "follow_namespace": Example(f"{NS}/events"),
    "follow_server": Example("/events"),
    "ready": Example("/ready"),
    "version": Example("/version"),
    "ca": Example("/ca.pem"),
    "metrics": Example("/metrics"),
    "openapi": Example("/openapi.json"),
    "config_schema": Example("/config.schema.json"),
    "get_config": Example("/config"),
    "put_config": Example(
        "/config", {"version": 1, "namespaces": {"smoke": {}}, "server": {"path_prefix": "-"}}, ANY
    ),
    "put_set": Example("/sets/down", SET),
    "delete_set": Example("/sets/down", before=lambda live: live.call("PUT", "/tags", {})),
    "list_sets": Example("/sets"),
    "get_tags": Example("/tags"),
    "put_tags": Example("/tags", TABLE),
    "resolve_tags": Example(
        "/tags/resolve",
        {"tags": ["guest", "@outage", "@mock:down", "@wip", "@mock.dwn"], "sets": ["nosuch"]},
    ),
    "list_namespaces": Example("/namespaces?label=test%3Dgolden"),
    "create_namespace": Example(
        "/namespaces",
        {**NAMESPACE, "name": "other", "claims": {"header.x-device": ["d1", "d2"]},
         "tags": ["@guest", "outage", "@wip"], "state": {"user": "me"}},
    ),
    "get_namespace": Example(NS, before=use),
    "replace_namespace": Example(NS, {"seed": 1, "clock": NAMESPACE["clock"]}, before=use),
    "delete_namespace": Example(NS),
    "reset_namespace": Example(NS + "/reset", {"only": ["sequences", "state"]}, before=use),
    "renew_namespace": Example(NS + "/renew", {"lease": "20m"}),
    "fork_namespace": Example(NS + "/fork", {"name": "twin", "labels": {"test": "twin"}}),
    "finish_namespace": Example(
        NS + "/finish", {"status": "failed", "within": "10ms", "quiet_for": 0}, before=finish_once
    ),
    "export": Example(NS + "/export", before=use),
    "get_verdict": Example(NS + "/verdict", before=use),
    "list_scopes": Example(NS + "/scopes", before=scope),
    "open_scope": Example(NS + "/scopes", {"name": "test one"}, before=use),
    "close_scope": Example(NS + "/scopes/scope-1", before=scope),
    "list_snapshots": Example(NS + "/snapshots", before=keep),
    "take_snapshot": Example(NS + "/snapshots"),
    "restore_snapshot": Example(NS + "/snapshots/kept/restore", before=keep),
    "delete_snapshot": Example(NS + "/snapshots/kept", before=keep),
    "list_stubs": Example(NS + "/stubs", before=use),
    "define_stubs": Example(NS + "/stubs", STUB),
    "replace_stubs": Example(NS + "/stubs", [STUB, {"name": "named"}]),
    "delete_stubs": Example(NS + "/stubs?layer=own"),
    "get_stub": Example(NS + "/stubs/order", before=use),
    "put_stub": Example(NS + "/stubs/order", STUB),
    "delete_stub": Example(NS + "/stubs/order"),
    "apply": Example(
        NS + "/apply",
        {"reset": ["state"], "sets": [], "remove_stubs": ["order"], "stubs": [STUB],
         "state": {"cart": "full"}, "cursors": {"ship": {"step": 2}}, "clock": {"advance": "1h"},
         "settings": {"delay": "1ms"}},
    ),
    "get_state": Example(NS + "/state"),
    "merge_state": Example(NS + "/state", {"cart": None, "user": {"id": 1}}),
    "replace_state": Example(NS + "/state", {"only": [1, 2.5, True, None]}),
    "list_sequences": Example(NS + "/sequences", before=use),
    "get_sequence": Example(NS + "/sequences/ship", before=use),
    "set_sequence": Example(NS + "/sequences/ship", {"position": 1}),
    "get_clock": Example(NS + "/clock"),
    "set_clock": Example(NS + "/clock", {"advance": "90s"}),
    "list_gates": Example(NS + "/gates", before=gate),
    "get_gate": Example(NS + "/gates/pay?waiting=1&within=1ms", before=gate),
    "release_gate": Example(
        NS + "/gates/pay/release", {"count": 2, "response": {"status": 503}}, before=gate
    ),
    "list_callbacks": Example(NS + "/callbacks?outcome=failed", before=call_back),
    "verify_callbacks": Example(
        NS + "/callbacks/verify",
        {"request": {"path": "/hook", "body": {"json": {"id": 7}}}, "outcome": "failed", "within": "5s"},
        before=call_back,
    ),
    "list_requests": Example(NS + "/requests?limit=2", before=use),
    "search_requests": Example(
        NS + "/requests/search", {"path": "/ship", "order": "desc"}, before=use
    ),
    "count_requests": Example(NS + "/requests/count", {"path": "/ship"}, before=use),
    "verify": Example(
        NS + "/verify",
        {"expect": [{"stub": "order"}, {"id": "to DE", "request": {"path": "/ship", "query": {"to": "DE"}}, "times": 2}],
         "order": "strict"},
        before=use,
    ),
    "get_request": Example(NS + "/requests/1", before=use),
    "delete_requests": Example(NS + "/requests", before=use),
    "delete_request": Example(NS + "/requests/2", before=use),
    "explain_request": Example(NS + "/requests/3/explain", before=use),
    "match": Example(
        NS + "/match", {"method": "POST", "path": "/ship?to=DE", "headers": {"a": [1, "b"]}, "json": 1}
    ),
    "find_requests": Example("/requests?label=test%3Dgolden&limit=1", before=use),
    "list_orphans": Example("/orphans", before=lose),
    "delete_orphans": Example("/orphans", before=lose),
}  # fmt: skip

WRONG_BODIES: Final[dict[str, Any]] = {
    "put_tags": {"@a or": {}},
    "reset_namespace": {"only": ["stub"]},
    "renew_namespace": {"lease": "long"},
    "finish_namespace": {"status": 1, "within": "soon", "quiet_for": -1},
    "open_scope": {"name": 1},
    "replace_stubs": STUB,
    "merge_state": [],
    "replace_state": "full",
    "set_clock": {"mode": "stopped"},
    "set_sequence": {"step": 9},
    "release_gate": {"count": 0, "response": {"hold": "other"}},
    "verify_callbacks": {"times": -1, "outcome": "lost", "request": {"path": 1}},
}
SPECIAL: Final[dict[tuple[str, int], Example]] = {
    ("put_config", 422): Example("/config", {"version": 2}, ANY),
    ("put_config", 409): Example(
        "/config",
        {**CONFIG, "namespaces": {"smoke": {"claims": {"header.x-device": "d1"}}}},
        ANY,
        lambda live: live.create(name="holder", claims={"header.x-device": "d1"}),
    ),
    ("put_config", 428): Example("/config", CONFIG),
    ("put_config", 429): Example(
        "/config", {**CONFIG, "namespaces": {f"n{n}": {} for n in range(9)}}, ANY
    ),
    ("delete_set", 404): Example("/sets/none"),
    ("delete_set", 409): Example("/sets/down", before=use_set),
    ("create_namespace", 404): Example("/namespaces", {"fork_of": "nobody"}),
    ("create_namespace", 409): Example("/namespaces", {"name": "golden"}),
    ("create_namespace", 429): Example("/namespaces", before=fill),
    ("replace_namespace", 409): Example(NS, {"port": A_PORT}, before=take_a_port),
    ("replace_namespace", 429): Example(NS, {"stubs": [{}, {}], "limits": {"stubs": 1}}),
    ("fork_namespace", 409): Example(NS + "/fork", {"name": "golden"}),
    ("fork_namespace", 429): Example(NS + "/fork", before=fill),
    ("finish_namespace", 409): Example("/namespaces/default/finish"),
    ("finish_namespace", 412): Example(NS + "/finish", headers={"If-Match": '"999"'}),
    ("open_scope", 429): Example(NS + "/scopes", before=scope),
    ("take_snapshot", 409): Example(NS + "/snapshots", {"id": "kept"}, before=keep),
    ("take_snapshot", 429): Example(NS + "/snapshots", before=keep_two),
    ("define_stubs", 429): Example(NS + "/stubs", FOUR),
    ("replace_stubs", 429): Example(NS + "/stubs", FOUR),
    ("put_stub", 429): Example(
        NS + "/stubs/one", STUB, before=lambda live: live.call("PUT", NS + "/stubs", FOUR[:3])
    ),
    ("apply", 409): Example(NS + "/apply", {"cursors": {"order": {"position": 1}}}),
    ("apply", 429): Example(NS + "/apply", {"stubs": FOUR}),
    ("get_sequence", 409): Example(NS + "/sequences/order"),
    ("set_sequence", 409): Example(NS + "/sequences/order", {"position": 1}),
}
CODES: Final[dict[int, frozenset[str]]] = {
    400: frozenset({"unreadable"}),
    404: frozenset({"unknown-namespace", "unknown-item"}),
    409: frozenset({"duplicate-namespace", "port-unavailable", "claim-held", "conflict"}),
    412: frozenset({"stale-version"}),
    413: frozenset({"too-large"}),
    426: frozenset({"upgrade-required"}),
    422: frozenset({"invalid"}),
    428: frozenset({"version-required"}),
    429: frozenset({"limit-reached"}),
}
ELSEWHERE: Final = {
    ("ready", 503), ("ca", 404), ("verify", 409), ("get_gate", 429), ("release_gate", 429), ("verify", 429), ("verify_callbacks", 429), ("finish_namespace", 429),
    ("follow_namespace", 400), ("follow_namespace", 404), ("follow_namespace", 422),
    ("follow_namespace", 429),
    ("follow_server", 400), ("follow_server", 422), ("follow_server", 429),
}  # fmt: skip
"""Refusals that another test provokes, since they need a server of their own."""


def bad_example(name: str, status: int) -> Example:
    """Return a call of the row ``name`` that is refused with ``status``."""
    special = SPECIAL.get((name, status))
    if special is not None:
        return special
    good = GOOD[name]
    if status == 426:
        return good
    if status == 404:
        return Example(good.path.replace("golden", "nobody"), good.body)
    if status == 400:
        return Example(good.path, b'{"a": ')
    if status == 412:
        return Example(good.path, good.body, {"If-Match": '"999"'}, good.before)
    if status == 413:
        return Example(good.path, b"{}", {"Content-Length": "50001"})
    if status == 422 and BY_NAME[name].body != "none":
        return Example(good.path, WRONG_BODIES.get(name, {"nosuchkey": 1}))
    if status == 422:
        return Example(good.path.partition("?")[0] + "?nosuch=1")
    raise LookupError(f"no call of '{name}' is refused with {status}")
