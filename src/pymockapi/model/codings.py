"""Content codings of a body (RFC 9110, 8.4): gzip and deflate, several in order, undone.

How much is read and how much comes out are bounded, so that a small body cannot become a large
one. ``br`` and ``zstd`` are not undone: the standard library has them from Python 3.14, or never.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import msgspec

from pymockapi.model.errors import ExpressionLimit

MAX_BYTES: Final = 1024 * 1024  # before and after each coding; 4 ms at worst
MAX_CODINGS: Final = 3
MAX_MEMBERS: Final = 20  # of one gzip file
_GZIP: Final = 31  # window bits, as zlib counts
_ZLIB: Final = 15
_RAW: Final = -15
_WINDOWS: Final = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}


class Undecoded(msgspec.Struct, frozen=True):
    """Why a body stays as it was sent, as it reads in a difference."""

    reason: str


def read_codings(lines: Sequence[str]) -> list[str]:
    """Return the codings that ``Content-Encoding`` names, in the order in which they were applied."""
    names = (each.strip().lower() for line in lines for each in line.split(","))
    return [name for name in names if name not in ("", "identity")]


def decode_body(body: bytes, codings: Sequence[str]) -> bytes | Undecoded:
    """Return ``body`` without ``codings``. Raises ``ExpressionLimit`` for what is too much."""
    if len(codings) > MAX_CODINGS:
        raise ExpressionLimit(
            f"The body has {len(codings)} content codings; up to {MAX_CODINGS} are undone."
        )
    for coding in reversed(codings):
        if coding not in _WINDOWS:
            return Undecoded(f"in the content coding '{coding[:50]}', which is not undone")
        if len(body) > MAX_BYTES:
            raise _too_large(coding)
        decoded = _first_that_reads(body, coding)
        if decoded is None:
            return Undecoded(f"no {coding}, though its content coding says so")
        body = decoded
    return body


def _first_that_reads(body: bytes, coding: str) -> bytes | None:
    """Undo a coding; ``deflate`` is zlib (RFC 1950), and, from some clients, without its frame."""
    for window in _WINDOWS[coding]:
        try:
            return _decompress(body, window, coding)
        except zlib.error:
            continue
    return None


def _decompress(body: bytes, window: int, coding: str) -> bytes:
    """Raises ``zlib.error`` also for what is cut off and for what follows the end."""
    decoded = b""
    for _ in range(MAX_MEMBERS):
        one = zlib.decompressobj(window)
        decoded += one.decompress(body, MAX_BYTES + 1 - len(decoded))
        if len(decoded) > MAX_BYTES:
            raise _too_large(coding)
        if not one.eof:
            raise zlib.error("cut off")
        body = one.unused_data
        if not body:
            return decoded
        if window != _GZIP:
            raise zlib.error("more than one")
    raise ExpressionLimit(f"The body is a gzip of more than {MAX_MEMBERS} members, which are read.")


def _too_large(coding: str) -> ExpressionLimit:
    return ExpressionLimit(
        f"The body, in the content coding '{coding}', has more than {MAX_BYTES:,} bytes, before"
        " that is undone or after it; no more are read."
    )
