"""JSON Schemas (2020-12) of callbacks: what a response says of them, what is told of each.

They follow ``docs/callbacks.md``. Standard library only.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

from pymockapi.api.body_schemas import TEXT_LITERAL, Schema

_DURATION: Final[Schema] = {"$ref": "#/$defs/duration"}

CALLBACK: Final[Schema] = {
    "title": "Callback",
    "description": "A request that the mock makes once the answer has left.",
    "type": "object",
    "properties": {
        "url": {
            "description": "Where it goes: an absolute http or https URL.",
            "type": "string",
            "minLength": 1,
            "maxLength": 8000,
            "examples": ["http://127.0.0.1:3000/hooks/payments"],
        },
        "method": {"type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$",
                   "default": "POST"},
        "headers": {
            "description": "A value, or a list of values, for each name.",
            "type": "object",
            "additionalProperties": {
                "anyOf": [TEXT_LITERAL, {"type": "array", "items": TEXT_LITERAL}]
            },
        },
        "json": {"description": "The body as JSON; the content type is `application/json`."},
        "text": {"type": "string", "description": "The body as UTF-8 text."},
        "base64": {
            "type": "string",
            "description": "The body as bytes.",
            "contentEncoding": "base64",
        },
        "template": {
            "type": "boolean",
            "default": False,
            "description": "Whether URL, headers and body are templates; in `json` each string is one.",
        },
        "delay": {"$ref": "#/$defs/delay", "description": "From the end of the answer; none by default."},
        "timeout": {**_DURATION, "description": "Of one attempt, to its answer; 5 s by default."},
        "retries": {
            "type": "integer",
            "minimum": 0,
            "maximum": 5,
            "default": 0,
            "description": "Attempts after one without an answer, or with one from 500 on.",
        },
        "retry_after": {**_DURATION, "description": "Between two attempts; 1 s by default."},
    },
    "required": ["url"],
    "additionalProperties": False,
    "not": {
        "anyOf": [{"required": list(two)} for two in combinations(("json", "text", "base64"), 2)]
    },
}  # fmt: skip
CALLBACKS: Final[Schema] = {
    "description": "Requests that the mock makes once the answer has left.",
    "type": "array",
    "items": {"$ref": "#/$defs/callback"},
    "maxItems": 10,
}
EGRESS: Final[Schema] = {
    "description": "What callbacks may call beside this machine and private networks.",
    "type": "object",
    "properties": {
        "hosts": {
            "description": "Hosts; one that begins with `*.` stands for all below it.",
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "maxItems": 100,
            "examples": [["hooks.example.com", "*.internal.example"]],
        }
    },
    "additionalProperties": False,
}

ENDINGS: Final = ("pending", "sent", "failed", "cancelled")
ENDING: Final[Schema] = {"enum": list(ENDINGS)}
_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_MEMBERS: Final[dict[str, Schema]] = {
    "id": {"type": "integer", "minimum": 1},
    "number": {"type": "integer", "minimum": 1, "description": "That of the request."},
    "stub": _MAYBE_TEXT,
    "place": {**_COUNT, "description": "In the `callbacks` of the response, from 0."},
    "outcome": ENDING,
    "at": _TEXT,
    "ended_at": _MAYBE_TEXT,
    "method": _TEXT,
    "url": _TEXT,
    "headers": {
        "type": "array",
        "items": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2},
    },
    "body": {"type": "object", "properties": {"size": _COUNT}, "required": ["size"]},
    "delay_s": {"type": "number"},
    "attempts": _COUNT,
    "status": {"type": ["integer", "null"]},
    "answer": {**_MAYBE_TEXT, "description": "The beginning of the body that came back."},
    "error": _MAYBE_TEXT,
    "detail": _MAYBE_TEXT,
}
CALLBACK_RECORD: Final[Schema] = {
    "type": "object",
    "properties": _MEMBERS,
    "required": list(_MEMBERS),
}
_LISTED: Final[Schema] = {"type": "array", "items": {"$ref": "#/$defs/callback_record"}}
_PAGE: Final[dict[str, Schema]] = {
    "callbacks": _LISTED,
    "next": {"type": ["integer", "null"]},
    "total": _COUNT,
    "evicted": _COUNT,
}
_VERIFIED: Final[dict[str, Schema]] = {
    "passed": {"type": "boolean"},
    "complete": {"type": "boolean"},
    "expected": {
        "type": "object",
        "properties": {"at_least": _COUNT, "at_most": {"type": ["integer", "null"]}},
    },
    "actual": _COUNT,
    "callbacks": _LISTED,
    "reason": _MAYBE_TEXT,
    "report": _TEXT,
    "cursor": _COUNT,
}


def _answers(members: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": members, "required": list(members)}


CALLBACKS_GIVEN: Final[dict[str, Schema]] = {
    "callback_record": CALLBACK_RECORD,
    "callback_records": _answers(_PAGE),
    "verified_callbacks": _answers(_VERIFIED),
}
CALLBACKS_TAKEN: Final[dict[str, Schema]] = {
    "callback_verification": {
        "type": "object",
        "properties": {
            "request": {"$ref": "#/$defs/pattern"},
            "stub": {"type": "string", "description": "Only those of answers of this stub."},
            "number": {
                "type": "integer",
                "minimum": 1,
                "description": "Only those of this request.",
            },
            "outcome": {**ENDING, "default": "sent"},
            "status": {"type": "integer", "minimum": 100, "maximum": 999},
            "times": {
                "description": "How many: exactly so many, or bounds; at least one by default.",
                "anyOf": [
                    _COUNT,
                    {
                        "type": "object",
                        "properties": {"at_least": _COUNT, "at_most": _COUNT},
                        "minProperties": 1,
                        "additionalProperties": False,
                    },
                ],
            },
            "after": {**_COUNT, "description": "Only callbacks with a higher id."},
            "within": {**_DURATION, "description": "How long to wait for what is missing."},
        },
        "additionalProperties": False,
    },
}
CALLBACK_QUERY: Final[dict[str, Schema]] = {
    "after": {**_COUNT, "description": "Only callbacks with a higher id."},
    "stub": {"type": "string", "description": "Only callbacks of answers of this stub."},
    "number": {"type": "integer", "minimum": 1, "description": "Only those of this request."},
    "outcome": {**ENDING, "description": "Only callbacks of which this has become."},
}
