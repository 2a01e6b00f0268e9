"""A project's definitions as read: the base layer, the sets, and how they lie on each other.

Compiled once and shared by every namespace made from it; nothing here changes afterwards but
a cache. A namespace adds its own layer on top. A later version of the config is another value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from pymockapi.engine.index import LayerIndex
from pymockapi.engine.tagging.table import TagTable
from pymockapi.model.behaviour import Behaviour
from pymockapi.model.files import FileBody
from pymockapi.model.settings import ServerSettings
from pymockapi.model.stub import Json, Stub

MAX_COMPOSITIONS: Final = 1_000  # ways to combine sets that are kept; more are made again


class StubSet(msgspec.Struct, frozen=True):
    """A named group of stubs, with the state and settings that come with it."""

    name: str
    layer: LayerIndex
    state: Mapping[str, Json] = msgspec.field(default_factory=dict)
    settings: Mapping[str, Json] = msgspec.field(default_factory=dict)


class Replacement(msgspec.Struct, frozen=True):
    """A stub that a later layer's stub of the same name replaces."""

    stub: str
    layer: str
    by: str


class Composition(msgspec.Struct, frozen=True):
    """The shared layers in force, base first; ``masked`` are the stubs replaced among them.

    ``shadows`` is kept for ``engine/shadows.py``: what it found among them, once it was asked.
    """

    layers: tuple[tuple[str, LayerIndex], ...]
    masked: frozenset[Stub]
    replaced: tuple[Replacement, ...]
    shadows: list[Any] = msgspec.field(default_factory=list)

    def effective(self, name: str) -> Stub | None:
        """Return the stub that ``name`` denotes in the shared layers."""
        for _, layer in reversed(self.layers):
            if (stub := layer.by_name.get(name)) is not None:
                return stub
        return None


class Configuration(msgspec.Struct, frozen=True):
    """What a config defines; ``presets`` are the namespaces it names, as given.

    ``document`` is the whole of it, as given. ``keeping`` are the stubs that say ``keep_cursor``.
    ``version`` counts the configs that a server has had in force; 0: it was started with none.
    ``bodies`` are those of files, by the names that responses have for them. ``behaviours`` are
    its own, by name.
    """

    base: LayerIndex = msgspec.field(default_factory=LayerIndex)
    sets: Mapping[str, StubSet] = msgspec.field(default_factory=dict)
    tags: TagTable = TagTable()
    state: Mapping[str, Json] = msgspec.field(default_factory=dict)
    settings: Mapping[str, Json] = msgspec.field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Json]] = msgspec.field(default_factory=dict)
    server: ServerSettings = msgspec.field(default_factory=ServerSettings)
    document: Mapping[str, Json] = msgspec.field(default_factory=dict)
    keeping: frozenset[Stub] = frozenset()
    version: int = 0
    bodies: Mapping[str, FileBody] = msgspec.field(default_factory=dict)
    behaviours: Mapping[str, Behaviour] = msgspec.field(default_factory=dict)
    _compositions: dict[tuple[str, ...], Composition] = msgspec.field(default_factory=dict)

    def layers(self) -> Iterator[LayerIndex]:
        """Yield the base layer and that of each set."""
        yield self.base
        for each in self.sets.values():
            yield each.layer

    def prepare(self) -> Iterator[None]:
        """Make beforehand what look-ups would build; yields often."""
        for layer in self.layers():
            yield from layer.prepare()

    def compose(self, sets: tuple[str, ...]) -> Composition:
        """Return the layers for ``sets``, each applied once, at its last position."""
        wanted = last_positions(sets)
        found = self._compositions.get(wanted)
        if found is None:
            if len(self._compositions) >= MAX_COMPOSITIONS:
                self._compositions.clear()
            found = self._compositions[wanted] = self._composed(wanted)
        return found

    def _composed(self, sets: tuple[str, ...]) -> Composition:
        layers = (("base", self.base), *((f"set:{name}", self.sets[name].layer) for name in sets))
        masked: list[Stub] = []
        replaced: list[Replacement] = []
        for place, (layer_name, layer) in enumerate(layers):
            above: dict[str, str] = {}
            for other, index in layers[place + 1 :]:
                above.update(dict.fromkeys(layer.by_name.keys() & index.by_name.keys(), other))
            for name in layer.by_name if above else ():
                if name in above:
                    masked.append(layer.by_name[name])
                    replaced.append(Replacement(name, layer_name, above[name]))
        return Composition(layers, frozenset(masked), tuple(replaced))


def last_positions(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``names`` with each kept once, where it stands last."""
    return tuple(reversed(dict.fromkeys(reversed(names))))
