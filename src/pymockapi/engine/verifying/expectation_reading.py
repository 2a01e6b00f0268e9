"""Reading a verification: what is expected, in which order, and how long it may take.

Names of stubs are checked against those that the namespace has or had; a name that it never had
is an error, never a count of 0.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from pymockapi.engine.bounds import read_times
from pymockapi.engine.matching.pattern import PATTERN_HINTS, PATTERN_KEYS, read_pattern
from pymockapi.engine.matching.values import Domain, read_matcher
from pymockapi.engine.verifying.expectations import (
    ANY,
    PAIRS,
    STRICT,
    SUBSEQUENCE,
    UNASKED,
    Answered,
    Check,
    Expectation,
    Kind,
)
from pymockapi.model.errors import quoted
from pymockapi.model.exchange import Phase
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_choice,
    read_duration,
    read_flag,
    read_int,
    read_list,
    read_object,
    read_text,
)

VERIFY_KEYS: Final = ("expect", "order", "nothing_else", "ignore", "after", "within", "quiet_for")
EXPECTATION_KEYS: Final = ("id", "stub", "request", "answered", "times")
ANSWERED_KEYS: Final = ("status", "step", "phase")
MAX_EXPECTATIONS: Final = 200  # each is asked about each request
MAX_IGNORED: Final = 50
MAX_PAIRS: Final = 1_000
MAX_ID: Final = 200  # characters
LISTED: Final = 20  # ids that an error names
_HINTS: Final = {
    **dict.fromkeys(PATTERN_KEYS, "it goes under 'request'"),
    "count": "write 'times'",
    "at_least": "it goes under 'times'",
    "at_most": "it goes under 'times'",
    "status": "it goes under 'answered'",
}


class Names:
    """The stubs that may be named: ``has_known`` tells, ``known`` lists them for suggestions.

    ``takes`` tells in short what one takes, ``None``: it is not in force any more.
    """

    def __init__(
        self,
        namespace: str,
        has_known: Callable[[str], bool],
        known: Callable[[], Sequence[str]],
        takes: Callable[[str], str | None],
    ) -> None:
        self.namespace = namespace
        self.has_known = has_known
        self.known = known
        self.takes = takes


def read_check(
    entries: Mapping[str, Any], found: Findings, names: Names, after: int
) -> Generator[None, None, Check]:
    """Read the body of a verification, but for ``after``; yields after each part of it."""
    items = read_list(entries.get("expect", []), "/expect", found)
    check_size(items, "/expect", found, MAX_EXPECTATIONS, "expectations")
    order, pairs_given = _read_order(entries.get("order", ANY), found)
    nothing_else = read_flag(entries.get("nothing_else", False), "/nothing_else", found)
    if order == SUBSEQUENCE and nothing_else:
        order = STRICT  # the same, said in two words
    least = 1 if order in (SUBSEQUENCE, STRICT) else None
    read = []
    for place, item in enumerate(items[:MAX_EXPECTATIONS]):
        read.append(_read_expectation(item, below("/expect", place), found, names, least))
        yield
    expect = _identified(read, found)
    ignored = []
    for place, item in enumerate(_read_ignored(entries.get("ignore", []), found)):
        ignored.append(_read_kind(item, below("/ignore", place), found))
        yield
    check = Check(
        expect,
        order,
        _read_pairs(pairs_given, expect, found),
        nothing_else,
        tuple(ignored),
        after,
        read_duration(entries.get("within", 0), "/within", found),
        read_duration(entries.get("quiet_for", 0), "/quiet_for", found),
    )
    if not found.count:
        _check_sense(check, entries, found)
    return check


def _read_order(data: object, found: Findings) -> tuple[str, list[object]]:
    if isinstance(data, list):
        return PAIRS, data
    if isinstance(data, str):
        return read_choice(data, "/order", found, (ANY, SUBSEQUENCE, STRICT)), []
    found.add(
        "/order",
        'expected any, subsequence, strict or pairs of ids such as [["a", "b"]], got '
        + kind_of(data),
    )
    return ANY, []


def _read_expectation(
    data: object, at: str, found: Findings, names: Names, least: int | None
) -> Expectation:
    entries = read_object(data, at, found, EXPECTATION_KEYS, _HINTS)
    stub = None
    if "stub" in entries:
        stub = _read_stub(entries["stub"], below(at, "stub"), found, names)
    answered = _read_answered(entries, at, found)
    pattern = None
    if "request" in entries:
        kind = _read_kind(entries["request"], below(at, "request"), found)
        pattern = kind.pattern
        if kind.answered is not UNASKED and "answered" in entries:
            found.add(below(at, "answered"), "it stands in 'request', too; write it once")
        answered = answered if kind.answered is UNASKED else kind.answered
    elif "stub" not in entries and isinstance(data, dict) and entries.keys() <= {*EXPECTATION_KEYS}:
        found.add(at, "expected 'stub', a name, or 'request', a pattern, or both")
    low, high = _read_times(entries, at, found, least)
    identity = ""
    if "id" in entries:
        identity = read_text(entries["id"], below(at, "id"), found)
        if isinstance(entries["id"], str) and not 0 < len(identity) <= MAX_ID:
            found.add(below(at, "id"), f"expected 1 to {MAX_ID} characters, got {len(identity)}")
    takes = None if stub is None else names.takes(stub)
    return Expectation(identity, Kind(stub, pattern, answered, takes), low, high)


def _read_stub(data: object, at: str, found: Findings, names: Names) -> str:
    name = read_text(data, at, found)
    if isinstance(data, str) and not names.has_known(name):
        near = found.nearest(name, names.known()) if found.may_hint else []
        hint = f"did you mean {quoted(near)}?" if near else "none it ever had has a like name"
        found.add(at, f"namespace '{names.namespace}' has no stub named '{name[:200]}'; {hint}")
    return name


def _read_kind(data: object, at: str, found: Findings) -> Kind:
    """Read a pattern that may have ``answered``, too."""
    entries = read_object(data, at, found, (*PATTERN_KEYS, "answered"), PATTERN_HINTS)
    asked = {key: value for key, value in entries.items() if key in PATTERN_KEYS}
    return Kind(None, read_pattern(asked, at, found), _read_answered(entries, at, found))


def _read_answered(given: Mapping[str, Any], at: str, found: Findings) -> Answered:
    if "answered" not in given:
        return UNASKED
    at = below(at, "answered")
    entries = read_object(given["answered"], at, found, ANSWERED_KEYS)
    if isinstance(given["answered"], dict) and not entries:
        found.add(at, "expected at least one of status, step, phase")
    status = step = None
    if "status" in entries:
        status = read_matcher(entries["status"], below(at, "status"), found, Domain.JSON)
    if "step" in entries:
        step = read_int(entries["step"], below(at, "step"), found, 1)
    phases: list[str] = []
    if "phase" in entries:
        given_phase = entries["phase"]
        listed = given_phase if isinstance(given_phase, list) else [given_phase]
        phases = [read_choice(each, below(at, "phase"), found, tuple(Phase)) for each in listed]
    return Answered(status, step, frozenset(phases))


def _read_times(
    entries: Mapping[str, Any], at: str, found: Findings, least: int | None
) -> tuple[int, int | None]:
    if "times" not in entries:
        return (1, None) if least is None else (1, 1)
    return read_times(entries["times"], below(at, "times"), found)


def _identified(expect: Sequence[Expectation], found: Findings) -> tuple[Expectation, ...]:
    """Give those without an id one that tells what they expect; report ids that are given twice."""
    known: set[str] = set()
    for place, each in enumerate(expect):
        if each.id and each.id in known:
            found.add(
                below(below("/expect", place), "id"),
                f"'{each.id}' is the id of an earlier expectation; give each an 'id' of its own",
            )
        known.add(each.id)
    made = []
    for each in expect:
        if not each.id:
            plain = each.kind.stub if each.kind.is_plain_stub else None
            name = told = (plain or each.describe())[:MAX_ID]
            count = 1
            while name in known:
                count += 1
                name = f"{told} ({count})"
            known.add(name)
            each = msgspec.structs.replace(each, id=name)
        made.append(each)
    return tuple(made)


def _read_pairs(
    items: list[object], expect: Sequence[Expectation], found: Findings
) -> tuple[tuple[int, int], ...]:
    check_size(items, "/order", found, MAX_PAIRS, "pairs")
    places = {each.id: place for place, each in enumerate(expect)}
    pairs = []
    for place, item in enumerate(items[:MAX_PAIRS]):
        at = below("/order", place)
        if not isinstance(item, list) or len(item) != 2:
            found.add(at, 'expected a pair of ids such as ["a", "b"]: all of a before all of b')
            continue
        ends = [_place(each, below(at, side), places, found) for side, each in enumerate(item)]
        if None not in ends:
            pairs.append((ends[0] or 0, ends[1] or 0))
    if not found.count and (circle := _circle(pairs)) is not None:
        found.add("/order", f"'{expect[circle].id}' would have to come before itself")
    return tuple(pairs)


def _place(data: object, at: str, places: Mapping[str, int], found: Findings) -> int | None:
    identity = read_text(data, at, found)
    if isinstance(data, str) and identity not in places:
        near = found.nearest(identity, places)
        hint = f"did you mean {quoted(near)}?" if near else f"ids: {_listed(places)}"
        found.add(at, f"no expectation has the id '{identity[:MAX_ID]}'; {hint}")
    return places.get(identity)


def _listed(places: Mapping[str, int]) -> str:
    """Name the ids there are, of very many the first."""
    more = f" and {len(places) - LISTED} more" if len(places) > LISTED else ""
    return f"{', '.join(islice(places, LISTED)) or 'none'}{more}"


def _circle(pairs: Sequence[tuple[int, int]]) -> int | None:
    """Return a place that comes before itself, if there is one."""
    reached = following(pairs)
    return next((place for place, after in reached.items() if after >> place & 1), None)


def following(pairs: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Return for each place in ``pairs`` the places that come after it, as bits."""
    after: dict[int, int] = {}
    for first, second in pairs:
        after[first] = after.get(first, 0) | 1 << second
        after.setdefault(second, 0)
    for between in after:
        its = after[between]
        for place, known in after.items():
            if known >> between & 1:
                after[place] = known | its
    return after


def _read_ignored(data: object, found: Findings) -> list[object]:
    items = read_list(data, "/ignore", found)
    check_size(items, "/ignore", found, MAX_IGNORED, "patterns")
    return items[:MAX_IGNORED]


def _check_sense(check: Check, entries: Mapping[str, Any], found: Findings) -> None:
    """Report what reads well and yet asks for nothing."""
    if not check.expect and not check.judges_all:
        found.add("/expect", "expected at least one expectation; it may be empty with nothing_else")
    if "ignore" in entries and not check.judges_all:
        found.add("/ignore", "it goes with nothing_else or order strict; nothing else is judged")
    if check.order == SUBSEQUENCE:
        _check_subsequence(check.expect, entries.get("expect", []), found)
    nothing_missing = all(each.low == 0 for each in check.expect)
    if "within" in entries and not check.quiet_s and nothing_missing and not found.count:
        found.add(
            "/within",
            "nothing can be missing here, since every expectation is met by no request at all;"
            ' write "quiet_for": "200ms" to watch for so long that nothing comes',
        )


def _check_subsequence(
    expect: Sequence[Expectation], items: Sequence[Mapping[str, Any]], found: Findings
) -> None:
    for place, each in enumerate(expect):
        given = items[place].get("times")
        bounded = isinstance(given, dict) and "at_most" in given
        if each.low == 0 or bounded:
            found.add(
                below(below("/expect", place), "times"),
                "in a subsequence others may lie between, so an upper bound says nothing; use"
                " order strict, or verify it apart under order any",
            )
