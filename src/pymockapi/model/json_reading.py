"""Reading a JSON text, and telling what is no JSON from JSON that is beyond what is read.

JSON has no bounds: texts may be nested without end, numbers be of any size, a string hold half
of a surrogate pair. What no value here can hold is a limit, never "no JSON".
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from pymockapi.model.errors import ExpressionLimit

NOT_JSON: Final = type("NotJson", (), {"__repr__": lambda _: "NOT_JSON", "__slots__": ()})()
"""What ``read_json`` returns for a text that is no JSON."""

MAX_JSON_LEVELS: Final = 800
"""Of a JSON text; a deeper one is beyond reading, wherever and however it is read."""

MAX_JSON_DIGITS: Final = 4_300  # of a whole number, as Python's own
_ROOM: Final = 64  # levels: answers show a value a few levels down, from deeper in the stack
_FEW_BRACKETS: Final = 200  # opened; no value with fewer can be nested near the recursion limit
_LOOK_AHEAD: Final = 12  # bytes: the decoder wants them after half a pair before it looks at them
_WHERE: Final = re.compile(r" - at `.*`\Z", re.DOTALL)
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"?'
_STRINGS_AND_BRACKETS: Final = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_QUOTED: Final = re.compile(rb'"[^"]*+"?')
_NO_OUTLINE: Final = bytes(set(range(256)) - set(b'[]{}"'))
_OPENING: Final = frozenset(b"[{")
_RUN: Final = 256  # brackets
_QUOTE: Final = ord('"')
_decode_json = msgspec.json.Decoder().decode


class BeyondReading(ValueError):
    """The text has a number or a character that is JSON, but that no value can hold."""


def read_json(body: bytes) -> Any:
    """Return the value of ``body``, or ``NOT_JSON``. Raises ``ExpressionLimit``.

    The text is read from its beginning; what comes after something beyond reading is not looked at.
    """
    if not body:
        return NOT_JSON
    try:
        return decode_json(body.removeprefix(b"\xef\xbb\xbf"))
    except BeyondReading as error:
        raise beyond_limit(error) from None
    except RecursionError:
        raise beyond_limit(_too_deep()) from None
    except (msgspec.MsgspecError, ValueError):
        return NOT_JSON


def beyond_limit(error: BeyondReading) -> ExpressionLimit:
    """Return what a match is told of ``error``."""
    return ExpressionLimit(f"The JSON cannot be read: {error}")


def shown_json(body: bytes) -> Any:
    """Return the value of ``body`` to be shown, or ``NOT_JSON`` when there is none to show."""
    try:
        return read_json(body)
    except ExpressionLimit:
        return NOT_JSON


def decode_json(body: bytes, above: int = 0) -> Any:
    """Return the value of a JSON text.

    Raises ``MsgspecError`` or ``ValueError``, of which ``BeyondReading`` is one, or
    ``RecursionError``: called from so deep that Python does not recurse far enough to show it
    within another document, ``above`` levels down, which would make whatever shows it fail. Reading
    it within so many lists tells.
    """
    brackets = body.count(b"[") + body.count(b"{")
    if brackets <= _FEW_BRACKETS:
        return _decode(body)
    if brackets > MAX_JSON_LEVELS and _is_deep(body):
        raise _first_wrong(body)
    room = _ROOM + above
    try:
        value = _decode_json(b"".join((b"[" * room, body, b"]" * room)))
    except msgspec.DecodeError:
        return _decode(body)  # which tells the place as its author counts
    for _ in range(room):
        if len(value) != 1:  # the text closes and opens our lists
            return _decode(body)
        value = value[0]
    return value


def _decode(body: bytes) -> Any:
    try:
        return _decode_json(body)
    except msgspec.ValidationError as error:  # without a type to fit, it is about numbers alone
        message = _WHERE.sub("", str(error))
        if message.startswith("Integer"):
            message = f"a whole number has more than {MAX_JSON_DIGITS:,} digits"
        else:
            message = "a number is greater than 64 bits hold, 1.8e308"
        raise BeyondReading(message) from None
    except msgspec.DecodeError as error:
        message = str(error)
        if "surrogate" in message:
            raise BeyondReading(
                f"half of a surrogate pair in a string{message[message.rfind(' (byte') :]}"
            ) from None
        if b"\\u" in body[-_LOOK_AHEAD:]:
            return _decode(body + b" " * _LOOK_AHEAD)
        raise


def _too_deep() -> BeyondReading:
    return BeyondReading(f"it is nested deeper than {MAX_JSON_LEVELS} levels")


def _is_deep(body: bytes) -> bool:
    """Return whether brackets outside of strings open more levels than are read."""
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    outline = body.translate(None, _NO_OUTLINE).replace(b'""', b"")  # 1 ms for 1 MB; a regex: 8
    outline = _QUOTED.sub(b"", outline)  # the strings that have brackets
    level = 0
    for at in range(0, len(outline), _RUN):
        run = outline[at : at + _RUN]
        opened = run.count(b"[") + run.count(b"{")
        if level + opened <= MAX_JSON_LEVELS:
            level += 2 * opened - len(run)
            continue
        for bracket in run:
            level += 1 if bracket in _OPENING else -1
            if level > MAX_JSON_LEVELS:
                return True
    return False


def _first_wrong(body: bytes) -> ValueError:
    """Return what is wrong first in a text that is nested too deep."""
    level = 0
    for found in _STRINGS_AND_BRACKETS.finditer(body):
        bracket = body[found.start()]
        if bracket != _QUOTE:
            level += 1 if bracket in _OPENING else -1
        if level > MAX_JSON_LEVELS:
            break
    return deep_error(body[: found.end()])


def deep_error(beginning: bytes) -> ValueError:
    """Return what is wrong with a text that begins so, and with its last bracket is too deep."""
    try:
        _decode(beginning)
    except BeyondReading as error:
        return error
    except msgspec.DecodeError as error:
        return _too_deep() if "truncated" in str(error) else ValueError(str(error))
    except RecursionError:
        pass
    return _too_deep()
