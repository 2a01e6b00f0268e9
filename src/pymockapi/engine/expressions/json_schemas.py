"""A body that satisfies a JSON Schema, draft 7 or 2020-12; ``$schema`` says which.

The library (jsonschema-rs) validates; nothing outside of the schema is ever read. What a body may
cost is known before it is asked (``schema_costs``), and its patterns run against the clock.
``format`` is asserted in draft 7 and tells nothing in 2020-12, as the two have it by default.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

import msgspec

from pymockapi.engine.checks import no_json, settle
from pymockapi.engine.expressions.schema_costs import UNITS_A_STEP, Costs
from pymockapi.engine.expressions.schema_graph import in_order, read_graph
from pymockapi.engine.expressions.schema_patterns import (
    Patterns,
    Stopwatch,
    check_patterns,
    pattern_options,
)
from pymockapi.engine.features import load_jsonschema, report_missing
from pymockapi.engine.json_names import member
from pymockapi.engine.json_values import check_data, shown, spend
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.json_reading import NOT_JSON
from pymockapi.model.reader import Findings, below, kind_of
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Difference, Json

MAX_SCHEMA_BYTES: Final = 65_536  # as JSON; reading it takes up to 10 ms
MAX_TOLD: Final = 10  # places where a body does not fit
_BRANCHES: Final = 5  # of 'anyOf' and 'oneOf', told in one line
_TOLD_UNITS: Final = 16  # steps that the library takes to tell of one failed keyword, 8 us
_TOLD_BYTES: Final = 4_096  # and it copies the value, which takes as long again
_ALL_TOLD_BYTES: Final = 8_192  # of a schema whose mistakes are told all at once
_MISTAKES: Final = 100  # looked at, 10 us each

_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
_DIALECTS: Final = {
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
    "http://json-schema.org/draft-07/schema": "7",
}


class JsonSchema:
    """A compiled schema."""

    __slots__ = ("_costs", "_validator", "_watch")

    def __init__(self, validator: Any, costs: Costs, watch: Stopwatch) -> None:
        self._validator = validator
        self._costs = costs
        self._watch = watch

    def fits(self, document: Json, context: Context) -> bool:
        """Return whether ``document`` satisfies it. Raises ``ExpressionLimit``."""
        self._take(document, context)
        self._watch.start(context.regex_left_s)
        fits = bool(self._validator.is_valid(document))
        self._settle(context)
        return fits

    def failures(self, document: Json, context: Context) -> list[Difference] | None:
        """Return where ``document`` fails; ``None``: it is too large to be told."""
        steps = _TOLD_UNITS * self._costs.units(document, context)
        steps *= 1 + len(context.request.content) // _TOLD_BYTES
        if steps > context.steps_left // 2:
            return None
        spend(context, int(steps))
        self._watch.start(context.regex_left_s)
        found = [
            _difference(each) for each in islice(self._validator.iter_errors(document), MAX_TOLD)
        ]
        self._settle(context)
        return found

    def _take(self, document: Json, context: Context) -> None:
        units = self._costs.units(document, context)
        steps = int(units / UNITS_A_STEP)
        if steps > context.steps_left:
            raise ExpressionLimit(
                f"The JSON Schema may take {steps:,} steps on this body, and {context.steps_left:,}"
                " are left for the request; a smaller body, or a schema with fewer alternatives,"
                " stays below."
            )
        spend(context, steps)

    def _settle(self, context: Context) -> None:
        context.regex_left_s = self._watch.left_s
        if self._watch.limit is not None:
            raise self._watch.limit


class SchemaCheck:
    """The body is JSON that satisfies ``schema``."""

    __slots__ = ("_schema", "cost", "literals")

    def __init__(self, schema: JsonSchema) -> None:
        self._schema = schema
        self.cost = 30
        self.literals: Sequence[tuple[str, Hashable]] = ()

    def accepts(self, request: Request, context: Context) -> bool:
        document = request.json
        settle(request, context)
        return document is not NOT_JSON and self._schema.fits(document, context)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        document = request.json
        if document is NOT_JSON:
            actual = no_json(request) if request.content else "missing"
            return [Difference("body", "a JSON body that satisfies the JSON Schema", actual)]
        if self._schema.fits(document, context):
            return []
        told = self._schema.failures(document, context)
        if told is not None:
            return told
        what = "what the JSON Schema asks; where it fails is not looked for in a body so large"
        return [Difference("body.$", what, shown(document))]


def _difference(error: Any) -> Difference:
    """Tell one failed keyword: its place in the body, what it asks, and what is there."""
    field = "body.$"
    for part in error.instance_path:
        field = member(field, part) if isinstance(part, str) else f"{field}[{part}]"
    if error.kind.name == "required":
        return Difference(member(field, error.kind.property), _keyword(error), "missing")
    if (unexpected := getattr(error.kind, "unexpected", None)) is not None:
        return Difference(field, f"{_keyword(error)} false", f"also {shown(unexpected)}")
    at_fault = error.kind.error if error.kind.name == "propertyNames" else error
    return Difference(field, _asked(error), shown(at_fault.instance))


def _asked(error: Any) -> str:
    """Return the failed keyword with its operand, as ``minimum 3``."""
    keyword, operand = _keyword(error), error.kind.value
    match error.kind.name:
        case "falseSchema":
            return f"{keyword} false"
        case "type":
            return f"type {' or '.join(operand)}"
        case "anyOf" | "oneOf" if operand and all(operand):
            return f"{keyword}: {' | '.join(_asked(branch[0]) for branch in operand[:_BRANCHES])}"
        case "oneOf":
            return "oneOf; more than one fits"
        case "propertyNames":
            return f"propertyNames: {_asked(error.kind.error)}"
    return keyword if operand is None else f"{keyword} {shown(operand)}"


def _keyword(error: Any) -> str:
    return next((part for part in reversed(error.schema_path) if isinstance(part, str)), "schema")


def read_json_schema(data: object, at: str, found: Findings) -> SchemaCheck | None:
    """Read a schema; on an error, reports it and returns ``None``."""
    mine = Findings()
    schema = _read(data, at, mine)
    for finding in mine.items:
        found.add(finding.pointer, finding.message)
    return None if schema is None else SchemaCheck(schema)


def _read(data: object, at: str, found: Findings) -> JsonSchema | None:
    if not isinstance(data, dict | bool):
        found.add(at, f"expected a JSON Schema, an object or a boolean, got {kind_of(data)}")
        return None
    check_data(data, at, found)
    draft = _draft_of(data, at, found)
    if found.items or draft is None:
        return None
    size = len(msgspec.json.encode(data))
    if size > MAX_SCHEMA_BYTES:
        found.add(at, f"a JSON Schema may have {MAX_SCHEMA_BYTES:,} bytes, this one has {size:,}")
        return None
    try:
        library = load_jsonschema()
    except ImportError:
        report_missing("'json_schema'", "jsonschema-rs", "jsonschema", at, found)
        return None
    return _compile(library, data, draft, at, found, size)


def _draft_of(data: Json, at: str, found: Findings) -> str | None:
    dialect = next(iter(_DIALECTS))
    if isinstance(data, dict):
        dialect = data.get("$schema", dialect)
    draft = _DIALECTS.get(str(dialect).removesuffix("#"))
    if draft is None:
        names = " or ".join(f"{name} (draft {draft})" for name, draft in _DIALECTS.items())
        found.add(below(at, "$schema"), f"{shown(dialect)} is not known here; write {names}")
    return draft


def _compile(
    library: Any, data: dict[str, Any] | bool, draft: str, at: str, found: Findings, size: int
) -> JsonSchema | None:
    subschemas = read_graph(data, at, found)
    check_patterns(subschemas, found)
    _check_keywords(data, draft, at, found, size)
    ordered = in_order(subschemas, found)
    if found.items:
        return None
    patterns = Patterns()
    make = library.Draft7Validator if draft == "7" else library.Draft202012Validator
    try:
        validator = make(
            data,
            retriever=_refuse,
            pattern_options=pattern_options(),
            keywords={"pattern": patterns},
        )
    except (library.ValidationError, library.ReferencingError, ValueError) as error:
        found.add(at, f"this is no JSON Schema (draft {draft}): {_first_line(str(error))}")
        return None
    # a part with a '$id' may be of another draft than the whole
    is_mixed = any("$schema" in each.data for each in ordered if each.data is not data)
    costs = Costs(ordered, data, asserts_formats=draft == "7" or is_mixed)
    return JsonSchema(validator, costs, patterns.watch)


def _refuse(uri: str) -> Json:
    raise ValueError(f"{uri} is not in this schema, and nothing is fetched")


def _check_keywords(data: Json, draft: str, at: str, found: Findings, size: int) -> None:
    """Report what the draft's own schema of schemas says; of a large one the first mistake."""
    check = _schema_of_schemas(draft)
    if check.is_valid(data):
        return
    most = MAX_TOLD if size <= _ALL_TOLD_BYTES else 1
    mistakes = dict.fromkeys(_mistakes(check.iter_errors(data), at))  # some come several times
    for place, mistake in islice(mistakes, most):
        found.add(place, f"this is no JSON Schema (draft {draft}): {mistake}")


@cache
def _schema_of_schemas(draft: str) -> Any:
    library = load_jsonschema()
    uri = next(uri for uri, name in _DIALECTS.items() if name == draft)
    make = library.Draft7Validator if draft == "7" else library.Draft202012Validator
    return make({"$ref": uri}, validate_formats=False)  # formats: patterns are checked elsewhere


def _mistakes(errors: Iterable[Any], at: str) -> Iterator[tuple[str, str]]:
    for error in islice(errors, _MISTAKES):
        place = at
        for part in error.instance_path:
            place = below(place, part)
        yield place, _mistake(error)


def _mistake(error: Any) -> str:
    keyword = error.instance_path[-1] if error.instance_path else None
    if keyword == "type" and error.kind.name == "anyOf":
        types = ", ".join(_TYPES)
        return f"{shown(error.instance)} is none of the types {types}, nor a list of them"
    if keyword == "items" and isinstance(error.instance, list):
        return "a list of schemas is 'prefixItems' here; for 'items' of draft 7 write its '$schema'"
    return _first_line(error.message)


def _first_line(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 300 else f"{line[:300]}…"
