"""How often the stubs of a namespace have answered, against what they expect, and what is left of them.

Counts are by name, since a mark, whatever the definition was when a request came; they are exact
although recorded requests are dropped. Judged are the stubs in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from pymockapi.engine.verifying.expectations import shortened
from pymockapi.engine.verifying.verdict import (
    IGNORE,
    MAX_ITEMS,
    WEIGHTS,
    Found,
    StubItem,
    effect_of,
)
from pymockapi.model.request import printable
from pymockapi.model.stub import AfterLast, Stub
from pymockapi.store.marks import Mark
from pymockapi.store.namespace import OWN, Namespace
from pymockapi.store.snapshot import Scope

BASE = "base"
MAX_KEY = 100  # characters of a cursor's key that is told


class Standing(msgspec.Struct, frozen=True):
    """How many requests a stub of ``layer`` has answered."""

    layer: str
    stub: Stub
    actual: int

    @property
    def missing(self) -> int:
        """How many requests more it is to answer at least."""
        expect = self.stub.expect
        return 0 if expect is None else max(0, expect.low - self.actual)

    @property
    def is_unmet(self) -> bool:
        return self.missing > 0


def mark_of(space: Namespace, scope: Scope | None) -> Mark:
    """Return where the verdict on ``scope`` counts from; ``None``: the one on all of ``space``."""
    return space.journal.marks[0] if scope is None else scope.mark


def standings(space: Namespace, scope: Scope | None = None) -> Iterator[Standing]:
    """Yield how each stub stands that a verdict judges, lowest layer first, in definition order.

    They are the own ones, and those of base and sets that say ``expect``. The verdict on a scope,
    as it is now, judges only stubs that were not in force when it was opened.
    """
    count = space.journal.stub_counts(mark_of(space, scope))
    for layer, stub in judged_stubs(space, scope):
        yield Standing(layer, stub, count(stub.name))


def judged_stubs(space: Namespace, scope: Scope | None) -> Iterator[tuple[str, Stub]]:
    before: frozenset[Stub] = frozenset()
    layers: frozenset[str] = frozenset()
    if scope is not None:
        before = frozenset(scope.kept.own)
        layers = frozenset((BASE, *(f"set:{name}" for name in scope.kept.sets)))
    masked = space.masked
    for layer, index in space.composition.layers:
        if layer not in layers:
            for stub in index.by_name.values():
                if stub.expect is not None and stub not in masked:
                    yield layer, stub
    for stub in space.own.by_name.values():
        if stub not in before:
            yield OWN, stub


class StubFindings:
    """The problems with stubs, by kind: all are counted, the first are told.

    20,000 stubs take 10 ms, whatever is wrong with them.
    """

    def __init__(self, space: Namespace, scope: Scope | None, effects: Mapping[str, str]) -> None:
        self._space = space
        self._mark = mark_of(space, scope)
        self._counts: dict[str, int] = {}
        self._items: dict[str, list[StubItem]] = {}
        self.missing: list[Standing] = []  # that are told as unmet, in their order
        weights = [WEIGHTS.index(effect_of(kind, effects)) for kind in ("unmet", "unused")]
        is_told_once = weights[0] <= weights[1]  # as unmet; as unused, too, would say no more
        plays = effect_of("sequence_left", effects) != IGNORE
        count = space.journal.stub_counts(self._mark)
        for layer, stub in judged_stubs(space, scope):
            actual, expect = count(stub.name), stub.expect
            low, high = (0, None) if expect is None else (expect.low, expect.high)
            if actual < low:
                self._note("unmet", layer, stub, actual)
            elif high is not None and actual > high:
                self._note("overrun", layer, stub, actual)
            is_needed = high != 0 and (expect is None or not expect.optional) and layer != BASE
            if not actual and is_needed and not (low and is_told_once):
                self._note("unused", layer, stub, actual)
            if plays and stub.is_sequence:
                self._play(Standing(layer, stub, actual))

    def found(self) -> dict[str, Found]:
        return {
            kind: Found(count, (), tuple(self._items[kind])) for kind, count in self._counts.items()
        }

    def _note(self, kind: str, layer: str, stub: Stub, actual: int) -> None:
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if count <= MAX_ITEMS:
            each = Standing(layer, stub, actual)
            self._tell(kind, each)
            if kind == "unmet":
                self.missing.append(each)

    def _tell(
        self, kind: str, each: Standing, detail: str | None = None, key: str | None = None
    ) -> None:
        stub = each.stub
        numbers = self._space.journal.first_of(stub.name, self._mark.after, MAX_ITEMS)
        item = StubItem(
            stub.name,
            each.layer,
            stub.pattern.describe(),
            stub.expect,
            each.actual,
            numbers,
            detail,
            key=key,
        )
        self._items.setdefault(kind, []).append(item)

    def _play(self, each: Standing) -> None:
        stub = each.stub
        if stub.after_last is AfterLast.CYCLE or each.layer == BASE:
            return
        if not each.actual and stub.expect is not None and not stub.expect.low:
            return  # it need not have begun
        cell = self._space.cells.get(stub.name)
        cursors = {None: 0} if cell is None or not cell.cursors else cell.cursors
        total = stub.ends[-1]
        left = [(key, position) for key, position in cursors.items() if position < total]
        if not left:
            return
        count = self._counts["sequence_left"] = self._counts.get("sequence_left", 0) + 1
        if count <= MAX_ITEMS:
            key, position = left[0]
            key = None if key is None else shortened(printable(key), MAX_KEY)
            of = "" if key is None else f" for '{key}'"
            others = len(left) - 1
            more = f", and {others} cursor{'s' if others > 1 else ''} more" if others else ""
            self._tell(
                "sequence_left", each, f"{position} of {total} answers were given{of}{more}", key
            )
