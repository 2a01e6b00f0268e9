"""JSON Schemas of verifications: what one expects, and what is told of it.

They follow ``docs/verifying.md``. Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.stub_schemas import NAME, PATTERN_PROPERTIES, Schema

PHASES: Final = ("received", "parked", "delayed", "rendering", "sending", "answered", "aborted",
                 "failed", "incomplete", "refused")  # fmt: skip
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_COUNT: Final[Schema] = {"type": ["integer", "null"]}
_FLAG: Final[Schema] = {"type": "boolean"}
_NUMBERS: Final[Schema] = {"type": "array", "items": _COUNT}
_PHASE: Final[Schema] = {"enum": list(PHASES)}

_ANSWERED: Final[Schema] = {
    "description": "How a request was answered.",
    "type": "object",
    "properties": {
        "status": {"$ref": "#/$defs/json_matcher"},
        "step": {"type": "integer", "minimum": 1},
        "phase": {"anyOf": [_PHASE, {"type": "array", "items": _PHASE, "minItems": 1}]},
    },
    "minProperties": 1,
    "additionalProperties": False,
}
_KIND: Final[Schema] = {
    "description": "A request pattern, and how it was answered.",
    "type": "object",
    "properties": {**PATTERN_PROPERTIES, "answered": _ANSWERED},
    "additionalProperties": False,
}
_TIMES: Final[Schema] = {
    "description": "How many requests; at least one when absent, exactly one in an order.",
    "anyOf": [
        _COUNT,
        {
            "type": "object",
            "properties": {"at_least": _COUNT, "at_most": _COUNT},
            "minProperties": 1,
            "additionalProperties": False,
        },
    ],
}
_EXPECTATION: Final[Schema] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 200},
        "stub": {**NAME, "description": "The stub that answered."},
        "request": _KIND,
        "answered": _ANSWERED,
        "times": _TIMES,
    },
    "anyOf": [{"required": ["stub"]}, {"required": ["request"]}],
    "additionalProperties": False,
}

VERIFICATION: Final[Schema] = {
    "title": "Verification",
    "description": "What is expected of the recorded requests.",
    "type": "object",
    "properties": {
        "expect": {"type": "array", "items": _EXPECTATION, "maxItems": 200},
        "order": {
            "description": "Which order they have; pairs hold ids: all of one before all of another.",
            "anyOf": [
                {"enum": ["any", "subsequence", "strict"]},
                {
                    "type": "array",
                    "items": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2},
                    "maxItems": 1000,
                },
            ],
            "default": "any",
        },
        "nothing_else": {"type": "boolean", "default": False},
        "ignore": {"type": "array", "items": _KIND, "maxItems": 50},
        "after": {
            "description": "Only requests after this number, or after an earlier `cursor`.",
            "anyOf": [_COUNT, _TEXT],
            "default": 0,
        },
        "within": {
            "$ref": "#/$defs/duration",
            "description": "How long to wait for what is missing.",
        },
        "quiet_for": {
            "$ref": "#/$defs/duration",
            "description": "How long nothing may follow, once everything is met.",
        },
    },
    "additionalProperties": False,
}


def _answers(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_DIFFERENCE: Final = _answers(field=_TEXT, expected=_TEXT, actual=_TEXT)
NEAREST: Final[Schema] = _answers(
    number=_COUNT, request=_TEXT, differences={"type": "array", "items": _DIFFERENCE}
)
VERIFIED: Final[Schema] = _answers(
    passed=_FLAG,
    complete=_FLAG,
    reason=_MAYBE_TEXT,
    results={
        "type": "array",
        "items": _answers(
            id=_TEXT,
            what=_TEXT,
            passed=_FLAG,
            expected=_answers(at_least=_COUNT, at_most=_MAYBE_COUNT),
            actual=_COUNT,
            dropped=_COUNT,
            requests=_NUMBERS,
            out_of_order=_NUMBERS,
            nearest={"type": "array", "items": NEAREST},
        ),
    },
    unexpected=_answers(count=_COUNT, requests=_NUMBERS),
    first_divergence={
        "type": ["object", "null"],
        "properties": {
            "matched": {
                "type": "array",
                "items": _answers(expected=_TEXT, got=_TEXT, number=_COUNT),
            },
            "expected": _TEXT,
            "got": _MAYBE_TEXT,
            "number": _MAYBE_COUNT,
            "note": _MAYBE_TEXT,
        },
        "required": ["matched", "expected", "got", "number", "note"],
    },
    report=_TEXT,
    cursor=_TEXT,
)
