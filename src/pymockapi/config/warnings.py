"""What is allowed in a config and yet hardly meant: told by ``pymockapi check``, never refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pymockapi.config.template_warnings import captures_in_templates, unrendered
from pymockapi.engine.matching.pattern import METHODS
from pymockapi.model.delivery import FaultKind
from pymockapi.model.errors import Finding, nearest
from pymockapi.model.reader import below
from pymockapi.model.response import BODILESS
from pymockapi.model.stub import Json

_SENT: Final = ("json", "text", "base64", "file", "stream", "sse")
_BODIES: Final = (*_SENT, "trailers")
_OF_BODIES: Final = tuple(kind.value for kind in FaultKind if kind.sends_head)
_CAPTURE: Final = re.compile(r"/\{([^{}/]+)\}")
_Entries = dict[str, Json]


class Warned(NamedTuple):
    """``code`` is the kind of the warning or note and never changes; ``pointer`` is into the document."""

    code: str
    pointer: str
    message: str


def find_warnings(document: Json) -> list[Warned]:
    """Return the warnings about a valid config, in the order of the document."""
    return [
        Warned(code, found.pointer, found.message)
        for at, stub in _stubs(document)
        for code, check in CHECKS.items()
        for found in check(at, stub)
    ]


def _stubs(document: Json) -> Iterator[tuple[str, _Entries]]:
    yield from _listed(document, "")
    for kind in ("sets", "namespaces"):
        for name, content in document.get(kind, {}).items():
            yield from _listed(content or {}, below(f"/{kind}", name))


def _listed(holder: _Entries, at: str) -> Iterator[tuple[str, _Entries]]:
    for position, stub in enumerate(holder.get("stubs", [])):
        yield f"{at}/stubs/{position}", stub


def _strange_methods(at: str, stub: _Entries) -> Iterator[Finding]:
    """Any token is a method, but one that is nearly a standard one is a slip."""
    given = stub.get("request", {}).get("method", [])
    for method in given if isinstance(given, list) else [given]:
        near = nearest(method, METHODS, 1)
        if near and method.upper() not in METHODS:
            place = f"{at}/request/method"
            yield Finding(place, f"'{method}' is no standard method; did you mean '{near[0]}'?")


def _missing_captures(at: str, stub: _Entries) -> Iterator[Finding]:
    """``params.NAME`` is always missing when the path of the stub captures no such name."""
    path = stub.get("request", {}).get("path")
    captures = _CAPTURE.findall(path) if isinstance(path, str) else []
    known = f"captures {', '.join(captures)}" if captures else "captures nothing"
    for place, notation in _request_values(at, stub):
        kind, _, name = notation.partition(".")
        if kind == "params" and name not in captures:
            yield Finding(place, f"'{notation}' is never there: the stub's path {known}")
    for holder, answer in ((at, {"set": stub.get("set", {})}), *_responses(at, stub)):
        for place, name in captures_in_templates(holder, answer):
            if name not in captures:
                told = f"'request.params.{name}' is never there: the stub's path {known}"
                yield Finding(place, told)


def _request_values(at: str, stub: _Entries) -> Iterator[tuple[str, str]]:
    if "per" in stub:
        yield f"{at}/per", stub["per"]
    yield from _sources(f"{at}/when", stub.get("when", {}))
    yield from _sources(f"{at}/set", stub.get("set", {}))
    for step, response in enumerate(stub.get("responses", [])):
        yield from _sources(f"{at}/responses/{step}/set", response.get("set", {}))


def _sources(at: str, entries: _Entries) -> Iterator[tuple[str, str]]:
    """Yield each ``{from: ...}`` of ``when`` or ``set``, there also below one matcher."""
    for key, item in entries.items():
        for name, part in item.items() if isinstance(item, dict) else ():
            place = below(below(at, key), name)
            if name == "from" and isinstance(part, str):
                yield place, part
            elif name == "value":  # data
                continue
            elif isinstance(part, dict) and isinstance(part.get("from"), str):
                yield below(place, "from"), part["from"]


def _unsent_bodies(at: str, stub: _Entries) -> Iterator[Finding]:
    for place, response in _responses(at, stub):
        for body in _BODIES:
            if body in response and response.get("status") in BODILESS:
                what = "trailers" if body == "trailers" else "body"
                told = f"an answer with status {response['status']} sends no {what}"
                yield Finding(f"{place}/{body}", told)


def _cut_statuses(at: str, stub: _Entries) -> Iterator[Finding]:
    """A fault of the body, where there is none, cuts the status line instead."""
    for place, response in _responses(at, stub):
        fault, status = response.get("fault"), response.get("status", 200)
        kind = fault["kind"] if isinstance(fault, dict) else fault
        if kind in _OF_BODIES and status in BODILESS:
            told = f"an answer with status {status} has no body to spoil: its status line is cut"
            yield Finding(f"{place}/fault", told)
        elif kind == FaultKind.TRUNCATED and not any(body in response for body in _SENT):
            told = "this answer has no body to be truncated: its status line is cut"
            yield Finding(f"{place}/fault", told)


def _unrendered(at: str, stub: _Entries) -> Iterator[Finding]:
    for place, response in _responses(at, stub):
        yield from unrendered(place, response)


def _responses(at: str, stub: _Entries) -> Iterator[tuple[str, _Entries]]:
    if "response" in stub:
        yield f"{at}/response", stub["response"]
    for step, response in enumerate(stub.get("responses", [])):
        yield f"{at}/responses/{step}", response


CHECKS: Final[dict[str, Callable[[str, _Entries], Iterator[Finding]]]] = {
    "strange-method": _strange_methods,
    "missing-capture": _missing_captures,
    "unsent-body": _unsent_bodies,
    "unrendered": _unrendered,
    "bodiless-fault": _cut_statuses,
}
