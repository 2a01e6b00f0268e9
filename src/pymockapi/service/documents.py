"""The JSON forms of what the control API answers; ``docs/control-api.md`` shows each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from pymockapi.engine.sequences import step_at, total_requests
from pymockapi.model.clock import instant_text
from pymockapi.model.exchange import Exchange
from pymockapi.model.plan import Candidate, Explanation
from pymockapi.model.request import NOT_JSON, printable, read_json
from pymockapi.model.stub import Stub
from pymockapi.store.cells import Cell
from pymockapi.store.lives import Ended, Orphan
from pymockapi.store.namespace import Namespace, Snapshot
from pymockapi.store.selecting import correlation

Document = dict[str, Any]


def namespace_document(space: Namespace, base_url: str, prefix: str | None) -> Document:
    """``prefix`` is what stands before a name in a path; ``None`` when that selector is off."""
    path = f"/{prefix}{space.name}" if prefix is not None else ""
    journal = space.journal
    return {
        "name": space.name,
        "id": space.id,
        "base_url": base_url + path,
        "path": path,
        "headers": {"X-Mock-Namespace": space.name},
        "version": space.version,
        "seed": space.seed,
        "labels": dict(space.spec.labels),
        "clock": space.clock.to_json(space.real_ns()),
        "settings": dict(space.settings_given),
        "limits": limits_document(space),
        "state": space.state,
        "lease_s": space.lease_s,
        "created_at": instant_text(space.created_at),
        "counts": {
            "stubs": space.count_stubs(),
            "requests": journal.last,
            "recorded": journal.kept,
            "evicted": journal.evicted,
            "bytes": journal.bytes,
            "snapshots": len(space.snapshots),
        },
        "applied": applied_document(space),
    }


def limits_document(space: Namespace) -> dict[str, int]:
    limits = space.settings.limits
    return {name: getattr(limits, name) for name in limits.__struct_fields__}


def applied_document(space: Namespace) -> Document:
    return {
        "layers": [name for name, _ in space.all_layers],
        "replaced": [
            {"stub": each.stub, "layer": each.layer, "by": each.by} for each in space.replaced()
        ],
        "hidden": sorted(space.hidden),
    }


def stub_document(space: Namespace, layer: str, stub: Stub) -> Document:
    cell = space.cells.get(stub.name)
    return {
        "name": stub.name,
        "layer": layer,
        "priority": stub.priority,
        "hits": cell.hits if cell else 0,
        "spent": cell.is_spent if cell else False,
        "definition": stub.definition,
    }


def sequence_document(stub: Stub, cell: Cell | None) -> Document:
    cursors = dict(cell.cursors) if cell else {}
    if stub.per is None:
        cursors = {None: cursors.get(None, 0)}
    return {
        "stub": stub.name,
        "steps": len(stub.steps),
        "total": total_requests(stub),
        "after_last": stub.after_last.value,
        "per": stub.per.notation if stub.per else None,
        "cursors": [_cursor(stub, key, position) for key, position in cursors.items()],
    }


def _cursor(stub: Stub, key: str | None, position: int) -> Document:
    step = step_at(stub, position)
    key = None if key is None else printable(key)
    return {"key": key, "position": position, "step": None if step is None else step + 1}


def snapshot_document(kept: Snapshot) -> Document:
    return {"id": kept.id, "at": instant_text(kept.at), "version": kept.version}


def orphan_document(orphan: Orphan) -> Document:
    owner = orphan.owner
    return {
        "at": instant_text(orphan.at),
        "namespace": printable(orphan.namespace),
        "selector": orphan.selector,
        "method": orphan.method,
        "target": printable(orphan.target),
        "client": orphan.client,
        "code": orphan.code,
        "last_owner": owner
        and {"id": owner.id, "labels": dict(owner.labels), "status": owner.status},
    }


def ended_document(ended: Ended) -> Document:
    return {
        "name": ended.name,
        "id": ended.id,
        "status": ended.status,
        "reason": ended.reason,
        "finished_at": instant_text(ended.at),
        "requests": ended.numbers,
        "in_flight": [exchange_document(entry, {}) for entry in ended.in_flight],
        "late": [orphan_document(orphan) for orphan in ended.late],
    }


def exchange_document(entry: Exchange, params: Mapping[str, str]) -> Document:
    """``params`` are the captures of the path template of the stub that answered."""
    request = entry.request()
    return {
        "number": entry.number,
        "at": instant_text(entry.at),
        "mock_at": instant_text(entry.mock_at),
        "phase": entry.phase.value,
        "client": entry.client,
        "method": printable(entry.method),
        "target": printable(entry.target),
        "path": printable(entry.path),
        "query": {
            printable(name): [printable(value) for value in values]
            for name, values in request.query.items()
        },
        "headers": [list(pair) for pair in request.headers],
        "trailers": [list(pair) for pair in split_trailers(entry.trailers)],
        "body": body_document(entry.body),
        "correlation": correlation(entry),
        "selector": entry.selector,
        "conflict": None if entry.conflict is None else printable(entry.conflict),
        "stub": entry.stub,
        "step": entry.step or None,
        "hit": entry.hit or None,
        "params": {name: printable(value) for name, value in params.items()},
        "error": entry.error,
        "response": _response(entry),
        "timings": {"total_ms": round(entry.took_ns / 1e6, 3)},
    }


def split_trailers(raw: bytes) -> list[tuple[str, str]]:
    lines = (line.partition(b":") for line in raw.split(b"\r\n") if b":" in line)
    return [
        (name.decode("latin-1"), value.strip(b" \t").decode("latin-1")) for name, _, value in lines
    ]


def body_document(body: bytes) -> Document:
    """A body as ``text`` (UTF-8) or ``base64``, its length, and as ``json`` when it reads as such."""
    if not body:
        return {"size": 0}
    document: Document = {"size": len(body)}
    try:
        document["text"] = body.decode()
    except UnicodeDecodeError:
        document["base64"] = base64.b64encode(body).decode()
        document["sha256"] = hashlib.sha256(body).hexdigest()
        return document
    value = read_json(body)
    if value is not NOT_JSON:
        document["json"] = value
    return document


def _response(entry: Exchange) -> Document | None:
    response = entry.response
    if response is None:
        return None
    return {
        "status": response.status,
        "headers": [list(pair) for pair in response.headers],
        "body": body_document(response.body),
        "sent_bytes": entry.sent,
    }


def explanation_document(
    explanation: Explanation, request: str, step: int | None, *, complete: bool
) -> Document:
    return {
        "matched": explanation.matched,
        "stub": explanation.stub,
        "step": step,
        "request": printable(request),
        "error": explanation.error,
        "complete": complete,
        "candidates": [candidate_document(each) for each in explanation.candidates],
        "omitted": explanation.omitted,
    }


def candidate_document(candidate: Candidate) -> Document:
    return {
        "stub": candidate.stub,
        "request": candidate.summary,
        "layer": candidate.layer,
        "priority": candidate.priority,
        "fits": candidate.fits,
        "available": candidate.available,
        "reason": candidate.reason,
        "differences": [each.to_json() for each in candidate.differences],
    }
