"""A namespace's state: reading ``set`` and ``when``, and computing writes.

A write is computed in two halves: ``resolve`` reads what comes from the request (pure, in
rank), ``rendered`` and ``apply_writes`` what depends on the state (in the claim, which is atomic).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Final, NamedTuple

from pymockapi.engine.json_values import MAX_BITS
from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.engine.matching.values import Domain, read_matcher
from pymockapi.engine.templates.documents import Placed, TemplateReader
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.model.errors import nearest
from pymockapi.model.reader import Findings, below, kind_of, read_object
from pymockapi.model.rendering import Occasion
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import (
    Context,
    Difference,
    Json,
    Matcher,
    RequestValue,
    Write,
    WriteKind,
)

ResolvedWrite = tuple[str, str, Json]
_OPERATIONS = ("value", "from", "increment", "template", "remove")
_PART: Final = 4  # of a response's budget; both may be used in one turn
_COMPARED = ("equals", "equals_ignore_case", "contains", "starts_with", "ends_with",
             "gt", "ge", "lt", "le", "before", "after")  # fmt: skip


def read_writes(data: object, at: str, found: Findings, whose: str = "stub") -> tuple[Write, ...]:
    """Read ``set``: a literal or one of the operations, by key.

    ``whose`` is ``stub`` or ``step``; their templates draw apart.
    """
    reader = _WriteReader(at, found, whose)
    return tuple(reader.read(key, value) for key, value in read_object(data, at, found).items())


class _WriteReader:
    """Reads the entries of one ``set``, whose templates share a bound."""

    def __init__(self, at: str, found: Findings, whose: str) -> None:
        self._at = at
        self._found = found
        self._whose = whose
        self._templates = TemplateReader(found, at)

    def read(self, key: str, data: object) -> Write:
        at = below(self._at, key)
        if isinstance(data, dict) and list(data) == ["template"]:
            return Write(key, WriteKind.TEMPLATE, self._template(key, data["template"], at))
        return _read_write(key, data, at, self._found)

    def _template(self, key: str, data: object, at: str) -> WrittenTemplate:
        placed = self._templates.text(data, below(at, "template"))
        return WrittenTemplate(placed, f"set/{self._whose}/{key}")


class WrittenTemplate(NamedTuple):
    """What a ``{template}`` writes; ``purpose`` is that of its draws."""

    template: Placed
    purpose: str


def _read_write(key: str, data: object, at: str, found: Findings) -> Write:
    if not isinstance(data, dict):
        return Write(key, WriteKind.SET, data)
    named = [name for name in data if name in _OPERATIONS]
    if not named:
        _refuse_typo(data, at, found)
        return Write(key, WriteKind.SET, data)
    if len(data) > 1:
        found.add(
            at,
            f"expected one of {', '.join(_OPERATIONS)} alone; a literal object goes as {{value: ...}}",
        )
        return Write(key, WriteKind.SET)
    return _read_operation(key, named[0], data[named[0]], below(at, named[0]), found)


def _refuse_typo(data: dict[str, object], at: str, found: Findings) -> None:
    if len(data) == 1 and (near := nearest(next(iter(data)), _OPERATIONS, 1)):
        found.add(
            at, f"did you mean '{near[0]}'? A literal object with such a key goes as {{value: ...}}"
        )


def _read_operation(key: str, operation: str, data: object, at: str, found: Findings) -> Write:
    if operation == "value":
        return Write(key, WriteKind.SET, data)
    if operation == "from":
        return Write(key, WriteKind.FROM, read_request_value(data, at, found))
    if operation == "increment":
        if isinstance(data, bool) or not isinstance(data, int | float):
            found.add(at, f"expected a number to add, got {kind_of(data)}")
        return Write(key, WriteKind.INCREMENT, data)
    if data is not True:
        found.add(at, "expected true")
    return Write(key, WriteKind.REMOVE)


def resolve(
    writes: Sequence[Write], request: Request, captures: Mapping[str, str]
) -> tuple[ResolvedWrite, ...]:
    """Read every ``from`` off the request; a value that is missing there is written as null."""
    return tuple(_resolve(write, request, captures) for write in writes)


def _resolve(write: Write, request: Request, captures: Mapping[str, str]) -> ResolvedWrite:
    if write.kind is WriteKind.FROM:
        source: RequestValue = write.operand
        values = source.values(request, captures)
        value = values[0] if values else None
        return write.key, "set", printable(value) if isinstance(value, str) else value
    return write.key, write.kind.value, write.operand


def rendered(
    writes: Sequence[ResolvedWrite], occasion: Callable[[], Occasion]
) -> tuple[tuple[ResolvedWrite, ...], int]:
    """Return ``writes`` with what their templates make, and the steps that it took.

    All of them see the same state, from before any is written.

    Raises ``RenderingFailed`` before anything is written.
    """
    if not any(kind == "template" for _, kind, _ in writes):
        return tuple(writes), 0
    rendering = Rendering(occasion(), _PART)
    found = []
    for key, kind, operand in writes:
        if kind == "template":
            rendering.begin(operand.purpose, operand.template.slots)
            found.append((key, "set", operand.template.value(rendering)))
        else:
            found.append((key, kind, operand))
    return tuple(found), rendering.cost


def apply_writes(state: MutableMapping[str, Json], writes: Sequence[ResolvedWrite]) -> None:
    """Write to ``state`` in order; an increment of what is no number starts from 0."""
    for key, kind, operand in writes:
        if kind == "set":
            state[key] = operand
        elif kind == "increment":
            state[key] = _added(state.get(key), operand)
        else:
            state.pop(key, None)


def _added(value: Json, by: float) -> int | float:
    """Add ``by``; a number stays as it is where the sum is none that JSON could write."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    try:
        total = number + by
    except OverflowError:
        return number
    is_fit = total.bit_length() <= MAX_BITS if isinstance(total, int) else math.isfinite(total)
    return total if is_fit else number


def read_when(data: object, at: str, found: Findings) -> tuple[tuple[str, Matcher], ...]:
    """Read ``when``: a value matcher by state key; an operand may be ``{from: REQUEST VALUE}``."""
    entries = read_object(data, at, found)
    return tuple(
        (key, _read_condition(value, below(at, key), found)) for key, value in entries.items()
    )


def _read_condition(data: object, at: str, found: Findings) -> Matcher:
    sources: dict[str, RequestValue] = {}
    _collect_sources(data, at, found, sources)
    if not sources:
        return read_matcher(data, at, found, Domain.JSON)
    condition = RequestCondition(data, sources)
    condition.check(at, found)
    return condition


def _collect_sources(data: object, at: str, found: Findings, into: dict[str, RequestValue]) -> None:
    """Find each ``{from: ...}``; one may stand only where its value is compared, never evaluated."""
    if isinstance(data, list):
        for position, item in enumerate(data):
            _collect_sources(item, below(at, position), found, into)
    elif (notation := _source(data)) is not None:
        into[notation] = read_request_value(notation, below(at, "from"), found)
    elif isinstance(data, dict):
        for key, item in data.items():
            if _source(item) is not None and key not in (*_COMPARED, "not"):
                found.add(
                    below(at, key), f"'from' may stand under {', '.join(_COMPARED)}, not here"
                )
            elif key != "equals" or _source(item) is not None:
                _collect_sources(item, below(at, key), found, into)


def _source(data: object) -> str | None:
    if isinstance(data, dict) and set(data) == {"from"} and isinstance(data["from"], str):
        return data["from"]
    return None


class RequestCondition:
    """A matcher whose operands come from the request; built anew for each request it is asked of.

    It holds only if every operand is there and makes a valid matcher.
    """

    __slots__ = ("_data", "_sources")

    def __init__(self, data: object, sources: Mapping[str, RequestValue]) -> None:
        self._data = data
        self._sources = sources

    def check(self, at: str, found: Findings) -> None:
        """Report what would be wrong whatever the request brings."""
        read_matcher(_stood_in(self._data), at, found, Domain.JSON)

    def holds(self, values: Sequence[Json], context: Context) -> bool:
        matcher = self._matcher(context)
        return matcher is not None and matcher.holds(values, context)

    def differences(self, field: str, values: Sequence[Json], context: Context) -> list[Difference]:
        matcher = self._matcher(context)
        if matcher is None:
            return [Difference(field, self.describe(), "the request does not have that value")]
        return matcher.differences(field, values, context)

    def describe(self) -> str:
        return "as the request's " + ", ".join(self._sources)

    def _matcher(self, context: Context) -> Matcher | None:
        given = {}
        for notation, source in self._sources.items():
            values = source.values(context.request, context.captures)
            if not values:
                return None
            given[notation] = values[0]
        found = Findings()
        matcher = read_matcher(_substituted(self._data, given), "", found, Domain.JSON)
        return None if found.count else matcher


def _substituted(data: object, given: Mapping[str, Json], *, as_operand: bool = False) -> object:
    """Put the values in; one that would be read as a matcher is wrapped, so that it stays data."""
    if (notation := _source(data)) is not None:
        return given[notation] if as_operand else {"equals": given[notation]}
    if isinstance(data, list):
        return [_substituted(item, given) for item in data]
    if isinstance(data, dict):
        return {
            key: _substituted(item, given, as_operand=key in _COMPARED)
            for key, item in data.items()
        }
    return data


def _stood_in(data: object, operator: str = "equals") -> object:
    """Put a value that ``operator`` takes for each ``from``, so that the rest can be checked."""
    if _source(data) is not None:
        return "2030-01-01T00:00:00Z" if operator in ("before", "after") else "0"
    if isinstance(data, list):
        return [_stood_in(item) for item in data]
    if isinstance(data, dict):
        return {key: _stood_in(item, key) for key, item in data.items()}
    return data
