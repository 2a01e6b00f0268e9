"""JSON Schemas (2020-12) of what a request pattern asks of a body."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

TEXT_LITERAL: Final[Schema] = {"type": ["string", "number", "boolean"]}
TEXT_MATCHERS: Final[Schema] = {
    "type": "object",
    "additionalProperties": {"$ref": "#/$defs/text_matcher"},
}
_PART_PATTERN: Final[Schema] = {
    "description": "What a part must be: a literal for its text, or an object. Of several parts"
    " with this name one must fit.",
    "anyOf": [
        TEXT_LITERAL,
        {
            "type": "object",
            "properties": {
                "filename": {"$ref": "#/$defs/text_matcher"},
                "content_type": {"$ref": "#/$defs/text_matcher"},
                "text": {"$ref": "#/$defs/text_matcher"},
                "json": {"description": "JSON equal to this; long form as for a body."},
                "json_contains": {"description": "JSON that contains this."},
                "base64": {"type": "string", "description": "These bytes exactly."},
                "length": {
                    "anyOf": [
                        {"type": "integer", "minimum": 0},
                        {"$ref": "#/$defs/json_matcher"},
                    ],
                    "description": "How many bytes its content has.",
                },
                "present": {"type": "boolean", "description": "Whether there is such a part."},
                "absent": {"type": "boolean", "description": "Whether there is none."},
            },
            "additionalProperties": False,
            "minProperties": 1,
        },
    ],
}
BODY_PATTERN: Final[Schema] = {
    "title": "Body pattern",
    "description": "What the body must be; several must all hold. The content type is not asked.",
    "type": "object",
    "properties": {
        "json": {
            "description": "JSON equal to this; long form `{value, ignore_order, ignore_extra}`."
        },
        "json_contains": {"description": "JSON that contains this; matchers may stand for values."},
        "jsonpath": {
            "description": "RFC 9535 expressions, each with a matcher of the values it selects.",
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/json_matcher"},
        },
        "json_schema": {
            "description": "JSON that satisfies this JSON Schema, draft 2020-12 or 7 by `$schema`;"
            " needs the extra `jsonschema`.",
            "type": ["object", "boolean"],
        },
        "graphql": {
            "description": "A GraphQL request, in the body or in the query; needs the extra"
            " `graphql`.",
            "type": "object",
            "properties": {
                "operation": {
                    "$ref": "#/$defs/text_matcher",
                    "description": "The name of the operation that runs.",
                },
                "type": {"enum": ["query", "mutation", "subscription"]},
                "variables": {"description": "Contained in the variables, as `json_contains`."},
                "query": {
                    "type": "string",
                    "description": "A document that asks for the same, however it is written.",
                },
            },
            "additionalProperties": False,
        },
        "text": {"$ref": "#/$defs/text_matcher"},
        "form": {**TEXT_MATCHERS, "description": "Fields of a URL-encoded form."},
        "multipart": {
            "description": "Parts of a multipart body by their names; others are ignored.",
            "type": "object",
            "additionalProperties": _PART_PATTERN,
        },
        "xml": {
            "type": "string",
            "description": "This XML document, whatever prefixes and space between elements.",
        },
        "xpath": {
            **TEXT_MATCHERS,
            "description": "XPath 1.0 expressions, each with a matcher of what it yields.",
        },
        "namespaces": {
            "type": "object",
            "additionalProperties": {"type": "string", "minLength": 1},
            "description": "The prefixes of `xpath`, each with its namespace name.",
        },
        "base64": {"type": "string", "description": "These bytes exactly."},
    },
    "additionalProperties": False,
}
