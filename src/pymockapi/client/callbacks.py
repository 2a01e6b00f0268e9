# Made from aio/callbacks.py by tests/client_twins.py: change that, then run 'make client'.
"""The calls of a namespace about callbacks: what the mock sent by itself once answers had left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Unpack

from pymockapi.client.control import NamespaceControl
from pymockapi.client.pattern import Pattern
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


class Callbacks:
    """What a namespace tells of its callbacks."""

    _control: NamespaceControl

    def callbacks(self, **filters: Unpack[CallbackFilters]) -> list[RecordedCallback]:
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
            page = self._control.call("list_callbacks", query=asked)
            found += [RecordedCallback(entry) for entry in page["callbacks"]]
            after = page["next"]
        return found

    def verify_callbacks(
        self,
        pattern: Pattern | Mapping[str, Json] | None = None,
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
        definition = pattern.definition if isinstance(pattern, Pattern) else pattern
        waits = None if within is None else duration(within)
        body = given({"request": definition, "times": times, "within": waits, **options})
        told = self._control.call("verify_callbacks", body, waits_s=seconds(within))
        if not told["passed"]:
            raise AssertionError(told["report"])
        return [RecordedCallback(entry) for entry in told["callbacks"]]

    def wait_for_callbacks(
        self, count: int = 1, within: Duration = 5.0, **options: Unpack[CallbackOptions]
    ) -> list[RecordedCallback]:
        """Wait until at least ``count`` callbacks were sent; return them, at most the first 100.

        Raises ``AssertionError``, with what became of the others, if they are not in time.
        """
        return self.verify_callbacks(None, {"at_least": count}, within, **options)
