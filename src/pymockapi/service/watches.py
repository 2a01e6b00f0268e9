"""Verifications that a reader of events asks for, and that are answered among the events.

Commands are read one after the other, in slices. A command that is wrong gets an ``error``
message and changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from pymockapi.engine.verifying.expectation_reading import MAX_ID, VERIFY_KEYS
from pymockapi.model.errors import (
    Conflict,
    ControlError,
    Finding,
    Invalid,
    LimitReached,
    UnknownItem,
    Unreadable,
    problem,
    quoted,
)
from pymockapi.model.json_reading import BeyondReading
from pymockapi.model.reader import Findings, kind_of, read_object
from pymockapi.service.body_reading import BodyReading
from pymockapi.service.calls import Caller
from pymockapi.service.listing import Pause
from pymockapi.service.verifications import Asked, Verifications
from pymockapi.store.namespace import Namespace

COMMANDS: Final = ("watch", "unwatch")
WATCH_KEYS: Final = ("id", *VERIFY_KEYS)
MAX_UNREAD: Final = 4 * 1024 * 1024  # characters of commands that wait to be read
EACH: Final = 100  # characters that any command counts at least
CANCELLED: Final = 50  # watches that are given up in one turn, in a millisecond
WITHIN: Final = "1h"  # unless a watch says another time
_LOG: Final = logging.getLogger("pymockapi.server")
_WHAT: Final = "The watch"

Document = dict[str, Any]


class Watches:
    """Those of one subscription; ``space`` is ``None`` for the server's feed, which has none.

    ``answer`` is called with each message, ``moved`` when there may be nothing more to wait for.
    """

    def __init__(
        self,
        space: Namespace | None,
        verifications: Verifications,
        pause: Pause,
        answer: Callable[[Document], None],
        moved: Callable[[], None],
    ) -> None:
        self._space = space
        self._verifications = verifications
        self._pause = pause
        self._answer = answer
        self._moved = moved
        self._commands: deque[str] = deque()
        self._unread = 0
        self._reading: asyncio.Task[None] | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def is_idle(self) -> bool:
        """Whether no answer is to come."""
        return not self._tasks and self._reading is None

    def command(self, text: str) -> bool:
        """Take a command; false if too many are waiting to be read already."""
        self._unread += len(text) + EACH
        if self._unread > MAX_UNREAD:
            return False
        self._commands.append(text)
        if self._reading is None:
            self._begin_reading()
        return True

    def _begin_reading(self) -> None:
        self._reading = asyncio.get_running_loop().create_task(self._read_all())
        self._reading.add_done_callback(self._has_read)

    def close(self) -> None:
        """Give up everything: nobody wants an answer."""
        self._commands.clear()
        tasks = list(self._tasks.values())
        if self._reading is not None:
            tasks.append(self._reading)
        self._tasks.clear()
        _cancel(tasks)

    async def _read_all(self) -> None:
        while self._commands:
            text = self._commands.popleft()
            self._unread -= len(text) + EACH
            try:
                await self._read(text)
            except _Refused as refused:
                self._answer(error_message(refused.error, refused.watch))
            except ControlError as error:
                self._answer(error_message(error, None))

    def _has_read(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        self._tell_failure(task, None)
        if self._commands:
            self._begin_reading()
        self._moved()

    def _tell_failure(self, task: asyncio.Task[None], watch: str | None) -> None:
        """Tell that the server failed, if it did."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _LOG.error("a command to a feed of events failed", exc_info=error)
            failed = ControlError("The server failed on this command; see its log.")
            self._answer(error_message(failed, watch))

    async def _read(self, text: str) -> None:
        given = await self._decoded(text)
        found = Findings()
        entries = read_object(given, "", found, COMMANDS)
        if not found.count and len(entries) != 1:
            found.add("", 'expected {"watch": {...}} or {"unwatch": "ID"}, one of them')
        found.check("The command")
        if "unwatch" in entries:
            self._unwatch(entries["unwatch"])
            return
        try:
            await self._begin(entries["watch"])
        except ControlError as error:
            raise _Refused(error, _id_in(entries["watch"])) from error

    async def _decoded(self, text: str) -> object:
        try:
            return await BodyReading(text.encode("utf-8", "surrogatepass"), self._pause).read()
        except BeyondReading as error:
            raise Unreadable(f"The command is JSON that cannot be read: {error}") from error
        except (msgspec.MsgspecError, ValueError) as error:
            raise Unreadable(f"The command is no JSON: {error}") from error

    async def _begin(self, given: object) -> None:
        space, found = self._space, Findings()
        if space is None:
            raise Conflict(
                "A watch verifies the requests of one namespace; ask for it on that namespace's"
                " own feed, GET /__mock/v1/namespaces/NAME/events."
            )
        entries = read_object(given, "", found, WATCH_KEYS)
        watch = _read_id(entries, found)
        given = {"within": WITHIN, **{key: entries[key] for key in entries if key in VERIFY_KEYS}}
        asked = await self._verifications.read(given, space, found)
        if found.items:
            raise _below_watch(Invalid(found.items, _WHAT))
        self._check_room(watch, space)
        task = asyncio.get_running_loop().create_task(self._judge(watch, space, asked))
        self._tasks[watch] = task
        task.add_done_callback(lambda task: self._over(watch, task))

    def _check_room(self, watch: str, space: Namespace) -> None:
        if watch in self._tasks:
            raise Conflict(
                f"Watch '{watch}' waits already, and goes on; choose another id, or unwatch it"
                " first."
            )
        limit = space.settings.limits.waiters
        if len(self._tasks) >= limit:
            what = f"No more verifications can wait in namespace '{space.name}'"
            raise LimitReached("waiters", limit, what)

    async def _judge(self, watch: str, space: Namespace, asked: Asked) -> None:
        try:
            document = await self._verifications.judged(space, asked, Caller())
        except ControlError as error:
            self._answer(error_message(_below_watch(error), watch))
            return
        event = "watch.passed" if document["passed"] else "watch.failed"
        self._answer({"event": event, "watch": watch, "verification": document})

    def _over(self, watch: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(watch) is task:
            del self._tasks[watch]
        self._tell_failure(task, watch)
        self._moved()

    def _unwatch(self, watch: object) -> None:
        if not isinstance(watch, str):
            told = f"expected the id of a watch, got {kind_of(watch)}"
            raise Invalid([Finding("/unwatch", told)], "The command")
        task = self._tasks.pop(watch, None)
        if task is None:
            known = f"Waiting are {quoted(self._tasks)}." if self._tasks else "None is waiting."
            raise UnknownItem(f"No watch '{watch[:MAX_ID]}' is waiting here. {known}")
        task.cancel()
        self._answer({"event": "watch.removed", "watch": watch})


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel some of ``tasks`` in this turn, and the others in those that follow."""
    for task in tasks[-CANCELLED:]:
        task.cancel()
    del tasks[-CANCELLED:]
    if tasks:
        asyncio.get_running_loop().call_soon(_cancel, tasks)


class _Refused(Exception):
    """``error`` is wrong with the command about ``watch``."""

    def __init__(self, error: ControlError, watch: str | None) -> None:
        super().__init__(error.detail)
        self.error = error
        self.watch = watch


def error_message(error: ControlError, watch: str | None) -> Document:
    told = problem(error)
    return {
        "event": "error",
        "watch": watch,
        "code": error.code,
        "detail": told["detail"],
        "errors": told["errors"],
        "suggestions": told["suggestions"],
    }


def _id_in(given: object) -> str | None:
    watch = given.get("id") if isinstance(given, Mapping) else None
    return watch[:MAX_ID] if isinstance(watch, str) else None


def _read_id(entries: Mapping[str, object], found: Findings) -> str:
    watch = entries.get("id")
    if "id" not in entries:
        found.add("", "expected 'id', the name by which the answer is told apart")
    elif not isinstance(watch, str):
        found.add("/id", f"expected a string, got {kind_of(watch)}")
    elif not 0 < len(watch) <= MAX_ID:
        found.add("/id", f"expected 1 to {MAX_ID} characters, got {len(watch)}")
    return watch if isinstance(watch, str) else ""


def _below_watch(error: ControlError) -> ControlError:
    """Return ``error``, found in a watch, with its places as they are in the command."""
    if not error.findings:
        return error
    places = [Finding(f"/watch{each.pointer}", each.message) for each in error.findings]
    return Invalid(places, _WHAT)
