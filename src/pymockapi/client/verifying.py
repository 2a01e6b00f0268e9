# Made from aio/verifying.py by tests/client_twins.py: change that, then run 'make client'.
"""The calls of a namespace that verify what came, at once or waiting for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from pymockapi.client.control import NamespaceControl
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


class Verifying(KnowsForeignNames):
    """What a namespace can verify."""

    _control: NamespaceControl

    def verify(
        self, expect: Iterable[Expected] | Expected, **options: Unpack[VerifyOptions]
    ) -> Verification:
        """Raise ``AssertionError``, with a report, unless what came is what ``expect`` says.

        Each item is a stub, a pattern, one of these with ``.times(3)``, or a mapping as the
        control API takes it. ``options`` are those of ``VerifyOptions``: ``order``,
        ``nothing_else``, ``ignore``, ``after``, ``within``, ``quiet_for``.
        """
        __tracebackhide__ = True
        return assert_verified(self.check(expect, **options))

    def check(
        self, expect: Iterable[Expected] | Expected, **options: Unpack[VerifyOptions]
    ) -> Verification:
        """As ``verify``, and return the verification also if it has failed."""
        items = [expect] if isinstance(expect, Expectable | Expectation | Mapping) else expect
        return verify(self._control, items, options)

    def wait_for(
        self, item: Expected, within: Duration = 5.0, *, after: int | str | None = None
    ) -> list[RecordedRequest]:
        """Wait until what ``item`` expects has come; return the requests, at most the first 100.

        Raises ``AssertionError``, with what came instead, if it has not come in time.
        """
        __tracebackhide__ = True
        return wait_for(self._control, item, within, after)


def verify(
    control: NamespaceControl, items: Iterable[Expected], options: VerifyOptions
) -> Verification:
    """Ask the server, and wait as long as it may take. Raises ``MockApiError`` if it refuses."""
    body, waits_s = verification_body(items, options)
    return read_verification(control.call("verify", body, waits_s=waits_s))


def wait_for(
    control: NamespaceControl, item: Expected, within: Duration, after: int | str | None
) -> list[RecordedRequest]:
    """Wait for what one expectation asks, and return the requests that counted, the first 100.

    Raises ``AssertionError`` if they do not come in time.
    """
    __tracebackhide__ = True
    found = assert_verified(verify(control, [item], {"within": within, "after": after}))
    return [
        RecordedRequest(control.call("get_request", number=str(number)))
        for number in found.results[0].requests
    ]
