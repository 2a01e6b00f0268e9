"""The control API as OpenAPI 3.1, made from the rows that route it and the schemas beside.

Standard library only, since the command prints it without a server.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

from pymockapi import __version__
from pymockapi.api.call_schemas import ANSWER_OF, BODY_OF, QUERY, QUERY_OF
from pymockapi.api.event_schemas import SAID
from pymockapi.api.given_schemas import GIVEN
from pymockapi.api.row import CONTROL_ROOT, Row
from pymockapi.api.rows import ROWS
from pymockapi.api.schemas import definitions
from pymockapi.api.stub_schemas import Schema
from pymockapi.api.taken_schemas import TAKEN

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_WHEN_NEW: Final = frozenset(
    {"replace_namespace", "put_stub", "put_set"}
)  # 201 when it was not there
_JSON: Final = "application/json"


def openapi_document() -> dict[str, Any]:
    """Return the whole document; every row is one operation, named as the row."""
    paths: dict[str, dict[str, Any]] = {}
    for row in ROWS:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PyMockAPI control API",
            "version": __version__,
            "description": "Drives a mock server while it runs. Each call is atomic; errors are"
            " RFC 9457 problem documents.",
        },
        "servers": [{"url": CONTROL_ROOT}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": _pointed({**definitions(), **TAKEN, **GIVEN, **SAID}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(row: Row) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.summary,
        "parameters": _parameters(row),
        "responses": _responses(row),
    }
    if row.is_open:
        operation["security"] = []
    if row.body != "none":
        operation["requestBody"] = {
            "required": row.body == "required",
            "content": {_JSON: {"schema": _component(BODY_OF[row.name])}},
        }
    return operation


def _parameters(row: Row) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(name)}
        for name in _PARAMETER.findall(row.path)
    ]
    schemas = {**QUERY, **QUERY_OF.get(row.name, {})}
    found += [
        {"name": name, "in": "query", "schema": _pointed(schemas[name])} for name in row.query
    ]
    if row.conditional:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "description": "The version that the call relies on; 412 when it has changed.",
                "schema": {"type": "string", "examples": ['"17"']},
            }
        )
    return found


def _path_schema(name: str) -> Schema:
    if name == "number":
        return {"type": "integer", "minimum": 1}
    return {"type": "string"}


def _responses(row: Row) -> dict[str, Any]:
    answers = {str(row.status): _success(row, row.status)}
    if row.name in _WHEN_NEW:
        answers["201"] = _success(row, 201)
    for status in row.refusals:
        answers[str(status)] = _problem(HTTPStatus(status).phrase)
    answers["default"] = _problem("Refused; nothing was changed")
    return answers


def _success(row: Row, status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if row.upgrades:
        answer["x-messages"] = _component("event_message")
        answer["x-commands"] = _component("event_command")
    if row.media != _JSON:
        answer["content"] = {row.media: {"schema": {"type": "string"}}}
    elif row.name in ANSWER_OF:
        answer["content"] = {_JSON: {"schema": _component(ANSWER_OF[row.name])}}
    for media in row.other_media:
        answer["content"][media] = {"schema": {"type": "string"}}
    is_config = row.path.startswith(("/config", "/sets")) and row.name != "config_schema"
    if is_config or ("{namespace}" in row.path and status not in (101, 204)):
        answer["headers"] = {
            "ETag": {
                "description": f"The version of the {'config' if is_config else 'namespace'}.",
                "schema": {"type": "string"},
            }
        }
    return answer


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _component("problem")}}
    return {"description": description, "content": content}


def _component(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _pointed(data: Any) -> Any:
    """Return ``data`` with references to ``#/$defs`` turned to ``#/components/schemas``."""
    if isinstance(data, dict):
        return {
            key: value.replace("#/$defs/", "#/components/schemas/")
            if key == "$ref" and isinstance(value, str)
            else _pointed(value)
            for key, value in data.items()
        }
    return [_pointed(item) for item in data] if isinstance(data, list | tuple) else data
