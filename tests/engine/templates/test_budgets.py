"""Templates that take all memory or time elsewhere end at their budget, before anything is made."""

from __future__ import annotations

import tracemalloc

import pytest
from tests.engine.requests import make_request
from tests.engine.templates.rendered import begun, limit_reached, occasion, rendered

from pymockapi.engine.definitions import read_stub
from pymockapi.engine.templates.blocks import read_template
from pymockapi.engine.templates.documents import Placed
from pymockapi.engine.templates.runtime import MAX_CHARS
from pymockapi.engine.templates.syntax import Tokens
from pymockapi.model.reader import Findings
from pymockapi.model.rendering import MAX_STEPS, RenderingFailed

BIG = {
    "text": "a" * 400_000, "list": list(range(5_000)), "rows": [[1] * 100] * 100,
    "numbers": [2**13_999 + n for n in range(100)], "number": 2**6_999 + 1, "part": "a" * 20 + "b" + "a" * 20,
    "digits": "9" * 4_000,
}  # fmt: skip
HUNGRY = {
    "a huge width": "{{ 'a' | pad(10000000000) }}",
    "a width of more bits than a size has": "{{ 'a' | pad(9223372036854775807) }}",
    "doubling": "{{ state.text ~ state.text ~ state.text }}",
    "doubling by plus": "{{ state.text + state.text + state.text }}",
    "replacing by something long": "{{ state.text | replace('a', 'abcdefgh') }}",
    "joining by something long": "{{ state.list | join(state.text) }}",
    "a long random text": "{{ random_string(1000000, 'ab') ~ random_string(1000000) }}",
    "nested loops": "{% for a in state.list %}{% for b in state.list %}.{% endfor %}{% endfor %}",
    "a loop that writes much": "{% for a in state.list %}{{ state.text }}{% endfor %}",
    "JSON of much": "{% for a in state.list %}{{ state | tojson }}{% endfor %}",
    "a filter in a loop": "{% for a in state.list %}{{ state.text | upper | length }}{% endfor %}",
    "a test of a loop": "{% for a in state.list if state.text in state.text %}{% endfor %}",
    "comparing in a loop": "{% for a in state.list %}{{ state.text == state.text ~ '' }}{% endfor %}",
    "searching in a loop": "{% for a in state.list %}{{ -1 in state.list }}{% endfor %}",
    "adding lists": "{% for a in state.list %}{{ (state.list + state.list) | length }}{% endfor %}",
    "sorting in a loop": "{% for a in state.list %}{{ state.list | sort | length }}{% endfor %}",
    "escaping": "{{ state.text | urlencode }}",
    "a path": "{% for a in state.list %}{{ jsonpath(state, '$..*') | length }}{% endfor %}",
    "a path once": "{{ jsonpath(state, '$..*..*..*') }}",
    "deep data": "{{ request.json }}",
    "large numbers in a list": "{{ state.numbers }}",
    "large numbers as JSON": "{{ state.numbers | tojson }}",
    "dividing large numbers": "{% for a in state.numbers %}{{ a // state.number and 1 }}{% endfor %}",
    "what dividing leaves": "{% for a in state.numbers %}{{ a % state.number and 1 }}{% endfor %}",
    "multiplying large numbers": "{% for a in state.numbers %}{{ a * 1 and state.number * state.number and 1 }}{% endfor %}",
    "reading large numbers": "{% for a in state.rows %}{{ state.digits | int(1) }}{% endfor %}",
    "looking for most of a long text": "{{ state.part in state.text }}",
    "replacing most of a long text": "{{ state.text | replace(state.part, '') }}",
    "splitting at most of a long text": "{{ state.text | split(state.part) }}",
    "long formats of dates": "{% for a in state.rows %}{{ now(format='"
    + "%j" * 50
    + "') }}{% endfor %}",
    "dates in long formats": "{% for a in state.rows %}{{ 1 | date('"
    + "%j" * 50
    + "') }}{% endfor %}",
}


@pytest.mark.parametrize("template", HUNGRY.values(), ids=HUNGRY.keys())
def test_a_template_that_asks_for_too_much_ends_before_it_is_made(template: str) -> None:
    request = make_request("POST", "/", body=b"[" * 600 + b"]" * 600)
    ready = read_template(template, Tokens())
    rendering = begun(ready, request, state=BIG)
    tracemalloc.start()
    try:
        with pytest.raises(RenderingFailed) as failure:
            Placed(ready, "").value(rendering)
        assert failure.value.is_limit
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 24 * 1024 * 1024


def test_a_path_within_a_template_is_told_of_the_budget_of_the_rendering() -> None:
    told = limit_reached(
        "{{ jsonpath(state.list, '$..*..*') }}", state={"list": [[[1] * 90] * 90] * 9}
    )
    assert told == f"jsonpath: rendering this request takes more than {MAX_STEPS:,} steps"


def test_a_large_number_alone_takes_steps_too() -> None:
    document = {"template": True, "json": ["{{ state.number }}"] * 200}
    stub = read_stub({"response": document}, "", Findings(), lambda: "s")
    made = stub.steps[0].response.template
    assert made is not None
    with pytest.raises(RenderingFailed) as failure:
        made.render(occasion(state=BIG))
    assert failure.value.is_limit


def test_a_number_cannot_grow_without_bounds() -> None:
    product = "{{ " + " * ".join(["0x" + "f" * 1_000] * 8) + " }}"
    assert limit_reached(product) == "a number has more than 14,000 bits"


def test_a_body_over_what_is_read_is_a_limit() -> None:
    request = make_request("POST", "/", body=b"a" * 2_000_000)
    assert "read as JSON, text, form or XML are up to" in limit_reached(
        "{{ request.body }}", request
    )


def test_a_long_body_takes_steps_each_time_it_is_looked_at() -> None:
    request = make_request("POST", "/", body=b"a" * 1_000_000)
    template = "{% for a in state.list %}{% if request.body %}{% endif %}{% endfor %}"
    assert f"{MAX_STEPS:,} steps" in limit_reached(template, request, state=BIG)


def test_the_text_around_the_tags_counts_too() -> None:
    template = "{% for a in state.list %}" + "x" * 1_000 + "{% endfor %}"
    assert f"{MAX_CHARS:,} characters" in limit_reached(template, state=BIG)


def test_within_the_budget_a_large_answer_is_made() -> None:
    made = rendered(
        "{% for a in state.list %}{{ a }},{% endfor %}", state={"list": list(range(4_000))}
    )
    assert made.count(",") == 4_000


def test_all_templates_of_an_answer_share_one_budget() -> None:
    template = read_template("{{ 'a' | pad(400000) }}", Tokens())
    rendering = begun(template)
    template.render(rendering)
    with pytest.raises(RenderingFailed):
        template.render(rendering)
