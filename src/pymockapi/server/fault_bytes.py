"""What leaves of an answer that a fault befalls: ``docs/faults.md``; RFC 9112 sections 6 and 7.1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pymockapi.model.delivery import FaultKind
from pymockapi.model.response import Response, head_start
from pymockapi.server.parts import Ending, Part

NO_CHUNK: Final = b"This is no chunk.\r\n"  # no size in hexadecimal stands at its beginning
CHUNKED: Final = b"Transfer-Encoding: chunked\r\n"
CUT_BYTES: Final = len("HTTP/1.1 2")
"""What is left of the head where there is no body to spoil: clients take a head that only lacks its
end for a whole one (http.client does), but no status of one digit."""
ENDINGS: Final = {FaultKind.RESET: Ending.RESET, FaultKind.HANG: Ending.HANG}


def broken(
    fault: FaultKind, response: Response, lines: bytes, body: Iterable[Part] | None, garbage: bytes
) -> Iterator[Part]:
    """Yield the parts that leave in place of the answer.

    ``lines`` go behind the response's own head, with the blank line; that of a body in chunks is the
    first. ``body`` is ``None`` where none follows the head, for HEAD and by its status.
    """
    if fault is FaultKind.GARBAGE:
        yield Part(b"", before=garbage)
    elif fault.sends_head:
        yield from _spoilt(fault, response, lines, body)


def _spoilt(
    fault: FaultKind, response: Response, lines: bytes, body: Iterable[Part] | None
) -> Iterator[Part]:
    if fault is FaultKind.MALFORMED_CHUNK and body is not None:
        start = head_start(response.status, response.reason, response.headers)
        coding = b"" if lines.startswith(CHUNKED) else CHUNKED
        yield Part(b"", before=b"".join((start, coding, lines, NO_CHUNK)))
    elif fault is FaultKind.TRUNCATED and body is not None and response.body:
        yield Part(b"", before=response.head + lines)
        yield from _half(body, len(response.body) // 2)
    else:
        yield Part(b"", before=response.head[:CUT_BYTES])


def _half(body: Iterable[Part], left: int) -> Iterator[Part]:
    """Yield what makes the first ``left`` bytes of the body, and never its end."""
    for part in body:
        if len(part.data) > left:
            yield Part(part.data[:left], part.wait_s, part.before)
            return
        left -= len(part.data)
        yield part
