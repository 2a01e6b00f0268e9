"""What an operation is given and what it answers, free of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pymockapi.model.errors import Unreadable
from pymockapi.model.reader import Findings, read_object
from pymockapi.store.memory import MemoryStore

MISSING: Final = type("Missing", (), {"__repr__": lambda _: "MISSING"})()


@dataclass(frozen=True, slots=True)
class Site:
    """One server, as operations see it. ``base_url`` is known once it listens."""

    store: MemoryStore
    seed: int
    base_url: Callable[[], str]
    is_stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Call:
    """``body`` is ``MISSING`` when none was sent; ``if_version`` comes from ``If-Match``."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = MISSING
    if_version: int | None = None

    @property
    def ns(self) -> str:
        return self.path["namespace"]

    def document(self) -> Any:
        """Return the body, which must be there."""
        if self.body is MISSING:
            raise Unreadable("This call needs a JSON body, and none was sent.")
        return self.body

    def entries(self, found: Findings, known: tuple[str, ...]) -> dict[str, Any]:
        """Return the body as an object with ``known`` keys; none at all is an empty one."""
        return {} if self.body is MISSING else read_object(self.body, "", found, known)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``document`` is ``None`` for nothing (204). ``version`` is the namespace's, for ``ETag``.

    ``status`` is ``None`` for the row's own.
    """

    document: Any = None
    version: int | None = None
    status: int | None = None
