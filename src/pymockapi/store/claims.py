"""Which live namespace holds which value of a server's own selectors.

A claim is taken when its namespace begins and let go when it ends, in the same turn, so that no
request falls between two holders.
"""

from __future__ import annotations

from collections.abc import Iterator

from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.errors import ClaimHeld
from pymockapi.store.namespace import Namespace


class Claims:
    """Holders by the notation of the selector and the value, each with one at most."""

    __slots__ = ("_holders",)

    def __init__(self) -> None:
        self._holders: dict[tuple[str, str], Namespace] = {}

    def holder(self, selector: str, value: str) -> Namespace | None:
        return self._holders.get((selector, value))

    def check(self, spec: NamespaceSpec, *leaving: Namespace | None) -> None:
        """Raise ``ClaimHeld`` if others than ``leaving`` hold what ``spec`` claims."""
        for _, error in self.held(spec, *leaving):
            raise error

    def held(
        self, spec: NamespaceSpec, *leaving: Namespace | None
    ) -> Iterator[tuple[str, ClaimHeld]]:
        """Yield what others than ``leaving`` hold of what ``spec`` claims, with its selector."""
        for selector, value in _claimed(spec):
            holder = self._holders.get((selector, value))
            if holder is not None and holder not in leaving:
                yield selector, ClaimHeld(selector, value, holder.name, spec.name)

    def take(self, space: Namespace) -> None:
        """Hold for ``space`` what it claims; ``check`` has passed."""
        for claim in _claimed(space.spec):
            self._holders[claim] = space

    def release(self, space: Namespace) -> None:
        for claim in _claimed(space.spec):
            del self._holders[claim]


def _claimed(spec: NamespaceSpec) -> Iterator[tuple[str, str]]:
    return ((selector, value) for selector, values in spec.claims.items() for value in values)
