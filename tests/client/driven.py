"""The async client driven by tests that are written for the sync one, so that these hold for both.

What a handle returns to be awaited is awaited at once, each time on a loop of its own, in
whatever thread asks: connections belong to no loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping
from types import FunctionType, TracebackType
from typing import Any, Final

HANDLES: Final = "pymockapi.client.aio."


def wait(call: Awaitable[Any]) -> Any:
    """Return what ``call`` gives, from a loop that lives as long as it takes."""

    async def outcome() -> Any:
        return await call

    return asyncio.run(outcome())


class Driven:
    """An async handle, or its class, used like the sync one."""

    def __init__(self, handle: Any) -> None:
        object.__setattr__(self, "_handle", handle)

    def __getattr__(self, name: str) -> Any:
        return shown(getattr(self._handle, name))

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._handle, name, value)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        given = [hidden(argument) for argument in arguments]
        return shown(self._handle(*given, **{key: hidden(value) for key, value in options.items()}))

    def __enter__(self) -> Any:
        return shown(self._handle.__aenter__())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        wait(self._handle.__aexit__(kind, error, trace))

    def __getitem__(self, key: str) -> Any:
        return wait(self._handle[key])

    def __iter__(self) -> Iterator[Any]:
        found = aiter(self._handle)
        while True:
            try:
                yield shown(wait(anext(found)))
            except StopAsyncIteration:
                return

    def __next__(self) -> Any:
        try:
            return shown(wait(anext(self._handle)))
        except StopAsyncIteration:
            raise StopIteration from None

    def __setitem__(self, key: str, value: Any) -> None:
        wait(self._handle.update({key: value}))

    def __contains__(self, key: str) -> bool:
        return key in wait(self._handle.all())

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self[key] = None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            return bool(wait(self._handle.all()) == other)
        return self is other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._handle).replace("<Async", "<")

    def __str__(self) -> str:
        return str(self._handle)


def shown(value: Any) -> Any:
    """Return what a sync handle would give in place of ``value``."""
    if isinstance(value, Coroutine):
        value = wait(value)
    if isinstance(value, AsyncGenerator):
        value = wait(_all(value))
    if isinstance(value, list):
        return [shown(each) for each in value]
    return Driven(value) if type(value).__module__.startswith(HANDLES) or callable(value) else value


async def _all(values: AsyncGenerator[Any, None]) -> list[Any]:
    return [each async for each in values]


def hidden(value: Any) -> Any:
    """Return ``value`` with the handles in it as the async client knows them."""
    if isinstance(value, Driven):
        return value._handle
    if isinstance(value, list):
        return [hidden(each) for each in value]
    return awaited(value) if isinstance(value, FunctionType) else value


def awaited(function: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    """Return ``function`` as one whose result is awaited."""

    async def call() -> Any:
        return function()

    return call
