"""The stubs of one layer: in definition order, by name, and findable by request.

Base and set layers are built once and shared by every namespace; the own layer of a namespace
changes, and is usually tiny or empty. Says which stubs may accept a request, never whether.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from pymockapi.engine.buckets import Entry, Rank
from pymockapi.engine.paths import PathTable
from pymockapi.model.request import Request
from pymockapi.model.stub import Stub


class Grouped(NamedTuple):
    """The stubs of a layer, with their order, by what their requests are.

    ``repeated`` are the requests of several stubs.

    ``weakest`` is the weakest priority of one that asks something of its requests, 0 for none.
    """

    by_request: Mapping[bytes, tuple[tuple[int, Stub], ...]]
    repeated: frozenset[bytes]
    weakest: int


class LayerIndex:
    """One layer's stubs; names are unique in it.

    ``retire`` takes a spent stub out of ``candidates`` and nothing else: it keeps its name and
    its place in the order, and explanations still find it; ``revive`` brings it back. What a
    look-up returns is valid until the next change. ``grouped`` is kept for ``engine/shadows.py``,
    of layers that change no more.
    """

    __slots__ = ("_live", "_out", "_ranks", "_retired", "_serial", "_stubs", "grouped")

    def __init__(self, stubs: Sequence[Stub] = ()) -> None:
        self._stubs: dict[str, Stub] = {}
        self._ranks: dict[Stub, Rank] = {}
        self._serial = 0
        self._live: PathTable | None = None
        self._retired: PathTable | None = None
        self._out: set[Stub] = set()
        self.grouped: Grouped | None = None
        for stub in stubs:
            self.add(stub)

    def __len__(self) -> int:
        return len(self._stubs)

    def __contains__(self, stub: Stub) -> bool:
        return stub in self._ranks

    @property
    def by_name(self) -> Mapping[str, Stub]:
        """The stubs by name, in definition order; not to be changed by the caller."""
        return self._stubs

    @property
    def stubs(self) -> tuple[Stub, ...]:
        """The stubs in definition order, retired ones too."""
        return tuple(self._stubs.values())

    def rank_of(self, stub: Stub) -> Rank:
        """Return where ``stub`` stands in this layer: the smaller is the stronger."""
        return self._ranks[stub]

    def is_retired(self, stub: Stub) -> bool:
        return stub in self._out

    def add(self, stub: Stub) -> None:
        """Add ``stub`` as the newest. Raises ``ValueError`` if its name is taken here."""
        if stub.name in self._stubs:
            raise ValueError(f"this layer has a stub named '{stub.name}'; replace it instead")
        self._serial += 1
        self._stubs[stub.name] = stub
        self._place(stub, (stub.priority, -self._serial))

    def replace(self, old: Stub, new: Stub) -> None:
        """Put ``new``, of the same name, in ``old``'s place in the order; it is not retired."""
        if old.name != new.name:
            raise ValueError(f"'{new.name}' cannot take the place of '{old.name}'")
        _, place = self._displace(old)
        self._stubs[new.name] = new
        self._place(new, (new.priority, place))

    def remove(self, stub: Stub) -> None:
        """Remove ``stub`` for good. Raises ``KeyError`` if it is not here."""
        self._displace(stub)
        del self._stubs[stub.name]

    def retire(self, stub: Stub) -> None:
        """Take ``stub`` out of ``candidates`` until it is revived; nothing if it is so already."""
        if stub in self._out:
            return
        if self._retired is None:
            self._retired = PathTable()
        rank = self._displace(stub)
        self._out.add(stub)
        self._ranks[stub] = rank
        self._retired.add((rank, stub))

    def revive(self, stub: Stub) -> None:
        """Undo ``retire``; nothing if ``stub`` is not retired."""
        if stub in self._out:
            self._place(stub, self._displace(stub))

    def prepare(self) -> Iterator[None]:
        """Make beforehand, of a large layer that is not in use yet, what look-ups would build.

        Yields often; what it takes altogether is 1.5 us for each path.
        """
        if self._live is not None:
            yield from self._live.prepare()

    def candidates(self, request: Request) -> Sequence[Entry]:
        """Return every stub that may accept ``request``, with its rank, strongest first.

        Method and path are known to fit; no stub that accepts the request is missing.
        """
        return self._live.candidates(request) if self._live is not None else ()

    def retired(self, request: Request) -> Sequence[Entry]:
        """Return the same of the retired stubs."""
        return self._retired.candidates(request) if self._retired is not None else ()

    def nearest(self, request: Request, count: int) -> list[Stub]:
        """Return at most ``count`` stubs to explain ``request`` by, retired ones too.

        Those of the same path, then of paths that look alike, then the newest. The work is
        bounded by ``count``, however many stubs there are.
        """
        near: dict[Stub, None] = {}
        for entries in self._ways(request, count):
            for _, stub in islice(entries, count):
                near[stub] = None
            if len(near) >= count:
                break
        else:
            near.update(dict.fromkeys(islice(reversed(self._stubs.values()), count)))
        return list(near)[:count]

    def _ways(self, request: Request, count: int) -> Iterator[Iterator[Entry]]:
        tables = [table for table in (self._live, self._retired) if table is not None]
        yield chain.from_iterable(table.same_path(request) for table in tables)
        yield chain.from_iterable(table.near_path(request, count // 2) for table in tables)

    def _place(self, stub: Stub, rank: Rank) -> None:
        if self._live is None:
            self._live = PathTable()
        self._ranks[stub] = rank
        self._live.add((rank, stub))

    def _displace(self, stub: Stub) -> Rank:
        rank = self._ranks.pop(stub)
        table = self._retired if stub in self._out else self._live
        assert table is not None
        table.remove((rank, stub))
        self._out.discard(stub)
        return rank
