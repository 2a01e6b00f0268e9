"""What a server knows of its config beside what that says: whence, since when, and what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from pymockapi.model.settings import ServerSettings

LIVE: Final = ("on_missing", "seed", "lease_s")  # of ``server``; the rest holds from the start on
LIVE_LIMITS: Final = ("namespaces",)


def as_they_are(settings: ServerSettings) -> ServerSettings:
    return settings


def ignored(_: ServerSettings) -> None:
    """There is no server to tell."""


class Loaded:
    """One config after the other; ``lock`` is held by whoever is about to replace it.

    ``running`` are the server's settings since its start. ``over`` puts what the command line said
    over a config's, ``told`` is called in the turn in which others come into force.
    ``by`` is ``files`` or ``api``, ``None`` while there is no config. ``last_error`` is why the
    files that changed last are not in force. ``given`` is what the config says of the server,
    whether it can hold now or not.
    """

    __slots__ = (
        "at", "by", "files", "given", "is_watched", "last_error", "lock", "needs_restart", "over",
        "running", "told",
    )  # fmt: skip

    def __init__(
        self,
        running: ServerSettings | None = None,
        over: Callable[[ServerSettings], ServerSettings] = as_they_are,
        told: Callable[[ServerSettings], None] = ignored,
    ) -> None:
        self.running = running or ServerSettings()
        self.given = self.running
        self.over = over
        self.told = told
        self.lock = asyncio.Lock()
        self.by: str | None = None
        self.at: int | None = None
        self.files: tuple[str, ...] = ()
        self.is_watched = False
        self.last_error: Mapping[str, Any] | None = None
        self.needs_restart: tuple[str, ...] = ()

    def note(self, by: str, at: int, files: tuple[str, ...] = ()) -> None:
        """Note that a config came into force."""
        self.by, self.at, self.files, self.last_error = by, at, files, None

    def settled(self, given: ServerSettings) -> tuple[ServerSettings, tuple[str, ...]]:
        """Return what of ``given`` can hold now, and the names of what needs a new start."""
        wanted, running = self.over(given), self.running
        live = {name: getattr(wanted, name) for name in LIVE}
        limits = {name: getattr(wanted.limits, name) for name in LIVE_LIMITS}
        settings = msgspec.structs.replace(
            running, **live, limits=msgspec.structs.replace(running.limits, **limits)
        )
        return settings, tuple(sorted(_differing(settings, wanted)))


def _differing(settings: ServerSettings, wanted: ServerSettings) -> list[str]:
    limits = settings.limits
    return [
        *(
            f"server.{name}" for name in settings.__struct_fields__
            if name != "limits" and getattr(settings, name) != getattr(wanted, name)
        ),
        *(
            f"server.limits.{name}" for name in limits.__struct_fields__
            if getattr(limits, name) != getattr(wanted.limits, name)
        ),
    ]  # fmt: skip
