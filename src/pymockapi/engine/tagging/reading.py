"""Reading the table of tags: every error of every row at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Final

from pymockapi.engine.set_names import check_sets
from pymockapi.engine.settings import read_names, read_settings, read_state
from pymockapi.engine.tagging.expressions import read_tag_expression
from pymockapi.engine.tagging.table import TagRow, TagTable, make_table
from pymockapi.model.reader import Findings, below, check_size, read_object, reject_unknown
from pymockapi.model.slices import Work

ROW_KEYS: Final = frozenset({"sets", "state", "settings"})
MAX_ROWS: Final = 5_000
_ROW_IN_ROW: Final = "it looks like a row: rows stand side by side, with nothing around them"
_HINTS: Final = {
    "stubs": "put them in a set, and name that in 'sets'",
    "seed": "it is a setting: 'settings: {seed: ...}'",
    "limits": "they are a setting: 'settings: {limits: ...}'",
    "delay": "it is a setting: 'settings: {delay: ...}'",
    "fault": "it is a setting: 'settings: {fault: ...}'",
}


def reading_table(
    data: object, at: str, found: Findings, sets: Mapping[str, object]
) -> Work[TagTable]:
    """Read the rows by their expressions, in slices. Two that mean the same are an error.

    Their sets must be among ``sets``. A row may be null: it brings nothing, but its tags are known.
    """
    entries = read_object(data, at, found)
    check_size(entries, at, found, MAX_ROWS, "rows")
    rows: dict[tuple[str | int, ...], TagRow] = {}
    for text, content in islice(entries.items(), MAX_ROWS):
        place = below(at, text)
        row = _read_row(text, content, place, found, sets)
        if row is not None:
            first = rows.setdefault(row.expression.program, row)
            if first is not row:
                found.add(place, f"this is the row '{first.text}' again; put both in one")
        yield
    return (yield from make_table(rows.values()))


def _read_row(
    text: str, content: object, at: str, found: Findings, sets: Mapping[str, object]
) -> TagRow | None:
    expression = read_tag_expression(text, at, found)
    entries = read_object({} if content is None else content, at, found)
    rows = {key: _ROW_IN_ROW for key in entries if key.startswith("@")}
    reject_unknown(entries, at, found, ROW_KEYS, {**_HINTS, **rows})
    names = read_names(entries.get("sets", []), below(at, "sets"), found)
    check_sets(names, below(at, "sets"), found, sets)
    read_settings(entries.get("settings", {}), below(at, "settings"), found)
    settings = read_object(entries.get("settings", {}), "", Findings())
    state = read_state(entries.get("state", {}), below(at, "state"), found)
    return None if expression is None else TagRow(expression, names, state, settings)
