"""One connection: bytes go to the intake, requests to the application, answers to the outbox.

Requests are handed over in order, the moment their last byte is read, also while earlier
answers wait. Here is decided how much is read in one turn, when reading pauses, and when the
connection closes (RFC 9112 section 9.6). It knows no namespaces, stubs or journal.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, cast

from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.server.addresses import client_of
from pymockapi.server.application_port import Later, Parked, Pending, Reply, Session, Switch
from pymockapi.server.edge import Door
from pymockapi.server.head import Head
from pymockapi.server.intake import MORE, Intake
from pymockapi.server.limits import EXTRA_CONNECTIONS, KIB
from pymockapi.server.outbox import KEEP, Outbox
from pymockapi.server.pacing import CLOSE, Answer
from pymockapi.server.refusals import BadRequest, Overloaded, Refusal, error_response
from pymockapi.server.websocket import WebSocket

_BACKLOG_BYTES: Final = 64 * KIB  # unread requests kept while the queue is full, to see it end
_MUCH_BYTES: Final = 64 * KIB  # of a body in one reading: then it is another connection's turn
_OWN_COST: Final = 4  # requests that an answer of the mock's own counts for: it may be explained


class Connection(asyncio.Protocol):
    """A client's connection, from the first byte to the last.

    Once ``_is_discarding``, what still arrives is counted and dropped, never read as a request.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._edge = door.edge
        self._buffer = b""  # what came and was not taken
        self._handled = 0  # requests of this turn
        self._discarded = 0  # bytes
        self._is_discarding = False
        self._is_scheduled = False  # the rest of the buffer waits for the next turn
        self._is_waiting = False  # the last request for its turn; no other is read before
        self._is_reading_paused = self._is_dead = False
        self._moved_at = time.monotonic()
        self._mark = (0, 0)
        self._linger: asyncio.TimerHandle | None = None
        self._awaited: set[Pending] = set()
        self._session: Session | None = None  # has the connection once all answers have left
        self._transport: asyncio.Transport
        self._intake: Intake
        self._outbox: Outbox

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        edge = self._edge
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not one by type
        self._outbox = Outbox(self._door, self._transport, self)
        self._intake = Intake(self._door, client_of(transport.get_extra_info("peername")), self)
        self._transport.set_write_buffer_limits(0)  # so that "paused" means "something is left"
        self._door.enter(self)
        over = len(edge.connections) - edge.limits.connections
        if over > 0:
            self._turn_away(over)

    def data_received(self, data: bytes) -> None:
        if self._is_waiting or self._buffer:
            self._keep(data)
        else:
            self._consume(data)
        if len(data) >= _MUCH_BYTES and self._intake.is_in_body:
            self._pause_reading()
            self._edge.rota.add(self._read_on)

    def _keep(self, data: bytes) -> None:
        if self._is_held():
            self._buffer += data
            self._watch_backlog()
        else:
            self._consume(self._buffer + data)

    def eof_received(self) -> bool:
        self._outbox.peer_ended = True
        if self._outbox.is_parked or any(reply.is_waiting for reply in self._awaited):
            self.abort()  # as good as all that close a socket while they wait have gone away
        elif not self._is_held():
            self._end_reading()
        return not self._is_dead and not self._transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._outbox.peer_ended = True
        self._die()

    def pause_writing(self) -> None:
        self._outbox.is_paused = True

    def resume_writing(self) -> None:
        self._outbox.resume()

    # What the edge, the intake and the outbox call.

    def moved(self) -> None:
        if self._outbox.has_ended:
            self._end()
        elif not self._is_held():
            if self._buffer:
                self._consume(self._buffer)
            elif self._outbox.peer_ended:
                self._end_reading()
        elif self._session is not None and self._outbox.is_idle:
            self._hand_on(self._session)

    def handle(self, head: Head, keeps: bool, request: Request) -> None:
        self._handled += 1
        door = self._door
        try:
            reply = door.application.answer(request)
        except Exception:
            reply = door.failure(request)
        keeps = keeps and not door.is_stopping
        is_head, minor = head.method == "HEAD", head.minor
        line = CLOSE if not keeps else b"" if minor else KEEP
        if type(reply) is Reply:
            response = reply.response
            keeps = keeps and not response.closes
            if response.error is not None:
                self._handled += _OWN_COST - 1
            self._outbox.put(reply, is_head, line, not keeps, minor)
        elif type(reply) is Later:
            self._is_waiting = True
            place = self._outbox.put_later(Answer(is_head, line, not keeps, minor), reply.owner)
            reply.arrive = reply.park = partial(self._arrive, place)
            reply.failed = partial(door.failure, request)
        elif type(reply) is Parked:
            self._outbox.park(reply, Answer(is_head, line, not keeps, minor))
        else:
            arrive = self._outbox.put_later(Answer(is_head, line, not keeps, minor))
            self._await_reply(request, cast(Awaitable[Reply], reply), arrive)
        if not keeps:
            self._is_discarding = True

    def invite(self) -> None:
        self._outbox.put_interim()

    def owes(self, owner: str) -> bool:
        return any(answer.owner == owner for answer in self._outbox.queue)

    def lose(self) -> None:
        self._outbox.note_left()
        self._die()

    def abort(self) -> None:
        self.lose()
        self._transport.abort()

    def stop(self) -> None:
        """Finish what has begun, then close; an idle connection closes at once."""
        if not self._intake.is_in_body and not self._buffer:
            self._is_discarding = True
            self._outbox.close_after_queue()
            self.moved()

    def check_time(self, now: float) -> None:
        """Look at the limits of time, once a tick."""
        if self._is_dead:
            return
        intake = self._intake
        if self._is_held() and intake.began is not None:
            intake.began = now  # it waits for us, not for the client
        try:
            intake.check_time(now)
        except Refusal as error:
            rest, self._buffer = self._buffer, b""
            self._refuse(error, rest)
            self._settle()
            return
        if self._has_moved() or intake.began is not None:
            self._moved_at = now
        elif now - self._moved_at > self._edge.limits.idle_s and not self._outbox.queue:
            self.abort()

    # Reading.

    def _consume(self, data: bytes) -> None:
        outbox, intake = self._outbox, self._intake
        queue = outbox.queue
        at, size = 0, len(data)
        self._handled = 0
        while at < size and not self._is_dead:
            if self._is_discarding:
                at = self._discard(data, at)
                break
            if (at or queue) and not self._may_go_on(at):
                break
            try:
                after = intake.take(data, at)
            except Refusal as error:
                self._refuse(error, data[at:])
                continue
            if after == MORE:
                break
            at = after
        self._buffer = data[at:] if at < size else b""
        if self._buffer or self._is_reading_paused or outbox.has_ended or outbox.peer_ended:
            self._settle()
        else:
            outbox.flush()

    def _may_go_on(self, taken: int) -> bool:
        """Whether another request may be read in this turn; if only not in this, the next is set."""
        limits = self._edge.limits
        if len(self._outbox.queue) >= limits.queue or self._is_waiting:
            return False
        if taken < limits.turn_bytes and self._handled < limits.turn_requests:
            return True
        self._is_scheduled = True
        self._edge.loop.call_soon(self._continue)
        return False

    def _continue(self) -> None:
        self._is_scheduled = False
        if not self._is_dead and not self._is_held():
            self._consume(self._buffer)

    def _read_on(self) -> None:
        if not self._is_dead and not (self._buffer and self._is_held()):
            self._resume_reading()

    def _settle(self) -> None:
        """Send what is ready, then read on, wait or close, as things stand."""
        outbox = self._outbox
        outbox.flush()
        if self._is_dead:
            self._buffer = b""
        elif outbox.has_ended:
            self._end()
        elif self._buffer and self._is_held():
            self._watch_backlog()
        else:
            if self._is_reading_paused:
                self._resume_reading()
            if outbox.peer_ended:
                self._end_reading()

    def _is_held(self) -> bool:
        """Whether what arrives must wait: for the next turn, or for answers to leave."""
        is_full = len(self._outbox.queue) >= self._edge.limits.queue
        return self._is_scheduled or ((is_full or self._is_waiting) and not self._is_discarding)

    def _discard(self, data: bytes, at: int) -> int:
        self._discarded += len(data) - at
        if self._discarded > self._edge.limits.drain_bytes:
            if self._outbox.has_ended and not self._outbox.is_paused:
                self._transport.close()
            else:
                self._pause_reading()
        return len(data)

    def _watch_backlog(self) -> None:
        if len(self._buffer) > _BACKLOG_BYTES:
            self._pause_reading()

    def _pause_reading(self) -> None:
        if not self._is_reading_paused and not self._transport.is_closing():
            self._is_reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._is_reading_paused and not self._is_discarding:
            self._is_reading_paused = False
            self._transport.resume_reading()

    # Answering.

    def _await_reply(
        self, request: Request, reply: Awaitable[Reply], arrive: Callable[[Reply], None]
    ) -> None:
        async def wait() -> Reply:
            try:
                return await reply
            except Exception:
                return self._door.failure(request)
            finally:
                self._awaited.discard(cast(Pending, reply))

        if isinstance(reply, Pending):
            self._awaited.add(reply)
        task = self._edge.loop.create_task(wait())
        self._edge.tasks.add(task)
        task.add_done_callback(self._edge.tasks.discard)
        task.add_done_callback(lambda done: None if done.cancelled() else arrive(done.result()))

    def _arrive(self, place: Callable[[Reply | Parked], None], reply: Reply | Parked) -> None:
        """The request that waited is claimed: others may follow, unless this is the last."""
        if isinstance(reply, Switch):
            self._switch(reply)
        else:
            self._is_waiting = False
            self._is_discarding |= isinstance(reply, Reply) and reply.response.closes
        place(reply)

    def _switch(self, reply: Switch) -> None:
        """Read no request any more: once ``reply`` has left, its session has the connection."""
        if self._is_dead:
            reply.session.close()
        else:
            self._session = reply.session
            self._is_discarding = False
            self._outbox.keep_open()

    def _hand_on(self, session: Session) -> None:
        """HTTP is over here: let go of all that read and wrote it (RFC 9110 section 7.8)."""
        self._session = None
        self._is_dead = True
        self._outbox.lose()
        self._intake.close()
        self._door.step_aside(self)
        socket = WebSocket(self._door, self._transport, session)
        self._transport.set_protocol(socket)
        self._resume_reading()
        socket.begin(self._buffer, self._outbox.peer_ended)

    def _refuse(self, error: Refusal, rest: bytes) -> None:
        """Answer with ``error``, then read no request any more."""
        request = self._intake.unfinished(rest)
        self._intake.drop()
        self._is_discarding = True
        self._discarded = max(self._discarded, 1)  # more may be on its way: linger
        reply = self._door.refuse(request, Phase.REFUSED, error)
        self._outbox.put(reply, request.method == "HEAD", CLOSE, True)

    def _turn_away(self, over: int) -> None:
        edge = self._edge
        edge.told_full()
        if over > EXTRA_CONNECTIONS:
            self.abort()
            return
        error = Overloaded("connections", edge.limits.connections)
        self._is_discarding, self._discarded = True, 1
        self._outbox.put(Reply(error_response(error)), False, CLOSE, True)
        self._settle()

    # Ending.

    def _end_reading(self) -> None:
        """The client sends no more: an unfinished request is dropped, answers still leave."""
        self._give_up()
        self._is_discarding, self._buffer = True, b""
        if self._outbox.is_idle:
            self._transport.close()

    def _give_up(self) -> None:
        """Tell of a request whose body will not come."""
        if self._intake.is_in_body:
            request = self._intake.unfinished()
            error = BadRequest("The client left before the end of the body.")
            self._door.refuse(request, Phase.INCOMPLETE, error)
        self._intake.drop()

    def _end(self) -> None:
        """The last answer is written: close once it has left and the client could read it."""
        outbox = self._outbox
        if not self._is_discarding:  # a fault ended it, of which nobody was told: linger
            self._is_discarding, self._discarded = True, 1
        if self._is_dead or outbox.is_paused or self._linger is not None:
            return
        limits = self._edge.limits
        if not self._discarded or outbox.peer_ended or self._discarded > limits.drain_bytes:
            self._transport.close()
            return
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._linger = self._edge.loop.call_later(limits.drain_s, self._transport.close)

    def _die(self) -> None:
        if self._is_dead:
            return
        self._is_dead = True
        if self._linger is not None:
            self._linger.cancel()
        self._outbox.lose()
        if self._session is not None:
            self._session.close()
        for reply in tuple(self._awaited):
            reply.abandon()
        self._give_up()
        self._intake.close()
        self._buffer = b""
        self._door.leave(self)

    def _has_moved(self) -> bool:
        """Whether a byte was written or taken since the last tick."""
        before, self._mark = self._mark, (self._outbox.written, self._outbox.note_left())
        return self._mark != before
