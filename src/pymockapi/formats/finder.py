"""Finding secrets in texts, however many they are and whatever the texts hold: linear in a text's length.

A regular expression of ten thousand texts takes half a second to compile, and one of thirty that
begin alike minutes to search a text that nearly has them. Few are looked for one by one, which the
standard library does in linear time; many by their first characters, at 60 ns a character.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from pymockapi.model.slices import Work, at_once

MIN_SEARCHED: Final = 4  # characters; a shorter secret would be found in every other word
FEW: Final = 24  # that are looked for one by one, at 0.1 ms each in a text of 1 MiB
CUT: Final = "…"
"""What stands for the rest of a quote that was cut, and with it perhaps of a secret."""

MAX_CUT: Final = 420  # characters of a quote before it is cut
STEP: Final = 8_192  # characters, or places found, between two looks at the clock
MAX_FOUND: Final = 10_000  # in one text; where there are more, all from the first on is left out
_GOES_ON_BEFORE: Final = re.compile(r"[\w.-]")
_GOES_ON_AFTER: Final = re.compile(r"[\w-]|\.\d")


class Span(NamedTuple):
    """Where a secret stands, and what is put there."""

    start: int
    end: int
    put: str


class Alike(NamedTuple):
    """Secrets that begin alike, in order; the longest other that each begins with; the longest length."""

    secrets: list[str]
    within: dict[str, str]
    longest: int


class Finder:
    """Puts marks for texts and numbers.

    A number is found where no longer number, word or date goes on around it; the beginning of a
    text also where a quote was cut. An open text hides all that follows it, too.
    """

    __slots__ = ("_alike", "_opened", "_starts", "numbers", "texts")

    def __init__(
        self,
        texts: Mapping[str, str] | None = None,
        numbers: Mapping[str, str] | None = None,
        opened: Mapping[str, str] | None = None,
    ) -> None:
        self.texts = {**(texts or {}), **(opened or {})}
        self.numbers = dict(numbers or {})
        self._opened = set(opened or ())
        self._starts: dict[str, list[str]] | None = None
        self._alike: dict[str, Alike] = {}

    def add(self, other: Finder, most: int) -> None:
        """Look for what ``other`` looks for, too, up to ``most`` texts and as many numbers."""
        for known, new in ((self.texts, other.texts), (self.numbers, other.numbers)):
            for secret, put in new.items():
                if secret in known or len(known) >= most:
                    continue
                known[secret] = put
                if secret in other._opened:
                    self._opened.add(secret)
                if self._starts is not None:
                    self._starts.setdefault(secret[:MIN_SEARCHED], []).append(secret)
                    self._alike.pop(secret[:MIN_SEARCHED], None)

    def of_length(self, least: int) -> Finder:
        """Return one that looks for those of ``least`` characters or more."""
        texts = {each: put for each, put in self.texts.items() if len(each) >= least}
        opened = {each: texts.pop(each) for each in self._opened}
        numbers = {each: put for each, put in self.numbers.items() if len(each) >= least}
        return Finder(texts, numbers, opened)

    @property
    def is_few(self) -> bool:
        return len(self.texts) + len(self.numbers) <= FEW

    def __bool__(self) -> bool:
        return bool(self.texts or self.numbers)

    def text(self, value: str) -> str:
        return at_once(self.replacing(value))

    def replacing(self, value: str) -> Work[str]:
        """Return ``value`` with marks, bit by bit."""
        if len(value) < MIN_SEARCHED or not self:
            return value
        found = yield from (self._one_by_one if self.is_few else self._by_start)(value)
        if CUT in value:
            found += yield from self._cut(value)
        return (yield from _spliced(value, found)) if found else value

    def _one_by_one(self, value: str) -> Work[list[Span]]:
        found: list[Span] = []
        looked = 0
        for secret, put in (*self.texts.items(), *self.numbers.items()):
            at = value.find(secret)
            while at >= 0:
                end = at + len(secret)
                if secret in self.texts or _is_alone(value, at, end):
                    found.append(self._span(value, at, secret, put))
                looked += 1
                if looked % STEP == 0:
                    yield
                if len(found) >= MAX_FOUND:
                    return _all_from_first(value, found)
                at = value.find(secret, end)
            if len(value) > STEP:
                yield
        return found

    def _by_start(self, value: str) -> Work[list[Span]]:
        starts, found, at, steps = self._by_starts(), list[Span](), 0, 0
        last = len(value) - MIN_SEARCHED
        while at <= last:
            steps += 1
            if steps >= STEP:
                steps = 0
                yield
            start = value[at : at + MIN_SEARCHED]
            if start not in starts:
                at += 1
                continue
            longest, cost = self._longest(value, at, start)
            steps += cost
            if longest is None:
                at += 1
                continue
            put = self.texts.get(longest) or self.numbers[longest]
            found.append(self._span(value, at, longest, put))
            at += len(longest)
            if len(found) >= MAX_FOUND:
                return _all_from_first(value, found)
        return found

    def _longest(self, value: str, at: int, start: str) -> tuple[str | None, int]:
        """Return the longest secret that stands at ``at``, and in characters what that took.

        Of all that begin alike in order, the two next to the text have most in common with it: what
        stands there is one of them, or a beginning of one of them.
        """
        like = self._like(start)
        text = value[at : at + like.longest]
        place = bisect_right(like.secrets, text)
        known = [
            (_common(near, text), near) for near in like.secrets[max(0, place - 1) : place + 1]
        ]
        room, near = max(known)
        cost = 64
        found: str | None = near
        while found is not None and not (
            len(found) <= room and (found in self.texts or _is_alone(value, at, at + len(found)))
        ):
            found = like.within.get(found)
            cost += 1
        return found, cost

    def _cut(self, value: str) -> Work[list[Span]]:
        """Return where a quote ends with the beginning of a text."""
        starts, found = self._by_starts(), list[Span]()
        end = value.find(CUT)
        while end >= 0 and len(found) < MAX_FOUND:
            yield
            for at in range(max(0, end - MAX_CUT), end - MIN_SEARCHED + 1):
                if value[at : at + MIN_SEARCHED] not in starts:
                    continue
                like, begun = self._like(value[at : at + MIN_SEARCHED]).secrets, value[at:end]
                place = bisect_left(like, begun)
                if (
                    place < len(like)
                    and like[place].startswith(begun)
                    and like[place] in self.texts
                ):
                    found.append(Span(at, end, self.texts[like[place]]))
                    break
            end = value.find(CUT, end + 1)
        return found

    def _span(self, value: str, at: int, secret: str, put: str) -> Span:
        return Span(at, len(value) if secret in self._opened else at + len(secret), put)

    def _by_starts(self) -> dict[str, list[str]]:
        if self._starts is None:
            self._starts, self._alike = {}, {}
            for secret in (*self.texts, *(each for each in self.numbers if each not in self.texts)):
                self._starts.setdefault(secret[:MIN_SEARCHED], []).append(secret)
        return self._starts

    def _like(self, start: str) -> Alike:
        """Return the secrets that begin so."""
        known = self._alike.get(start)
        if known is None:
            known = self._alike[start] = _in_order(self._by_starts()[start])
        return known


def _in_order(secrets: Iterable[str]) -> Alike:
    in_order = sorted(secrets)
    within: dict[str, str] = {}
    open_ones: list[str] = []
    for secret in in_order:
        while open_ones and not secret.startswith(open_ones[-1]):
            open_ones.pop()
        if open_ones:
            within[secret] = open_ones[-1]
        open_ones.append(secret)
    return Alike(in_order, within, max(map(len, in_order)))


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common, by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


def _all_from_first(value: str, found: list[Span]) -> list[Span]:
    first = min(found)
    return [Span(first.start, len(value), first.put)]


def _is_alone(value: str, start: int, end: int) -> bool:
    goes_on = start > 0 and _GOES_ON_BEFORE.match(value, start - 1) is not None
    return not goes_on and _GOES_ON_AFTER.match(value, end) is None


def _spliced(value: str, found: list[Span]) -> Work[str]:
    """Return ``value`` with what was found replaced; of what overlaps, all of it."""
    found.sort(key=lambda span: (span.start, -span.end))
    made, done, shown = list[str](), 0, 0
    for number, span in enumerate(found, 1):
        if number % STEP == 0:
            yield
        if span.end <= done:
            continue
        made += [value[shown : span.start], span.put] if span.start >= done else [span.put]
        done = shown = span.end
    return "".join([*made, value[shown:]])
