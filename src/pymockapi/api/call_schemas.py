"""JSON Schemas of what control calls take and answer, and which call takes and answers what.

Bodies are closed: an unknown key is refused. Answers are open: they may grow. Both follow
``docs/control-api.md``. Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.schemas import LEASE, NAMESPACE_PROPERTIES, SET_NAMES
from pymockapi.api.stub_schemas import NAME, PATTERN_PROPERTIES, Schema

PARTS: Final = ("stubs", "sequences", "state", "requests", "clock", "settings")
PHASES: Final = ("received", "parked", "delayed", "rendering", "sending", "answered", "aborted",
                 "failed", "incomplete", "refused")  # fmt: skip


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _takes(properties: dict[str, Schema], *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required),
            "additionalProperties": False}  # fmt: skip


def _answers(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_MAYBE_COUNT: Final[Schema] = {"type": ["integer", "null"]}
_FLAG: Final[Schema] = {"type": "boolean"}
_OBJECT: Final[Schema] = {"type": "object"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_PAIRS: Final[Schema] = {
    "type": "array",
    "items": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2},
}
_AFTER: Final[Schema] = {**_COUNT, "description": "Only requests with a higher number."}
_PHASE: Final[Schema] = {"enum": list(PHASES)}
_SELECTION: Final[dict[str, Schema]] = {
    **PATTERN_PROPERTIES,
    "after": _AFTER,
    "stub": NAME,
    "phase": _PHASE,
}
_PAGE: Final[dict[str, Schema]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    "order": {"enum": ["asc", "desc"], "default": "asc"},
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
    "reset": _takes({"only": _RESET_PARTS}),
    "renewal": _takes({"lease": LEASE}),
    "fork": _takes({"name": NAME, "labels": _ref("labels"), "lease": LEASE}),
    "finish": _takes({"status": {"type": "string", "description": "What became of the test."}}),
    "snapshot_request": _takes({"id": NAME}),
    "stub_or_stubs": {"anyOf": [_ref("stub"), _list("stub")]},
    "stub_list": _list("stub"),
    "cursor": {
        **_takes(
            {
                "position": {**_CURSOR_POSITION, "description": "Requests served so far."},
                "step": {"type": "integer", "minimum": 1, "description": "The step to serve next."},
                "key": {"type": ["string", "null"], "description": "The value of `per`."},
                "reset": {"const": True, "description": "All cursors, hits and `times`."},
            }
        ),
        "anyOf": [{"required": [one]} for one in ("position", "step", "reset")],
    },
    "batch": _takes(
        {
            "reset": _RESET_PARTS,
            "sets": SET_NAMES,
            "remove_stubs": {"type": "array", "items": NAME},
            "replace_stubs": _list("stub"),
            "stubs": _list("stub"),
            "replace_state": _ref("state"),
            "state": {"type": "object", "description": "Merged; null removes a key."},
            "cursors": {
                "type": "object",
                "additionalProperties": {"anyOf": [_ref("cursor"), {"type": "null"}]},
            },
            "clock": _ref("clock"),
            "settings": _ref("settings"),
        }
    ),
    "request_search": _takes({**_SELECTION, **_PAGE}),
    "request_count": _takes(_SELECTION),
    "trial": _takes(
        {
            "method": _TEXT,
            "path": {"type": "string", "description": "With the query."},
            "headers": {
                "type": "object",
                "additionalProperties": {"anyOf": [_TEXT, _TEXTS]},
            },
            "json": {},
            "text": _TEXT,
            "base64": _TEXT,
        }
    ),
}

_BODY_SHOWN: Final[Schema] = {
    "type": "object",
    "properties": {"size": _COUNT, "text": _TEXT, "json": {}, "base64": _TEXT, "sha256": _TEXT},
    "required": ["size"],
}
_DIFFERENCE: Final = _answers(field=_TEXT, expected=_TEXT, actual=_TEXT)

GIVEN: Final[dict[str, Schema]] = {
    "problem": {
        "title": "Problem",
        "description": "An RFC 9457 problem document with every error at once.",
        **_answers(
            type={"type": "string", "pattern": "^urn:pymockapi:error:[a-z-]+$"},
            title=_TEXT,
            status={"type": "integer"},
            detail=_TEXT,
            errors={"type": "array", "items": _answers(pointer=_TEXT, message=_TEXT)},
            suggestions=_TEXTS,
        ),
    },
    "health": _answers(status=_TEXT),
    "versions": _answers(version=_TEXT, api=_TEXT, python=_TEXT),
    "document": _OBJECT,
    "sets": _answers(
        sets={
            "type": "array",
            "items": _answers(name=NAME, stubs=_TEXTS, state=_OBJECT, settings=_OBJECT),
        }
    ),
    "orphan": _answers(
        at=_TEXT, namespace=_MAYBE_TEXT, selector=_MAYBE_TEXT, method=_TEXT, target=_TEXT,
        client=_TEXT, code=_TEXT, last_owner={"type": ["object", "null"]},
    ),
    "orphans": _answers(orphans=_list("orphan"), total=_COUNT),
    "namespace": _answers(
        name=NAME, id=_TEXT, base_url=_TEXT, path=_MAYBE_TEXT, headers=_OBJECT, version=_COUNT,
        seed={"type": "integer"}, labels=_OBJECT, clock=_ref("clock_reading"), settings=_OBJECT,
        limits=_OBJECT, state=_OBJECT, lease_s={"type": ["number", "null"]}, created_at=_TEXT,
        counts=_answers(stubs=_COUNT, requests=_COUNT, recorded=_COUNT, evicted=_COUNT,
                        bytes=_COUNT, snapshots=_COUNT),
        applied=_answers(
            layers=_TEXTS,
            replaced={"type": "array", "items": _answers(stub=_TEXT, layer=_TEXT, by=_TEXT)},
            hidden=_TEXTS,
        ),
    ),
    "namespaces": _answers(namespaces=_list("namespace")),
    "finished": _answers(
        name=NAME, id=_TEXT, status=_MAYBE_TEXT, reason=_TEXT, finished_at=_TEXT,
        requests=_COUNT, in_flight={"type": "array"}, late=_list("orphan"),
    ),
    "snapshot": _answers(id=_TEXT, at=_TEXT, version=_COUNT),
    "snapshots": _answers(snapshots=_list("snapshot")),
    "stub_in_force": _answers(
        name=NAME, layer=_TEXT, priority=_COUNT, hits=_COUNT, spent=_FLAG, definition=_ref("stub")
    ),
    "stubs": _answers(stubs=_list("stub_in_force")),
    "defined_stubs": _answers(stubs=_list("stub_in_force"), version=_COUNT),
    "batch_result": _answers(
        version=_COUNT, stubs=_list("stub_in_force"), namespace=_ref("namespace")
    ),
    "sequence": _answers(
        stub=NAME, steps=_COUNT, total=_MAYBE_COUNT, after_last=_TEXT, per=_MAYBE_TEXT,
        cursors={
            "type": "array",
            "items": _answers(key=_MAYBE_TEXT, position=_COUNT, step=_MAYBE_COUNT),
        },
    ),
    "sequences": _answers(sequences=_list("sequence")),
    "clock_reading": {
        "type": "object",
        "properties": {
            "mode": {"enum": ["real", "frozen"]},
            "now": _TEXT,
            "offset_s": {"type": "number"},
        },
        "required": ["mode", "now"],
    },
    "entry": _answers(
        number=_COUNT, at=_TEXT, mock_at=_TEXT, phase=_PHASE, client=_TEXT, method=_TEXT,
        target=_TEXT, path=_TEXT, query=_OBJECT, headers=_PAIRS, trailers=_PAIRS,
        body=_BODY_SHOWN, correlation=_OBJECT, selector=_MAYBE_TEXT, conflict=_MAYBE_TEXT,
        stub=_MAYBE_TEXT, step=_MAYBE_COUNT, hit=_MAYBE_COUNT, params=_OBJECT, error=_MAYBE_TEXT,
        response={
            "type": ["object", "null"],
            "properties": {"status": {"type": "integer"}, "headers": _PAIRS, "body": _BODY_SHOWN,
                           "sent_bytes": _COUNT},
        },
        timings=_OBJECT,
    ),
    "entries": _answers(
        requests=_list("entry"), next=_MAYBE_COUNT, total=_COUNT, evicted=_COUNT
    ),
    "request_total": _answers(count=_COUNT, complete=_FLAG),
    "explanation": _answers(
        matched=_FLAG, stub=_MAYBE_TEXT, step=_MAYBE_COUNT, request=_TEXT, error=_MAYBE_TEXT,
        complete=_FLAG,
        candidates={
            "type": "array",
            "items": _answers(
                stub=_TEXT, request=_TEXT, layer=_TEXT, priority=_COUNT, fits=_FLAG, available=_FLAG,
                reason=_MAYBE_TEXT, differences={"type": "array", "items": _DIFFERENCE},
            ),
        },
        omitted=_COUNT,
    ),
}  # fmt: skip

BODY_OF: Final[dict[str, str]] = {
    "create_namespace": "namespace_definition",
    "replace_namespace": "namespace_definition",
    "reset_namespace": "reset",
    "renew_namespace": "renewal",
    "fork_namespace": "fork",
    "finish_namespace": "finish",
    "take_snapshot": "snapshot_request",
    "define_stubs": "stub_or_stubs",
    "replace_stubs": "stub_list",
    "put_stub": "stub",
    "apply": "batch",
    "merge_state": "state",
    "replace_state": "state",
    "set_sequence": "cursor",
    "set_clock": "clock",
    "search_requests": "request_search",
    "count_requests": "request_count",
    "match": "trial",
}

ANSWER_OF: Final[dict[str, str]] = {
    "health": "health",
    "ready": "health",
    "version": "versions",
    "openapi": "document",
    "config_schema": "document",
    "list_sets": "sets",
    "list_namespaces": "namespaces",
    "create_namespace": "namespace",
    "get_namespace": "namespace",
    "replace_namespace": "namespace",
    "reset_namespace": "namespace",
    "renew_namespace": "namespace",
    "fork_namespace": "namespace",
    "finish_namespace": "finished",
    "list_snapshots": "snapshots",
    "take_snapshot": "snapshot",
    "restore_snapshot": "namespace",
    "list_stubs": "stubs",
    "define_stubs": "defined_stubs",
    "replace_stubs": "defined_stubs",
    "get_stub": "stub_in_force",
    "put_stub": "stub_in_force",
    "apply": "batch_result",
    "get_state": "state",
    "merge_state": "state",
    "replace_state": "state",
    "list_sequences": "sequences",
    "get_sequence": "sequence",
    "set_sequence": "sequence",
    "get_clock": "clock_reading",
    "set_clock": "clock_reading",
    "list_requests": "entries",
    "search_requests": "entries",
    "count_requests": "request_total",
    "get_request": "entry",
    "explain_request": "explanation",
    "match": "explanation",
    "list_orphans": "orphans",
}

QUERY: Final[dict[str, Schema]] = {
    "after": _AFTER,
    **_PAGE,
    "method": {"type": "string", "description": "Only requests with this method."},
    "path": {"type": "string", "description": "Only requests with this path, without query."},
    "stub": {**NAME, "description": "Only requests that this stub answered."},
    "matched": {"type": "boolean", "description": "Only requests that a stub answered, or none."},
    "phase": {**_PHASE, "description": "Only requests in this phase."},
    "correlation": {
        "type": "string",
        "description": "Only requests with this traceparent, x-request-id or x-correlation-id.",
    },
    "label": {"type": "string", "description": "`NAME=VALUE`: only namespaces with this label."},
    "layer": {
        "type": "string",
        "pattern": "^(base|own|set:.+)$",
        "description": "Only this layer: `base`, `set:NAME` or `own`.",
    },
}
