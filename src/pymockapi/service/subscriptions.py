"""One reader of events: where it is, what it wants, and what it is told besides."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from pymockapi.model.clock import instant_text
from pymockapi.service.feed import Feed, text_of
from pymockapi.service.feed_queries import Wanted
from pymockapi.service.watches import Watches

MAX_ANSWERS: Final = 16 * 1024 * 1024  # characters of other messages that were not taken
MAX_PASSED: Final = 2_000  # events that one ``take`` looks at, in 2 ms
FLOODED: Final = "flooded"

Document = dict[str, Any]


class Subscription:
    """``take`` what there is, after ``wake`` was called.

    ``wake`` is called from the loop, never while something is published, once there is something
    to take, and not again before the next ``take``; the opening message is there at once.
    Messages leave in the order of their ``seq``: what answers a watch comes after the events that
    it rests on.
    """

    def __init__(
        self, feed: Feed, wanted: Wanted, real_ns: Callable[[], int], leave: Callable[[], None]
    ) -> None:
        self.wake: Callable[[], None] = _sleep_on
        self.watches: Watches | None = None
        self._feed = feed
        self._at = wanted.at
        self._kinds = wanted.kinds
        self._real_ns = real_ns
        self._leave = leave
        self._is_awake = False
        self._is_told = False  # of the end
        self._has_left = False  # answers are of no use any more
        self._stopped: str | None = None
        self._until: int | None = None  # the last event before it was stopped
        self._answers: deque[tuple[int, str]] = deque()
        self._size = 0  # of the answers
        self._extra("open", self._at)

    def take(self, most: int) -> list[str]:
        """Return the next messages as JSON, ``most`` or fewer; none if there is none now."""
        texts: list[str] = []
        passed = 0
        while len(texts) < most and passed < MAX_PASSED:
            if plain := self._count_plain(most - len(texts)):
                texts += self._feed.texts(self._at + 1, plain)
                self._at += plain
                passed += plain
                continue
            text = self._next()
            if text is None:
                break
            passed += 1
            if text:
                texts.append(text)
        self._is_awake = False
        if not texts and self.ended is not None:
            self._is_told = True
        elif self._has_more():
            self._feed.call()
        return texts

    def _count_plain(self, most: int) -> int:
        """Return how many of the next messages are the next events, ``most`` or fewer."""
        if self._answers or self._kinds is not None or self._at + 1 < self._feed.told.first:
            return 0
        return min(most, self._last - self._at)

    def _next(self) -> str | None:
        """Return the next message, empty for an event that is not wanted; ``None``: none is left."""
        feed = self._feed
        if self._answers and (self._answers[0][0] <= self._at or self._at >= self._last):
            text = self._answers.popleft()[1]
            self._size -= len(text)
            return text
        if self._at >= self._last:
            return None
        first = feed.told.first
        if self._at + 1 < first:
            begin, self._at = self._at + 1, min(first - 1, self._last)
            told = {"from": begin, "to": self._at, "count": self._at + 1 - begin}
            return self._message("lagged", self._at, **told)
        self._at += 1
        if self._kinds is not None and feed.kind(self._at) not in self._kinds:
            return ""
        return feed.text(self._at)

    @property
    def _last(self) -> int:
        return self._feed.told.last if self._until is None else self._until

    def _has_more(self) -> bool:
        if self._at < self._last or self._answers:
            return True
        return self.ended is not None and not self._is_told

    @property
    def ended(self) -> str | None:
        """Why nothing more will come, once everything was taken; ``None`` before that."""
        reason = self._stopped or self._feed.told.ended
        if reason is None or self._at < self._last or self._answers:
            return None
        if self.watches is not None and not self.watches.is_idle and reason != FLOODED:
            return None
        return reason

    def rouse(self) -> None:
        """Call ``wake`` if there is something to take, and it was not called yet."""
        if not self._is_awake and self._has_more():
            self._is_awake = True
            self.wake()

    def command(self, text: str) -> None:
        """Take a command of the reader; what comes of it is among the messages."""
        if self._stopped is None and self.watches is not None and not self.watches.command(text):
            self._flooded()

    def answer(self, document: Document) -> None:
        """Have a message among those to take."""
        if self._has_left:
            return
        event = str(document.pop("event"))
        self._extra(event, self._last, **document)
        if self._size > MAX_ANSWERS:
            self._flooded()
        self._feed.call()

    def moved(self) -> None:
        """Look again whether this has ended."""
        self._feed.call()

    def _flooded(self) -> None:
        """End here: the reader says more than it listens."""
        self.stop(FLOODED)
        self._forget()

    def _forget(self) -> None:
        self._has_left = True
        self._until = self._at
        self._answers.clear()
        if self.watches is not None:
            self.watches.close()

    def stop(self, reason: str) -> None:
        """Let nothing more come than what is there now."""
        if self._stopped is None:
            self._until = self._last
            self._stopped = reason
            self._feed.call()

    def close(self) -> None:
        """Read no more; what waits for this reader is given up."""
        self._stopped = self._stopped or "closed"
        self._forget()
        self._feed.leave(self)
        self._leave()

    def _extra(self, event: str, seq: int, **told: object) -> None:
        """Have a message to take after event ``seq``."""
        text = self._message(event, seq, **told)
        self._size += len(text)
        self._answers.append((seq, text))

    def _message(self, event: str, seq: int, **told: object) -> str:
        feed = self._feed.told
        frame = {"event": event, "seq": seq, "namespace": feed.name, "id": feed.identity}
        return text_of({**frame, "at": instant_text(self._real_ns()), **told})


def _sleep_on() -> None:
    """What ``wake`` is before somebody reads."""
