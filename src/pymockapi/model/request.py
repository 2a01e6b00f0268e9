"""A request as it arrived: raw bytes, and views of them parsed on demand.

Paths, queries and headers follow RFC 9110 and RFC 3986 with the choices that
``docs/matching.md`` tells: nothing is folded, invalid UTF-8 is kept (as surrogate escapes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec

from pymockapi.model.charsets import decode_text
from pymockapi.model.codings import Undecoded, decode_body, read_codings
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.errors import printable as printable
from pymockapi.model.json_reading import read_json
from pymockapi.model.multipart import Malformed, Multipart, read_multipart
from pymockapi.model.urls import authority_of

MAX_READ_BYTES: Final = 1024 * 1024
"""Of a body that is read as JSON, text, form or XML: at worst 15 ms of work."""

_OWED_BYTES: Final = 64  # of a decoded body that one step stands for, as of one that was sent so
MAX_JSON_PARTS: Final = 80_000
MAX_FORM_PARTS: Final = 60_000


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
    same head has come before. ``owed_steps`` are those of undoing content codings, until a match
    takes them from its budget; ``xml`` is what was made of the body once for all stubs, and
    ``searches`` what long JSONPaths found in it, by their texts.
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
    _text: str | None = None
    _json: Any = msgspec.UNSET
    _multipart: Multipart | Malformed | None = None
    _content: bytes | Undecoded | None = None
    owed_steps: int = 0
    xml: Any = None
    searches: dict[str, Any] | None = None

    def again(self, client: str, body: bytes) -> Request:
        """Return a request with the same head, whose views it shares as far as they are made.

        This one must have no body (see ``bare``).
        """
        twin: Request = _copied(self)
        twin.client = client
        if body:
            twin.body = body
        return twin

    def bare(self) -> Request:
        """Return the request without what does not follow from its head: body and client."""
        twin: Request = _copied(self)
        twin.client = ""
        twin.body = b""
        twin._form = None
        twin._text = None
        twin._json = msgspec.UNSET
        twin._multipart = None
        twin._content = None
        twin.owed_steps = 0
        twin.xml = None
        twin.searches = None
        return twin

    def below(self, prefix: str) -> Request:
        """Return the same request with ``prefix`` taken off its path."""
        memo = self.memo
        if memo is not None and memo.below is not None:
            routed = memo.below.again(self.client, self.body)
        else:
            routed = Request(
                self.method, self.target, self.head, self.body, self.client, self.scheme,
                self.trailers, prefix,
            )  # fmt: skip
            if memo is not None:
                routed.memo = Memo()
                routed._path = routed.path  # made once for all that come after
                memo.below = routed.bare()
        if self.body:  # was read already, perhaps, to tell whose the request is
            routed._json, routed._form, routed._text = self._json, self._form, self._text
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
    def content(self) -> bytes:
        """The body without its content codings; as it was sent if it is ``undecoded``."""
        content = self._content
        if content is None:
            content = self._content = self._decode() if self.body else b""
        return self.body if isinstance(content, Undecoded) else content

    @property
    def undecoded(self) -> str:
        """Why the content codings of the body cannot be undone; empty if they can."""
        if self._content is None:
            _ = self.content
        return self._content.reason if isinstance(self._content, Undecoded) else ""

    def _decode(self) -> bytes | Undecoded:
        if b"\ncontent-encoding:" not in self.head.lower():
            return self.body
        codings = read_codings(self.header("content-encoding"))
        if not codings:
            return self.body
        decoded = decode_body(self.body, codings)
        if not isinstance(decoded, Undecoded):
            self.owed_steps = len(decoded) // _OWED_BYTES
        return decoded

    @property
    def has_form(self) -> bool:
        """Whether the body has been read as a form."""
        return self._form is not None

    @property
    def form(self) -> dict[str, list[str]]:
        """The body read as ``application/x-www-form-urlencoded``; the content type is not asked."""
        if self._form is None:
            body = b"" if self.undecoded else self.content
            if len(body) > MAX_FORM_PARTS // 2:  # a shorter one cannot be over a limit
                check_form(self.read_body())
            self._form = split_pairs(body.decode("utf-8", "surrogateescape"))
        return self._form

    @property
    def unread_bytes(self) -> int:
        """How much of the body would have to be read for ``json``, if nobody has asked for it yet."""
        return len(self.content) if self._json is msgspec.UNSET else 0

    @property
    def json(self) -> Any:
        """The body read as JSON, or ``NOT_JSON``; the content type is not asked.

        Raises ``ExpressionLimit`` for JSON beyond what is read.
        """
        if self._json is msgspec.UNSET:
            body = b"" if self.undecoded else self.content
            if len(body) > MAX_JSON_PARTS:  # a shorter one cannot be over a limit
                check_json(self.read_body())
            self._json = read_json(body)
        return self._json

    @property
    def text(self) -> str:
        """The body as text: by the charset of its content type, else UTF-8 (invalid bytes kept)."""
        if self._text is None:
            self._text = decode_text(self.read_body(), self.header("content-type"))
        return self._text

    @property
    def multipart(self) -> Multipart | Malformed:
        """The body read in parts, by the boundary that its content type names."""
        if self._multipart is None:
            if self.undecoded:
                self._multipart = Malformed(f"it is {self.undecoded}")
            else:
                self._multipart = read_multipart(
                    self.content, self.header("content-type"), MAX_READ_BYTES, MAX_JSON_PARTS
                )
        return self._multipart

    def read_body(self) -> bytes:
        """Return the body to be read as JSON, text, form or XML.

        Raises ``ExpressionLimit``, as the views of it do, when that would take too long.
        """
        content = self.content
        if len(content) > MAX_READ_BYTES:
            raise ExpressionLimit(
                f"The body has {len(content):,} bytes; read as JSON, text, form or XML are up"
                f" to {MAX_READ_BYTES:,}"
            )
        return content

    @property
    def host(self) -> str:
        """The authority of an absolute target, else the ``Host`` header, as sent."""
        if "://" in self.target[:9]:
            return authority_of(self.target)
        return next(iter(self.header("host")), "")


_copied: Final[Callable[[Request], Request]] = Request.__copy__  # type: ignore[attr-defined]
"""As ``copy.copy``, which takes 0.1 us to find it."""


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


def json_parts(body: bytes) -> int:
    """Return how much there is to read in a JSON text, cheap beside reading it."""
    return json_quarters(body, 0, len(body)) // 4


def check_json(body: bytes) -> None:
    """Raise ``ExpressionLimit`` for JSON that would take more than about 10 ms to read."""
    check_json_quarters(json_quarters(body, 0, len(body)))


def json_quarters(body: bytes, begin: int, end: int) -> int:
    """Return four times the parts of JSON between two places; those of a whole text are a sum."""
    whole = body.count(b"[", begin, end) + body.count(b"{", begin, end)
    return 4 * (whole + body.count(b":", begin, end)) + body.count(b",", begin, end)


def check_json_quarters(quarters: int) -> None:
    parts = quarters // 4
    if parts > MAX_JSON_PARTS:
        raise ExpressionLimit(
            f"The JSON body has {parts:,} parts, brackets, colons and a quarter of its"
            f" commas; {MAX_JSON_PARTS:,} are read"
        )


def check_form(body: bytes) -> None:
    """Raise ``ExpressionLimit`` for a form that would take more than about 10 ms to read."""
    parts = body.count(b"&") + 2 * body.count(b"%")
    if parts > MAX_FORM_PARTS:
        raise ExpressionLimit(
            f"The form has {parts:,} parts, fields and twice its escapes; {MAX_FORM_PARTS:,} are read"
        )


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
