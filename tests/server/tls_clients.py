"""TLS clients in memory: a handshake without sockets, and what a client trusts."""

from __future__ import annotations

import ssl
from contextlib import suppress
from functools import cache

from pymockapi.server.certificates import Identity, made_identity


@cache
def identity() -> Identity:
    """One test certificate for all tests that do not care which."""
    return made_identity(())


def client_context(ca_pem: str | None = None) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=ca_pem or identity().ca_pem)


class Ends:
    """A client's TLS; ``sent`` is what it wants to send, ``receive`` what came for it."""

    def __init__(self, context: ssl.SSLContext | None = None, name: str = "localhost") -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (context or client_context()).wrap_bio(self._in, self._out, server_hostname=name)

    def shake(self) -> bool:
        """Go on with the handshake; return whether it is done."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def sent(self) -> bytes:
        return self._out.read()

    def receive(self, data: bytes) -> None:
        self._in.write(data)

    def read(self) -> bytes:
        """Return the plain bytes that have come."""
        found = b""
        try:
            while part := self.tls.read():
                found += part
        except ssl.SSLWantReadError:
            return found
        return found

    def read_all(self) -> bytes:
        """Return the plain bytes to the server's own end, which must have come."""
        found = b""
        while part := self.tls.read():
            found += part
        return found


def shaken(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    """Return whether the client, calling ``name``, accepts the server."""
    one = Ends(client, name)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    other = server.wrap_bio(incoming, outgoing, server_side=True)
    while not one.shake():
        incoming.write(one.sent())
        with suppress(ssl.SSLWantReadError):
            other.do_handshake()
        one.receive(outgoing.read())
    return True
