"""Answers of one connection, on their way out: in request order, each when it is due.

What is ready leaves in the turn in which it was made, several in one write. What must wait
(its own delay, an earlier answer, a client that does not read) queues. Here every answer's
phase is told to the application. It knows nothing of how requests are read.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from pymockapi.model.exchange import Phase
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Parked, Reply
from pymockapi.server.edge import Debtor, Door
from pymockapi.server.limits import KIB
from pymockapi.server.pacing import CLOSE, Answer, Course, course_of, is_paced
from pymockapi.server.parts import Ending
from pymockapi.server.sockets import close_by_reset, was_refused

KEEP: Final = b"Connection: keep-alive\r\n"  # only HTTP/1.0 needs to be told
_ANSWERED: Final = Phase.ANSWERED
_FLUSH_BYTES: Final = 64 * KIB  # joined in one write; more would only copy more
_LONG_BYTES: Final = 512 * KIB  # of an answer with a course in one turn, under 1 ms
_MAX_WRITES: Final = 64  # of an answer with a course in one turn, each of them 10 us
_MIN_TIMER_S: Final = 0.001  # what event loops can tell apart

_INTERIM: Final = Reply(make_response(100), date=b"")  # an interim answer has no Date


class Outbox:
    """``is_paused``: bytes are left in the transport, the client does not keep up.
    ``has_ended``: the answer after which the connection closes was written. ``peer_ended``: the
    client will send no more.
    """

    __slots__ = (
        "_edge", "_handles", "_left", "_parts", "_peer", "_reports", "_size", "_tell", "_timer",
        "_transport",
        "_written", "has_ended", "is_dead", "is_paused", "peer_ended", "queue",
    )  # fmt: skip

    def __init__(self, door: Door, transport: asyncio.Transport, peer: Debtor) -> None:
        self._edge = door.edge
        self._tell = door.application.progress
        self._transport = transport
        self._peer = peer
        self.queue: deque[Answer] = deque()
        self.is_paused = False
        self.has_ended = False
        self.is_dead = False
        self.peer_ended = False
        self._parts: list[bytes] = []  # answers that leave with the next write
        self._handles: list[object | None] = []  # of the parts
        self._size = 0  # of the parts
        self._written = 0  # since the connection began
        self._left = 0  # of that, in the transport when it was last asked
        self._reports: list[tuple[object, int, int, Phase]] = []  # handle, begin, end, phase then
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        return not (self.queue or self._parts or self.is_paused)

    @property
    def is_parked(self) -> bool:
        """Whether an answer waits at a gate, for a function, or for ever."""
        return any(answer.is_parked for answer in self.queue)

    @property
    def written(self) -> int:
        return self._written

    def put(
        self, reply: Reply, is_bodiless: bool, line: bytes, is_last: bool, minor: int = 1
    ) -> None:
        """Send ``reply`` when its turn has come; ``flush`` must follow in this turn.

        ``line`` is the ``Connection`` line or empty; ``is_last``: the connection closes after it.
        """
        if self.queue or self.is_paused or self.is_dead or reply.dispatch is not None:
            answer = Answer(is_bodiless, line, is_last, minor)
            self._hold(answer)
            self._resolve(answer, reply)
            is_next = bool(self.queue) and answer is self.queue[0]
            if is_next and not self.is_paused and self._is_due(answer):
                self._edge.loop.call_soon(self.pump)  # a delay too short for the clock to see
        else:
            self._append(reply, is_bodiless, line, is_last)

    def put_later(
        self, answer: Answer, owner: str | None = None
    ) -> Callable[[Reply | Parked], None]:
        """Keep a place for a reply that is still being made; return what to call with it."""
        answer.owner = owner
        self._hold(answer)
        return partial(self._arrive, answer)

    def _arrive(self, answer: Answer, reply: Reply | Parked) -> None:
        if isinstance(reply, Parked):
            self._park(answer, reply)
        else:
            self._resolve(answer, reply)
        self.pump()

    def park(self, parked: Parked, answer: Answer) -> None:
        """Keep a place for a reply that waits at a gate."""
        self._hold(answer)
        self._park(answer, parked)

    def _park(self, answer: Answer, parked: Parked) -> None:
        if self.is_dead or self.has_ended:
            parked.give_up()
            return
        answer.parked, answer.owner = parked, parked.owner
        parked.let_go = partial(self._let_go, answer)

    def _let_go(self, answer: Answer, make: Callable[[], Reply | Parked]) -> None:
        """Make the reply and send it soon: a thousand may be let go in this turn."""
        self._edge.released.add(partial(self._go, answer, make))

    def _go(self, answer: Answer, make: Callable[[], Reply | Parked]) -> None:
        parked, answer.parked = answer.parked, None
        if parked is not None:  # else it was given up meanwhile
            self._arrive(answer, parked.finished(make()))

    def put_interim(self) -> None:
        """Send ``100 Continue`` when the answers before it have left."""
        self.put(_INTERIM, True, b"", False)

    def flush(self) -> None:
        """Write what is ready, in one write, and tell how far each answer got."""
        parts = self._parts
        if not parts:
            return
        transport, handles = self._transport, self._handles
        is_one = len(parts) == 1
        transport.write(parts[0] if is_one else b"".join(parts))
        if self.is_paused or self.peer_ended or self._reports or transport.is_closing():
            self._note_reports(list(zip(handles, parts, strict=True)))
            return
        if is_one:  # as most are; 0.3 us less than the loop
            if (handle := handles.pop()) is not None:
                self._tell(handle, _ANSWERED, self._size)
            self._written += self._size
            self._size = 0
            parts.clear()
            return
        for handle, part in zip(handles, parts, strict=True):
            if handle is not None:
                self._tell(handle, _ANSWERED, len(part))
        self._written += self._size
        self._clear_parts()

    def _clear_parts(self) -> None:
        self._parts.clear()
        self._handles.clear()
        self._size = 0

    def _note_reports(self, sent: list[tuple[object | None, bytes]]) -> None:
        """Keep what was written and may not have left, and tell how far it got."""
        self._clear_parts()
        for handle, part in sent:
            begin = self._written
            self._written += len(part)
            if handle is not None:
                self._reports.append((handle, begin, self._written, _ANSWERED))
        if self._reports:
            self._report()

    def pump(self) -> None:
        """Send what waits, as far as it is due and the client takes it."""
        if self.is_dead:
            return
        queue = self.queue
        while queue and not self.is_paused and not self.is_dead:
            answer = queue[0]
            if answer.reply is None or not self._is_due(answer):
                break
            if is_paced(answer.reply):
                if not self._proceed(answer, answer.reply):
                    break
                continue
            queue.popleft()
            self._append(answer.reply, answer.is_bodiless, answer.line, answer.is_last)
        self.flush()
        if not self.is_dead:
            if not queue:
                self._edge.waiting.discard(self._peer)
            self._peer.moved()

    def _proceed(self, answer: Answer, reply: Reply) -> bool:
        """Send what is due of an answer with a course, first in the queue; return whether it is over.

        If not, it is looked at again when more is due, or when the client reads.
        """
        if answer.course is None:
            self.flush()  # what leaves before it
            answer.course = course_of(reply, answer, self._edge.date_line)
            answer.course.begun_at = self._written
        course, sent = answer.course, 0
        for _ in range(_MAX_WRITES):
            if self.is_paused or self.is_dead or sent >= _LONG_BYTES:
                break
            data = course.take(time.monotonic())
            if not data:
                break
            self._transport.write(data)
            self._written += len(data)
            sent += len(data)
        if self.is_dead:
            return False
        if not course.is_over or not self._is_due(course):
            if reply.handle is not None and sent:
                self._tell(reply.handle, Phase.SENDING, self._gone() - course.begun_at)
            if not self.is_paused and self._is_due(course):
                self._edge.loop.call_soon(self.pump)  # a client as fast as this: others first
            return False
        return self._end(answer, course, reply)

    def _end(self, answer: Answer, course: Course, reply: Reply) -> bool:
        """All that is to leave of an answer has; return whether the next one has its turn."""
        if course.ending is Ending.HANG:
            return False
        if course.ending is Ending.RESET:
            if not self.is_paused:  # else it would destroy what leaves before it
                self._reset(self.queue.popleft())
            return False
        self.queue.popleft()
        if reply.handle is not None:
            is_broken = reply.dispatch is not None and reply.dispatch.fault is not None
            phase = Phase.FAILED if is_broken else _ANSWERED
            self._reports.append((reply.handle, course.begun_at, self._written, phase))
            self._report()
        if answer.is_last or reply.response.closes or course.ending is Ending.CLOSE:
            self.has_ended = True
            self._drop_queue()
        return True

    def _reset(self, answer: Answer) -> None:
        if answer.reply is not None and answer.reply.handle is not None:
            self._tell(answer.reply.handle, Phase.FAILED, 0)
        close_by_reset(self._transport)
        self._peer.abort()

    def _gone(self) -> int:
        """Return how many bytes have left, since the connection began."""
        if self.is_paused:
            self.note_left()
        return self._written - self._left

    def resume(self) -> None:
        """The transport's buffer is empty."""
        if self.is_dead:
            return
        self.is_paused = False
        self._note_left(0)
        self._report()
        self.pump()

    def close_after_queue(self) -> None:
        """Make the last answer that waits the last of the connection.

        One that waits at a gate never leaves: no test will let it go any more. Nor does one that hangs.
        """
        if any(answer.is_held for answer in self.queue):
            self._peer.abort()
        elif self.queue:
            self.queue[-1].is_last = True
            self.queue[-1].line = CLOSE
        else:
            self.has_ended = True

    def keep_open(self) -> None:
        """Let the connection go on after the last answer that waits."""
        self.queue[-1].is_last = False
        self.queue[-1].line = b""

    def lose(self) -> None:
        """The connection is gone: tell every answer that did not leave whole."""
        if self.is_dead:
            return
        self.is_dead = True
        if self._timer is not None:
            self._timer.cancel()
        gone = self._written - self._left
        for handle, begin, end, _ in self._reports:
            self._tell(handle, Phase.ABORTED, min(end, max(begin, gone)) - begin)
        for handle in self._handles:
            if handle is not None:
                self._tell(handle, Phase.ABORTED, 0)
        for answer in self.queue:
            self._abort(answer)
        self._reports.clear()
        self._clear_parts()
        self.queue.clear()
        if self._left:
            self._note_left(0)
        self._edge.waiting.discard(self._peer)
        del self._peer  # it refers back

    def note_left(self) -> int:
        """Ask the transport how much it still holds; the answer bounds what has left."""
        if self.is_dead:
            return 0
        self._note_left(self._transport.get_write_buffer_size())
        return self._left

    def _append(self, reply: Reply, is_bodiless: bool, line: bytes, is_last: bool) -> None:
        response = reply.response
        date = b"" if response.dated else reply.date
        data = b"".join((
            response.head,
            self._edge.date_line if date is None else date,
            reply.extra,
            b"" if response.closes else line,
            b"\r\n" if is_bodiless else response.tail,
        ))  # fmt: skip
        self._parts.append(data)
        self._handles.append(reply.handle)
        self._size += len(data)
        if is_last or response.closes:
            self.has_ended = True
            self._drop_queue()
        if self._size > _FLUSH_BYTES:
            self.flush()

    def _drop_queue(self) -> None:
        """Abort what was asked after the last answer; the client was told that it is the last."""
        for answer in self.queue:
            self._abort(answer)
            answer.reply = None
        self.queue.clear()

    def _abort(self, answer: Answer) -> None:
        if answer.parked is not None:
            answer.parked.give_up()
            answer.parked = None
        elif answer.reply is not None and answer.reply.handle is not None:
            course = answer.course
            sent = 0 if course is None else max(0, self._written - self._left - course.begun_at)
            phase = Phase.FAILED if answer.hangs and self.peer_ended else Phase.ABORTED
            self._tell(answer.reply.handle, phase, sent)

    def _hold(self, answer: Answer) -> None:
        if not self.is_dead:
            self.queue.append(answer)
            self._edge.waiting.add(self._peer)

    def _resolve(self, answer: Answer, reply: Reply) -> None:
        """Give ``answer`` its reply: it waits now, or is aborted if nobody is there any more."""
        is_dropped = self.is_dead or self.has_ended
        if not is_dropped:
            answer.reply = reply
            answer.owner = reply.owner
            delay_s = 0.0 if reply.dispatch is None else reply.dispatch.delay_s
            answer.due = time.monotonic() + delay_s
        if reply.handle is not None:
            self._tell(reply.handle, Phase.ABORTED if is_dropped else Phase.DELAYED, 0)

    def _is_due(self, waiting: Answer | Course) -> bool:
        """Return whether it may leave; if not, a timer is set for it."""
        missing = waiting.due - time.monotonic()
        if missing <= 0:
            return True
        if self._timer is not None:
            self._timer.cancel()
        again = partial(self._edge.released.add, self.pump)  # a thousand may be due in one turn
        self._timer = self._edge.loop.call_later(max(missing, _MIN_TIMER_S), again)
        return False

    def _report(self) -> None:
        if self.is_dead or self._transport.is_closing():
            return  # the loss of the connection tells them
        reports = self._reports
        if self.is_paused:
            self.note_left()
        gone = self._written - self._left
        while reports and reports[0][2] <= gone:
            if self.peer_ended and was_refused(self._transport):
                self._peer.abort()
                return
            handle, begin, end, phase = reports.pop(0)
            self._tell(handle, phase, end - begin)
        for handle, begin, _, _ in reports:
            self._tell(handle, Phase.SENDING, max(0, gone - begin))

    def _note_left(self, count: int) -> None:
        self._edge.inflight += count - self._left
        self._left = count
