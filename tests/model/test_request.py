"""A request's views: path, query, headers, cookies, form and body, parsed when asked for."""

from __future__ import annotations

import pytest
from tests.engine.requests import make_request

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.exchange import OPEN, UNCOUNTED, Exchange, Phase
from pymockapi.model.json_reading import NOT_JSON, read_json
from pymockapi.model.request import (
    MAX_READ_BYTES,
    Request,
    canonical_path,
    plain_segment,
    printable,
    split_pairs,
)


@pytest.mark.parametrize(
    ("target", "path", "segments"),
    [
        ("/", "/", [""]),
        ("/a/b", "/a/b", ["a", "b"]),
        ("/a/b/", "/a/b/", ["a", "b", ""]),
        ("//a//b", "//a//b", ["", "a", "", "b"]),
        ("/a/../b/.", "/a/../b/.", ["a", "..", "b", "."]),
        ("/a%20b", "/a b", ["a b"]),
        ("/a%2Fb", "/a%2Fb", ["a%2Fb"]),
        ("/a%2fb%25", "/a%2Fb%25", ["a%2Fb%25"]),
        ("/%C3%A9", "/é", ["é"]),
        ("/%FF", "/\udcff", ["\udcff"]),
        ("/a?b=/c", "/a", ["a"]),
        ("/a+b", "/a+b", ["a+b"]),
        ("http://h:1/a?b", "/a", ["a"]),
        ("http://h", "/", [""]),
        ("*", "*", ["*"]),
    ],
)
def test_a_path_is_decoded_segment_by_segment_and_never_folded(
    target: str, path: str, segments: list[str]
) -> None:
    request = Request("GET", target)
    assert (request.path, request.segments) == (path, segments)


def test_a_canonical_segment_shows_as_it_was_meant() -> None:
    assert plain_segment(canonical_path("/a%2Fb%25")[1:]) == "a/b%"
    assert plain_segment("plain") == "plain"


def test_below_a_prefix_the_path_is_what_remains() -> None:
    request = make_request("GET", "/~a/x?y=1", client="1.2.3.4:5")
    below = request.below("/~a")
    assert (below.path, below.raw_path, below.query) == ("/x", "/x", {"y": ["1"]})
    assert (below.target, below.client, below.prefix) == (request.target, request.client, "/~a")
    assert Request("GET", "/~a").below("/~a").path == "/"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", {}),
        ("a=1&b=2&a=3", {"a": ["1", "3"], "b": ["2"]}),
        ("a", {"a": [""]}),
        ("a=", {"a": [""]}),
        ("=1", {"": ["1"]}),
        ("a=1=2", {"a": ["1=2"]}),
        ("a+b=c+d", {"a b": ["c d"]}),
        ("a=%2B%26", {"a": ["+&"]}),
        ("&&a=1&", {"a": ["1"]}),
        ("%C3%A9=%FF", {"é": ["\udcff"]}),
        ("a=%zz", {"a": ["%zz"]}),
    ],
)
def test_pairs_are_read_in_order_by_name(text: str, pairs: dict[str, list[str]]) -> None:
    assert split_pairs(text) == pairs
    assert Request("GET", f"/?{text}").query == pairs
    assert Request("POST", "/", body=text.encode()).form == pairs


def test_headers_keep_order_case_and_every_line() -> None:
    request = Request(
        "GET", "/", b"GET / HTTP/1.1\r\nX-A: 1\r\nx-a:2 \r\nbad\r\nB: \xc3\xa9\r\nC: \xe9\r\n\r\n"
    )
    assert request.headers == [("X-A", "1"), ("x-a", "2"), ("B", "é"), ("C", "é")]
    assert request.header("x-a") == ["1", "2"]
    assert request.header("missing") == []
    assert request.headers is request.headers


def test_cookies_of_all_lines_are_read() -> None:
    request = make_request("GET", "/", [("Cookie", 'a=1; b="q"; bad; a=2'), ("cookie", "c=x=y")])
    assert request.cookies == {"a": ["1", "2"], "b": ["q"], "c": ["x=y"]}
    assert request.cookies is request.cookies


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b"null", None),
        (b"", NOT_JSON),
        (b"{", NOT_JSON),
        (b"NaN", NOT_JSON),
        (b"\xff", NOT_JSON),
    ],
)
def test_a_body_is_json_or_it_is_not(body: bytes, value: object) -> None:
    assert Request("POST", "/", body=body).json == value


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        (None, "é".encode(), "é"),
        (None, b"\xff", "\udcff"),
        ("text/plain; charset=latin-1", b"\xe9", "é"),
        ('text/plain; charset="UTF-16"', "é".encode("utf-16"), "é"),
        ("text/plain; charset=none", "é".encode(), "é"),
        ("text/plain; charset=ascii", "é".encode(), "é"),
        ("text/plain", "é".encode(), "é"),
    ],
)
def test_a_body_is_text_by_its_charset_else_utf_8(
    content_type: str | None, body: bytes, text: str
) -> None:
    headers = [("Content-Type", content_type)] if content_type else []
    assert make_request("POST", "/", headers, body).text == text


def test_the_host_is_that_of_the_target_else_of_the_header() -> None:
    headers = [("Host", "h:1")]
    assert make_request("GET", "/", headers).host == "h:1"
    assert make_request("GET", "http://t:2/x", headers).host == "t:2"
    assert make_request("GET", "/").host == ""


def test_what_is_no_text_is_shown_as_a_mark() -> None:
    assert printable("é") == "é"
    assert printable("a\udcff") == "a\ufffd"


def test_an_exchange_gives_back_the_request_as_it_was_matched() -> None:
    request = make_request("POST", "/~a/x?y=1", [("X-A", "1")], b"body").below("/~a")
    exchange = Exchange(
        1, 1, 0, 0, request.client, "POST", request.path, request.head, b"body", "path", "/~a"
    )
    again = exchange.request()
    assert (again.path, again.query, again.headers) == (
        request.path,
        request.query,
        request.headers,
    )
    assert (again.body, again.prefix, again.client) == (b"body", "/~a", request.client)
    assert exchange.size == 500 + len(request.head) + 4
    assert Exchange(1, 1, 0, 0, "", "GET", "/p", b"", b"", "", "").target == "/p"


def test_phases_are_open_or_not_and_counted_or_not() -> None:
    assert not OPEN & UNCOUNTED
    assert set(Phase) - OPEN - UNCOUNTED == {Phase.ANSWERED, Phase.ABORTED, Phase.FAILED}


@pytest.mark.parametrize("view", ["json", "text", "form"])
def test_a_body_over_a_mebibyte_is_not_read(view: str) -> None:
    assert getattr(Request("POST", "/", body=b"1".rjust(MAX_READ_BYTES)), view)
    with pytest.raises(ExpressionLimit, match=r"1,048,577 bytes; .* up to 1,048,576"):
        getattr(Request("POST", "/", body=b"1".rjust(MAX_READ_BYTES + 1)), view)


@pytest.mark.parametrize("part", [b"a&", b"%41"])
def test_a_form_of_very_many_parts_is_not_read(part: bytes) -> None:
    assert Request("POST", "/", body=part * 1_000).form
    with pytest.raises(ExpressionLimit, match="60,000 are read"):
        _ = Request("POST", "/", body=part * 60_001).form


@pytest.mark.parametrize("charset", ["idna", "punycode", "unicode_escape", "no-such", "hex"])
def test_what_is_no_charset_is_not_decoded_by(charset: str) -> None:
    head = f"POST / HTTP/1.1\r\ncontent-type: text/plain; charset={charset}\r\n\r\n".encode()
    assert Request("POST", "/", head, b"a\\u0062").text == "a\\u0062"


@pytest.mark.parametrize("text", [b"],[", b"1],[2", b"1]],[[2", b"]" * 64 + b"," + b"[" * 64])
def test_brackets_that_close_ours_are_no_json(text: bytes) -> None:
    assert read_json(text) is NOT_JSON
    assert read_json(b"[],[" * 60 + text + b"],[]" * 60) is NOT_JSON
