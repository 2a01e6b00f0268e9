"""The evidence on a namespace, as a control call answers it."""

from __future__ import annotations

from typing import Final

from pymockapi.model.reader import Findings, read_choice
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.evidence import FORMATS, Evidence

_MEDIA: Final = {
    "ndjson": "application/x-ndjson",
    "junit": "application/xml",
    "text": "text/plain; charset=utf-8",
}


class Exports:
    """Reading all of a namespace at once."""

    def __init__(self, site: Site) -> None:
        self._store = site.store

    async def export(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.readable(call.ns)
        wanted = read_choice(call.query.get("format", "json"), "/format", found, FORMATS)
        redact = read_choice(call.query.get("redact", "true"), "/redact", found, ("true", "false"))
        found.check("The query")
        ended = self._store.lives.kept(space.id)
        evidence = Evidence(space, ended, self._store.pause, redact=redact == "true")
        version = space.version
        (pieces,) = await evidence.made(wanted)
        return Outcome(version=version, pieces=pieces, media=_MEDIA.get(wanted))
