"""Config files read again while the server serves: when they change, or when a signal asks.

They are read in a process of their own, then put in force as a control call does. What is wrong
leaves the config in force as it is, is logged, and is told by ``GET /config``.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from pymockapi.model.errors import ControlError
from pymockapi.server.stamps import Stamps, Watch
from pymockapi.service.body_reading import BodyReading
from pymockapi.service.collector import CollectorAtRest
from pymockapi.service.configs import Configs
from pymockapi.store.selecting import Pause

_LOG: Final = logging.getLogger("pymockapi.server")
COMMAND: Final = (sys.executable, "-P", "-m", "pymockapi.config.apart")
READING_S: Final = 120.0  # 16 MiB of YAML take 20
LOGGED: Final = 20  # errors; ``GET /config`` has more
Read = Callable[[Sequence[str]], Awaitable[tuple[dict[str, Any], bytes]]]


class Unread(Exception):
    """The process that was to read the files did not; ``str()`` says what it said."""


async def read_apart(paths: Sequence[str]) -> tuple[dict[str, Any], bytes]:
    """Return what ``config/apart.py`` says of the files at ``paths``: its line, and the rest."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *paths, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        said, complaint = await asyncio.wait_for(process.communicate(), READING_S)
    except TimeoutError:
        raise Unread(f"they were not read within {READING_S:g} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()  # so that nothing of it stays open
    if process.returncode:
        last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise Unread(last or f"reading them ended with exit code {process.returncode}")
    line, _, document = said.partition(b"\n")
    return msgspec.json.decode(line), document


class Reloader:
    """Reads ``sources`` again, one time after the other, and puts what they say in force.

    ``ask`` has it done soon; what is asked meanwhile is done once more, after. With ``seen``, what
    was read at the start, changes ask for it, too.
    """

    def __init__(
        self,
        sources: Sequence[str],
        configs: Configs,
        pause: Pause,
        seen: Stamps | None = None,
        read: Read = read_apart,
    ) -> None:
        self._sources = sources
        self._configs = configs
        self._pause = pause
        self._read = read
        self._watch = None if seen is None else Watch(seen)
        self._asked = asyncio.Event()

    def ask(self) -> None:
        self._asked.set()

    async def run(self) -> None:
        """Go on until it is cancelled."""
        watching = asyncio.create_task(self._look()) if self._watch is not None else None
        try:
            while True:
                await self._asked.wait()
                self._asked.clear()
                await self.reload()
        finally:
            if watching is not None:
                watching.cancel()

    async def _look(self) -> None:
        assert self._watch is not None
        while True:
            await self._watch.changed()
            self.ask()

    async def reload(self) -> None:
        """Read the files, and put what they say in force or tell what is wrong."""
        try:
            head, document = await self._read(self._sources)
        except (Unread, OSError) as error:
            self._refuse([_error(f"the config files could not be read: {error}")], 1)
            return
        if self._watch is not None:
            await self._watch.turn_to(head["looked_at"])
        if head["errors"]:
            self._refuse(head["errors"], head["count"])
            return
        body = BodyReading(document, self._pause)
        try:
            with CollectorAtRest(len(document)):
                done = await self._configs.replace_by_files(await body.read(), head["files"])
        except ControlError as error:
            await body.free()
            places = head.get("places", {})
            errors = [
                {**_error(each.message, each.pointer), **places.get(each.pointer, {})}
                for each in error.findings
            ]
            self._refuse(errors or [_error(error.detail)], max(1, len(errors)))
            return
        fields = {"version": done["version"], "files": head["files"]}
        _LOG.info("config version %d is in force", done["version"], extra={"fields": fields})

    def _refuse(self, errors: list[dict[str, Any]], count: int) -> None:
        self._configs.note_error(errors, count)
        noun = "error" if count == 1 else "errors"
        _LOG.error("the config files have %d %s; the config of before stays in force", count, noun)
        for error in errors[:LOGGED]:
            _LOG.error("%s", _shown(error), extra={"fields": error})


def _error(message: str, pointer: str = "") -> dict[str, Any]:
    return {"file": None, "line": None, "column": None, "pointer": pointer, "message": message}


def _shown(error: dict[str, Any]) -> str:
    place = ":".join(str(error[key]) for key in ("file", "line", "column") if error[key])
    return ": ".join(part for part in (place, error["pointer"], error["message"]) if part)
