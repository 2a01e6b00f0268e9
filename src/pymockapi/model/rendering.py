"""What a template is rendered from, and how that may fail: values, no rendering."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from pymockapi.model.request import Request

MAX_STEPS: Final = 17_000  # of one rendering; up to 0.6 us each


class Occasion(msgspec.Struct, frozen=True, gc=False):
    """What a rendering may see.

    ``state`` is the namespace's, after what the request writes (for a write: before it). ``hit``
    counts from 1, 0 without a stub. ``now_ns`` is the namespace's clock when the request was
    recorded. ``layer`` tells in which layer the stub lies, ``captures`` what its path captured.
    ``outside`` is what a proxy took off the path before.
    """

    request: Request
    state: Mapping[str, Any]
    namespace: str
    seed: int
    stub: str
    hit: int
    now_ns: int
    layer: Callable[[], str]
    captures: Callable[[], Mapping[str, str]]
    outside: str = ""


class RenderingFailed(Exception):
    """A template cannot be rendered for a request. ``message`` is a sentence without its end.

    ``is_limit`` tells that it went past its budget. ``place`` is where in the template, ``pointer``
    where in the definition, once they are known.
    """

    def __init__(self, message: str, *, is_limit: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_limit = is_limit
        self.place: str | None = None
        self.pointer: str | None = None

    def at(self, place: str, what: str = "") -> RenderingFailed:
        """Note the place, and what failed there, unless an inner one is known."""
        if self.place is None:
            self.place = place
            if what:
                self.message = f"{what}: {self.message}"
        return self

    def below(self, pointer: str) -> RenderingFailed:
        """Note where the template stands, as ``/json/id``."""
        self.pointer = pointer
        return self

    def __str__(self) -> str:
        places = [each for each in (self.pointer, self.place) if each is not None]
        return ", ".join(places) + (": " if places else "") + self.message
