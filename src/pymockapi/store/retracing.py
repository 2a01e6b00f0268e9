"""What a recorded request met, and what control writes left after which of those since.

Read off the undo log (``store/history.py``), from the present back, in slices. What requests
themselves wrote is taken off, too, but told nowhere: it comes again when they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

import msgspec

from pymockapi.model.slices import Work
from pymockapi.model.stub import Json, Stub
from pymockapi.store.cells import Cell
from pymockapi.store.history import (
    CellsWere,
    CellWas,
    HiddenWere,
    Layers,
    LayersWere,
    Moment,
    SettingsWere,
    SharedWere,
    StateWas,
    StubWas,
    ValuesWere,
    Was,
    undo,
)
from pymockapi.store.journal import Journal
from pymockapi.store.namespace import Namespace

_MANY: Final = 256  # claims, or counters to be copied, between two looks at the clock
_TRIES: Final = 3  # to copy all counters without a control write between
_FEW: Final = 32  # counters, likewise
_KEYS: Final = 4_096  # of a state, likewise
Counters = dict[str, Cell | None]


class Turn(msgspec.Struct, frozen=True):
    """What control writes left after request ``after``, before the next; ``None``: as it was.

    ``layers`` are the shared ones, ``own`` the whole own layer in order. When only single stubs of
    it were written, these are ``defined`` (in its order) and ``removed`` instead. ``state`` are the keys that are
    other (``None``: gone), ``counters`` the stubs whose counters are (``None``: begin anew).
    """

    after: int
    layers: Layers | None = None
    own: tuple[Stub, ...] | None = None
    defined: tuple[Stub, ...] = ()
    removed: tuple[str, ...] = ()
    hidden: frozenset[str] | None = None
    state: Mapping[str, Json | None] | None = None
    settings: Mapping[str, Json] | None = None
    counters: Counters = msgspec.field(default_factory=dict)


class Course(msgspec.Struct, frozen=True):
    """What request ``number`` met, and the turns since, the earliest first.

    ``layers`` are the shared ones, ``own`` is in order of definition; ``counters`` are those of
    stubs that had been used. ``complete`` is false where the log, or a request that was deleted,
    leaves something in doubt.
    """

    number: int
    layers: Layers
    own: tuple[Stub, ...]
    hidden: frozenset[str]
    state: Mapping[str, Json]
    settings: Mapping[str, Json]
    counters: Counters
    turns: Sequence[Turn]
    complete: bool


def retrace(space: Namespace, number: int) -> Work[Course]:
    """Return what request ``number`` of ``space`` met, and what has been written since.

    What comes meanwhile is not in it, unless that is a control write before the counters are copied.
    """
    tries, version = 0, -1
    while version != space.version:
        tries, version = tries + 1, space.version
        walk = _Walk(space, number)
        log = list(space.history.back_to(number))
        is_kept = space.history.reaches(number)
        yield from walk.copy_cells(space, in_slices=tries < _TRIES)
    turns = []
    for after, group in groupby(log, itemgetter(0)):
        turn = yield from walk.back(after, [was for _, was in group])
        if turn is not None:
            turns.append(turn)
        yield
    moment = walk.moment
    counters: Counters = {}
    for place, name in enumerate(moment.cells):
        counted = yield from walk.counted(name, number - 1)
        if counted is not None and _counts(counted) != (0, {}):
            counters[name] = counted
        if place % _FEW == _FEW - 1:
            yield
    own = walk.own if walk.own is not None else _in_order(moment)
    return Course(number, moment.shared, own, moment.hidden, moment.state,
                  moment.settings, counters, turns[::-1], is_kept and walk.is_certain)  # fmt: skip


class _Walk:
    """The way back; ``moment`` is what was there at the place that it has come to."""

    def __init__(self, space: Namespace, number: int) -> None:
        is_moved = space.history.touches_layers(number)  # else places tell nothing, and take 3 ms
        self.own = None if is_moved else space.own.stubs
        self.moment = Moment(
            space.composition.layers,
            dict(space.own.by_name) if is_moved else {},
            space.own_places() if is_moved else {},
            space.hidden,
            dict(space.state),
            {},
            settings=space.settings_given,
            has_others=False,
        )
        self.is_certain = True
        self._journal: Journal = space.journal

    def copy_cells(self, space: Namespace, *, in_slices: bool) -> Work[None]:
        """Copy the counters; what requests of meanwhile count is taken off them later."""
        moment = self.moment
        for number, (name, cell) in enumerate(list(space.cells.items()), 1):
            moment.cells[name] = cell.copy()
            moment.cells_until[name] = space.journal.last
            if in_slices and number % _MANY == 0:
                yield

    def back(self, after: int, newest_first: Sequence[Was]) -> Work[Turn | None]:
        """Go back over what was written after request ``after``, and what that wrote itself."""
        writes = [was for was in newest_first if not isinstance(was, ValuesWere)]
        left = (yield from self._left(after, writes)) if writes else None
        for was in writes:
            undo(was, self.moment, after)
        turn = None if left is None else (yield from self._turn(after, left, writes))
        for written in newest_first[len(writes) :]:  # by the request itself, before the others
            undo(written, self.moment, after)
        return turn

    def _left(self, after: int, writes: Sequence[Was]) -> Work[Moment]:
        """Return what was there once all of ``writes`` were done, as far as they are about it."""
        moment = self.moment
        cells: Counters = {}
        for number, name in enumerate(_names_of_cells(writes, moment), 1):
            cells[name] = yield from self.counted(name, after)
            if number % _FEW == 0:
                yield
        kinds = set(map(type, writes))
        is_layers = bool(kinds & {StubWas, LayersWere})
        return Moment(
            moment.shared,
            dict(moment.own) if is_layers else {},
            dict(moment.places) if is_layers else {},
            moment.hidden,
            moment.state,  # what is undone makes another
            cells,
            settings=moment.settings,
        )

    def _turn(self, after: int, left: Moment, writes: Sequence[Was]) -> Work[Turn]:
        """Tell what ``left`` has that is not as ``writes``, undone by now, found it."""
        found, kinds = self.moment, set(map(type, writes))
        is_placed = LayersWere in kinds
        own, defined, removed = None, list[Stub](), list[str]()
        for name in () if is_placed else {was.name for was in writes if isinstance(was, StubWas)}:
            stub, old = left.own.get(name), found.own.get(name)
            is_placed |= stub is not None and old is not None and _moved(name, left, found)
            if stub is not None and stub is not old:
                defined.append(stub)
            elif stub is None and old is not None:
                removed.append(name)
        if is_placed:
            own, defined, removed = _in_order(left), [], []
        is_stated = StateWas in kinds
        return Turn(
            after,
            layers=left.shared if SharedWere in kinds else None,
            own=own,
            defined=tuple(sorted(defined, key=lambda stub: left.places[stub.name])),
            removed=tuple(sorted(removed)),
            hidden=left.hidden if kinds & {HiddenWere, LayersWere} else None,
            state=(yield from _written(left.state, found.state)) if is_stated else None,
            settings=left.settings if SettingsWere in kinds else None,
            counters={
                name: cell
                for name, cell in left.cells.items()
                if _counts(cell) != _counts(found.cells.get(name))
            },
        )

    def counted(self, name: str, after: int) -> Work[Cell | None]:
        """Return the counters of ``name`` as request ``after`` left them."""
        cell = self.moment.cells.get(name)
        if cell is None:
            return None
        cell = cell.copy()
        until = self.moment.cells_until[name]
        for number, claimed in enumerate(list(self._journal.numbers(stub=name, after=after)), 1):
            if claimed > until:
                break
            entry = self._journal.get(claimed)
            if entry is None:
                self.is_certain = False
                continue
            cell.hits -= 1
            if cell.stub.is_sequence:
                cell.cursors[entry.key] -= 1
            if number % _MANY == 0:
                yield
        return cell


def _names_of_cells(writes: Iterable[Was], moment: Moment) -> dict[str, None]:
    names: dict[str, None] = {}
    for was in writes:
        if isinstance(was, CellWas):
            names[was.name] = None
        elif isinstance(was, CellsWere):
            names |= dict.fromkeys(was.cells) | dict.fromkeys(moment.cells)
    return names


def _moved(name: str, left: Moment, found: Moment) -> bool:
    return left.places[name] != found.places[name]


def _counts(cell: Cell | None) -> tuple[int, dict[str | None, int]]:
    if cell is None:
        return 0, {}
    return cell.hits, {key: position for key, position in cell.cursors.items() if position}


def _written(state: Mapping[str, Json], before: Mapping[str, Json]) -> Work[dict[str, Json | None]]:
    written: dict[str, Json | None] = {}
    for number, (key, value) in enumerate(state.items(), 1):
        if before.get(key) is not value:
            written[key] = value
        if number % _KEYS == 0:
            yield
    for number, key in enumerate(before, 1):
        if key not in state:
            written[key] = None
        if number % _KEYS == 0:
            yield
    return written


def _in_order(moment: Moment) -> tuple[Stub, ...]:
    return tuple(sorted(moment.own.values(), key=lambda stub: moment.places[stub.name]))
