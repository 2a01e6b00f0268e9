"""What is no JSON is told from JSON that is beyond what is read, wherever it stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.json_reading import (
    MAX_JSON_DIGITS,
    MAX_JSON_LEVELS,
    NOT_JSON,
    BeyondReading,
    decode_json,
    read_json,
    shown_json,
)

BEYOND = {
    "deep lists": (b"[" * 5_000 + b"]" * 5_000, "800 levels"),
    "deep objects": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "800 levels"),
    "deep and without an end": (b"[" * 40_000, "800 levels"),
    "a long number": (b"1" * (MAX_JSON_DIGITS + 1), "more than 4,300 digits"),
    "a long negative number": (b"-" + b"1" * 5_000, "more than 4,300 digits"),
    "a large number": (b"1e309", "greater than 64 bits hold"),
    "a small number": (b"-1e309", "greater than 64 bits hold"),
    "half a pair": (b'"\\ud800"', "half of a surrogate pair"),
    "the other half": (b'"\\udc00"', "half of a surrogate pair"),
    "half a pair before spaces": (b'"\\uD800"   ', "half of a surrogate pair"),
    "half a pair before text": (b'"\\ud800 and a text"', "half of a surrogate pair"),
    "half a pair before an escape": (b'"\\ud800\\n and a text"', "half of a surrogate pair"),
    "two first halves": (b'"\\ud800\\ud800"', "half of a surrogate pair"),
    "half a pair in a name": (b'{"\\ud800": 1}', "half of a surrogate pair"),
    "what goes on as no JSON": (b"[1e309, oops", "greater than 64 bits hold"),
}


@pytest.mark.parametrize(("body", "words"), BEYOND.values(), ids=BEYOND)
@pytest.mark.parametrize("around", [(b"", b""), (b"[1, ", b", 2]"), (b"[[],[]," * 90, b"]" * 90)])
def test_json_beyond_what_is_read_is_a_limit(
    body: bytes, words: str, around: tuple[bytes, bytes]
) -> None:
    text = body.join(around)
    with pytest.raises(ExpressionLimit, match=words):
        read_json(text)
    with pytest.raises(ExpressionLimit, match=words):
        read_json(b"\xef\xbb\xbf" + text)
    assert shown_json(text) is NOT_JSON


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[1,", b"NaN", b"Infinity", b"01", b"1.e5", b"\xff", b'"\xff"', b'"\xed\xa0\x80"',
        b'"\x01"', b'"\\uzzzz"', b'"\\u00', b'"\\ud83d\\u', b'"\\x"', b"[oops, 1e309]", b'["a" "\\ud800"]',
    ],
)  # fmt: skip
def test_a_text_that_is_none_is_no_json(body: bytes) -> None:
    assert read_json(body) is NOT_JSON


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1" * MAX_JSON_DIGITS, int("1" * MAX_JSON_DIGITS)),
        (b"1.7976931348623157e308", 1.7976931348623157e308),
        (b"1e-400", 0.0),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\u0041"', "A"),
    ],
)
def test_what_a_value_holds_is_read(body: bytes, value: object) -> None:
    assert read_json(body) == value


def test_as_many_levels_as_are_promised_are_read() -> None:
    value = read_json(b"[" * MAX_JSON_LEVELS + b"]" * MAX_JSON_LEVELS)
    levels = 0
    while isinstance(value, list):
        value, levels = (value or [None])[0], levels + 1
    assert levels == MAX_JSON_LEVELS


TOO_DEEP = {
    "lists": b"[" * 801 + b"]" * 801,
    "objects": b'{"a":' * 801 + b"1" + b"}" * 801,
    "after many shallow ones": b"[" + b"[],{}," * 600 + b"[" * 800 + b"]" * 801,
    "after brackets in strings": b'["]]]]\\"]]", ' * 801 + b"1" + b"]" * 801,
    "and malformed later": b"[" * 801 + b"oops",
}
MALFORMED = {
    "before": b"[oops, " + b"[" * 900 + b"]" * 901,
    "right before": b"[1 " * 802,
    "closed too often before": b"[]]" + b"[" * 900,
    "an escape": b'["\\x", ' + b"[" * 900 + b"]" * 901,
    "a string without an end": b'["' + b"[" * 900,
}


@pytest.mark.parametrize("body", TOO_DEEP.values(), ids=TOO_DEEP)
def test_one_level_more_than_is_read_is_a_limit(body: bytes) -> None:
    with pytest.raises(ExpressionLimit, match="nested deeper than 800 levels"):
        read_json(body)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_before_it_is_too_deep_is_no_json(body: bytes) -> None:
    assert read_json(body) is NOT_JSON


PARTS = st.sampled_from(['"', "\\\\", '\\\\"', "[", "]", "{", "}", "a", '"]', '["'])


TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), max_size=3
)  # no \\u001a with its "a"


@given(st.lists(PARTS | TEXTS), st.integers(0, 801))
def test_strings_are_told_from_brackets_however_they_are_written(
    parts: list[str], levels: int
) -> None:
    inner = json.dumps([parts, "".join(parts)], ensure_ascii=False).encode()
    body = b"[" * levels + inner + b"]" * levels + b" " * 900
    body = body.replace(b"a", b"[" * 900)  # of which all are in strings
    if levels <= MAX_JSON_LEVELS - 2:
        assert json.dumps(read_json(body))
    else:
        with pytest.raises(ExpressionLimit, match="nested deeper"):
            read_json(body)


def test_brackets_in_strings_and_side_by_side_are_no_levels() -> None:
    value = {"a": "[{" * 2_000, "b": [[], {}] * 2_000, "c": '\\"[' * 2_000}
    assert read_json(json.dumps(value).encode()) == value


def test_the_place_of_half_a_pair_is_told() -> None:
    with pytest.raises(BeyondReading, match=r"\(byte 8\)"):
        decode_json(b'["\\ud800"]')
