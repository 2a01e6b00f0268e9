"""JSON Schemas (2020-12) of responses: what is sent, and how it leaves.

As ``stub_schemas``: what is refused is decided by the readers in ``engine``. Standard library only.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

from pymockapi.api.body_schemas import TEXT_LITERAL, Schema
from pymockapi.api.callback_schemas import CALLBACK, CALLBACKS
from pymockapi.api.fault_schemas import FAULT

DURATION: Final[Schema] = {
    "title": "Duration",
    "description": "`250ms`, `2s`, `1m`, `1h`, or a number of seconds.",
    "oneOf": [
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?(ms|s|m|h)\s*$"},
        {"type": "number", "minimum": 0},
    ],
    "examples": ["150ms", "2s", 0.5],
}
_DELAY: Final[Schema] = {
    "title": "Delay",
    "description": "A duration of at most an hour, or what it is drawn from for each request.",
    "anyOf": [
        {"$ref": "#/$defs/duration"},
        {
            "type": "object",
            "properties": {
                "uniform": {
                    "description": "The least and the most.",
                    "type": "array",
                    "items": {"$ref": "#/$defs/duration"},
                    "minItems": 2,
                    "maxItems": 2,
                }
            },
            "required": ["uniform"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "lognormal": {
                    "description": "Half are below `median`; `sigma` is the spread of logarithms.",
                    "type": "object",
                    "properties": {
                        "median": {"$ref": "#/$defs/duration"},
                        "sigma": {"type": "number", "minimum": 0, "maximum": 10},
                    },
                    "required": ["median", "sigma"],
                    "additionalProperties": False,
                }
            },
            "required": ["lognormal"],
            "additionalProperties": False,
        },
    ],
    "examples": [
        "150ms",
        {"uniform": ["50ms", "150ms"]},
        {"lognormal": {"median": "90ms", "sigma": 0.4}},
    ],
}
_RATE: Final[Schema] = {
    "title": "Rate",
    "description": "Bytes in a second: `500B/s`, `10kB/s`, `1MB/s`, `64KiB/s`, `1MiB/s`, or a number.",
    "oneOf": [
        {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*(B|kB|MB|KiB|MiB)/s\s*$"},
        {"type": "number", "minimum": 1, "maximum": 1_000_000_000},
    ],
    "examples": ["10kB/s", 500],
}
_STREAM: Final[Schema] = {
    "description": "A body in pieces: each is a chunk, `after` the one before it.",
    "type": "array",
    "minItems": 1,
    "maxItems": 1_000,
    "items": {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "json": {},
            "base64": {"type": "string", "contentEncoding": "base64"},
            "after": {"$ref": "#/$defs/delay"},
        },
        "oneOf": [{"required": [key]} for key in ("text", "json", "base64")],
        "additionalProperties": False,
    },
}
_SSE: Final[Schema] = {
    "description": "Server-sent events, each `after` the one before it.",
    "type": "array",
    "minItems": 1,
    "maxItems": 1_000,
    "items": {
        "type": "object",
        "properties": {
            "event": {"type": "string", "description": "Its type; `message` when absent."},
            "data": {"description": "A text, which may have several lines, or JSON."},
            "id": {"type": ["string", "integer"]},
            "retry": {
                "type": "integer",
                "minimum": 0,
                "maximum": 86_400_000,
                "description": "Milliseconds after which the client is to reconnect.",
            },
            "comment": {"type": "string", "description": "Lines that clients ignore."},
            "after": {"$ref": "#/$defs/delay"},
        },
        "anyOf": [{"required": [key]} for key in ("data", "id", "retry", "comment")],
        "additionalProperties": False,
    },
}
_HEADERS: Final[Schema] = {
    "type": "object",
    "additionalProperties": {"anyOf": [TEXT_LITERAL, {"type": "array", "items": TEXT_LITERAL}]},
}
RESPONSE_PROPERTIES: Final[dict[str, Schema]] = {
    "status": {"type": "integer", "minimum": 100, "maximum": 999, "default": 200},
    "reason": {"type": "string", "description": "The reason phrase; the usual one when absent."},
    "headers": {"description": "A value, or a list of values, for each name.", **_HEADERS},
    "json": {"description": "The body as JSON; the content type is `application/json`."},
    "text": {"type": "string", "description": "The body as UTF-8 text."},
    "base64": {"type": "string", "description": "The body as bytes.", "contentEncoding": "base64"},
    "file": {"type": "string", "description": "The body in a file below the config's folder."},
    "stream": _STREAM,
    "sse": _SSE,
    "trailers": {"description": "Headers that follow the body, which is then chunked.", **_HEADERS},
    "call": {
        "type": "string",
        "description": "A function of the test's own process that returns the rest, by the token"
        " that the client got for it; only where the server runs in a thread of that process.",
    },
    "template": {
        "type": "boolean",
        "default": False,
        "description": "Whether body, headers and trailers are templates; in `json` each string"
        " is one.",
    },
    "delay": {"$ref": "#/$defs/delay"},
    "hold": {
        "$ref": "#/$defs/name",
        "description": "The gate at which the answer waits until it is released.",
    },
    "throttle": {"$ref": "#/$defs/rate"},
    "fault": {"$ref": "#/$defs/fault"},
    "callbacks": CALLBACKS,
}
ONE_BODY: Final[Schema] = {
    "not": {
        "anyOf": [
            {"required": list(two)}
            for two in combinations(("json", "text", "base64", "file", "stream", "sse", "call"), 2)
        ]
    }
}
RESPONSE: Final[Schema] = {
    "title": "Response",
    "description": "What is sent back, with at most one of `json`, `text`, `base64`, `file`,"
    " `stream` and `sse`.",
    "type": "object",
    "properties": RESPONSE_PROPERTIES,
    "additionalProperties": False,
    **ONE_BODY,
}
RESPONSE_DEFINITIONS: Final[dict[str, Schema]] = {
    "duration": DURATION,
    "delay": _DELAY,
    "rate": _RATE,
    "fault": FAULT,
    "callback": CALLBACK,
    "response": RESPONSE,
}
