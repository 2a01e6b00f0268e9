"""The process that serves: its log, its signals, the line that says it is ready, its parent."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import msgspec

from pymockapi import __version__
from pymockapi.engine.configuration import Configuration
from pymockapi.server.addresses import Addresses
from pymockapi.server.certificates import CertificateError
from pymockapi.server.logs import logged
from pymockapi.server.server import Server
from pymockapi.server.settings import ServeOptions

_LOG: Final = logging.getLogger("pymockapi.server")


def serve(options: ServeOptions, configuration: Configuration) -> int:
    """Serve until SIGTERM, SIGINT or the end of the parent's pipe; returns the exit code.

    Raises ``OSError`` or ``CertificateError`` when it cannot start.
    """
    with (
        logged(options.log_file, options.log_level, options.log_format),
        asyncio.Runner(loop_factory=loop_factory()) as runner,
    ):
        try:
            return runner.run(_serve(options, configuration))
        except (OSError, CertificateError):
            raise
        except Exception:  # so that it is in the log, in the log's own format
            _LOG.critical("the server failed", exc_info=True)
            return 1


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
    try:
        await _until_told(server, options)
    finally:
        await server.stop()
    _LOG.info("stopped")
    return 0


async def _until_told(server: Server, options: ServeOptions) -> None:
    """Say that the server is ready, and wait for a signal or the parent's end."""
    settle_memory()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told() -> None:
        """Stop, and when told once more, without waiting for the answers under way."""
        if stopped.is_set():
            server.abort()
        stopped.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows: the default handler ends the process
            loop.add_signal_handler(name, told)
    _reload_on_hangup(server, options, told)
    if options.parent_pipe:
        watch_parent(lambda: loop.call_soon_threadsafe(stopped.set))
    found = server.addresses
    print(ready_line(found, options, server.ca_pem), flush=True)
    where = {"version": __version__, "pid": os.getpid(), **msgspec.structs.asdict(found)}
    _LOG.info("ready", extra={"fields": where})
    await stopped.wait()
    _LOG.info("stopping")


def _reload_on_hangup(server: Server, options: ServeOptions, stop: Callable[[], None]) -> None:
    """Have SIGHUP read the config files again, unless it says that the terminal is gone."""
    if not options.sources or not hasattr(signal, "SIGHUP"):
        return
    had_terminal = _has_terminal()

    def hung_up() -> None:
        if had_terminal and not _has_terminal():
            stop()
        else:
            server.reload()

    with suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hung_up)


def _has_terminal() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and os.isatty(sys.stdin.fileno())


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


def ready_line(found: Addresses, options: ServeOptions, ca_pem: str | None = None) -> str:
    if options.ready_json:
        document = {
            "url": found.url,
            "tls_url": found.tls_url,
            "control_url": found.control_url,
            "pid": os.getpid(),
            "token": options.token,
            "ca_pem": ca_pem,
        }
        return msgspec.json.encode(document).decode()
    secure = f" and {found.tls_url}" if found.tls_url else ""
    return f"PyMockAPI is ready at {found.url}{secure} (control API: {found.control_url})"
