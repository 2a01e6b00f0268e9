"""What a function returned, read as a response: over what its definition says.

A function may return a mapping with the keys of a stub's response that say what is sent, a text,
bytes, or nothing. What it returned is the test's own, so errors tell it as it is in Python.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from pymockapi.engine.definitions import read_response
from pymockapi.model.callee import CalledAnswer
from pymockapi.model.reader import Findings, reject_unknown
from pymockapi.model.response import Response

RETURNED_KEYS: Final = frozenset(
    {
        "status",
        "reason",
        "headers",
        "json",
        "text",
        "base64",
        "content",
        "stream",
        "sse",
        "trailers",
    }
)
_BYTES: Final = (bytes, bytearray, memoryview)
_ELSEWHERE: Final = {
    **dict.fromkeys(
        ("delay", "hold", "throttle", "fault", "template", "callbacks", "times", "set"),
        "it goes beside 'call', in the stub",
    ),
    "file": "read it in the function, and return 'content'",
    "body": "give it as 'json', 'text' or 'content'",
    "status_code": "here it is 'status'",
}
MAX_SHOWN: Final = 200  # characters of what cannot be sent


class NotSendable(Exception):
    """What a function returned is no response; ``str()`` says what, after the function's name."""


def response_of(answer: CalledAnswer, returned: object) -> Response:
    """Return the response that ``returned`` makes of ``answer``. Raises ``NotSendable``."""
    found = Findings()
    given = _entries(returned)
    reject_unknown(given, "", found, RETURNED_KEYS, _ELSEWHERE)
    if not found.count:
        _take_content(given, found)
    made = read_response({**answer.entries, **given}, "", found) if not found.count else None
    if made is None or found.count:
        told = "; ".join(f"{each.pointer[1:]}: {each.message}".lstrip(": ") for each in found.items)
        raise NotSendable(f"returned {_shown(returned)}: {told}")
    own = len(made.head) + len(made.body) + len(made.tail)
    return msgspec.structs.replace(made, own_bytes=own)


def _entries(returned: object) -> dict[str, Any]:
    """Return the keys of a response that stand for ``returned``."""
    if returned is None:
        return {}
    if isinstance(returned, str):
        return {"text": returned}
    if isinstance(returned, _BYTES):
        return {"content": returned}
    if isinstance(returned, Mapping):
        given = {str(key): value for key, value in returned.items()}
        if isinstance(given.get("headers"), Mapping):
            given["headers"] = dict(given["headers"])
        if isinstance(given.get("status"), HTTPStatus):
            given["status"] = int(given["status"])
        return given
    raise NotSendable(
        f"returned {_shown(returned)}; a function returns a response as a mapping, such as"
        " {'status': 201, 'json': {...}}, a text, bytes, or None for an empty body"
    )


def _take_content(given: dict[str, Any], found: Findings) -> None:
    """Turn ``content`` into what definitions have in its place."""
    if "content" not in given:
        return
    content = given.pop("content")
    if not isinstance(content, _BYTES):
        found.add("/content", f"expected bytes, got {_shown(content)}; a text is 'text'")
    elif "base64" in given:
        found.add("", "a response has one body, got base64 and content")
    else:
        given["base64"] = b64encode(content).decode()


def _shown(value: object) -> str:
    kind = type(value).__name__
    if isinstance(value, _BYTES):
        return f"{kind} of {len(value)} bytes"
    try:
        text = repr(value)
    except RecursionError:
        return f"a {kind}"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}... ({kind})"
