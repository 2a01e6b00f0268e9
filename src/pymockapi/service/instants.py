"""What a namespace is in one turn, to be told in slices while it changes."""

from __future__ import annotations

from typing import Any

from pymockapi.model.stub import Stub
from pymockapi.service.documents import limits_document
from pymockapi.store.namespace import Namespace
from pymockapi.store.ranked import ranked_stubs

Document = dict[str, Any]


class Instant:
    """The layers of ``space`` with their counters, its state, clock, seed and settings.

    ``ends``: nothing of it changes any more, so that no counter need be copied.
    """

    def __init__(self, space: Namespace, *, ends: bool) -> None:
        self._layers = [(name, layer.stubs) for name, layer in space.all_layers]
        self._masked = frozenset(space.masked)
        cells = space.cells
        self.cells = cells if ends else {name: cell.copy() for name, cell in cells.items()}
        self.at = space.real_ns()
        self.state = dict(space.state)
        self.seed = space.seed
        self.clock = space.clock.to_json(self.at)
        self.settings_given = dict(space.settings_given)
        self.settings = space.settings
        self.limits = limits_document(space)

    def layer_names(self) -> list[str]:
        return [name for name, _ in self._layers]

    def stubs(self) -> list[tuple[str, Stub]]:
        """Return every stub in force with its layer, strongest rank first."""
        return ranked_stubs(self._layers, self._masked)
