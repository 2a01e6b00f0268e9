"""JSON Schema of what goes wrong with an answer on its way. Standard library only."""

from __future__ import annotations

from typing import Final

from pymockapi.api.body_schemas import Schema

FAULTS: Final = ("reset", "empty", "truncated", "malformed_chunk", "garbage", "hang")
FAULT: Final[Schema] = {
    "title": "Fault",
    "description": "What goes wrong with an answer on its way: a kind, or `{kind, probability}`;"
    " `none`, or null, for nothing.",
    "anyOf": [
        {"enum": [*FAULTS, "none", None]},
        {
            "type": "object",
            "properties": {
                "kind": {"enum": list(FAULTS)},
                "probability": {
                    "type": "number",
                    "minimum": 0,
                    "maximum": 1,
                    "default": 1,
                    "description": "How likely it is for each answer, drawn by the seed.",
                },
            },
            "required": ["kind"],
            "additionalProperties": False,
        },
    ],
    "examples": ["reset", {"kind": "truncated", "probability": 0.3}],
}
