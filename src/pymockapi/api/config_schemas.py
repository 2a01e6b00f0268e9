"""JSON Schemas of what calls about the config answer. Standard library only."""

from __future__ import annotations

from typing import Final

from pymockapi.api.stub_schemas import NAME, Schema

_TEXT: Final[Schema] = {"type": "string"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_PLACE: Final[Schema] = {"type": ["integer", "null"], "minimum": 1}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_OBJECT: Final[Schema] = {"type": "object"}


def _answers(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_SET: Final[dict[str, Schema]] = {
    "name": NAME,
    "stubs": _TEXTS,
    "state": _OBJECT,
    "settings": _OBJECT,
}
_REPLACED: Final[dict[str, Schema]] = {
    "version": _COUNT,
    "created": {
        **_TEXTS,
        "description": "Namespaces that the config names and that were not there.",
    },
    "followed": {**_TEXTS, "description": "Namespaces that had another version of the config."},
    "dropped_sets": {
        "description": "By namespace: sets chosen there by a control write that are no more.",
        "type": "object",
        "additionalProperties": _TEXTS,
    },
    "needs_restart": {**_TEXTS, "description": "What of `server` holds from the next start only."},
}
TAGGING: Final[dict[str, Schema]] = {
    "tags": {**_TEXTS, "description": "Those given, each once, with @."},
    "rows": {**_TEXTS, "description": "The expressions that hold, in the table's order."},
    "sets": {
        "description": "The sets in force, each with what asked for it: a row's expression, a tag,"
        " or `sets`; nothing for one that was put in force later.",
        "type": "array",
        "items": _answers(set=NAME, **{"from": _TEXTS}),
    },
    "overridden": {
        "description": "Values of state and settings that a later one replaced: each is of"
        " `config`, `set:NAME`, a row's expression, or `namespace`.",
        "type": "array",
        "items": _answers(pointer=_TEXT, by=_TEXT, **{"from": _TEXT}),
    },
    "ignored": {**_TEXTS, "description": "Tags that no row mentions and that name no set."},
}
_ERROR: Final = _answers(
    file=_MAYBE_TEXT, line=_MAYBE_PLACE, column=_MAYBE_PLACE, pointer=_TEXT, message=_TEXT
)
CONFIG_GIVEN: Final[dict[str, Schema]] = {
    "config_in_force": _answers(
        version=_COUNT,
        by={"enum": ["files", "api", None]},
        at=_MAYBE_TEXT,
        files=_TEXTS,
        watched={"type": "boolean"},
        needs_restart=_TEXTS,
        last_error={
            "description": "Why the files as they are now are not in force.",
            "anyOf": [
                {"type": "null"},
                _answers(at=_TEXT, count=_COUNT, errors={"type": "array", "items": _ERROR}),
            ],
        },
        document={"$ref": "#/$defs/config"},
    ),
    "replaced_config": _answers(**_REPLACED),
    "set_of_config": _answers(**_SET),
    "replaced_set": _answers(**_SET, **_REPLACED),
    "tags_in_force": _answers(
        version=_COUNT,
        mentions={**_TEXTS, "description": "The tags that the expressions mention."},
        tags={"$ref": "#/$defs/tag_table"},
    ),
    "resolved_tags": _answers(
        config_version=_COUNT,
        layers=_TEXTS,
        replaced={
            "type": "array",
            "items": _answers(stub=_TEXT, layer=_TEXT, by=_TEXT),
        },
        **TAGGING,
        settings=_OBJECT,
        state=_OBJECT,
        errors={
            "description": "Why no namespace with these tags and sets can be made.",
            "type": "array",
            "items": _answers(pointer=_TEXT, message=_TEXT),
        },
    ),
    "sets": _answers(sets={"type": "array", "items": {"$ref": "#/$defs/set_of_config"}}),
}
