"""JSON Schemas (2020-12) of settings, limits, namespaces and config files.

References point to ``#/$defs``; ``openapi`` turns them to its own place. Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.behaviour_schemas import BEHAVIOUR, BEHAVIOURS, CHOSEN
from pymockapi.api.callback_schemas import EGRESS
from pymockapi.api.stub_schemas import NAME, STUB_DEFINITIONS, Schema


def _count(description: str) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": 2**53, "description": description}


STATE: Final[Schema] = {
    "title": "State",
    "description": "A flat map of JSON values; `when` reads it, `set` writes it.",
    "type": "object",
}
LABELS: Final[Schema] = {
    "title": "Labels",
    "description": "What a namespace is for, by name; `test` decides the seed where none is given.",
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}
SEED: Final[Schema] = {
    "description": "Where all chance comes from.",
    "type": "integer",
    "minimum": 0,
    "maximum": 2**63 - 1,
}
SET_NAMES: Final[Schema] = {
    "description": "Sets to apply, in this order; each once, at its last position.",
    "type": "array",
    "items": NAME,
}
CLOCK: Final[Schema] = {
    "title": "Clock",
    "description": "`frozen` stands still, at `now` or the present; `advance` moves it.",
    "type": "object",
    "properties": {
        "mode": {"enum": ["real", "frozen"]},
        "now": {
            "type": "string",
            "description": "An RFC 3339 instant; UTC when it has no offset.",
            "examples": ["2030-01-01T00:00:00Z"],
        },
        "advance": {
            "description": "A duration to move by; backwards with a minus sign.",
            "anyOf": [
                {"type": "string", "pattern": r"^-?\s*\d+(\.\d+)?(ms|s|m|h)\s*$"},
                {"type": "number"},
            ],
        },
    },
    "minProperties": 1,
    "additionalProperties": False,
}
CLAIMS: Final[Schema] = {
    "title": "Claims",
    "description": "Values that are this namespace's, by the selector of the server that finds them.",
    "type": "object",
    "additionalProperties": {
        "anyOf": [
            {"$ref": "#/$defs/claim"},
            {"type": "array", "items": {"$ref": "#/$defs/claim"}, "maxItems": 100},
        ]
    },
    "examples": [{"bearer": "token-of-alice", "header.x-device": ["d1", "d2"]}],
}
CLAIM: Final[Schema] = {
    "title": "Claim",
    "type": ["string", "number", "boolean"],
    "minLength": 1,
    "maxLength": 4096,
}
VERDICT_EFFECTS: Final[Schema] = {
    "description": "What problems of each kind do to the verdict.",
    "type": "object",
    "properties": {
        kind: {"enum": ["fail", "warn", "ignore"], "default": shipped}
        for kind, shipped in (
            ("unmatched", "fail"), ("errors", "fail"), ("unmet", "fail"), ("overrun", "fail"),
            ("unused", "warn"), ("sequence_left", "ignore"), ("ambiguous", "ignore"),
            ("late", "warn"),
        )
    },
    "additionalProperties": False,
}  # fmt: skip
SETTINGS: Final[Schema] = {
    "title": "Settings of a namespace",
    "type": "object",
    "properties": {
        "unmatched": {
            "anyOf": [{"$ref": "#/$defs/response"}, {"type": "null"}],
            "description": "The answer when no stub fits; by default a 404 that explains.",
        },
        "delay": {
            "$ref": "#/$defs/delay",
            "description": "The delay of every stub that has none of its own.",
        },
        "fault": {
            "$ref": "#/$defs/fault",
            "description": "What may befall the answers of every stub that does not say what may.",
        },
        "debug_headers": {
            "description": "Whether answers carry X-Mock-Namespace, X-Mock-Stub, X-Mock-Request.",
            "type": "boolean",
            "default": False,
        },
        "rewrite_location": {
            "description": "Whether Location and Content-Location that begin with one slash get the"
            " prefix by which the request named the namespace.",
            "type": "boolean",
            "default": True,
        },
        "seed": SEED,
        "redact": {
            "description": "Places in a request whose values no export shows.",
            "type": "array",
            "items": {"$ref": "#/$defs/request_value"},
        },
        "limits": {"$ref": "#/$defs/limits"},
        "verdict": VERDICT_EFFECTS,
        "behaviour": CHOSEN,
    },
    "additionalProperties": False,
}
LIMITS: Final[Schema] = {
    "title": "Limits of a namespace",
    "type": "object",
    "properties": {
        "requests": _count("Recorded requests (100,000); the oldest are dropped."),
        "bytes": _count("Bytes of recorded requests (100,000,000); the oldest are dropped."),
        "stubs": _count("Own stubs (20,000)."),
        "sequence_keys": _count("Cursors of sequences with `per` (10,000)."),
        "snapshots": _count("Snapshots (100)."),
        "waiters": _count("Verifications and finishes that wait (1,000)."),
        "events": _count("Events that are kept for readers (10,000); the oldest are dropped."),
        "subscribers": _count("Readers of its events (100)."),
        "held": _count("Answers that wait at gates (1,000)."),
        "callbacks": _count("Callbacks that are kept (10,000); the longest ended are dropped."),
        "callbacks_pending": _count("Callbacks that are under way (1,000)."),
    },
    "additionalProperties": False,
}  # fmt: skip
PORT: Final[Schema] = {
    "description": "A port of its own, on which every request is this namespace's; 0 takes a free one.",
    "type": ["integer", "null"],
    "minimum": 0,
    "maximum": 65535,
}
LEASE: Final[Schema] = {
    "$ref": "#/$defs/duration",
    "description": "How long the namespace lives without calls or traffic.",
}

CONFIG_PARTS: Final[dict[str, Schema]] = {
    "state": STATE,
    "labels": LABELS,
    "clock": CLOCK,
    "claim": CLAIM,
    "claims": CLAIMS,
    "settings": SETTINGS,
    "limits": LIMITS,
    "behaviour": BEHAVIOUR,
}

SET: Final[Schema] = {
    "title": "Set",
    "description": "A named layer of stubs, with the state and settings that come with it.",
    "type": "object",
    "properties": {
        "stubs": {"type": "array", "items": {"$ref": "#/$defs/stub"}},
        "state": {"$ref": "#/$defs/state"},
        "settings": {"$ref": "#/$defs/settings"},
    },
    "additionalProperties": False,
}
TAGS: Final[Schema] = {
    "description": "Tags of the test, with or without @; which rows of the table hold decides, and"
    " @mock.NAME asks for the set NAME.",
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 1000},
    "maxItems": 1000,
    "examples": [["@smoke", "@mock.payments-down"]],
}
TAG_ROW: Final[Schema] = {
    "title": "Row of the table of tags",
    "description": "What a test gets whose tags fit the expression; null: nothing.",
    "type": ["object", "null"],
    "properties": {
        "sets": SET_NAMES,
        "state": {"$ref": "#/$defs/state"},
        "settings": {"$ref": "#/$defs/settings"},
    },
    "additionalProperties": False,
}
TAG_TABLE: Final[Schema] = {
    "title": "Table of tags",
    "description": "Rows by their Cucumber tag expressions; those that hold apply in this order.",
    "type": "object",
    "propertyNames": {"type": "string", "minLength": 1, "maxLength": 1000},
    "additionalProperties": {"$ref": "#/$defs/tag_row"},
    "maxProperties": 5000,
    "examples": [{"@slow and not @smoke": {"settings": {"delay": "2s"}}}],
}
NAMESPACE_PROPERTIES: Final[dict[str, Schema]] = {
    "sets": SET_NAMES,
    "tags": TAGS,
    "stubs": {
        "description": "Stubs of its own.",
        "type": "array",
        "items": {"$ref": "#/$defs/stub"},
    },
    "state": {"$ref": "#/$defs/state"},
    "settings": {"$ref": "#/$defs/settings"},
    "seed": SEED,
    "labels": {"$ref": "#/$defs/labels"},
    "limits": {"$ref": "#/$defs/limits"},
    "lease": LEASE,
    "clock": {"$ref": "#/$defs/clock"},
    "port": PORT,
    "claims": {"$ref": "#/$defs/claims"},
}
PRESET: Final[Schema] = {
    "title": "Namespace of the config",
    "description": "A namespace that is there from the start.",
    "type": ["object", "null"],
    "properties": NAMESPACE_PROPERTIES,
    "additionalProperties": False,
}
SERVER_LIMITS: Final[Schema] = {
    "title": "Limits of the server",
    "type": "object",
    "properties": {
        "namespaces": _count("Live namespaces (10,000)."),
        "ports": _count("Namespaces with a port of their own (200)."),
        "body": _count("Bytes of a request's body (10,485,760)."),
        "head": _count("Bytes of a request's head (65,536)."),
        "connections": _count("Open connections (2,000)."),
        "inflight_bytes": _count("Bytes of bodies being read, together (268,435,456)."),
        "message": _count("Bytes of a message to a WebSocket (1,048,576)."),
        "ping_interval": _count("Seconds of silence after which a WebSocket is pinged (20)."),
        "ping_timeout": _count("Seconds after that ping until it is closed (60)."),
        "journal_bytes": _count("Bytes of all recorded requests together (1,073,741,824)."),
        "finished": _count("Finished namespaces that are remembered (1,000)."),
        "finished_events": _count("Events of finished namespaces, together (200,000)."),
        "orphans": _count("Requests to no live namespace that are remembered (1,000)."),
        "waiters": _count("Verifications and finishes that wait, in all namespaces (10,000)."),
        "events": _count("Events of the server that are kept for readers (10,000)."),
        "subscribers": _count("Readers of events, of all namespaces and the server (1,000)."),
        "callbacks": _count("Callbacks that are being sent at once (50)."),
    },
    "additionalProperties": False,
}
CORS: Final[Schema] = {
    "title": "CORS",
    "description": "Which web pages on other origins may call the mocks: true for all.",
    "anyOf": [
        {"type": ["boolean", "null"]},
        {
            "type": "object",
            "properties": {
                "origins": {
                    "description": "`*` alone for all; a host may begin with `*.`, a port be `*`.",
                    "type": "array",
                    "items": {"type": "string", "maxLength": 300},
                    "minItems": 1,
                    "maxItems": 100,
                    "default": ["*"],
                    "examples": [["https://shop.example", "http://localhost:*"]],
                },
                "credentials": {
                    "description": "Whether pages may send cookies.",
                    "type": "boolean",
                    "default": False,
                },
                "max_age": {
                    "description": "How long a browser may keep the answer to a preflight.",
                    "anyOf": [{"$ref": "#/$defs/duration"}, {"type": "null"}],
                },
            },
            "additionalProperties": False,
        },
    ],
    "default": False,
}
SERVER: Final[Schema] = {
    "title": "Server",
    "type": "object",
    "properties": {
        "on_missing": {
            "description": "What a request that names no namespace gets: `default`, or a refusal.",
            "enum": ["default", "reject"],
            "default": "default",
        },
        "seed": {**SEED, "default": 0},
        "path_prefix": {
            "description": "What stands before a namespace's name in a path; false turns it off.",
            "anyOf": [{"type": "string", "pattern": "^[^/?#%{} ]+$"}, {"const": False}],
            "default": "~",
        },
        "selectors": {
            "description": "Values of a request that tell whose it is, when neither path, header,"
            " baggage nor host does: by a namespace's claim, or its name. Asked in this order.",
            "type": "array",
            "items": {"$ref": "#/$defs/request_value"},
            "maxItems": 20,
            "uniqueItems": True,
            "examples": [["bearer", "header.x-tenant", "body.$.tenant"]],
        },
        "default_lease": LEASE,
        "public_url": {
            "description": "Where others reach the server; by default where it listens.",
            "type": ["string", "null"],
            "examples": ["https://mocks.example.org"],
        },
        "cors": {"$ref": "#/$defs/cors"},
        "egress": EGRESS,
        "limits": {"$ref": "#/$defs/server_limits"},
    },
    "additionalProperties": False,
}


CONFIG: Final[Schema] = {
    "type": "object",
    "properties": {
        "version": {"const": 1, "description": "The version of this format."},
        "settings": {"$ref": "#/$defs/settings"},
        "state": {"$ref": "#/$defs/state"},
        "stubs": {
            "description": "The base layer, seen by every namespace.",
            "type": "array",
            "items": {"$ref": "#/$defs/stub"},
        },
        "sets": {
            "description": "Named groups of stubs that a namespace may ask for.",
            "type": "object",
            "propertyNames": NAME,
            "additionalProperties": {"$ref": "#/$defs/set"},
        },
        "tags": {"$ref": "#/$defs/tag_table"},
        "namespaces": {
            "description": "Namespaces that are there from the start.",
            "type": "object",
            "propertyNames": NAME,
            "additionalProperties": {"$ref": "#/$defs/preset"},
        },
        "behaviours": BEHAVIOURS,
        "server": {"$ref": "#/$defs/server"},
    },
    "required": ["version"],
    "additionalProperties": False,
}


def definitions() -> dict[str, Schema]:
    """Return every schema that others refer to, by name."""
    return {
        **STUB_DEFINITIONS,
        **CONFIG_PARTS,
        "set": SET,
        "tag_row": TAG_ROW,
        "tag_table": TAG_TABLE,
        "preset": PRESET,
        "server_limits": SERVER_LIMITS,
        "cors": CORS,
        "server": SERVER,
    }


INCLUDE: Final[Schema] = {
    "description": "Files, folders and patterns that come before this file.",
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "examples": [["shared/*.yaml"]],
}


def config_schema() -> Schema:
    """Return the JSON Schema of a config file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:pymockapi:config:1",
        "title": "PyMockAPI config file",
        **CONFIG,
        "properties": {**CONFIG["properties"], "include": INCLUDE},
        "$defs": definitions(),
    }
