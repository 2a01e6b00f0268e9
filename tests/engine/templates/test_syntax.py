"""What is text, what is a tag, and what is refused before it is read."""

from __future__ import annotations

import pytest
from tests.engine.templates.rendered import fault_in, rendered

from pymockapi.engine.templates.expressions import MAX_DEPTH
from pymockapi.engine.templates.syntax import (
    MAX_BLOCKS,
    MAX_BRACKETS,
    MAX_CHARS,
    MAX_ELSES,
    MAX_SIGNS,
    MAX_TOKENS,
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ("} { }} %}", "} { }} %}"),
        ("a\r\nb\rc {{ hit }}\r\n", "a\r\nb\rc 3\r\n"),
        ("{{ 'a\r\nb' }}", "a\r\nb"),
        ("{{ hit }}\n", "3\n"),
        ("x {{- hit -}} y", "x3y"),
        ("a {%- if hit %} b {% endif %}", "a b "),
        ("{# told to nobody #}{{ hit }}", "3"),
        ("{% raw %}{{ hit }}{% endraw %}", "{{ hit }}"),
        ("{{ '{{ hit }}' }}", "{{ hit }}"),
    ],
)
def test_a_text_stays_as_it_is_but_for_its_tags(template: str, text: str) -> None:
    assert rendered(template) == text


def test_what_a_request_brings_is_never_rendered_again() -> None:
    state = {"x": "{{ state | tojson }}", "y": "{% for a in [1] %}b{% endfor %}"}
    assert rendered("{{ state.x }}{{ state.y }}", state=state) == "".join(state.values())


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{% set x = 1 %}", "line 1, column 4: '{% set %}' is no part of templates here: there is no"),
        ("{% macro m() %}{% endmacro %}", "there are no macros"),
        ("{% include 'x' %}", "there are no includes"),
        ("{% import 'x' as y %}", "there are no imports"),
        ("{% extends 'x' %}", "there is no inheritance"),
        ("{% filter upper %}a{% endfilter %}", "a filter goes with a value"),
        ("{% fro x in y %}", "there is no tag 'fro'; did you mean 'for'?"),
        ("{% if hit %}", "unexpected end of template. Expected 'elif' or 'else' or 'endif'"),
        ("{% endif %}", "'{% endif %}' stands in no 'if' or 'for'"),
        ("{% else %}", "'{% else %}' stands in no 'if' or 'for'"),
        ("{{ hit", "unexpected end of template, expected 'end of print statement'"),
        ("{{ hit hit }}", "line 1, column 8: expected token 'end of print statement', got 'hit'"),
        ("{{ }}", "line 1, column 4: expected an expression"),
        ("{{ 'abc }}", "line 1, column 4: unexpected char"),
        ("{{ hit ] }}", "unexpected ']'"),
        ("{% for x in [1] recursive %}{% endfor %}", "there are no recursive loops"),
        ("{% for loop in [1] %}{% endfor %}", "'loop' cannot be the name of a loop's variable"),
        ("{% for a, a in [1] %}{% endfor %}", "the variables of a loop have different names"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_syntax_is_told_with_its_place(template: str, problem: str) -> None:
    assert problem in fault_in(template)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ hit }}" + "x" * MAX_CHARS, f"a template may have {MAX_CHARS:,}"),
        ("{{ hit }}" * MAX_TOKENS, f"may have {MAX_TOKENS:,} parts in tags"),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", f"more than {MAX_BRACKETS} brackets"),
        ("{{ " + "not " * 5000 + "1 }}", f"more than {MAX_SIGNS} signs"),
        ("{{ " + "-" * 5000 + "1 }}", f"more than {MAX_SIGNS} signs"),
        ("{{ 1" + " if 1 else 1" * 30 + " }}", f"more than {MAX_ELSES} 'else'"),
        ("{{ 1" + " + 1" * 60 + " }}", f"may be nested {MAX_DEPTH} deep"),
        ("{{ hit" + " | abs" * 60 + " }}", f"may be nested {MAX_DEPTH} deep"),
        ("{% if 1 %}" * 30 + "{% endif %}" * 30, f"nested more than {MAX_BLOCKS} deep"),
        ("{{ " + "9" * 60_000 + " }}", "a number in it is too long"),
        ("{{ 0x" + "f" * 60_000 + " }}", "a number may have 14,000 bits"),
        ("\r\x1c\x1d\x1e\x1f{{ hit }}", "too many sorts of control characters"),
    ],
    ids=["characters", "tokens", "brackets", "not", "minus", "else", "plus", "filters", "blocks",
         "digits", "hexadecimal", "control"],
)  # fmt: skip
def test_what_would_take_long_to_read_is_refused(template: str, problem: str) -> None:
    assert problem in fault_in(template)


def test_the_deepest_template_that_is_allowed_is_read() -> None:
    nested = "(" * MAX_BRACKETS + "hit" + ")" * MAX_BRACKETS
    inner = "{{ " + nested + " }}"
    template = "{% if 1 %}" * MAX_BLOCKS + inner + "{% endif %}" * MAX_BLOCKS
    assert rendered(template) == "3"


@pytest.mark.parametrize("escape", ["\\d", "\\x1", "\\u12", "\\777", "\\N{BULLET}"])
def test_an_unknown_escape_is_told(escape: str) -> None:
    assert f"there is no escape '{escape[:2]}' here" in fault_in(f"{{{{ '{escape}' }}}}")


def test_an_escape_is_read() -> None:
    assert rendered("{{ '\\n\\t\\'\\\\\\x41\\u00e4' }}") == "\n\t'\\A\u00e4"
