"""A server in a thread of the process that tests: as ``serve``, with its options, without its process.

Signals, the process's collector and its log stay the tests' own. Functions of theirs can answer
here; ``functions`` takes them.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import io
import os
import threading
from collections.abc import Mapping
from contextlib import ExitStack, redirect_stderr, suppress
from typing import Any, Final

from pymockapi.cli.hosting import UsageError
from pymockapi.cli.serve import add_arguments, cause_of, not_started, serve_options, with_files
from pymockapi.client.errors import MockServerError
from pymockapi.config.flaws import ConfigError
from pymockapi.config.load import load_with_warnings
from pymockapi.config.validate import Loaded
from pymockapi.engine.configuration import Configuration
from pymockapi.server.callees import Callees
from pymockapi.server.certificates import CertificateError
from pymockapi.server.logs import logged
from pymockapi.server.run import loop_factory
from pymockapi.server.server import Server
from pymockapi.server.settings import ServeOptions

_GRACE_S: Final = 5.0  # to stop in, beside what answers under way are given
_LOGGER: Final = "pymockapi"


class ServerThread:
    """A running server; ``ready`` tells of it as the first line of ``serve --ready-json``.

    ``arguments`` are those after ``serve``; ``token`` is what control calls must carry. Raises
    ``MockServerError`` if it does not start within ``timeout_s``.
    """

    def __init__(self, arguments: list[str], timeout_s: float, token: str | None) -> None:
        options = _parsed(arguments)
        if token is not None:
            options.token = token
        try:
            told = serve_options(options)
            self._loaded = load_with_warnings(options.files)
        except UsageError as error:
            raise _no_start(str(error)) from None
        except ConfigError as error:
            raise _no_start(not_started(error)) from None
        self._options = with_files(told, options, self._loaded)
        self._owner = os.getpid()
        self.functions = Callees()
        self.ready: dict[str, Any] = {}
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_over = False
        self._told = asyncio.Event()
        self._has_begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pymockapi-server", daemon=True)
        self._thread.start()
        atexit.register(self.stop)
        if not self._has_begun.wait(timeout_s):
            self.stop()
            raise MockServerError(f"The mock server was not ready within {timeout_s:g} s.")
        if self._failure is not None:
            self.stop()
            raise _no_start(_why(self._failure, self._loaded)) from self._failure

    def stop(self) -> None:
        """Stop the server and let go of every function. Idempotent."""
        atexit.unregister(self.stop)
        if self._owner != os.getpid() or not self._thread.is_alive():
            return
        self._is_over = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has just ended by itself
                self._loop.call_soon_threadsafe(self._told.set)
        self._thread.join(self._options.grace_s + _GRACE_S)
        self.functions.close()

    def describe_end(self) -> str:
        """Return how it ended, empty while it runs."""
        if self._thread.is_alive():
            return ""
        if self._failure is None:
            return "It was stopped."
        return f"Its thread ended: {type(self._failure).__name__}: {self._failure}"

    def _run(self) -> None:
        options = self._options
        try:
            with ExitStack() as stack:
                if options.log_file is not None:
                    level, style = options.log_level, options.log_format
                    stack.enter_context(logged(options.log_file, level, style, _LOGGER))
                runner = stack.enter_context(asyncio.Runner(loop_factory=loop_factory()))
                runner.run(self._serve(options))
        except BaseException as error:  # told to whoever started it, or calls it
            self._failure = error
        finally:
            self._has_begun.set()

    async def _serve(self, options: ServeOptions) -> None:
        self._loop = asyncio.get_running_loop()
        if self._is_over:
            return
        server = Server(options, self._loaded.configuration, self.functions.find)
        await server.start()
        found = server.addresses
        self.ready = {
            "url": found.url,
            "tls_url": found.tls_url,
            "control_url": found.control_url,
            "pid": os.getpid(),
            "token": options.token,
            "ca_pem": server.ca_pem,
        }
        self._has_begun.set()
        try:
            await self._told.wait()
        finally:
            await server.stop()


def start(arguments: list[str], timeout_s: float, environment: Mapping[str, str]) -> ServerThread:
    """Start a server as ``ServerProcess`` does, save that it is no process."""
    return ServerThread(arguments, timeout_s, environment.get("PYMOCKAPI_TOKEN"))


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pymockapi serve", allow_abbrev=False)
    add_arguments(parser)
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            return parser.parse_args(arguments)
    except SystemExit:
        raise _no_start(said.getvalue().strip()) from None


def _why(error: BaseException, loaded: Loaded[Configuration]) -> str:
    if isinstance(error, OSError):
        return cause_of(error, loaded)
    if isinstance(error, CertificateError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _no_start(said: str) -> MockServerError:
    return MockServerError(f"The mock server did not start. It says:\n{said}")
