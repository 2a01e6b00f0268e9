"""Whatever bytes come: answers or a close, nothing unlogged, and no byte read as another's request.

h11 is a second opinion on where requests begin and end: it may accept what the server refuses,
but what both accept must be the same.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import h11
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzz.budget import examples
from tests.fuzz.streams import Sent, cutting, pieces, streams, valid_requests
from tests.server.harness import FakeApplication, Line, serve
from tests.server.tls_clients import client_context, identity

from pymockapi.model.errors import ControlError
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.model.response import make_response
from pymockapi.server.application_port import Reply
from pymockapi.server.edge import Door, Edge
from pymockapi.server.limits import EdgeLimits

Seen = tuple[str, str, bytes]
SMALL: Final = EdgeLimits(body=2_000, head=1_000, request_line=400, header_lines=20)


class Watching(FakeApplication):
    """Keeps what it is told in one list, in order."""

    def __init__(self) -> None:
        super().__init__(self.note)
        self.events: list[tuple[Any, ...]] = []

    def note(self, request: Request) -> Reply:
        self.events.append(("request", *seen(request), request.head, request.trailers))
        return Reply(make_response(200), date=b"")

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:
        self.events.append((phase, error.code))
        return super().refuse(request, phase, error)


@dataclass
class Outcome:
    """What came of a stream: what the application was told, and the answers."""

    events: list[tuple[Any, ...]]
    answers: list[int]
    is_closed: bool
    logged: list[str] = field(default_factory=list)

    @property
    def requests(self) -> list[Seen]:
        return [event[1:4] for event in self.events if event[0] == "request"]

    @property
    def told(self) -> list[tuple[Any, ...]]:
        """The events without why a request was refused: of two reasons the first to arrive is told."""
        return [event[:1] if event[0] is Phase.REFUSED else event for event in self.events]


def seen(request: Request) -> Seen:
    return request.method, request.target, request.body


@contextmanager
def log_of(loop: asyncio.AbstractEventLoop) -> Iterator[list[str]]:
    """Collect errors that were logged, and exceptions that nobody caught."""
    found: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    loop.set_exception_handler(lambda _, context: found.append(str(context)))
    logging.getLogger().addHandler(handler)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(handler)


async def outcome(parts: list[bytes], door: Door | None = None) -> Outcome:
    """Send the parts, then the end; a client that was refused sends on, too."""
    app = Watching()
    if door is None:
        door = Door(Edge(SMALL), app)
    door.application = app
    with log_of(asyncio.get_running_loop()) as logged:
        line = Line(door=door)
        for part in parts:
            if not line.transport.is_closed:
                line.send(part)
                await line.turns(2)
        if not line.transport.is_closed and not line.connection.eof_received():
            line.transport.close()
        for _ in range(50):
            if line.transport.is_closed:
                break
            await line.turns(2)
    await line.turns(2)
    door.edge.close()
    answers = [
        int(found)
        for found in re.findall(rb"(?:\A|\r\n\r\n)HTTP/1\.1 (\d{3}) ", line.transport.output)
    ]
    return Outcome(app.events, answers, line.transport.is_closed, logged)


def by_h11(raw: bytes) -> tuple[list[Seen], bool]:
    """Return the requests that h11 sees, and whether it read all of them without an error."""
    server = h11.Connection(h11.SERVER, max_incomplete_event_size=10_000)
    server.receive_data(raw)
    found: list[Seen] = []
    begun: h11.Request | None = None
    body = b""
    while True:
        try:
            event = server.next_event()
        except h11.RemoteProtocolError:
            return found, False
        if isinstance(event, h11.Request):
            begun, body = event, b""
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            assert begun is not None
            target = begun.target.decode("utf-8", "surrogateescape")
            found.append((begun.method.decode(), target, body))
            server.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
            server.send(h11.EndOfMessage())
            if server.our_state is not h11.DONE:
                return found, True
            if server.their_state is h11.DONE:
                server.start_next_cycle()
        else:
            return found, event is h11.NEED_DATA


@examples(80)
@given(streams(), cutting)
def test_a_stream_ends_in_answers_or_a_close_and_pieces_change_nothing(
    raw: bytes, cuts: list[float]
) -> None:
    async def check() -> tuple[Outcome, ...]:
        door = Door(Edge(SMALL), Watching())
        again = [await outcome([raw], door) for _ in range(3)]  # its heads are known by then
        return await outcome(pieces(raw, cuts)), *again

    split, *whole = asyncio.run(check())

    for each in (split, *whole):
        assert each.logged == []
        assert each.is_closed
        kinds = [event[0] for event in each.events]
        assert Phase.REFUSED not in kinds[:-1], "something was read after a refused request"
        finals = [status for status in each.answers if status >= 200]
        assert len(finals) == len(kinds) - kinds.count(Phase.INCOMPLETE)
    assert whole[0] == whole[1] == whole[2]
    assert split.told == whole[0].told


@examples(80)
@given(streams())
def test_what_h11_and_the_server_both_accept_is_the_same(raw: bytes) -> None:
    ours = asyncio.run(outcome([raw]))
    theirs, _ = by_h11(raw)
    both = min(len(ours.requests), len(theirs))
    assert ours.requests[:both] == theirs[:both]
    if len(ours.requests) < len(theirs):
        assert ours.events[-1][0] in (Phase.REFUSED, Phase.INCOMPLETE)


@examples(40)
@given(st.lists(valid_requests(), min_size=1, max_size=6), cutting)
def test_every_valid_request_is_seen_as_it_was_meant(sent: list[Sent], cuts: list[float]) -> None:
    raw = b"".join(each.raw for each in sent)
    ours = asyncio.run(outcome(pieces(raw, cuts)))
    meant = [(each.method, each.target, each.body) for each in sent]
    assert ours.requests == meant
    assert by_h11(raw) == (meant, True)


LAST: Final = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@examples(5)
@given(st.lists(valid_requests(), max_size=4), cutting, st.lists(streams(), max_size=4))
def test_over_tls_requests_are_seen_as_they_were_meant_and_any_bytes_end(
    sent: list[Sent], cuts: list[float], garbage: list[bytes]
) -> None:
    parts = pieces(b"".join(each.raw for each in sent) + LAST, cuts)

    async def check() -> tuple[list[Seen], list[str]]:
        app = Watching()
        with log_of(asyncio.get_running_loop()) as logged:
            listener = await serve(app, SMALL, identity().context)
            for raw in garbage:  # instead of a handshake
                await _talk(listener.port, [raw], None)
            told = len(app.events)
            await _talk(listener.port, parts, client_context())
            await listener.stop(5.0)
        return Outcome(app.events[told:], [], True).requests, logged

    requests, logged = asyncio.run(check())
    assert logged == []
    assert requests == [
        *((each.method, each.target, each.body) for each in sent),
        ("GET", "/last", b""),
    ]


async def _talk(port: int, parts: list[bytes], context: ssl.SSLContext | None) -> None:
    """Send the parts, end if the line lets one, and read to the server's end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
        await reader.read()
    except ConnectionError:
        return
    finally:
        writer.close()
