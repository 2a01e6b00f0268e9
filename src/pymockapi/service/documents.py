"""The JSON forms of what the control API answers; ``docs/control-api.md`` shows each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pymockapi.engine.configuration import Replacement, StubSet
from pymockapi.engine.sequences import step_at, total_requests
from pymockapi.engine.shadows import Shadow
from pymockapi.model.clock import instant_text
from pymockapi.model.codings import read_codings
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.exchange import MAX_SHOWN_BYTES, MAX_SHOWN_JSON, Exchange
from pymockapi.model.json_reading import NOT_JSON, shown_json
from pymockapi.model.plan import Candidate, Explanation
from pymockapi.model.request import Request, printable
from pymockapi.model.slices import in_slices
from pymockapi.model.stub import Stub
from pymockapi.model.tagging import Applied
from pymockapi.service.listing import Pause, documents
from pymockapi.store.cells import Cell
from pymockapi.store.lives import Ended, Orphan
from pymockapi.store.namespace import Namespace
from pymockapi.store.overlaps import replaced, shadowed
from pymockapi.store.selecting import correlation
from pymockapi.store.snapshot import Snapshot
from pymockapi.store.verified import Verified

Document = dict[str, Any]


def ways_document(
    space: Namespace, base_url: str, tls_url: str | None, prefix: str | None, own_url: str | None
) -> Document:
    """Tell how requests come to a namespace.

    ``prefix`` is what stands before a name in a path; ``None`` when that selector is off.
    ``own_url`` is where its own port is, if it has one and lives.
    """
    path = f"/{prefix}{space.name}" if prefix is not None else ""
    return {
        "base_url": own_url or base_url + path,
        "port": None if own_url is None else space.spec.port,
        "tls_url": None if tls_url is None else tls_url + path,
        "path": path,
        "headers": {"X-Mock-Namespace": space.name},
    }


def namespace_document(
    space: Namespace, ways: Document, finished: Document | None = None
) -> Document:
    """Return the document; ``finished`` is how it ended, if it has."""
    journal = space.journal
    return {
        "name": space.name,
        "id": space.id,
        **ways,
        "claims": {name: list(values) for name, values in space.spec.claims.items()},
        "version": space.version,
        "config_version": space.configuration.version,
        "seed": space.seed,
        "labels": dict(space.spec.labels),
        "clock": space.clock.to_json(space.real_ns()),
        "settings": dict(space.settings_given),
        "limits": limits_document(space),
        "state": space.state,
        "lease_s": space.lease_s,
        "created_at": instant_text(space.created_at),
        "finished": finished,
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


def end_document(ended: Ended, *, passed: bool) -> Document:
    return {
        "reason": ended.reason,
        "status": ended.status,
        "at": instant_text(ended.at),
        "passed": passed,
    }


def limits_document(space: Namespace) -> dict[str, int]:
    limits = space.settings.limits
    return {name: getattr(limits, name) for name in limits.__struct_fields__}


def applied_document(space: Namespace) -> Document:
    return {
        "layers": [name for name, _ in space.all_layers],
        "replaced": [replaced_document(each) for each in replaced(space)],
        "hidden": sorted(space.hidden),
        **tagging_document(space.spec.applied, space.sets),
    }


def replaced_document(each: Replacement) -> Document:
    return {"stub": each.stub, "layer": each.layer, "by": each.by}


def tagging_document(applied: Applied, in_force: Sequence[str]) -> Document:
    """Tell what tags and names brought; of the sets ``in_force``, what had asked for each."""
    sources = dict(applied.sets)
    return {
        "tags": list(applied.tags),
        "rows": list(applied.rows),
        "sets": [{"set": name, "from": list(sources.get(name, ()))} for name in in_force],
        "overridden": [
            {"pointer": each.pointer, "from": each.source, "by": each.by}
            for each in applied.overridden
        ],
        "ignored": list(applied.ignored),
    }


async def tell_shadowed(applied: Document, space: Namespace, pause: Pause) -> None:
    """Add to ``applied``, made in this turn, the stubs that never answer; other traffic goes on."""
    found = await in_slices(shadowed(space), pause)
    applied["shadowed"] = await documents(found, shadow_document, pause)


def shadow_document(shadow: Shadow) -> Document:
    by = {"stub": shadow.by, "layer": shadow.by_layer}
    return {"stub": shadow.stub, "layer": shadow.layer, "by": by}


def set_document(each: StubSet) -> Document:
    return {
        "name": each.name,
        "stubs": list(each.layer.by_name),
        "state": dict(each.state),
        "settings": dict(each.settings),
    }


def stub_document(space: Namespace, layer: str, stub: Stub) -> Document:
    return counted_stub_document(layer, stub, space.cells.get(stub.name))


def counted_stub_document(layer: str, stub: Stub, cell: Cell | None) -> Document:
    return {
        "name": stub.name,
        "layer": layer,
        "priority": stub.priority,
        "hits": cell.hits if cell else 0,
        "spent": cell.is_spent if cell else False,
        "definition": stub.definition,
    }


def cursors_of(stub: Stub, cell: Cell | None) -> list[tuple[str | None, int]]:
    cursors = cell.cursors if cell else {}
    if not stub.is_sequence:
        return []
    return list(cursors.items()) if stub.per is not None else [(None, cursors.get(None, 0))]


def sequence_document(stub: Stub, cell: Cell | None) -> Document:
    return sequence_with(stub, [cursor_document(stub, *each) for each in cursors_of(stub, cell)])


def sequence_with(stub: Stub, cursors: list[Any]) -> Document:
    """``cursors`` are documents already, of ``cursor_document``."""
    return {
        "stub": stub.name,
        "steps": len(stub.steps),
        "total": total_requests(stub),
        "after_last": stub.after_last.value,
        "per": stub.per.notation if stub.per else None,
        "cursors": cursors,
    }


def cursor_document(stub: Stub, key: str | None, position: int) -> Document:
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
        "correlation": dict(orphan.ids),
        "last_owner": owner
        and {"id": owner.id, "labels": dict(owner.labels), "status": owner.status},
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
        "scheme": entry.scheme,
        "method": printable(entry.method),
        "target": printable(entry.target),
        "path": printable(entry.path),
        "query": {
            printable(name): [printable(value) for value in values]
            for name, values in request.query.items()
        },
        "headers": [list(pair) for pair in request.headers],
        "trailers": [list(pair) for pair in split_trailers(entry.trailers)],
        "body": _request_body(request),
        "correlation": correlation(entry),
        "selector": entry.selector,
        "conflict": None if entry.conflict is None else printable(entry.conflict),
        "stub": entry.stub,
        "step": entry.step or None,
        "hit": entry.hit or None,
        "params": {name: printable(value) for name, value in params.items()},
        "error": entry.error,
        "response": _response(entry),
        "timings": _timings(entry),
        **behaviour_fact(entry.behaviour),
    }


def behaviour_fact(name: str | None) -> Document:
    """Return what is told of a request that a behaviour answered; nothing of others."""
    return {} if name is None else {"behaviour": name}


def _timings(entry: Exchange) -> Document:
    timings = {"total_ms": round(entry.took_ns / 1e6, 3)}
    if entry.response is not None and entry.response.delay_s:
        timings["delay_ms"] = round(entry.response.delay_s * 1e3, 3)
    return timings


def split_trailers(raw: bytes) -> list[tuple[str, str]]:
    lines = (line.partition(b":") for line in raw.split(b"\r\n") if b":" in line)
    return [
        (name.decode("latin-1"), value.strip(b" \t").decode("latin-1")) for name, _, value in lines
    ]


def _request_body(request: Request) -> Document:
    """The body without its content codings, which ``encoding`` names, and ``encoded`` as it came.

    ``problem`` says why they could not be undone; the rest then tells of the body as it came.
    """
    codings = read_codings(request.header("content-encoding")) if request.body else []
    if not codings:
        return body_document(request.body)
    encoding = ", ".join(codings)
    try:
        content, problem = request.content, request.undecoded
    except ExpressionLimit as limit:
        content, problem = request.body, str(limit)
    document = {**body_document(content), "encoding": encoding}
    if problem:
        return {**document, "problem": problem}
    digest = hashlib.sha256(request.body).hexdigest()
    return {**document, "encoded": {"size": len(request.body), "sha256": digest}}


def body_document(body: bytes) -> Document:
    """A body as ``text`` (UTF-8) or ``base64``, its length, and as ``json`` when it reads as such.

    Of a large one only its length and hash: showing 10 MiB would take 50 ms.
    """
    if not body:
        return {"size": 0}
    document: Document = {"size": len(body)}
    if len(body) > MAX_SHOWN_BYTES:
        document["sha256"] = hashlib.sha256(body).hexdigest()
        return document
    try:
        document["text"] = body.decode()
    except UnicodeDecodeError:
        document["base64"] = base64.b64encode(body).decode()
        document["sha256"] = hashlib.sha256(body).hexdigest()
        return document
    value = shown_json(body) if len(body) <= MAX_SHOWN_JSON else NOT_JSON
    if value is not NOT_JSON:
        document["json"] = value
    return document


def _response(entry: Exchange) -> Document | None:
    response = entry.response
    if response is None:
        return None
    document: Document = {
        "status": response.status,
        "headers": [list(pair) for pair in response.headers],
        "body": body_document(response.body),
        "sent_bytes": entry.sent,
    }
    if response.delivery is not None and response.delivery.trailers:
        document["trailers"] = [list(pair) for pair in response.delivery.trailers]
    if response.fault is not None:
        document["fault"] = response.fault.value
    return document


def explanation_document(
    explanation: Explanation,
    request: str,
    step: int | None,
    *,
    complete: bool,
    behaviour: str | None = None,
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
        **behaviour_fact(behaviour),
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


def verified_document(verified: Verified) -> Document:
    """What a bundle tells of a verification."""
    return {
        "at": instant_text(verified.at),
        "took_ms": round(verified.took_ns / 1e6, 3),
        "times": verified.times,
        "passed": verified.passed,
        "complete": verified.complete,
        "reason": verified.reason,
        "after": verified.after,
        "until": verified.cursor,
        "order": verified.order or None,
        "diverged": verified.diverged or None,
        "unexpected": verified.strays,
        "results": [
            {
                "id": each.id,
                "what": each.what,
                "passed": each.passed,
                "expected": {"at_least": each.low, "at_most": each.high},
                "actual": each.actual,
                "dropped": each.dropped,
                "out_of_order": each.misplaced,
            }
            for each in verified.results
        ],
        "report": verified.report,
    }
