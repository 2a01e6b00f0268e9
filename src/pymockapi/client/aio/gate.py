"""A gate of a namespace: where answers of stubs with ``hold`` wait until the test lets them go."""

from __future__ import annotations

from collections.abc import Mapping

from pymockapi.client.aio.assertions import describe_received, unexplained
from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.values import Duration, Json, JsonObject, duration, given, seconds

__tracebackhide__ = True  # pytest shows the line that made the call, and none in here


class AsyncGate:
    """One gate, by name; stubs in force name it in ``hold``."""

    def __init__(self, control: AsyncNamespaceControl, name: str) -> None:
        self._control = control
        self.name = name

    def __repr__(self) -> str:
        return f"<AsyncGate '{self.name}' of namespace '{self._control.name}'>"

    async def read(self) -> JsonObject:
        """Return the gate as the control API tells it: ``waiting``, ``requests``, ``open``, ``permits``."""
        answer: JsonObject = await self._control.call("get_gate", gate=self.name)
        return answer

    async def wait(self, count: int = 1, within: Duration = 5.0) -> list[int]:
        """Wait until ``count`` answers wait here at once; return the numbers of their requests.

        Raises ``AssertionError``, with what came instead, if they do not ``within`` that time.
        """
        __tracebackhide__ = True
        asked: dict[str, str | int] = {"waiting": count, "within": str(duration(within))}
        told = await self._control.call(
            "get_gate", query=asked, waits_s=seconds(within), gate=self.name
        )
        if not told["passed"]:
            received = await describe_received(self._control, unexplained)
            raise AssertionError("\n".join([told["reason"], *received]))
        return [int(number) for number in told["requests"]]

    async def release(
        self, count: int | None = None, *, response: Mapping[str, Json] | None = None
    ) -> list[int]:
        """Let ``count`` answers through in order of arrival, or all from now on (``None``).

        Permits that nobody waits for are used by those that come later. ``response`` is
        answered instead of what the stub says, written as in a stub. Returns the numbers of the
        requests that were let go at once.
        """
        body = given({"count": count, "response": response})
        told = await self._control.call("release_gate", body, gate=self.name)
        return [int(number) for number in told["released"]]
