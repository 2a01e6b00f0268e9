"""The longest turn of the loop, as a light client meets it, while something heavy goes on."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from shutil import which

from bench.control import NS, RECORDED
from bench.figures import Figure, Plan, seconds_since
from bench.load import GENTLY, Wrk, probe, scripts
from bench.servers import Running, product
from bench.wire import CONTROL, Burst, Line, fill, request
from bench.worlds import Document, exact_paths, nine_headers, stub, world

LIMIT_MS = 20.0
STUBS = 10_000


def turns(plan: Plan) -> Iterator[Figure]:
    yield _idle(plan)
    yield _posting(plan)
    yield _listing_stubs(plan)
    yield _journal("paging through 100,000 recorded, 1,000 a page", _pages)
    yield _journal("reset of 100,000 recorded, and freeing them", _resets)
    if which("wrk") is not None:
        yield _unmatched(plan)
    yield _pipelined(plan)
    yield _large_json(plan)


def _probed(what: str, server: Running, work: Callable[[], object]) -> Figure:
    """Do ``work`` while the probe runs; its worst wait is judged."""
    with probe(server.port) as probing:
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
        for n in range(6_000)
    ]  # fmt: skip
    body = json.dumps({"order": {"id": 7, "currency": "EUR"}, "items": items}).encode()
    data = request("POST", "/large", body)
    wanted = {"order": {"id": 7}, "items": [{"sku": "sku-5999", "amount": {"gt": 1}}]}
    matching = {
        "name": "large",
        "request": {"method": "POST", "path": "/large", "body": {"json_contains": wanted}},
    }
    with product(world([*exact_paths(100), matching])) as server, Line(server.port) as line:
        return _probed(
            f"a JSON body of {len(body) / 2**20:.1f} MiB, json_contains", server,
            lambda: _repeatedly(plan.probe_s, lambda: _asked(line, data)),
        )  # fmt: skip
