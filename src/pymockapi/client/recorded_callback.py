"""Callbacks as values: what the mock sent by itself, and what became of it. No calls.

Views over the control API's records (``docs/callbacks.md``).
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from pymockapi.client.values import Json, JsonObject, read_instant


class CallbackFilters(TypedDict, total=False):
    """What narrows a list of callbacks: the ``number`` of a request, the ``stub`` that answered it.

    ``outcome`` is ``pending``, ``sent``, ``failed`` or ``cancelled``. ``after`` is an id,
    exclusive; ``limit`` the most to return, the oldest first.
    """

    number: int | None
    stub: str | None
    outcome: str | None
    after: int | None
    limit: int | None


class CallbackOptions(TypedDict, total=False):
    """What is expected of callbacks beside a pattern, as in ``CallbackFilters``.

    ``outcome`` is ``sent`` unless it is given; ``status`` what the receiver answered.
    """

    number: int | None
    stub: str | None
    outcome: str | None
    status: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class RecordedCallback:
    """One callback of one request. ``entry`` is the JSON of the control API, whole.

    ``id`` is its place among those of its namespace, ``number`` that of the request, ``place``
    in the list of the response, from 0. ``status`` and ``answer``, the beginning of a body, are
    what the receiver said, ``None`` if nothing. ``error`` is the code of why it failed,
    ``detail`` the reason.
    """

    entry: JsonObject

    def __repr__(self) -> str:
        told = self.detail or ("" if self.status is None else f"answered {self.status}")
        what = f"{self.method} {self.url} {self.outcome}"
        return f"<RecordedCallback {self.id} {what}{f': {told}' if told else ''}>"

    @property
    def id(self) -> int:
        return int(self.entry["id"])

    @property
    def number(self) -> int:
        return int(self.entry["number"])

    @property
    def place(self) -> int:
        return int(self.entry["place"])

    @property
    def stub(self) -> str | None:
        stub: str | None = self.entry["stub"]
        return stub

    @property
    def outcome(self) -> str:
        """``pending``, ``sent``, ``failed`` or ``cancelled``."""
        return str(self.entry["outcome"])

    @property
    def method(self) -> str:
        return str(self.entry["method"])

    @property
    def url(self) -> str:
        return str(self.entry["url"])

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, value) for name, value in self.entry["headers"])

    def header(self, name: str) -> str | None:
        """Return the first value of header ``name`` (in any case), ``None`` without one."""
        found = (value for each, value in self.headers if each.lower() == name.lower())
        return next(found, None)

    @property
    def body(self) -> bytes:
        body = self.entry["body"]
        return b64decode(body["base64"]) if "base64" in body else self.text.encode()

    @property
    def text(self) -> str:
        body = self.entry["body"]
        if "base64" in body:
            return b64decode(body["base64"]).decode("utf-8", "replace")
        return str(body.get("text", ""))

    @property
    def json(self) -> Json:
        """The body read as JSON. Raises ``ValueError`` if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            start = self.body[:80]
            raise ValueError(f"Callback {self.id}: its body is no JSON: {start!r}") from None

    @property
    def attempts(self) -> int:
        return int(self.entry["attempts"])

    @property
    def status(self) -> int | None:
        status: int | None = self.entry["status"]
        return status

    @property
    def answer(self) -> str | None:
        answer: str | None = self.entry["answer"]
        return answer

    @property
    def error(self) -> str | None:
        error: str | None = self.entry["error"]
        return error

    @property
    def detail(self) -> str | None:
        detail: str | None = self.entry["detail"]
        return detail

    @property
    def at(self) -> datetime:
        """When the answer of its request was made, in real time."""
        return read_instant(self.entry["at"])

    @property
    def ended_at(self) -> datetime | None:
        ended: str | None = self.entry["ended_at"]
        return None if ended is None else read_instant(ended)


Times = int | Mapping[str, int] | None
"""How many: exactly, or ``{"at_least": 1, "at_most": 2}``; ``None`` is at least one."""
