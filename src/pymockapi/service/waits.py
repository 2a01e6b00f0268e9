"""One verification that waits: for what is missing, then, if asked, for nothing to follow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from pymockapi.engine.verifying.expectations import Seen
from pymockapi.engine.verifying.questions import Questions
from pymockapi.engine.verifying.runs import TooManyWays
from pymockapi.engine.verifying.verification import Verification
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.exchange import OPEN, Exchange
from pymockapi.service.listing import Pause
from pymockapi.service.scanning import answers
from pymockapi.store.journal import Journal


class Handle(Protocol):
    def cancel(self) -> object: ...


CallLater = Callable[[float, Callable[[], None]], Handle]
"""Calls back after so many seconds, as ``loop.call_later``."""


class Wait:
    """``done`` is resolved once the outcome is settled, or its time is over.

    ``at`` is the last request it has seen, ``until`` the last that counts, once its time is over.
    ``reason`` tells why it failed, if that is not in the requests. ``due`` is called when its
    time is over, ``watch`` with each request whose phase it awaits.
    """

    def __init__(
        self,
        verification: Verification,
        questions: Questions,
        later: CallLater,
        due: Callable[[Wait], None],
        watch: Callable[[Wait, Exchange], None],
    ) -> None:
        self.verification = verification
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.at = verification.cursor
        self.until: int | None = None
        self.reason: str | None = None
        self.questions = questions
        self._later = later
        self._due = due
        self._watch = watch
        self._timer: Handle | None = None
        self._weight: int | None = None  # of what came until everything was met

    @property
    def is_met(self) -> bool:
        """Whether all is met, and it only watches that nothing follows."""
        return self._weight is not None

    def awaits(self, number: int) -> bool:
        if self.done.done() or number <= self.at:
            return False
        return self.until is None or number <= self.until

    def counted(self, last: int) -> int:
        """Return which request, of those to ``last``, is the last that counts."""
        return last if self.until is None else min(last, self.until)

    async def take(self, entry: Exchange, seen: Seen, pause: Pause) -> None:
        """Go on with the next request."""
        self.at = entry.number
        try:
            fits = await answers(self.questions, seen, pause)
            if self.done.done():
                return
            concerned = self.verification.feed(entry, fits)
            if self.verification.asks_phase and entry.phase in OPEN:
                self._watch(self, entry)
            self.consider(concerned=concerned)
        except (ExpressionLimit, TooManyWays) as error:
            self.fail(error)

    def lose(self, journal: Journal, after: int) -> None:
        """Go on although what came after ``after`` was dropped before it could be seen.

        All of it may have counted, also where only the first of it came in time.
        """
        self.verification.lose(journal.lost(after).number)
        self.at = journal.first - 1
        self.consider()

    async def catch_up(self, journal: Journal, pause: Pause) -> None:
        """Take what is recorded and was not seen yet."""
        while self.awaits(self.counted(journal.last)):
            if self.at + 1 < journal.first:
                self.lose(journal, self.at)
                continue
            self.at += 1
            if (entry := journal.get(self.at)) is not None:
                await self.take(entry, Seen(entry), pause)
            if (waiting := pause()) is not None:
                await waiting

    def consider(self, *, concerned: bool = False) -> None:
        """End it if the outcome is settled; ``concerned``: a request came that matters to it."""
        verification = self.verification
        if self.done.done():
            return
        if self._weight is not None:
            if concerned or verification.weight > self._weight:
                self.end(
                    f"Request #{verification.cursor} came within quiet_for, when everything had"
                    " been met."
                )
            return
        standing = verification.standing()
        if standing.passes and verification.check.quiet_s:
            self._weight = verification.weight
            self.until = None
            self.set_timer(verification.check.quiet_s)
        elif standing.passes or not standing.is_open:
            self.end()

    def set_timer(self, seconds: float) -> None:
        self.free()
        self._timer = self._later(seconds, self._expire)

    def _expire(self) -> None:
        self._timer = None
        self._due(self)

    def conclude(self, last: int, reason: str | None = None) -> None:
        """End it after all that counts, which is up to request ``last``."""
        if not self.done.done():
            cursor = self.verification.cursor
            self.verification.cursor = max(cursor, last if self.until is None else self.until)
            self.end(reason)

    def end(self, reason: str | None = None) -> None:
        self.free()
        if not self.done.done():
            self.reason = reason
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        self.free()
        if not self.done.done():
            self.done.set_exception(error)

    def abandon(self) -> None:
        """Give it up: nobody waits for its outcome."""
        self.free()
        self.done.cancel()

    def free(self) -> None:
        """Drop the timer, which refers back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
