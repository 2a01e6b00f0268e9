"""Which stubs are in force in the course of a bundle: at its beginning, and after each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pymockapi.replay.bundle import OWN, Bundle, BundleError, Change, Definition

Prepare = Callable[[Definition], Definition]


class Layers:
    """The layers as they lie; ``prepare`` makes of a recorded definition the one that is replayed."""

    def __init__(self, bundle: Bundle, prepare: Prepare) -> None:
        self._prepare = prepare
        self._known = {
            (layer.name, stub.name): stub.definition
            for layer in bundle.layers
            for stub in layer.stubs
        }
        self.shared = [
            (layer.name, self._read(layer.name, layer.stubs))
            for layer in bundle.start.layers
            if layer.name != OWN
        ]
        own = [stub for layer in bundle.start.layers if layer.name == OWN for stub in layer.stubs]
        self.own = self._read(OWN, own)
        self.hidden = set(bundle.start.hidden)

    def change(self, change: Change) -> None:
        """Do what ``change`` says."""
        if change.layers is not None:
            self.shared = [
                (layer.name, self._read(layer.name, layer.stubs)) for layer in change.layers
            ]
        if change.own is not None:
            self.own = self._read(OWN, change.own)
        for name in change.removed:
            self.own.pop(name, None)
        self.own |= self._read(OWN, change.defined)
        if change.hidden is not None:
            self.hidden = set(change.hidden)

    def in_force(self) -> dict[str, Definition]:
        """Return the stubs in force by name, the lowest layer first, in order of definition."""
        found: dict[str, Definition] = {}
        for _, stubs in self.shared:
            for name, stub in stubs.items():
                found.pop(name, None)
                if name not in self.hidden:
                    found[name] = stub
        for name, stub in self.own.items():
            found.pop(name, None)
            found[name] = stub
        return found

    def is_shared(self, name: str) -> bool:
        """Return whether a shared layer has a stub of that name."""
        return any(name in stubs for _, stubs in self.shared)

    def names_of(self, stubs: Sequence[str | Definition]) -> list[str]:
        """Return the names of ``stubs``, as a change tells them."""
        return [each if isinstance(each, str) else each["name"] for each in stubs]

    def _read(self, layer: str, stubs: Sequence[str | Definition]) -> dict[str, Definition]:
        found: dict[str, Definition] = {}
        for each in stubs:
            definition = self._known.get((layer, each)) if isinstance(each, str) else each
            if definition is None:
                raise BundleError(
                    f"The bundle names stub '{each}' of layer '{layer}', and its 'layers' have no"
                    " such stub there."
                )
            name = definition.get("name")
            if not isinstance(name, str):
                raise BundleError(f"A stub of layer '{layer}' in the bundle has no name.")
            found[name] = self._prepare(definition)
        return found
