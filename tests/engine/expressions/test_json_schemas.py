"""``json_schema``: what fits, what is told of a misfit, what is refused, and what it may cost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from tests.engine.requests import (
    accepts,
    context_of,
    differences,
    make_request,
    pattern_findings,
    pattern_of,
)

from pymockapi.engine import features
from pymockapi.model.errors import ExpressionLimit

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}, "minItems": 1},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "odd key": {"pattern": "^[a-z]+$"},
    },
    "required": ["id"],
    "additionalProperties": False,
    "$defs": {"line": {"properties": {"count": {"minimum": 1}, "sku": {"enum": ["A", "B"]}}}},
}


def fits(schema: Any, body: Any) -> bool:
    return accepts({"body": {"json_schema": schema}}, make_request(json=body))


def told(schema: Any, body: Any) -> list[tuple[str, str, str]]:
    return differences({"body": {"json_schema": schema}}, make_request(json=body))


def refused(schema: Any) -> list[tuple[str, str]]:
    """Return what is wrong with a schema, by its place in the schema."""
    return [
        (pointer.removeprefix("/body/json_schema"), message)
        for pointer, message in pattern_findings({"body": {"json_schema": schema}})
    ]


def limit(schema: Any, body: Any) -> str:
    request = make_request(json=body)
    with pytest.raises(ExpressionLimit) as raised:
        pattern_of({"body": {"json_schema": schema}}).accepts(request, context_of(request))
    return str(raised.value)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (ORDER, {"id": 1, "lines": [{"count": 1, "sku": "A"}], "note": None}, {"id": "1"}),
        (True, 1, ...),
        (False, ..., 1),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema#", "const": 1}, 1.0, True),
        ({"$schema": DRAFT_7, "items": [{"type": "string"}]}, ["a", 1], [1]),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a"], ["a", 1]),
        ({"$schema": DRAFT_7, "format": "email"}, "a@b.example", "a"),
        ({"$schema": DRAFT_7, "dependencies": {"a": ["b"]}}, {"a": 1, "b": 2}, {"a": 1}),
        ({"$defs": {"a": {"$anchor": "x", "type": "null"}}, "$ref": "#x"}, None, 1),
        ({"$id": "http://a.example/s", "$defs": {"b": {"$id": "t", "maximum": 3}}, "$ref": "t"}, 3, 4),
        ({"$schema": DRAFT_7, "definitions": {"a": {"$id": "#x", "type": "null"}}, "$ref": "#x"}, None, 1),
        ({"components": {"a~/b": [{"minimum": 3}]}, "$ref": "#/components/a~0~1b/0"}, 3, 2),
        ({"items": {"$ref": "#"}, "type": "array"}, [[], [[]]], [[], [1]]),
        ({"propertyNames": {"pattern": "^a"}}, {"ab": 1}, {"b": 1}),
        ({"patternProperties": {"^a": {"type": "null"}}}, {"ab": None, "b": 1}, {"ab": 1}),
        ({"uniqueItems": True}, [1, 2.5, "1"], [1, 1.0]),
        ({"multipleOf": 0.01, "minimum": 0.5, "enum": [19.99, 5, [1, "a", 2.5, {"b": None}]]}, 19.99, 7),
        ({"const": {"a": [1e300, 7]}}, {"a": [1e300, 7]}, {"a": [1e300, 8]}),
        ({"dependentRequired": {"a": ["b"]}, "multipleOf": 3, "enum": [True, 9, {}]}, 9, 6),
        ({"$dynamicAnchor": "n", "items": {"$dynamicRef": "#n"}, "maxItems": 1}, [[]], [[1, 2]]),
    ],
)  # fmt: skip
def test_a_body_satisfies_a_schema_or_not(schema: Any, good: Any, bad: Any) -> None:
    if good is not ...:
        assert fits(schema, good)
    if bad is not ...:
        assert not fits(schema, bad)


def test_a_format_tells_nothing_in_2020_12() -> None:
    assert fits({"format": "email"}, "a")


@pytest.mark.parametrize(("body", "actual"), [(b"", "missing"), (b"{", 'no JSON: "{"')])
def test_a_body_that_is_no_json_satisfies_no_schema(body: bytes, actual: str) -> None:
    request = make_request(body=body)
    assert not accepts({"body": {"json_schema": True}}, request)
    ((_, _, shown),) = differences({"body": {"json_schema": True}}, request)
    assert shown == actual


@pytest.mark.parametrize(
    ("schema", "body", "difference"),
    [
        (ORDER, {}, ("body.$.id", "required", "missing")),
        (ORDER, {"id": "x"}, ("body.$.id", "type integer", '"x"')),
        (ORDER, {"id": 1, "lines": [{"count": 0}]}, ("body.$.lines[0].count", "minimum 1", "0")),
        (ORDER, {"id": 1, "lines": [{"sku": "C"}]}, ("body.$.lines[0].sku", 'enum ["A", "B"]', '"C"')),
        (ORDER, {"id": 1, "note": 5}, ("body.$.note", "anyOf: type string | type null", "5")),
        (ORDER, {"id": 1, "odd key": "5"}, ("body.$['odd key']", 'pattern "^[a-z]+$"', '"5"')),
        (ORDER, {"id": 1, "x": 5}, ("body.$", "additionalProperties false", 'also ["x"]')),
        ({"type": ["string", "null"]}, 1, ("body.$", "type null or string", "1")),
        ({"unevaluatedItems": False}, [1], ("body.$", "unevaluatedItems false", 'also ["1"]')),
        ({"oneOf": [{}, {}]}, 1, ("body.$", "oneOf; more than one fits", "1")),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, ("body.$", "propertyNames: maxLength 1", '"ab"')),
        ({"uniqueItems": True}, [1, 1], ("body.$", "uniqueItems", "[1, 1]")),
        ({"properties": {"a": False}}, {"a": 1}, ("body.$.a", "a false", "1")),
        (False, 1, ("body.$", "schema false", "1")),
    ],
)  # fmt: skip
def test_a_misfit_is_told_by_place_and_keyword(
    schema: Any, body: Any, difference: tuple[str, str, str]
) -> None:
    assert told(schema, body) == [difference]


def test_of_many_misfits_ten_are_told() -> None:
    assert len(told({"items": {"type": "string"}}, list(range(50)))) == 10


def test_a_misfit_in_a_large_body_is_told_without_its_place() -> None:
    ((field, expected, _),) = told({"items": {"type": "string"}}, list(range(5000)))
    assert field == "body.$"
    assert "a body so large" in expected


@pytest.mark.parametrize(
    ("schema", "place", "words"),
    [
        ([], "", "an object or a boolean, got a list"),
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, "/$schema", "write https://json"),
        ({"$schema": 5}, "/$schema", "5 is not known here"),
        ({"properties": {"a": {"type": "strin"}}}, "/properties/a/type", '"strin" is none of the'),
        ({"minimum": "x"}, "/minimum", '"x" is not of type "number"'),
        ({"$ref": "http://127.0.0.1:9/x"}, "/$ref", "nothing is fetched"),
        ({"$ref": "file:///etc/passwd"}, "/$ref", "nothing is fetched"),
        ({"$ref": "other.json#/a"}, "/$ref", "nothing is fetched"),
        ({"$id": "http://a.example/", "$ref": "http://[/x"}, "/$ref", "nothing is fetched"),
        ({"$id": "http://[/x"}, "", "Invalid URI"),
        ({"$schema": DRAFT_7, "definitions": {"a": {"$anchor": "x"}}, "$ref": "#x"}, "", "Anchor 'x'"),
        ({"items": [{}]}, "/items", "'prefixItems' here"),
        ({"description": "x" * 9000, "minLength": -1, "maxLength": -1}, "/minLength", "minimum of 0"),
        ({"allOf": [{"$ref": "#/$defs/a"}]}, "/allOf/0/$ref", "refers to nothing in this schema"),
        ({"a": [], "$ref": "#/a/1"}, "/$ref", "refers to nothing"),
        ({"a": "x", "$ref": "#/a/b"}, "/$ref", "refers to nothing"),
        ({"$ref": "#name"}, "/$ref", "refers to nothing"),
        ({"$dynamicRef": "#name"}, "/$dynamicRef", "refers to nothing"),
        ({"not": {"$ref": "#"}}, "/not", "by itself, without end"),
        ({"pattern": "a(?=b)"}, "/pattern", "runs in linear time"),
        ({"patternProperties": {"(a)\\1": {}}}, "/patternProperties/(a)\\1", "linear time"),
        ({"pattern": "(?:a{99}){99}"}, "/pattern", "counted repeats"),
        ({"pattern": "[\\p{L}\\p{N}]{900}"}, "/pattern", "4,000 parts"),
        ({"const": [[[[[[{}]]]]]], "description": "x" * 70_000}, "", "65,536 bytes"),
        ({"allOf": [{} for _ in range(1001)]}, "", "1,000 subschemas"),
        ({"items": {"$id": 5}}, "/items/$id", '5 is not of type "string"'),
    ],
)  # fmt: skip
def test_what_is_no_schema_is_refused_with_its_place(schema: Any, place: str, words: str) -> None:
    found = refused(schema)
    assert [pointer for pointer, _ in found] == [place]
    assert words in found[0][1]


def test_the_mistakes_of_a_schema_are_told_all_at_once() -> None:
    schema = {
        "properties": {"a": {"minimum": "x"}, "b": {"type": 5}, "c": {"pattern": "("}},
        "items": {"$ref": "https://elsewhere.example/"},
    }
    places = [pointer for pointer, _ in refused(schema)]
    assert sorted(places) == [
        "/items/$ref",
        "/properties/a/minimum",
        "/properties/b/type",
        "/properties/c/pattern",
    ]


def test_a_part_of_another_draft_counts_its_formats() -> None:
    part = {"$schema": DRAFT_7, "$id": "http://a.example/old", "format": "idn-hostname"}
    schema = {"$defs": {"old": part}, "allOf": [{"$ref": "http://a.example/old"} for _ in range(5)]}
    assert "steps on this body" in limit(schema, "é.א." * 20_000)


def test_a_chain_of_references_is_bounded() -> None:
    links = {f"a{n}": {"$ref": f"#/$defs/a{n + 1}"} for n in range(61)}
    ((_, message),) = refused({"$defs": {**links, "a61": {}}, "$ref": "#/$defs/a0"})
    assert "60 levels deep" in message


@pytest.mark.parametrize("count", [30, 300])
def test_patterns_are_bounded_together(count: int) -> None:
    found = refused(
        {"properties": {f"p{n}": {"pattern": f"^[a-z]{{20}}{n}$"} for n in range(count)}}
    )
    assert [message for _, message in found if "parts together" in message] == [
        message for _, message in found
    ]
    assert len(found) == (count > 30)


HALVES = [number + 0.5 for number in range(3000)]
NESTED: dict[str, Any] = {"properties": {"a": {"const": 1}}}
for _ in range(13):
    NESTED = {"allOf": [NESTED], "unevaluatedProperties": False}


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ({"items": {"enum": HALVES}}, [2999.5] * 100),
        ({"items": {"enum": [{"a": number} for number in range(1000)]}}, [{"a": 999}] * 1000),
        ({"items": {"dependentRequired": {f"x{n}": ["a"] for n in range(1000)}}}, [{}] * 5000),
        ({"items": {"multipleOf": 1e-300}}, [1.5e300] * 2000),
        ({"items": {"minimum": 0.5, "maximum": 1e305}}, [1.5e300] * 5000),
        (NESTED, {"a": 1}),
        ({"patternProperties": {"[ab]*a[ab]{900}c": {}}}, {"ab" * 5000: 1}),
        ({"items": {"$ref": "#"}, "uniqueItems": True}, [[[[0] * 300] * 50] * 3] * 3),
        ({"$schema": DRAFT_7, "allOf": [{"format": "idn-hostname"}] * 5}, "é.א." * 20_000),
        ({"anyOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}, "minItems": 1}]}, json.loads("[" * 30 + "]" * 30)),
    ],
    ids=["enum", "enum of objects", "dependentRequired", "multipleOf", "bounds", "unevaluated",
         "patternProperties", "uniqueItems", "format", "alternatives"],
)  # fmt: skip
def test_what_could_take_long_is_a_limit_and_never_means_no_match(schema: Any, body: Any) -> None:
    assert "steps on this body" in limit(schema, body)


def test_a_body_of_ordinary_size_costs_little() -> None:
    schema = {"type": "array", "items": {**ORDER, "$id": "https://a.example/order"}}
    body = [
        {"id": n, "lines": [{"count": 2, "sku": "A"}] * 3, "note": "x" * 30} for n in range(3000)
    ]
    assert fits(schema, body)


def test_a_deep_body_is_a_limit() -> None:
    assert "100 levels deep" in limit({"items": {"$ref": "#"}}, json.loads("[" * 102 + "]" * 102))


def test_a_text_too_long_for_its_pattern_is_a_limit() -> None:
    assert "it may read 1,308" in limit({"pattern": "[ab]*a[ab]{1000}c"}, ["a" * 2000][0])
    long = {"items": {"pattern": "^" + "x" * 200 + "[ab]{900}"}}
    assert "The pattern '^xxx" in limit(long, ["a" * 9000, "b" * 9000])


def test_patterns_share_the_time_of_the_requests_regular_expressions() -> None:
    request = make_request(json=["a", "b"])
    context = context_of(request)
    context.regex_left_s = 0.0
    with pytest.raises(ExpressionLimit, match="50 ms together"):
        pattern_of({"body": {"json_schema": {"items": {"pattern": "a"}}}}).accepts(request, context)


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    features.load_jsonschema.cache_clear()
    try:
        assert refused({}) == [
            (
                "",
                "'json_schema' needs jsonschema-rs, which is not installed:"
                " uv pip install 'pymockapi[jsonschema]'",
            )
        ]
    finally:
        features.load_jsonschema.cache_clear()


def test_the_deepest_that_may_be_asked_fits_on_a_small_stack() -> None:
    code = """
import json, threading
from tests.engine.expressions.test_json_schemas import fits
schema = {"items": {"$ref": "#"}}
for _ in range(24):
    schema = {"allOf": [schema]}
chained = {"$defs": {"a0": {"items": {"$ref": "#"}}}, "$ref": "#/$defs/a57"}
for number in range(57):
    chained["$defs"][f"a{number + 1}"] = {"$ref": f"#/$defs/a{number}"}
body = json.loads("[" * 100 + "]" * 100)
threading.stack_size(512 * 1024)
for each in (schema, chained):
    found = []
    thread = threading.Thread(target=lambda: found.append(fits(each, body)))
    thread.start()
    thread.join()
    assert found == [True], found
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
