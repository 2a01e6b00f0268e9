"""Recorded requests as values: what a system under test sent, and what it was answered.

Views over the control API's entries (``docs/control-api.md``, "Recorded requests"); no calls.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs

from pymockapi.client.values import Json, JsonObject, read_instant

LOST: Final = 3  # orphans in a message: enough to recognise one's own among those of all tests
_UNSENT: Final = {"aborted": "aborted before its end", "failed": "failed before its end"}

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Body:
    """A recorded body; ``what`` names it in errors."""

    entry: JsonObject
    what: str

    @property
    def content(self) -> bytes:
        if not self.entry.get("size"):
            return b""
        if "base64" in self.entry:
            return b64decode(self.entry["base64"])
        if "text" in self.entry:
            return str(self.entry["text"]).encode()
        raise ValueError(
            f"{self.what}: the {self.entry['size']} bytes of its body were over the limit and"
            " were not kept"
        )

    @property
    def json(self) -> Json:
        if "json" in self.entry:
            return self.entry["json"]
        try:
            return json.loads(self.content)
        except ValueError:
            start = self.content[:80]
            raise ValueError(f"{self.what}: its body is no JSON: {start!r}") from None


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """The answer as it was sent. ``entry`` is the JSON of the control API."""

    entry: JsonObject

    def __repr__(self) -> str:
        return f"<RecordedResponse {self.status}, {self.entry['body'].get('size', 0)} bytes>"

    @property
    def status(self) -> int:
        return int(self.entry["status"])

    @property
    def headers(self) -> Headers:
        return _pairs(self.entry["headers"])

    def header(self, name: str) -> str | None:
        """Return the first value of header ``name`` (in any case), ``None`` without one."""
        return _first(self.headers, name)

    @property
    def body(self) -> bytes:
        return _Body(self.entry["body"], "The response").content

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Json:
        """The body read as JSON. Raises ``ValueError`` if it is none."""
        return _Body(self.entry["body"], "The response").json

    @property
    def sent_bytes(self) -> int:
        return int(self.entry["sent_bytes"])

    @property
    def fault(self) -> str | None:
        """What befalls the answer on its way (``reset``), ``None`` for nothing."""
        return _text(self.entry.get("fault"))


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One recorded request. ``entry`` is the JSON of the control API, whole.

    ``number`` is its place in its namespace, from 1. ``path`` is without query and without the
    prefix that named the namespace; ``target`` is as sent. ``stub``, ``step`` and ``hit`` are
    ``None`` when no stub, or no sequence, answered. ``at`` is real time, ``mock_at`` the
    namespace's clock.
    """

    entry: JsonObject

    @property
    def number(self) -> int:
        return int(self.entry["number"])

    @property
    def scheme(self) -> str:
        """``http`` or ``https``: through which port it came."""
        return str(self.entry["scheme"])

    @property
    def method(self) -> str:
        return str(self.entry["method"])

    @property
    def path(self) -> str:
        return str(self.entry["path"])

    @property
    def target(self) -> str:
        return str(self.entry["target"])

    @property
    def query(self) -> dict[str, list[str]]:
        return dict(self.entry["query"])

    @property
    def headers(self) -> Headers:
        """Name and value of every header line, in order, names as they were sent."""
        return _pairs(self.entry["headers"])

    def header(self, name: str) -> str | None:
        """Return the first value of header ``name`` (in any case), ``None`` without one."""
        return _first(self.headers, name)

    @property
    def body(self) -> bytes:
        """The content. Raises ``ValueError`` if it was over the limit and not kept."""
        return _Body(self.entry["body"], self._name).content

    @property
    def text(self) -> str:
        """The body as UTF-8 text; what is no UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Json:
        """The body read as JSON. Raises ``ValueError`` if it is none."""
        return _Body(self.entry["body"], self._name).json

    @property
    def form(self) -> dict[str, list[str]]:
        """The fields of a body that is a form (``application/x-www-form-urlencoded``)."""
        return parse_qs(self.text, keep_blank_values=True)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies, by name; of several of one name the first."""
        lines = (value for name, value in self.headers if name.lower() == "cookie")
        pairs = (pair.partition("=") for line in lines for pair in line.split(";") if "=" in pair)
        found: dict[str, str] = {}
        for name, _, value in pairs:
            found.setdefault(name.strip(), value.strip())
        return found

    @property
    def client(self) -> str:
        return str(self.entry["client"])

    @property
    def params(self) -> dict[str, str]:
        """What the path template of the stub captured."""
        return dict(self.entry.get("params") or {})

    @property
    def correlation(self) -> dict[str, str]:
        return dict(self.entry.get("correlation") or {})

    @property
    def selector(self) -> str | None:
        """What routed it to its namespace: ``path``, ``header``, ``baggage``, ``host`` …"""
        return _text(self.entry.get("selector"))

    @property
    def conflict(self) -> str | None:
        return _text(self.entry.get("conflict"))

    @property
    def phase(self) -> str:
        return str(self.entry["phase"])

    @property
    def stub(self) -> str | None:
        return _text(self.entry.get("stub"))

    @property
    def behaviour(self) -> str | None:
        """The name of the behaviour that answered instead of a stub, else ``None``."""
        return _text(self.entry.get("behaviour"))

    @property
    def step(self) -> int | None:
        return self.entry.get("step") or None

    @property
    def hit(self) -> int | None:
        return self.entry.get("hit") or None

    @property
    def error(self) -> str | None:
        """The code of an answer that the mock made itself (``no-match``), else ``None``."""
        return _text(self.entry.get("error"))

    @property
    def response(self) -> RecordedResponse | None:
        """What was answered; ``None`` while nothing is, or if nothing ever was."""
        response = self.entry.get("response")
        return RecordedResponse(response) if response else None

    @property
    def at(self) -> datetime:
        return read_instant(self.entry["at"])

    @property
    def mock_at(self) -> datetime:
        return read_instant(self.entry["mock_at"])

    def __str__(self) -> str:
        """Return one line: ``3  POST /payments -> 201, stub 'pay', step 1``.

        An answer whose last byte has not left is told with its phase: nobody has received it yet.
        In place of its status stands the fault that befalls it, as in ``-> fault: reset``.
        """
        answer = self.response
        told = str(answer.status) if answer else self.phase
        if answer and answer.fault:
            told = f"fault: {answer.fault}"
        instead = f"behaviour '{self.behaviour}'" if self.behaviour else "no stub"
        by = f"stub '{self.stub}'" if self.stub else self.error or instead
        by += f", step {self.step}" if self.step else ""
        by += f", {self.error}" if self.stub and self.error else ""
        if answer and self.phase != "answered" and not (answer.fault and self.phase == "failed"):
            by += f", {_UNSENT.get(self.phase, f'not answered yet: {self.phase}')}"
        _, mark, query = self.target.partition("?")
        return f"{self.number}  {self.method} {self.path}{mark}{query} -> {told}, {by}"

    def __repr__(self) -> str:
        return f"<RecordedRequest {self}>"

    @property
    def _name(self) -> str:
        return f"Request {self.number} ({self.method} {self.path})"


@dataclass(frozen=True, slots=True)
class FoundRequest(RecordedRequest):
    """A recorded request that was looked for on the whole server: with whose it is.

    ``namespace_id`` gets it whole with ``MockServer.get``, live or finished.
    """

    @property
    def namespace(self) -> str:
        return str(self.entry["namespace"])

    @property
    def namespace_id(self) -> str:
        return str(self.entry["id"])

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.entry["labels"])

    @property
    def is_finished(self) -> bool:
        return bool(self.entry["finished"])


@dataclass(frozen=True, slots=True)
class CalledRequest(RecordedRequest):
    """A request that a function answers: recorded, with its number, and not answered yet.

    ``namespace`` is the name of the one that it came to. Its body is whole, however large.
    """

    @property
    def namespace(self) -> str:
        return str(self.entry["namespace"])

    def __repr__(self) -> str:
        return f"<CalledRequest {self}>"


@dataclass(frozen=True, slots=True)
class Orphan:
    """A request that named no live namespace. ``last_owner`` tells who had the name before."""

    entry: JsonObject

    @property
    def namespace(self) -> str | None:
        return _text(self.entry.get("namespace"))

    @property
    def selector(self) -> str | None:
        return _text(self.entry.get("selector"))

    @property
    def method(self) -> str:
        return str(self.entry["method"])

    @property
    def target(self) -> str:
        return str(self.entry["target"])

    @property
    def client(self) -> str:
        return str(self.entry["client"])

    @property
    def code(self) -> str:
        return str(self.entry["code"])

    @property
    def at(self) -> datetime:
        return read_instant(self.entry["at"])

    @property
    def correlation(self) -> dict[str, str]:
        return dict(self.entry.get("correlation") or {})

    @property
    def last_owner(self) -> JsonObject | None:
        """``id``, ``labels`` and ``status`` of the last namespace of that name, if there was one."""
        return self.entry.get("last_owner")

    def __str__(self) -> str:
        """Return one line: ``GET /orders/7 -> unknown-namespace 'shop', by header``.

        With the test that had a namespace of that name before, if its labels tell.
        """
        named = f" '{self.namespace}', by {self.selector}" if self.namespace else ""
        test = (self.last_owner or {}).get("labels", {}).get("test")
        owner = f", which was that of {test}" if test else ""
        return f"{self.method} {self.target} -> {self.code}{named}{owner}"

    def __repr__(self) -> str:
        return f"<Orphan {self}>"


def tell_lost(orphans: Sequence[Orphan], created_at: str) -> list[str]:
    """Return lines on the last that came after the instant at which a namespace was created.

    Those before it cannot have been meant for it.
    """
    begin = read_instant(created_at)
    lost = [orphan for orphan in orphans if orphan.at >= begin]
    if not lost:
        return []
    count = "1 request" if len(lost) == 1 else f"{len(lost)} requests"
    head = f"Meanwhile {count}, of whichever test, named no live namespace; the last:"
    return [head, *(f"  {orphan}" for orphan in lost[-LOST:])]


def _pairs(entries: Json) -> Headers:
    return tuple((str(name), str(value)) for name, value in entries)


def _first(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def _text(value: Json) -> str | None:
    return None if value is None else str(value)
