"""The longest turn of the loop, as a light client meets it, while something heavy goes on."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from shutil import which
from typing import Final

from bench.control import NS, RECORDED
from bench.figures import Figure, Plan, seconds_since
from bench.load import GENTLY, Wrk, probe, scripts
from bench.servers import Running, product
from bench.wire import CONTROL, Burst, Line, fill, request
from bench.worlds import Document, exact_paths, nine_headers, one_path, stub, world

LIMIT_MS = 20.0
STUBS = 10_000


def turns(plan: Plan) -> Iterator[Figure]:
    yield _idle(plan)
    yield _posting(plan)
    yield _reloading(plan, "reload of 10,000 stubs, one in a hundred changed", 100)
    yield _reloading(plan, "reload of 10,000 stubs, all changed", 1)
    yield _listing_stubs(plan)
    yield _journal("paging through 100,000 recorded, 1,000 a page", _pages)
    yield _journal("reset of 100,000 recorded, and freeing them", _resets)
    yield _journal("export of 100,000 recorded as a bundle", _exports)
    for name in ("har", "ndjson", "junit", "text"):
        yield _journal(f"the same as {name}", partial(_exports, name=name))
    yield _journal("search of 100,000 recorded by a trace id", _traces)
    yield _crowd(plan, "10,000 regular expressions on paths, first use", _regex_paths())
    yield _crowd(plan, "10,000 stubs on one path, first use", one_path(STUBS))
    yield _crowd(plan, "10,000 stubs on one path, each to be asked", _comparing())
    if which("wrk") is not None:
        yield _unmatched(plan)
    yield _pipelined(plan)
    yield _large_json(plan)
    yield _dense_json(plan)
    yield _large_bodies()
    yield _large_state(plan)
    yield _templates(plan)


def _probed(what: str, server: Running, work: Callable[[], object]) -> Figure:
    """Do ``work`` while the probe asks another namespace; its worst wait is judged.

    In the same one it would wait for its turn behind what takes long, as it should.
    """
    with Line(server.port) as line:
        _asked(line, request("POST", f"{CONTROL}/namespaces", b'{"name": "beside"}'))
    with probe(server.port, "/~beside/probe") as probing:
        work()
    worst, nearly = probing.result["max"], probing.result["p999"]
    measured = f"{worst:.1f} ms, p99.9 {nearly:.1f} ms"
    return Figure("turns", f"longest wait: {what}", f"< {LIMIT_MS:g} ms", measured,
                  worst < LIMIT_MS)  # fmt: skip


def _asked(line: Line, data: bytes) -> bytes:
    status, answer = line.ask(data)
    if status >= 300:
        raise OSError(f"a call was answered {status}: {answer[:300]!r}")
    return answer


def _post_of_stubs(path: str, stubs: list[Document]) -> bytes:
    return request("POST", f"{CONTROL}{path}", json.dumps(stubs).encode())


def _repeatedly(seconds: float, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    while True:
        work()
        if seconds_since(began) > seconds:
            return


def _idle(plan: Plan) -> Figure:
    """The machine's own part: how late a wait can be when nothing goes on."""
    with product(world(exact_paths(100))) as server:
        return _probed("nothing else goes on", server, lambda: time.sleep(plan.probe_s))


def _posting(plan: Plan) -> Figure:
    data = _post_of_stubs(f"{NS}/stubs", [stub(f"/posted/{n}") for n in range(STUBS)])
    clear = request("POST", f"{CONTROL}{NS}/reset", b"{}")
    look = request("GET", "/posted/1")
    with product(world(exact_paths(100))) as server, Line(server.port) as line:

        def post() -> None:
            for each in (data, look, clear):
                _asked(line, each)

        return _probed(
            "POST of 10,000 stubs, first use, reset",
            server,
            lambda: _repeatedly(plan.probe_s, post),
        )


def _reloading(plan: Plan, what: str, every: int) -> Figure:
    """Put two configs in turns that differ in each ``every``-th stub, and use some of each."""
    configs = [_put_of_config(version, every) for version in ("one", "two")]
    looks = [request("GET", f"/orders/{n}") for n in range(1, STUBS, 200)]
    with product(world(exact_paths(100))) as server, Line(server.port) as line:

        def reload() -> None:
            for data in configs:
                _asked(line, data)
                for look in looks:
                    _asked(line, look)

        return _probed(what, server, lambda: _repeatedly(plan.probe_s, reload))


def _put_of_config(version: str, every: int) -> bytes:
    stubs = [
        {**each, "response": {"text": version}} if n and n % every == 0 else each
        for n, each in enumerate(exact_paths(STUBS))
    ]
    body = json.dumps({"version": 1, **world(stubs)}).encode()
    return request("PUT", f"{CONTROL}/config", body, "If-Match: *\r\n")


def _listing_stubs(plan: Plan) -> Figure:
    data = request("GET", f"{CONTROL}{NS}/stubs")
    with product(world(exact_paths(STUBS))) as server, Line(server.port) as line:
        return _probed(
            "GET of 10,000 stubs", server,
            lambda: _repeatedly(plan.probe_s, lambda: _asked(line, data)),
        )  # fmt: skip


def _journal(what: str, work: Callable[[Line], None]) -> Figure:
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        fill(server.port, nine_headers(), RECORDED)
        return _probed(what, server, lambda: work(line))


def _pages(line: Line) -> None:
    for after in range(0, RECORDED, 10_000):
        _asked(line, request("GET", f"{CONTROL}{NS}/requests?limit=1000&after={after}"))


def _resets(line: Line) -> None:
    _asked(line, request("POST", f"{CONTROL}{NS}/reset", b"{}"))
    time.sleep(1.0)  # the entries are freed piece by piece


def _exports(line: Line, name: str = "json") -> None:
    """Verify a hundred things, which is as many as are remembered, and export."""
    for after in range(100):
        check = json.dumps({"expect": [{"request": {"path": "/none"}}] * 10, "after": after})
        _asked(line, request("POST", f"{CONTROL}{NS}/verify", check.encode()))
    _asked(line, request("GET", f"{CONTROL}{NS}/export?format={name}"))


def _traces(line: Line) -> None:
    for n in range(0, RECORDED, 1_000):
        for path in (NS, ""):
            _asked(line, request("GET", f"{CONTROL}{path}/requests?correlation={n:032x}"))


def _regex_paths() -> list[Document]:
    return [
        stub("", name=f"r-{n}", request={"path": {"matches": f"/page/{n}/[a-z]+"}})
        for n in range(STUBS)
    ]


def _comparing() -> list[Document]:
    """Stubs that no index tells apart, within a request's budget or beyond it."""
    return [
        stub("", name=f"c-{n}", request={"path": "/orders", "query": {"page": {"gt": n}}})
        for n in range(STUBS)
    ]


def _crowd(plan: Plan, what: str, crowd: list[Document]) -> Figure:
    """Define, ask one, ask none, explain, forget: whatever is built for it is built each time."""
    data = _post_of_stubs(f"{NS}/stubs", crowd)
    clear = request("DELETE", f"{CONTROL}{NS}/stubs?layer=own")
    calls = [
        request("GET", "/page/77/abc"), request("GET", "/orders?page=77"),
        request("GET", "/page/none/1"), request("GET", f"{CONTROL}{NS}/requests/1/explain"),
    ]  # fmt: skip
    with product(world(exact_paths(100))) as server, Line(server.port) as line:

        def use() -> None:
            _asked(line, data)
            for call in calls:
                line.ask(call)
            _asked(line, clear)

        return _probed(what, server, lambda: _repeatedly(plan.probe_s, use))


def _unmatched(plan: Plan) -> Figure:
    seconds = max(1, int(plan.probe_s))
    with scripts() as folder, product(world(exact_paths(1_000))) as server:
        wrk = Wrk(folder, "unmatched", [request("GET", f"/order/{n}") for n in range(1_000)])
        command = wrk.command(server.port, seconds, *GENTLY)
        return _probed(
            "a flood of unmatched requests", server,
            lambda: subprocess.run(command, check=True, capture_output=True),
        )  # fmt: skip


def _pipelined(plan: Plan) -> Figure:
    with product(world(exact_paths(100))) as server:
        bursts = [Burst(server.port) for _ in range(8)]
        batch = [request("GET", f"/orders/{n % 99 + 1}") for n in range(256)]
        figure = _probed(
            "8 connections pipelining 256 requests each", server,
            lambda: _repeatedly(plan.probe_s, lambda: _flood(bursts, batch)),
        )  # fmt: skip
        for burst in bursts:
            burst.close()
        return figure


def _flood(bursts: list[Burst], batch: list[bytes]) -> None:
    """Give every connection its requests before any answer is read."""
    data = b"".join(batch)
    wanted = [burst.answered + len(batch) for burst in bursts]
    for burst in bursts:
        burst.socket.sendall(data)
    for burst, count in zip(bursts, wanted, strict=True):
        while burst.answered < count:
            burst.take(burst.socket.recv(1 << 18))


def _large_json(plan: Plan) -> Figure:
    items = [
        {"sku": f"sku-{n}", "amount": n, "text": "x" * 110, "tags": ["a", "b"]}
        for n in range(5_800)
    ]  # fmt: skip
    body = json.dumps({"order": {"id": 7, "currency": "EUR"}, "items": items}).encode()
    data = request("POST", "/large", body)
    wanted = {"order": {"id": 7}, "items": [{"sku": "sku-5799", "amount": {"gt": 1}}]}
    matching = {
        "name": "large",
        "request": {"method": "POST", "path": "/large", "body": {"json_contains": wanted}},
    }
    with product(world([*exact_paths(100), matching])) as server, Line(server.port) as line:
        return _probed(
            f"a JSON body of {len(body) / 2**20:.1f} MiB, json_contains", server,
            lambda: _repeatedly(plan.probe_s, lambda: _apart(line, data)),
        )  # fmt: skip


def _apart(line: Line, *calls: bytes) -> None:
    """Ask, and leave the server alone after each, so that a wait is for one turn."""
    for call in calls:
        line.ask(call)
        time.sleep(0.005)


def _dense_json(plan: Plan) -> Figure:
    """What takes nearly all the steps that a request has, and finds nothing."""
    body = b"[" + b'{"a":1},' * 14_000 + b"1]"
    wanted = {"path": "/dense", "body": {"jsonpath": {"$..b": 1}}}
    matching = stub("", name="dense", request=wanted)
    data = request("POST", "/dense", body)
    with product(world([*exact_paths(100), matching])) as server, Line(server.port) as line:
        return _probed(
            f"a JSON body of {len(body) / 2**20:.2f} MiB, dense, to the last step", server,
            lambda: _repeatedly(plan.probe_s, lambda: _apart(line, data)),
        )  # fmt: skip


def _large_bodies() -> Figure:
    """Bodies at the limit: recorded, searched through, listed, and deleted."""
    bodies = [
        b"x" * (10 * 2**20),
        b"\xff" * (10 * 2**20),
        b"\xff" * 2**20,
        b'{"a":1}' + b" " * 2**20,
    ]
    calls = [request("POST", "/orders/1", body) for body in bodies] * 5
    calls += [
        request("GET", f"{CONTROL}{NS}/requests?limit=1000"),
        request("POST", f"{CONTROL}{NS}/requests/count", b'{"body":{"json_contains":{"a":2}}}'),
        request("POST", f"{CONTROL}{NS}/reset", b"{}"),
    ]
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        return _probed(
            "bodies of 10 MiB recorded, listed, searched", server,
            lambda: _apart(line, *calls),
        )  # fmt: skip


def _large_state(plan: Plan) -> Figure:
    state = {f"key-{n}": {"a": [1, 2, 3], "b": "x" * 20} for n in range(100_000)}
    data = request("PUT", f"{CONTROL}{NS}/state", json.dumps(state).encode())
    with product(world(exact_paths(100))) as server, Line(server.port) as line:
        return _probed(
            f"a state of {len(data) / 2**20:.0f} MiB is put", server,
            lambda: _repeatedly(plan.probe_s, lambda: _apart(line, data)),
        )  # fmt: skip


_LOOPS: Final = "{% for a in state.list %}{% for b in state.list %}" + "EACH" + "{% endfor %}" * 2
_DEAR: Final = {
    "steps": "{{ jsonpath(state.list, '$[?@>1]') | length }}",
    "digits": "{{ state.numbers | tojson | length }}",
    "division": "{{ state.numbers[0] // state.numbers[1] and 1 }}",
    "dates": "{{ now(format='" + "%j" * 50 + "') }}",
    "search": "{{ state.text | replace(state.part, '') | length }}",
    "made": "{{ state.text | upper | b64encode | length }}",
}
"""Templates that end at their bounds: what takes most for a step or a character that is made."""


def _templates(plan: Plan) -> Figure:
    stubs = [
        stub(f"/{name}", response={"template": True, "text": _LOOPS.replace("EACH", each)})
        for name, each in _DEAR.items()
    ]
    state = {
        "list": list(range(300)), "text": "a" * 20_000, "part": "a" * 40 + "b" + "a" * 40,
        "numbers": [2**13_900, *(2**7_000 + n for n in range(20))],
    }  # fmt: skip
    calls = [request("GET", f"/{name}") for name in _DEAR]
    document = {**world([*exact_paths(100), *stubs]), "state": state}
    with product(document) as server, Line(server.port) as line:
        for call in calls:
            _expect(line, call, 599)
        return _probed(
            "templates at their bounds", server,
            lambda: _repeatedly(plan.probe_s, lambda: _apart(line, *calls)),
        )  # fmt: skip


def _expect(line: Line, call: bytes, wanted: int) -> None:
    status, answer = line.ask(call)
    if status != wanted:
        raise OSError(f"{wanted} was expected, not {status}: {answer[:300]!r}")
