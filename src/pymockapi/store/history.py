"""What a namespace was like when an earlier request came: an undo log, bounded.

Each entry holds the number of the last request before a change, and what the change replaced.
``rewind`` goes from the newest back and rebuilds the moment. Nothing is kept for requests that
change nothing, for those that are no longer recorded, or for what no request has met.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final, assert_never

import msgspec

from pymockapi.engine.index import LayerIndex
from pymockapi.model.stub import Json, Stub
from pymockapi.store.cells import Cell

MAX_CHANGES: Final = 10_000
MAX_STUBS: Final = 40_000  # own stubs and counters that they keep alive, of up to 2.4 kB each
ABSENT: Final = object()

Layers = tuple[tuple[str, LayerIndex], ...]


class StubWas(msgspec.Struct, frozen=True):
    """An own stub's definition and place before a change (``None``: there was none)."""

    name: str
    stub: Stub | None
    place: int = 0


class SharedWere(msgspec.Struct, frozen=True):
    """The shared layers before others were put in force.

    ``stubs`` is how many of theirs nothing else keeps alive: those of a config that was replaced.
    """

    layers: Layers
    stubs: int = 0


class LayersWere(msgspec.Struct, frozen=True):
    """The own stubs, their places and the hidden names, before a change of many stubs."""

    own: Mapping[str, Stub]
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


class CellsWere(msgspec.Struct, frozen=True):
    """The counters of every stub, before others were put in their place."""

    cells: Mapping[str, Cell]


class SettingsWere(msgspec.Struct, frozen=True):
    """The settings as they were given, before a control write."""

    given: Mapping[str, Json]


Was = (
    StubWas
    | SharedWere
    | LayersWere
    | HiddenWere
    | StateWas
    | ValuesWere
    | CellWas
    | CellsWere
    | SettingsWere
)


_COVERED_BY: Final[Mapping[type, type]] = {
    StubWas: LayersWere,
    HiddenWere: LayersWere,
    CellWas: CellsWere,
}


class Moment(msgspec.Struct):
    """What was in force when a request came. ``complete`` is false when the log is too short.

    ``shared`` are the layers below the own one, ``places`` orders the own stubs. ``cells_until`` tells, by stub, after which request its
    counters in ``cells`` were valid last: claims between the moment and that request are to be
    taken off. ``has_others``: stubs that are not in ``cells`` have their present counters; else
    they had none. Cells and shared layers are not to be changed.
    """

    shared: Layers
    own: dict[str, Stub]
    places: dict[str, int]
    hidden: frozenset[str]
    state: dict[str, Json]
    cells: dict[str, Cell | None]
    cells_until: dict[str, int] = msgspec.field(default_factory=dict)
    settings: Mapping[str, Json] = msgspec.field(default_factory=dict)
    complete: bool = True
    has_others: bool = True


class History:
    """The undo log of one namespace; the newest ``MAX_CHANGES`` changes are kept.

    The stubs of what is dropped go to ``remains``, to be freed by somebody who has the time.
    """

    __slots__ = ("_after", "_dropped_at", "_log", "_marks", "_remains", "_stubs")

    def __init__(self, remains: list[object] | None = None) -> None:
        self._remains: list[object] = [] if remains is None else remains
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
            if mark in self._marks or _COVERED_BY.get(type(was)) in self._marks:
                return  # the earlier one undoes this change, too
            self._marks.add(mark)
        self._log.append((after, was))
        self._stubs += _stubs_in(was)
        while len(self._log) > MAX_CHANGES or (self._stubs > MAX_STUBS and len(self._log) > 1):
            self._dropped_at = self._drop()

    def discard(self, state: Mapping[str, Json]) -> None:
        """Leave a state that was replaced to be freed apart: a large one takes 10 ms."""
        self._remains.append(state)

    def forget(self, first: int) -> None:
        """Drop what only explains requests before ``first``, which are recorded no more."""
        while self._log and self._log[0][0] < first:
            self._drop()

    def _drop(self) -> int:
        """Drop the oldest change; its stubs go to what remains to be freed, in slices."""
        after, dropped = self._log.popleft()
        self._stubs -= _stubs_in(dropped)
        if isinstance(dropped, LayersWere):
            self._remains += dropped.own.values()
        elif isinstance(dropped, SharedWere) and dropped.stubs:
            for _, layer in dropped.layers:
                self._remains += layer.stubs
        return after

    def release(self) -> None:
        """Drop everything: the namespace is gone."""
        while self._log:
            self._drop()

    def touches_layers(self, number: int) -> bool:
        """Return whether other layers were in force when request ``number`` came."""
        for after, was in reversed(self._log):
            if after < number:
                break
            if isinstance(was, StubWas | SharedWere | LayersWere | HiddenWere):
                return True
        return False

    def layer_changes(self) -> list[int]:
        """Return after which requests other layers were put in force, in order."""
        return [
            after
            for after, was in self._log
            if isinstance(was, StubWas | SharedWere | LayersWere | HiddenWere)
        ]

    def rewind(self, number: int, moment: Moment) -> Moment:
        """Turn ``moment``, the present, into what request ``number`` met."""
        for after, was in self.back_to(number):
            undo(was, moment, after)
        moment.complete = self.reaches(number)
        return moment

    def back_to(self, number: int) -> Iterator[tuple[int, Was]]:
        """Yield the changes since request ``number`` came, its own too, the newest first."""
        for after, was in reversed(self._log):
            if after < number:
                break
            yield after, was

    def reaches(self, number: int) -> bool:
        """Return whether every change since request ``number`` came is kept."""
        return self._dropped_at < number


def _mark(was: Was) -> object:
    if isinstance(was, SharedWere):
        return (SharedWere, bool(was.stubs))  # what keeps stubs alive is counted each time
    return (type(was), was.name) if isinstance(was, StubWas | CellWas) else type(was)


def _stubs_in(was: Was) -> int:
    if isinstance(was, CellsWere):
        return len(was.cells)
    if isinstance(was, SharedWere):
        return was.stubs
    return len(was.places) if isinstance(was, LayersWere) else 0


def undo(was: Was, moment: Moment, after: int) -> None:
    """Turn ``moment`` into what it was before the change ``was``, made after request ``after``."""
    match was:
        case StubWas(name, stub, place):
            if stub is None:
                moment.own.pop(name, None)
            else:
                moment.own[name] = stub
                moment.places[name] = place
        case SharedWere(layers):
            moment.shared = layers
        case LayersWere(own, places, hidden):
            moment.own = dict(own)
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
            moment.cells[name] = cell
            moment.cells_until[name] = after
        case CellsWere(cells):
            moment.cells = dict(cells)
            moment.cells_until = dict.fromkeys(cells, after)
            moment.has_others = False
        case SettingsWere(given):
            moment.settings = given
        case _:
            assert_never(was)
