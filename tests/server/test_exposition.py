"""Metrics as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

import pytest

from pymockapi.server.exposition import (
    Family,
    Histogram,
    counter,
    gauge,
    labelled,
    lines_of,
    number,
)


def test_a_family_is_its_help_its_type_and_a_line_for_each_sample() -> None:
    found = lines_of(
        [counter("a_total", "As.", 3), gauge("b", "Bs.", 0.5), labelled("c", "gauge", "Cs.", "x", {"y": 1})]
    )  # fmt: skip
    assert found == [
        "# HELP a_total As.", "# TYPE a_total counter", "a_total 3",
        "# HELP b Bs.", "# TYPE b gauge", "b 0.5",
        "# HELP c Cs.", "# TYPE c gauge", 'c{x="y"} 1',
    ]  # fmt: skip


def test_label_values_are_escaped() -> None:
    family = Family("a", "gauge", "As.", (({"x": 'say "\\"\n', "y": "é"}, 1.0),))
    assert lines_of([family])[-1] == 'a{x="say \\"\\\\\\"\\n",y="é"} 1'


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (3.0, "3"), (1e18, "1000000000000000000"), (0.1, "0.1"), (1e-7, "1e-07")]
)  # fmt: skip
def test_numbers_are_whole_where_they_can_be(value: float, text: str) -> None:
    assert number(value) == text


def test_a_histogram_counts_what_is_at_most_each_bound() -> None:
    found = Histogram((0.1, 1.0))
    for value in (0.05, 0.1, 0.5, 2.0):
        found.observe(value)
    assert found.maximum == 2.0
    assert found.lines("h", "Hs.") == [
        "# HELP h Hs.", "# TYPE h histogram", 'h_bucket{le="0.1"} 2', 'h_bucket{le="1"} 3',
        'h_bucket{le="+Inf"} 4', "h_sum 2.65", "h_count 4",
    ]  # fmt: skip
