"""Which stubs a request's method and path lead to: exact paths, templates, prefixes, any path.

Follows the rules of ``docs/matching.md``: a capture is one non-empty segment, case and slashes
count. Sees canonical paths only. Paths that are merely near are found by ``neighbours``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from pymockapi.engine.buckets import SETTLED_AT_ONCE, Entry, MethodTable, merged
from pymockapi.engine.neighbours import Neighbours
from pymockapi.model.request import Request
from pymockapi.model.stub import IndexKey

PathKey = str | tuple[str | int | None, ...]
"""An exact path, a template's parts, ``(0, prefix)``, or ``()`` for any path."""
_ANY: Final = ()
MANY_PATHS: Final = 1_000  # their neighbours are found in 2 ms
_A_FEW: Final = 3  # of one path, so that a crowded one does not hide the others
_K = TypeVar("_K")


def path_key(key: IndexKey) -> PathKey:
    if key.path_kind == "prefix":
        return (0, str(key.path))
    return _ANY if key.path_kind == "any" else key.path


class PathTable:
    """Entries by path. What it returns is valid until it is next changed.

    A path's entries are a mere list until they are first looked up, so that adding stubs on ten
    thousand paths takes 9 ms instead of 30.
    """

    __slots__ = ("_near", "_shapes", "_tables")

    def __init__(self) -> None:
        self._tables: dict[PathKey, MethodTable | list[Entry]] = {}
        self._shapes: Shapes | None = None
        self._near: Neighbours[PathKey] | None = None

    def add(self, entry: Entry) -> None:
        key = entry[1].pattern.index_key
        path = path_key(key)
        table = self._tables.get(path)
        if table is None:
            self._tables[path] = [entry]
            self._register(path)
        elif isinstance(table, list):
            table.append(entry)
            if len(table) >= SETTLED_AT_ONCE:
                self._table(path)
        else:
            table.add(entry, key.methods)

    def remove(self, entry: Entry) -> None:
        """Remove ``entry``, which is there."""
        key = entry[1].pattern.index_key
        path = path_key(key)
        if not self._table(path).remove(entry, key.methods):
            del self._tables[path]
            self._unregister(path)

    def candidates(self, request: Request) -> Sequence[Entry]:
        """Return the entries whose method, path and literals fit, strongest first."""
        if self._shapes is None:
            table = self._tables.get(request.path)
            if table is None:
                return ()
            if isinstance(table, list):
                table = self._table(request.path)
            return table.candidates(request)
        return merged([table.candidates(request) for table in self._fitting(request)])

    def same_path(self, request: Request) -> Iterator[Entry]:
        """Yield the entries whose path fits, whatever their method and fields."""
        for table in self._fitting(request):
            yield from table.entries(request.method)

    def near_path(self, request: Request, count: int) -> Iterator[Entry]:
        """Yield a few entries of each of at most ``count`` paths most like the request's."""
        if self._near is None:
            self._near = Neighbours((_as_text(path), path) for path in self._tables)
        for path in self._near.around(request.path, count):
            yield from islice(self._table(path).entries(request.method), _A_FEW)

    def prepare(self) -> Iterator[None]:
        """Make what the first near miss would have to wait for, of many paths; yields often.

        Nothing may be added or removed meanwhile.
        """
        if self._near is not None or len(self._tables) < MANY_PATHS:
            return
        texts: list[tuple[str, PathKey]] = []
        for number, path in enumerate(self._tables):
            texts.append((_as_text(path), path))
            if number % MANY_PATHS == 0:
                yield
        yield
        self._near = Neighbours(texts)
        yield  # sorting so many takes 4 ms; what follows is for another turn

    def _fitting(self, request: Request) -> list[MethodTable]:
        keys = [request.path] if self._shapes is None else self._shapes.keys(request)
        tables = self._tables
        return [self._table(key) for key in keys if key in tables]

    def _table(self, path: PathKey) -> MethodTable:
        table = self._tables[path]
        if isinstance(table, list):
            entries, table = table, MethodTable()
            for entry in entries:
                table.add(entry, entry[1].pattern.index_key.methods)
            self._tables[path] = table
        return table

    def _register(self, path: PathKey) -> None:
        if not isinstance(path, str):
            if self._shapes is None:
                self._shapes = Shapes()
            self._shapes.add(path)
        if self._near is not None:
            self._near.add(_as_text(path), path)

    def _unregister(self, path: PathKey) -> None:
        if self._shapes is not None and not isinstance(path, str):
            self._shapes.remove(path)
            if not self._shapes:
                self._shapes = None
        if self._near is not None:
            self._near.remove(_as_text(path))


class Shapes:
    """Which keys beside its own path a request must be looked up by."""

    __slots__ = ("_any", "_captures", "_lengths")

    def __init__(self) -> None:
        self._captures: dict[int, dict[tuple[int, ...], int]] = {}
        self._lengths: dict[int, int] = {}
        self._any = False

    def __bool__(self) -> bool:
        return bool(self._captures or self._lengths or self._any)

    def add(self, path: tuple[str | int | None, ...]) -> None:
        if path == _ANY:
            self._any = True
        elif path[0] == 0:
            length = len(str(path[1]))
            self._lengths[length] = self._lengths.get(length, 0) + 1
        else:
            captures = self._captures.setdefault(len(path), {})
            places = _captures_of(path)
            captures[places] = captures.get(places, 0) + 1

    def remove(self, path: tuple[str | int | None, ...]) -> None:
        if path == _ANY:
            self._any = False
        elif path[0] == 0:
            _count_down(self._lengths, len(str(path[1])))
        else:
            captures = self._captures[len(path)]
            _count_down(captures, _captures_of(path))
            if not captures:
                del self._captures[len(path)]

    def keys(self, request: Request) -> list[PathKey]:
        """Return every key under which a table may be that fits the request's path."""
        path = request.path
        keys: list[PathKey] = [path]
        if self._captures and path.startswith("/"):
            segments = request.segments
            for places in self._captures.get(len(segments), ()):
                if (key := _template_key(segments, places)) is not None:
                    keys.append(key)
        if self._lengths:
            keys += [(0, path[:length]) for length in self._lengths if length <= len(path)]
        if self._any:
            keys.append(_ANY)
        return keys


def _captures_of(path: tuple[str | int | None, ...]) -> tuple[int, ...]:
    return tuple([place for place, part in enumerate(path) if part is None])


def _template_key(segments: list[str], places: tuple[int, ...]) -> PathKey | None:
    """Return the parts of the one template that could fit; ``None``: a capture would be empty."""
    parts: list[str | None] = [*segments]
    for place in places:
        if not parts[place]:
            return None
        parts[place] = None
    return tuple(parts)


def _count_down(counts: dict[_K, int], key: _K) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]


def _as_text(path: PathKey) -> str:
    """Write a key as a path, to compare it by; no two keys are written alike.

    A capture is ``{}``, which sorts last. A lone surrogate, which no path has, marks the kinds.
    """
    if isinstance(path, str):
        return path
    if path[:1] == (0,):
        return f"{path[1]}\ud800"
    return "/" + "/".join("{}" if part is None else str(part) for part in path) + "\ud801"
