"""What follows a keyword, as the doc string or the table that its step takes.

A text is given by its lines, a table of names and values as ``name=value``, any other row by row: a
dictionary, JSON, or a few words. What is wrong is an ``AssertionError`` with a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from pymockapi.client.values import Json, JsonObject
from pymockapi.integrations.step_tables import ANSWER, REQUEST

PAIRS: Final = ("headers", "query", "state")
_TIMES: Final = r"(?: (?:(?P<times>\d+) times|once))?"


class _Row(NamedTuple):
    """A row that is written short; ``columns`` are the keys that it may have, the first it must."""

    name: str
    short: re.Pattern[str]
    columns: Sequence[str]
    must: str
    example: str


_ROWS: Final = {
    "answers": _Row(
        "answer", re.compile(rf"(?P<status>\d+){_TIMES}"), ANSWER, "status",
        'a status (503, or 503 2 times), a dictionary, or JSON ({"status": 201, "json": {"id": 1}})',
    ),
    "requests": _Row(
        "request",
        re.compile(rf'(?:(?P<method>\w+) )?(?P<quote>"?)(?P<path>/\S*?)(?P=quote){_TIMES}'),
        REQUEST, "path", "a path (GET /orders/1, or GET /orders/1 2 times), or a dictionary",
    ),
}  # fmt: skip


def read_following(name: str, what: str, given: Sequence[Any], pairs: Mapping[str, Any]) -> Json:
    """Return what was ``given`` to the keyword ``name`` as a text, or as rows of texts.

    ``what`` is what is to follow: ``json``, ``text``, ``answers``, ``requests`` or one of ``PAIRS``.
    """
    if not given and not pairs:
        raise AssertionError(f"The keyword '{name}' takes {what} after it; got nothing.")
    if what in PAIRS:
        return _pairs(what, given, pairs)
    return _table(_ROWS[what], given) if what in _ROWS else _text(what, given)


def _text(what: str, given: Sequence[Any]) -> str:
    is_value = len(given) == 1 and not isinstance(given[0], str)
    text = _cell(given[0]) if is_value else "\n".join(map(str, given))
    if what == "json":
        try:
            json.loads(text)
        except ValueError as error:
            raise AssertionError(f"This is not JSON ({error}):\n{text}") from None
    return text


def _pairs(what: str, given: Sequence[Any], pairs: Mapping[str, Any]) -> list[list[str]]:
    found = dict(pairs)
    for each in given:
        if not isinstance(each, Mapping):
            raise AssertionError(
                f"{each!r} is no name and value; write {what} as name=value, or give a dictionary."
            )
        found |= each
    return [["name", "value"], *([str(name), _cell(value)] for name, value in found.items())]


def _table(kind: _Row, given: Sequence[Any]) -> list[list[str]]:
    records = [_record(kind, each) for each in given]
    head = [column for column in kind.columns if any(column in each for each in records)]
    return [head, *([each.get(column, "") for column in head] for each in records)]


def _record(kind: _Row, given: Any) -> dict[str, str]:
    if isinstance(given, Mapping):
        record = {str(key): _cell(value) for key, value in given.items()}
    elif found := kind.short.fullmatch(str(given)):
        record = {key: text for key, text in found.groupdict().items() if text}
        record.pop("quote", None)
    else:
        members = _members(kind, str(given))
        record = {key: json.dumps(value) if key == "json" else _cell(value)
                  for key, value in members.items()}  # fmt: skip
    for key in (*record, kind.must):
        if key not in kind.columns or key not in record:
            told = f"takes no '{key}'; it takes" if key in record else f"has no {key}; it takes"
            raise AssertionError(f"The {kind.name} {given} {told} {', '.join(kind.columns)}.")
    return record


def _members(kind: _Row, text: str) -> JsonObject:
    try:
        members = json.loads(text)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        raise AssertionError(f"'{text}' is no {kind.name}; give {kind.example}.")
    return members


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
