"""What came of a replay, as text of 100 columns and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pymockapi.replay.bundle import Recorded
from pymockapi.replay.comparing import NOTHING
from pymockapi.replay.performance import MARKED, Divergence, Performance

WIDTH: Final = 100
_LABEL: Final = 24
_COLUMN: Final = (WIDTH - _LABEL - 2) // 2
MAX_LINES: Final = 8  # of one value
MAX_NUMBERS: Final = 10  # of requests in a list
MAX_SHOWN: Final = 2_000  # characters of one value, in JSON


def as_text(done: Performance) -> list[str]:
    bundle = done.bundle
    lines = [f"Namespace '{bundle.namespace}' ({bundle.id}): {_counted(done.sent)} sent again, "
             + _outcome(done)]  # fmt: skip
    if done.divergence is not None:
        lines += ["", *_two_columns(done.divergence)]
    notes = list(notes_of(done))
    if notes:
        lines.append("")
    for note in notes:
        lines += textwrap.wrap(f"- {note}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return lines


def as_json(done: Performance) -> dict[str, Any]:
    bundle, found = done.bundle, done.divergence
    return {
        "same": done.is_same,
        "namespace": bundle.namespace,
        "id": bundle.id,
        "requests": len(bundle.requests),
        "sent": done.sent,
        "unsent": done.unsent,
        "missing": done.missing,
        "evicted": bundle.evicted,
        "complete": bundle.start.complete,
        "inexact": done.inexact,
        "difference": None if found is None else _difference(found),
        "notes": list(notes_of(done)),
    }


def notes_of(done: Performance) -> Iterator[str]:
    """Yield what makes a replay less than what happened."""
    bundle = done.bundle
    before = bundle.start.number - 1
    if bundle.evicted:
        yield (
            f"{_counted(bundle.evicted)} dropped by a limit: the replay begins with number"
            f" {bundle.start.number}, in the namespace as that one found it."
        )
    elif before:
        yield (
            f"Number {bundle.start.number} is the first that is recorded: the replay begins there, in"
            " the namespace as that one found it."
        )
    if not bundle.start.complete:
        yield "What was in force at the beginning is not known in every detail."
    if done.missing:
        yield f"{_counted(done.missing)} between them: deleted, so not sent."
    if done.unsent:
        yield f"{_counted(done.unsent)} refused or incomplete, which met no stub: not sent again."
    for reason, numbers in done.inexact.items():
        came = "it came" if len(numbers) == 1 else "they came"
        yield f"{_counted(len(numbers))} not sent as {came}, since {reason}: {_listed(numbers)}."
    if MARKED in done.inexact:
        yield ("An export with redact=false holds what was sent, and is replayed as it came.")


def _outcome(done: Performance) -> str:
    if done.divergence is not None:
        return f"the answer to number {done.divergence.recorded.number} is another."
    return "every answer the same."


def _difference(found: Divergence) -> dict[str, Any]:
    recorded = found.recorded
    return {
        "number": recorded.number,
        "method": recorded.method,
        "target": recorded.target,
        "recorded": _answered_by(recorded),
        "replayed": None if found.replayed is None else _answered_by(found.replayed),
        "fields": [
            {"field": each.field, "recorded": each.recorded[:MAX_SHOWN],
             "replayed": each.replayed[:MAX_SHOWN]}
            for each in found.differences
        ],
        "inexact": found.inexact,
    }  # fmt: skip


def _answered_by(recorded: Recorded) -> dict[str, Any]:
    status = None if recorded.response is None else recorded.response.status
    return {
        "status": status,
        "stub": recorded.stub,
        "step": recorded.step,
        "behaviour": recorded.behaviour,
        "error": recorded.error,
        "fault": None if recorded.response is None else recorded.response.fault,
        "phase": recorded.phase,
    }


def _two_columns(found: Divergence) -> Iterator[str]:
    recorded, replayed = found.recorded, found.replayed
    yield f"#{recorded.number}  {recorded.method} {recorded.target}"[:WIDTH]
    yield _row("", "recorded", "replayed")
    yield from _rows("answered by", _by(recorded), NOTHING if replayed is None else _by(replayed))
    for each in found.differences:
        yield from _rows(each.field, each.recorded, each.replayed)
    for reason in found.inexact:
        yield ""
        yield from textwrap.wrap(f"It was not sent as it came: {reason}.", WIDTH)


def _by(recorded: Recorded) -> str:
    if recorded.stub is None:
        if recorded.behaviour is not None:
            return f"behaviour '{recorded.behaviour}'"
        return f"the mock itself: {recorded.error}" if recorded.error else NOTHING
    step = f", step {recorded.step}" if recorded.step else ""
    return f"{recorded.stub}{step}"


def _rows(label: str, one: str, other: str) -> Iterator[str]:
    first, second = _cell(one), _cell(other)
    for line in range(max(len(first), len(second))):
        cells = [each[line] if line < len(each) else "" for each in (first, second)]
        yield _row(label if line == 0 else "", *cells)


def _cell(text: str) -> list[str]:
    lines: list[str] = []
    for line in text[: MAX_LINES * _COLUMN].splitlines() or [""]:
        lines += textwrap.wrap(line, _COLUMN - 1, break_on_hyphens=False) or [""]
    if len(lines) > MAX_LINES or len(text) > MAX_LINES * _COLUMN:
        return [*lines[: MAX_LINES - 1], "..."]
    return lines


def _row(label: str, one: str, other: str) -> str:
    shown = label if len(label) < _LABEL else label[: _LABEL - 4] + "..."
    return f"  {shown:<{_LABEL}}{one:<{_COLUMN}}{other}".rstrip()


def _counted(number: int) -> str:
    return f"{number} request{'' if number == 1 else 's'}"


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:MAX_NUMBERS]))
    more = len(numbers) - MAX_NUMBERS
    return f"{shown} and {more} more" if more > 0 else shown
