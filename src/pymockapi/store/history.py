"""What a namespace was like when an earlier request came: an undo log, bounded.

Each entry holds the number of the last request before a change, and what the change replaced.
``rewind`` goes from the newest back and rebuilds the moment. Nothing is kept for requests that
change nothing, for those that are no longer recorded, or for what no request has met.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, assert_never

import msgspec

from pymockapi.model.stub import Json, Stub
from pymockapi.store.cells import Cell

MAX_CHANGES: Final = 10_000
MAX_STUBS: Final = 40_000  # own stubs that these changes keep alive, of 2.4 kB each
ABSENT: Final = object()

Layers = tuple[tuple[str, Mapping[str, Stub]], ...]


class StubWas(msgspec.Struct, frozen=True):
    """An own stub's definition and place before a change (``None``: there was none)."""

    name: str
    stub: Stub | None
    place: int = 0


class LayersWere(msgspec.Struct, frozen=True):
    """Every layer, the own stubs' places and the hidden names, before a change of many stubs."""

    layers: Layers
    places: Mapping[str, int]
    hidden: frozenset[str]


class HiddenWere(msgspec.Struct, frozen=True):
    """The hidden names, before more were hidden."""

    hidden: frozenset[str]


class StateWas(msgspec.Struct, frozen=True):
    """The whole state before a control write."""

    state: Mapping[str, Json]


class ValuesWere(msgspec.Struct, frozen=True):
    """The state keys that one request wrote; ``ABSENT`` for one that was not there."""

    values: tuple[tuple[str, Json], ...]


class CellWas(msgspec.Struct, frozen=True):
    """One stub's counters before they were set or restarted (``None``: not used till then)."""

    name: str
    cell: Cell | None


Was = StubWas | LayersWere | HiddenWere | StateWas | ValuesWere | CellWas


class Moment(msgspec.Struct):
    """What was in force when a request came. ``complete`` is false when the log is too short.

    ``places`` orders the own stubs. ``cells_until`` tells, by stub, after which request its
    counters in ``cells`` were valid last: claims between the moment and that request are to be
    taken off.
    """

    layers: dict[str, dict[str, Stub]]
    places: dict[str, int]
    hidden: frozenset[str]
    state: dict[str, Json]
    cells: dict[str, Cell | None]
    cells_until: dict[str, int] = msgspec.field(default_factory=dict)
    complete: bool = True


class History:
    """The undo log of one namespace; the newest ``MAX_CHANGES`` changes are kept.

    The stubs of what is dropped go to ``remains``, to be freed by somebody who has the time.
    """

    __slots__ = ("_after", "_dropped_at", "_log", "_marks", "_remains", "_stubs")

    def __init__(self, remains: list[Stub] | None = None) -> None:
        self._remains: list[Stub] = [] if remains is None else remains
        self._log: deque[tuple[int, Was]] = deque()
        self._dropped_at = -1
        self._stubs = 0
        self._after = -1
        self._marks: set[object] = set()  # what is logged already since request ``_after``

    def add(self, after: int, was: Was) -> None:
        """Log a change made after request ``after`` was claimed."""
        if after != self._after:
            self._after = after
            self._marks.clear()
        if not isinstance(was, ValuesWere):
            mark = _mark(was)
            if mark in self._marks or (
                LayersWere in self._marks and isinstance(was, StubWas | HiddenWere)
            ):
                return  # the earlier one undoes this change, too
            self._marks.add(mark)
        self._log.append((after, was))
        self._stubs += _stubs_in(was)
        while len(self._log) > MAX_CHANGES or (self._stubs > MAX_STUBS and len(self._log) > 1):
            self._dropped_at = self._drop()

    def forget(self, first: int) -> None:
        """Drop what only explains requests before ``first``, which are recorded no more."""
        while self._log and self._log[0][0] < first:
            self._drop()

    def _drop(self) -> int:
        """Drop the oldest change; its stubs go to what remains to be freed, in slices."""
        after, dropped = self._log.popleft()
        if isinstance(dropped, LayersWere):
            self._stubs -= len(dropped.places)
            self._remains += dict(dropped.layers)["own"].values()
        return after

    def release(self) -> None:
        """Drop everything: the namespace is gone."""
        while self._log:
            self._drop()

    def rewind(self, number: int, moment: Moment) -> Moment:
        """Turn ``moment``, the present, into what request ``number`` met."""
        for after, was in reversed(self._log):
            if after < number:
                break
            _undo(was, moment, after)
        moment.complete = self._dropped_at < number
        return moment


def _mark(was: Was) -> object:
    return (type(was), was.name) if isinstance(was, StubWas | CellWas) else type(was)


def _stubs_in(was: Was) -> int:
    return len(was.places) if isinstance(was, LayersWere) else 0


def _undo(was: Was, moment: Moment, after: int) -> None:
    match was:
        case StubWas(name, None):
            moment.layers["own"].pop(name, None)
        case StubWas(name, stub, place):
            moment.layers["own"][name] = stub  # type: ignore[assignment]
            moment.places[name] = place
        case LayersWere(layers, places, hidden):
            moment.layers = {name: dict(stubs) for name, stubs in layers}
            moment.places = dict(places)
            moment.hidden = hidden
        case HiddenWere(hidden):
            moment.hidden = hidden
        case StateWas(state):
            moment.state = dict(state)
        case ValuesWere(values):
            for key, value in values:
                if value is ABSENT:
                    moment.state.pop(key, None)
                else:
                    moment.state[key] = value
        case CellWas(name, cell):
            moment.cells[name] = cell.copy() if cell is not None else None
            moment.cells_until[name] = after
        case _:
            assert_never(was)
