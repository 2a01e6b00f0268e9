"""Evidence files of every namespace that failed, expired, or was open when the server stopped.

Four for each: the bundle, a HAR log, JUnit XML and a page of text. They are made in slices and written by
a thread, one namespace after the other; what goes wrong is logged and stops nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from pymockapi.model.event import Event, EventKind
from pymockapi.service.evidence import Evidence
from pymockapi.service.judgements import verdict_on
from pymockapi.store.judging import has_passed, looks_at_requests
from pymockapi.store.lives import Ended
from pymockapi.store.memory import MemoryStore
from pymockapi.store.namespace import Namespace

FINE: Final = frozenset({"passed", "pass", "ok", "success", "skipped", "pending"})
"""Statuses, in any case, after which there is nothing to look into."""

MAX_WAITING: Final = 1_000  # namespaces, held until they are written
_ENDINGS: Final = {"json": "bundle.json", "har": "har", "junit": "junit.xml", "text": "txt"}
_LOG: Final = logging.getLogger("pymockapi.artifacts")


class _Kept(NamedTuple):
    """What is to be written of ``space``; ``ended`` ``None``: it is open."""

    space: Namespace
    ended: Ended | None
    evidence: Evidence


class Artifacts:
    """Writes to ``directory``, which is made. Raises ``OSError`` if it cannot be."""

    def __init__(self, directory: str, store: MemoryStore) -> None:
        self._directory = Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._store = store
        self._waiting: asyncio.Queue[_Kept] = asyncio.Queue(MAX_WAITING)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Write from now on what ends."""
        self._store.follow(self._told)
        self._task = asyncio.create_task(self._write_all())

    async def end(self, grace_s: float) -> None:
        """Write what is open, too, all within ``grace_s`` seconds."""
        for space in self._store.spaces():
            if space.journal.last:
                self._keep(space, None)
        try:
            await asyncio.wait_for(self._waiting.join(), grace_s)
        except TimeoutError:
            _LOG.error(
                "%d namespaces could not be written before the end", self._waiting.qsize() + 1
            )
        if self._task is not None:
            self._task.cancel()

    def _told(self, event: Event) -> None:
        if event.kind not in (EventKind.NAMESPACE_FINISHED, EventKind.NAMESPACE_EXPIRED):
            return
        ended = self._store.lives.kept(event.namespace)
        space = None if ended is None else ended.space
        if ended is None or space is None:
            return
        if is_worth_it(ended, space) or looks_at_requests(space):
            self._keep(space, ended)

    def _keep(self, space: Namespace, ended: Ended | None) -> None:
        try:
            self._waiting.put_nowait(_Kept(space, ended, Evidence(space, ended, self._store.pause)))
        except asyncio.QueueFull:
            _LOG.error("%d namespaces wait to be written; '%s' (%s) is not",
                       MAX_WAITING, space.name, space.id)  # fmt: skip

    async def _write_all(self) -> None:
        while True:
            space, ended, evidence = await self._waiting.get()
            try:
                if ended is None or await self._is_worth_it(ended, space):
                    await self._write(space, evidence)
            except Exception:
                _LOG.exception("writing the evidence of '%s' (%s) failed", space.name, space.id)
            finally:
                self._waiting.task_done()

    async def _is_worth_it(self, ended: Ended, space: Namespace) -> bool:
        """Return whether it was, now that there is time to look at each request."""
        if is_worth_it(ended, space):
            return True
        return not (await verdict_on(space, ended, self._store.pause)).passed

    async def _write(self, space: Namespace, evidence: Evidence) -> None:
        stem = file_stem(space.name, space.id)
        made = await evidence.made(*_ENDINGS)
        for ending, pieces in zip(_ENDINGS.values(), made, strict=True):
            await asyncio.to_thread(write_whole, self._directory / f"{stem}.{ending}", pieces)
        _LOG.info("evidence of '%s' (%s) written to %s", space.name, space.id, self._directory)


def is_worth_it(ended: Ended, space: Namespace) -> bool:
    """Return whether ``ended`` failed, by status, what counts tell or a verification, or has expired."""
    if ended.reason == "expired" or not (has_passed(space) and space.journal.verified.have_passed):
        return True
    return ended.status is not None and ended.status.strip().lower() not in FINE


def file_stem(name: str, identity: str) -> str:
    """Return a file name without its ending: unique, and safe on every platform.

    Names hold letters, digits and ``._-``. Without dots none is a device of Windows (``nul.txt``)
    or hidden; none looks like an option; the id keeps names apart that differ in case only.
    """
    safe = name.replace(".", "_")
    return f"{'_' if safe.startswith('-') else ''}{safe}-{identity}"


def write_whole(path: Path, pieces: Sequence[bytes]) -> None:
    """Write a file that is there whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            file.writelines(pieces)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
