"""Chance that can be repeated: a draw is a hash of what it is for, never a place in a stream.

So no other test, stub or call changes it, and it is the same on every machine: BLAKE2b of 32 bytes
over the JSON text ``[seed,"layer","stub",hit,"purpose"]`` (ASCII, no spaces), with the draw's index
from 0 behind it in decimal, is read as one big-endian number. What is made of that number is below.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BITS: Final = 256
_VERSION: Final = 0x4000_8000_0000_0000_0000  # of a UUID, with its variant
_DRAWN: Final = ~(0xF000_C000_0000_0000_0000) & ((1 << 128) - 1)
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
_FRACTION: Final = 53  # bits of a float's


class Draws:
    """The draws for one ``purpose`` of one answer, in order.

    ``layer`` is where the stub lies (``base``, ``set:NAME``, ``own``), ``hit`` which of its
    requests this is, from 1.
    """

    __slots__ = ("_index", "_key")

    def __init__(self, seed: int, layer: str, stub: str, hit: int, purpose: str) -> None:
        self._key = _encode([seed, layer, stub, hit, purpose]).encode("ascii")
        self._index = 0

    def _digest(self) -> bytes:
        drawn = hashlib.blake2b(self._key + b"%d" % self._index, digest_size=_BITS // 8)
        self._index += 1
        return drawn.digest()

    def number(self) -> int:
        """Return a whole number below 2 to the power of 256."""
        return int.from_bytes(self._digest())

    def fraction(self) -> float:
        """Return a number from 0 to below 1."""
        return float(self.number() >> (_BITS - _FRACTION)) / float(1 << _FRACTION)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + self.number() % (high - low + 1)

    def text(self, length: int, letters: str = LETTERS) -> str:
        """Return ``length`` of ``letters``: one draw, spread by SHAKE-256 over four bytes each."""
        spread = hashlib.shake_256(self._digest()).digest(4 * length)
        count = len(letters)
        return "".join(
            [letters[int.from_bytes(spread[at : at + 4]) % count] for at in range(0, 4 * length, 4)]
        )

    def data(self, length: int) -> bytes:
        """Return ``length`` bytes: one draw, spread by SHAKE-256."""
        return hashlib.shake_256(self._digest()).digest(length)

    def uuid(self) -> str:
        """Return a UUID of version 4 (RFC 9562), of the first 16 bytes."""
        drawn = int.from_bytes(self._digest()[:16]) & _DRAWN | _VERSION
        text = f"{drawn:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
