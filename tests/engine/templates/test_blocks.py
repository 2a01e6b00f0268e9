"""Conditions, loops, and when a template keeps the type of its value."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.templates.rendered import rendered, value_of


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% if hit == 1 %}a{% elif hit == 3 %}b{% else %}c{% endif %}", "b"),
        ("{% if hit == 1 %}a{% endif %}", ""),
        ("{% for n in state.ids %}{{ n }}{% if not loop.last %}, {% endif %}{% endfor %}", "1, 2, 3"),
        ("{% for n in [] %}{{ n }}{% else %}none{% endfor %}", "none"),
        ("{% for n in state.ids if n > 1 %}{{ n }}{% endfor %}", "23"),
        ("{% for n in state.ids if n > 9 %}{{ n }}{% else %}none{% endfor %}", "none"),
        ("{% for name in state %}{{ name }} {% endfor %}", "cart ids "),
        ("{% for name, value in state | items %}{{ name }}={{ value }};{% endfor %}",
         "cart=full;ids=[1,2,3];"),
        ("{% for a in [1, 2] %}{% for b in [3, 4] %}{{ a * b }}.{{ loop.index }} {% endfor %}"
         "{{ loop.index0 }}{{ loop.first }}{{ loop.length }};{% endfor %}",
         "3.1 4.2 0true2;6.1 8.2 1false2;"),
        ("{% for n in [1] %}{{ n }}{% endfor %}{% for n in [2] %}{{ n }}{% endfor %}", "12"),
        ("{% for hit in [1] %}{{ hit }}{% endfor %}{{ hit }}", "13"),
    ],
)  # fmt: skip
def test_a_block_is_written(template: str, text: str) -> None:
    assert rendered(template) == text


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ hit }}", 3),
        ("{{ state.ids }}", [1, 2, 3]),
        ("{{ request.json.paid }}", True),
        ("{{ none }}", None),
        ("{{ 1.50 }}", 1.5),
        ("{# why #}{{ hit }}", 3),
        (" {{ hit }}", " 3"),
        ("{{ hit }}{{ hit }}", "33"),
        ("{% if true %}{{ hit }}{% endif %}", "3"),
        ("{% for n in [1] %}{{ n }}{% endfor %}", "1"),
        ("{{ hit | string }}", "3"),
        ("3", "3"),
    ],
)
def test_a_single_expression_keeps_its_type_and_all_else_is_text(template: str, value: Any) -> None:
    found = value_of(template)
    assert (found, type(found)) == (value, type(value))
