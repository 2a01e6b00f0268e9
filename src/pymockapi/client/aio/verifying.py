"""The calls of a namespace that verify what came, at once or waiting for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.expectation import Expectable, Expectation, Expected
from pymockapi.client.foreign_names import KnowsForeignNames
from pymockapi.client.recorded import RecordedRequest
from pymockapi.client.values import Duration
from pymockapi.client.verification import (
    Verification,
    VerifyOptions,
    assert_verified,
    read_verification,
    verification_body,
)


class AsyncVerifying(KnowsForeignNames):
    """What a namespace can verify."""

    _control: AsyncNamespaceControl

    async def verify(
        self, expect: Iterable[Expected] | Expected, **options: Unpack[VerifyOptions]
    ) -> Verification:
        """Raise ``AssertionError``, with a report, unless what came is what ``expect`` says.

        Each item is a stub, a pattern, one of these with ``.times(3)``, or a mapping as the
        control API takes it. ``options`` are those of ``VerifyOptions``: ``order``,
        ``nothing_else``, ``ignore``, ``after``, ``within``, ``quiet_for``.
        """
        __tracebackhide__ = True
        return assert_verified(await self.check(expect, **options))

    async def check(
        self, expect: Iterable[Expected] | Expected, **options: Unpack[VerifyOptions]
    ) -> Verification:
        """As ``verify``, and return the verification also if it has failed."""
        items = [expect] if isinstance(expect, Expectable | Expectation | Mapping) else expect
        return await verify(self._control, items, options)

    async def wait_for(
        self, item: Expected, within: Duration = 5.0, *, after: int | str | None = None
    ) -> list[RecordedRequest]:
        """Wait until what ``item`` expects has come; return the requests, at most the first 100.

        Raises ``AssertionError``, with what came instead, if it has not come in time.
        """
        __tracebackhide__ = True
        return await wait_for(self._control, item, within, after)


async def verify(
    control: AsyncNamespaceControl, items: Iterable[Expected], options: VerifyOptions
) -> Verification:
    """Ask the server, and wait as long as it may take. Raises ``MockApiError`` if it refuses."""
    body, waits_s = verification_body(items, options)
    return read_verification(await control.call("verify", body, waits_s=waits_s))


async def wait_for(
    control: AsyncNamespaceControl, item: Expected, within: Duration, after: int | str | None
) -> list[RecordedRequest]:
    """Wait for what one expectation asks, and return the requests that counted, the first 100.

    Raises ``AssertionError`` if they do not come in time.
    """
    __tracebackhide__ = True
    found = assert_verified(await verify(control, [item], {"within": within, "after": after}))
    return [
        RecordedRequest(await control.call("get_request", number=str(number)))
        for number in found.results[0].requests
    ]
