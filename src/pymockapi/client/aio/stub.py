"""A stub as the test holds it: define it, add steps, ask what it served, assert, remove.

Every method is one control call, in force when it returns. No matching here.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Unpack

from pymockapi.client.aio.assertions import (
    assert_count,
    describe_lost,
    describe_received,
    explain_stub,
)
from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.aio.journal import RequestFilters, count, entries
from pymockapi.client.aio.opening import Defining
from pymockapi.client.aio.verifying import wait_for
from pymockapi.client.cursor import Cursor
from pymockapi.client.expectation import Expectable, Expectation
from pymockapi.client.options import StepOptions, read_step
from pymockapi.client.recorded import RecordedRequest
from pymockapi.client.values import Duration, Json, JsonObject, given


class AsyncStub(Expectable):
    """A stub of a namespace, by name. ``definition`` is the last one known to this handle."""

    def __init__(self, control: AsyncNamespaceControl, name: str, definition: JsonObject) -> None:
        self._control = control
        self._definition = deepcopy(definition)
        self.name = name

    def __repr__(self) -> str:
        return f"<AsyncStub '{self.name}' in namespace '{self._control.name}'>"

    @property
    def definition(self) -> JsonObject:
        """The definition as the control API takes it; a copy."""
        return deepcopy(self._definition)

    @property
    async def hits(self) -> int:
        """How many requests it has served since it was defined or reset."""
        told = await self._control.call("get_stub", stub=self.name)
        return int(told["hits"])

    @property
    async def is_spent(self) -> bool:
        """Whether it will serve no further request."""
        told = await self._control.call("get_stub", stub=self.name)
        return bool(told["spent"])

    @property
    def expectation(self) -> Expectation:
        """As ``verify`` takes it: what this stub answered, at least one request."""
        return Expectation({"stub": self.name})

    def then(self, status: int = 200, **options: Unpack[StepOptions]) -> Defining[AsyncStub]:
        """Add a step after the last and return this stub; the cursor stays where it is.

        A step without ``times`` that is no longer the last serves one request:
        ``respond(503, times=2).then(201)``.
        """
        __tracebackhide__ = True
        definition = self.definition
        first = [definition.pop("response")] if "response" in definition else []
        steps = [*first, *definition.get("responses", ()), read_step(status, options)]
        return Defining(self._redefine({**definition, "responses": steps}))

    async def _redefine(self, definition: JsonObject) -> AsyncStub:
        with self._control.functions.exchanged(definition) as sent:
            await self._control.call("put_stub", {**sent, "keep_cursor": True}, stub=self.name)
        self._definition = sent
        return self

    async def delete(self) -> None:
        """Remove it from its namespace; what it replaced does not come back."""
        await self._control.call("delete_stub", stub=self.name)

    async def reset(self) -> None:
        """Set its cursors, hits and ``times`` back to the start; the journal stays."""
        await self._control.call("set_sequence", {"reset": True}, stub=self.name)

    async def cursor(self, key: Json = None) -> Cursor:
        """Return how far its sequence is; ``key`` is a value of ``per``."""
        answer = await self._control.call("get_sequence", stub=self.name)
        for cursor in answer["cursors"]:
            if cursor["key"] == key:
                return Cursor(key, cursor["position"], cursor["step"])
        return Cursor(key, 0, 1)

    async def cursors(self) -> list[Cursor]:
        """Return every cursor that has served a request or was set."""
        answer = await self._control.call("get_sequence", stub=self.name)
        return [Cursor(each["key"], each["position"], each["step"]) for each in answer["cursors"]]

    async def set_cursor(
        self,
        *,
        step: int | None = None,
        position: int | None = None,
        key: str | None = None,
        hits: int | None = None,
    ) -> None:
        """Go to the first request of ``step`` (from 1), or to ``position`` requests served.

        ``key`` is a value of ``per``. ``hits`` is how many requests the stub has answered, which
        ``times`` counts; it may be set alone.
        """
        body = given({"step": step, "position": position, "key": key, "hits": hits})
        await self._control.call("set_sequence", body, stub=self.name)

    async def requests(self, **filters: Unpack[RequestFilters]) -> list[RecordedRequest]:
        """Return the recorded requests that it answered, in order of arrival."""
        return await entries(self._control, given({**filters, "stub": self.name}))

    async def count(self, after: int | None = None) -> int:
        """Return how many recorded requests it answered; ``after`` as in ``requests``.

        Raises ``MockServerError`` if dropped entries leave the number in doubt.
        """
        found = await count(self._control, given({"stub": self.name, "after": after}))
        return found.exact()

    async def assert_called(
        self, times: int | None = None, *, within: Duration | None = None
    ) -> None:
        """Raise ``AssertionError`` unless it answered ``times`` requests (``None``: any).

        With ``within`` it waits so long for those that are missing. The error lists what the
        namespace received, and how the nearest requests differ.
        """
        __tracebackhide__ = True
        if within is not None:
            await self.wait(times, within)
            return
        found = await count(self._control, {"stub": self.name})
        explain = explain_stub(self._control, self.name)
        what = f"Stub '{self.name}'{_summary(self._definition)}"
        received = partial(describe_received, self._control, explain)
        await assert_count(what, found, times, received, partial(describe_lost, self._control))

    async def wait(
        self, times: int | None = None, within: Duration = 5.0, *, after: int | str | None = None
    ) -> list[RecordedRequest]:
        """Wait until it has answered ``times`` requests (``None``: at least one); return them.

        At most the first 100 are returned. Raises ``AssertionError``, with what came instead, if
        they have not come ``within`` that time, or if more have.
        """
        __tracebackhide__ = True
        expected = self.expectation if times is None else self.times(times)
        return await wait_for(self._control, expected, within, after)

    async def assert_called_once(self) -> None:
        """Raise ``AssertionError`` unless it answered exactly one request."""
        __tracebackhide__ = True
        await self.assert_called(1)

    async def assert_not_called(self) -> None:
        """Raise ``AssertionError`` if it answered any request."""
        __tracebackhide__ = True
        await self.assert_called(0)


async def define_stubs(
    control: AsyncNamespaceControl, definitions: list[JsonObject]
) -> list[AsyncStub]:
    """Define stubs in one write, all or none, and return them in order."""
    alone = len(definitions) == 1  # so that the places of errors are those in the definition
    with control.functions.exchanged(definitions) as sent:
        answer = await control.call("define_stubs", sent[0] if alone else sent)
    pairs = zip(answer["stubs"], sent, strict=True)
    return [AsyncStub(control, made["name"], given_definition) for made, given_definition in pairs]


def _summary(definition: Mapping[str, Json]) -> str:
    request = definition.get("request") or {}
    parts = [part for part in (request.get("method"), request.get("path")) if part is not None]
    return f" ({' '.join(map(str, parts))})" if parts else ""
