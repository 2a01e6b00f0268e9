"""Which control call takes and answers what, by the names of its schemas; and its query.

Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.callback_schemas import CALLBACK_QUERY
from pymockapi.api.schema_terms import (
    AFTER,
    COUNT,
    PAGE,
    PHASE,
)
from pymockapi.api.stub_schemas import NAME, Schema

BODY_OF: Final[dict[str, str]] = {
    "put_config": "config",
    "put_set": "set",
    "put_tags": "tag_table",
    "resolve_tags": "tag_question",
    "create_namespace": "namespace_definition",
    "replace_namespace": "namespace_definition",
    "reset_namespace": "reset",
    "renew_namespace": "renewal",
    "fork_namespace": "fork",
    "finish_namespace": "finish",
    "open_scope": "scope_request",
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
    "verify": "verification",
    "release_gate": "release",
    "verify_callbacks": "callback_verification",
    "match": "trial",
}

ANSWER_OF: Final[dict[str, str]] = {
    "health": "health",
    "ready": "health",
    "version": "versions",
    "openapi": "document",
    "config_schema": "document",
    "get_config": "config_in_force",
    "put_config": "replaced_config",
    "put_set": "replaced_set",
    "list_sets": "sets",
    "get_tags": "tags_in_force",
    "put_tags": "replaced_config",
    "resolve_tags": "resolved_tags",
    "list_namespaces": "namespaces",
    "create_namespace": "namespace",
    "get_namespace": "namespace",
    "replace_namespace": "namespace",
    "reset_namespace": "namespace",
    "renew_namespace": "namespace",
    "fork_namespace": "namespace",
    "finish_namespace": "finished",
    "export": "evidence",
    "get_verdict": "verdict",
    "list_scopes": "scopes",
    "open_scope": "scope",
    "close_scope": "closed_scope",
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
    "list_gates": "gates",
    "get_gate": "gate",
    "release_gate": "released",
    "list_callbacks": "callback_records",
    "verify_callbacks": "verified_callbacks",
    "list_requests": "entries",
    "search_requests": "entries",
    "count_requests": "request_total",
    "verify": "verified",
    "get_request": "entry",
    "explain_request": "explanation",
    "match": "explanation",
    "find_requests": "found_requests",
    "list_orphans": "orphans",
}

QUERY: Final[dict[str, Schema]] = {
    "after": AFTER,
    **PAGE,
    "method": {"type": "string", "description": "Only requests with this method."},
    "path": {"type": "string", "description": "Only requests with this path, without query."},
    "stub": {**NAME, "description": "Only requests that this stub answered."},
    "matched": {"type": "boolean", "description": "Only requests that a stub answered, or none."},
    "phase": {**PHASE, "description": "Only requests in this phase."},
    "correlation": {
        "type": "string",
        "minLength": 1,
        "description": "Only requests with this traceparent, x-request-id or x-correlation-id, or with a traceparent of this trace id.",
    },
    "label": {
        "type": "string",
        "description": "`NAME=VALUE`: only namespaces with this label; `NAME`: with it, whatever its value.",
    },
    "seq": {**COUNT, "description": "Read on after this event; 0 begins with the first."},
    "types": {
        "type": "string",
        "description": "Names of events, or their first word, with commas: only these.",
        "examples": ["request", "request.received,stubs.changed"],
    },
    "id": {
        "type": "string",
        "description": "The `id` of what is read; one of an earlier namespace of that name, or of"
        " an earlier server, is refused.",
    },
    "number": CALLBACK_QUERY["number"],
    "outcome": CALLBACK_QUERY["outcome"],
    "format": {"enum": ["json", "har", "ndjson", "junit", "text"], "default": "json"},
    "redact": {
        "type": "boolean",
        "default": True,
        "description": "Replace credentials, cookies and what `settings.redact` names by marks.",
    },
    "waiting": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1_000_000,
        "description": "How many answers are to wait at the gate at once.",
    },
    "within": {
        "$ref": "#/$defs/duration",
        "description": "How long to wait for that; without it the answer tells how it is now.",
    },
    "finished": {
        "type": "boolean",
        "description": "Those that were finished or expired and are still kept, instead of the live ones.",
    },
    "layer": {
        "type": "string",
        "pattern": "^(base|own|set:.+)$",
        "description": "Only this layer: `base`, `set:NAME` or `own`.",
    },
}

QUERY_OF: Final[dict[str, dict[str, Schema]]] = {
    "list_callbacks": {name: CALLBACK_QUERY[name] for name in ("after", "stub")},
    "follow_namespace": {
        "after": {
            "anyOf": [COUNT, {"type": "string"}],
            "description": "Begin after the arrival of this request, or after an earlier `cursor`.",
        }
    },
}
"""What a query parameter is in one call, where it is not what it is in others."""
