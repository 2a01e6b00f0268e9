"""The evidence on one namespace as a page of text.

The verdict, what was verified, the facts, then what came, line by line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pymockapi.formats.cases import of_verification
from pymockapi.formats.faults import fault_of

WIDTH: Final = 100
MAX_LISTED: Final = 500  # requests; of more the newest

Document = dict[str, Any]
_LISTED: Final = (
    "number",
    "at",
    "method",
    "target",
    "stub",
    "step",
    "error",
    "phase",
    "correlation",
)


def in_short(exchange: Document) -> Document:
    """Return what a line of the page needs of a recorded exchange, a small part of it."""
    response = exchange["response"]
    return {
        "status": None if response is None else response["status"],
        "fault": fault_of(exchange),
        **{name: exchange[name] for name in _LISTED},
    }


def summary(bundle: Document, requests: Sequence[Document]) -> Iterator[str]:
    """Yield the page part by part; ``bundle`` has none of its requests, of which the newest are given in short."""
    yield bundle["verdict"]["report"] + "\n\n"
    yield from _verified(bundle)
    for name, value in _facts(bundle):
        told = textwrap.wrap(
            f"{name + ':':<12}{value}", WIDTH, subsequent_indent=" " * 12, break_on_hyphens=False
        )
        yield "".join([f"{line}\n" for line in told])
    yield "\n"
    yield from (f"{line}\n" for line in listing(bundle, requests))


def listing(bundle: Document, requests: Sequence[Document]) -> Iterator[str]:
    """Yield a line for each of ``requests``, and for those that came after the end."""
    total = f"{bundle['total']} recorded request{'' if bundle['total'] == 1 else 's'}"
    is_all = bundle["total"] == len(requests)
    yield f"{total}:" if is_all else f"{total}; the last {len(requests)}:"
    for each in requests:
        yield _line(each)
        ids = each["correlation"].items()
        yield from (f"          {name}: {value}"[:WIDTH] for name, value in ids)
    if bundle["late"]:
        yield ""
        yield f"{bundle['late_total']} after the end:"
        for each in bundle["late"]:
            yield f"  {each['at']}  {each['method']} {each['target']}"[:WIDTH]


def _verified(bundle: Document) -> Iterator[str]:
    """Yield what was verified, a line each, and the reports of what failed."""
    found, dropped = bundle["verifications"], bundle["verifications_dropped"]
    if not (found or dropped):
        return
    yield "Verified:\n"
    for each in found:
        for case in of_verification(each):
            mark = "FAILED " if case.kind else "ok     "
            yield f"  {mark}{case.name}"[:WIDTH] + "\n"
    if dropped:
        yield f"  {dropped} that were asked earlier are forgotten\n"
    yield "\n"
    yield from (f"{each['report']}\n\n" for each in found if not each["passed"])


def _facts(bundle: Document) -> list[tuple[str, str]]:
    ended = bundle["finished"]
    facts = [("namespace", f"{bundle['namespace']} ({bundle['id']})")]
    if ended is None:
        facts.append(("end", "none: it is open"))
    else:
        status = "" if ended["status"] is None else f" with status '{ended['status']}'"
        facts.append(("end", f"{ended['reason']}{status} at {ended['at']}"))
    facts += [("label", f"{name}={value}") for name, value in bundle["labels"].items()]
    facts += [
        ("seed", str(bundle["seed"])),
        ("clock", f"{bundle['clock']['mode']}, {bundle['clock']['now']}"),
        (
            "layers",
            ", ".join(f"{each['name']} ({len(each['stubs'])})" for each in bundle["layers"]),
        ),
        ("server", f"PyMockAPI {bundle['versions']['pymockapi']}"),
    ]
    if bundle["evicted"]:
        facts.append(("dropped", f"{bundle['evicted']} requests, by a limit of the journal"))
    return facts


def _line(exchange: Document) -> str:
    """``#3  14:03:22.120  POST /payments -> 404 no-match``, or ``-> fault: reset``, cut at the width of the page."""
    status = "---" if exchange["status"] is None else exchange["status"]
    if exchange["fault"] is not None:
        status = f"fault: {exchange['fault']}"
    by = exchange["error"] or exchange["stub"] or ""
    step = f" step {exchange['step']}" if exchange["step"] else ""
    is_told = exchange["phase"] == ("answered" if exchange["fault"] is None else "failed")
    phase = "" if is_told else f" ({exchange['phase']})"
    tail = f" -> {status} {by}{step}{phase}"
    begin = f"  #{exchange['number']:<5} {exchange['at'][11:23]}  {exchange['method']} "
    room = max(20, WIDTH - len(begin) - len(tail))
    path: str = exchange["target"]
    shown = path if len(path) <= room else path[: room - 3] + "..."
    return f"{begin}{shown}{tail}"
