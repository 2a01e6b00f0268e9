"""URLs: the one that others reach a server by, which it cannot know, and those that it calls."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

EXAMPLE = "https://mocks.example.org or http://mock:8080/below"
TARGET: Final = "http://127.0.0.1:3000/hooks"
MAX_URL: Final = 8_000  # characters; more is more than servers take
MAX_SHOWN: Final = 100  # characters of a URL that is quoted
_PORTS: Final = {"http": 80, "https": 443}
_KEPT: Final = "/?%:@!$&'()*+,;=-._~[]"  # of a target; all else is written in percent


def read_public_url(text: str) -> str:
    """Return the URL without a slash at its end. Raises ``ValueError`` with what is wrong."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:  # a port that is none, a bracket left open
        raise ValueError(f"'{text}' is no URL: {error}; give one such as {EXAMPLE}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"'{text}' is no http or https URL; give one such as {EXAMPLE}")
    if "@" in parts.netloc:
        raise ValueError(f"'{parts.hostname}' comes with a user; leave user and password out")
    if "?" in text or "#" in text:
        raise ValueError(f"'{text}' has a query or a fragment; leave them out")
    if not text.isascii() or not text.isprintable() or " " in text or port == 0:
        raise ValueError(f"'{text}' is no URL that a client could call; give one such as {EXAMPLE}")
    return text.rstrip("/")


class PublicPath(NamedTuple):
    """The path of a public URL, and how requests that came by that URL write its host."""

    path: str
    hosts: frozenset[str]

    def before(self, host: str) -> str:
        """Return the path that a proxy has taken off a request for ``host``."""
        return self.path if host.lower() in self.hosts else ""


def public_path(url: str | None) -> PublicPath | None:
    """Return what a proxy takes off, ``None`` for a URL without a path.

    A port that goes without saying may be said, and proxies may leave any port out.
    """
    parts = urlsplit(url or "")
    if not parts.path.strip("/"):
        return None
    host = parts.netloc.lower()
    name = re.sub(r":\d*\Z", "", host)
    port = parts.port or _PORTS[parts.scheme]
    return PublicPath(parts.path, frozenset({host, name, f"{name}:{port}"}))


def authority_of(url: str) -> str:
    """Return the host and port of an absolute URL, as they are written, without a user before."""
    rest = url.partition("://")[2]
    return re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]


class Destination(NamedTuple):
    """Where an absolute URL leads: ``host`` as it is looked up, ``authority`` as ``Host`` says."""

    scheme: str
    host: str
    port: int
    authority: str
    target: str


def destination_of(text: str) -> Destination:
    """Return where the http or https URL ``text`` leads. Raises ``ValueError`` with what is wrong."""
    shown = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:  # a port that is none, a bracket left open
        raise ValueError(f"'{shown}' is no URL: {error}; give one such as {TARGET}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"'{shown}' is no http or https URL; give one such as {TARGET}")
    if "@" in parts.netloc:
        raise ValueError("the URL comes with a user; give an 'authorization' header instead")
    if "#" in text:
        raise ValueError(f"'{shown}' has a fragment, which is never sent; leave it out")
    is_sendable = host.isascii() and text.isprintable() and " " not in text and "\\" not in text
    if not is_sendable or port == 0 or len(text) > MAX_URL:
        raise ValueError(f"'{shown}' is no URL that could be called; give one such as {TARGET}")
    asks = "?" if "?" in text else ""
    target = quote(f"{parts.path or '/'}{asks}{parts.query}", safe=_KEPT)
    return Destination(
        parts.scheme, host, port or _PORTS[parts.scheme], parts.netloc.lower(), target
    )
