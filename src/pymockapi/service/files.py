"""The files that a control call names: read before the call is, since reading them may take long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pymockapi.model.callee import no_callees
from pymockapi.model.files import FileBody, ReadFile, no_files
from pymockapi.model.reader import Findings
from pymockapi.service.calls import Site

DEEPEST: Final = 3  # as a stub in the list of a set in a config
_HOLDERS: Final = ("stubs", "replace_stubs", "settings", "sets", "tags", "namespaces")
_NAMED: Final = ("sets", "tags", "namespaces")  # by name, where they are objects


async def findings_for(site: Site, data: object, *, calls: bool = False) -> Findings:
    """Return where to note what is wrong with ``data``, with the files read that it names.

    ``data`` is a stub, a list of stubs, or what has such as parts: a namespace, a batch, a config.
    With ``calls`` its answers may be functions of this process.
    """
    names: dict[str, None] = {}
    for count, name in enumerate(_names(data)):
        if name is not None:
            names[name] = None
        if count % 256 == 255 and (waiting := site.store.pause()) is not None:
            await waiting
    kept = kept_files(site.store.configuration.bodies)
    find_callee = site.find_callee if calls else no_callees
    if not names:
        return Findings(kept, find_callee)
    read = await site.read_files(list(names))
    return Findings(lambda name: read(name) if name in names else kept(name), find_callee)


def kept_files(bodies: Mapping[str, FileBody]) -> ReadFile:
    """Return what finds the bodies that a config was read with."""
    return lambda name: bodies.get(name) or no_files(name)


def _names(data: object, depth: int = 0) -> Iterator[str | None]:
    """Yield the names of the files in ``data``; ``None`` for what names none, so as to yield often."""
    if depth > DEEPEST:
        return
    if isinstance(data, list):
        for item in data:
            yield from _names(item, depth + 1)
    elif isinstance(data, dict):
        yield _name(data.get("response"))
        yield _name(data.get("unmatched"))
        steps = data.get("responses")
        for step in steps if isinstance(steps, list) else ():
            yield _name(step)
        for key in _HOLDERS:
            yield from _parts(key, data.get(key), depth + 1)
    else:
        yield None


def _parts(key: str, held: Any, depth: int) -> Iterator[str | None]:
    if key in _NAMED and isinstance(held, dict):
        for part in held.values():
            yield from _names(part, depth)
    elif key not in _NAMED and held is not None:
        yield from _names(held, depth)


def _name(response: object) -> str | None:
    name = response.get("file") if isinstance(response, dict) else None
    return name if isinstance(name, str) else None
