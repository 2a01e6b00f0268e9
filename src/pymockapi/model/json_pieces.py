"""Reading a large JSON text piece by piece, so that no single step takes long.

The value is the one that ``decode_json`` returns. What is larger than a piece is built entry by
entry; whole runs of smaller entries are decoded at once. Decoding 1 MB takes 5 to 20 ms in one
go, 0.3 to 2 ms a piece.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, Final

import msgspec

from pymockapi.model.json_reading import MAX_JSON_LEVELS, BeyondReading, decode_json, deep_error

PIECE: Final = 32 * 1024
STRIDES: Final = 4  # pieces passed between two yields; of 32 kB at most a millisecond
STEP: Final = 32  # bytes of a piece for each bracket or long string between two yields
MAX_LEVELS: Final = 32  # of lists and objects that are each larger than a piece
_RUN: Final = re.compile(rb'(?:[^\[\]{}"]{1,1000}+|"[^"\\]{0,1000}+"){0,64}+')
"""Text and plain strings up to a bracket; 64 kB at most."""
_IN_STRING: Final = re.compile(rb'(?:[^"\\]{1,1000}+|\\.){0,300}+', re.DOTALL)
_TO_COMMA: Final = re.compile(rb'[^\[\]{}",]*+')
_KEY: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"(?=[ \t\r\n]*:[ \t\r\n]*\Z)', re.DOTALL)
_BLANK: Final = re.compile(rb"[ \t\r\n]*+")
_PLACE: Final = re.compile(r"\(byte (\d+)\)")
_QUOTE, _COMMA = b'",'
_OPENING: Final = {ord("["): ord("]"), ord("{"): ord("}")}


class _Container:
    """A list or object that is larger than a piece; its text is decoded up to ``start``."""

    __slots__ = ("closing", "needs_entry", "opening", "start", "value")

    def __init__(self, opening: int, start: int) -> None:
        self.value: Any = [] if opening == ord("[") else {}
        self.opening = opening
        self.closing = _OPENING[opening]
        self.start = start
        self.needs_entry = False

    def decoded(self, text: bytes) -> Any:
        try:
            return decode_json(b"%c%b%c" % (self.opening, text, self.closing), MAX_LEVELS)
        except (BeyondReading, msgspec.DecodeError) as error:
            raise self._told(error) from error

    def deep_error(self, text: bytes) -> ValueError:
        """Return what is wrong with ``text``, whose last bracket is one too many."""
        return self._told(deep_error(b"%c%b" % (self.opening, text)))

    def take(self, entries: Any) -> None:
        if isinstance(entries, list):
            self.value += entries
        else:
            self.value.update(entries)

    def _told(self, error: Exception) -> ValueError:
        """Return ``error`` with its place counted from the beginning of the whole text."""
        kind = BeyondReading if isinstance(error, BeyondReading) else ValueError
        return kind(
            _PLACE.sub(lambda found: f"(byte {int(found[1]) - 1 + self.start})", str(error))
        )


class JsonPieces:
    """One reading of ``body``. ``large`` are the containers that were built, outermost first.

    Pieces of 8 kB take a third of a millisecond at most, and half as much again in all.
    """

    def __init__(self, body: bytes, piece: int = PIECE) -> None:
        self._body = body
        self._piece = piece
        self._at = _skip_blank(body, 0)
        self._open: list[_Container] = []
        self._depth = 0  # below the innermost open container
        self._in_string = False
        self._entry = 0  # where its entry begins that is not whole yet
        self._decoded = 0  # pieces
        self.large: list[Any] = []

    def read(self) -> Generator[None, None, Any]:
        """Return the value; yields after each piece. Raises what ``decode_json`` does."""
        body = self._body
        if body[self._at : self._at + 1] not in (b"[", b"{"):
            return decode_json(body)
        self._enter(self._at)
        stride, most = STRIDES * self._piece, max(1, self._piece // STEP)
        steps, done = 0, (0, 0)
        while self._open:
            self._step()
            steps += 1
            if steps % most == 0 or done != (self._decoded, self._at // stride):
                done = self._decoded, self._at // stride
                yield
        if _skip_blank(body, self._at) < len(body):
            raise self._malformed("trailing characters", _skip_blank(body, self._at))
        return self.large[0]

    def _step(self) -> None:
        body = self._body
        if self._in_string:
            self._pass_string()
            return
        if not self._depth and self._at - self._open[-1].start >= self._piece and self._is_cut():
            return
        match = _RUN.match(body, self._at)
        self._at = match.end() if match else self._at
        if self._at >= len(body):
            raise self._truncated()
        found = body[self._at]
        if found == _QUOTE:
            self._in_string = True
            self._at += 1
        elif found in _OPENING:
            if len(self._open) + self._depth >= MAX_JSON_LEVELS:
                top = self._open[-1]
                raise top.deep_error(self._body[top.start : self._at + 1])
            if not self._depth:
                self._entry = self._at
            self._depth += 1
            self._at += 1
        elif found in _OPENING.values():
            self._leave(found)
        if self._depth and self._at - self._entry >= self._piece:
            self._descend()

    def _is_cut(self) -> bool:
        """Decode all up to the next comma, if that comes before anything else."""
        top, body = self._open[-1], self._body
        match = _TO_COMMA.match(body, self._at)
        self._at = match.end() if match else self._at
        if self._at >= len(body) or body[self._at] != _COMMA:
            return False
        entries = self._decode(top, body[top.start : self._at])
        if not entries:
            raise self._malformed("expected a value", self._at)
        top.take(entries)
        self._go_on(top)
        return True

    def _decode(self, top: _Container, text: bytes) -> Any:
        self._decoded += 1
        return top.decoded(text)

    def _go_on(self, top: _Container) -> None:
        """Pass a comma."""
        self._at += 1
        top.start = self._at
        top.needs_entry = True

    def _descend(self) -> None:
        """Go into an entry that turned out to be large."""
        top, body = self._open[-1], self._body
        before = body[top.start : self._entry]
        entries = self._decode(top, before + b"null")
        if isinstance(entries, list):
            entries.pop()
            top.take(entries)
            self._enter(self._entry)
            top.value.append(self.large[-1])
        else:
            key = _KEY.search(before)
            if key is None:
                raise self._malformed("expected a key", self._entry)
            top.take(entries)
            self._enter(self._entry)
            top.value[decode_json(key[0])] = self.large[-1]

    def _enter(self, at: int) -> None:
        if len(self._open) >= MAX_LEVELS:
            raise RecursionError("large lists and objects are nested too deep")
        container = _Container(self._body[at], at + 1)
        self._open.append(container)
        self.large.append(container.value)
        self._at = at + 1
        self._depth = 0
        self._in_string = False

    def _leave(self, found: int) -> None:
        """Close a bracket: of an entry, or of the innermost container."""
        if self._depth:
            self._depth -= 1
            self._at += 1
            return
        top, body = self._open[-1], self._body
        entries = self._decode(top, body[top.start : self._at])
        if found != top.closing:
            raise self._malformed("invalid character", self._at)
        if not entries and top.needs_entry:
            raise self._malformed("trailing comma", self._at)
        top.take(entries)
        self._open.pop()
        self._at += 1
        if self._open:
            self._after_container(self._open[-1])

    def _after_container(self, top: _Container) -> None:
        """A large entry has ended; a comma or the end of ``top`` follows."""
        self._at = top.start = _skip_blank(self._body, self._at)
        top.needs_entry = False
        following = self._body[self._at] if self._at < len(self._body) else None
        if following == _COMMA:
            self._go_on(top)
        elif following is not None and following != top.closing:
            raise self._malformed("expected ',' or the end of a list or object", self._at)

    def _pass_string(self) -> None:
        """Go on in a long string, or one with escapes; 300 kB at most."""
        match = _IN_STRING.match(self._body, self._at)
        at = self._at = match.end() if match else self._at
        following = self._body[at : at + 1]
        if following == b'"':
            self._in_string = False
            self._at += 1
        elif len(self._body) - at < 2:
            raise self._truncated()

    def _truncated(self) -> ValueError:
        """Return what is wrong first: the end, or something beyond reading in what came before."""
        top = self._open[-1]
        try:
            self._decode(top, self._body[top.start :])
        except BeyondReading as error:
            return error
        except (msgspec.MsgspecError, ValueError):
            pass
        return ValueError("Input data was truncated")

    def _malformed(self, what: str, at: int) -> ValueError:
        return ValueError(f"JSON is malformed: {what} (byte {at})")


def _skip_blank(body: bytes, at: int) -> int:
    match = _BLANK.match(body, at)
    return match.end() if match else at
