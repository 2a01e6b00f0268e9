"""The URL that others reach a server by, which the server itself cannot know."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

EXAMPLE = "https://mocks.example.org or http://mock:8080/below"


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
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return PublicPath(parts.path, frozenset({host, name, f"{name}:{port}"}))


def authority_of(url: str) -> str:
    """Return the host and port of an absolute URL, as they are written, without a user before."""
    rest = url.partition("://")[2]
    return re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
