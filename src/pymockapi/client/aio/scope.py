"""A scope of a namespace: what is changed in it is undone at its end, what came is judged."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.aio.opening import uncancelled
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.values import JsonObject, given
from pymockapi.client.verdict import Verdict, read_verdict

_CLOSED: Final = frozenset({"unknown-namespace", "finished-namespace", "unknown-item"})


class AsyncScope:
    """An open scope; as an async context manager it is closed at the end of the block.

    ``after`` is the number of the last request before it. It is open once this is made.
    """

    def __init__(
        self, control: AsyncNamespaceControl, name: str | None, opened: JsonObject
    ) -> None:
        self._control = control
        self.id = str(opened["id"])
        self.name = name
        self.after = int(opened["after"])
        self._verdict: Verdict | None = None

    def __repr__(self) -> str:
        state = "open" if self._verdict is None else "closed"
        return f"<AsyncScope '{self.name or self.id}' of '{self._control.name}', {state}>"

    @property
    def verdict(self) -> Verdict:
        """The verdict on what came in the scope. Raises ``MockServerError`` until it is closed."""
        if self._verdict is None:
            raise MockServerError(
                f"Scope '{self.name or self.id}' was not closed by this handle; its verdict is made"
                " when it is: at the end of the async with block, or by close()."
            )
        return self._verdict

    async def close(self) -> Verdict:
        """Undo what was changed since it was opened, also in scopes above; again, the same."""
        if self._verdict is None:
            closed = await self._control.call("close_scope", scope=self.id)
            self._verdict = read_verdict(closed["verdict"])
        return self._verdict

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await uncancelled(self.close())
        except MockServerError as failure:
            is_closed = isinstance(failure, MockApiError) and failure.code in _CLOSED
            if not is_closed and error is None:  # never in place of the test's own failure
                raise


async def open_scope(control: AsyncNamespaceControl, name: str | None) -> AsyncScope:
    opened = await control.call("open_scope", given({"name": name}))
    return AsyncScope(control, name, opened)
