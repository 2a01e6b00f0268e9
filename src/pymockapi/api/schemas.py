"""JSON Schemas (2020-12) of settings, limits, namespaces and config files.

References point to ``#/$defs``; ``openapi`` turns them to its own place. Standard library only.
"""

from __future__ import annotations

from typing import Final

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
SETTINGS: Final[Schema] = {
    "title": "Settings of a namespace",
    "type": "object",
    "properties": {
        "unmatched": {
            "anyOf": [{"$ref": "#/$defs/response"}, {"type": "null"}],
            "description": "The answer when no stub fits; by default a 404 that explains.",
        },
        "delay": {
            "$ref": "#/$defs/duration",
            "description": "The delay of every stub that has none of its own.",
        },
        "debug_headers": {
            "description": "Whether answers carry X-Mock-Namespace, X-Mock-Stub, X-Mock-Request.",
            "type": "boolean",
            "default": False,
        },
        "seed": SEED,
        "limits": {"$ref": "#/$defs/limits"},
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
    },
    "additionalProperties": False,
}  # fmt: skip
LEASE: Final[Schema] = {
    "$ref": "#/$defs/duration",
    "description": "How long the namespace lives without calls or traffic.",
}

CONFIG_PARTS: Final[dict[str, Schema]] = {
    "state": STATE,
    "labels": LABELS,
    "clock": CLOCK,
    "settings": SETTINGS,
    "limits": LIMITS,
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
NAMESPACE_PROPERTIES: Final[dict[str, Schema]] = {
    "sets": SET_NAMES,
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
        "body": _count("Bytes of a request's body (10,485,760)."),
        "head": _count("Bytes of a request's head (65,536)."),
        "connections": _count("Open connections (2,000)."),
        "inflight_bytes": _count("Bytes of bodies being read, together (268,435,456)."),
        "finished": _count("Finished namespaces that are remembered (1,000)."),
        "orphans": _count("Requests to no live namespace that are remembered (1,000)."),
    },
    "additionalProperties": False,
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
        "default_lease": LEASE,
        "limits": {"$ref": "#/$defs/server_limits"},
    },
    "additionalProperties": False,
}


def definitions() -> dict[str, Schema]:
    """Return every schema that others refer to, by name."""
    return {
        **STUB_DEFINITIONS,
        **CONFIG_PARTS,
        "set": SET,
        "preset": PRESET,
        "server_limits": SERVER_LIMITS,
        "server": SERVER,
    }


def config_schema() -> Schema:
    """Return the JSON Schema of a config file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:pymockapi:config:1",
        "title": "PyMockAPI config file",
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
            "namespaces": {
                "description": "Namespaces that are there from the start.",
                "type": "object",
                "propertyNames": NAME,
                "additionalProperties": {"$ref": "#/$defs/preset"},
            },
            "server": {"$ref": "#/$defs/server"},
        },
        "required": ["version"],
        "additionalProperties": False,
        "$defs": definitions(),
    }
