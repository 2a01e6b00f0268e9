"""What the JSON Schemas of control calls are written with. Standard library only."""

from __future__ import annotations

from typing import Final

from pymockapi.api.stub_schemas import Schema
from pymockapi.api.verify_schemas import PHASES


def ref_to(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def list_of(name: str) -> Schema:
    return {"type": "array", "items": ref_to(name)}


TEXT: Final[Schema] = {"type": "string"}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
PHASE: Final[Schema] = {"enum": list(PHASES)}
PAGE: Final[dict[str, Schema]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    "order": {"enum": ["asc", "desc"], "default": "asc"},
}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
AFTER: Final[Schema] = {**COUNT, "description": "Only requests with a higher number."}
