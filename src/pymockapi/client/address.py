"""Where a server is, read from a URL that a user gave: of its root, or of its control API."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.client.errors import MockServerError

_PORTS: Final = {"http": 80, "https": 443}


class Address(NamedTuple):
    """``prefix`` is the path below which a proxy has the server; mostly empty."""

    scheme: str
    host: str
    port: int
    authority: str
    prefix: str

    @property
    def url(self) -> str:
        """The root, without a closing slash."""
        return f"{self.scheme}://{self.authority}{self.prefix}"


def read_address(url: str) -> Address:
    """Read ``url``; the path of the control API at its end is taken off.

    Raises ``MockServerError`` for what is no URL of a server: of a namespace, or with a query.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MockServerError(f"'{url}' is no URL: {error}.") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise MockServerError(
            f"'{url}' is no URL of a mock server; one looks like http://127.0.0.1:8080"
        )
    path = parts.path.rstrip("/").removesuffix(CONTROL_ROOT)
    root = f"{parts.scheme}://{parts.netloc}"
    if "/~" in path:
        server = root + path.partition("/~")[0]
        raise MockServerError(
            f"'{url}' is the URL of a namespace; give that of its server, {server}"
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise MockServerError(
            f"'{url}' is no URL of a mock server: it has neither a user, a query nor a fragment;"
            " a token is given by itself."
        )
    port = _PORTS[parts.scheme] if port is None else port
    return Address(parts.scheme, parts.hostname, port, parts.netloc, path)


def own_url(server_url: str, port: int) -> str:
    """Return where ``port`` is reached by whoever reaches the server at ``server_url``."""
    host = urlsplit(server_url).hostname or ""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
