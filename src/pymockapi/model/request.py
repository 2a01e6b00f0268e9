"""A request as it arrived: raw bytes, and views of them parsed on demand.

Paths, queries and headers follow RFC 9110 and RFC 3986 with the choices that
``docs/matching.md`` tells: nothing is folded, invalid UTF-8 is kept (as surrogate escapes).
"""

from __future__ import annotations

from copy import copy
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec

from pymockapi.model.errors import printable as printable

NOT_JSON: Final = type("NotJson", (), {"__repr__": lambda _: "NOT_JSON", "__slots__": ()})()
"""What ``Request.json`` is when the body is no JSON text (or is nested too deep to be read)."""

_ROOM: Final = 64  # levels: answers show a value a few levels down, from deeper in the stack
_FEW_BRACKETS: Final = 200  # opened; no value with fewer can be nested near the recursion limit
_decode_json = msgspec.json.Decoder().decode
_encode_json = msgspec.json.Encoder().encode


class Memo(msgspec.Struct, gc=False, eq=False):
    """What follows from a head alone, kept for the next request that has the same one.

    ``selection`` is which namespace it names; ``below`` the request without its namespace's
    prefix. Nothing of a namespace is kept here: it would outlive it.
    """

    selection: Any = None
    below: Request | None = None


class Request(msgspec.Struct, gc=False, eq=False):
    """One HTTP request, frozen once built; its views are made when first asked for.

    ``target`` is the raw request target, UTF-8 decoded with surrogate escapes. ``head`` holds
    the raw bytes from the request line to the blank line. ``body`` is the content after
    transfer decoding. ``client`` is ``ip:port``. ``prefix`` is the part of the path that named
    the namespace and was taken off (``/~checkout-42``), or empty. ``memo`` is there when the
    same head has come before.
    """

    method: str
    target: str
    head: bytes = b"\r\n\r\n"
    body: bytes = b""
    client: str = ""
    scheme: str = "http"
    trailers: bytes = b""
    prefix: str = ""
    memo: Memo | None = None
    _path: str | None = None
    _segments: list[str] | None = None
    _query: dict[str, list[str]] | None = None
    _headers: list[tuple[str, str]] | None = None
    _by_name: dict[str, list[str]] | None = None
    _cookies: dict[str, list[str]] | None = None
    _form: dict[str, list[str]] | None = None
    _json: Any = msgspec.UNSET

    def again(self, client: str, body: bytes) -> Request:
        """Return a request with the same head, whose views it shares as far as they are made.

        This one must have no body (see ``bare``).
        """
        twin: Request = copy(self)
        twin.client = client
        if body:
            twin.body = body
        return twin

    def bare(self) -> Request:
        """Return the request without what does not follow from its head: body and client."""
        twin: Request = copy(self)
        twin.client = ""
        twin.body = b""
        twin._form = None
        twin._json = msgspec.UNSET
        return twin

    def below(self, prefix: str) -> Request:
        """Return the same request with ``prefix`` taken off its path."""
        memo = self.memo
        if memo is not None and memo.below is not None:
            return memo.below.again(self.client, self.body)
        routed = Request(
            self.method, self.target, self.head, self.body, self.client, self.scheme,
            self.trailers, prefix,
        )  # fmt: skip
        if memo is not None:
            routed.memo = Memo()
            routed._path = routed.path  # made once for all that come after
            memo.below = routed.bare()
        return routed

    @property
    def raw_path(self) -> str:
        """The path as sent, without query and namespace prefix."""
        path, _ = split_target(self.target)
        return (path[len(self.prefix) :] or "/") if self.prefix else path

    @property
    def path(self) -> str:
        """The canonical path: each segment percent-decoded, ``/`` and ``%`` in one kept escaped."""
        path = self._path
        if path is None:
            target = self.target
            if target[:1] == "/" and not self.prefix and "%" not in target:  # 0.4 us saved
                path = self._path = target.partition("?")[0]
            else:
                path = self._path = canonical_path(self.raw_path)
        return path

    @property
    def segments(self) -> list[str]:
        """The canonical path's parts between slashes; ``/a/b`` is ``["a", "b"]``, ``/`` is ``[""]``."""
        if self._segments is None:
            path = self.path
            self._segments = (path[1:] if path.startswith("/") else path).split("/")
        return self._segments

    @property
    def query(self) -> dict[str, list[str]]:
        if self._query is None:
            _, _, query = self.target.partition("?")
            self._query = split_pairs(query)
        return self._query

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Every header line in order, names in the case they were sent in."""
        if self._headers is None:
            self._headers = split_headers(self.head)
        return self._headers

    def header(self, name: str) -> list[str]:
        """Return the values of header ``name`` (lower case), one for each line."""
        if self._by_name is None:
            self._by_name = {}
            for key, value in self.headers:
                self._by_name.setdefault(key.lower(), []).append(value)
        return self._by_name.get(name, [])

    @property
    def cookies(self) -> dict[str, list[str]]:
        if self._cookies is None:
            self._cookies = {}
            for line in self.header("cookie"):
                for pair in line.split(";"):
                    name, equals, value = pair.strip().partition("=")
                    if equals:
                        self._cookies.setdefault(name.strip(), []).append(_unquoted(value.strip()))
        return self._cookies

    @property
    def form(self) -> dict[str, list[str]]:
        """The body read as ``application/x-www-form-urlencoded``; the content type is not asked."""
        if self._form is None:
            self._form = split_pairs(self.body.decode("utf-8", "surrogateescape"))
        return self._form

    @property
    def json(self) -> Any:
        """The body read as JSON, or ``NOT_JSON``; the content type is not asked."""
        if self._json is msgspec.UNSET:
            self._json = read_json(self.body)
        return self._json

    @property
    def text(self) -> str:
        """The body as text: by the charset of its content type, else UTF-8 (invalid bytes kept)."""
        for value in self.header("content-type"):
            _, found, charset = value.lower().partition("charset=")
            if found:
                try:
                    return self.body.decode(charset.split(";")[0].strip(" \"'"))
                except (LookupError, UnicodeDecodeError):
                    break
        return self.body.decode("utf-8", "surrogateescape")

    @property
    def host(self) -> str:
        """The authority of an absolute target, else the ``Host`` header, as sent."""
        if "://" in self.target[:9]:
            return self.target.split("/", 3)[2]
        return next(iter(self.header("host")), "")


def split_target(target: str) -> tuple[str, str]:
    """Split an origin, absolute, authority or asterisk target into path and query."""
    path, _, query = target.partition("?")
    if not path.startswith("/") and "://" in path:
        _, _, rest = path.partition("://")
        slash = rest.find("/")
        path = rest[slash:] if slash >= 0 else "/"
    return path, query


def canonical_path(path: str) -> str:
    """Decode each segment, so that equal paths are equal strings and ``%2F`` never separates."""
    if "%" not in path:
        return path
    return "/".join(_canonical_segment(segment) for segment in path.split("/"))


def _canonical_segment(segment: str) -> str:
    if "%" not in segment:
        return segment
    return decode_percent(segment).replace("%", "%25").replace("/", "%2F")


def plain_segment(segment: str) -> str:
    """Return a canonical segment fully decoded, as a capture is shown to a user."""
    return segment.replace("%2F", "/").replace("%25", "%") if "%" in segment else segment


def decode_percent(text: str) -> str:
    raw = unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def split_pairs(text: str) -> dict[str, list[str]]:
    """Read ``a=1&b=2``: ``+`` is a space, ``a`` alone is an empty value, order is kept by name."""
    pairs: dict[str, list[str]] = {}
    if text:
        for part in text.replace("+", " ").split("&"):
            if part:
                name, _, value = part.partition("=")
                if "%" in part:
                    name, value = decode_percent(name), decode_percent(value)
                pairs.setdefault(name, []).append(value)
    return pairs


def split_headers(head: bytes) -> list[tuple[str, str]]:
    lines = head.split(b"\r\n")[1:]
    pairs = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if colon:
            pairs.append((_header_text(name), _header_text(value.strip(b" \t"))))
    return pairs


def _header_text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def read_json(body: bytes) -> Any:
    if not body:
        return NOT_JSON
    try:
        return decode_json(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return NOT_JSON


def decode_json(body: bytes) -> Any:
    """Return the value of a JSON text. Raises ``MsgspecError``, ``ValueError`` or ``RecursionError``.

    The last means that it is nested too deep to be shown within another document, which would
    make whatever shows it fail; checking that costs about half of the decoding.
    """
    value = _decode_json(body)
    if body.count(b"[") + body.count(b"{") > _FEW_BRACKETS:
        nested = value
        for _ in range(_ROOM):
            nested = [nested]
        _encode_json(nested)
    return value
