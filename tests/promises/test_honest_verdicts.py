"""P6: verifications and verdicts say what a patient reader of everything would, or that they cannot know.

The twin here tries every assignment of requests to expectations, and every past that the dropped
requests can have had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.verifying.reading import asked, bits, exchange, judged, read
from tests.store.worlds import Bench, bench_of, settings_of, stub_of

from pymockapi.engine.verifying.dropped import Lost
from pymockapi.engine.verifying.expectation_reading import following
from pymockapi.engine.verifying.expectations import Check, Expectation
from pymockapi.engine.verifying.verdict import Verdict
from pymockapi.model.changes import RemoveStubs, Reset
from pymockapi.model.exchange import Exchange, Phase
from pymockapi.store.expected import standings
from pymockapi.store.journal import Journal
from pymockapi.store.judging import judge_now
from pymockapi.store.snapshot import Scope

LETTERS = "abcx"
PHASES = [Phase.ANSWERED, Phase.ANSWERED, Phase.ABORTED, Phase.REFUSED]


def truth(check: Check, entries: Sequence[Exchange]) -> bool:
    """Return whether the check passes, by trying everything."""
    judged_ones = []
    for entry in entries:
        fits = bits(check, entry)
        found = [
            place
            for place, kind in enumerate(check.kinds)
            if fits >> place & 1 and kind.fits_phase(entry.phase)
        ]
        expected = frozenset(place for place in found if place < len(check.expect))
        is_ignored = any(place >= len(check.expect) for place in found)
        if expected or entry.phase is not Phase.REFUSED:
            judged_ones.append((expected, is_ignored))
    if check.judges_all and any(not fits and not ignored for fits, ignored in judged_ones):
        return False
    if check.order == "subsequence":
        return _is_subsequence(check.expect, [fits for fits, _ in judged_ones])
    if check.order == "strict":
        return _is_strict(check.expect, tuple(judged_ones))
    return _is_counted(check, [fits for fits, _ in judged_ones])


def _is_subsequence(expect: Sequence[Expectation], came: Sequence[frozenset[int]]) -> bool:
    wanted = [place for place, each in enumerate(expect) for _ in range(each.low)]

    @cache
    def can(at: int, done: int) -> bool:
        if done == len(wanted):
            return True
        if at == len(came):
            return False
        return can(at + 1, done) or (wanted[done] in came[at] and can(at + 1, done + 1))

    return can(0, 0)


def _is_strict(
    expect: Sequence[Expectation], came: tuple[tuple[frozenset[int], bool], ...]
) -> bool:
    @cache
    def can(at: int, place: int, count: int) -> bool:
        if place == len(expect):
            return all(ignored for _, ignored in came[at:])
        each = expect[place]
        if each.allows(count) and can(at, place + 1, 0):
            return True
        if at == len(came):
            return False
        fits, ignored = came[at]
        if ignored and can(at + 1, place, count):
            return True
        is_full = each.high is not None and count >= each.high
        return place in fits and not is_full and can(at + 1, place, count + 1)

    return can(0, 0, 0)


def _is_counted(check: Check, came: Sequence[frozenset[int]]) -> bool:
    after = following(check.pairs)

    def rivals(one: int, other: int) -> bool:
        return bool(after.get(one, 0) >> other & 1 or after.get(other, 0) >> one & 1)

    def choices(fits: frozenset[int]) -> Iterator[frozenset[int]]:
        """Yield the largest parts of ``fits`` without two on both sides of a pair."""
        parts = [
            frozenset(place for place, is_in in zip(sorted(fits), which, strict=True) if is_in)
            for which in product((False, True), repeat=len(fits))
        ]
        good = [part for part in parts if not any(rivals(a, b) for a in part for b in part)]
        yield from (part for part in good if not any(part < other for other in good))

    for assignment in product(*(list(choices(fits)) for fits in came)):
        counts = [sum(place in part for part in assignment) for place in range(len(check.expect))]
        if not all(each.allows(n) for each, n in zip(check.expect, counts, strict=True)):
            continue
        ordered = all(
            not (after.get(one, 0) >> other & 1)
            for later, part in enumerate(assignment)
            for earlier in assignment[:later]
            for one in part
            for other in earlier
        )
        if ordered:
            return True
    return False


bounds = st.one_of(
    st.none(),
    st.integers(0, 3),
    st.builds(lambda low, more: {"at_least": low, "at_most": low + more},
              st.integers(0, 2), st.integers(0, 2)),
    st.builds(lambda low: {"at_least": low}, st.integers(0, 2)),
)  # fmt: skip
least = st.one_of(
    st.none(), st.integers(1, 2), st.builds(lambda low: {"at_least": low}, st.integers(1, 2))
)


@st.composite
def expectations(draw: st.DrawFn, place: int, times: st.SearchStrategy[Any]) -> dict[str, Any]:
    """An expectation of some letters, of a stub, or of a phase."""
    given_times = draw(times)
    more: dict[str, Any] = {"id": str(place)}
    if given_times is not None:
        more["times"] = given_times
    kind = draw(st.sampled_from(["letters", "letters", "letters", "stub", "phase"]))
    if kind == "stub":
        return {"stub": draw(st.sampled_from(["pay", "ship"])), **more}
    if kind == "phase":
        more["answered"] = {"phase": draw(st.sampled_from([["answered"], ["refused", "aborted"]]))}
    letters = "".join(draw(st.lists(st.sampled_from("aabbc"), min_size=1, max_size=3)))
    return asked(letters, **more)


@st.composite
def checks(draw: st.DrawFn, order: str) -> Check:
    judges_all = order == "strict" or (order != "subsequence" and draw(st.booleans()))
    count = draw(st.integers(2, 3) if order == "pairs" else st.integers(1, 3))
    times = least if order == "subsequence" else bounds
    expect = [draw(expectations(place, times)) for place in range(count)]
    document: dict[str, Any] = {"expect": expect, "order": order}
    if order == "pairs":
        first = st.integers(0, count - 2)
        pairs = st.lists(first.flatmap(lambda a: st.tuples(st.just(a), st.integers(a + 1, count - 1))),
                         min_size=1, max_size=2)  # fmt: skip
        document["order"] = [[str(one), str(other)] for one, other in draw(pairs)]
    if judges_all:
        document["nothing_else"] = True
        if draw(st.booleans()):
            document["ignore"] = [{"path": draw(st.sampled_from(["/x", "/a"]))}]
    check, wrong = read(document)
    assert not wrong, wrong
    return check


def counts() -> st.SearchStrategy[Check]:
    """Return checks of one count of letters, or of a stub."""
    plain = expectations(0, bounds).filter(lambda each: "answered" not in each)
    return plain.map(lambda each: read({"expect": [each]})[0])


@st.composite
def journals(draw: st.DrawFn) -> tuple[list[Exchange], Journal, int]:
    """Up to six requests, a journal that has dropped some of the oldest, and a cursor."""
    came = draw(
        st.lists(
            st.tuples(
                st.sampled_from("aaabbbcx"),
                st.sampled_from([None, "pay", "ship"]),
                st.sampled_from(PHASES),
            ),
            max_size=6,
        )
    )
    journal = Journal()
    kept = draw(st.sampled_from([1, 2, 3, 4, 9, 9]))
    deleted = draw(st.sets(st.integers(1, 6), max_size=1))
    entries = []
    for number, (letter, stub, phase) in enumerate(came, 1):
        stub = None if phase is Phase.REFUSED else stub
        entry = exchange(number, path=f"/{letter}", stub=stub, phase=phase)
        entries.append(entry)
        journal.append(entry)
        if number in deleted:
            journal.delete(number)
        if journal.kept > kept:
            journal.evict(kept, 10**9)
    left = [each for each in entries if each.number not in deleted]
    return left, journal, draw(st.sampled_from([0, 0, 0, *range(1, len(entries) + 1)]))


@pytest.mark.parametrize("order", ["any", "subsequence", "strict", "pairs"])
def test_a_complete_verdict_is_that_of_the_whole_journal(order: str) -> None:
    @settings(max_examples=400, deadline=None)
    @given(checks(order), journals())
    def holds(check: Check, made: tuple[list[Exchange], Journal, int]) -> None:
        entries, journal, after = made
        lost = journal.lost(after)
        outcome = judged(check, [each for each in journal if each.number > after], lost)
        whole = truth(check, [each for each in entries if each.number > after])
        if outcome.complete:
            assert outcome.passed == whole
        else:
            assert not outcome.passed
            assert lost.number

    holds()


def pasts(lost: Lost) -> Iterator[list[Exchange]]:
    """Yield every past that the dropped requests can have had."""
    one = [
        exchange(0, path=f"/{letter}", stub=stub, phase=phase)
        for letter in LETTERS
        for stub in (None, "pay", "ship")
        for phase in (Phase.ANSWERED, Phase.ABORTED, Phase.REFUSED)
        if stub is None or phase is not Phase.REFUSED
    ]
    for past in product(one, repeat=lost.number):
        uncounted = [each for each in past if each.phase is Phase.REFUSED]
        stubs = [each.stub or "" for each in past if each.phase is not Phase.REFUSED]
        fits = len(uncounted) <= lost.uncounted and all(
            stubs.count(name) <= lost.by_stub.get(name, 0) for name in ("", "pay", "ship")
        )
        if fits:
            yield list(past)


@settings(max_examples=400, deadline=None)
@given(counts(), journals())
def test_a_count_is_in_doubt_only_if_some_past_would_have_passed_and_another_not(
    check: Check, made: tuple[list[Exchange], Journal, int]
) -> None:
    _, journal, after = made
    lost = journal.lost(after)
    if lost.number > 2:  # there are too many pasts to try
        return
    kept = [each for each in journal if each.number > after]
    outcome = judged(check, kept, lost)
    outcomes = {truth(check, past + kept) for past in pasts(lost)}
    assert outcome.complete == (len(outcomes) == 1)


EXPECTS: list[Any] = [None, 0, 1, 2, {"at_least": 1}, {"at_most": 2}, {"optional": True}]
KINDS = ("unmatched", "errors", "unmet", "overrun", "unused")


class Reader:
    """Keeps all that came, and the stubs in force now and when each scope was opened."""

    def __init__(self) -> None:
        self.came: list[tuple[int, str | None, str | None]] = []
        self.stubs: dict[str, Any] = {}
        self.scopes: list[tuple[int, dict[str, Any]]] = []

    def forget(self, which: Callable[[int], bool]) -> None:
        self.came = [each for each in self.came if not which(each[0])]

    def counts(self, after: int, before: Mapping[str, Any]) -> dict[str, int]:
        """Return how many requests after ``after`` each stub answered that is not as ``before``."""
        return {
            name: sum(stub == name for number, stub, _ in self.came if number > after)
            for name, definition in self.stubs.items()
            if before.get(name) is not definition
        }

    def verdict(self, after: int, before: Mapping[str, Any]) -> dict[str, Any]:
        errors = [error for number, _, error in self.came if number > after]
        found: dict[str, Any] = {
            "unmatched": sum(error == "no-match" for error in errors),
            "errors": sum(error not in (None, "no-match") for error in errors),
            **{kind: set() for kind in KINDS[2:]},
        }
        for name, count in self.counts(after, before).items():
            for kind in kinds_of(self.stubs[name]["expect"], count):
                found[kind].add(name)
        return {kind: problem for kind, problem in found.items() if problem}


def kinds_of(expect: Any, count: int) -> Iterator[str]:
    low, high, optional = 0, 10**9, False
    if isinstance(expect, int):
        low = high = expect
    elif expect is not None:
        low, high = expect.get("at_least", 0), expect.get("at_most", 10**9)
        optional = expect.get("optional", False)
    if count < low:
        yield "unmet"
    elif not count and high and not optional:
        yield "unused"
    if count > high:
        yield "overrun"


def told(verdict: Verdict) -> dict[str, Any]:
    assert verdict.complete
    assert verdict.passed == (not verdict.problems)
    return {
        each.kind: {stub.stub for stub in each.stubs} if each.kind in KINDS[2:] else each.count
        for each in verdict.problems
    }


def live(bench: Bench, reader: Reader, step: str, which: int) -> None:
    """Do one step in the namespace, and note it for the reader."""
    space, name = bench.space, f"s{which % 4}"
    if step == "define":
        expect = EXPECTS[which % len(EXPECTS)]
        more = {} if expect is None else {"expect": expect}
        once = {"responses": [{}], "after_last": "fail"} if which % 2 else {}
        bench.define(stub_of(name, f"/{name}", **more, **once))
        reader.stubs[name] = {"expect": expect}
    elif step == "remove" and name in reader.stubs:
        bench.apply(RemoveStubs((name,)))
        del reader.stubs[name]
    elif step == "open" and len(space.scopes) < 4:
        bench.store.open_scope("a")
        reader.scopes.append((space.journal.last, dict(reader.stubs)))
    elif step == "close" and space.scopes:
        place = which % len(space.scopes)
        bench.run(bench.store.close_scope("a", space.scopes[place].id))
        reader.stubs = reader.scopes[place][1]
        del reader.scopes[place:]
    elif step == "delete" and (kept := [each.number for each in space.journal]):
        number = kept[which % len(kept)]
        space.journal.delete(number)
        reader.forget(lambda each: each == number)
    elif step == "reset":
        bench.apply(Reset(frozenset({"requests"})))
        after = reader.scopes[-1][0] if reader.scopes else 0
        reader.forget(lambda each: each > after)
    elif step == "clear":
        bench.store.clear_requests("a")
        reader.forget(lambda _: True)
    else:
        entry = bench.ask(f"/{name}").exchange
        reader.came.append((entry.number, entry.stub, entry.error))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ask"] * 12 + ["define"] * 4 + ["remove", "open", "open", "close",
                                                           "delete", "reset", "clear"]),
            st.integers(0, 99),
        ),
        max_size=80,
    ),
    st.sampled_from([1, 2, 5, 1000]),
)  # fmt: skip
def test_a_verdict_is_that_of_a_reader_who_keeps_everything(
    done: list[tuple[str, int]], requests: int
) -> None:
    bench, reader = bench_of(), Reader()
    effects = dict.fromkeys(KINDS, "fail")
    bench.create(settings=settings_of(limits={"requests": requests}, verdict=effects))
    for step, which in [*(("define", n) for n in range(8, 12)), *done]:
        live(bench, reader, step, which)
        scopes: list[tuple[Scope | None, tuple[int, dict[str, Any]]]] = [(None, (0, {}))]
        scopes += zip(bench.space.scopes, reader.scopes, strict=True)
        for scope, (after, before) in scopes:
            counts = {each.stub.name: each.actual for each in standings(bench.space, scope)}
            assert counts == reader.counts(after, before)
            assert told(judge_now(bench.space, scope).verdict()) == reader.verdict(after, before)
