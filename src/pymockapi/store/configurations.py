"""Which configuration is in force, and which earlier ones namespaces still use.

The stubs of one that nobody uses any more are handed over to be freed in slices: ten thousand at
once would stall the loop.
"""

from __future__ import annotations

from collections.abc import Iterator

from pymockapi.engine.configuration import Configuration
from pymockapi.model.stub import Stub


class Configurations:
    """Counts the namespaces that use each version, live or finished and kept."""

    __slots__ = ("_users", "current")

    def __init__(self, current: Configuration) -> None:
        self.current = current
        self._users: dict[int, int] = {}

    def use(self, configuration: Configuration) -> None:
        self._users[configuration.version] = self._users.get(configuration.version, 0) + 1

    def leave(self, configuration: Configuration) -> Iterator[tuple[Stub, ...]]:
        """Count one user less; yields the stubs that are to be freed."""
        left = self._users.pop(configuration.version) - 1
        if left:
            self._users[configuration.version] = left
        else:
            yield from self._unused(configuration)

    def put(self, configuration: Configuration) -> Iterator[tuple[Stub, ...]]:
        """Put another in force; yields the stubs that are to be freed."""
        old, self.current = self.current, configuration
        yield from self._unused(old)

    def _unused(self, configuration: Configuration) -> Iterator[tuple[Stub, ...]]:
        version = configuration.version
        if version != self.current.version and version not in self._users:
            for layer in configuration.layers():
                yield layer.stubs
