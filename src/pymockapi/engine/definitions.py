"""Reading stubs and responses: JSON in, values out, every error at once with its pointer.

Follows ``docs/matching.md`` and ``docs/stubs.md``. Knows no namespace and no file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from pymockapi.engine.bounds import EXPECT_KEYS, read_expect
from pymockapi.engine.callbacks import read_callbacks
from pymockapi.engine.deliveries import DELIVERY_KEYS, read_delivery
from pymockapi.engine.matching.pattern import PATTERN_KEYS, read_pattern
from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.engine.messages import BODIES, TYPES, read_headers, read_trailers
from pymockapi.engine.sequences import step_ends
from pymockapi.engine.state import read_when, read_writes
from pymockapi.engine.streams import EVENT_HEADERS, read_events, read_stream, type_of_stream
from pymockapi.engine.templates.responses import read_response_template
from pymockapi.model.callee import CalledAnswer
from pymockapi.model.delivery import Delivery, Piece
from pymockapi.model.files import type_of
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_choice,
    read_flag,
    read_int,
    read_name,
    read_object,
    read_text,
)
from pymockapi.model.response import BODILESS, FORBIDDEN, HeaderPairs, Response, make_response
from pymockapi.model.stub import AfterLast, Bounds, Pattern, RequestValue, Step, Stub, Write

STUB_KEYS: Final = frozenset(
    {"name", "priority", "request", "when", "response", "responses", "set", "times", "meta",
     "after_last", "per", "keep_cursor", "expect"}
)  # fmt: skip
BODY_KEYS: Final = ("json", "text", "base64", "file", "stream", "sse")
RESPONSE_KEYS: Final = frozenset(
    {
        "status",
        "reason",
        "headers",
        "template",
        "trailers",
        "callbacks",
        "call",
        *BODY_KEYS,
        *DELIVERY_KEYS,
    }
)
STEP_KEYS: Final = RESPONSE_KEYS | {"times", "set"}
MAX_SEQUENCE: Final = 10_000  # steps
MAX_TIMES: Final = 1_000_000_000
_STUB_HINTS: Final = {
    **dict.fromkeys(RESPONSE_KEYS, "it goes under 'response'"),
    **dict.fromkeys(PATTERN_KEYS, "it goes under 'request'"),
    "headers": "it goes under 'request' or 'response'",
    **dict.fromkeys(EXPECT_KEYS, "it goes under 'expect'"),
}
_RESPONSE_HINTS: Final = {
    "body": "give it as 'json', 'text', 'base64', 'file', 'stream' or 'sse'",
    "times": "it goes beside 'response', or in a step of 'responses'",
    "set": "it goes beside 'response', or in a step of 'responses'",
}


def read_stub(
    data: object,
    at: str,
    found: Findings,
    name: Callable[[], str],
    read_steps: tuple[Step, ...] | None = None,
) -> Stub:
    """Read one stub; ``name`` gives a name where the definition has none.

    ``read_steps`` are what ``read_step`` made of its ``responses``, if that is done already.
    """
    found.regex_parts = 0
    entries = read_object(data, at, found, STUB_KEYS, _STUB_HINTS)
    generated = "name" not in entries
    named = name() if generated else read_name(entries["name"], below(at, "name"), found)
    steps, ending, is_sequence = _read_answers(entries, at, found, read_steps)
    times, per = _read_times(entries, at, found), _read_per(entries, at, found)
    gates = _gates_of(steps)
    when = read_when(entries["when"], below(at, "when"), found) if "when" in entries else ()
    writes = _read_writes(entries, at, found)
    _check_rest(entries, at, found)
    return Stub(
        name=named,
        pattern=_pattern(entries, at, found),
        steps=steps,
        definition=_as_kept(entries, named),
        priority=read_int(entries.get("priority", 5), below(at, "priority"), found, 1, 1_000_000),
        when=when,
        writes=writes,
        after_last=ending,
        per=per,
        times=times,
        is_sequence=is_sequence,
        generated=generated,
        ends=step_ends(steps),
        plain=not (is_sequence or when or writes or times or gates),
        writing_steps=tuple(number for number, step in enumerate(steps) if step.writes),
        expect=_read_expect(entries, at, found),
        gates=gates,
    )


def _as_kept(entries: dict[str, Any], named: str) -> dict[str, Any]:
    """Return the definition as it is told again."""
    kept = {key: value for key, value in entries.items() if key != "keep_cursor"}
    kept.setdefault("name", named)
    return kept


def _gates_of(steps: tuple[Step, ...]) -> frozenset[str]:
    held = (step.response.delivery for step in steps)
    return frozenset(each.hold for each in held if each is not None and each.hold is not None)


def _read_times(entries: dict[str, Any], at: str, found: Findings) -> int | None:
    if "times" not in entries:
        return None
    return read_int(entries["times"], below(at, "times"), found, 1, MAX_TIMES)


def _read_per(entries: dict[str, Any], at: str, found: Findings) -> RequestValue | None:
    if "per" not in entries:
        return None
    return read_request_value(entries["per"], below(at, "per"), found)


def _read_writes(
    entries: dict[str, Any], at: str, found: Findings, whose: str = "stub"
) -> tuple[Write, ...]:
    return read_writes(entries["set"], below(at, "set"), found, whose) if "set" in entries else ()


def _read_expect(entries: dict[str, Any], at: str, found: Findings) -> Bounds | None:
    if "expect" not in entries:
        return None
    return read_expect(entries["expect"], below(at, "expect"), found)


def _pattern(entries: dict[str, Any], at: str, found: Findings) -> Pattern:
    return read_pattern(entries.get("request", {}), below(at, "request"), found)


def _check_rest(entries: dict[str, Any], at: str, found: Findings) -> None:
    if "meta" in entries:
        read_object(entries["meta"], below(at, "meta"), found)
    if "keep_cursor" in entries and not isinstance(entries["keep_cursor"], bool):
        found.add(
            below(at, "keep_cursor"),
            f"expected true or false, got {kind_of(entries['keep_cursor'])}",
        )


def _read_answers(
    entries: dict[str, Any], at: str, found: Findings, read_steps: tuple[Step, ...] | None
) -> tuple[tuple[Step, ...], AfterLast, bool]:
    if "responses" not in entries:
        for key in ("after_last", "per"):
            if key in entries:
                found.add(
                    below(at, key),
                    f"'{key}' goes with a list of 'responses'; this stub has one response",
                )
        response = read_response(entries.get("response", {}), below(at, "response"), found)
        return (Step(response),), AfterLast.REPEAT, False
    if "response" in entries:
        found.add(below(at, "response"), "a stub has either 'response' or 'responses'; remove one")
    return *_read_sequence(entries, at, found, read_steps), True


def _read_sequence(
    entries: dict[str, Any], at: str, found: Findings, read_steps: tuple[Step, ...] | None
) -> tuple[tuple[Step, ...], AfterLast]:
    place = below(at, "responses")
    items = entries["responses"]
    if not isinstance(items, list) or not items:
        given = "an empty one" if isinstance(items, list) else kind_of(items)
        found.add(place, f"expected a list of at least one response, got {given}")
        return (Step(make_response()),), AfterLast.REPEAT
    check_size(items, place, found, MAX_SEQUENCE, "steps; a step may have 'times'")
    steps = read_steps or tuple(
        read_step(item, below(place, number), found)
        for number, item in enumerate(items[:MAX_SEQUENCE])
    )
    if "after_last" in entries:
        choice = read_choice(
            entries["after_last"], below(at, "after_last"), found, tuple(AfterLast)
        )
        return steps, AfterLast(choice)
    last = items[-1]
    return steps, AfterLast.PASS if isinstance(last, dict) and "times" in last else AfterLast.REPEAT


def read_step(data: object, at: str, found: Findings) -> Step:
    entries = read_object(data, at, found, STEP_KEYS, _RESPONSE_HINTS)
    times = read_int(entries.get("times", 1), below(at, "times"), found, 1, MAX_TIMES)
    return Step(_response(entries, at, found), times, _read_writes(entries, at, found, "step"))


def read_response(data: object, at: str, found: Findings) -> Response:
    """Read one response; ``headers`` take a value or a list of values for each name."""
    entries = read_object(data, at, found, RESPONSE_KEYS, _RESPONSE_HINTS)
    return _response(entries, at, found)


def _response(entries: dict[str, Any], at: str, found: Findings) -> Response:
    status = read_int(entries.get("status", 200), below(at, "status"), found, 100, 999)
    body = _read_body(entries, at, found)
    headers = read_headers(entries.get("headers", {}), below(at, "headers"), found)
    headers = _with(headers, body.headers)
    reason = None
    if "reason" in entries:
        reason = read_text(entries["reason"], below(at, "reason"), found)
        if FORBIDDEN.search(reason):
            found.add(below(at, "reason"), "a reason has no line breaks or control characters")
    delay, delivery = read_delivery(entries, at, found)
    trailers: HeaderPairs = ()
    if "trailers" in entries:
        trailers = read_trailers(entries["trailers"], below(at, "trailers"), found)
    if (trailers or body.pieces is not None) and status not in BODILESS:
        if trailers:
            headers = _with(headers, (("Trailer", ", ".join(dict(trailers))),))
        delivery = _chunked(delivery, body, trailers)
    if "callbacks" in entries:
        callbacks = read_callbacks(entries["callbacks"], below(at, "callbacks"), found)
        delivery = msgspec.structs.replace(delivery or Delivery(), callbacks=callbacks)
    made = make_response(
        status,
        headers,
        body.data,
        reason=reason,
        delay_s=delay,
        tail=body.tail if delivery is None or delivery.pieces is None else None,
        delivery=delivery,
    )
    if "call" in entries:
        return _called(made, entries, at, found)
    if "template" not in entries or not read_flag(
        entries["template"], below(at, "template"), found
    ):
        return made
    template = read_response_template(made, entries, at, found)
    return msgspec.structs.replace(made, template=template)


def _called(made: Response, entries: dict[str, Any], at: str, found: Findings) -> Response:
    """Return what a function makes a response of; ``made`` is what it goes out from."""
    beside = [key for key in (*BODY_KEYS, "template") if key in entries]
    if beside:
        found.add(at, f"the function of 'call' returns the body; leave out {' and '.join(beside)}")
    token = read_text(entries["call"], below(at, "call"), found)
    if not isinstance(entries["call"], str):
        return made
    callee = found.find_callee(token)
    if isinstance(callee, str):
        found.add(below(at, "call"), callee)
        return made
    rest = {key: value for key, value in entries.items() if key in RESPONSE_KEYS - {"call"}}
    return msgspec.structs.replace(made, template=CalledAnswer(callee, rest))


def _chunked(delivery: Delivery | None, body: _Body, trailers: HeaderPairs) -> Delivery:
    """Return the delivery of a body that ends with its last chunk; whole, it is one piece."""
    pieces = (Piece(body.data),) if body.pieces is None else body.pieces
    return msgspec.structs.replace(delivery or Delivery(), pieces=pieces, trailers=trailers)


def _with(headers: HeaderPairs, added: HeaderPairs) -> HeaderPairs:
    """Return ``headers`` after those of ``added`` that are not among them."""
    given = {name.lower() for name, _ in headers}
    return (*(pair for pair in added if pair[0].lower() not in given), *headers)


class _Body(NamedTuple):
    """``headers`` tell what it is unless the definition does. ``tail``: see ``FileBody.tail``."""

    data: bytes = b""
    headers: HeaderPairs = ()
    tail: bytes | None = None
    pieces: tuple[Piece, ...] | None = None


def _read_body(entries: dict[str, Any], at: str, found: Findings) -> _Body:
    given = [key for key in BODY_KEYS if key in entries]
    if not given:
        return _Body()
    if len(given) > 1:
        found.add(at, f"a response has one body, got {' and '.join(given)}")
    key = given[0]
    data, place = entries[key], below(at, key)
    if key == "file":
        return _file_body(data, place, found)
    if key == "stream":
        pieces = read_stream(data, place, found)
        return _in_pieces(pieces, (("Content-Type", type_of_stream(data)),))
    if key == "sse":
        return _in_pieces(read_events(data, place, found), EVENT_HEADERS)
    return _Body(BODIES[key](data, place, found), (("Content-Type", TYPES[key]),))


def _in_pieces(pieces: tuple[Piece, ...], headers: HeaderPairs) -> _Body:
    return _Body(b"".join(piece.data for piece in pieces), headers, None, pieces)


def _file_body(data: object, at: str, found: Findings) -> _Body:
    name = read_text(data, at, found)
    if not isinstance(data, str):
        return _Body()
    read = found.read_file(name)
    if isinstance(read, str):
        found.add(at, read)
        return _Body()
    found.bodies[name] = read
    return _Body(read.body, (("Content-Type", type_of(name)),), read.tail)
