"""JSON Schemas of what control calls take. They are closed: an unknown key is refused.

They follow ``docs/control-api.md``. Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.callback_schemas import CALLBACKS_TAKEN
from pymockapi.api.schema_terms import (
    AFTER,
    PAGE,
    PHASE,
    TEXT,
    TEXTS,
    list_of,
    ref_to,
)
from pymockapi.api.schemas import CONFIG, LEASE, NAMESPACE_PROPERTIES, PORT, SET_NAMES, TAGS
from pymockapi.api.stub_schemas import NAME, PATTERN_PROPERTIES, Schema
from pymockapi.api.verify_schemas import VERIFICATION

PARTS: Final = (
    "stubs",
    "sequences",
    "state",
    "requests",
    "clock",
    "settings",
    "gates",
    "callbacks",
)


def _takes(properties: dict[str, Schema], *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required),
            "additionalProperties": False}  # fmt: skip


_SELECTION: Final[dict[str, Schema]] = {
    **PATTERN_PROPERTIES,
    "after": AFTER,
    "stub": NAME,
    "phase": PHASE,
}
_RESET_PARTS: Final[Schema] = {"type": "array", "items": {"enum": list(PARTS)}}
_CURSOR_POSITION: Final[Schema] = {"type": "integer", "minimum": 0}

TAKEN: Final[dict[str, Schema]] = {
    "namespace_definition": _takes(
        {
            "name": NAME,
            **NAMESPACE_PROPERTIES,
            "fork_of": {**NAME, "description": "The namespace to copy."},
        }
    ),
    "config": CONFIG,
    **CALLBACKS_TAKEN,
    "tag_question": _takes({"tags": TAGS, "sets": SET_NAMES}),
    "reset": _takes({"only": _RESET_PARTS}),
    "renewal": _takes({"lease": LEASE}),
    "fork": _takes(
        {
            "name": NAME,
            "labels": ref_to("labels"),
            "lease": LEASE,
            "port": PORT,
            "claims": ref_to("claims"),
        }
    ),
    "finish": _takes(
        {
            "status": {"type": "string", "description": "What became of the test."},
            "within": {
                "$ref": "#/$defs/duration",
                "description": "How long to wait for what stubs expect.",
            },
            "quiet_for": {
                "$ref": "#/$defs/duration",
                "description": "How long no request may come, once all that is there.",
            },
        }
    ),
    "scope_request": _takes({"name": {"type": "string", "description": "For reports."}}),
    "snapshot_request": _takes({"id": NAME}),
    "stub_or_stubs": {"anyOf": [ref_to("stub"), list_of("stub")]},
    "stub_list": list_of("stub"),
    "cursor": {
        **_takes(
            {
                "position": {**_CURSOR_POSITION, "description": "Requests served so far."},
                "step": {"type": "integer", "minimum": 1, "description": "The step to serve next."},
                "key": {
                    "type": ["string", "null"],
                    "description": "The value of `per`; null: requests without one.",
                },
                "hits": {
                    **_CURSOR_POSITION,
                    "description": "Requests the stub has answered: what `times` counts.",
                },
                "reset": {"const": True, "description": "All cursors, hits and `times`."},
            }
        ),
        "anyOf": [{"required": [one]} for one in ("position", "step", "hits", "reset")],
    },
    "batch": _takes(
        {
            "reset": _RESET_PARTS,
            "sets": SET_NAMES,
            "remove_stubs": {"type": "array", "items": NAME},
            "replace_stubs": list_of("stub"),
            "stubs": list_of("stub"),
            "replace_state": ref_to("state"),
            "state": {"type": "object", "description": "Merged; null removes a key."},
            "cursors": {
                "type": "object",
                "additionalProperties": {"anyOf": [ref_to("cursor"), {"type": "null"}]},
            },
            "clock": ref_to("clock"),
            "settings": ref_to("settings"),
        }
    ),
    "request_search": _takes({**_SELECTION, **PAGE}),
    "request_count": _takes(_SELECTION),
    "verification": VERIFICATION,
    "release": _takes(
        {
            "count": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": 1_000_000,
                "description": "Permits, each for one answer; without it the gate is opened.",
            },
            "response": {
                "anyOf": [ref_to("response"), {"type": "null"}],
                "description": "What is answered instead of what the stubs say.",
            },
        }
    ),
    "trial": _takes(
        {
            "scheme": {"enum": ["http", "https"], "default": "http"},
            "method": TEXT,
            "path": {"type": "string", "description": "With the query."},
            "headers": {
                "type": "object",
                "additionalProperties": {"anyOf": [TEXT, TEXTS]},
            },
            "json": {},
            "text": TEXT,
            "base64": TEXT,
        }
    ),
}
