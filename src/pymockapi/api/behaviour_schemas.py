"""JSON Schemas (2020-12) of behaviours. As ``stub_schemas``; standard library only."""

from __future__ import annotations

from typing import Final

from pymockapi.api.body_schemas import Schema

_ANSWER: Final[Schema] = {"$ref": "#/$defs/response"}
_FAILURES: Final[Schema] = {
    "description": "Which requests get `response` (503) instead of their stub's.",
    "type": "object",
    "properties": {
        "first": {"type": "integer", "minimum": 1, "maximum": 1_000_000_000},
        "probability": {"type": "number", "minimum": 0, "maximum": 1},
        "response": _ANSWER,
    },
    "oneOf": [{"required": ["first"]}, {"required": ["probability"]}],
    "additionalProperties": False,
}
_LIMIT: Final[Schema] = {
    "description": "More than `requests` in a window of `per` get `response` (429).",
    "type": "object",
    "properties": {
        "requests": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
        "per": {"$ref": "#/$defs/duration"},
        "response": _ANSWER,
    },
    "required": ["requests", "per"],
    "additionalProperties": False,
}


def _behaviour(like: str) -> Schema:
    """Return the schema of a behaviour's parts; ``like`` tells which names that may have."""
    return {
        "type": "object",
        "properties": {
            "like": {"type": "string", "description": like},
            "delay": {
                "$ref": "#/$defs/delay",
                "description": "The delay of every stub that has none of its own.",
            },
            "fault": {
                "$ref": "#/$defs/fault",
                "description": "What may befall the answers of every stub that does not say itself.",
            },
            "failures": _FAILURES,
            "limit": _LIMIT,
        },
        "minProperties": 1,
        "additionalProperties": False,
    }


BEHAVIOUR: Final[Schema] = {
    "title": "Behaviour",
    "description": "What a service does beside its answers.",
    **_behaviour("A shipped behaviour, for the parts that this one has not."),
}
CHOSEN: Final[Schema] = {
    "description": "How the namespace behaves: a name, or the parts of a behaviour.",
    "anyOf": [
        {"type": ["string", "null"]},
        _behaviour("A behaviour, for the parts that this one has not."),
    ],
    "examples": ["flaky", {"like": "recovering", "failures": {"first": 2}}],
}
BEHAVIOURS: Final[Schema] = {
    "description": "Named behaviours, for `settings.behaviour`.",
    "type": "object",
    "propertyNames": {"$ref": "#/$defs/name"},
    "additionalProperties": {"$ref": "#/$defs/behaviour"},
    "maxProperties": 1000,
}
