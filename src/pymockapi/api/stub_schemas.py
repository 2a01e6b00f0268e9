"""JSON Schemas (2020-12) of matchers, request patterns, responses and stubs.

They are the reference that editors show, and part of the control API's document; what is
refused is decided by the readers in ``engine``. Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.body_schemas import BODY_PATTERN, TEXT_LITERAL, TEXT_MATCHERS
from pymockapi.api.body_schemas import Schema as Schema
from pymockapi.api.response_schemas import (
    ONE_BODY,
    RESPONSE_DEFINITIONS,
    RESPONSE_PROPERTIES,
)

NAME: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}
REQUEST_VALUE: Final[Schema] = {
    "title": "Request value",
    "description": "A place in a request: `method`, `path`, `params.NAME`, `query.NAME`,"
    " `header.NAME`, `cookie.NAME`, `form.NAME`, `body`, `body.$.json.path`, `bearer`, `host`"
    " or `client.ip`.",
    "type": "string",
    "pattern": r"^(method|path|body|bearer|host|client\.ip|(params|query|header|cookie|form)\..+"
    r"|body\.\$.*)$",
    "examples": ["header.x-tenant", "body.$.customer.id"],
}
FROM: Final[Schema] = {
    "type": "object",
    "properties": {"from": {"$ref": "#/$defs/request_value"}},
    "required": ["from"],
    "additionalProperties": False,
}


def _matcher(
    itself: str, literal: Schema, *, text: Schema, string: Schema, number: Schema, value: Schema
) -> Schema:
    """Return the matcher ``itself``: a ``literal``, or an object of operators.

    The rest says what operands are: ``text`` of comparisons with text, ``string`` of regular
    expressions and instants, ``number`` and ``value``.
    """
    again = {"$ref": f"#/$defs/{itself}"}
    listed = {"type": "array", "items": again}
    several = {**listed, "minItems": 1}
    properties = {
        "equals": {**value, "description": 'Equal to this. In JSON 1 equals 1.0, "1" is not 1.'},
        "equals_ignore_case": {**text, "description": "Equal to this text in any case."},
        "contains": {**text, "description": "A text with this in it, or a list with this item."},
        "starts_with": {**text, "description": "A text that starts with this."},
        "ends_with": {**text, "description": "A text that ends with this."},
        "matches": {**string, "description": "A regular expression for the whole value."},
        "one_of": {
            "type": "array",
            "items": value,
            "minItems": 1,
            "description": "Equal to one of these.",
        },
        "present": {"type": "boolean", "description": "Whether there is a value at all."},
        "absent": {"type": "boolean", "description": "Whether there is none."},
        "gt": {**number, "description": "Greater than this number."},
        "ge": {**number, "description": "This number or greater."},
        "lt": {**number, "description": "Less than this number."},
        "le": {**number, "description": "This number or less."},
        "before": {**string, "description": "An instant before this: RFC 3339, `now`, `now+15m`."},
        "after": {**string, "description": "An instant after this: RFC 3339, `now`, `now-15m`."},
        "length": {
            "anyOf": [{"type": "integer", "minimum": 0}, again],
            "description": "The length of a text, list or object: a number or a matcher.",
        },
        "json": {"description": "JSON equal to this."},
        "json_contains": {"description": "JSON that contains this; matchers may stand in it."},
        "all": {**several, "description": "All of these hold."},
        "any": {**several, "description": "One of these holds."},
        "not": {**again, "description": "This does not hold, for any value of a repeated key."},
        "exactly": {**listed, "description": "These values and no others, in any order."},
        "includes": {**several, "description": "At least these values, in any order."},
    }
    operators = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [operators, literal]}


def _named(schema: Schema, title: str, description: str) -> Schema:
    return {"title": title, "description": description, **schema}


_STRING: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*$"},
    ]
}
_TEXT_MATCHER: Final = _matcher(
    "text_matcher",
    TEXT_LITERAL,
    text=TEXT_LITERAL,
    string=_STRING,
    number=_NUMBER,
    value=TEXT_LITERAL,
)
MATCHER_NAMES: Final = tuple(_TEXT_MATCHER["anyOf"][0]["properties"])
_JSON_LITERAL: Final[Schema] = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null", "array"]},
        {"type": "object", "propertyNames": {"not": {"enum": list(MATCHER_NAMES)}}},
    ]
}

MATCHERS: Final[dict[str, Schema]] = {
    "text_matcher": _named(
        _TEXT_MATCHER,
        "Text matcher",
        "What a header, query, cookie, form or path value must be: a literal, or matchers that"
        " must all hold.",
    ),
    "json_matcher": _named(
        _matcher(
            "json_matcher", _JSON_LITERAL, text=_STRING, string=_STRING, number=_NUMBER, value={}
        ),
        "JSON matcher",
        "What a JSON value must be: a literal, or matchers that must all hold.",
    ),
    "state_matcher": _named(
        _matcher(
            "state_matcher",
            _JSON_LITERAL,
            text={"anyOf": [_STRING, FROM]},
            string={"anyOf": [_STRING, FROM]},
            number={"anyOf": [*_NUMBER["anyOf"], FROM]},
            value={},
        ),
        "State matcher",
        "What a value of the namespace's state must be; an operand may be `{from: REQUEST VALUE}`.",
    ),
}

_PATH_MATCHER: Final[Schema] = {
    "type": "object",
    "properties": {
        **_TEXT_MATCHER["anyOf"][0]["properties"],
        "prefix": {"type": "string", "description": "The path starts with this."},
    },
    "additionalProperties": False,
    "minProperties": 1,
}

DIGEST_KEYS: Final = (
    "username", "realm", "nonce", "uri", "response", "algorithm", "cnonce", "opaque", "qop", "nc",
)  # fmt: skip


def _credentials(*names: str, **others: Schema) -> Schema:
    flags = {key: {"type": "boolean"} for key in ("present", "absent")}
    parts = {name: {"$ref": "#/$defs/text_matcher"} for name in names}
    return {
        "type": "object",
        "properties": {**parts, **others, **flags},
        "additionalProperties": False,
    }


PATTERN_PROPERTIES: Final[dict[str, Schema]] = {
    "method": {
        "description": "One method or a list; any when absent.",
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ],
    },
    "path": {
        "description": "A path template such as `/orders/{id}`, or a matcher.",
        "anyOf": [{"type": "string", "pattern": r"^(/[^?]*|\*)$"}, _PATH_MATCHER],
    },
    "query": {**TEXT_MATCHERS, "description": "Query parameters; others are ignored."},
    "query_only": {"type": "boolean", "description": "Whether other query parameters are refused."},
    "headers": {**TEXT_MATCHERS, "description": "Headers; names ignore case."},
    "cookies": {**TEXT_MATCHERS, "description": "Cookies."},
    "auth": {
        "description": "Credentials in the `Authorization` header.",
        "type": "object",
        "properties": {
            "basic": _credentials("username", "password"),
            "bearer": {"$ref": "#/$defs/text_matcher"},
            "digest": {
                **_credentials(*DIGEST_KEYS, password={"type": "string"}),
                "minProperties": 1,
                "description": "What a client offers; `password` is verified by its `response`.",
            },
        },
        "additionalProperties": False,
    },
    "body": {"$ref": "#/$defs/body_pattern"},
    "host": {"$ref": "#/$defs/text_matcher"},
    "scheme": {"$ref": "#/$defs/text_matcher"},
    "client": {
        "type": "object",
        "properties": {"ip": {"$ref": "#/$defs/text_matcher"}},
        "additionalProperties": False,
    },
}
PATTERN: Final[Schema] = {
    "title": "Request pattern",
    "description": "What a request must be; what is not named may be anything.",
    "type": "object",
    "properties": PATTERN_PROPERTIES,
    "additionalProperties": False,
}

_TIMES: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 1_000_000_000}
_EXPECTED: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}
STEP: Final[Schema] = {
    "title": "Step",
    "description": "One response of a sequence, for `times` requests.",
    "type": "object",
    "properties": {
        **RESPONSE_PROPERTIES,
        "times": {**_TIMES, "default": 1, "description": "How many requests this step answers."},
        "set": {"$ref": "#/$defs/writes"},
    },
    "additionalProperties": False,
    **ONE_BODY,
}
WRITES: Final[Schema] = {
    "title": "State writes",
    "description": "What to write to the state with each answer, by key: a literal, `{value}`,"
    " `{from: REQUEST VALUE}`, `{increment: n}`, `{template: \"...\"}` or `{remove: true}`.",
    "type": "object",
    "additionalProperties": {
        "if": {
            "type": "object",
            "anyOf": [
                {"required": [name]} for name in ("value", "from", "increment", "template", "remove")
            ],
        },
        "then": {
            "oneOf": [
                {
                    "properties": {"value": {}},
                    "required": ["value"],
                    "additionalProperties": False,
                },
                FROM,
                {
                    "properties": {"increment": {"type": "number"}},
                    "required": ["increment"],
                    "additionalProperties": False,
                },
                {
                    "properties": {"template": {"type": "string"}},
                    "required": ["template"],
                    "additionalProperties": False,
                },
                {
                    "properties": {"remove": {"const": True}},
                    "required": ["remove"],
                    "additionalProperties": False,
                },
            ]
        },
    },
}  # fmt: skip
EXPECT: Final[Schema] = {
    "title": "Expected requests",
    "description": "How many requests it is to answer, for the verdict: exactly so many, or bounds.",
    "anyOf": [
        _EXPECTED,
        {
            "type": "object",
            "properties": {
                "at_least": _EXPECTED,
                "at_most": _EXPECTED,
                "optional": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether it need not answer any, so that it is never `unused`.",
                },
            },
            "minProperties": 1,
            "additionalProperties": False,
        },
    ],
    "examples": [1, {"at_least": 1}, {"optional": True}],
}

STUB: Final[Schema] = {
    "title": "Stub",
    "description": "What to accept and what to answer.",
    "type": "object",
    "properties": {
        "name": {**NAME, "description": "Unique in its layer; generated when absent."},
        "priority": {
            "description": "1 is strongest; between equals the later layer, then the later stub.",
            "type": "integer",
            "minimum": 1,
            "maximum": 1_000_000,
            "default": 5,
        },
        "request": {"$ref": "#/$defs/pattern"},
        "when": {
            "description": "State that must hold, by key.",
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/state_matcher"},
        },
        "response": {"$ref": "#/$defs/response"},
        "responses": {
            "description": "A sequence of responses.",
            "type": "array",
            "items": {"$ref": "#/$defs/step"},
            "minItems": 1,
        },
        "after_last": {
            "description": "What follows the last step; `pass` if that has `times`, else `repeat`.",
            "enum": ["repeat", "cycle", "pass", "fail"],
        },
        "per": {
            "$ref": "#/$defs/request_value",
            "description": "Each value there has a cursor of its own.",
        },
        "set": {"$ref": "#/$defs/writes"},
        "times": {**_TIMES, "description": "How many requests it answers at most."},
        "expect": EXPECT,
        "keep_cursor": {
            "type": "boolean",
            "default": False,
            "description": "Whether a changed definition keeps hits and cursors.",
        },
        "meta": {"type": "object", "description": "Anything; kept and shown, never used."},
    },
    "additionalProperties": False,
    "not": {"required": ["response", "responses"]},
    "dependentRequired": {"after_last": ["responses"], "per": ["responses"]},
}

STUB_DEFINITIONS: Final[dict[str, Schema]] = {
    "name": NAME,
    "request_value": REQUEST_VALUE,
    **MATCHERS,
    "body_pattern": BODY_PATTERN,
    "pattern": PATTERN,
    **RESPONSE_DEFINITIONS,
    "step": STEP,
    "writes": WRITES,
    "stub": STUB,
}
