"""What expressions mean: inputs, members, operators, conditions."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import make_request
from tests.engine.templates.rendered import failure_of, fault_in, rendered, value_of

BODILESS = make_request("GET", "/x?e=", [("Host", "mock:8080")])


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ request.method }}", "POST"),
        ("{{ request.url }}", "/orders/7?page=2&page=3&x-y=%C3%A4"),
        ("{{ request.path }}", "/orders/7"),
        ("{{ request.params.id }}", "7"),
        ("{{ request.query.page }}", "2"),
        ("{{ request.query['x-y'] }}", "ä"),
        ("{{ request['query']['page'] }}", "2"),
        ("{{ request.headers['X-Tenant'] }}", "acme"),
        ("{{ request.headers['x-TENANT'] }}", "acme"),
        ("{{ request.headers.host }}", "mock:8080"),
        ("{{ request.headers['X-' ~ 'Tenant'] }}", "acme"),
        ("{{ request.cookies.session }}", "s1"),
        ("{{ request.body[:8] }}", '{"name":'),
        ("{{ request.json.name }}", "Ann"),
        ("{{ request.json.lines[1].sku }}", "a"),
        ("{{ request.json.lines[-1].n }}", 1),
        ("{{ request.query }}", {"page": "2", "x-y": "ä"}),
        ("{{ request.params }}", {"id": "7"}),
        ("{{ request.headers | length }}", 3),
        ("{{ state.cart }}", "full"),
        ("{{ state }}", {"cart": "full", "ids": [1, 2, 3]}),
        ("{{ namespace }}", "shop"),
        ("{{ base_url }}", "http://mock:8080/~shop"),
        ("{{ hit }}", 3),
    ],
)
def test_an_input_is_read(template: str, value: Any) -> None:
    assert value_of(template) == value


def test_a_form_is_read_by_name_and_whole() -> None:
    request = make_request("POST", "/", body=b"a=1&a=2&b=%20x")
    assert value_of("{{ request.form.b }}", request) == " x"
    assert value_of("{{ request.form }}", request) == {"a": "1", "b": " x"}


def test_a_body_that_is_not_there_is_an_empty_text() -> None:
    assert value_of("{{ request.body }}", BODILESS) == ""


def test_a_value_of_no_utf_8_is_shown_with_replacements() -> None:
    request = make_request("POST", "/?q=%FF", body=b"\xff")
    assert value_of("{{ request.query.q }}{{ request.body }}", request) == "\ufffd\ufffd"


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ 1 + 2 * 3 }}", 7),
        ("{{ 7 / 2 }}", 3.5),
        ("{{ 7 // 2 }}", 3),
        ("{{ 7 % 4 }}", 3),
        ("{{ -hit }}", -3),
        ("{{ +hit }}", 3),
        ("{{ 'a' + 'b' }}", "ab"),
        ("{{ [1] + [2] }}", [1, 2]),
        ("{{ 'n' ~ 1 ~ true ~ none }}", "n1truenull"),
        ("{{ 1 < hit <= 3 }}", True),
        ("{{ 1 < hit < 3 }}", False),
        ("{{ 'a' < 'b' }}", True),
        ("{{ 1 == 1.0 }}", True),
        ("{{ 1 == true }}", False),
        ("{{ 1 == '1' }}", False),
        ("{{ [1, {'a': 2}] == [1.0, {'a': 2}] }}", True),
        ("{{ [true] == [1] }}", False),
        ("{{ 2 in state.ids }}", True),
        ("{{ 9 not in state.ids }}", True),
        ("{{ 'cart' in state }}", True),
        ("{{ 'ul' in state.cart }}", True),
        ("{{ true in [1] }}", False),
        ("{{ hit == 3 and state.cart == 'full' }}", True),
        ("{{ '' or 'empty' }}", "empty"),
        ("{{ not hit }}", False),
        ("{{ 'new' if hit == 1 else 'old' }}", "old"),
        ("{{ 'new' if hit == 1 }}", ""),
        ("{{ [1, 'a', none, {'b': false}] }}", [1, "a", None, {"b": False}]),
        ("{{ 'abc'[1] }}{{ 'abcd'[1:3] }}{{ [1, 2, 3][::-1] }}", "bbc[3,2,1]"),
    ],
)
def test_an_operator_means_what_it_says(template: str, value: Any) -> None:
    found = value_of(template)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "template",
    [
        "{{ request.query.nosuch is defined }}",
        "{{ request.json.name is undefined }}",
        "{{ request.query.nosuch == 'a' }}",
        "{{ request.query.nosuch in ['a'] }}",
        "{{ 'a' in request.query.nosuch }}",
        "{{ request.json.paid is string }}",
        "{{ hit is boolean }}",
        "{{ not request.json.deep.below is undefined }}",
    ],
)
def test_what_is_missing_is_equal_to_nothing_and_in_nothing(template: str) -> None:
    assert value_of(template) is False


@pytest.mark.parametrize(
    ("test", "value"),
    [("none", "none"), ("boolean", "true"), ("number", "1.5"), ("string", "'a'"),
     ("sequence", "[]"), ("mapping", "{}"), ("defined", "0"), ("undefined", "state.nosuch")],
)  # fmt: skip
def test_a_test_holds(test: str, value: str) -> None:
    assert value_of(f"{{{{ {value} is {test} }}}}") is True


def test_a_condition_may_ask_for_what_is_missing() -> None:
    assert rendered("{% if request.query.debug %}d{% else %}-{% endif %}") == "-"


def test_what_is_missing_is_told_by_its_first_missing_part() -> None:
    assert failure_of("Hello {{ request.json.customer.name }}!") == (
        "line 1, column 31: 'request.json.customer' is missing; where that may be, write"
        " {{ request.json.customer | default('...') }}"
    )


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ 1 + 'a' }}", "'+' adds numbers, or two texts, got 1 and 'a'; '~' joins any"),
        ("{{ 'a' * 3 }}", "'*' takes numbers, got 'a'; the filters 'int' and 'float' make"),
        ("{{ '%d' % 3 }}", "texts are not formatted by it"),
        ("{{ true + 1 }}", "expected a number, got true"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 1 // 0.0 }}", "division by zero"),
        ("{{ 1e300 * 1e300 }}", "no number that JSON can write"),
        ("{{ -state }}", "'-' takes numbers, got an object"),
        ("{{ 1 < 'a' }}", "two numbers or two texts can be compared, got 1 and 'a'"),
        ("{{ 1 in 2 }}", "'in' looks into a list, an object or a text, got 1 in 2"),
        ("{{ hit.real }}", "'hit.real' is missing"),
        ("{{ ''.__class__ }}", "is missing"),
        ("{{ {1: 2} }}", "names of an object are texts"),
        ("{{ hit[1:] }}", "a part can be taken of a text or a list"),
        ("{{ 'a'['b':] }}", "bounds are whole numbers"),
        ("{{ 'abc'[::0] }}", "the step is not 0"),
        ("{% for x in hit %}{% endfor %}", "a loop goes over a list or an object, got 3"),
        ("{% for x in request.json.nosuch %}{% endfor %}", "'request.json.nosuch' is missing"),
        ("{% for a, b in [1] %}{% endfor %}", "an item is a list of 2 for as many variables"),
    ],
)
def test_what_cannot_be_done_says_why(template: str, why: str) -> None:
    assert why in failure_of(template)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ reqest.x }}", "line 1, column 4: there is no input 'reqest'; did you mean 'request'?"),
        ("{{ request.jsn }}", "line 1, column 11: 'request' has no 'jsn'; did you mean 'json'?"),
        ("{{ query.a }}", "did you mean 'request.query'?"),
        ("{{ zzz }}", "there are request, state, namespace, base_url, hit"),
        ("{{ request }}", "'request' has parts: method, url,"),
        ("{{ request[hit] }}", "a part of 'request' is named"),
        ("{{ uuid }}", "'uuid' is a function; write uuid()"),
        ("{{ uid() }}", "there is no function 'uid'; did you mean 'uuid'?"),
        ("{{ hit() }}", "'hit' is no function; there are uuid(), now()"),
        ("{{ request.method.lower() }}", "'lower' is a filter: {{ request.method | lower }}"),
        ("a\n  {{ hit | uper }}", "line 2, column 12: there is no filter 'uper'; did you mean 'upper'?"),
        ("{{ hit is defned }}", "there is no test 'defned'; did you mean 'defined'?"),
        ("{{ hit is defined(1) }}", "the test 'defined' takes no arguments"),
        ("{{ hit | pad }}", "pad needs 'width'"),
        ("{{ hit | upper(1) }}", "upper takes no arguments, got 1"),
        ("{{ hit | pad(3, width=4) }}", "'width' is given twice"),
        ("{{ hit | pad(3, wide=4) }}", "'wide' is none of pad's: 'width', 'fill'"),
        ("{{ random_int(*[1, 2]) }}", "arguments are written one by one"),
        ("{{ now('tomorrow') }}", "now: expected an offset such as +15m"),
        ("{{ now(format='%Q') }}", "now: there is no '%Q' in formats; there are %Y"),
        ("{{ now(format='iso8601') }}", "there is no format 'iso8601'"),
        ("{{ 2 ** 8 }}", "'**' is no part of templates here"),
        ("{{ '\\ud800' }}", "half of a surrogate pair is no text"),
        ("{{ 1e999 }}", "this is no number that JSON can write"),
        ("{{ jsonpath(request.json, hit) }}", "the expression of jsonpath is written out"),
        ("{{ jsonpath(request.json, '$[') }}", "jsonpath: '$[' is no JSONPath"),
        ("{{ jsonpath(request.json) }}", "jsonpath needs 'expr'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_when_the_template_is_defined(template: str, problem: str) -> None:
    assert problem in fault_in(template)
