"""The public JSON Schema Test Suite, one test for each of its files that a body can be asked.

``tests/conformance/fetch.py`` brings it. What is left out: ``format`` in draft 2020-12, where it
asserts nothing, and optional files that ask for what the drafts leave open.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from tests.conformance.fetch import JSON_SCHEMA
from tests.engine.requests import context_of, make_request

from pymockapi.engine.expressions.json_schemas import read_json_schema
from pymockapi.model.reader import Findings

DRAFT_7: Final = """
    additionalItems additionalProperties allOf anyOf boolean_schema const contains
    default definitions dependencies enum exclusiveMaximum exclusiveMinimum format
    if-then-else infinite-loop-detection items maxItems maxLength maxProperties maximum
    minItems minLength minProperties minimum multipleOf not oneOf pattern
    patternProperties properties propertyNames ref refRemote required type uniqueItems
    optional/ecmascript-regex optional/non-bmp-regex optional/unknownKeyword optional/id
    optional/bignum optional/float-overflow optional/format/date
    optional/format/date-time optional/format/email optional/format/hostname
    optional/format/idn-email optional/format/idn-hostname optional/format/ipv4
    optional/format/ipv6 optional/format/iri optional/format/iri-reference
    optional/format/json-pointer optional/format/regex
    optional/format/relative-json-pointer optional/format/time optional/format/unknown
    optional/format/uri optional/format/uri-reference optional/format/uri-template
"""
DRAFT_2020_12: Final = """
    additionalProperties allOf anchor anyOf boolean_schema const contains content
    default defs dependentRequired dependentSchemas dynamicRef enum exclusiveMaximum
    exclusiveMinimum format if-then-else infinite-loop-detection items maxContains
    maxItems maxLength maxProperties maximum minContains minItems minLength
    minProperties minimum multipleOf not oneOf pattern patternProperties prefixItems
    properties propertyNames ref refRemote required type unevaluatedItems
    unevaluatedProperties uniqueItems vocabulary optional/ecmascript-regex
    optional/non-bmp-regex optional/unknownKeyword optional/id optional/bignum
    optional/float-overflow optional/anchor optional/dynamicRef optional/no-schema
    optional/refOfUnknownKeyword optional/dependencies-compatibility
"""
FILES: Final = [
    *(("draft7", name) for name in DRAFT_7.split()),
    *(("draft2020-12", name) for name in DRAFT_2020_12.split()),
]
ELSEWHERE: Final = ("nothing is fetched", "is not known here")
needs_suite = pytest.mark.skipif(
    not JSON_SCHEMA.is_dir(), reason="the suite is not there: python tests/conformance/fetch.py"
)


def cases(draft: str, name: str) -> Iterator[tuple[str, Any, list[dict[str, Any]]]]:
    """Yield title, schema and instances of each group of a file."""
    text = (JSON_SCHEMA / draft / f"{name}.json").read_text(encoding="utf-8")
    for group in json.loads(text):
        schema = group["schema"]
        if draft == "draft7" and isinstance(schema, dict):
            schema = {"$schema": "http://json-schema.org/draft-07/schema#", **schema}
        yield group["description"], schema, group["tests"]


@needs_suite
@pytest.mark.parametrize(("draft", "name"), FILES, ids=[f"{draft}-{name}" for draft, name in FILES])
def test_bodies_are_judged_as_the_suite_says(draft: str, name: str) -> None:
    wrong = []
    for title, schema, tests in cases(draft, name):
        found = Findings()
        check = read_json_schema(schema, "", found)
        if check is None:  # it refers to files of the suite, or to a dialect that it defines
            assert all(any(word in each.message for word in ELSEWHERE) for each in found.items)
            continue
        for test in tests:
            request = make_request(json=test["data"])
            fits = check.accepts(request, context_of(request))
            told = check.differences(request, context_of(request))
            if not fits is test["valid"] is not bool(told):
                wrong.append((title, test["description"]))
    assert wrong == []


@needs_suite
def test_no_file_of_the_drafts_themselves_is_forgotten() -> None:
    there = {(path.parent.name, path.stem) for path in JSON_SCHEMA.glob("draft*/*.json")}
    assert there == {(draft, name) for draft, name in FILES if "/" not in name}
