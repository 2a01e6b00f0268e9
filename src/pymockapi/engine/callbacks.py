"""Reading the callbacks of a response: where to, what, when; with what is rendered for each request.

Follows ``docs/callbacks.md``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from pymockapi.engine.deliveries import read_delay
from pymockapi.engine.messages import BODIES, TYPES, read_headers
from pymockapi.engine.templates.blocks import is_template
from pymockapi.engine.templates.callbacks import read_callback_template
from pymockapi.model.callback import Callback, Pairs
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    read_duration,
    read_flag,
    read_int,
    read_list,
    read_object,
    read_text,
)
from pymockapi.model.urls import MAX_URL, TARGET, destination_of

BODY_KEYS: Final = ("json", "text", "base64")
CALLBACK_KEYS: Final = frozenset(
    {"url", "method", "headers", "delay", "timeout", "retries", "retry_after", "template",
     *BODY_KEYS}
)  # fmt: skip
MAX_CALLBACKS: Final = 10  # of one response
MAX_BODY_BYTES: Final = 256 * 1024  # of one callback
MAX_RETRIES: Final = 5
MAX_TIMEOUT_S: Final = 60.0
_HINTS: Final = {
    "body": "give it as 'json', 'text' or 'base64'",
    "file": "a callback's body is given as 'json', 'text' or 'base64'",
    "after": "give it as 'delay'",
    "query": "it goes into the 'url', after '?'",
}
_METHOD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}")
_FRAMING: Final = frozenset({"connection", "upgrade", "expect", "te", "trailer"})


def read_callbacks(data: object, at: str, found: Findings) -> tuple[Callback, ...]:
    """Read the list of a response."""
    items = read_list(data, at, found)
    check_size(items, at, found, MAX_CALLBACKS, "callbacks")
    return tuple(
        _read_callback(item, below(at, place), found, f"callbacks/{place}")
        for place, item in enumerate(items[:MAX_CALLBACKS])
    )


def _read_callback(data: object, at: str, found: Findings, purpose: str) -> Callback:
    entries = read_object(data, at, found, CALLBACK_KEYS, _HINTS)
    is_rendered = "template" in entries and read_flag(
        entries["template"], below(at, "template"), found
    )
    body, content_type = _read_body(entries, at, found)
    headers = _read_headers(entries.get("headers", {}), below(at, "headers"), found)
    if content_type and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", content_type), *headers)
    made = Callback(
        _read_method(entries.get("method", "POST"), below(at, "method"), found),
        _read_url(entries, at, found, is_rendered=is_rendered),
        headers,
        body,
        read_delay(entries.get("delay", 0), below(at, "delay"), found),
        _read_timeout(entries.get("timeout", 5), below(at, "timeout"), found),
        read_int(entries.get("retries", 0), below(at, "retries"), found, 0, MAX_RETRIES),
        read_duration(entries.get("retry_after", 1), below(at, "retry_after"), found),
    )
    if not is_rendered:
        return made
    template = read_callback_template(made, entries, at, found, purpose)
    return msgspec.structs.replace(made, template=template)


def _read_method(data: object, at: str, found: Findings) -> str:
    method = read_text(data, at, found)
    if isinstance(data, str) and (not _METHOD.fullmatch(method) or method.upper() == "CONNECT"):
        found.add(at, f"'{method[:40]}' is no method that a callback can have; POST is")
    return method.upper()


def _read_url(entries: Mapping[str, Any], at: str, found: Findings, *, is_rendered: bool) -> str:
    if "url" not in entries:
        found.add(at, f"a callback needs a 'url', such as {TARGET}")
        return ""
    data, place = entries["url"], below(at, "url")
    url = read_text(data, place, found)
    if not isinstance(data, str):
        return ""
    if len(url) > MAX_URL:
        found.add(place, f"expected at most {MAX_URL:,} characters, got {len(url):,}")
    elif not is_rendered and is_template(url):
        found.add(place, "this is a template; add 'template: true' to the callback to render it")
    elif not is_template(url):
        try:
            destination_of(url)
        except ValueError as error:
            found.add(place, str(error))
    return url


def _read_timeout(data: object, at: str, found: Findings) -> float:
    before = found.count
    timeout_s = read_duration(data, at, found, MAX_TIMEOUT_S)
    if timeout_s <= 0 and found.count == before:
        found.add(at, "a timeout is longer than 0 seconds")
    return timeout_s


def _read_headers(data: object, at: str, found: Findings) -> Pairs:
    headers = read_headers(data, at, found)
    for name in dict.fromkeys(name for name, _ in headers):
        if name.lower() in _FRAMING:
            found.add(below(at, name), f"'{name}' is the connection's own; leave it out")
    return headers


def _read_body(entries: Mapping[str, Any], at: str, found: Findings) -> tuple[bytes, str | None]:
    given = [key for key in BODY_KEYS if key in entries]
    if not given:
        return b"", None
    if len(given) > 1:
        found.add(at, f"a callback has one body, got {' and '.join(given)}")
    key = given[0]
    body = BODIES[key](entries[key], below(at, key), found)
    if len(body) > MAX_BODY_BYTES:
        found.add(below(at, key), f"expected at most {MAX_BODY_BYTES:,} bytes, got {len(body):,}")
    return body, TYPES[key]
