"""A large JSON text is read piece by piece: the same value, the same refusals, the same places."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.model.test_json_reading import MALFORMED, TOO_DEEP

from pymockapi.model import json_pieces
from pymockapi.model.json_pieces import JsonPieces
from pymockapi.model.json_reading import BeyondReading, decode_json

SMALL = 12  # bytes of a piece, so that small texts have many
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 9),
    st.sampled_from(["", "a,b", '"', "\\", "]", "é\n"]),
)
KEYS = st.sampled_from(["a", "b", "c,", '"', "\\", "}"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5)
)


def read(body: bytes, piece: int = SMALL) -> tuple[Any, int]:
    """Return the value, and in how many pieces it was read."""
    reading, count = JsonPieces(body, piece).read(), 0
    while True:
        try:
            next(reading)
        except StopIteration as done:
            return done.value, count
        count += 1


def outcome(body: bytes) -> object:
    try:
        return json.dumps(read(body)[0])
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return "refused"


def expected(body: bytes) -> object:
    try:
        return json.dumps(decode_json(body))
    except (ValueError, msgspec.MsgspecError, RecursionError):
        return "refused"


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_a_text_is_read_as_its_value(value: Any, indent: int | None, escaped: bool) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=escaped).encode()
    assert outcome(body) == expected(body) == json.dumps(value)


@given(VALUES, st.data())
def test_a_broken_text_is_refused_whenever_it_is_in_one_piece(
    value: Any, data: st.DataObject
) -> None:
    body = bytearray(json.dumps(value).encode())
    place = data.draw(st.integers(0, len(body)))
    if data.draw(st.booleans()):
        del body[place : place + 1]
    else:
        body[place:place] = data.draw(
            st.sampled_from([b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\"])
        )
    assert outcome(bytes(body)) == expected(bytes(body))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"[" + b"1," * 40 + b"x]", 81),
        (b"[" + b"1," * 40 + b",1]", 81),
        (b"[" + b"1," * 40 + b"]", 81),
        (b"[" + b"1," * 40 + b"1}", 82),
        (b"[[" + b"1," * 40 + b"1] 1]", 85),
        (b"[" + b"1," * 40 + b"1] 1", 84),
        (b'{"a":[' + b"1," * 40 + b"x]}", 86),
        (b'{"a" [' + b"1," * 40 + b"1]}", 5),
    ],
)
def test_the_place_of_an_error_is_counted_from_the_beginning(body: bytes, place: int) -> None:
    with pytest.raises((ValueError, msgspec.MsgspecError), match=rf"\(byte {place}\)"):
        read(body)


@pytest.mark.parametrize(
    "body", [b"[1, 2", b'["' + b"x" * 2_000, b'["' + b"x" * 2_000 + b"\\", b'{"a', b"", b"  "]
)
def test_a_text_that_ends_too_soon_is_refused(body: bytes) -> None:
    assert outcome(body) == "refused"


BEYOND = [b"1e309", b"9" * 4_301, b'"\\ud800"', b'{"\\udc00": 1}']


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize(
    "text",
    [
        b"%b", b"[%b]", b"[" + b"1," * 40 + b"%b]", b"[%b," + b"1," * 40 + b"1]", b"[%b",
        b'{"a": [' + b"1," * 40 + b"%b]}", b"[%b, oops", b"[oops, %b]", b'[%b, "and so on',
        b"[1, %b, [" + b"1," * 40 + b"1]]", b'["' + b"x" * 99 + b'", %b, {"a": "' + b"x" * 99,
    ],
)  # fmt: skip
def test_what_is_beyond_reading_is_so_in_pieces_with_the_same_words(
    text: bytes, number: int
) -> None:
    body = text.replace(b"%b", BEYOND[number])
    kinds = []
    for reading in (read, decode_json):
        with pytest.raises((ValueError, msgspec.MsgspecError)) as caught:
            reading(body)
        beyond = isinstance(caught.value, BeyondReading)
        kinds.append((beyond, str(caught.value) if beyond else ""))
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("body", [*TOO_DEEP.values(), *MALFORMED.values()])
@pytest.mark.parametrize("before", [b"", b"[" + b"1," * 12_000, b'[{"a": [' + b"1," * 12_000])
def test_depth_is_judged_alike_at_once_and_in_pieces(body: bytes, before: bytes) -> None:
    kinds = []
    for reading in (partial(read, piece=20_000), decode_json):
        with pytest.raises((ValueError, msgspec.MsgspecError)) as caught:
            reading(before + body)
        beyond = isinstance(caught.value, BeyondReading)
        kinds.append((beyond, str(caught.value) if beyond else ""))
    assert kinds[0] == kinds[1]


def test_large_containers_in_each_other_are_bounded_in_depth() -> None:
    depth = json_pieces.MAX_LEVELS + 2
    with pytest.raises(RecursionError, match="nested too deep"):
        read(b"[" * depth + b"1," * 40 + b"1" + b"]" * depth)


@pytest.mark.parametrize("text", ["x" * 3_000_000, '"' * 3_000_000, "é" * 400_000])
def test_long_strings_are_read_whole(text: str) -> None:
    value, pieces = read(json.dumps({"a": text, "b": [text[:20]]}).encode())
    assert value == {"a": text, "b": [text[:20]]}
    assert pieces > 3


def test_a_scalar_is_read_at_once() -> None:
    assert read(b' "text" ') == ("text", 0)
