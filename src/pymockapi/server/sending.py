"""One attempt at a callback: connect, send, and read as much of the answer as is kept. HTTP/1.1.

A small client of our own: one request a connection, no proxy, no redirect followed, everything
bounded. It can be stopped in the middle of a turn: nothing is sent after that.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Final, cast

import httptools

from pymockapi.model.callback import CallbackRecord
from pymockapi.model.urls import Destination
from pymockapi.server.egress import Egress, NotFound, Refused

MAX_READ_BYTES: Final = 64 * 1024  # of an answer; what follows is of no interest
MAX_KEPT_BYTES: Final = 1024  # of its body


class NotSent(Exception):
    """There was no answer. ``can_repeat`` tells whether another attempt may fare better."""

    def __init__(self, detail: str, *, can_repeat: bool = True) -> None:
        super().__init__(detail)
        self.can_repeat = can_repeat


class Attempt(asyncio.Protocol):
    """Sends ``data`` once connected; ``done`` is resolved when the answer is known as far as kept.

    ``status`` is 0 until its head has come.
    """

    def __init__(self, data: bytes, *, is_bodiless: bool) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.status = 0
        self.body = bytearray()
        self._data = data
        self._is_bodiless = is_bodiless
        self._read = 0
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._is_stopped = False

    def stop(self) -> None:
        """Send nothing more."""
        self._is_stopped = True
        self.done.cancel()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        if self._is_stopped:
            self._transport.abort()
        else:
            self._transport.write(self._data)

    def data_received(self, data: bytes) -> None:
        self._read += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._settle("it wants another protocol than HTTP/1.1")
        except httptools.HttpParserError as error:
            self._settle(None if self.status else f"its answer is no HTTP/1.1: {error}")
        if self._read > MAX_READ_BYTES:
            self._settle(None if self.status else "the head of its answer does not end")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200:  # others are interim (RFC 9110, section 15.2)
            self.status = status
            if self._is_bodiless:
                self._settle(None)

    def on_body(self, data: bytes) -> None:
        self.body += data[: MAX_KEPT_BYTES - len(self.body)]

    def on_message_complete(self) -> None:
        if self.status:
            self._settle(None)

    def connection_lost(self, exc: Exception | None) -> None:
        reason = "it closed the connection without an answer"
        if exc is not None:
            reason = f"the connection broke: {reason_of(exc)}"
        self._settle(None if self.status else reason)

    def _settle(self, problem: str | None) -> None:
        if self.done.done():
            return
        if problem is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(NotSent(problem))


class Sender:
    """Makes attempts; ``context`` is what HTTPS is verified by, made when it is first needed."""

    def __init__(self, egress: Egress, ca_pem: str | None = None) -> None:
        self._egress = egress
        self._ca_pem = ca_pem
        self._context: asyncio.Future[ssl.SSLContext] | None = None

    async def send(self, record: CallbackRecord) -> tuple[int, bytes]:
        """Return the status of the answer and the beginning of its body. Raises ``NotSent``.

        ``record.stop`` ends it at once, whatever it waits for.
        """
        task = asyncio.current_task()
        destination, callback = record.destination, record.callback
        assert destination is not None, "one that has none has failed"
        assert task is not None
        data = record.head + b"\r\n" + callback.body
        attempt = Attempt(data, is_bodiless=callback.method == "HEAD")

        def stop() -> None:
            attempt.stop()
            task.cancel()

        record.stop = stop
        try:
            async with asyncio.timeout(callback.timeout_s):
                await self._connect(attempt, destination)
                await attempt.done
        except TimeoutError:
            if not attempt.status:
                told = f"there was no answer within {callback.timeout_s:g} s"
                raise NotSent(told) from None
        finally:
            attempt.stop()
        return attempt.status, bytes(attempt.body)

    async def _connect(self, attempt: Attempt, destination: Destination) -> None:
        """Connect to the first address that takes it. Raises ``NotSent``."""
        loop = asyncio.get_running_loop()
        tls = await self._tls() if destination.scheme == "https" else None
        name = destination.host if tls is not None else None
        try:
            addresses = await self._egress.addresses(destination.host, destination.port)
        except Refused as refused:
            raise NotSent(str(refused), can_repeat=False) from None
        except NotFound as missing:
            raise NotSent(str(missing)) from None
        reason = ""
        for address in addresses:
            try:
                await loop.create_connection(
                    lambda: attempt, address, destination.port, ssl=tls, server_hostname=name
                )
                return
            except (OSError, ssl.CertificateError) as error:
                reason = reason_of(error)
        raise NotSent(reason)

    async def _tls(self) -> ssl.SSLContext:
        """Return it; reading the system's certificates takes 20 ms, so that is done aside."""
        if self._context is None:
            loop = asyncio.get_running_loop()
            self._context = loop.run_in_executor(None, made_context, self._ca_pem)
        return await asyncio.shield(self._context)


def made_context(ca_pem: str | None) -> ssl.SSLContext:
    """Return what verifies by the system's CAs, and by the mock's own."""
    context = ssl.create_default_context()
    if ca_pem is not None:
        context.load_verify_locations(cadata=ca_pem)
    return context


def reason_of(error: BaseException) -> str:
    """Return why a connection failed, as a sentence without its end."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid here: {error.verify_message}"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there (connection refused)"
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return (text or type(error).__name__).rstrip(".")
