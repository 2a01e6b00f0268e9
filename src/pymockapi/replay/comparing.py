"""What differs between the answer that was recorded and the one that came again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from pymockapi.replay.bundle import Body, Pairs, Recorded, Response
from pymockapi.replay.definitions import MARK

NOTHING: Final = "(none)"
MAX_PLACES: Final = 10  # in one JSON body
_OURS: Final = frozenset({"x-mock-namespace", "x-mock-request"})
"""Headers that name what is another in a replay: the namespace, the number."""

_LOCATIONS: Final = frozenset({"location", "content-location"})


class Difference(msgspec.Struct, frozen=True):
    """``field`` as in ``status``, ``header location``, ``body.$.id``."""

    field: str
    recorded: str
    replayed: str


class Comparison(msgspec.Struct, frozen=True):
    """``recorded_path`` and ``replayed_path`` stand before paths that lead into the namespace."""

    recorded_path: str = ""
    replayed_path: str = ""

    def differences(self, recorded: Recorded, replayed: Recorded) -> list[Difference]:
        """Return what differs in what was answered; nothing where no answer was recorded."""
        found = list(self._phase(recorded, replayed))
        one, other = recorded.response, replayed.response
        if one is None or (other is None and not recorded.is_settled):
            return found
        if other is None:
            return [*found, Difference("answer", str(one.status), NOTHING)]
        if one.fault != other.fault:
            found.append(Difference("fault", one.fault or NOTHING, other.fault or NOTHING))
        if one.status != other.status:
            found.append(Difference("status", str(one.status), str(other.status)))
        found += self._headers(one, other)
        if recorded.error is None or recorded.error != replayed.error or not _is_own(one, other):
            found += _bodies(one.body, other.body)
        return found

    def _phase(self, recorded: Recorded, replayed: Recorded) -> Iterator[Difference]:
        """An answer that failed has to fail again; one that nobody waited for may do as it likes."""
        phases = recorded.phase, replayed.phase
        if phases[0] != phases[1] and "failed" in phases and recorded.is_settled:
            yield Difference("phase", *phases)

    def _headers(self, one: Response, other: Response) -> Iterator[Difference]:
        first, second = _by_name(one.headers), _by_name(other.headers)
        for name in [*first, *(name for name in second if name not in first)]:
            values, others = first.get(name, []), second.get(name, [])
            if name in _LOCATIONS:
                values = [self._moved(value) for value in values]
            if name not in _OURS and values != others and not _has_marks([*values, *others]):
                yield Difference(f"header {name}", _shown(values), _shown(others))

    def _moved(self, value: str) -> str:
        """Return ``value`` as it leads into the namespace of the replay, not through any proxy."""
        before = self.recorded_path
        at = value.find(before) if before and value.startswith("/") else -1
        rest = value[at + len(before) :]
        return self.replayed_path + rest if at >= 0 and rest[:1] in ("", "/", "?", "#") else value


def _is_own(one: Response, other: Response) -> bool:
    """Return whether the mock itself says why in both, in words of its own, which may change."""
    return all("x-mock-error" in _by_name(each.headers) for each in (one, other))


def _by_name(headers: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    return found


def _shown(values: list[str]) -> str:
    return ", ".join(values) if values else NOTHING


def _has_marks(values: list[str]) -> bool:
    return any(MARK.search(value) for value in values)


def _bodies(one: Body, other: Body) -> Iterator[Difference]:
    texts = one.text, other.text
    if texts[0] is not None and texts[1] is not None:
        if _fits(texts[0], texts[1]):
            return
        if one.json is not msgspec.UNSET and other.json is not msgspec.UNSET:
            places = list(_places("body.$", one.json, other.json))
            if places:
                yield from places[:MAX_PLACES]
                return
    elif (one.size, one.base64, one.sha256, texts) == (other.size, other.base64, other.sha256, texts[::-1]):  # fmt: skip
        return
    yield Difference("body", _told(one), _told(other))


def _told(body: Body) -> str:
    if body.text is not None:
        return body.text
    if not body.size:
        return NOTHING
    return f"{body.size} bytes, SHA-256 {(body.sha256 or '')[:16]}"


def _fits(recorded: str, replayed: str) -> bool:
    """Return whether the texts are the same but for secrets that a mark stands for in one."""
    return (
        recorded == replayed or _is_pattern(recorded, replayed) or _is_pattern(replayed, recorded)
    )


def _is_pattern(marked: str, text: str) -> bool:
    """Return whether ``text`` is ``marked`` with anything in place of the marks."""
    first, *parts = MARK.split(marked)
    if not parts or not text.startswith(first):
        return False
    at = len(first)
    for part in parts[:-1]:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return text.endswith(parts[-1]) and len(text) - len(parts[-1]) >= at


def _places(at: str, one: Any, other: Any) -> Iterator[Difference]:
    """Yield the places where two JSON values differ, in the order of the first."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            yield from _places(f"{at}.{key}", one.get(key, msgspec.UNSET), other.get(key, msgspec.UNSET))  # fmt: skip
    elif isinstance(one, list) and isinstance(other, list):
        for place in range(max(len(one), len(other))):
            items = [each[place] if place < len(each) else msgspec.UNSET for each in (one, other)]
            yield from _places(f"{at}[{place}]", *items)
    elif not _same(one, other):
        yield Difference(at, _json(one), _json(other))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return _fits(one, other)
    return type(one) is type(other) and bool(one == other)


def _json(value: Any) -> str:
    return NOTHING if value is msgspec.UNSET else json.dumps(value, ensure_ascii=False)
