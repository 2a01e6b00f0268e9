"""What a template sees of a namespace and of the request that is being answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from pymockapi.engine.draws import Draws
from pymockapi.model.exchange import Exchange
from pymockapi.model.rendering import Occasion
from pymockapi.model.request import Request
from pymockapi.store.namespace import Namespace

SETTINGS: Final = "settings"  # the layer of an answer that no stub gives
_MICROSECOND: Final = 1_000  # nanoseconds; finer than that no record tells the time


def occasion(space: Namespace, entry: Exchange, request: Request, outside: str = "") -> Occasion:
    """Return it for the turn in which ``entry`` was claimed.

    An answer of ``settings.unmatched`` has no stub; its hit is the number of the request, so that
    each draws on its own. ``outside`` is what a proxy took off the path before.
    """
    return Occasion(
        request,
        space.state,
        space.name,
        space.seed,
        entry.stub or "",
        entry.hit if entry.stub is not None else entry.number,
        entry.mock_at // _MICROSECOND * _MICROSECOND,
        _layer(space, entry),
        _captures(space, entry, request),
        outside,
    )


def drawing(space: Namespace, entry: Exchange) -> Callable[[str], Draws]:
    """Return what makes the draws for a purpose, as of the turn in which ``entry`` was claimed."""
    stub = entry.stub or ""
    hit = entry.hit if entry.stub is not None else entry.number
    return partial(Draws, space.seed, _layer(space, entry)(), stub, hit)


def _layer(space: Namespace, entry: Exchange) -> Callable[[], str]:
    def layer() -> str:
        stub = None if entry.stub is None else space.effective(entry.stub)
        return SETTINGS if stub is None else space.layer_of(stub)

    return layer


def _captures(
    space: Namespace, entry: Exchange, request: Request
) -> Callable[[], Mapping[str, str]]:
    found: Mapping[str, str] | None = None

    def captures() -> Mapping[str, str]:
        nonlocal found
        if found is None:
            stub = None if entry.stub is None else space.effective(entry.stub)
            found = {} if stub is None else stub.pattern.captures(request)
        return found

    return captures
