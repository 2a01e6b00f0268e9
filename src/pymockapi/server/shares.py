"""Fair shares of the event loop: what one namespace asks for does not hold up the others.

A request that takes long waits, and those that come to its namespace after it wait behind it; so
do all of a namespace that sends floods, or has held the loop for more than its share while others
were there. They are served in order of arrival, in short slices, one namespace in each iteration
of the loop, and not claimed before. Nothing fails here, and no answer is another one because it
waited. It knows no stubs: what is to be done for a request are ``Steps``.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Final, Protocol

import msgspec

from pymockapi.model.aside import SlowMatch
from pymockapi.server.application_port import Later, Parked, Reply
from pymockapi.server.rota import Rota
from pymockapi.store.namespace import Namespace
from pymockapi.store.port import Arrival

SLICE_S: Final = 0.0001  # of requests that wait, in one iteration of the loop
BYTE_S: Final = 0.7e-9  # of the loop, for a byte of a body that is put together
STEP_S: Final = 0.5e-6  # of the loop, for a step of matching
LONG_S: Final = 0.0003  # a turn that is longer is felt by others, and counted
AT_ONCE_S: Final = 0.25  # of long turns, before a namespace waits
SHARE: Final = 0.01  # of the loop, in long turns, while others are there
FLOOD_PER_S: Final = 1_000  # requests, while others are there
OTHERS_S: Final = 5.0  # since its last request, somebody else is there
NOTICE_S: Final = 0.02  # until somebody who comes is noticed
MAX_BYTES: Final = 64 * 1024 * 1024  # of requests that wait; who brings more waits for no share
_LOG: Final = logging.getLogger("pymockapi.server")

Steps = Generator[SlowMatch | Reply | Parked | None, None, None]
"""Serves a request: yields its reply once, ``None`` where others may go on, and what must have
been run in a thread before it is resumed."""


class Timer(Protocol):
    def cancel(self) -> None: ...


class Loop(Protocol):
    """What is asked of the event loop."""

    def call_soon(self, callback: Callable[[], object]) -> object: ...

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer: ...

    def call_soon_threadsafe(self, callback: Callable[[], object]) -> object: ...


class Waiting(msgspec.Struct, gc=False, eq=False):
    """A request that waits."""

    arrival: Arrival
    steps: Steps
    later: Later
    size: int
    is_answered: bool = False


class Share:
    """What one namespace has coming. ``debt_s`` is as of ``told_at``; ``is_busy`` while its
    next step is set: in the rota, in a thread, or by the timer.
    """

    __slots__ = (
        "current", "debt_s", "has_been_told", "is_busy", "is_many", "queue", "space", "timer",
        "told_at",
    )  # fmt: skip

    def __init__(self, space: Namespace, now: float) -> None:
        self.space = space
        self.queue: deque[Waiting] = deque()
        self.current: Waiting | None = None  # has begun
        self.debt_s = 0.0
        self.told_at = now
        self.is_many = False  # requests
        self.is_busy = False
        self.has_been_told = False
        self.timer: Timer | None = None

    @property
    def has_work(self) -> bool:
        return self.current is not None or bool(self.queue)

    def owed(self, now: float) -> float:
        """Return the seconds of long turns that are not paid off yet."""
        self.debt_s = max(0.0, self.debt_s - (now - self.told_at) * SHARE)
        self.told_at = now
        return self.debt_s


class Shares:
    """``waiting`` are the namespaces, by id, whose requests have to be given to ``put``."""

    def __init__(
        self,
        loop: Callable[[], Loop],
        run_outside: Callable[[Callable[[], None]], Future[None]],
        spaces: Callable[[], Iterable[Namespace]],
        seconds: Callable[[], float] = time.monotonic,
        cpu_seconds: Callable[[], float] = time.thread_time,
    ) -> None:
        self.waiting: dict[str, Share] = {}
        self._loop = loop
        self._run_outside = run_outside
        self._spaces = spaces
        self._seconds = seconds
        self._cpu_seconds = cpu_seconds
        self._rota = Rota(loop)
        self._known: dict[str, Share] = {}
        self._bytes = 0
        self._is_hurried = False
        self._lasts: dict[str, int] = {}
        self._active: dict[str, float] = {}
        self._looked_at = self._noticed_at = seconds()
        self._is_watching = False

    # What the application calls.

    def put(self, space: Namespace, arrival: Arrival, steps: Steps) -> Later:
        """Have ``steps`` done when it is the turn of what came to ``space`` now."""
        share = self._share(space)
        later = Later(space.id)
        request = arrival.request
        size = len(request.head) + len(request.body)
        share.queue.append(Waiting(arrival, steps, later, size))
        self._bytes += size
        self.waiting[space.id] = share
        self.charge(space, size * BYTE_S)
        if share.timer is not None and self._bytes > MAX_BYTES:
            self._wake(share)
        self._set(share)
        return later

    def charge(self, space: Namespace, seconds: float) -> None:
        """Put a turn of ``seconds`` to the account of ``space``, if it was a long one.

        What else comes to it in this iteration waits for the next: a burst on thirty connections,
        each of which takes a millisecond, is no turn of thirty.
        """
        if seconds <= LONG_S:
            return
        share = self._share(space)
        if space.id not in self.waiting:
            self.waiting[space.id] = share
            self._loop().call_soon(partial(self._see_to, share))
        debt = share.owed(self._seconds()) + seconds
        if not self._has_others(share):
            debt = min(debt, AT_ONCE_S)  # alone, one may take it all
        share.debt_s = debt
        if debt > AT_ONCE_S:
            self.waiting[space.id] = share
            if not share.has_been_told:
                share.has_been_told = True
                _LOG.warning(
                    "namespace '%s' held up the others for longer than its share; its requests"
                    " wait for their turn, see 'Fair shares' in the limits",
                    space.name,
                )

    # What the server calls.

    def look(self) -> None:
        """See who is there and who floods; to be called a few times a second."""
        now = self._seconds()
        many = FLOOD_PER_S * (now - self._looked_at)
        before, self._looked_at = self._lasts, now
        lasts: dict[str, int] = {}
        for space in self._spaces():
            last = lasts[space.id] = space.journal.last
            came = last - before.get(space.id, 0)
            if came:
                self._active[space.id] = now
            if came > many:
                self._share(space).is_many = True
            elif space.id in self._known:
                self._known[space.id].is_many = False
        self._lasts = lasts
        self._active = {
            identity: at
            for identity, at in self._active.items()
            if now - at < OTHERS_S and identity in lasts
        }
        for share in list(self._known.values()):
            self._settle(share, now, is_there=share.space.id in lasts)
        self._watch()

    def cancel(self, owner: str) -> list[Arrival]:
        """Forget what waits for the namespace with this id; return what was not answered."""
        share = self._known.get(owner)
        if share is None:
            return []
        left = [] if share.current is None else [share.current]
        left += share.queue
        share.queue.clear()
        share.current = None
        if share.timer is not None:
            self._wake(share)
        unanswered = [each for each in left if not each.is_answered]
        self._bytes -= sum(each.size for each in unanswered)
        return [each.arrival for each in unanswered]

    def hurry(self) -> None:
        """Make nobody wait for a share any more: the server stops."""
        self._is_hurried = True
        for share in self._known.values():
            if share.timer is not None:
                self._wake(share)

    def close(self) -> None:
        """Forget all that waits; nobody is there any more who could be answered."""
        for owner, share in list(self._known.items()):
            share.is_many = False
            self.cancel(owner)

    # Who may go on.

    def _share(self, space: Namespace) -> Share:
        share = self._known.get(space.id)
        if share is None:
            share = self._known[space.id] = Share(space, self._seconds())
        return share

    def _has_others(self, share: Share) -> bool:
        identity = share.space.id
        if len(self._active) > (identity in self._active):
            return True
        now = self._seconds()
        if now - self._noticed_at < NOTICE_S:
            return False
        self._noticed_at = now
        for space in self._spaces():
            if space.id != identity and space.journal.last > self._lasts.get(space.id, 0):
                self._active[space.id] = now
                return True
        return False

    def _watch(self) -> None:
        """While there is a flood, see soon whether others have come."""
        if not self._is_watching and any(share.is_many for share in self._known.values()):
            self._is_watching = True
            self._loop().call_later(NOTICE_S, self._see_again)

    def _see_again(self) -> None:
        self._is_watching = False
        for share in list(self._known.values()):
            if share.is_many:
                self._settle(share, self._seconds())
        self._watch()

    def _missing_s(self, share: Share, now: float) -> float:
        """Return how long the next request of ``share`` has to wait; not at all if below zero."""
        if self._is_hurried or self._bytes > MAX_BYTES or not self._has_others(share):
            return 0.0
        return (share.owed(now) - AT_ONCE_S) / SHARE

    def _settle(self, share: Share, now: float, *, is_there: bool = True) -> None:
        """Decide whether requests must wait, and forget ``share`` when nothing is owed."""
        is_paid = self._missing_s(share, now) <= 0
        if share.timer is not None and is_paid:
            self._wake(share)
        if share.has_work or share.is_busy:
            return
        identity = share.space.id
        if is_there and (not is_paid or (share.is_many and self._has_others(share))):
            self.waiting[identity] = share
            return
        self.waiting.pop(identity, None)
        if not is_there or not (share.owed(now) or share.is_many):
            self._known.pop(identity, None)

    def _see_to(self, share: Share) -> None:
        self._settle(share, self._seconds())

    def _set(self, share: Share) -> None:
        """Have ``share`` go on in one of the next iterations."""
        if not share.is_busy:
            share.is_busy = True
            self._rota.add(partial(self._slice, share))

    def _wake(self, share: Share) -> None:
        """End the time that ``share`` is waiting for."""
        if share.timer is not None:
            share.timer.cancel()
            share.timer = None
        share.is_busy = False
        self._set(share)

    # What is done for those that wait.

    def _slice(self, share: Share) -> None:
        share.is_busy = False
        try:
            self._serve(share)
        finally:
            if share.has_work:
                self._set(share)
            else:
                self._settle(share, self._seconds())

    def _serve(self, share: Share) -> None:
        began = now = self._seconds()
        cpu = self._cpu_seconds()
        while share.has_work and not share.is_busy and now - began <= SLICE_S:
            if share.current is None and (missing := self._missing_s(share, now)) > 0:
                share.is_busy = True
                share.timer = self._loop().call_later(missing, partial(self._wake, share))
                return
            self._step(share)
            now, after = self._seconds(), self._cpu_seconds()
            self.charge(share.space, after - cpu)
            cpu = after

    def _step(self, share: Share) -> None:
        current = share.current
        if current is None:
            current = share.current = share.queue.popleft()
        try:
            found = next(current.steps)
        except StopIteration:
            share.current = None
        except Exception:
            share.current = None
            if not current.is_answered:
                self._hand_over(current, current.later.failed())
        else:
            if isinstance(found, SlowMatch):
                share.is_busy = True
                back = partial(_come_back, self._loop(), partial(self._wake, share))
                self._run_outside(found.run).add_done_callback(back)
            elif found is not None:
                self._hand_over(current, found)

    def _hand_over(self, current: Waiting, reply: Reply | Parked) -> None:
        self._bytes -= current.size
        current.is_answered = True
        current.later.hand_over(reply)


def _come_back(loop: Loop, resume: Callable[[], None], _: Future[None]) -> None:
    """Go on in the loop's thread; called in another."""
    with suppress(RuntimeError):  # the loop has closed meanwhile
        loop.call_soon_threadsafe(resume)
