"""How far each stub of a namespace has been used: hits, and a cursor for each ``per`` value."""

from __future__ import annotations

from pymockapi.model.stub import AfterLast, Stub


class Cell:
    """The counters of one stub in one namespace.

    ``missed`` are the requests that it would have answered, and the namespace's behaviour did.
    """

    __slots__ = ("cursors", "hits", "missed", "stub")

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.hits = self.missed = 0
        self.cursors: dict[str | None, int] = {}

    def position(self, key: str | None) -> int:
        return self.cursors.get(key, 0)

    def copy(self) -> Cell:
        twin = Cell(self.stub)
        twin.hits, twin.missed = self.hits, self.missed
        twin.cursors = dict(self.cursors)
        return twin

    @property
    def is_spent(self) -> bool:
        """Whether the stub answers nothing more: ``times`` is served, or its sequence has passed."""
        stub = self.stub
        if stub.times is not None and self.hits >= stub.times:
            return True
        if stub.after_last is not AfterLast.PASS or stub.per is not None:
            return False
        return self.cursors.get(None, 0) >= stub.ends[-1]

    @property
    def keys(self) -> int:
        """How many ``per`` values hold a cursor."""
        return len(self.cursors) if self.stub.per is not None else 0


def settle_cursors(cell: Cell, stub: Stub) -> None:
    """Let cursors go on at what ``stub`` adds: past its last step, the old one stood at its end."""
    old = cell.stub
    if stub.is_sequence and not old.is_sequence and stub.per is None and cell.hits:
        cell.cursors = {None: 1}
    elif old.is_sequence and old.after_last is AfterLast.REPEAT:
        end = old.ends[-1]
        cell.cursors = {key: min(position, end) for key, position in cell.cursors.items()}
