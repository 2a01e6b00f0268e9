"""Hostile clients in a process of their own, a few connections for each kind of attack.

``python -m bench.attack PORT KIND...`` runs until its standard input ends, then prints how many
answers each kind was given, as JSON. Clients wait for an answer before they ask again; ``flood``
keeps 16 requests on the way, ``slow`` drips and does not read. Where the system can, all of it
runs only while nobody else wants the core, so that the probe beside it is never late.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, Final

from bench.wire import request

LOUD: Final = "/~loud"
KINDS: Final = ("regex", "json", "huge", "flood", "slow")
_ROW: Final = "a" * 60 + "!"
_FLOODED: Final = 16  # requests on the way on one connection
_DEPTH: Final = 900
_DRIPPING: Final = 200  # connections whose head or body never ends
_DRIP_S: Final = 0.25
_MARK: Final = b"HTTP/1.1 "
_CHUNK: Final = 1 << 20

Client = Coroutine[Any, Any, None]


def world() -> list[dict[str, Any]]:
    """Return the stubs of the namespace that is attacked: a thousand that are near, and the slow."""
    worst = [{"matches": expression} for expression in ("(a|aa)+$", "(aa|a)+$", "(a|a?)+$")]
    near = [
        {"name": f"near-{n}", "request": {"method": "GET", "path": f"/orders/{n}"}, "response": {}}
        for n in range(1_000)
    ]
    wanted = {"order": {"id": 7}, "items": [{"sku": "sku-5799", "amount": {"gt": 1}}]}
    asked: dict[str, dict[str, Any]] = {
        "regex": {"headers": {"x-text": {"all": worst}}},
        "regex-body": {"body": {"text": {"any": worst}}},
        "json": {"body": {"json_contains": wanted}},
        "every": {"body": {"jsonpath": {"$..*": {"equals": "no"}}}},
        "huge": {},
        "long": {},
    }
    slow = [
        {"name": name, "request": {"path": f"/{name}", **more},
         "response": {"text": "x" * (_CHUNK if name == "long" else 2)}}
        for name, more in asked.items()
    ]  # fmt: skip
    return near + slow


def _regex() -> list[bytes]:
    return [
        request("GET", f"{LOUD}/regex", headers=f"X-Text: {_ROW}\r\n"),
        request("POST", f"{LOUD}/regex-body", _ROW.encode()),
    ] * 2


def _json() -> list[bytes]:
    items = [
        {"sku": f"sku-{n}", "amount": n, "text": "x" * 110, "tags": ["a", "b"]}
        for n in range(5_800)
    ]  # fmt: skip
    large = json.dumps({"order": {"id": 7, "currency": "EUR"}, "items": items}).encode()
    dense = b"[" + b'{"a":1},' * 19_000 + b"1," * 140_000 + b"1]"
    deep = b"[" * _DEPTH + b"]" * _DEPTH
    return [
        request("POST", f"{LOUD}/{name}", body)
        for name, body in (("json", large), ("every", dense), ("json", deep), ("every", deep))
    ]


def _huge() -> list[bytes]:
    return [request("POST", f"{LOUD}/huge", b"x" * (10 * 2**20))] * 2


def _flood() -> list[bytes]:
    return [
        b"".join(request("GET", f"{LOUD}/order/{n}?at={at}") for n in range(_FLOODED))
        for at in range(4)
    ]


class Attack:
    """All clients, on one event loop; ``answered`` counts answers by kind."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tasks: list[asyncio.Task[None]] = []
        self.answered: Counter[str] = Counter()

    def begin(self, kind: str) -> None:
        clients: dict[str, Callable[[], Sequence[Client]]] = {
            "regex": lambda: [self._ask(kind, call, 1) for call in _regex()],
            "json": lambda: [self._ask(kind, call, 1) for call in _json()],
            "huge": lambda: [self._ask(kind, call, 1) for call in _huge()],
            "flood": lambda: [self._ask(kind, calls, _FLOODED) for calls in _flood()],
            "slow": self._slow,
        }
        self._tasks += [asyncio.ensure_future(client) for client in clients[kind]()]

    def _slow(self) -> list[Client]:
        head = request("POST", f"{LOUD}/huge", b"x" * 10_000)
        unread = request("GET", f"{LOUD}/long") * 4
        return [
            *(self._drip(head, len(head) - 9_900 if n % 2 else 20) for n in range(_DRIPPING)),
            *(self._leave_unread(unread) for _ in range(8)),
        ]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask(self, kind: str, calls: bytes, count: int) -> None:
        """Ask again and again, ``count`` requests at once, on a new connection if one is closed."""
        while True:
            reader, writer = await self._connected()
            with suppress(OSError):
                while True:
                    writer.write(calls)
                    await _answers(reader, count)
                    self.answered[kind] += count
            writer.close()

    async def _drip(self, data: bytes, begin: int) -> None:
        """Send the rest of ``data`` byte by byte, for ever."""
        while True:
            _, writer = await self._connected()
            with suppress(OSError):
                writer.write(data[:begin])
                for at in range(begin, len(data)):
                    await asyncio.sleep(_DRIP_S)
                    if writer.transport.is_closing():
                        break
                    writer.write(data[at : at + 1])
            writer.close()
            self.answered["slow"] += 1

    async def _leave_unread(self, data: bytes) -> None:
        reader, writer = await self._connected()
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        while not writer.transport.is_closing():
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(_DRIP_S)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port, limit=_CHUNK)


async def _answers(reader: asyncio.StreamReader, count: int) -> None:
    """Read on until ``count`` more answers have begun."""
    tail = b""
    while count > 0:
        data = await reader.read(_CHUNK)
        if not data:
            raise ConnectionError("the server closed a connection")
        found = tail + data
        count -= found.count(_MARK)
        tail = found[1 - len(_MARK) :]


async def attack(port: int, kinds: Sequence[str]) -> dict[str, int]:
    """Run until standard input ends; return what was answered."""
    clients = Attack(port)
    for kind in kinds:
        clients.begin(kind)
    await asyncio.sleep(1.5)  # what a namespace may take at once is taken before it is measured
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await clients.end()
    return dict(clients.answered)


def main(port: int, kinds: Sequence[str]) -> None:
    gc.disable()
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    print(json.dumps(asyncio.run(attack(port, kinds))))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
