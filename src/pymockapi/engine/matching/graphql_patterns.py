"""What ``graphql`` asks of a request: the operation that runs, its type, variables and document.

A request is GraphQL over HTTP: a JSON object with ``query``, ``operationName`` and ``variables`` as
its body, or, without a body, parameters of those names in its query. What is missing fits nothing
but ``absent``; a batch, which is a list of such objects, fits nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

import msgspec

from pymockapi.engine.checks import Check, no_json, settle
from pymockapi.engine.expressions.graphql_documents import Document, measure, read_document
from pymockapi.engine.features import load_graphql, report_missing
from pymockapi.engine.json_values import shown, spend
from pymockapi.engine.matching.matchers import ValueMatcher
from pymockapi.engine.matching.values import Domain, read_contained, read_matcher
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.json_reading import NOT_JSON, read_json
from pymockapi.model.reader import Findings, below, kind_of, read_choice, read_object
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Difference, Json

GRAPHQL_KEYS: Final = ("operation", "type", "variables", "query")
TYPES: Final = ("query", "mutation", "subscription")
_TOKEN_STEPS: Final = 16  # 8 us
_CHARS: Final = 3  # read in one step, in long texts
_NOWHERE: Final[Sequence[tuple[str, Hashable]]] = ()


class Call(msgspec.Struct):
    """A request read as GraphQL over HTTP; ``problem`` says why it is none."""

    text: str | None = None
    name: str | None = None
    variables: Json = msgspec.field(default_factory=dict)
    problem: str = ""


class GraphqlCheck:
    """All parts that are given hold; ``None`` is not asked."""

    __slots__ = ("_normal", "_operation", "_type", "_variables", "cost", "literals")

    def __init__(
        self,
        operation: ValueMatcher | None,
        kind: str | None,
        variables: ValueMatcher | None,
        normal: str | None,
    ) -> None:
        self._operation = operation
        self._type = kind
        self._variables = variables
        self._normal = normal
        self.cost = 25
        self.literals = _NOWHERE

    def accepts(self, request: Request, context: Context) -> bool:
        return next(self._misfits(request, context), None) is None

    def differences(self, request: Request, context: Context) -> list[Difference]:
        return list(self._misfits(request, context))

    def _misfits(self, request: Request, context: Context) -> Iterator[Difference]:
        call = read_call(request)
        settle(request, context)
        if call.problem:
            yield Difference("body.graphql", "a GraphQL request", call.problem)
            return
        if self._variables is not None:
            place = "body.graphql.variables"
            yield from self._variables.differences(place, [call.variables], context)
        if self._operation is not None:
            name = call.name or document_of(call, context).only_name
            names = () if name is None else (name,)
            yield from self._operation.differences("body.graphql.operation", names, context)
        if self._type is not None or self._normal is not None:
            yield from self._of_document(call, document_of(call, context))

    def _of_document(self, call: Call, document: Document) -> Iterator[Difference]:
        if call.text is None:
            yield Difference("body.graphql.query", "a GraphQL document", "missing")
        elif document.problem:
            actual = f"none: {document.problem}"
            yield Difference("body.graphql.query", "a GraphQL document", actual)
        else:
            kind = document.type_of(call.name)
            if self._type not in (None, kind):
                actual = kind or "none that can be told: no operation, or several and no such name"
                yield Difference("body.graphql.type", str(self._type), actual)
            if self._normal not in (None, document.normal):
                expected = f"equal in meaning to {shown(self._normal)}"
                yield Difference("body.graphql.query", expected, shown(document.normal))


def read_call(request: Request) -> Call:
    """Return what a request asks a GraphQL server for."""
    if not request.content:
        return _call_in_query(request.query)
    body = request.json
    if body is NOT_JSON:
        return Call(problem=no_json(request))
    if isinstance(body, list):
        return Call(problem=f"a batch of {len(body)}")
    if not isinstance(body, dict):
        return Call(problem=f"{kind_of(body)} as its body")
    return _call(body.get("query"), body.get("operationName"), body.get("variables"))


def _call_in_query(query: dict[str, list[str]]) -> Call:
    found = {
        name: query[name][0] for name in ("query", "operationName", "variables") if name in query
    }
    if "query" not in found and "operationName" not in found:
        return Call(problem="no body, and no 'query' among its query parameters")
    variables = None
    if found.get("variables"):
        variables = read_json(found["variables"].encode("utf-8", "surrogateescape"))
        if variables is NOT_JSON:
            return Call(problem="'variables' among its query parameters, which are no JSON")
    return _call(found.get("query"), found.get("operationName") or None, variables)


def _call(text: Json, name: Json, variables: Json) -> Call:
    for key, value, kinds in (
        ("query", text, str),
        ("operationName", name, str),
        ("variables", variables, dict),
    ):
        if value is not None and not isinstance(value, kinds):
            return Call(problem=f"'{key}' that is {kind_of(value)}")
    if text is None and name is None:
        return Call(problem="neither 'query' nor 'operationName'")
    return Call(text, name or None, variables or {})


def document_of(call: Call, context: Context) -> Document:
    """Return the document of a call, read once for all stubs. Raises ``ExpressionLimit``."""
    if call.text is None:
        return Document()
    if context.document is None:
        text = call.text
        tokens, problem = measure(text)
        if problem:
            raise ExpressionLimit(f"The GraphQL document has {problem}.")
        spend(context, _TOKEN_STEPS * tokens + len(text) // _CHARS)
        context.document = read_document(text)
    document: Document = context.document
    return document


def read_graphql(data: object, at: str, found: Findings) -> Iterator[Check]:
    """Read ``graphql``; ``{}`` fits every GraphQL request."""
    entries = read_object(data, at, found, GRAPHQL_KEYS, _HINTS)
    operation = variables = kind = normal = None
    if "operation" in entries:
        operation = read_matcher(entries["operation"], below(at, "operation"), found, Domain.TEXT)
    if "type" in entries:
        kind = read_choice(entries["type"], below(at, "type"), found, TYPES)
    if "variables" in entries:
        variables = read_contained(entries["variables"], below(at, "variables"), found)
    try:
        load_graphql()
    except ImportError:
        report_missing("'graphql'", "graphql-core", "graphql", at, found)
        return
    if "query" in entries:
        normal = _read_query(entries["query"], below(at, "query"), found)
    yield GraphqlCheck(operation, kind, variables, normal)


def _read_query(data: Any, at: str, found: Findings) -> str:
    if not isinstance(data, str):
        found.add(at, f"expected a GraphQL document as a string, got {kind_of(data)}")
        return ""
    _, problem = measure(data)
    if problem:
        found.add(at, f"a GraphQL document may not be so large: it has {problem}")
        return ""
    document = read_document(data)
    if document.problem:
        found.add(at, f"this is no GraphQL document: {document.problem}")
    return document.normal


_HINTS: Final = {
    "operationName": "write 'operation'",
    "operation_name": "write 'operation'",
    "name": "write 'operation'",
    "document": "write 'query'",
}
