"""Checks and recorded requests as the tests of verification write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pymockapi.engine.verifying.dropped import NOTHING_LOST, Lost, dropped_for
from pymockapi.engine.verifying.expectation_reading import VERIFY_KEYS, Names, read_check
from pymockapi.engine.verifying.expectations import Check, Seen
from pymockapi.engine.verifying.questions import Questions
from pymockapi.engine.verifying.verification import Outcome, Verification
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.model.reader import Findings, read_object
from pymockapi.model.response import make_response

STUBS = ("pay", "ship", "order")


def known_names(*names: str) -> Names:
    stubs = names or STUBS
    return Names("shop", lambda name: name in stubs, lambda: stubs, {"ship": "POST /ship"}.get)


def read(document: Any) -> tuple[Check, list[tuple[str, str]]]:
    """Read a check; return it with all that is wrong."""
    found = Findings()
    entries = read_object(document, "", found, VERIFY_KEYS)
    reading = read_check(entries, found, known_names(), 0)
    while True:
        try:
            next(reading)
        except StopIteration as done:
            return done.value, [(each.pointer, each.message) for each in found.items]


def check_of(*expect: Any, **more: Any) -> Check:
    """Read a check that has no error."""
    check, wrong = read({"expect": list(expect), **more})
    assert not wrong
    return check


def exchange(
    number: int,
    method: str = "GET",
    path: str = "/",
    stub: str | None = None,
    *,
    status: int = 200,
    phase: Phase = Phase.ANSWERED,
    step: int = 0,
    body: bytes = b"",
) -> Exchange:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    made = Exchange(number, number, 0, 0, "127.0.0.1:5", method, path, head, body, "path", "")
    made.stub, made.step, made.hit = stub, step, int(stub is not None)
    made.phase = phase
    made.response = None if phase is Phase.INCOMPLETE else make_response(status)
    return made


def bits(check: Check, entry: Exchange) -> int:
    """Return which kinds of ``check`` fit, whatever the phase."""
    questions, seen = Questions(check), Seen(entry)
    return questions.cheap(seen) | sum(questions.costly(seen))


def fed(check: Check, entries: Iterable[Exchange], lost: Lost = NOTHING_LOST) -> Verification:
    verification = Verification(check, dropped_for(check, lost), 0)
    for entry in entries:
        verification.feed(entry, bits(check, entry))
    return verification


def judged(check: Check, entries: Iterable[Exchange], lost: Lost = NOTHING_LOST) -> Outcome:
    return fed(check, entries, lost).outcome()


def requests(text: str) -> list[Exchange]:
    """Return requests from letters: each is a GET of the path of that name, numbered from 1."""
    return [exchange(number, "GET", f"/{letter}") for number, letter in enumerate(text, 1)]


def asked(letters: str, **more: Any) -> dict[str, Any]:
    """Return an expectation of any of ``letters``, whose id they are."""
    path: Any = f"/{letters}" if len(letters) == 1 else {"matches": f"/[{letters}]"}
    return {"id": letters, "request": {"path": path}, **more}
