"""The server of a test run, as its options ask for it: one that runs already, or one of its own."""

from __future__ import annotations

import atexit
from threading import Lock
from typing import Any, Final

from pymockapi.client.errors import MockServerError
from pymockapi.client.server import MockServer
from pymockapi.integrations.options import Options

_SERVERS: Final[dict[tuple[Any, ...], MockServer | str]] = {}
_LOCK: Final = Lock()


def start_or_attach(options: Options) -> MockServer:
    """Return a server to stop by who asked for it. Raises ``MockServerError``.

    One that is attached to keeps its own config.
    """
    if options.url is not None:
        return MockServer.attach(options.url)
    return MockServer(
        options.config,
        host=options.host,
        port=options.port,
        tls=options.tls,
        artifacts=options.artifacts,
        log_file=options.log_file,
    ).start()


def shared_server(options: Options, asker: str) -> MockServer:
    """Return this process's server for ``options``, there until the process ends.

    Raises ``MockServerError``; why there is no server is told in full once, and then that
    ``asker`` was told.
    """
    key = (options.config, options.url, options.host, options.port, options.tls, options.artifacts,
           options.log_file)  # fmt: skip
    with _LOCK:
        found = _SERVERS.get(key)
        if isinstance(found, str):
            raise MockServerError(f"There is no mock server; {found}, which asked first, says why.")
        if found is None:
            _SERVERS[key] = asker
            found = _SERVERS[key] = start_or_attach(options)
        return found


@atexit.register
def stop_servers() -> None:
    """Stop what was started, and let go of what was attached to."""
    with _LOCK:
        servers = [each for each in _SERVERS.values() if isinstance(each, MockServer)]
        _SERVERS.clear()
    for server in servers:
        server.stop()
