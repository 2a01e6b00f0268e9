"""The OpenAPI document is valid and says what the rows say; the config schema is sound."""

from __future__ import annotations

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from pymockapi.api.call_schemas import ANSWER_OF, BODY_OF, QUERY
from pymockapi.api.event_schemas import MEMBERS, SAID, WATCH
from pymockapi.api.given_schemas import GIVEN
from pymockapi.api.openapi import openapi_document
from pymockapi.api.row import Row
from pymockapi.api.rows import BY_NAME, ROWS
from pymockapi.api.schemas import config_schema, definitions
from pymockapi.api.taken_schemas import TAKEN
from pymockapi.engine.definitions import RESPONSE_KEYS, STEP_KEYS, STUB_KEYS
from pymockapi.engine.matching.pattern import PATTERN_KEYS
from pymockapi.engine.matching.values import MATCHER_NAMES
from pymockapi.engine.project import PRESET_KEYS, PROJECT_KEYS, SET_KEYS, read_configuration
from pymockapi.engine.settings import SERVER_KEYS, SETTINGS_KEYS
from pymockapi.model.event import EventKind
from pymockapi.model.reader import Findings
from pymockapi.service.watches import COMMANDS, WATCH_KEYS

DOCUMENT = openapi_document()
CONFIG = jsonschema.Draft202012Validator(config_schema())


def operation(row: Row) -> dict[str, Any]:
    found = DOCUMENT["paths"][row.path][row.method.lower()]
    assert isinstance(found, dict)
    return found


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_the_document_has_exactly_the_rows() -> None:
    operations = [
        (path, method.upper(), found["operationId"])
        for path, methods in DOCUMENT["paths"].items()
        for method, found in methods.items()
    ]
    assert sorted(operations) == sorted((row.path, row.method, row.name) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_operation_has_the_statuses_parameters_and_body_of_its_row(row: Row) -> None:
    found = operation(row)
    statuses = {status for status in found["responses"] if status not in ("default", "201")}
    expected = {str(status) for status in (row.status, *row.refusals)} - {"201"}
    assert statuses == expected
    names = {(item["in"], item["name"]) for item in found["parameters"]}
    assert {name for kind, name in names if kind == "query"} == set(row.query)
    assert (("header", "If-Match") in names) is row.conditional
    assert ("requestBody" in found) is (row.body != "none")
    if row.body != "none":
        assert found["requestBody"]["required"] is (row.body == "required")


def test_every_row_with_a_body_or_an_answer_has_its_schema() -> None:
    assert set(BODY_OF) == {row.name for row in ROWS if row.body != "none"}
    assert set(ANSWER_OF) == {
        row.name for row in ROWS if row.status not in (101, 204) and row.media == "application/json"
    }
    assert set(BODY_OF) | set(ANSWER_OF) <= set(BY_NAME)
    assert {name for row in ROWS for name in row.query} == set(QUERY)


def test_a_feed_of_events_says_what_is_said_over_it() -> None:
    said = operation(BY_NAME["follow_namespace"])["responses"]["101"]
    assert said["x-messages"] == {"$ref": "#/components/schemas/event_message"}
    assert said["x-commands"] == {"$ref": "#/components/schemas/event_command"}


def test_every_event_and_every_command_has_its_schema() -> None:
    beside = {"open", "lagged", "watch.passed", "watch.failed", "watch.removed", "error"}
    assert set(MEMBERS) == {*EventKind, *beside}
    assert (
        tuple(next(iter(each["properties"])) for each in SAID["event_command"]["anyOf"]) == COMMANDS
    )
    assert set(WATCH["properties"]) == set(WATCH_KEYS)


def test_every_format_of_an_export_has_its_type() -> None:
    content = operation(BY_NAME["export"])["responses"]["200"]["content"]
    assert set(content) == {
        "application/json", "application/x-ndjson", "application/xml", "text/plain; charset=utf-8",
    }  # fmt: skip
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["evidence"]["anyOf"] == [
        {"$ref": "#/components/schemas/bundle"}, {"$ref": "#/components/schemas/har"}
    ]  # fmt: skip
    jsonschema.Draft202012Validator(schemas["har"]).validate({"log": {}})


def test_no_schema_is_named_twice_and_every_reference_leads_somewhere() -> None:
    groups = [definitions(), TAKEN, GIVEN, SAID]
    names = [name for group in groups for name in group]
    assert len(names) == len(set(names))
    text = json.dumps(DOCUMENT)
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(names)
    assert "#/$defs/" not in text


def test_the_config_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(config_schema())


@pytest.mark.parametrize(
    ("name", "keys"),
    [("stub", STUB_KEYS), ("response", RESPONSE_KEYS), ("step", STEP_KEYS), ("set", SET_KEYS),
     ("pattern", PATTERN_KEYS), ("preset", PRESET_KEYS), ("settings", SETTINGS_KEYS),
     ("server", SERVER_KEYS)],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_schema_has_the_keys_that_its_reader_knows(name: str, keys: frozenset[str]) -> None:
    assert set(definitions()[name]["properties"]) == keys


@pytest.mark.parametrize("name", ["text_matcher", "json_matcher", "state_matcher"])
def test_a_matcher_has_the_operators_that_its_reader_knows(name: str) -> None:
    assert set(definitions()[name]["anyOf"][0]["properties"]) == MATCHER_NAMES


def test_the_config_schema_has_the_keys_that_its_reader_knows() -> None:
    assert set(config_schema()["properties"]) == PROJECT_KEYS | {"include"}


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1},
        {"version": 1, "stubs": [{}]},
        {
            "version": 1,
            "stubs": [{"request": {"method": ["GET", "PUT"], "path": {"prefix": "/a"}}}],
        },
        {"version": 1, "stubs": [{"request": {"query": {"a": {"not": {"one_of": [1, "b"]}}}}}]},
        {"version": 1, "stubs": [{"request": {"body": {"jsonpath": {"$.a": {"gt": 1}}}}}]},
        {"version": 1, "stubs": [{"request": {"body": {"jsonpath": {"$.a": {"b": 1}}}}}]},
        {"version": 1, "stubs": [{"responses": [{"times": 2}, {"json": None}], "per": "query.a"}]},
        {"version": 1, "stubs": [{"when": {"a": {"equals": {"from": "path"}}, "b": None}}]},
        {"version": 1, "stubs": [{"when": {"a": {"from": "body.$.id"}}}]},
        {"version": 1, "stubs": [{"set": {"a": 1, "b": {"increment": 1}, "c": {"d": 1}, "e": []}}]},
        {"version": 1, "namespaces": {"a": {"clock": {"advance": "-5m"}, "labels": {"n": 1}}}},
        {"version": 1, "server": {"path_prefix": False, "default_lease": 90}},
    ],
    ids=json.dumps,
)
def test_schema_and_reader_accept_what_is_right(document: object) -> None:
    CONFIG.validate(document)
    found = Findings()
    read_configuration(document, found)
    assert found.items == []


@pytest.mark.parametrize(
    "document",
    [
        {}, {"version": 2}, {"version": 1, "stub": []}, {"version": 1, "tags": []}, {"version": 1, "tags": {"": {}}},
        {"version": 1, "tags": {"@a": []}}, {"version": 1, "tags": {"@a": {"stubs": []}}},
        {"version": 1, "stubs": [{"metod": 1}]},
        {"version": 1, "stubs": [{"request": {"metod": "GET"}}]},
        {"version": 1, "stubs": [{"request": {"path": "/a?b=1"}}]},
        {"version": 1, "stubs": [{"request": {"query": {"a": {"equal": 1}}}}]},
        {"version": 1, "stubs": [{"request": {"query": {"a": None}}}]},
        {"version": 1, "stubs": [{"request": {"body": {"yaml": "a: 1"}}}]},
        {"version": 1, "stubs": [{"response": {"json": 1, "text": "a"}}]},
        {"version": 1, "stubs": [{"response": {"status": 99}}]},
        {"version": 1, "stubs": [{"response": {"delay": "soon"}}]},
        {"version": 1, "stubs": [{"response": {"template": "yes"}}]},
        {"version": 1, "stubs": [{"set": {"a": {"template": 1}}}]},
        {"version": 1, "stubs": [{"response": {}, "responses": [{}]}]},
        {"version": 1, "stubs": [{"responses": []}]},
        {"version": 1, "stubs": [{"response": {}, "per": "path"}]},
        {"version": 1, "stubs": [{"responses": [{}], "per": "cookies.a"}]},
        {"version": 1, "stubs": [{"set": {"a": {"increment": "1"}}}]},
        {"version": 1, "stubs": [{"name": "a b"}]},
        {"version": 1, "sets": {"a": {"sets": []}}},
        {"version": 1, "namespaces": {"a": {"seed": -1}}},
        {"version": 1, "server": {"public_url": 8080}},
        {"version": 1, "server": {"limits": {"held": 1}}},
    ],
    ids=json.dumps,
)  # fmt: skip
def test_schema_and_reader_refuse_what_is_wrong(document: object) -> None:
    assert not CONFIG.is_valid(document)
    found = Findings()
    read_configuration(document, found)
    assert found.items != []
