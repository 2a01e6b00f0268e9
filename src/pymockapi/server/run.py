"""A server from start to stop: build it, say that it is ready, keep house, drain on a signal."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import msgspec

from pymockapi.api.bindings import bind
from pymockapi.api.rows import CONTROL_ROOT
from pymockapi.engine.configuration import Configuration
from pymockapi.model.event import CANCELLING, Event
from pymockapi.model.settings import ServerLimits, ServerSettings
from pymockapi.server.application import MockApplication
from pymockapi.server.control import Control, Gate
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.listener import Listener, listen
from pymockapi.server.own_answers import OwnAnswers
from pymockapi.server.settings import ServeOptions
from pymockapi.service.calls import Site
from pymockapi.service.namespaces import Namespaces
from pymockapi.store.memory import MemoryStore

TURN_S: Final = 0.004  # how long one piece of housekeeping or of a scan may hold the loop
LEASE_TICK_S: Final = 0.25
FREED_AT_ONCE: Final = 2_000  # entries; under 1 ms
STUBS_FREED_AT_ONCE: Final = 500  # under 1 ms


class Server:
    """One listening server with its store."""

    def __init__(self, options: ServeOptions, configuration: Configuration) -> None:
        settings = _settings(configuration.server, options)
        self._options = options
        self._listener: Listener | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._is_stopping = False
        self.store = MemoryStore(
            msgspec.structs.replace(configuration, server=settings),
            instance=secrets.token_hex(3),
            pause=Turn().pause,
        )
        self._site = Site(self.store, settings.seed, lambda: self.url, lambda: self._is_stopping)
        gate = Gate(options.token, frozenset({options.host.lower()}))
        control = Control(bind(self._site), gate)
        self._application = MockApplication(self.store, settings, control.answer, OwnAnswers())
        self._limits = edge_limits(settings.limits)

    @property
    def url(self) -> str:
        """Where clients on this machine reach it, without a slash at the end."""
        host = self._options.host
        port = self._listener.port if self._listener is not None else self._options.port
        if host in ("0.0.0.0", "::", ""):
            host = "127.0.0.1"
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Create the config's namespaces and listen. Raises ``OSError`` when the port is taken."""
        await Namespaces(self._site).create_presets()
        self.store.follow(self._cancel)
        self._listener = await listen(
            self._application, self._options.host, self._options.port, self._limits
        )
        self._tasks = [asyncio.create_task(self._keep_leases()), asyncio.create_task(self._free())]

    async def stop(self) -> None:
        """Answer what has begun, for at most the grace period; then close."""
        self._is_stopping = True
        for task in self._tasks:
            task.cancel()
        if self._listener is not None:
            await self._listener.stop(self._options.grace_s)

    def _cancel(self, event: Event) -> None:
        if event.kind in CANCELLING and self._listener is not None:
            self._listener.cancel(event.namespace)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(LEASE_TICK_S)
            await self.store.expire()

    async def _free(self) -> None:
        """Free detached journals and stubs piece by piece: all at once would stall the loop."""
        store = self.store
        while True:
            await asyncio.sleep(LEASE_TICK_S)
            while store.remains:
                del store.remains[-STUBS_FREED_AT_ONCE:]
                await asyncio.sleep(0)
            while self.store.discarded:
                if self.store.discarded[-1].release(FREED_AT_ONCE):
                    self.store.discarded.pop()
                await asyncio.sleep(0)


class Turn:
    """Ends a long scan's turn of the loop when it has lasted long enough.

    Of several scans one goes on in each turn, in the order in which they ended theirs.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._began = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def pause(self) -> Awaitable[None] | None:
        """Return what to await, or ``None`` while the turn is young."""
        now = self._monotonic_s()
        if now - self._began < TURN_S:
            return None
        return self._yielded()

    async def _yielded(self) -> None:
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._wake)
        await turn
        self._began = self._monotonic_s()

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # cancelled, when the server stops
                turn.set_result(None)
                break
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._wake)


def _settings(settings: ServerSettings, options: ServeOptions) -> ServerSettings:
    seed = settings.seed if options.seed is None else options.seed
    return msgspec.structs.replace(
        settings, seed=seed, on_missing=options.on_missing or settings.on_missing
    )


def edge_limits(limits: ServerLimits) -> EdgeLimits:
    return EdgeLimits(
        head=limits.head,
        body=limits.body,
        connections=limits.connections,
        inflight_bytes=limits.inflight_bytes,
    )


def serve(options: ServeOptions, configuration: Configuration) -> int:
    """Serve until SIGTERM, SIGINT or the end of the parent's pipe; returns the exit code."""
    logging.basicConfig(
        filename=options.log_file,
        level=options.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_serve(options, configuration))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's, where that extra is installed."""
    try:
        import uvloop  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(options: ServeOptions, configuration: Configuration) -> int:
    server = Server(options, configuration)
    await server.start()
    settle_memory()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows: the default handler ends the process
            loop.add_signal_handler(name, stopped.set)
    if options.parent_pipe:
        watch_parent(lambda: loop.call_soon_threadsafe(stopped.set))
    print(ready_line(server.url, options), flush=True)
    await stopped.wait()
    await server.stop()
    return 0


def settle_memory() -> None:
    """Take what start-up made out of the collector's sight; collect rarely.

    Journal entries are not tracked, so that there is little to find; a full collection over the
    start-up's objects would cost about 15 ms of the loop. Definitions are tracked: the middle
    generation stays small, so that collecting it while 10,000 stubs are read takes under 10 ms
    (``turns``; 180 with a million objects in it).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 1_000)


def watch_parent(ended: Callable[[], Any]) -> None:
    """Call ``ended`` from a thread when standard input reaches its end: the parent is gone."""

    def wait() -> None:
        with suppress(OSError):
            while os.read(sys.stdin.fileno(), 1024):
                pass
        with suppress(RuntimeError):  # the loop has closed meanwhile
            ended()

    threading.Thread(target=wait, name="parent-pipe", daemon=True).start()


def ready_line(url: str, options: ServeOptions) -> str:
    control = url + CONTROL_ROOT
    if options.ready_json:
        document = {"url": url, "control_url": control, "pid": os.getpid(), "token": options.token}
        return msgspec.json.encode(document).decode()
    return f"PyMockAPI is ready at {url} (control API: {control})"
