"""What follows a step, as values: doc strings of JSON, tables of answers, requests and pairs.

A table is a list of rows of texts, its head first. What is wrong is an ``AssertionError`` with a
sentence, since a step that cannot be done has failed. Knows no framework and no server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pymockapi.client.values import Json, JsonObject

Rows = Sequence[Sequence[str]]
ANSWER: Final = ("status", "times", "json", "text", "delay", "fault")
REQUEST: Final = ("method", "path", "times")


def read_json(text: str) -> Json:
    """Return what the doc string ``text`` says."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise AssertionError(f"The doc string is not JSON: {error}.") from None


def read_value(text: str) -> Json:
    """Return ``text`` as JSON if it is some (``7``, ``true``, ``"a b"``), else as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def read_count(count: int) -> int:
    """Return ``count``, which a step can ask for if it is not below 0."""
    if count < 0:
        raise AssertionError(f"Requests are counted from 0; got {count}.")
    return count


def read_pairs(rows: Rows) -> JsonObject:
    """Return a table of two columns, a name and a text, as a mapping; its head is a row, too.

    Unless that is ``| name | value |``.
    """
    pairs = list(_pairs(rows))
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise AssertionError(f"The table has '{twice[0]}' twice.")
    return dict(pairs)


def read_state(rows: Rows) -> JsonObject:
    """Return a table of two columns as a state; values are JSON, or texts."""
    return {name: read_value(value) for name, value in read_pairs(rows).items()}


def _pairs(rows: Rows) -> Iterator[tuple[str, str]]:
    for row in rows:
        if len(row) != 2:
            raise AssertionError(
                f"The table takes two columns, a name and a value; got {_shown(row)}."
            )
    for name, value in rows:
        if (name, value) != ("name", "value"):
            yield name, value


def read_answers(rows: Rows) -> list[JsonObject]:
    """Return the answers of a sequence: columns ``status``, and any of times, json, text, delay, fault."""
    return [_answer(each) for each in _records(rows, ANSWER, must="status")]


def _answer(record: dict[str, str]) -> JsonObject:
    answer: dict[str, Any] = {"status": _number(record, "status")}
    if "times" in record:
        answer["times"] = _number(record, "times")
    if "json" in record:
        answer["json"] = read_json_cell(record["json"])
    answer |= {key: record[key] for key in ("text", "delay", "fault") if key in record}
    return answer


def read_json_cell(text: str) -> Json:
    """Return what a cell of a column ``json`` says."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise AssertionError(
            f"The column 'json' has {text!r}, which is no JSON: {error}."
        ) from None


def read_expected(rows: Rows) -> list[tuple[str, str, int]]:
    """Return method, path and how often (1 where the column ``times`` is missing or empty)."""
    records = _records(rows, REQUEST, must="path")
    return [
        (each.get("method", "ANY"), each["path"], _number(each, "times") if "times" in each else 1)
        for each in records
    ]


def _records(rows: Rows, columns: Sequence[str], must: str) -> list[dict[str, str]]:
    """Return each row by its column, without cells that are empty."""
    head, *body = [list(map(str, row)) for row in rows]
    unknown = [name for name in head if name not in columns]
    if unknown or must not in head:
        what = f"no column '{unknown[0]}'" if unknown else f"a column '{must}'"
        raise AssertionError(
            f"The table takes {what}; its columns are {', '.join(columns)}. Got {_shown(head)}."
        )
    if not body:
        raise AssertionError(f"The table has no row below its head {_shown(head)}.")
    records = [{name: cell for name, cell in zip(head, row, strict=True) if cell} for row in body]
    for number, record in enumerate(records, 1):
        if must not in record:
            raise AssertionError(f"Row {number} of the table has no {must}.")
    return records


def _number(record: dict[str, str], name: str) -> int:
    text = record[name]
    if not text.isascii() or not text.isdigit():
        raise AssertionError(f"The column '{name}' takes numbers; got {text!r}.")
    return int(text)


def _shown(row: Sequence[str]) -> str:
    return f"| {' | '.join(row)} |"
