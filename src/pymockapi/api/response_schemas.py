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
RESPONSE_PROPERTIES: Final[dict[str, Schema]] = {
    "status": {"type": "integer", "minimum": 100, "maximum": 999, "default": 200},
    "reason": {"type": "string", "description": "The reason phrase; the usual one when absent."},
    "headers": {
        "description": "A value, or a list of values, for each name.",
        "type": "object",
        "additionalProperties": {"anyOf": [TEXT_LITERAL, {"type": "array", "items": TEXT_LITERAL}]},
    },
    "json": {"description": "The body as JSON; the content type is `application/json`."},
    "text": {"type": "string", "description": "The body as UTF-8 text."},
    "base64": {"type": "string", "description": "The body as bytes.", "contentEncoding": "base64"},
    "file": {"type": "string", "description": "The body in a file below the config's folder."},
    "template": {
        "type": "boolean",
        "default": False,
        "description": "Whether body and headers are templates; in `json` each string is one.",
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
            {"required": list(two)} for two in combinations(("json", "text", "base64", "file"), 2)
        ]
    }
}
RESPONSE: Final[Schema] = {
    "title": "Response",
    "description": "What is sent back, with at most one of `json`, `text`, `base64` and `file`.",
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
