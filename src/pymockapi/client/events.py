# Made from aio/events.py by tests/client_twins.py: change that, then run 'make client'.
"""Events as they come, over a WebSocket that is opened anew when it breaks.

What frames and messages mean is decided elsewhere (``websocket``, ``following``); here is only
who waits, how long, and what becomes of a connection.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Final, Self, Unpack

from pymockapi.client.connection import Connection, pause
from pymockapi.client.control import Control, NamespaceControl
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.event import Event
from pymockapi.client.expectation import Expectable, Expectation, Expected
from pymockapi.client.following import Following, Types, is_one_of
from pymockapi.client.real_time import monotonic
from pymockapi.client.values import Duration, seconds
from pymockapi.client.verification import VerifyOptions, verification_body
from pymockapi.client.websocket import BROKEN, NORMAL, Closing, WebSocket

STOPPING: Final = "stopping"  # the reason of a server that ends
_FOR_EVER_S: Final = 1e6
_FIRST_PAUSE_S: Final = 0.02  # between two attempts to connect again; then twice as long each
_LONGEST_PAUSE_S: Final = 0.5
_PASSING: Final = frozenset({429, 503})  # refusals of a server that may not know yet who has left
_AGAIN: Final = frozenset({1001, 1005, BROKEN, 1011, 1012, 1013, 1014})
"""Close codes after which it is worth to connect anew (RFC 6455 section 7.4)."""

_SHOWN: Final = 20  # events in an error


class Events:
    """The events of a namespace, or of the server: iterate over them, or ask for one.

    A ``for`` loop ends when nothing more will come (``ended`` tells why), after ``within``, or
    when nothing has come for ``quiet_for``; a further loop goes on where it ended. When the
    connection breaks it is opened anew, from the last event: none is missed and none comes
    twice. What the server no longer has is told by an event of kind ``lagged``. If no connection
    can be had for as long as a call may take, ``MockServerError`` is raised.

    Not to be read by several threads at once; ``close`` may come from another, and ends a loop.
    """

    def __init__(
        self,
        control: Control,
        namespace: str | None,
        following: Following,
        within: Duration | None = None,
        quiet_for: Duration | None = None,
    ) -> None:
        self._control = control
        self._namespace = namespace
        self._following = following
        self._within_s = None if within is None else seconds(within)
        self._quiet_s = None if quiet_for is None else seconds(quiet_for)
        self._until: float | None = None  # of this loop
        self._connection: Connection | None = None
        self._socket: WebSocket | None = None
        self._texts: deque[str] = deque()
        self._kept: deque[Event] = deque()  # what came while only results were asked for
        self._ended: str | None = None
        self._is_closed = False
        self._is_receiving = False

    @classmethod
    def open(
        cls,
        control: Control,
        namespace: str | None,
        following: Following,
        within: Duration | None = None,
        quiet_for: Duration | None = None,
    ) -> Self:
        """Return events that are listened to: what happens from now on will be among them.

        Raises ``MockApiError`` if the server refuses, ``MockServerError`` if there is none.
        """
        events = cls(control, namespace, following, within, quiet_for)
        events._connect()
        return events

    @property
    def seq(self) -> int | None:
        """The ``seq`` of the last event that was read; with ``id`` another reader goes on there."""
        return self._following.seq

    @property
    def id(self) -> str | None:
        """Whose events these are: the ``id`` of the namespace, or of the server."""
        return self._following.identity

    @property
    def ended(self) -> str | None:
        """Why no more events come: ``finished``, ``deleted``, ``stopping``; ``None`` before that."""
        has_more = (self._texts or self._kept) and not self._is_closed
        return None if has_more else self._ended

    def __repr__(self) -> str:
        what = "the server" if self._namespace is None else f"'{self._namespace}'"
        return f"<Events of {what}, read up to {self.seq}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        """Close what nobody closed; a loop that was left is no leak."""
        connection = getattr(self, "_connection", None)
        if connection is not None:
            connection.close()

    def __iter__(self) -> Self:
        self._until = None if self._within_s is None else monotonic() + self._within_s
        return self

    def __next__(self) -> Event:
        event = self._next(self._limit())
        if event is None:
            raise StopIteration
        return event

    def wait_for(self, types: Types, within: Duration = 5.0) -> Event:
        """Return the next event that is called so (``request.answered``, or ``request``).

        Those before it are passed over. Raises ``AssertionError``, with what came instead, if
        there is none in time.
        """
        __tracebackhide__ = True
        until = monotonic() + seconds(within)
        passed: list[Event] = []
        while True:
            event = self._next(until)
            if event is None:
                raise AssertionError(_missing(types, within, passed, self._ended))
            if is_one_of(event.kind, types):
                return event
            passed.append(event)

    def watch(
        self,
        expect: Iterable[Expected] | Expected,
        *,
        id: str | None = None,
        **options: Unpack[VerifyOptions],
    ) -> str:
        """Verify when the time has come, and go on meanwhile; returns the watch's id.

        ``expect`` and ``options`` are those of ``Namespace.verify``; without ``within`` it waits
        for an hour. What came of it is an event ``watch.passed`` or ``watch.failed``, with the
        ``verification``: see ``results``. What is wrong with it is raised as ``MockApiError`` by
        what reads on.
        """
        items = [expect] if isinstance(expect, Expectable | Expectation | Mapping) else expect
        body, _ = verification_body(items, options)
        within = options.get("within")
        until = None if within is None else monotonic() + seconds(within)
        identity = self._following.watch(body, id, until)
        if self._socket is not None:
            self._socket.say(self._following.command(identity, monotonic()))
            self._flush()
        return identity

    def results(self) -> Iterator[Event]:
        """Yield what comes of each watch, in the order in which they settle, until all have.

        Other events that come meanwhile are there for the next loop.
        """
        while self._following.watches:
            event = self._fresh(None)
            if event is None:
                return
            if event.watch is None:
                self._kept.append(event)
            else:
                yield event

    def close(self) -> None:
        """Read no more; watches without an answer are given up. Idempotent."""
        self._is_closed = True
        self._ended = self._ended or "closed"
        socket = self._socket
        if socket is not None:
            socket.say_close()
            self._flush()
        if not self._is_receiving:
            self._drop()

    # Waiting.

    def _limit(self) -> float | None:
        """Return until when the next event is waited for."""
        quiet = None if self._quiet_s is None else monotonic() + self._quiet_s
        limits = [limit for limit in (self._until, quiet) if limit is not None]
        return min(limits) if limits else None

    def _next(self, until: float | None) -> Event | None:
        """Return the next event, ``None`` if there will be none, or not in time."""
        return self._kept.popleft() if self._kept else self._fresh(until)

    def _fresh(self, until: float | None) -> Event | None:
        while not self._is_closed:
            self._collect()
            while self._texts:
                event = self._following.take(self._texts.popleft())
                if event is not None:
                    return event
            if self._ended is not None:
                break
            is_in_time = self._receive(until)
            if not is_in_time:
                break
        return None

    def _receive(self, until: float | None) -> bool:
        """Take what comes next; false if that is not in time."""
        connection, socket = self._connection, self._socket
        if connection is None or socket is None:
            self._connect_again(until)
            return True
        self._is_receiving = True
        try:
            data = connection.receive_more(monotonic() + _FOR_EVER_S if until is None else until)
        except TimeoutError:
            return False
        except OSError:
            data = b""
        finally:
            self._is_receiving = False
        socket.receive(data)
        return True

    def _collect(self) -> None:
        """See to what was read: messages, what is to be answered, the end."""
        socket = self._socket
        if socket is not None:
            self._flush()
            self._texts += socket.texts
            socket.texts.clear()
            if socket.closing is not None:
                self._note(socket.closing)

    # Connecting.

    def _connect(self) -> None:
        transport = self._control.transport
        deadline = monotonic() + transport.timeout_s
        socket = self._control.websocket(
            "follow_server" if self._namespace is None else "follow_namespace",
            self._following.query(),
            {} if self._namespace is None else {"namespace": self._namespace},
        )
        connection = transport.connect(deadline)
        try:
            connection.send(socket.take_outgoing(), deadline)
            while not socket.is_open:
                data = connection.receive(deadline)
                socket.receive(data)
                if socket.refusal is not None:
                    raise self._control.refused(socket.refusal)
                if socket.closing is not None and not socket.is_open:
                    raise MockServerError(
                        f"The mock server at {transport.url} opened no WebSocket:"
                        f" {socket.closing.reason or 'it closed the connection'}."
                    )
        except OSError as error:
            connection.close()
            raise MockServerError(
                f"The mock server at {transport.url} opened no WebSocket within"
                f" {transport.timeout_s:g} s: {error or 'no answer'}."
            ) from error
        except BaseException:
            connection.close()
            raise
        self._connection, self._socket = connection, socket
        for identity in self._following.watches:
            socket.say(self._following.command(identity, monotonic()))
        self._flush()

    def _connect_again(self, until: float | None) -> None:
        """Connect, and try for as long as a call may take. Raises as ``open``."""
        deadline = monotonic() + self._control.transport.timeout_s
        if until is not None:
            deadline = min(deadline, until)
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                self._connect()
            except MockServerError as error:
                is_final = isinstance(error, MockApiError) and error.status not in _PASSING
                if is_final or monotonic() + pause_s > deadline:
                    raise
            else:
                return
            pause(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _flush(self) -> None:
        """Send what there is to send; a connection that breaks here is found out by reading."""
        connection, socket = self._connection, self._socket
        if connection is not None and socket is not None and socket.outgoing:
            deadline = monotonic() + self._control.transport.timeout_s
            connection.send(socket.take_outgoing(), deadline)

    def _note(self, closing: Closing) -> None:
        """The connection has ended: for good, or to be opened anew."""
        self._drop()
        if closing.code == NORMAL or closing.reason == STOPPING:
            self._ended = self._ended or closing.reason or "closed"
        elif closing.code not in _AGAIN:
            self._ended = "failed"
            raise MockServerError(
                f"The mock server ended the events with code {closing.code}: {closing.reason}."
            )

    def _drop(self) -> None:
        connection, self._connection, self._socket = self._connection, None, None
        if connection is not None:
            connection.close()


class Followed:
    """What a namespace tells of itself."""

    _control: NamespaceControl

    def events(
        self,
        *,
        after: int | str | None = None,
        seq: int | None = None,
        types: Types | None = None,
        within: Duration | None = None,
        quiet_for: Duration | None = None,
        id: str | None = None,
    ) -> Events:
        """Return its events as they come: ``for event in mock.events()``; see ``Events``.

        They begin with what happens from now on; with ``after`` after the arrival of that
        request (0: with the first), with ``seq`` after that event. ``types`` are names, or first
        words of names (``"request"``). A loop ends after ``within``, or when nothing has come for
        ``quiet_for``; without both with the namespace. ``id`` makes sure that ``seq`` is of this
        very namespace. In a ``with`` block they are closed at its end.
        """
        wanted = Following(seq=seq, after=after, types=types, identity=id)
        control = self._control
        return Events.open(control.control, control.name, wanted, within, quiet_for)


def _missing(types: Types, within: Duration, passed: list[Event], ended: str | None) -> str:
    wanted = types if isinstance(types, str) else ", ".join(types)
    how = f"no more events come ({ended})" if ended else f"{seconds(within):g} s have passed"
    lines = [f"No event '{wanted}' came: {how}."]
    if not passed:
        return lines[0] + " Nothing else came."
    shown = passed[-_SHOWN:]
    lines.append(
        f"What came instead, the last {len(shown)}:"
        if len(passed) > _SHOWN
        else "What came instead:"
    )
    return "\n".join([*lines, *(f"  {event}" for event in shown)])
