"""What the connections of one TLS port share: the certificate, and whose handshake is next.

A handshake costs 0.4 ms of signing, and a suite's workers all connect at once: a few are done in
each turn of the loop, the others wait for the next, so that traffic goes on.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

HANDSHAKES_S: Final = 0.002  # of one turn of the loop
_UNTRUSTED: Final = "does not trust the certificate; give it the CA, see GET /__mock/v1/ca.pem"
_HINTS: Final = {
    "TLSV1_ALERT_UNKNOWN_CA": _UNTRUSTED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _UNTRUSTED,
    "SSLV3_ALERT_BAD_CERTIFICATE": "refuses the certificate; is it for the name it was called by?",
    "UNSUPPORTED_PROTOCOL": "speaks no TLS 1.2 or 1.3",
    "EOF": "left during the TLS handshake, as some do that do not trust the certificate;"
    " give it the CA, see GET /__mock/v1/ca.pem",
    "NO_SHARED_CIPHER": "knows none of the ciphers",
}
_LOG: Final = logging.getLogger("pymockapi.server")


class Shaking(Protocol):
    """A connection in its handshake."""

    def shake(self) -> None:
        """Go on with what has come."""
        ...


class Handshakes:
    """One for each TLS port."""

    def __init__(
        self, context: ssl.SSLContext, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.context = context
        self._monotonic_s = monotonic_s
        self._waiting: deque[Shaking] = deque()
        self._is_scheduled = False
        self._told: set[str] = set()

    def add(self, one: Shaking) -> None:
        """Let ``one`` go on when it is its turn, in the order in which they were added."""
        self._waiting.append(one)
        self._schedule()

    def go_on(self) -> None:
        """Do what may be done in this turn of the loop."""
        self._is_scheduled = False
        began = self._monotonic_s()
        while self._waiting:
            self._waiting.popleft().shake()
            if self._monotonic_s() - began >= HANDSHAKES_S:
                break
        if self._waiting:
            self._schedule()

    def _schedule(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self.go_on)

    def explain(self, reason: str, client: str) -> None:
        """Log why a handshake failed, each reason once: broken clients come in floods."""
        level = logging.DEBUG if reason in self._told else logging.WARNING
        self._told.add(reason)
        hint = _HINTS.get(reason, "failed the TLS handshake")
        _LOG.log(level, "%s %s (%s)", client, hint, reason)
