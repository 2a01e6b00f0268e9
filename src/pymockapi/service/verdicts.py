"""What came of a namespace, or of a scope in it: verdicts, and the calls that end them with one."""

from __future__ import annotations

from typing import Any, Final

from pymockapi.model.clock import instant_text
from pymockapi.model.reader import Findings, read_duration
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import exchange_document, orphan_document
from pymockapi.service.judgements import verdict_document, verdict_on, with_nearest
from pymockapi.service.listing import Pause, documents
from pymockapi.service.quoting import quoted
from pymockapi.service.specs import one_string
from pymockapi.service.waiting import Waits
from pymockapi.store.lives import Ended
from pymockapi.store.namespace import Namespace
from pymockapi.store.snapshot import Scope

FINISH_KEYS: Final = ("status", "within", "quiet_for")
Document = dict[str, Any]


class Verdicts:
    """Scopes, the verdict, and finishing."""

    def __init__(self, site: Site, waits: Waits) -> None:
        self._store = site.store
        self._waits = waits

    async def list_scopes(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        listed = [scope_document(each, depth) for depth, each in enumerate(space.scopes, 1)]
        return Outcome({"scopes": listed}, space.version)

    async def open_scope(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.known(call.ns)
        name = one_string(call.entries(found, ("name",)).get("name"), "/name", found)
        found.check("The scope")
        scope = self._store.open_scope(call.ns, name)
        return Outcome(scope_document(scope, len(space.scopes)), space.version)

    async def close_scope(self, call: Call) -> Outcome:
        space = self._store.known(call.ns)
        judged, closed = await self._store.close_scope(call.ns, call.path["scope"], call.if_version)
        scope = closed[0]
        judged = await with_nearest(space, judged, self._store.pause)
        title = f"Scope '{scope.name or scope.id}' of {title_of(space)}"
        document = {
            "id": scope.id,
            "name": scope.name,
            "after": scope.mark.after,
            "until": space.journal.last,
            "closed": [each.id for each in closed],
            "verdict": verdict_document(quoted(space, judged.verdict()), title),
        }
        return Outcome(document, space.version)

    async def get_verdict(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        ended = self._store.lives.kept(space.id)
        verdict = await self._told(space, ended)
        return Outcome(verdict, space.version)

    async def _told(self, space: Namespace, ended: Ended | None) -> Document:
        verdict = await verdict_on(space, ended, self._store.pause)
        reason = None if ended is None else ended.cut_short
        return verdict_document(quoted(space, verdict), heading_of(space), reason)

    async def finish_namespace(self, call: Call) -> Outcome:
        found = Findings()
        entries = call.entries(found, FINISH_KEYS)
        status = one_string(entries.get("status"), "/status", found)
        within_s = read_duration(entries.get("within", 0), "/within", found)
        quiet_s = read_duration(entries.get("quiet_for", 0), "/quiet_for", found)
        found.check("The finish")
        ended = await self._end(call, status, within_s, quiet_s)
        space = ended.space
        assert space is not None, "it was kept a moment ago"
        verdict = await self._told(space, ended)
        document = await ended_document(ended, self._store.pause)
        return Outcome({**document, "verdict": verdict})

    async def _end(self, call: Call, status: str | None, within_s: float, quiet_s: float) -> Ended:
        """Finish the namespace once it is time to; nothing has changed if nobody waits for that."""
        store = self._store
        space = store.finishable(call.ns, call.if_version)
        if isinstance(space, Ended):
            return space
        cut_short = None
        if within_s or quiet_s:
            cut_short = await self._waits.end(space, within_s, quiet_s, call.caller)
            if (ended := store.lives.kept(space.id)) is not None:
                return ended  # by another call, or its lease
            store.check_same(space)
        ended = await store.finish(call.ns, status, call.if_version)
        ended.cut_short = cut_short
        return ended


def title_of(space: Namespace) -> str:
    return f"namespace '{space.name}' ({space.id})"


def heading_of(space: Namespace) -> str:
    return f"N{title_of(space)[1:]}"


def scope_document(scope: Scope, depth: int) -> Document:
    return {
        "id": scope.id,
        "name": scope.name,
        "at": instant_text(scope.kept.at),
        "after": scope.mark.after,
        "depth": depth,
    }


async def ended_document(ended: Ended, pause: Pause) -> Document:
    flying = await documents(ended.in_flight, lambda entry: exchange_document(entry, {}), pause)
    return {
        "name": ended.name,
        "id": ended.id,
        "status": ended.status,
        "reason": ended.reason,
        "finished_at": instant_text(ended.at),
        "requests": ended.numbers,
        "in_flight": flying,
        "late": [orphan_document(orphan) for orphan in ended.late],
        "late_total": ended.late_total,
        "cut_short": ended.cut_short,
    }
