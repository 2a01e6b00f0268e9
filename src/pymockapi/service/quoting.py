"""Recorded requests as verdicts, reports and lists of late ones quote them: without their secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from pymockapi.engine.rank import candidates
from pymockapi.engine.verifying.verdict import Item, Problem, Verdict
from pymockapi.formats.hiding import Quoting, hidden_path, hidden_target
from pymockapi.formats.secrets import mark
from pymockapi.model.exchange import Exchange
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import RequestValue
from pymockapi.store.namespace import Namespace

_PLACES: Final = ("path", "params.")  # of what may be secret in a path
Document = dict[str, Any]


def captures_of(space: Namespace, request: Request, answered_by: str | None) -> Mapping[str, str]:
    """Return what was captured of a path that may be secret.

    If no stub answered, what those would have captured whose method and path fit.
    """
    if not _are_named(space.settings.redact, ("params.",)):
        return {}
    stub = None if answered_by is None else space.effective(answered_by)
    if stub is not None:
        return stub.pattern.captures(request)
    found: dict[str, str] = {}
    for _, each in candidates(space.layers, request):
        found.update(each.pattern.captures(request))
    return found


def path_in(space: Namespace, entry: Exchange) -> str:
    """Return the path, without what ``settings.redact`` names of it."""
    if not _are_named(space.settings.redact, _PLACES):
        return entry.path
    return shown_path(space, entry.request(), entry.stub)


def shown_path(space: Namespace, request: Request, answered_by: str | None = None) -> str:
    """Return the same of a request."""
    captures = captures_of(space, request, answered_by)
    return hidden_path(request, captures, space.settings.redact)


def quoted(space: Namespace, verdict: Verdict) -> Verdict:
    """Return ``verdict`` without what ``settings.redact`` names in the requests that it quotes."""
    fields = space.settings.redact
    if not fields:
        return verdict
    problems = tuple(_problem(space, each) for each in verdict.problems)
    return msgspec.structs.replace(verdict, problems=problems)


def _problem(space: Namespace, problem: Problem) -> Problem:
    items = tuple(_item(space, each) for each in problem.items)
    return msgspec.structs.replace(problem, items=items)


def _item(space: Namespace, item: Item) -> Item:
    fields = space.settings.redact
    entry = None if item.number is None else space.journal.get(item.number)
    method, _, target = item.request.partition(" ")
    if entry is None:
        return msgspec.structs.replace(item, request=f"{method} {hidden_target(target, fields)}")
    _, asks, query = target.partition("?")
    request = entry.request()
    quoting = Quoting(fields, request, captures_of(space, request, entry.stub))
    told = hidden_target(f"{printable(path_in(space, entry))}{asks}{query}", fields)
    detail = None if item.detail is None else quoting.text(item.detail)
    return msgspec.structs.replace(item, request=f"{method} {told}", detail=detail)


def quoted_orphan(orphan: Document, fields: Sequence[RequestValue]) -> Document:
    """Return a request that came after the end without what ``fields`` name of it."""
    named = {each.notation.lower() for each in fields}
    ids = {
        name: mark(value) if f"header.{name}" in named else value
        for name, value in orphan["correlation"].items()
    }
    return {**orphan, "target": hidden_target(orphan["target"], fields), "correlation": ids}


def _are_named(fields: Sequence[RequestValue], places: tuple[str, ...]) -> bool:
    return any(each.notation.startswith(places) for each in fields)
