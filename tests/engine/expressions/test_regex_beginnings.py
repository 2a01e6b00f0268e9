"""What an index may know of a regular expression: never more than is true of every text it fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.requests import context_of, make_request, pattern_of

from pymockapi.engine.expressions.regex_beginnings import MAX_BEGINNING, beginning
from pymockapi.engine.features import load_regex


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r"/orders/\d+", "/orders/"),
        (r"^/orders/[a-z]+$", "/orders/"),
        (r"/a\.json", "/a.json"),
        (r"/a\d", "/a"),
        (r"/ab?c", "/a"),
        (r"/ab*c", "/a"),
        (r"/ab{0,2}c", "/a"),
        (r"/ab+c", "/ab"),
        (r"/(v1|v2)/x", "/"),
        (r"/a/(?:x|y)[|]", "/a/"),
        (r"/a|/b", ""),
        (r"/a/[)]|/b", ""),
        (r"/a/\(|/b", ""),
        (r"(?i)/orders", ""),
        (r"/a(?i:b)", ""),
        (r"/a/[[:alpha:]]", ""),
        (r".*", ""),
        ("/" + "x" * 100, "/" + "x" * (MAX_BEGINNING - 1)),
    ],
)
def test_a_beginning_is_read_up_to_what_is_not_plain(expression: str, expected: str) -> None:
    assert beginning(expression) == expected


PARTS = st.sampled_from(
    ["a", "b", "/", r"\.", ".", "b?", "a*", "b+", "a{0,1}", "[ab]", "[|]", "(a|b)", "(?:b)?", "|", "(", ")",
     "(?i)", "^", "$", r"\d", r"\|", "[", "]", "(?>a)", "(?=a)", "(?#x)", "(?|a|b)"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=6), st.text("ab/.|A", max_size=6))
def test_whatever_fits_begins_so(parts: list[str], text: str) -> None:
    regex = load_regex()
    try:
        compiled = regex.compile("".join(parts))
    except regex.error:
        return
    if compiled.fullmatch(text, timeout=1):
        assert text.startswith(beginning("".join(parts)))


@pytest.mark.parametrize(
    ("path", "fits", "misses"),
    [
        ({"matches": r"/orders/\d+"}, "/orders/7", "/orders/x"),
        ({"starts_with": "/orders/"}, "/orders/x", "/order"),
        ({"matches": "/[a-z]+/x", "ends_with": "x"}, "/a/x", "/1/x"),
    ],
)
def test_a_path_found_by_its_beginning_is_told_by_its_matcher(
    path: dict[str, str], fits: str, misses: str
) -> None:
    read = pattern_of({"path": path})
    assert read.index_key.path_kind == "prefix"
    for target, expected in ((fits, True), (misses, False), ("/", False)):
        asked = make_request(target=target)
        context = context_of(asked)
        assert read.accepts(asked, context) is expected
        found = [difference.expected for difference in read.differences(asked, context)]
        assert not any("…" in each for each in found)
        assert bool(found) is not expected
