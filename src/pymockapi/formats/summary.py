"""The evidence on one namespace as a page of text.

The verdict, what was verified, the facts, then what came, line by line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Final

from pymockapi.formats.cases import of_verification

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
        **{name: exchange[name] for name in _LISTED},
    }


def summary(bundle: Document, requests: Sequence[Document]) -> str:
    """Return the page of a ``bundle`` without its requests, of which the newest are given in short."""
    lines = [bundle["verdict"]["report"], "", *_verified(bundle)]
    for name, value in _facts(bundle):
        lines += textwrap.wrap(
            f"{name + ':':<12}{value}", WIDTH, subsequent_indent=" " * 12, break_on_hyphens=False
        )
    return "\n".join([*lines, "", *listing(bundle, requests)]) + "\n"


def listing(bundle: Document, requests: Sequence[Document]) -> list[str]:
    """Return a line for each of ``requests``, and for those that came after the end."""
    lines = []
    total = f"{bundle['total']} recorded request{'' if bundle['total'] == 1 else 's'}"
    is_all = bundle["total"] == len(requests)
    lines.append(f"{total}:" if is_all else f"{total}; the last {len(requests)}:")
    for each in requests:
        lines.append(_line(each))
        ids = each["correlation"].items()
        lines += [f"          {name}: {value}"[:WIDTH] for name, value in ids]
    if bundle["late"]:
        lines += ["", f"{bundle['late_total']} after the end:"]
        lines += [
            f"  {each['at']}  {each['method']} {each['target']}"[:WIDTH] for each in bundle["late"]
        ]
    return lines


def _verified(bundle: Document) -> list[str]:
    """Return what was verified, a line each, and the reports of what failed."""
    lines: list[str] = []
    reports: list[str] = []
    for each in bundle["verifications"]:
        for case in of_verification(each):
            mark = "FAILED " if case.kind else "ok     "
            lines.append(f"  {mark}{case.name}"[:WIDTH])
        reports += [] if each["passed"] else [each["report"], ""]
    if bundle["verifications_dropped"]:
        lines.append(f"  {bundle['verifications_dropped']} that were asked earlier are forgotten")
    return ["Verified:", *lines, "", *reports] if lines else []


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
    """``#3  14:03:22.120  POST /payments -> 404 no-match``, cut at the width of the page."""
    status = "---" if exchange["status"] is None else exchange["status"]
    by = exchange["error"] or exchange["stub"] or ""
    step = f" step {exchange['step']}" if exchange["step"] else ""
    phase = "" if exchange["phase"] == "answered" else f" ({exchange['phase']})"
    tail = f" -> {status} {by}{step}{phase}"
    begin = f"  #{exchange['number']:<5} {exchange['at'][11:23]}  {exchange['method']} "
    room = max(20, WIDTH - len(begin) - len(tail))
    path: str = exchange["target"]
    shown = path if len(path) <= room else path[: room - 3] + "..."
    return f"{begin}{shown}{tail}"
