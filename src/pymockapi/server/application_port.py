"""What the edge asks of the application it serves, and what it tells it.

The edge knows bytes, sockets and time; the application knows namespaces, stubs and the
journal. Neither knows how the other does it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec

from pymockapi.model.delivery import Dispatch
from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import Response


class Reply(msgspec.Struct, gc=False):
    """One answer, as the application hands it over.

    ``date`` is a complete ``Date`` line with its CRLF, used instead of the real time's.
    ``extra`` are further encoded header lines, each with its CRLF. ``handle`` is what
    ``progress`` is told about (``None``: nobody asks). ``owner`` is what ``cancel`` names, the
    id of a namespace; ``None``: nothing cancels it. ``rest`` is what follows the response's own
    bytes, piece by piece, as the client takes it; such a reply must come later (``Awaitable``)
    and has no handle. ``dispatch`` is how it leaves; ``None``: at once and whole.
    """

    response: Response
    date: bytes | None = None
    extra: bytes = b""
    handle: object | None = None
    owner: str | None = None
    rest: deque[bytes] | None = None
    dispatch: Dispatch | None = None


class Session(Protocol):
    """What a client is told, message by message, once its connection speaks WebSocket."""

    wake: Callable[[], None]
    """Set by whoever reads; called, at most once until ``take``, when there is something to take."""

    @property
    def ended(self) -> str | None:
        """Why nothing more will come, once ``take`` has returned all, else ``None``."""
        ...

    def take(self, most: int) -> list[str]:
        """Return the next messages in order, at most so many; none if there is none now."""
        ...

    def command(self, text: str) -> None:
        """Take a message of the client; what is wrong with it is told among the messages."""
        ...

    def close(self) -> None:
        """Nobody reads any more."""
        ...


class Sessions(Protocol):
    """Where sessions come from."""

    def open(self, namespace: str | None, query: Mapping[str, str]) -> Session:
        """Return a new one, of one namespace or of all. Raises ``ControlError``."""
        ...


class Switch(Reply, gc=False, kw_only=True):
    """A reply after which the connection is no HTTP any more but ``session``'s.

    It must come later (``Later``), so that nothing is read before it is decided.
    """

    session: Session


class Later:
    """A reply that the application hands over in a later turn. ``owner`` is that of the reply.

    Whoever keeps its place sets ``arrive``, and ``failed``, which returns the reply of a request
    on which the application failed. ``finish`` is what is done to the reply before. ``park`` is
    told where the request, once claimed, waits for something else.
    """

    __slots__ = ("arrive", "failed", "finish", "owner", "park")

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.arrive: Callable[[Reply], None] = _drop
        self.failed: Callable[[], Reply]
        self.finish: Callable[[Reply], Reply] = _as_it_is
        self.park: Callable[[Parked], None] = _forget

    def hand_over(self, reply: Reply | Parked) -> None:
        done = self.finished(reply)
        if isinstance(done, Parked):
            self.park(done)
        else:
            self.arrive(done)

    def finished(self, reply: Reply | Parked) -> Reply | Parked:
        """Return ``reply`` with what is to be done to it done, or still to be done."""
        if not isinstance(reply, Parked):
            return self.finish(reply)
        reply.finish = self.finish
        return reply


class Parked(Later):
    """A reply that waits, at a gate or for a function: its request is claimed and recorded, and
    others may follow.

    ``is_held`` tells that only the test lets it go, so that a stop does not wait for it.
    ``give_up`` is called, once at most, when nobody is there any more to be answered. Whoever keeps
    its place sets ``let_go``, which takes what makes the reply, or what it waits for next, soon.
    """

    __slots__ = ("give_up", "is_held", "let_go")

    def __init__(self, owner: str, give_up: Callable[[], None], *, is_held: bool = True) -> None:
        super().__init__(owner)
        self.give_up = give_up
        self.is_held = is_held
        self.let_go: Callable[[Callable[[], Reply | Parked]], None] = _leave


def _drop(reply: Reply) -> None:
    """Take a reply for which nobody keeps a place."""


def _forget(parked: Parked) -> None:
    """Give up a reply for which nobody keeps a place."""
    parked.give_up()


def _leave(_: Callable[[], Reply | Parked]) -> None:
    """Make no reply where nobody keeps a place for it."""


def _as_it_is(reply: Reply) -> Reply:
    return reply


class Pending(Awaitable[Reply]):
    """A reply that comes later, and can be given up."""

    @property
    @abstractmethod
    def is_waiting(self) -> bool:
        """Whether it comes when something else happens, and not as soon as it can be made."""

    @abstractmethod
    def abandon(self) -> None:
        """Note that nobody waits for it any more; it may then never come."""


class Application(Protocol):
    """Called on the event loop's thread, in the order in which requests arrive."""

    def answer(self, request: Request) -> Reply | Later | Awaitable[Reply]:
        """Return the answer to a whole request; whatever was claimed is claimed by now.

        Of ``Later``, save ``Parked``, nothing is claimed before its reply is handed over.
        """
        ...

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        """Return the answer to a request that could not be read.

        ``request`` holds what was read of it: its method and target may be empty, its head and
        body cut short. ``phase`` is ``REFUSED``, or ``INCOMPLETE`` when the client gave up
        before the end of the body; then nothing is sent and the reply is dropped.
        """
        ...

    def progress(self, handle: object, phase: Phase, sent: int) -> None:
        """Take note of how far the answer of ``handle`` got; must not wait or raise.

        ``DELAYED``: it waits, for its own delay or behind an earlier answer. ``SENDING``: a part
        has left, the client takes its time. ``ANSWERED``: its last byte has left. ``ABORTED``:
        the client left, or it was cancelled, before that. ``sent`` counts the bytes that left.
        """
        ...
