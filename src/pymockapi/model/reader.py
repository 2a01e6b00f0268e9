"""Reading JSON that somebody wrote: every error at once, each with its place and its cure.

A ``read_*`` function takes data, the JSON pointer where it stands and a ``Findings`` to
report to. It returns a value to go on with even after an error, so that one pass finds all.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterable, Mapping, Sized
from itertools import islice
from typing import Final

from pymockapi.model.callee import FindCallee, no_callees
from pymockapi.model.errors import MAX_FINDINGS, Finding, Invalid, nearest
from pymockapi.model.files import FileBody, ReadFile, no_files
from pymockapi.model.foreign_keys import FOREIGN_KEYS
from pymockapi.model.names import NAMES, is_name

MAX_ASKED: Final = 200  # query names, headers and so on that one pattern asks for
MAX_HINTS: Final = 10  # searches for what was meant, of up to 2 ms each
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_ENDLESS_S: Final = 1e15  # far past any limit, and a float yet
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_NO_HINTS: Final[Mapping[str, str]] = {}


class Findings:
    """The errors of one document; the first hundred are kept, all are counted.

    ``regex_parts`` sums up what one definition's regular expressions cost to compile.
    ``read_file`` is where a document's ``file`` bodies come from, ``bodies`` are those it had,
    ``find_callee`` where the functions of its ``call`` do.
    """

    __slots__ = ("bodies", "count", "find_callee", "hints", "items", "read_file", "regex_parts")

    def __init__(
        self, read_file: ReadFile = no_files, find_callee: FindCallee = no_callees
    ) -> None:
        self.items: list[Finding] = []
        self.count = 0
        self.hints = 0
        self.regex_parts = 0
        self.read_file = read_file
        self.find_callee = find_callee
        self.bodies: dict[str, FileBody] = {}

    def add(self, at: str, message: str) -> None:
        self.count += 1
        if len(self.items) < MAX_FINDINGS:
            self.items.append(Finding(at, message))

    @property
    def is_full(self) -> bool:
        """Whether further errors are only counted."""
        return len(self.items) >= MAX_FINDINGS

    def nearest(self, word: str, known: Iterable[str], count: int = 3) -> list[str]:
        """Return the names most like ``word``, for the first few that are asked of one document."""
        if not self.may_hint:
            return []
        self.hints += 1
        return nearest(word, known, count)

    @property
    def may_hint(self) -> bool:
        """Whether ``nearest`` still looks: with very many errors it would take seconds."""
        return self.hints < MAX_HINTS and not self.is_full

    def check(self, what: str = "The input") -> None:
        """Raise ``Invalid`` with all findings, if there is one."""
        if self.items:
            raise Invalid(self.items, what, self.count)


def below(at: str, key: str | int) -> str:
    """Return the pointer of ``key`` below ``at``, escaped as RFC 6901 asks."""
    if isinstance(key, int):
        return f"{at}/{key}"
    return f"{at}/{key.replace('~', '~0').replace('/', '~1')}"


def kind_of(data: object) -> str:
    """Name the JSON type of ``data`` as a message should."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "a boolean"
    if isinstance(data, int | float):
        return "a number"
    if isinstance(data, str):
        return "a string"
    if isinstance(data, list | tuple):
        return "a list"
    return "an object" if isinstance(data, Mapping) else type(data).__name__


def read_object(
    data: object,
    at: str,
    found: Findings,
    known: Iterable[str] | None = None,
    hints: Mapping[str, str] = _NO_HINTS,
) -> dict[str, object]:
    """Return ``data`` if it is an object; unknown keys are reported with the nearest known one.

    ``hints`` tell of keys that are often written here by mistake what to write instead.
    """
    if not isinstance(data, dict):
        found.add(at, f"expected an object, got {kind_of(data)}")
        return {}
    if known is not None:
        reject_unknown(data, at, found, known, hints)
    return data


def reject_unknown(
    data: Mapping[str, object],
    at: str,
    found: Findings,
    known: Iterable[str],
    hints: Mapping[str, str] = _NO_HINTS,
) -> None:
    names = known if isinstance(known, set | frozenset | dict) else tuple(known)
    for key in data:
        if key in names:
            continue
        if found.is_full:  # not kept, so not worth a search for the nearest
            found.add(at, "")
        else:
            found.add(below(at, str(key)), unknown_key(str(key), names, hints))


def unknown_key(key: str, known: Iterable[str], hints: Mapping[str, str] = _NO_HINTS) -> str:
    if key in hints:
        return f"unknown key '{key}'; {hints[key]}"
    if key in FOREIGN_KEYS:
        return f"unknown key '{key}'; {FOREIGN_KEYS[key]}"
    names = sorted(known)
    near = nearest(key, names, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(names)}"
    return f"unknown key '{key}'; {hint}"


def read_list(data: object, at: str, found: Findings) -> list[object]:
    if isinstance(data, list):
        return data
    found.add(at, f"expected a list, got {kind_of(data)}")
    return []


def check_size(entries: Sized, at: str, found: Findings, most: int, what: str) -> None:
    """Report more than ``most`` entries, named ``what``: reading them would hold up others."""
    if len(entries) > most:
        found.add(at, f"expected at most {most:,} {what}, got {len(entries):,}")


def read_asked(data: object, at: str, found: Findings) -> dict[str, object]:
    """Return an object that asks for values by their names, as many as may be."""
    entries = read_object(data, at, found)
    check_size(entries, at, found, MAX_ASKED, "names")
    return dict(islice(entries.items(), MAX_ASKED)) if len(entries) > MAX_ASKED else entries


def read_text(data: object, at: str, found: Findings) -> str:
    if isinstance(data, str):
        return data
    found.add(at, f"expected a string, got {kind_of(data)}")
    return ""


def read_bytes(data: object, at: str, found: Findings) -> bytes | None:
    """Return what ``data`` has in base64, spaces and lines in it left out; ``None`` if it has none."""
    if not isinstance(data, str):
        found.add(at, f"expected base64 as a string, got {kind_of(data)}")
        return None
    try:
        return base64.b64decode("".join(data.split()).encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        found.add(at, "this is no base64 (RFC 4648)")
        return None


def read_flag(data: object, at: str, found: Findings) -> bool:
    if isinstance(data, bool):
        return data
    found.add(at, f"expected true or false, got {kind_of(data)}")
    return False


def read_int(data: object, at: str, found: Findings, low: int, high: int | None = None) -> int:
    """Return a whole number from ``low`` to ``high`` (``None``: no upper bound)."""
    if isinstance(data, float) and data.is_integer():
        data = int(data)
    if isinstance(data, bool) or not isinstance(data, int):
        found.add(at, f"expected a whole number, got {kind_of(data)}")
        return low
    if data < low or (high is not None and data > high):
        span = f"from {low} to {high}" if high is not None else f"of at least {low}"
        found.add(at, f"expected a whole number {span}, got {data}")
        return low
    return data


def read_choice(data: object, at: str, found: Findings, choices: tuple[str, ...]) -> str:
    if isinstance(data, str) and data in choices:
        return data
    given = f"'{data}'" if isinstance(data, str) else kind_of(data)
    near = nearest(data, choices, 1) if isinstance(data, str) and not found.is_full else []
    hint = f"; did you mean '{near[0]}'?" if near else ""
    found.add(at, f"expected one of {', '.join(choices)}, got {given}{hint}")
    return choices[0]


def read_name(data: object, at: str, found: Findings, what: str = "name") -> str:
    """Return a name of 1 to 128 characters of ``A-Z a-z 0-9 . _ -``."""
    text = read_text(data, at, found)
    if isinstance(data, str) and not is_name(text):
        found.add(at, f"'{text[:140]}' is no {what}: {NAMES} are")
    return text


def read_duration(data: object, at: str, found: Findings, high_s: float = 3600.0) -> float:
    """Return seconds from ``250ms``, ``2s``, ``1m``, ``1h`` or a number of seconds."""
    seconds = _seconds(data)
    if seconds is None:
        given = f"'{data}'" if isinstance(data, str) else kind_of(data)
        found.add(
            at, f"expected a duration such as 250ms, 2s or 1m, or seconds as a number, got {given}"
        )
        return 0.0
    if not 0 <= seconds <= high_s:
        given = data if isinstance(data, str) else f"{seconds:g}"
        found.add(at, f"expected a duration from 0 to {high_s / 3600:g}h, got {given}")
        return 0.0
    return seconds


def _seconds(data: object) -> float | None:
    if isinstance(data, int | float) and not isinstance(data, bool):
        return float(data) if abs(data) < _ENDLESS_S else math.inf
    if isinstance(data, str) and (found := _DURATION.fullmatch(data.strip())):
        return float(found[1]) * _UNITS[found[2]]
    return None
