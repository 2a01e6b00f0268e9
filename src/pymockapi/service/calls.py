"""What an operation is given and what it answers, free of HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from pymockapi.model.errors import Unreadable
from pymockapi.model.reader import Findings, read_object
from pymockapi.store.memory import MemoryStore

MISSING: Final = type("Missing", (), {"__repr__": lambda _: "MISSING"})()


class Site(msgspec.Struct, frozen=True):
    """One server, as operations see it. ``base_url`` is known once it listens."""

    store: MemoryStore
    seed: int
    base_url: Callable[[], str]
    is_stopping: Callable[[], bool] = lambda: False


class Call(msgspec.Struct, frozen=True):
    """``body`` is ``MISSING`` when none was sent; ``if_version`` comes from ``If-Match``."""

    path: Mapping[str, str] = msgspec.field(default_factory=dict)
    query: Mapping[str, str] = msgspec.field(default_factory=dict)
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


class Outcome(msgspec.Struct, frozen=True):
    """``document`` is ``None`` for nothing (204). ``version`` is the namespace's, for ``ETag``.

    ``status`` is ``None`` for the row's own.
    """

    document: Any = None
    version: int | None = None
    status: int | None = None
