"""Functions of async tests as answers: those that are async run in the loop that defined the stub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pymockapi.client.functions import Functions, is_async
from pymockapi.client.recorded import CalledRequest
from pymockapi.client.values import JsonObject


class AsyncFunctions(Functions):
    """As ``Functions``; a function may be async."""

    def _called(self, function: Any) -> Callable[[JsonObject], object]:
        if not is_async(function):
            return super()._called(function)
        loop = asyncio.get_running_loop()

        def called(entry: JsonObject) -> object:
            """Have the loop of the test run it, and wait here, in a thread of the server."""
            if loop.is_closed():
                raise RuntimeError("the loop in which the stub was defined is closed")
            return asyncio.run_coroutine_threadsafe(function(CalledRequest(entry)), loop).result()

        return called
