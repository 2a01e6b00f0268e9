"""Parameters of header fields, well formed and not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.model.parameters import read_field, read_parameters

_TOKENS = st.from_regex(r"[a-z0-9!#$&^_-]{1,10}", fullmatch=True)
_VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a=1; B=2", {"a": "1", "b": "2"}),
        ('a="x, y; z", c=3', {"a": "x, y; z", "c": "3"}),
        (r'a="say \"hi\" \\"', {"a": r'say "hi" ' + "\\"}),
        (r'filename="C:\temp\new.txt"', {"filename": r"C:\temp\new.txt"}),
        ("a = 1 ; ; b=", {"a": "1", "b": ""}),
        ("a=1; a=2", {"a": "1"}),
        ("a", None),
        ('a="open', None),
        ('a="x" y', None),
        ("=1", None),
    ],
)
def test_parameters_are_read(text: str, expected: dict[str, str] | None) -> None:
    assert read_parameters(text) == expected


def test_a_field_has_a_kind_and_parameters() -> None:
    assert read_field('Form-Data; name="a"') == ("form-data", {"name": "a"})


@given(st.dictionaries(_TOKENS, _VALUES), st.sampled_from([", ", ";", " ; ", ","]))
def test_what_is_quoted_is_read_as_it_was(values: dict[str, str], between: str) -> None:
    quoted = {key: value.replace("\\", r"\\").replace('"', r"\"") for key, value in values.items()}
    text = between.join(f'{key}="{value}"' for key, value in quoted.items())
    assert read_parameters(text) == values


@given(st.text(max_size=200))
def test_nothing_raises(text: str) -> None:
    read_parameters(text)
