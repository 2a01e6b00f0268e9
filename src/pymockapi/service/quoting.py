"""Recorded requests as verdicts, reports and lists of late ones quote them: without their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from pymockapi.engine.rank import candidates
from pymockapi.engine.verifying.verdict import Item, Problem, StubItem, Verdict
from pymockapi.formats.hiding import Quoting, hidden_path, hidden_target
from pymockapi.formats.places import is_value_of_secrets
from pymockapi.formats.secrets import Captures, mark
from pymockapi.model.callback import CallbackRecord
from pymockapi.model.exchange import Exchange
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import RequestValue
from pymockapi.store.namespace import Namespace

_PLACES: Final = ("path", "params.")  # of what may be secret in a path
Document = dict[str, Any]


def captures_of(space: Namespace, request: Request) -> Captures:
    """Return what was captured of a path, if that may be secret: by whichever stub answered.

    That stub may be another now, or gone: it is what all would have captured whose method and
    path fit, those that are gone, too.
    """
    if not _are_named(space.settings.redact, ("params.",)):
        return ()
    in_force = [stub for _, stub in candidates(space.layers, request)]
    return [
        *(stub.pattern.captures(request) for stub in in_force),
        *space.former.captures(request),
    ]


def path_in(space: Namespace, entry: Exchange) -> str:
    """Return the path, without what ``settings.redact`` names of it."""
    if not _are_named(space.settings.redact, _PLACES):
        return entry.path
    return shown_path(space, entry.request())


def shown_path(space: Namespace, request: Request) -> str:
    """Return the same of a request."""
    return hidden_path(request, captures_of(space, request), space.settings.redact)


def quoted(space: Namespace, verdict: Verdict) -> Verdict:
    """Return ``verdict`` without what is secret in the requests that it quotes."""
    problems = tuple(_problem(space, each) for each in verdict.problems)
    return msgspec.structs.replace(verdict, problems=problems)


def quoted_url(space: Namespace, record: CallbackRecord) -> str:
    """Return where a callback goes, without what is secret in that and in its request."""
    fields = space.settings.redact
    url = hidden_target(printable(record.callback.url), fields)
    entry = space.journal.get(record.number)
    if entry is None:
        return url
    request = entry.request()
    return Quoting(fields, request, captures_of(space, request)).text(url)


def _problem(space: Namespace, problem: Problem) -> Problem:
    return msgspec.structs.replace(
        problem,
        items=tuple(_item(space, each) for each in problem.items),
        stubs=tuple(_stub(space, each) for each in problem.stubs),
    )


def _item(space: Namespace, item: Item) -> Item:
    fields = space.settings.redact
    entry = None if item.number is None else space.journal.get(item.number)
    method, _, target = item.request.partition(" ")
    if entry is None:
        detail = None if fields else item.detail  # of a request that nobody can look into
        told = f"{method} {_late(space, method, target)}"
        return msgspec.structs.replace(item, request=told, detail=detail)
    _, asks, query = target.partition("?")
    request = entry.request()
    quoting = Quoting(fields, request, captures_of(space, request))
    told = hidden_target(f"{printable(path_in(space, entry))}{asks}{query}", fields)
    detail = None if item.detail is None else quoting.text(item.detail)
    return msgspec.structs.replace(item, request=f"{method} {told}", detail=detail)


def _stub(space: Namespace, item: StubItem) -> StubItem:
    """Hide the value by which a sequence has cursors."""
    stub = space.effective(item.stub)
    if not item.key or item.detail is None or stub is None or stub.per is None:
        return item
    if not is_value_of_secrets(stub.per.notation, space.settings.redact):
        return item
    detail = item.detail.replace(item.key, mark(item.key))
    return msgspec.structs.replace(item, detail=detail, key=None)


def quoted_orphan(space: Namespace, orphan: Document) -> Document:
    """Return a request that came after the end without what is secret in it."""
    named = {each.notation.lower() for each in space.settings.redact}
    ids = {
        name: mark(value) if f"header.{name}" in named else value
        for name, value in orphan["correlation"].items()
    }
    told = _late(space, orphan["method"], orphan["target"])
    return {**orphan, "target": told, "correlation": ids}


def _late(space: Namespace, method: str, target: str) -> str:
    """Return the target of a request that came after the end, with or without its prefix."""
    fields = space.settings.redact
    if any(each.notation == "path" for each in fields):
        path, asks, query = target.partition("?")
        return hidden_target(mark(path) + asks + query, fields)
    head = f"{method} {target} HTTP/1.1\r\n\r\n".encode("utf-8", "surrogateescape")
    before, name, _ = target.partition(f"{space.name}/")
    prefixes = ("", before + name[:-1]) if name else ("",)
    requests = [Request(method, target, head, b"", "", prefix=each) for each in prefixes]
    captures = [each for one in requests for each in captures_of(space, one)]
    return hidden_target(target, fields, captures)


def _are_named(fields: Sequence[RequestValue], places: tuple[str, ...]) -> bool:
    return any(each.notation.startswith(places) for each in fields)
