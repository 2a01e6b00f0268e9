"""Reading a request's head: the request line by our own strict split, the rest by what matters.

httptools (llhttp) judges the syntax of every header line and frames the body. Here is only
what it lets pass (missing or two ``Host``, HTTP/0.9 and 2.0, codings before ``chunked``,
``chunked`` in HTTP/1.0) or refuses although we serve it (odd methods, raw UTF-8 targets,
``CONNECT``, offers to upgrade). RFC 9112 sections 2, 3 and 6. No sockets, no time.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from pymockapi.model.request import Request
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.refusals import (
    BadRequest,
    HeadTooLarge,
    TargetTooLong,
    UnknownExpectation,
    UnknownVersion,
)

_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_LINE: Final = re.compile(rb"(" + _TOKEN + rb"+) ([!-~\x80-\xff]+) HTTP/1\.([01])\r\n")
_OTHER_VERSION: Final = re.compile(rb"[^\s]+ [^\s]+ (HTTP/\d+(?:\.\d+)?)")
_TOLD: Final = re.compile(rb"\n(host|content-length|transfer-encoding|upgrade|expect):")
_VALUE: Final = re.compile(rb"\n(content-length|transfer-encoding|expect):[ \t]*([^\r\n]*)")
_UPGRADE: Final = re.compile(rb"\nupgrade:", re.IGNORECASE)
_BROKEN: Final = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|\x00")
_LENGTH: Final = re.compile(rb"\d{1,19}")
_FIRST: Final = re.compile(_TOKEN)
_ONLY_HOST: Final = [b"host"]
_HOST_AND_LENGTH: Final = {b"host", b"content-length"}
_MIN_LINE: Final = 4  # "a:" CRLF, the shortest header line

_PLAIN_METHODS: Final = {
    name.encode(): name
    for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
}
"""Methods that llhttp takes for any HTTP/1.1 request; others go in under a neutral line."""


class Head(msgspec.Struct, gc=False):
    """A request line, and what the headers say about the body.

    ``minor`` is the x of HTTP/1.x. ``length`` is the declared one, 0 without. ``is_odd``: llhttp
    must see it with a neutral request line. ``expects``: the client waits for 100 Continue.
    """

    method: str
    target: str
    minor: int
    is_odd: bool = False
    length: int = 0
    is_chunked: bool = False
    expects: bool = False


def read_head(raw: bytes, limits: EdgeLimits) -> Head:
    """Read a head from request line to blank line. Raises ``Refusal``."""
    line = _LINE.match(raw)
    if line is None or len(raw) > limits.request_line:
        _check_line(raw, limits)
        assert line is not None
    if len(raw) > _MIN_LINE * limits.header_lines or len(raw) > limits.head:
        _check_size(raw, limits)
    method, target, minor = line.groups()
    lowered = raw.lower()
    told = _TOLD.findall(lowered)
    name = _PLAIN_METHODS.get(method)
    text = target.decode("utf-8", "surrogateescape")
    head = Head(name or method.decode(), text, minor[0] - 48, name is None)
    if text[0] != "/":
        _check_target(head)
    if told != _ONLY_HOST:
        if set(told) == _HOST_AND_LENGTH and len(told) == 2:
            head.length = _read_length(_value(lowered, b"\ncontent-length:"))
        else:
            _read_told(head, lowered, told)
    return head


def check_start(raw: bytes, limits: EdgeLimits) -> None:
    """Refuse at once what can never become a head; ``raw`` holds its beginning, not its end.

    Without this, a client that speaks something else would wait for the time limit.
    """
    if not _FIRST.match(raw):
        raise BadRequest(_strange_start(raw))
    end = raw.find(b"\r\n")
    if end < 0 and len(raw) > limits.request_line:
        raise TargetTooLong(limits.request_line)
    _check_broken(raw)
    if end >= 0:
        _check_line(raw, limits)
    _check_size(raw, limits)


def neutral(raw: bytes) -> bytes:
    """Return the head as llhttp may see it: a plain request line, offers to upgrade masked.

    llhttp would skip the body of an upgrade (Java's client offers ``h2c`` with every request),
    and refuses methods and targets that are fine here. Framing headers stay as they are.
    """
    end = raw.index(b"\r\n")
    return _UPGRADE.sub(b"\nX-grade:", b"POST / HTTP/1." + raw[end - 1 :])


def fragment(raw: bytes, client: str, limits: EdgeLimits) -> Request:
    """Return what can be told of a request whose head is broken or not whole."""
    whole, blank, _ = raw.partition(b"\r\n\r\n")
    line, _, _ = whole.partition(b"\n")
    parts = line.rstrip(b"\r").split(b" ")
    method = parts[0] if re.fullmatch(_TOKEN + rb"{1,64}", parts[0]) else b""
    target = parts[1] if method and len(parts) > 1 else b""
    return Request(
        method.decode(),
        target.decode("utf-8", "surrogateescape"),
        (whole + blank)[: limits.head],
        b"",
        client,
    )


def _check_line(raw: bytes, limits: EdgeLimits) -> None:
    end = raw.find(b"\n")
    if end > limits.request_line:
        raise TargetTooLong(limits.request_line)
    if _LINE.match(raw):
        return
    _check_broken(raw)
    if other := _OTHER_VERSION.fullmatch(raw[: max(end - 1, 0)]):
        version = other[1].decode()
        if version not in ("HTTP/1.1", "HTTP/1.0"):
            raise UnknownVersion(version)
    if not _FIRST.match(raw):
        raise BadRequest(_strange_start(raw))
    raise BadRequest(
        f"'{_shown(raw[: max(end, 0)])}' is no request line; it must be METHOD, one space, TARGET,"
        " one space, HTTP/1.1, and the target percent-encoded (RFC 9112 section 3)."
    )


def _check_broken(raw: bytes) -> None:
    if broken := _BROKEN.search(raw):
        what = {b"\n": "a LF without CR", b"\r": "a CR without LF"}.get(broken[0], "a NUL")
        raise BadRequest(f"The head holds {what} at byte {broken.start()} (RFC 9112 section 2.2).")


def _check_size(raw: bytes, limits: EdgeLimits) -> None:
    if len(raw) > limits.head:
        raise HeadTooLarge(f"The head is over the limit of {limits.head} bytes ('head').")
    if raw.count(b"\n") > limits.header_lines + 2:
        raise HeadTooLarge(f"The head has more than {limits.header_lines} header lines.")


def _check_target(head: Head) -> None:
    """Check the form of the target: origin, absolute, authority or asterisk (section 3.2)."""
    target = head.target
    if target[0] == "/" or head.method == "CONNECT" or "://" in target[1:9]:
        return
    if target == "*" and head.method == "OPTIONS":
        return
    raise BadRequest(
        f"The target '{_shown(target.encode('utf-8', 'surrogateescape'))}' begins neither with '/'"
        " nor with 'http://' (RFC 9112 section 3.2)."
    )


def _read_told(head: Head, lowered: bytes, told: list[bytes]) -> None:
    _check_hosts(head, told.count(b"host"))
    if b"upgrade" in told:
        head.is_odd = True
    for name, value in _VALUE.findall(lowered):
        if name == b"content-length":
            head.length = _read_length(value.rstrip(b" \t"))
        elif name == b"transfer-encoding":
            head.is_chunked = _read_coding(head, value.rstrip(b" \t"))
        elif head.minor == 1:  # RFC 9110 section 10.1.1: HTTP/1.0 cannot expect
            head.expects = _read_expectation(value.rstrip(b" \t"))
    _check_framing(told)


def _value(lowered: bytes, name: bytes) -> bytes:
    """Return the value of a header that is there once; quicker than reading all that matter."""
    begin = lowered.index(name) + len(name)
    return lowered[begin : lowered.index(b"\r\n", begin)].strip(b" \t")


def _check_hosts(head: Head, count: int) -> None:
    if count > 1 or (count == 0 and head.minor == 1):
        raise BadRequest(f"The request has {count or 'no'} Host headers, not one (section 3.2).")


def _check_framing(told: list[bytes]) -> None:
    lengths, codings = told.count(b"content-length"), told.count(b"transfer-encoding")
    if lengths + codings > 1:
        raise BadRequest(
            f"{lengths} Content-Length and {codings} Transfer-Encoding headers leave the body's end"
            " open (RFC 9112 section 6.3)."
        )


def _read_length(value: bytes) -> int:
    if not _LENGTH.fullmatch(value):
        raise BadRequest(f"Content-Length '{_shown(value)}' is no length (RFC 9110 section 8.6).")
    return int(value)


def _read_coding(head: Head, value: bytes) -> bool:
    if head.minor == 0:
        raise BadRequest("HTTP/1.0 has no Transfer-Encoding (RFC 9112 section 6.1).")
    if value != b"chunked":
        raise BadRequest(f"Transfer-Encoding '{_shown(value)}' is not 'chunked' alone.")
    return True


def _read_expectation(value: bytes) -> bool:
    if value != b"100-continue":
        raise UnknownExpectation(_shown(value))
    return True


def _strange_start(raw: bytes) -> str:
    if raw.startswith(b"\x16\x03"):
        return "This port speaks plain HTTP; the client began a TLS handshake (use http://)."
    return f"'{_shown(raw)}' does not begin a request."


def _shown(raw: bytes) -> str:
    text = raw[:60].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
