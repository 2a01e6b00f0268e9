"""Random streams of bytes as a client might send them: requests, broken requests, and neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

_METHODS: Final = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "QUERY", "x-Own"]
_TARGETS: Final = [
    "/", "/a", "/a/b?c=d", "/%2F%00", "//", "/a?" + "q=1&" * 40, "http://shop/a", "/~n/a", "/a#b",
]  # fmt: skip
_FIELDS: Final = [
    b"X-H: 1", b"x-h:\t 2 ", b"Cookie: a=b; c", b"Accept: */*", b"X-Long: " + b"v" * 300,
    b"Content-Type: application/json", b"Upgrade: h2c", b"Connection: keep-alive", b"X-Empty:",
    b"X-Bytes: \xc3\xa4\xff",
]  # fmt: skip
_BODIES: Final = [
    b"", b"a", b"{}", b"GET /inner HTTP/1.1\r\nHost: a\r\n\r\n", b"0\r\n\r\n", b"\r\n\r\n", b"x" * 700,
]  # fmt: skip
_STRANGE: Final = [
    b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b"\r\n\r\n", b"0\r\n\r\n", b"HTTP/1.1", b"/2",
    b"Content-Length: 5\r\n", b"Content-Length: +1\r\n", b"Content-Length: 1, 1\r\n", b"\r\n folded",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n", b"Host: b\r\n", b"Connection: close\r\n", b"Expect: 100-continue\r\n",
    b"Expect: cakes\r\n", b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"ffffffffffffffff\r\n", b"-1\r\n",
    b"1;a=b\r\n", b"\xff\xfe", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
]  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A request that is valid, and its bytes."""

    method: str
    target: str
    body: bytes
    raw: bytes


def _chunked(body: bytes, size: int, extension: bytes, trailer: bytes) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x%b\r\n%b\r\n" % (len(part), extension, part) for part in parts)
    return b"%b0\r\n%b\r\n" % (chunks, trailer)


@st.composite
def valid_requests(draw: st.DrawFn) -> Sent:
    """A request that HTTP/1.1 allows and that leaves the connection open."""
    method = draw(st.sampled_from(_METHODS))
    target = draw(st.sampled_from(_TARGETS))
    body = draw(st.sampled_from(_BODIES))
    fields = draw(st.lists(st.sampled_from(_FIELDS), max_size=4, unique=True))
    framing = draw(st.sampled_from(["length", "length", "chunked"]))
    if framing == "chunked":
        fields.append(b"Transfer-Encoding: chunked")
        size = draw(st.integers(1, 800)) if len(body) < 100 else 300
        extension = draw(st.sampled_from([b"", b";x", b';x="y z"']))
        coded = _chunked(body, size, extension, draw(st.sampled_from([b"", b"X-Sum: 1\r\n"])))
    else:
        coded = body
        if body or draw(st.booleans()):
            fields.append(b"Content-Length: %d" % len(body))
    fields.insert(draw(st.integers(0, len(fields))), b"Host: a")
    lines = [f"{method} {target} HTTP/1.1".encode(), *fields, b"", b""]
    return Sent(method, target, body, b"\r\n".join(lines) + coded)


def _mutated(raw: bytes, kind: str, at: float, size: int, piece: bytes) -> bytes:
    place = int(at * len(raw))
    if kind == "cut":
        return raw[:place] + raw[place + size :]
    if kind == "insert":
        return raw[:place] + piece + raw[place:]
    if kind == "overwrite":
        return raw[:place] + piece + raw[place + len(piece) :]
    if kind == "line":  # after the line that goes on at this place
        end = raw.find(b"\r\n", place) + 2
        return raw[:end] + piece + raw[end:]
    return raw[:place] + raw[place : place + size] * 2 + raw[place + size :]


_mutations: st.SearchStrategy[Any] = st.tuples(
    st.sampled_from(["cut", "insert", "overwrite", "line", "line", "again"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 30),
    st.one_of(st.sampled_from(_STRANGE), st.sampled_from(_STRANGE), st.binary(max_size=4)),
)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Requests one after the other, most with something wrong somewhere; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    raw = b"".join(each.raw for each in draw(st.lists(valid_requests(), min_size=1, max_size=3)))
    for mutation in draw(st.lists(_mutations, max_size=3)):
        raw = _mutated(raw, *mutation)
    return raw


def pieces(raw: bytes, cuts: list[float]) -> list[bytes]:
    """Return ``raw`` in pieces, none empty."""
    places = sorted({int(cut * len(raw)) for cut in cuts} - {0, len(raw)})
    return [
        raw[begin:end] for begin, end in zip([0, *places], [*places, len(raw)], strict=True) if raw
    ]


cutting = st.lists(st.floats(0, 1), max_size=8)
