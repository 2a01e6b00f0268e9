# Made from aio/tls.py by tests/client_twins.py: change that, then run 'make client'.
"""TLS over a connection: bytes in and out of memory, sent and received by what lies below.

Loaded only for a server at ``https://``, since ``ssl`` takes longer to import than all else.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial
from typing import Final, Self

from pymockapi.client.connection import Connection, Open
from pymockapi.client.errors import MockServerError

_READ_BYTES: Final = 65_536
Receive = Callable[[], bytes]


class TlsConnection(Connection):
    """A connection over TLS: what is sent and received on its socket is encrypted."""

    __slots__ = ("_incoming", "_outgoing", "_tls")
    _incoming: ssl.MemoryBIO
    _outgoing: ssl.MemoryBIO
    _tls: ssl.SSLObject

    @classmethod
    def secured(cls, context: ssl.SSLContext, host: str, port: int, deadline: float) -> Self:
        """Return a connection to a server that has shown to be whom ``context`` trusts for ``host``.

        Raises ``MockServerError`` if it has not, ``OSError`` as ``open``.
        """
        connection = cls.open(host, port, deadline)
        connection._incoming, connection._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            connection._tls = context.wrap_bio(
                connection._incoming, connection._outgoing, server_hostname=host
            )
            connection._shake_hands(deadline)
        except BaseException as error:
            connection.abort()
            if isinstance(error, ssl.SSLError):
                raise MockServerError(_refusal(host, error)) from error
            raise
        return connection

    def send(self, request: bytes, deadline: float) -> bool:
        self._tls.write(request)
        return super().send(self._outgoing.read(), deadline)

    def receive(self, deadline: float) -> bytes:
        return self._decrypted(partial(super().receive, deadline))

    def receive_more(self, deadline: float) -> bytes:
        return self._decrypted(partial(super().receive_more, deadline))

    def _decrypted(self, receive: Receive) -> bytes:
        while True:
            try:
                return self._tls.read(_READ_BYTES)
            except ssl.SSLWantReadError:
                self._take(receive())
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def _shake_hands(self, deadline: float) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                super().send(self._outgoing.read(), deadline)
                self._take(super().receive(deadline))
            else:
                break
        super().send(self._outgoing.read(), deadline)

    def _take(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


def opener(ca_file: str | None) -> Open:
    """Return what opens connections to servers whose CA is in ``ca_file``, or is the system's."""
    return partial(TlsConnection.secured, trust(ca_file))


def trust(ca_file: str | None) -> ssl.SSLContext:
    """Return what trusts the CA in ``ca_file``, or without one those of the system.

    Raises ``MockServerError`` if there is no certificate in the file, or no file.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise MockServerError(
            f"The CA of the mock server cannot be read from '{ca_file}': {error}"
        ) from error


def _refusal(host: str, error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of the mock server at '{host}' is not trusted:"
            f" {error.verify_message}. Give the file of the CA that signed it: ca_file=, or"
            " PYMOCKAPI_CA_FILE."
        )
    return (
        f"No TLS with the mock server at '{host}': {error}. Is that port one for HTTPS? For HTTP the"
        " URL begins with http://."
    )
