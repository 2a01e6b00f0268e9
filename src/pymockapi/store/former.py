"""What is remembered of stubs that are no longer in force: their names, and what they captured of paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pymockapi.engine.index import LayerIndex
from pymockapi.engine.matching.path_patterns import fits_template
from pymockapi.model.request import Request
from pymockapi.model.stub import Pattern, Stub

MAX_TEMPLATES: Final = 1_000  # with captures, at 0.5 us each where a path is secret; the newest


class FormerStubs:
    """``names`` stay known for ever, path templates as long as there is room."""

    __slots__ = ("_templates", "names")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._templates: dict[str, Pattern] = {}

    def note(self, stubs: Iterable[Stub]) -> None:
        """Remember ``stubs``, which go, or whose names get another definition."""
        for stub in stubs:
            self.names.add(stub.name)
            self._note_path(stub.pattern)

    def note_layers(self, layers: Iterable[tuple[str, LayerIndex]]) -> None:
        """Remember the paths of shared stubs, of which others are in force from now on."""
        for _, layer in layers:
            for stub in layer.stubs:
                self._note_path(stub.pattern)

    def _note_path(self, pattern: Pattern) -> None:
        if pattern.index_key.path_kind == "template":
            self._templates[pattern.describe()] = pattern
            if len(self._templates) > MAX_TEMPLATES:
                del self._templates[next(iter(self._templates))]

    def captures(self, request: Request) -> list[dict[str, str]]:
        """Return what each of those captured of ``request`` whose path fits."""
        return [
            pattern.captures(request)
            for pattern in self._templates.values()
            if fits_template(pattern.index_key.path, request)  # type: ignore[arg-type]
        ]
