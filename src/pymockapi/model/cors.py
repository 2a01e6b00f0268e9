"""Which web pages may call the mocks and read what they say; https://fetch.spec.whatwg.org."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec


class OriginPattern(msgspec.Struct, frozen=True):
    """Origins of one scheme: any host below ``host`` if ``is_below``, else ``host`` itself.

    ``port`` is ``None`` for the scheme's own, ``"*"`` for any.
    """

    scheme: str
    host: str
    port: str | None
    is_below: bool

    def __str__(self) -> str:
        return f"{self.scheme}://{'*.' * self.is_below}{self.host}{f':{self.port}' if self.port else ''}"

    def fits(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
            host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
            port = str(parts.port) if parts.port else None
        except ValueError:  # a port that is none
            return False
        if parts.scheme != self.scheme or self.port not in ("*", port):
            return False
        return host.endswith("." + self.host) if self.is_below else host == self.host


class Cors(msgspec.Struct, frozen=True):
    """``origins`` are those that may read answers, in lower case; ``patterns`` stand for more.

    ``origins`` ``None`` are all. ``credentials`` allows cookies and the like; then every answer
    names its origin, since a ``*`` would not do. ``max_age_s`` is how long a browser may keep the
    answer to a preflight, ``None``: as it likes.
    """

    origins: frozenset[str] | None = None
    patterns: tuple[OriginPattern, ...] = ()
    credentials: bool = False
    max_age_s: int | None = None

    @property
    def is_for_all(self) -> bool:
        """Whether all are told the same: anybody may read."""
        return self.origins is None and not self.credentials

    def allows(self, origin: str) -> bool:
        if self.origins is None:
            return True
        origin = origin.lower()
        return origin in self.origins or any(each.fits(origin) for each in self.patterns)
