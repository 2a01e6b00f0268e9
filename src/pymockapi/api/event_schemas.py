"""JSON Schemas of what is said over a feed of events: its messages, and the commands of a reader.

They follow ``docs/events.md``. Messages are open: they may grow. Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.fault_schemas import FAULTS
from pymockapi.api.stub_schemas import Schema
from pymockapi.api.verify_schemas import PHASES, VERIFICATION, VERIFIED

_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_COUNT: Final[Schema] = {"type": ["integer", "null"]}
_NAMES: Final[Schema] = {"type": "array", "items": _TEXT, "maxItems": 8}
_FLAG: Final[Schema] = {"type": "boolean"}

_REQUEST: Final[dict[str, Schema]] = {
    "number": {"type": "integer", "minimum": 1},
    "method": _MAYBE_TEXT,
    "path": _MAYBE_TEXT,
    "stub": _MAYBE_TEXT,
    "step": _MAYBE_COUNT,
    "hit": _MAYBE_COUNT,
    "status": _MAYBE_COUNT,
    "error": _MAYBE_TEXT,
    "fault": {"enum": [*FAULTS, None]},
    "phase": {"enum": list(PHASES)},
    "took_ms": {"type": ["number", "null"]},
}
_END: Final[dict[str, Schema]] = {"requests": _COUNT, "passed": _FLAG, "status": _MAYBE_TEXT}
_VERIFIED: Final[dict[str, Schema]] = {
    "complete": _FLAG, "reason": _MAYBE_TEXT, "cursor": _TEXT, "failed": _NAMES, "count": _COUNT,
}  # fmt: skip
_CALLBACK: Final[dict[str, Schema]] = {
    "number": _COUNT, "callback": _COUNT, "stub": _MAYBE_TEXT, "attempts": _COUNT,
    "status": _MAYBE_COUNT, "error": _MAYBE_TEXT,
}  # fmt: skip
_SETTLED: Final[dict[str, Schema]] = {"watch": _TEXT, "verification": VERIFIED}


def _changes(*changes: str) -> Schema:
    return {"enum": list(changes)}


MEMBERS: Final[dict[str, dict[str, Schema]]] = {
    "request.received": _REQUEST,
    "request.unmatched": _REQUEST,
    "request.answered": _REQUEST,
    "request.aborted": _REQUEST,
    "stubs.changed": {
        "change": _changes("defined", "replaced", "removed", "sets", "reset", "restored", "config")
    },
    "state.changed": {
        "change": _changes("request", "merged", "replaced", "sets", "reset", "restored", "config")
    },
    "sequence.exhausted": {"number": _COUNT, "stub": _TEXT},
    "gate.waiting": {"number": _COUNT, "gate": _TEXT, "waiting": _COUNT},
    "callback.sent": _CALLBACK,
    "callback.failed": _CALLBACK,
    "callback.cancelled": _CALLBACK,
    "verification.passed": _VERIFIED,
    "verification.failed": _VERIFIED,
    "namespace.created": {},
    "namespace.reset": {"parts": {"type": "array", "items": _TEXT}},
    "namespace.finished": _END,
    "namespace.expired": _END,
    "namespace.deleted": _END,
    "open": {},
    "lagged": {"from": _COUNT, "to": _COUNT, "count": _COUNT},
    "watch.passed": _SETTLED,
    "watch.failed": _SETTLED,
    "watch.removed": {"watch": _TEXT},
    "error": {
        "watch": _MAYBE_TEXT,
        "code": _TEXT,
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": _TEXT, "message": _TEXT},
                "required": ["pointer", "message"],
            },
        },
        "suggestions": {"type": "array", "items": _TEXT},
    },
}
"""What each message tells besides what all of them do."""

OPTIONAL: Final[dict[str, dict[str, Schema]]] = {
    "stubs.changed": {"stubs": _NAMES, "sets": _NAMES, "count": _COUNT},
    "state.changed": {"number": _COUNT, "keys": _NAMES, "count": _COUNT},
}


def _message(event: str) -> Schema:
    members: dict[str, Schema] = {
        "event": {"const": event},
        "seq": _COUNT,
        "namespace": _MAYBE_TEXT,
        "id": _TEXT,
        "at": _MAYBE_TEXT,
        **MEMBERS[event],
    }
    properties = {**members, **OPTIONAL.get(event, {})}
    return {"type": "object", "properties": properties, "required": list(members)}


def _command(name: str, value: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {name: value},
        "required": [name],
        "additionalProperties": False,
    }


_ID: Final[Schema] = {
    "description": "By which the answer is told from others.",
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
}
WATCH: Final[Schema] = {
    **VERIFICATION,
    "properties": {
        **VERIFICATION["properties"],
        "id": _ID,
        "within": {**VERIFICATION["properties"]["within"], "default": "1h"},
    },
    "required": ["id"],
}

SAID: Final[dict[str, Schema]] = {
    "event_message": {
        "title": "Message of a feed of events",
        "description": "One text message of the WebSocket.",
        "anyOf": [_message(event) for event in MEMBERS],
    },
    "event_command": {
        "title": "Command to a feed of events",
        "description": "One text message of a reader.",
        "anyOf": [_command("watch", WATCH), _command("unwatch", _ID)],
    },
}
