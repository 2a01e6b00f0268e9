"""The state in the async client: read and written by calls, and nothing that only looks like one."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable
from typing import Any

import pytest

from pymockapi import AsyncMockServer, AsyncState


def test_the_state_is_read_and_written_by_calls() -> None:
    async def test() -> None:
        async with AsyncMockServer() as server, server.namespace(state={"a": 1}) as mock:
            state = mock.state
            assert (await state["a"], await state.get("b"), await state.get("b", 2)) == (1, None, 2)
            await state.update({"b": [1]}, c=None)
            await state.update(a=None)
            assert await state.all() == {"b": [1]}
            assert (list(await state.keys()), list(await state.values())) == (["b"], [[1]])
            await state.replace({"n": None})
            assert list(await state.items()) == [("n", None)]
            await state.clear()
            assert await state.all() == {}
            with pytest.raises(KeyError, match="gone"):
                await state["gone"]

    asyncio.run(test())


def test_what_would_be_a_call_that_nobody_awaits_is_refused() -> None:
    state: Any = AsyncState(None)  # type: ignore[arg-type]
    uses: list[Callable[[], object]] = [
        lambda: state == {"a": 1}, lambda: "a" in state, lambda: list(state), lambda: bool(state),
        lambda: operator.setitem(state, "a", 1), lambda: operator.delitem(state, "a"),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(TypeError, match=r"await state\.all\(\) .* await state\.update"):
            use()
    assert state == state
    assert state != 1
