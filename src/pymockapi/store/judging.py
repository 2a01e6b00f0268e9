"""What the verdict on a namespace, or on one of its scopes, is made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec

from pymockapi.engine.verifying.verdict import (
    FAIL,
    IGNORE,
    MAX_ITEMS,
    NOTHING,
    Found,
    Item,
    Verdict,
    effect_of,
    judge,
    kinds_of,
)
from pymockapi.model.callback import CALLBACK_FAILED
from pymockapi.model.request import printable
from pymockapi.store.expected import Standing, StubFindings, mark_of
from pymockapi.store.journal import Journal
from pymockapi.store.namespace import Namespace
from pymockapi.store.request_texts import MAX_DETAIL, detail_text, request_text
from pymockapi.store.rivals import NO_RIVALS, Rivals, rivals_since
from pymockapi.store.selecting import Pause
from pymockapi.store.snapshot import Scope


class Judged(msgspec.Struct, frozen=True):
    """What was found of each kind among the requests after ``after``, to ``until``.

    ``effects`` are those that the settings give; ``missing`` tells more of the stubs that are
    told as unmet. ``in_doubt``: what was dropped may have been a problem that fails.
    """

    found: Mapping[str, Found]
    effects: Mapping[str, str]
    missing: tuple[Standing, ...]
    after: int
    until: int
    in_doubt: bool = False

    def verdict(self, late: Found = NOTHING) -> Verdict:
        return judge({**self.found, "late": late}, self.effects, in_doubt=self.in_doubt)


def looks_at_requests(space: Namespace) -> bool:
    """Return whether a verdict on ``space`` needs more than counts."""
    return effect_of("ambiguous", space.settings.verdict) != IGNORE


async def rivals_for(space: Namespace, scope: Scope | None, pause: Pause) -> Rivals:
    """Return what is to be found request by request, in slices, up to the turn it returns."""
    if not looks_at_requests(space):
        return NO_RIVALS
    return await rivals_since(space, mark_of(space, scope), pause)


def judge_now(space: Namespace, scope: Scope | None = None, rivals: Rivals = NO_RIVALS) -> Judged:
    """Judge what came to ``space`` since ``scope``, an open one, was opened; ``None``: ever.

    By counts, in this turn; ``rivals`` is what ``rivals_for`` has found.
    """
    journal, after = space.journal, mark_of(space, scope).after

    def items(code: str) -> tuple[Item, ...]:
        if code == CALLBACK_FAILED:
            return tuple(_callbacks(space, after))
        return tuple(_items(journal, code, after))

    return _judged(space, scope, rivals, items)


def has_passed(space: Namespace, rivals: Rivals = NO_RIVALS) -> bool:
    """Return the same of the whole in short, without looking at any request."""
    return _judged(space, None, rivals, lambda _: ()).verdict().passed


def _judged(
    space: Namespace,
    scope: Scope | None,
    rivals: Rivals,
    items_of: Callable[[str], tuple[Item, ...]],
) -> Judged:
    journal, effects = space.journal, space.settings.verdict
    mark = mark_of(space, scope)
    errors = journal.count_errors(mark)
    answers = {code: Found(count, items_of(code)) for code, count in errors.items()}
    stubs = StubFindings(space, scope, effects)
    found = {**kinds_of(answers), **stubs.found(), "ambiguous": rivals.found}
    in_doubt = rivals.in_doubt and effect_of("ambiguous", effects) == FAIL
    return Judged(found, effects, tuple(stubs.missing), mark.after, journal.last, in_doubt)


def _items(journal: Journal, code: str, after: int) -> Iterator[Item]:
    for entry in journal.first_errors(code, after, MAX_ITEMS):
        yield Item(entry.number, request_text(entry), code, detail_text(entry))


def _callbacks(space: Namespace, after: int) -> Iterator[Item]:
    """Yield the requests whose callbacks failed, as far as those are kept."""
    for record in space.callbacks.failed(after, MAX_ITEMS):
        callback = record.callback
        url = callback.url.partition("?")[0]
        told = f"callback {record.id}, {callback.method} {url}: {record.detail}"
        yield Item(record.number, record.line, CALLBACK_FAILED, printable(told)[:MAX_DETAIL])
