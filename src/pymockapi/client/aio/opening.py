"""What calls of the async client return before they are awaited: a coroutine that can do more.

The sync client needs none of this: there a call has happened when it returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, Unpack

from pymockapi.client.errors import MockServerError
from pymockapi.client.event import Event
from pymockapi.client.options import StepOptions


class _Block(Protocol):
    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class _Events(_Block, Protocol):
    def __aiter__(self) -> AsyncIterator[Event]: ...


class _Chained(Protocol):
    def then(self, status: int = 200, **options: Unpack[StepOptions]) -> Defining[Self]: ...


_Made = TypeVar("_Made")
_Opened = TypeVar("_Opened", bound=_Block)
_Read = TypeVar("_Read", bound=_Events)
_Defined = TypeVar("_Defined", bound=_Chained)


class _Call(Coroutine[Any, Any, _Made], Generic[_Made]):
    """A call that is made when this is awaited; as good as a coroutine for tasks and groups."""

    __slots__ = ("_coroutine",)

    def __init__(self, coroutine: Coroutine[Any, Any, _Made]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, _Made]:
        return self._coroutine.__await__()

    if not TYPE_CHECKING:  # type checkers find it themselves, if nothing is said to be there

        def __getattr__(self, name: str) -> object:
            raise AttributeError(
                f"{type(self).__name__!r} has no attribute {name!r}: this call was not awaited yet;"
                " await it first, and use what it returns"
            )

    def send(self, value: Any) -> Any:
        return self._coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()


class Opening(_Call[_Opened]):
    """What opens a namespace, a scope or a server: ``await`` it, or ``async with`` it.

    ``mock = await server.namespace()`` and ``async with server.namespace() as mock`` are the
    two forms; the latter ends what it opened at the end of the block, and what the server opens
    for a block that was cancelled before it began.
    """

    __slots__ = ("_opened",)

    async def __aenter__(self) -> _Opened:
        opening = _held(asyncio.ensure_future(self))
        try:
            self._opened = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_end_unused)
            raise
        return await self._opened.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._opened.__aexit__(kind, error, trace)


class Reading(Opening[_Read]):
    """What opens events: ``await`` it, ``async with`` it, or iterate at once, with ``async for``."""

    __slots__ = ()

    async def __aiter__(self) -> AsyncIterator[Event]:
        async with self as events:
            async for event in events:
                yield event


class Defining(_Call[_Defined]):
    """What defines a stub: ``await`` it, or add steps first, as ``await x.respond(503).then(201)``."""

    __slots__ = ()

    def then(self, status: int = 200, **options: Unpack[StepOptions]) -> Defining[_Defined]:
        """Add a step once the stub is defined; as ``AsyncStub.then``."""
        return Defining(self._then(status, options))

    async def _then(self, status: int, options: StepOptions) -> _Defined:
        stub = await self
        return await stub.then(status, **options)


async def uncancelled(call: Coroutine[Any, Any, _Made]) -> _Made:
    """Await a call that ends something; when the waiting is cancelled, the call goes on."""
    return await asyncio.shield(_held(asyncio.ensure_future(call)))


def _held(task: asyncio.Future[_Made]) -> asyncio.Future[_Made]:
    _ENDING.add(task)
    task.add_done_callback(_ENDING.discard)
    return task


def _end_unused(opening: asyncio.Future[Any]) -> None:
    """End what was opened for a block that does not begin any more."""
    if not opening.cancelled() and opening.exception() is None:
        _held(asyncio.ensure_future(_ended(opening.result())))


async def _ended(opened: _Block) -> None:
    with suppress(MockServerError):  # nobody is there to be told
        await opened.__aexit__(None, None, None)


_ENDING: set[asyncio.Future[Any]] = set()
"""Calls that open or end something, held until they have: the loop itself holds tasks weakly."""
