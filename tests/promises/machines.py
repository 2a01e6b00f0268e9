"""Two servers as two machines would have them, random worlds to define there, and what they answer."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.client.process import ServerProcess

Json = Any
_CLOCK: Final = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
_NAMES: Final = ("a", "b", "c", "d", "e.1")
_DRAWN: Final = (
    "{{ uuid() }}", "{{ random_int(1, 1000000) }}", "{{ random_string(6) }}", "{{ random_float() }}",
    "{{ random_choice(['a', 'b', 'c', 'd']) }}", "{{ now('+90m', 'http') }}", "{{ hit }}",
    "{{ request.query.k | default('-') }}", "{% for a in [1, 2, 3] %}{{ random_int(1, 9) }}{% endfor %}",
    "fixed",
)  # fmt: skip
_OF_STATE: Final = ("{{ state.n | default(0) }}", "{{ state }}", "{{ state.t | default('-') }}")
_DELAYS: Final = (
    0,
    "1ms",
    {"uniform": ["0ms", "4ms"]},
    {"lognormal": {"median": "1ms", "sigma": 1}},
)
_FAULTS: Final = tuple(
    {"kind": kind, "probability": 0.4}
    for kind in ("reset", "empty", "truncated", "malformed_chunk", "garbage")
)
_BEHAVIOURS: Final = (
    "recovering", {"failures": {"probability": 0.3}}, {"delay": {"uniform": ["0ms", "3ms"]}},
)  # fmt: skip
_TEMPLATE: Final = {"template": True}


def _pieces(text: st.SearchStrategy[str]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {"text": text}, optional={"after": st.sampled_from(["1ms", {"uniform": ["0ms", "3ms"]}])}
    )


def _responses(pieces: tuple[str, ...]) -> st.SearchStrategy[Json]:
    text = st.lists(st.sampled_from(pieces), min_size=1, max_size=4).map(" ".join)
    body = st.one_of(
        text.map(lambda made: {"text": made}),
        st.dictionaries(st.sampled_from(["x", "y", "z"]), text, max_size=3).map(
            lambda made: {"json": made}
        ),
        st.lists(_pieces(text), min_size=1, max_size=3).map(lambda made: {"stream": made}),
        st.lists(text, min_size=1, max_size=3).map(
            lambda made: {"sse": [{"data": each, "id": "{{ hit }}"} for each in made]}
        ),
    )
    more: st.SearchStrategy[dict[str, Json]] = st.fixed_dictionaries(
        {},
        optional={
            "headers": text.map(lambda made: {"x-made": made}),
            "status": st.sampled_from([200, 201, 503]),
            "delay": st.sampled_from(_DELAYS),
            "fault": st.sampled_from(_FAULTS),
            "throttle": st.just("1MB/s"),
            "trailers": text.map(lambda made: {"x-sum": made}),
        },
    )
    return st.builds(lambda one, other: {**_TEMPLATE, **one, **other}, body, more)


_WRITES: Final[st.SearchStrategy[Json]] = st.fixed_dictionaries(
    {},
    optional={
        "n": st.just({"increment": 1}),
        "t": st.just({"template": "{{ random_string(4) }}{{ hit }}"}),
        "k": st.just({"from": "query.k"}),
    },
)


@st.composite
def _stub(draw: st.DrawFn, name: str, has_state: bool) -> Json:
    response = _responses(_DRAWN + _OF_STATE if has_state else _DRAWN)
    made: dict[str, Json] = {"name": name, "request": {"path": f"/{_NAMES.index(name)}"}}
    if draw(st.booleans()):
        made["response"] = draw(response)
    else:
        made["responses"] = draw(st.lists(response, min_size=1, max_size=3))
        made["after_last"] = draw(st.sampled_from(["repeat", "cycle"]))
        if draw(st.booleans()):
            made["per"] = "query.k"
    if has_state and draw(st.booleans()):
        made["set"] = draw(_WRITES)
    return made


class Spec(NamedTuple):
    """What is defined, in three layers, and what is asked for, in order: a path and a value."""

    base: list[Json]
    extra: list[Json]
    own: list[Json]
    settings: Json
    asked: list[tuple[int, str]]


@st.composite
def specs(draw: st.DrawFn, has_state: bool = True) -> Spec:
    layers = [
        [
            draw(_stub(name, has_state))
            for name in draw(st.sets(st.sampled_from(_NAMES), max_size=3))
        ]
        for _ in range(3)
    ]
    layers[0] = (
        [draw(_stub(name, has_state)) for name in _NAMES] if draw(st.booleans()) else layers[0]
    )
    settings = {"unmatched": draw(_responses(("{{ uuid() }}", "none")))}
    settings |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "delay": st.sampled_from(_DELAYS),
                "fault": st.sampled_from(_FAULTS),
                **({"behaviour": st.sampled_from(_BEHAVIOURS)} if has_state else {}),
            },
        )
    )
    asked = draw(
        st.lists(
            st.tuples(st.integers(0, len(_NAMES) - 1), st.sampled_from(["1", "2", "%C3%A4"])),
            min_size=4, max_size=20,
        )
    )  # fmt: skip
    return Spec(layers[0], layers[1], layers[2], settings, asked)


class Machine:
    """One server process, and its namespace, whose ``name`` is another than elsewhere."""

    def __init__(self, port: int, name: str) -> None:
        self.port = port
        self.name = name

    def call(self, method: str, path: str, document: Json = None) -> Json:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            body = None if document is None else json.dumps(document)
            connection.request(method, CONTROL_ROOT + path, body, {"If-Match": "*"})
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, data.decode()
        return json.loads(data) if data else None

    def define(self, spec: Spec, seed: int = 7) -> None:
        sets = {"extra": {"stubs": spec.extra}}
        self.call("PUT", "/config", {"version": 1, "stubs": spec.base, "sets": sets})
        made = {
            "seed": seed, "clock": _CLOCK, "sets": ["extra"], "stubs": spec.own,
            "settings": spec.settings,
        }  # fmt: skip
        self.call("PUT", f"/namespaces/{self.name}", made)

    def ask(self, path: int, key: str) -> bytes:
        """Return all bytes of an answer, up to the end of the connection."""
        sent = (
            f"GET /{path}?k={key} HTTP/1.1\r\nHost: api\r\nX-Mock-Namespace: {self.name}\r\n"
            "Connection: close\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as plain:
            plain.sendall(sent.encode())
            received = b""
            try:
                while data := plain.recv(65_536):
                    received += data
            except ConnectionResetError:
                return b"reset"
            return received

    def answers(self, spec: Spec) -> list[bytes]:
        self.define(spec)
        return [self.ask(path, key) for path, key in spec.asked]

    def recorded(self) -> list[Json]:
        """Return what the journal tells of each request that is no time or port of this machine."""
        found = self.call("GET", f"/namespaces/{self.name}/requests?limit=1000")["requests"]
        told = ("number", "mock_at", "phase", "stub", "step", "hit", "error")
        return [
            {
                **{key: each[key] for key in told},
                "response": each["response"],
                "delay_ms": each["timings"].get("delay_ms"),
            }
            for each in found
        ]

    def state(self) -> Json:
        return self.call("GET", f"/namespaces/{self.name}/state")


@contextmanager
def two_machines() -> Iterator[tuple[Machine, Machine]]:
    """Start two servers, of which the first serves other namespaces at full load meanwhile."""
    arguments = ["--port", "0", "--ready-json", "--parent-pipe"]
    first = ServerProcess(arguments, 30, {"PYTHONHASHSEED": "1", "TZ": "UTC"})
    second = ServerProcess(
        arguments, 30, {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    )
    try:
        busy, quiet = (
            Machine(int(each.ready["url"].rpartition(":")[2]), name)
            for each, name in ((first, "here"), (second, "there-and-longer"))
        )
        with loaded(busy):
            yield busy, quiet
    finally:
        first.stop()
        second.stop()


@contextmanager
def loaded(machine: Machine) -> Iterator[None]:
    """Have two other namespaces asked as fast as they answer, by names of stubs that are used."""
    drawing = {
        "response": {"template": True, "text": "{{ uuid() }}"},
        "set": {"n": {"increment": 1}},
    }
    names = ["noise-1", "noise-2"]
    for name in names:
        stubs = [{"name": each, **drawing} for each in _NAMES]
        machine.call("POST", "/namespaces", {"name": name, "seed": 7, "stubs": stubs})
    stopping = threading.Event()
    threads = [
        threading.Thread(target=_flood, args=(machine.port, name, stopping)) for name in names
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _flood(port: int, name: str, stopping: threading.Event) -> None:
    batch = f"GET /0 HTTP/1.1\r\nHost: api\r\nX-Mock-Namespace: {name}\r\n\r\n".encode() * 16
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        while not stopping.is_set():
            plain.sendall(batch)
            answered = 0
            while answered < 16:
                answered += plain.recv(1 << 18).count(b"HTTP/1.1 200")
