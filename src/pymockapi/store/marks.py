"""From where verdicts count, and what they count of requests that are no longer recorded.

A verdict on the whole counts from the beginning, one on a scope from where it was opened. What
lies between two marks is counted once, at the first; a verdict adds up those from its mark on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pymockapi.model.exchange import UNCOUNTED, Exchange


class Mark:
    """A place in the journal: after request ``after``.

    ``errors`` and ``stubs`` count the requests from there to the next mark that are no longer
    recorded, and were not deleted on purpose: by the error of their answer, and by the stub that
    answered (``""``: none). ``errors`` count what went wrong beside answers, too.
    """

    __slots__ = ("after", "errors", "stubs")

    def __init__(self, after: int = 0) -> None:
        self.after = after
        self.errors: Counter[str] = Counter()
        self.stubs: Counter[str] = Counter()

    def clear(self) -> None:
        self.errors.clear()
        self.stubs.clear()

    def lose(self, gone: Sequence[Exchange]) -> None:
        """Count dropped entries."""
        self.stubs.update([entry.stub or "" for entry in gone])
        for entry in gone:
            if entry.error is not None and entry.phase not in UNCOUNTED:
                self.errors[entry.error] += 1


class Marks:
    """The marks of a journal in order; the first is the beginning."""

    __slots__ = ("_marks",)

    def __init__(self) -> None:
        self._marks = [Mark()]

    def __len__(self) -> int:
        return len(self._marks)

    def __iter__(self) -> Iterator[Mark]:
        return iter(self._marks)

    def __getitem__(self, place: int) -> Mark:
        return self._marks[place]

    def open(self, after: int) -> Mark:
        mark = Mark(after)
        self._marks.append(mark)
        return mark

    def close(self, place: int) -> None:
        """Take away the mark at ``place`` and those above it; what they count goes to the one below."""
        kept = self._marks[place - 1]
        for mark in self._marks[place:]:
            kept.errors.update(mark.errors)
            kept.stubs.update(mark.stubs)
        del self._marks[place:]

    def outer(self) -> Iterator[tuple[Mark, int]]:
        """Yield all marks but the last, each with the number up to which it counts."""
        for mark, following in zip(self._marks, self._marks[1:], strict=False):
            yield mark, following.after

    def _since(self, mark: Mark) -> list[Mark]:
        """Return ``mark`` and those above it; one that was taken away meanwhile is alone."""
        return self._marks[self._marks.index(mark) :] if mark in self._marks else [mark]

    def lost_errors(self, mark: Mark) -> Counter[str]:
        return sum((each.errors for each in self._since(mark)), Counter[str]())

    def lost_stubs(self, mark: Mark) -> Mapping[str, int]:
        """Return how many requests that are no longer recorded each stub answered; ``""``: none."""
        since = self._since(mark)
        return since[0].stubs if len(since) == 1 else sum((each.stubs for each in since), Counter())

    def count_error(self, error: str, number: int) -> None:
        """Count what went wrong with request ``number`` beside its answer."""
        mark = next((each for each in reversed(self._marks) if each.after < number), self._marks[0])
        mark.errors[error] += 1

    def lose(self, gone: Sequence[Exchange]) -> None:
        """Count dropped entries, which are in order, each at its mark."""
        for mark in reversed(self._marks):
            place = bisect_left(gone, mark.after + 1, key=lambda entry: entry.number)
            mark.lose(gone[place:])
            gone = gone[:place]
