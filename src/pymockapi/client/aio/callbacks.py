"""The calls of a namespace about callbacks: what the mock sent by itself once answers had left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Unpack

from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.aio.pattern import AsyncPattern
from pymockapi.client.recorded_callback import (
    CallbackFilters,
    CallbackOptions,
    RecordedCallback,
    Times,
)
from pymockapi.client.values import (
    Duration,
    Json,
    JsonObject,
    check_options,
    duration,
    given,
    seconds,
)

PAGE: Final = 500  # callbacks a page

__tracebackhide__ = True  # pytest shows the line that made the call, and none in here


class AsyncCallbacks:
    """What a namespace tells of its callbacks."""

    _control: AsyncNamespaceControl

    async def callbacks(self, **filters: Unpack[CallbackFilters]) -> list[RecordedCallback]:
        """Return the callbacks of its answers, oldest first, as they are now.

        ``filters`` are those of ``CallbackFilters``: ``number``, ``stub``, ``outcome``, ``after``,
        ``limit``.
        """
        check_options(filters, CallbackFilters.__annotations__, "callbacks()")
        limit = filters.get("limit")
        found: list[RecordedCallback] = []
        after: int | None = filters.get("after") or 0
        while after is not None and (limit is None or len(found) < limit):
            size = PAGE if limit is None else min(PAGE, limit - len(found))
            asked: JsonObject = given({**filters, "after": after, "limit": size})
            page = await self._control.call("list_callbacks", query=asked)
            found += [RecordedCallback(entry) for entry in page["callbacks"]]
            after = page["next"]
        return found

    async def verify_callbacks(
        self,
        pattern: AsyncPattern | Mapping[str, Json] | None = None,
        times: Times = None,
        within: Duration | None = None,
        **options: Unpack[CallbackOptions],
    ) -> list[RecordedCallback]:
        """Raise ``AssertionError``, with a report, unless so many callbacks were sent; return them.

        ``pattern`` is held against what is sent. ``times`` is at least one by default, a number
        exactly so many. ``within`` waits so long for what is missing. ``options`` are those of
        ``CallbackOptions``: ``stub``, ``number``, ``outcome``, ``status``, ``after``. At most the
        first 100 are returned.
        """
        check_options(options, CallbackOptions.__annotations__, "verify_callbacks()")
        definition = pattern.definition if isinstance(pattern, AsyncPattern) else pattern
        waits = None if within is None else duration(within)
        body = given({"request": definition, "times": times, "within": waits, **options})
        told = await self._control.call("verify_callbacks", body, waits_s=seconds(within))
        if not told["passed"]:
            raise AssertionError(told["report"])
        return [RecordedCallback(entry) for entry in told["callbacks"]]

    async def wait_for_callbacks(
        self, count: int = 1, within: Duration = 5.0, **options: Unpack[CallbackOptions]
    ) -> list[RecordedCallback]:
        """Wait until at least ``count`` callbacks were sent; return them, at most the first 100.

        Raises ``AssertionError``, with what became of the others, if they are not in time.
        """
        return await self.verify_callbacks(None, {"at_least": count}, within, **options)
