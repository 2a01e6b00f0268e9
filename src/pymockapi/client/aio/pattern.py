"""A request pattern of a namespace: answer what fits it, or ask whether it came.

Immutable; it does nothing until one of its methods is called. The server does the matching.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Final, Unpack

from pymockapi.client.aio.assertions import assert_count, describe_lost, explain_pattern
from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.aio.journal import SearchFilters, count, entries
from pymockapi.client.aio.opening import Defining
from pymockapi.client.aio.stub import AsyncStub, define_stubs
from pymockapi.client.aio.verifying import wait_for
from pymockapi.client.expectation import Expectable, Expectation
from pymockapi.client.options import (
    RespondOptions,
    StepOptions,
    StubOptions,
    read_step,
    read_stub,
    split_respond,
)
from pymockapi.client.recorded import RecordedRequest
from pymockapi.client.values import Duration, Json, JsonObject, given

_OF_SEQUENCES: Final = ("per", "after_last")


class AsyncPattern(Expectable):
    """Requests of one namespace that have something in common."""

    __slots__ = ("_control", "_definition")

    def __init__(self, control: AsyncNamespaceControl, definition: JsonObject) -> None:
        self._control = control
        self._definition = deepcopy(definition)

    def __repr__(self) -> str:
        return f"<AsyncPattern {self} in namespace '{self._control.name}'>"

    def __str__(self) -> str:
        """Return ``POST /payments``, with the names of what else it asks for."""
        asked = self._definition
        method, path = asked.get("method", "any method"), asked.get("path", "any path")
        if isinstance(method, list):
            method = " or ".join(method)
        more = [key for key in asked if key not in ("method", "path")]
        return f"{method} {path}" + (f" with {', '.join(more)}" if more else "")

    @property
    def definition(self) -> JsonObject:
        """The pattern as a stub's ``request`` takes it; a copy."""
        return deepcopy(self._definition)

    @property
    def expectation(self) -> Expectation:
        """As ``verify`` takes it: at least one such request, whoever answered."""
        return Expectation({"request": self._definition})

    def respond(self, status: int = 200, **options: Unpack[RespondOptions]) -> Defining[AsyncStub]:
        """Define a stub that answers these requests so, and return it; in force at once.

        ``times`` is how many requests this answer serves; what follows is added by ``then``,
        and without a further step the stub stops matching. See ``ResponseOptions`` and
        ``StubOptions`` for the keywords. Raises ``MockApiError`` if the server refuses it.
        """
        __tracebackhide__ = True
        answer, stub = split_respond(options)
        step, members = read_step(status, answer), read_stub(stub)
        is_sequence = "times" in step or not members.keys().isdisjoint(_OF_SEQUENCES)
        answers = {"responses": [step]} if is_sequence else {"response": step}
        return Defining(self._define({**members, **answers}))

    def respond_with(
        self, steps: Sequence[StepOptions | Mapping[str, Json]], **options: Unpack[StubOptions]
    ) -> Defining[AsyncStub]:
        """Define a stub with a sequence of answers in one write, and return it.

        Each step is a mapping of the keywords of ``respond`` for an answer, ``status``
        (default 200), ``times`` and ``set``. Raises ``TypeError`` for anything else.
        """
        __tracebackhide__ = True
        if isinstance(steps, Mapping | str) or callable(steps):
            raise TypeError(_no_step(steps))
        read = list(map(_read_mapping, steps))
        return Defining(self._define({**read_stub(options), "responses": read}))

    async def _define(self, members: JsonObject) -> AsyncStub:
        (stub,) = await define_stubs(self._control, [{**members, "request": self.definition}])
        return stub

    async def requests(self, **filters: Unpack[SearchFilters]) -> list[RecordedRequest]:
        """Return the recorded requests that fit, in order of arrival, whoever answered them."""
        return await entries(self._control, given(filters), self._definition)

    async def count(self, after: int | None = None) -> int:
        """Return how many recorded requests fit, those after number ``after``.

        Raises ``MockServerError`` if dropped entries leave the number in doubt.
        """
        found = await count(self._control, given({**self._definition, "after": after}))
        return found.exact()

    async def assert_called(
        self, times: int | None = None, *, within: Duration | None = None
    ) -> None:
        """Raise ``AssertionError`` unless ``times`` requests fit (``None``: at least one).

        With ``within`` it waits so long for those that are missing. The error lists what the
        namespace received, and how the nearest requests differ.
        """
        __tracebackhide__ = True
        if within is not None:
            await self.wait(times, within)
            return
        found = await count(self._control, self._definition)
        received = partial(explain_pattern, self._control, self._definition)
        lost = partial(describe_lost, self._control)
        await assert_count(f"Requests {self}", found, times, received, lost)

    async def wait(
        self, times: int | None = None, within: Duration = 5.0, *, after: int | str | None = None
    ) -> list[RecordedRequest]:
        """Wait until there are ``times`` requests (``None``: at least one); return them.

        At most the first 100 are returned. Raises ``AssertionError``, with what came instead, if
        they have not come ``within`` that time, or if more have.
        """
        __tracebackhide__ = True
        expected = self.expectation if times is None else self.times(times)
        return await wait_for(self._control, expected, within, after)

    async def assert_called_once(self) -> None:
        """Raise ``AssertionError`` unless exactly one request fits."""
        __tracebackhide__ = True
        await self.assert_called(1)

    async def assert_not_called(self) -> None:
        """Raise ``AssertionError`` if any request fits."""
        __tracebackhide__ = True
        await self.assert_called(0)


def _read_mapping(step: StepOptions | Mapping[str, Json]) -> JsonObject:
    __tracebackhide__ = True
    if not isinstance(step, Mapping):
        raise TypeError(_no_step(step))
    options = dict(step)
    status = options.pop("status", 200)
    return read_step(status, options)  # type: ignore[arg-type]


def _no_step(given: object) -> str:
    if callable(given):
        return f"a function that answers goes to respond(call=...), or in a step: {{'call': {given!r}}}"
    return (
        "respond_with() takes a list of answers, each a mapping such as {'status': 503}; got"
        f" {given!r} ({type(given).__name__})"
    )
