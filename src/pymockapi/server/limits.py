"""What one listener may hold and how long it waits, each number with its reason.

Every limit answers a client that is slow, broken or hostile; reaching one is visible to that
client (a status) and, where a request could be told, in the journal (phase ``refused``).
"""

from __future__ import annotations

import msgspec

KIB = 1024
MIB = 1024 * KIB
EXTRA_CONNECTIONS = 100  # over the limit, being told so; any more are dropped


class EdgeLimits(msgspec.Struct, frozen=True):
    """Sizes in bytes, times in seconds.

    - ``head``: request line and headers together; room for large tokens and cookies (431).
    - ``request_line``: past any URL that browsers and proxies carry (414).
    - ``header_lines``: twice what busy gateways add; bounds what one head costs to split (431).
    - ``body``: content after transfer decoding (413).
    - ``trailers``: names and values after a chunked body (431).
    - ``connections``: open sockets; one more is told 503 and closed.
    - ``inflight_bytes``: bodies still arriving, messages to WebSockets that are not whole (close
      code 1013), and answers not yet taken by their clients, over
      all connections; the server's memory stays bounded whatever clients send (503).
    - ``queue``: pipelined requests answered but not sent on one connection; then reading pauses.
    - ``turn_requests``, ``turn_bytes``: what one connection may take of one turn of the event
      loop, so that a flood on it does not delay the others.
    - ``idle_s``: a kept connection without a request, or a client that reads nothing of its
      answer; longer than the 60 s after which most pools let go, so that they close first.
    - ``handshake_s``: from the connection to the end of its TLS handshake (it is closed).
    - ``head_s``: from the first byte of a head to its end (408).
    - ``body_s``, ``pace``: a body may take ``body_s``, and a second more for every ``pace`` bytes
      that came, so that a large upload passes and a dripping one does not (408).
    - ``drain_bytes``, ``drain_s``: what is still read of a refused request, so that its client
      gets to read the answer instead of a reset; what is waited for at the end of a WebSocket.
    - ``message``: of a WebSocket's client, all its fragments together (close code 1009).
    - ``ping_interval_s``, ``ping_timeout_s``: a WebSocket that is silent for so long is sent a
      ping, and closed when nothing at all moves for so long after it. Long enough for a test
      that stops to think, short enough that lost clients do not add up.
    """

    head: int = 64 * KIB
    request_line: int = 16 * KIB
    header_lines: int = 200
    body: int = 10 * MIB
    trailers: int = 8 * KIB
    connections: int = 2_000
    inflight_bytes: int = 256 * MIB
    queue: int = 32
    turn_requests: int = 32
    turn_bytes: int = 16 * KIB
    idle_s: float = 75.0
    handshake_s: float = 10.0
    head_s: float = 10.0
    body_s: float = 60.0
    pace: int = 16 * KIB
    drain_bytes: int = MIB
    drain_s: float = 2.0
    message: int = MIB
    ping_interval_s: float = 20.0
    ping_timeout_s: float = 60.0

    @property
    def tick_s(self) -> float:
        """How often time limits are looked at: a quarter of the shortest, at most a second."""
        shortest = min(self.idle_s, self.handshake_s, self.head_s, self.body_s)
        return max(0.01, min(1.0, shortest / 4))
