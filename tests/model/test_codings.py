"""Content codings undone: what clients send, what is broken, what is too much."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.model.codings import MAX_BYTES, MAX_MEMBERS, Undecoded, decode_body, read_codings
from pymockapi.model.errors import ExpressionLimit


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


ENCODERS: dict[str, list[Callable[[bytes], bytes]]] = {
    "gzip": [gzip.compress],
    "x-gzip": [gzip.compress],
    "deflate": [zlib.compress, raw_deflate],
}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        (["GZIP"], ["gzip"]),
        (["deflate, gzip"], ["deflate", "gzip"]),
        (["identity", " gzip ,"], ["gzip"]),
    ],
)
def test_codings_are_named_in_order(lines: list[str], expected: list[str]) -> None:
    assert read_codings(lines) == expected


@given(st.lists(st.sampled_from(sorted(ENCODERS)), max_size=3), st.binary(max_size=500), st.data())
def test_what_is_encoded_is_read_as_it_was(
    codings: list[str], body: bytes, data: st.DataObject
) -> None:
    encoded = body
    for coding in codings:
        encoded = data.draw(st.sampled_from(ENCODERS[coding]))(encoded)
    assert decode_body(encoded, codings) == body


def test_a_gzip_may_have_members() -> None:
    assert decode_body(gzip.compress(b"a") + gzip.compress(b"b"), ["gzip"]) == b"ab"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain",
        gzip.compress(b"cut off")[:-3],
        gzip.compress(b"x") + b"more",
        zlib.compress(b"other"),
    ],
    ids=["empty", "plain", "cut off", "followed by more", "zlib"],
)
def test_what_is_no_gzip_says_so(body: bytes) -> None:
    expected = Undecoded("no gzip, though its content coding says so")
    assert decode_body(body, ["gzip"]) == expected


@pytest.mark.parametrize(
    "body",
    [b"", zlib.compress(b"x") + b"more", zlib.compress(b"x" * 99)[:-9]],
    ids=["empty", "followed by more", "cut off"],
)
def test_what_is_no_deflate_says_so(body: bytes) -> None:
    expected = Undecoded("no deflate, though its content coding says so")
    assert decode_body(body, ["deflate"]) == expected


def test_other_codings_are_not_undone() -> None:
    expected = Undecoded("in the content coding 'br', which is not undone")
    assert decode_body(gzip.compress(b"x"), ["br", "gzip"]) == expected


@pytest.mark.parametrize(
    ("body", "codings", "told"),
    [
        (gzip.compress(bytes(MAX_BYTES + 1)), ["gzip"], "more than 1,048,576 bytes"),
        (bytes(MAX_BYTES + 1), ["gzip"], "more than 1,048,576 bytes"),
        (gzip.compress(b"") * (MAX_MEMBERS + 1), ["gzip"], "more than 20 members"),
        (b"x", ["gzip"] * 4, "4 content codings; up to 3"),
    ],
    ids=["decoded", "as it came", "members", "codings"],
)
def test_what_is_too_much_is_a_limit(body: bytes, codings: list[str], told: str) -> None:
    with pytest.raises(ExpressionLimit, match=told):
        decode_body(body, codings)


def test_the_largest_body_is_read() -> None:
    assert decode_body(gzip.compress(bytes(MAX_BYTES)), ["gzip"]) == bytes(MAX_BYTES)


@given(st.binary(max_size=200), st.lists(st.sampled_from(["gzip", "deflate", "br"]), max_size=3))
def test_nothing_raises(body: bytes, codings: list[str]) -> None:
    decode_body(body, codings)
