"""The secrets of all exchanges of an export, found in its other texts however many there are.

A regular expression of ten thousand texts takes half a second to compile, in one turn; of a few it
is the fastest. More are found by their first characters, which costs 60 ns a character.
"""

from __future__ import annotations

import re
from typing import Final

from pymockapi.formats.secrets import MIN_SEARCHED, Swap, number_text, pattern_of
from pymockapi.model.stub import Json

MAX_SEEN: Final = 10_000  # texts, and as many numbers; of more, the first
MAX_COMPILED: Final = 100  # in one regular expression, 4 ms
_GOES_ON_BEFORE: Final = re.compile(r"[\w.-]")
_GOES_ON_AFTER: Final = re.compile(r"[\w-]|\.\d")


class SeenSecrets:
    """Texts and numbers with their marks."""

    def __init__(self) -> None:
        self._marks: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self._lengths: dict[str, list[int]] = {}  # by the first characters, the longest first
        self._pattern: re.Pattern[str] | None = None

    def note(self, swap: Swap) -> None:
        """Remember the secrets of one exchange."""
        for known, new in zip(self._marks, (swap.texts, swap.numbers), strict=True):
            for secret, put in new.items():
                if secret not in known and len(known) < MAX_SEEN:
                    known[secret] = put
                    self._pattern = None
                    lengths = self._lengths.setdefault(secret[:MIN_SEARCHED], [])
                    if len(secret) not in lengths:
                        lengths.append(len(secret))
                        lengths.sort(reverse=True)

    def scrubbed(self, value: Json, *, is_data: bool) -> Json:
        """Return ``value`` without them; ``is_data``: its numbers may be secrets, too."""
        if not self._lengths:
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {key: self.scrubbed(each, is_data=is_data) for key, each in value.items()}
        if isinstance(value, list):
            return [self.scrubbed(each, is_data=is_data) for each in value]
        return self._marks[1].get(number_text(value) or "", value) if is_data else value

    def _text(self, value: str) -> str:
        texts, numbers = self._marks
        if len(texts) + len(numbers) > MAX_COMPILED:
            return self._by_table(value)
        if self._pattern is None:
            self._pattern = pattern_of(texts, numbers)
            assert self._pattern is not None
        return self._pattern.sub(lambda found: self._mark(found[0]), value)

    def _by_table(self, value: str) -> str:
        by_start, made, done, at = self._lengths, [], 0, 0
        last = len(value) - MIN_SEARCHED
        while at <= last:
            lengths = by_start.get(value[at : at + MIN_SEARCHED])
            secret = None if lengths is None else self._at(value, at, lengths)
            if secret is None:
                at += 1
                continue
            made += [value[done:at], self._mark(secret)]
            done = at = at + len(secret)
        return "".join([*made, value[done:]]) if made else value

    def _at(self, value: str, at: int, lengths: list[int]) -> str | None:
        """Return the longest secret that stands at ``at``; texts go before numbers."""
        texts, numbers = self._marks
        found = [value[at : at + length] for length in lengths]
        for secret in found:
            if secret in texts:
                return secret
        return next(
            (each for each in found if each in numbers and _is_alone(value, at, at + len(each))),
            None,
        )

    def _mark(self, secret: str) -> str:
        texts, numbers = self._marks
        return texts.get(secret) or numbers[secret]


def _is_alone(value: str, start: int, end: int) -> bool:
    goes_on = start > 0 and _GOES_ON_BEFORE.match(value, start - 1) is not None
    return not goes_on and _GOES_ON_AFTER.match(value, end) is None
