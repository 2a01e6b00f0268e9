"""The servers of a process's ``unittest`` classes: one for each set of options.

Options are attributes of the class, ``mock_api_port`` and so on; the environment wins over them.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterable
from threading import Lock
from typing import Any, Final

from pymockapi.client.errors import MockServerError
from pymockapi.client.server import MockServer
from pymockapi.integrations.options import OPTIONS, Option, Options, environment_texts, read_texts

_SERVERS: Final[dict[tuple[Any, ...], MockServer | str]] = {}
_LOCK: Final = Lock()


def read_class_options(owner: type) -> Options:
    """Return what ``owner`` and the environment ask for. Raises ``ValueError`` with every mistake."""
    wrong: list[str] = []
    values = [_read(option, owner, wrong) for option in OPTIONS]
    if wrong:
        raise ValueError("\n".join(wrong))
    return Options(*values)


def _read(option: Option, owner: type, wrong: list[str]) -> Any:
    texts = environment_texts(option)
    if texts:
        return read_texts(option, texts, f"environment variable {option.variable}", wrong)
    given = getattr(owner, option.ini)
    if given is None:
        return read_texts(option, [], "", wrong)
    is_list = isinstance(given, Iterable) and not isinstance(given, str)
    texts = [str(each) for each in (given if is_list else [given])]
    return read_texts(option, texts, f"{option.ini} of {owner.__qualname__}", wrong)


def server_of(owner: type) -> MockServer:
    """Return the server for ``owner``, started or attached to by the first that needs it.

    Raises ``ValueError`` and ``MockServerError``; why there is no server is told in full once.
    """
    options = read_class_options(owner)
    key = (options.config, options.url, options.host, options.port, options.tls, options.artifacts,
           options.log_file)  # fmt: skip
    with _LOCK:
        found = _SERVERS.get(key)
        if isinstance(found, str):
            raise MockServerError(f"There is no mock server; {found}, which asked first, says why.")
        if found is None:
            _SERVERS[key] = owner.__qualname__
            found = _SERVERS[key] = _started(options)
        return found


def _started(options: Options) -> MockServer:
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


@atexit.register
def stop_servers() -> None:
    """Stop what was started, and let go of what was attached to."""
    with _LOCK:
        servers = [each for each in _SERVERS.values() if isinstance(each, MockServer)]
        _SERVERS.clear()
    for server in servers:
        server.stop()
