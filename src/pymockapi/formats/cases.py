"""What was expected of a namespace, as the cases of a test report: each passed, or failed and why.

From a bundle: the verifications that were asked, then the verdict. Names tell what is expected and
no number that changes from run to run, so that a CI server follows a case through its runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

Document = dict[str, Any]

KINDS: Final[Mapping[str, str]] = {
    "unmatched": "every request is answered by a stub",
    "errors": "the mock has to fail no request",
    "unused": "every stub answers",
    "sequence_left": "every sequence is played to its end",
    "ambiguous": "no request fits several stubs of equal rank",
    "late": "no request comes after the end",
}
"""What is expected where a problem of that kind fails; those of single stubs are cases of their own."""

MAX_REPEATED: Final = 64 * 1024  # characters of a report that is told with each of its failures


class Case(NamedTuple):
    """``kind`` is what is wrong, in one word; empty if nothing is.

    ``message`` says it in a line, ``text`` in full. ``took_s`` is how long finding out took.
    """

    name: str
    kind: str = ""
    message: str = ""
    text: str = ""
    took_s: float = 0.0


def cases(bundle: Document) -> Iterator[Case]:
    """Yield the cases of ``bundle``, whose requests are not looked at; no two have one name."""
    seen: dict[str, int] = {}
    for each in _all(bundle):
        count = seen[each.name] = seen.get(each.name, 0) + 1
        yield each if count == 1 else each._replace(name=f"{each.name} [{count}]")


def _all(bundle: Document) -> Iterator[Case]:
    for each in bundle["verifications"]:
        took_s = each["took_ms"] / 1000  # told once, for a sum has it once
        for place, case in enumerate(of_verification(each)):
            yield case if place else case._replace(took_s=took_s)
    yield from _with_report(_of_verdict(bundle), bundle["verdict"]["report"])


def _with_report(found: Iterator[Case], report: str) -> Iterator[Case]:
    """Yield ``found``, the failed ones with the report, which tells of all: as often as is bearable."""
    room = MAX_REPEATED
    for case in found:
        if case.kind:
            yield case._replace(text=report if room > 0 else "")
            room -= len(report)
        else:
            yield case


def of_verification(verification: Document) -> Iterator[Case]:
    """Return what one verification expected; at least one case has failed if it has."""
    return _with_report(_parts(verification), verification["report"])


def _parts(verification: Document) -> Iterator[Case]:
    after = f" (after #{verification['after']})" if verification["after"] else ""
    has_failed = False
    for name, kind, message in _expected(verification):
        has_failed = has_failed or bool(kind)
        yield Case(name + after, kind, message if kind else "")
    if verification["passed"] or has_failed:
        return
    if verification["reason"] is not None:
        yield Case(f"waiting{after}", "cut-short", verification["reason"])
    elif not verification["complete"]:
        message = "requests were dropped that could have changed it"
        yield Case(f"knowing all requests{after}", "incomplete", message)
    else:
        yield Case(f"staying so{after}", "unquiet", "more came than was expected")


def _expected(verification: Document) -> Iterator[tuple[str, str, str]]:
    """Yield name, kind of failure and message of each thing that was expected."""
    for each in verification["results"]:
        low, high = each["expected"]["at_least"], each["expected"]["at_most"]
        times = times_told(low, high)
        is_told = each["what"] == each["id"] or each["what"].startswith(f"stub '{each['id']}'")
        own = "" if is_told else f"{each['id']}: "
        more = f" and up to {each['dropped']} dropped" if each["dropped"] else ""
        message = f"expected {times}, got {each['actual']}{more}"
        kind = "" if each["passed"] else ("overrun" if each["actual"] > low else "unmet")
        yield f"{own}{each['what']}: {times}", kind, message
    if verification["order"] is not None:
        diverged = verification["diverged"]
        yield f"order {verification['order']}", "order" if diverged else "", diverged or ""
    if verification["unexpected"] is not None:
        count = verification["unexpected"]
        noun = "request that nothing expected" if count == 1 else "requests that nothing expected"
        yield "nothing else", "unexpected" if count else "", f"{count} {noun}"


def _of_verdict(bundle: Document) -> Iterator[Case]:
    """Yield what stubs expect, then the kinds of problems, as far as they fail here."""
    effects, verdict = bundle["effects"], bundle["verdict"]
    for each in bundle["expectations"]:
        low, high = each["expected"]["at_least"], each["expected"]["at_most"]
        if low or high is not None:
            times = times_told(low, high)
            kind = "" if each["passed"] else ("overrun" if each["actual"] > low else "unmet")
            fails = bool(kind) and effects[kind] == "fail"
            message = f"expected {times}, got {each['actual']}"
            answers = f"answers {times}" if high != 0 else "never answers"
            name = f"stub '{each['stub']}' ({each['request']}) {answers}"
            yield Case(name, kind, message) if fails else Case(name)
    found = {problem["kind"]: problem for problem in verdict["problems"]}
    for kind, name in KINDS.items():
        if effects[kind] == "fail":
            problem = found.get(kind)
            yield Case(name) if problem is None else Case(name, kind, _message(problem))
    if not verdict["complete"]:
        message = "requests were dropped that could have changed the verdict"
        yield Case("the verdict knows all requests", "incomplete", message)


def _message(problem: Document) -> str:
    """Return ``2 unmatched; the first: #3 POST /ship``."""
    told = f"{problem['count']} {problem['kind']}"
    for each in problem["requests"][:1]:
        number = "" if each["number"] is None else f"#{each['number']} "
        told += f"; the first: {number}{each['request']}"
    for each in problem["stubs"][:1]:
        told += f"; the first: '{each['stub']}' ({each['request']})"
    return told


def times_told(low: int, high: int | None) -> str:
    """Return ``low`` to ``high`` (``None``: any number) in words: ``at least once``."""
    if high is None:
        return f"at least {_times(low)}" if low else "any number of times"
    if low == high:
        return _times(low)
    return f"{low} to {_times(high)}" if low else f"at most {_times(high)}"


def _times(number: int) -> str:
    return {0: "never", 1: "once"}.get(number, f"{number} times")
