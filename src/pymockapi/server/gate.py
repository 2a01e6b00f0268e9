"""Who may drive the control API, by HTTP or by WebSocket.

The gate keeps web pages out: on loopback a foreign ``Host`` or ``Origin`` is refused, elsewhere a
token is required.
"""

from __future__ import annotations

import hmac
from typing import Final

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.api.rows import ROWS
from pymockapi.model.errors import Forbidden, Unauthorized
from pymockapi.model.request import Request

_OPEN: Final = frozenset(CONTROL_ROOT + row.path for row in ROWS if row.is_open)
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


class Gate:
    """Who may drive the control API. ``hosts`` are names beside loopback that it is reached by."""

    def __init__(self, token: str | None, hosts: frozenset[str] = frozenset()) -> None:
        self._token = token
        self._hosts = _LOCAL_HOSTS | hosts

    def check(self, request: Request) -> None:
        """Raise ``Unauthorized`` or ``Forbidden``, if one applies."""
        origin = next(iter(request.header("origin")), None)
        if origin is not None and not self._is_same(origin, request):
            raise Forbidden(
                f"Origin '{origin}' may not drive this server: the control API is not for web pages."
            )
        if request.path in _OPEN:
            return
        if self._token is not None:
            self._check_token(request)
        elif not self._is_own(request.host):
            raise Forbidden(
                f"Host '{request.host}' is not this server's; without a token the control API answers"
                " on localhost, 127.0.0.1 and [::1] only."
            )

    def _is_same(self, origin: str, request: Request) -> bool:
        """Return whether a page comes from this very server: another port is another origin."""
        authority = origin.partition("://")[2].lower()
        return authority == request.host.lower() and self._is_own(authority)

    def _is_own(self, authority: str) -> bool:
        host = authority.lower()
        if not host.endswith("]"):
            host = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return host in self._hosts

    def _check_token(self, request: Request) -> None:
        given = next(iter(request.header("authorization")), "")
        scheme, _, token = given.partition(" ")
        expected = (self._token or "").encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            token.strip().encode("utf-8", "replace"), expected
        ):
            raise Unauthorized("This server wants its token: 'Authorization: Bearer TOKEN'.")
