"""Names of sets, where something asks for them."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Final

from pymockapi.model.reader import Findings, below

LISTED: Final = 20


def check_sets(names: tuple[str, ...], at: str, found: Findings, sets: Collection[str]) -> None:
    """Report each name that is no set's, with the nearest that are."""
    for place, name in enumerate(names):
        if name not in sets:
            found.add(below(at, place), no_set(name, sets, found))


def no_set(name: str, sets: Collection[str], found: Findings) -> str:
    near = found.nearest(name, sets, 1)
    hint = f"did you mean '{near[0]}'?" if near else sets_there_are(sets)
    return f"there is no set '{name}'; {hint}"


def sets_there_are(sets: Collection[str]) -> str:
    """Return ``sets: a, b``, of very many the first."""
    if not sets:
        return "the config has no sets, or the server was given none (mock_api_config, serve FILE)"
    more = f" and {len(sets) - LISTED:,} more" if len(sets) > LISTED else ""
    return f"sets: {', '.join(islice(sets, LISTED))}{more}"
