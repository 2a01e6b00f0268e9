"""Functions and filters; what the page on templates shows is tested there, too."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.templates.rendered import failure_of, value_of

TIED = "{{ uuid() }} {{ random_int(1, 1000000) }} {{ random_string(8) }} {{ random_choice(['a', 'b', 'c']) }} {{ random_float() }}"


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ now() }}", "2030-03-17T17:46:40Z"),
        ("{{ now('+15m') }}", "2030-03-17T18:01:40Z"),
        ("{{ now('-1d', 'date') }}", "2030-03-16"),
        ("{{ now(format='epoch') }}", 1_900_000_000),
        ("{{ now('1500ms', 'epoch_ms') }}", 1_900_000_001_500),
        ("{{ now('250ms', 'iso_ms') }}", "2030-03-17T17:46:40.250Z"),
        ("{{ now(format='http') }}", "Sun, 17 Mar 2030 17:46:40 GMT"),
        ("{{ now(format='%d.%m.%y %I:%M %p, %a %A %b %B %j %H%S%f%L%z%%') }}",
         "17.03.30 05:46 PM, Sun Sunday Mar March 076 1740000000000+0000%"),
        ("{{ jsonpath(request.json, '$.lines[*].sku') }}", ["b", "a"]),
        ("{{ jsonpath(request.json, '$.lines[0].n') }}", 2),
        ("{{ jsonpath(request.json, '$.nosuch') | default('-') }}", "-"),
        ("{{ random_int(5, 5) }}", 5),
        ("{{ random_string(3, 'a') }}", "aaa"),
        ("{{ random_choice([9]) }}", 9),
        ("{{ random_float(2, 2) }}", 2.0),
    ],
)  # fmt: skip
def test_a_function_returns(template: str, value: Any) -> None:
    found = value_of(template)
    assert (found, type(found)) == (value, type(value))


def test_the_same_seed_stub_and_hit_draw_the_same() -> None:
    assert value_of(TIED) == value_of(TIED, namespace="other")


@pytest.mark.parametrize(
    "changed", [{"seed": 8}, {"stub": "other"}, {"hit": 4}, {"layer": lambda: "base"}]
)
def test_another_seed_stub_hit_or_layer_draws_something_else(changed: dict[str, Any]) -> None:
    pairs = zip(value_of(TIED).split(), value_of(TIED, **changed).split(), strict=True)
    assert sum(one != other for one, other in pairs) >= 4


def test_two_calls_draw_different_values() -> None:
    first, second = value_of("{{ uuid() }} {{ uuid() }}").split()
    assert first != second


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ 'ab' | upper }}", "AB"),
        ("{{ 'AB' | lower }}", "ab"),
        ("{{ 'ab CD' | capitalize }}", "Ab cd"),
        ("{{ ' a ' | trim }}", "a"),
        ("{{ 'a-b-c' | replace('-', '+') }}", "a+b+c"),
        ("{{ 'abcdef' | truncate(3) }}", "abc"),
        ("{{ 7 | pad(3, '0') }}", "007"),
        ("{{ 'a' | pad(3) }}", "  a"),
        ("{{ 'long' | pad(2) }}", "long"),
        ("{{ 'a,b' | split(',') }}", ["a", "b"]),
        ("{{ [1, 'b', true] | join('-') }}", "1-b-true"),
        ("{{ {'a': 1} | join }}", "a"),
        ("{{ 5 | string }}", "5"),
        ("{{ {'a': [1, 'x']} | tojson }}", '{"a":[1,"x"]}'),
        ("{{ 'x' | tojson }}", '"x"'),
        ("{{ ' 12 ' | int }}", 12),
        ("{{ 12.9 | int }}", 12),
        ("{{ 'x' | int(5) }}", 5),
        ("{{ request.query.nosuch | int(5) }}", 5),
        ("{{ '1.5' | float }}", 1.5),
        ("{{ 'x' | float(none) }}", None),
        ("{{ 2.345 | round(2) }}", 2.35),
        ("{{ 2.5 | round }}", 3),
        ("{{ 123456789012345.1 | round(15) }}", 123456789012345.1),
        ("{{ 7 | round(2) }}", 7),
        ("{{ -2 | abs }}", 2),
        ("{{ [1, 2.5] | sum }}", 3.5),
        ("{{ [3, 1, 2] | min }}{{ [3, 1, 2] | max }}", "13"),
        ("{{ [] | max | default('none') }}", "none"),
        ("{{ 'abc' | length }}", 3),
        ("{{ state | length }}", 2),
        ("{{ [1, 2] | first }}{{ [1, 2] | last }}{{ 'ab' | last }}", "12b"),
        ("{{ [] | first | default(0) }}", 0),
        ("{{ [2, 1] | sort }}", [1, 2]),
        ("{{ ['b', 'a'] | sort(reverse=true) }}", ["b", "a"]),
        ("{{ request.json.lines | sort('n') | map('sku') }}", ["a", "b"]),
        ("{{ [1, 2] | reverse }}{{ 'ab' | reverse }}", "[2,1]ba"),
        ("{{ {'a': 1} | items }}", [["a", 1]]),
        ("{{ 'a b/ä' | urlencode }}", "a%20b%2F%C3%A4"),
        ("{{ '<a href=\"x\">' | escape }}", "&lt;a href=&quot;x&quot;&gt;"),
        ("{{ 'ä' | b64encode }}", "w6Q="),
        ("{{ 'w6Q' | b64decode }}", "ä"),
        ("{{ '' | sha256 }}", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("{{ '2030-01-02T03:04:05+01:00' | date }}", "2030-01-02T02:04:05Z"),
        ("{{ '2030-01-02' | date('%d.%m.%Y', '+1d') }}", "03.01.2030"),
        ("{{ 0 | date }}", "1970-01-01T00:00:00Z"),
        ("{{ none | default(1) }}", None),
        ("{{ request.query.a | default(request.query.b) | default('c') }}", "c"),
    ],
)
def test_a_filter_returns(template: str, value: Any) -> None:
    found = value_of(template)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ [1] | upper }}", "line 1, column 10: upper: expected text, got a list"),
        ("{{ request.query.nosuch | upper }}", "upper: 'request.query.nosuch' is missing"),
        ("{{ 'a' | replace('', 'b') }}", "replace takes a text to look for that is not empty"),
        ("{{ 'a' | split('') }}", "split takes a separator that is not empty"),
        ("{{ 'a' | pad(3, 'bc') }}", "pad fills with one character, got 'bc'"),
        ("{{ 'a' | int }}", "int: expected a number, got 'a'"),
        ("{{ true | int }}", "int: expected a number or its text, got true"),
        ("{{ 'nan' | float }}", "float: expected a number, got 'nan'"),
        ("{{ '1e999' | float }}", "expected a number that JSON can write"),
        ("{{ '1e999999999' | int }}", "int: expected a number"),
        ("{{ 'a' | round }}", "expected a number, got 'a'"),
        ("{{ 3 | length }}", "a text, list or object has a length, not 3"),
        ("{{ 3 | first }}", "expected a list or a text, got 3"),
        ("{{ [1, 'a'] | sort }}", "expected a number, got 'a'"),
        ("{{ [1] | map('a') }}", "an item has no 'a': a number"),
        ("{{ 3 | items }}", "expected an object, got 3"),
        ("{{ '!' | b64decode }}", "expected base64, got '!'"),
        ("{{ 'x' | date }}", "expected an instant such as 2030-01-01T00:00:00Z"),
        ("{{ '2030-01-01' | date('%Q' ~ '') }}", "there is no '%Q' in formats"),
        ("{{ now('-99999' ~ 'd') }}", "the instant is not in the years 1970 to 9999"),
        ("{{ random_int(2, 1) }}", "the first is greater than the second"),
        ("{{ random_int('a', 1) }}", "expected a whole number"),
        ("{{ random_choice([]) }}", "random_choice() of an empty list"),
        ("{{ random_choice('ab') }}", "expected a list, got 'ab'"),
        ("{{ random_string(3, '') }}", "random_string() of no letters"),
    ],
)
def test_a_function_or_filter_that_cannot_do_it_says_why(template: str, why: str) -> None:
    assert why in failure_of(template)
