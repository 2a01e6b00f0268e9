"""How large a regular expression becomes when its counted repeats are written out.

A rough reading: groups nest, comments are nothing, a set counts as long as it is, an unbalanced
bracket ends what it can. It may say too much of an odd expression, never too little; where
spaces and line ends mean nothing (``is_verbose``) it cannot tell, so those are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<comment>\(\?\#[^)]*\)) | (?P<escape>\\(?s:.)) | (?P<set>\[\^?\]?(?:\\(?s:.)|[^\]\\])*\]?) | (?P<open>\()
      | (?P<close>\)) | \{\s*(?P<low>\d*)\s*(?:(?P<comma>,)\s*(?P<high>\d*)\s*)?\} | (?P<part>(?s:.))""",
    re.VERBOSE,
)  # fmt: skip

_VERBOSE: Final = re.compile(r"(?<!\\)(?:\\\\)*\(\?[a-wyzA-Z0-9]*x")


@dataclass(slots=True)
class _Group:
    """``size`` in parts, ``repeat`` the largest product of counts in it, ``last`` its last item."""

    size: int = 0
    repeat: int = 1
    last: tuple[int, int] = field(default=(0, 1))

    def add(self, size: int, repeat: int = 1) -> None:
        self.size += size
        self.repeat = max(self.repeat, repeat)
        self.last = (size, repeat)

    def multiply(self, count: int) -> None:
        """Repeat the last item; repeats of a repeat multiply, as nested ones do."""
        size, repeat = self.last
        grown = size * max(count, 1)
        self.size += grown - size
        self.repeat = max(self.repeat, repeat * count)
        self.last = (grown, repeat * max(count, 1))


def is_verbose(text: str) -> bool:
    """Return whether some flag group may turn on verbose mode."""
    return _VERBOSE.search(text) is not None


def largest_repeat(text: str) -> int:
    """Return the largest product of counted repeats that lie in each other."""
    return _measure(text).repeat


def expanded_size(text: str) -> int:
    """Return the number of parts once every counted repeat is written out."""
    return _measure(text).size


def _measure(text: str) -> _Group:
    groups = [_Group()]
    for token in _TOKEN.finditer(text):
        if token["open"]:
            groups.append(_Group())
        elif token["close"]:
            _close(groups)
        elif token["low"] or token["high"]:
            groups[-1].multiply(max(_count(token["low"]), _count(token["high"])))
        elif not token["comment"]:
            groups[-1].add(1 + len(token["set"] or "") // 2)
    while len(groups) > 1:
        _close(groups)
    return groups[0]


def _close(groups: list[_Group]) -> None:
    if len(groups) > 1:
        inner = groups.pop()
        groups[-1].add(inner.size + 1, inner.repeat)


def _count(digits: str | None) -> int:
    return int(digits[:9]) if digits else 0
