"""The yardstick: the least that answers HTTP on httptools, with a fixed reply and no recording.

Every ratio in ``docs/benchmarks.md`` is against this responder, measured in the same run on the
same machine. llhttp runs over each request and one answer is written; not even the method or the
path is looked at, and there are no limits, no errors and no pipelining order to keep.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Final, cast

import httptools

try:
    import uvloop
except ImportError:
    uvloop = None  # type: ignore[assignment,unused-ignore]

REPLY: Final = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"ok": true }'
)


class Bare(asyncio.Protocol):
    """Answers ``REPLY`` to every request of one connection."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not one by type

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._transport.write(REPLY)


async def serve(port: int) -> None:
    """Listen on the loopback, print the port, and answer until killed."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    port = options.parse_args().port
    run = asyncio.run if uvloop is None else uvloop.run
    run(serve(port))


if __name__ == "__main__":
    main()
