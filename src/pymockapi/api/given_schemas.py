"""JSON Schemas of what control calls answer. They are open: answers may grow.

They follow ``docs/control-api.md``. Standard library only.
"""

from __future__ import annotations

from typing import Final

from pymockapi.api.callback_schemas import CALLBACKS_GIVEN
from pymockapi.api.config_schemas import CONFIG_GIVEN, TAGGING
from pymockapi.api.fault_schemas import FAULTS
from pymockapi.api.schema_terms import (
    COUNT,
    PHASE,
    TEXT,
    TEXTS,
    list_of,
    ref_to,
)
from pymockapi.api.schemas import PORT
from pymockapi.api.stub_schemas import NAME, Schema
from pymockapi.api.verify_schemas import NEAREST, VERIFIED


def _answers(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_MAYBE_COUNT: Final[Schema] = {"type": ["integer", "null"]}
_FLAG: Final[Schema] = {"type": "boolean"}
_OBJECT: Final[Schema] = {"type": "object"}
_PAIRS: Final[Schema] = {
    "type": "array",
    "items": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
}

_BODY_SHOWN: Final[Schema] = {
    "type": "object",
    "properties": {
        "size": COUNT,
        "text": TEXT,
        "json": {},
        "base64": TEXT,
        "sha256": TEXT,
        "encoding": TEXT,
        "encoded": {"type": "object", "properties": {"size": COUNT, "sha256": TEXT}},
        "problem": TEXT,
    },
    "required": ["size"],
}
_BUNDLE_STUBS: Final[Schema] = {
    "type": "array",
    "items": {"type": ["object", "string"], "description": "A name: as in the bundle's `layers`."},
}
_BUNDLE_LAYERS: Final[Schema] = {
    "type": "array",
    "items": _answers(name=TEXT, stubs=_BUNDLE_STUBS),
}
_BUNDLE_COUNTERS: Final[Schema] = {
    "type": "array",
    "items": _answers(
        stub=TEXT,
        hits=COUNT,
        cursors={"type": "array", "items": _answers(key=_MAYBE_TEXT, position=COUNT)},
    ),
}
_GATE: Final[dict[str, Schema]] = {
    "gate": NAME, "open": _FLAG, "permits": COUNT, "waiting": COUNT,
    "requests": {"type": "array", "items": COUNT},
}  # fmt: skip
_DIFFERENCE: Final = _answers(field=TEXT, expected=TEXT, actual=TEXT)

GIVEN: Final[dict[str, Schema]] = {
    "problem": {
        "title": "Problem",
        "description": "An RFC 9457 problem document with every error at once.",
        **_answers(
            type={"type": "string", "pattern": "^urn:pymockapi:error:[a-z-]+$"},
            title=TEXT,
            status={"type": "integer"},
            detail=TEXT,
            errors={"type": "array", "items": _answers(pointer=TEXT, message=TEXT)},
            suggestions=TEXTS,
        ),
    },
    "health": _answers(status=TEXT),
    "versions": _answers(version=TEXT, api=TEXT, python=TEXT),
    "document": _OBJECT,
    **CONFIG_GIVEN,
    "orphan": _answers(
        at=TEXT, namespace=_MAYBE_TEXT, selector=_MAYBE_TEXT, method=TEXT, target=TEXT,
        client=TEXT, code=TEXT, correlation=_OBJECT, last_owner={"type": ["object", "null"]},
    ),
    "orphans": _answers(orphans=list_of("orphan"), total=COUNT),
    "namespace": _answers(
        name=NAME, id=TEXT, base_url=TEXT, port=PORT, tls_url=_MAYBE_TEXT, path=_MAYBE_TEXT,
        headers=_OBJECT, claims={"type": "object", "additionalProperties": TEXTS}, version=COUNT,
        config_version=COUNT,
        seed={"type": "integer"}, labels=_OBJECT, clock=ref_to("clock_reading"), settings=_OBJECT,
        limits=_OBJECT, state=_OBJECT, lease_s={"type": ["number", "null"]}, created_at=TEXT,
        finished={
            "type": ["object", "null"],
            "properties": {"reason": TEXT, "status": _MAYBE_TEXT, "at": TEXT, "passed": _FLAG},
        },
        counts=_answers(stubs=COUNT, requests=COUNT, recorded=COUNT, evicted=COUNT,
                        bytes=COUNT, snapshots=COUNT),
        applied=_answers(
            layers=TEXTS,
            replaced={"type": "array", "items": _answers(stub=TEXT, layer=TEXT, by=TEXT)},
            hidden=TEXTS,
            shadowed={
                "type": "array",
                "items": _answers(
                    stub=TEXT, layer=TEXT, by=_answers(stub=TEXT, layer=TEXT)
                ),
            },
            **TAGGING,
        ),
    ),
    "namespaces": _answers(namespaces=list_of("namespace")),
    "finished": _answers(
        name=NAME, id=TEXT, status=_MAYBE_TEXT, reason=TEXT, finished_at=TEXT,
        requests=COUNT, in_flight={"type": "array"}, late=list_of("orphan"), late_total=COUNT, cut_short=_MAYBE_TEXT, verdict=ref_to("verdict"),
    ),
    "verdict": _answers(
        passed=_FLAG, complete=_FLAG, report=TEXT,
        problems={
            "type": "array",
            "items": _answers(
                kind=TEXT, effect={"enum": ["fail", "warn"]}, count=COUNT,
                requests={
                    "type": "array",
                    "items": _answers(number=_MAYBE_COUNT, request=TEXT, code=TEXT,
                                      detail=_MAYBE_TEXT),
                },
                stubs={
                    "type": "array",
                    "items": _answers(
                        stub=NAME, layer=TEXT, request=TEXT,
                        expected={
                            "type": ["object", "null"],
                            "properties": {"at_least": COUNT, "at_most": _MAYBE_COUNT},
                        },
                        actual=COUNT, requests={"type": "array", "items": COUNT},
                        detail=_MAYBE_TEXT, nearest={"type": "array", "items": NEAREST},
                    ),
                },
            ),
        },
    ),
    "bundle": {
        **_answers(
            format={"const": "pymockapi-bundle"}, version={"const": 1}, made_at=TEXT,
            versions=_OBJECT, redacted=_FLAG, namespace=NAME, id=TEXT, labels=_OBJECT,
            seed={"type": "integer"}, clock=ref_to("clock_reading"), created_at=TEXT,
            finished={"type": ["object", "null"]}, verdict=ref_to("verdict"),
            verifications={
                "type": "array",
                "items": _answers(
                    at=TEXT, took_ms={"type": "number"}, times=COUNT, passed=_FLAG, complete=_FLAG,
                    reason=_MAYBE_TEXT, after=COUNT, until=COUNT, order=_MAYBE_TEXT, diverged=_MAYBE_TEXT,
                    unexpected=_MAYBE_COUNT, report=TEXT,
                    results={
                        "type": "array",
                        "items": _answers(
                            id=TEXT, what=TEXT, passed=_FLAG,
                            expected=_answers(at_least=COUNT, at_most=_MAYBE_COUNT),
                            actual=COUNT, dropped=COUNT, out_of_order=COUNT,
                        ),
                    },
                ),
            },
            verifications_dropped=COUNT,
            effects={"type": "object", "additionalProperties": {"enum": ["fail", "warn", "ignore"]}},
            expectations={
                "type": "array",
                "items": _answers(
                    stub=TEXT, layer=TEXT, request=TEXT, actual=COUNT, passed=_FLAG,
                    expected=_answers(at_least=COUNT, at_most=_MAYBE_COUNT),
                ),
            }, settings=_OBJECT,
            limits=_OBJECT, state=_OBJECT, applied=_OBJECT, late=list_of("orphan"),
            late_total=COUNT, in_flight={"type": "array", "items": COUNT}, total=COUNT,
            callbacks=list_of("callback_record"), callbacks_evicted=COUNT,
            evicted=COUNT,
            layers={"type": "array", "items": _answers(name=TEXT, stubs={"type": "array"})},
            sequences={"type": "array"}, start=ref_to("bundle_start"),
            changes=list_of("bundle_change"), requests=list_of("entry"),
        ),
        "description": "As `format=json`.",
    },
    "bundle_start": {
        **_answers(
            number=COUNT, complete=_FLAG, seed={"type": "integer"}, layers=_BUNDLE_LAYERS,
            hidden=TEXTS, state=_OBJECT, settings=_OBJECT, counters=_BUNDLE_COUNTERS,
        ),
        "description": "What the first recorded request met.",
    },
    "bundle_change": {
        "type": "object",
        "properties": {
            "after": COUNT,
            "layers": _BUNDLE_LAYERS,
            "own": _BUNDLE_STUBS,
            "defined": _BUNDLE_STUBS,
            "removed": TEXTS,
            "hidden": TEXTS,
            "state": _OBJECT,
            "settings": _OBJECT,
            "counters": _BUNDLE_COUNTERS,
        },
        "required": ["after"],
        "description": "What control calls left after that request, before the next.",
    },
    "har": {**_answers(log=_OBJECT), "description": "As `format=har`: a HAR 1.2 log."},
    "evidence": {"anyOf": [ref_to("bundle"), ref_to("har")]},
    "scope": _answers(id=TEXT, name=_MAYBE_TEXT, at=TEXT, after=COUNT, depth=COUNT),
    "scopes": _answers(scopes=list_of("scope")),
    "closed_scope": _answers(
        id=TEXT, name=_MAYBE_TEXT, after=COUNT, until=COUNT, closed=TEXTS,
        verdict=ref_to("verdict"),
    ),
    "snapshot": _answers(id=TEXT, at=TEXT, version=COUNT),
    "snapshots": _answers(snapshots=list_of("snapshot")),
    "stub_in_force": _answers(
        name=NAME, layer=TEXT, priority=COUNT, hits=COUNT, spent=_FLAG, definition=ref_to("stub")
    ),
    "stubs": _answers(stubs=list_of("stub_in_force")),
    "defined_stubs": _answers(stubs=list_of("stub_in_force"), version=COUNT),
    "batch_result": _answers(
        version=COUNT, stubs=list_of("stub_in_force"), namespace=ref_to("namespace")
    ),
    "sequence": _answers(
        stub=NAME, steps=COUNT, total=_MAYBE_COUNT, after_last=TEXT, per=_MAYBE_TEXT,
        cursors={
            "type": "array",
            "items": _answers(key=_MAYBE_TEXT, position=COUNT, step=_MAYBE_COUNT),
        },
    ),
    "sequences": _answers(sequences=list_of("sequence")),
    "gate": {
        **_answers(**_GATE),
        "description": "With `passed` and `reason` where it was waited for.",
    },
    "gates": _answers(gates=list_of("gate")),
    "released": _answers(**_GATE, released={"type": "array", "items": COUNT}, count=COUNT),
    **CALLBACKS_GIVEN,
    "clock_reading": {
        "type": "object",
        "properties": {
            "mode": {"enum": ["real", "frozen"]},
            "now": TEXT,
            "offset_s": {"type": "number"},
        },
        "required": ["mode", "now"],
    },
    "entry": {"description": "With `behaviour` where one answered instead of a stub.", **_answers(
        number=COUNT, at=TEXT, mock_at=TEXT, phase=PHASE, client=TEXT, scheme=TEXT, method=TEXT,
        target=TEXT, path=TEXT, query=_OBJECT, headers=_PAIRS, trailers=_PAIRS,
        body=_BODY_SHOWN, correlation=_OBJECT, selector=_MAYBE_TEXT, conflict=_MAYBE_TEXT,
        stub=_MAYBE_TEXT, step=_MAYBE_COUNT, hit=_MAYBE_COUNT, params=_OBJECT, error=_MAYBE_TEXT,
        response={
            "type": ["object", "null"],
            "properties": {"status": {"type": "integer"}, "headers": _PAIRS, "body": _BODY_SHOWN,
                           "sent_bytes": COUNT, "fault": {"enum": list(FAULTS)}},
        },
        timings=_OBJECT,
    )},
    "entries": _answers(
        requests=list_of("entry"), next=_MAYBE_COUNT, total=COUNT, evicted=COUNT
    ),
    "found_requests": _answers(
        requests={
            "type": "array",
            "items": {
                "allOf": [
                    ref_to("entry"),
                    _answers(namespace=NAME, id=TEXT, labels=_OBJECT, finished=_FLAG),
                ],
            },
        },
        total=COUNT, orphans=list_of("orphan"),
    ),
    "request_total": _answers(count=COUNT, complete=_FLAG),
    "verified": VERIFIED,
    "explanation": {"description": "With `behaviour` where one answered instead of a stub.", **_answers(
        matched=_FLAG, stub=_MAYBE_TEXT, step=_MAYBE_COUNT, request=TEXT, error=_MAYBE_TEXT,
        complete=_FLAG,
        candidates={
            "type": "array",
            "items": _answers(
                stub=TEXT, request=TEXT, layer=TEXT, priority=COUNT, fits=_FLAG, available=_FLAG,
                reason=_MAYBE_TEXT, differences={"type": "array", "items": _DIFFERENCE},
            ),
        },
        omitted=COUNT,
    )},
}  # fmt: skip
