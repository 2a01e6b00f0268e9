"""Every call of the served OpenAPI document with input made from it, valid and not.

Whatever comes: a documented status, type and shape; no 5xx; a refusal is a problem document and
changes nothing. Each example finds the server as ``tests.api.cases`` leaves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import given, reject
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.errors import InvalidSchema
from schemathesis.specs.openapi import checks
from tests.api.cases import GOOD, SERVER, gate, keep, prepare, scope
from tests.api.live import UNSET, Live
from tests.fuzz.budget import examples
from tests.fuzz.patterns import spoiled

from pymockapi.api.openapi import openapi_document
from pymockapi.api.row import CONTROL_ROOT, Row
from pymockapi.api.rows import ROWS
from pymockapi.model.reader import Findings, read_duration

LIVING: Final = {
    "namespace": ["golden", "golden", "golden", "default", "nobody", "a b"],
    "stub": ["order", "ship", "pay", "nobody"],
    "snapshot": ["kept", "nobody"],
    "scope": ["scope-1", "scope-2", "x"],
    "number": ["1", "2", "3", "99", "0", "-1", "x", "9" * 30],
    "set": ["down", "nobody"],
    "gate": ["pay", "nobody"],
}
"""Values of path parameters by which calls meet what lives; those of a new kind are any text."""
CHECKS: Final = (
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
WRITERS: Final = [row for row in ROWS if row.body != "none" and GOOD[row.name].body is not UNSET]
AWAITED: Final = {"within", "quiet_for"}
SHORT_S: Final = 0.01  # that a call may wait here for what never comes
SLOW: Final = {"define_stubs", "replace_stubs", "apply", "put_config"}
"""Rows with whole stubs in their bodies, which schemathesis takes seconds to negate, if it can."""
NEGATED: Final = [row for row in ROWS if (row.body != "none" or row.query) and row.name not in SLOW]


@pytest.fixture(scope="module")
def api() -> Iterator[Live]:
    server = Live(SERVER)
    yield server
    server.close()


@cache
def document() -> Any:
    return schemathesis.openapi.from_dict(openapi_document())


def test_the_document_that_is_served_is_the_one_that_is_tried(api: Live) -> None:
    assert api.call("GET", "/openapi.json").json == json.loads(json.dumps(openapi_document()))


def ready(api: Live) -> None:
    """Leave the server with a namespace in which each kind of thing lives."""
    prepare(api)
    keep(api)
    scope(api)
    gate(api)


def standing(api: Live) -> dict[str, tuple[Any, ...]]:
    """Return what every change of a namespace changes."""

    async def look() -> dict[str, tuple[Any, ...]]:
        spaces = api.server.store.spaces()
        return {space.name: (space.id, space.version, space.events.seq) for space in spaces}

    return api.run(look())


def check(api: Live, row: Row, case: Any) -> Any:
    """Make one call and hold its answer to the document; return it."""
    before = standing(api)
    response = case.call(base_url=api.url + CONTROL_ROOT, timeout=20)
    case.validate_response(response, checks=list(CHECKS))
    status = response.status_code
    assert status in {row.status, *row.refusals, 201} or 400 <= status < 500
    if status >= 400:
        assert_problem(status, response.json())
        assert standing(api) == before
    assert api.call("GET", "/ready").status == 200
    return response


def assert_problem(status: int, problem: Any) -> None:
    assert problem["status"] == status
    assert problem["type"].startswith("urn:pymockapi:error:")
    assert problem["detail"]
    for error in problem.get("errors", ()):
        assert error["message"]
        assert error["pointer"] == "" or error["pointer"].startswith("/")


def aimed(data: st.DataObject, case: Any) -> Any:
    """Have the call meet what lives, mostly."""
    for name in case.path_parameters or {}:
        if data.draw(st.integers(0, 4)):
            case.path_parameters[name] = data.draw(st.sampled_from(LIVING.get(name, ["golden"])))
    if data.draw(st.integers(0, 2)):
        case.headers.pop("If-Match", None)
    if "within" in (case.query or {}):
        case.query["within"] = SHORT_S
    if isinstance(case.body, dict):
        for key in AWAITED & case.body.keys():
            if read_duration(case.body[key], "", Findings()) > SHORT_S:
                case.body[key] = SHORT_S
    return case


def tried(row: Row) -> int:
    return 5 if row.body != "none" or row.query else 2


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_valid_input_gets_what_is_documented(api: Live, row: Row) -> None:
    operation = document().find_operation_by_id(row.name)

    @examples(tried(row), shrinks=False)
    @given(st.data(), operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def run(data: st.DataObject, case: Any) -> None:
        ready(api)
        check(api, row, aimed(data, case))

    run()


@pytest.mark.parametrize("row", NEGATED, ids=lambda row: row.name)
def test_invalid_input_is_refused_and_changes_nothing(api: Live, row: Row) -> None:
    operation = document().find_operation_by_id(row.name)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @examples(4, shrinks=False)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        try:
            case = data.draw(wrong)
        except InvalidSchema:  # not every part of a schema can be negated
            reject()
        ready(api)
        check(api, row, aimed(data, case))

    run()


@pytest.mark.parametrize("row", WRITERS, ids=lambda row: row.name)
def test_a_good_call_that_was_spoiled_works_whole_or_changes_nothing(api: Live, row: Row) -> None:
    good = GOOD[row.name]

    @examples(10)
    @given(spoiled(st.just(good.body)).filter(lambda body: body is not UNSET))
    def run(body: Any) -> None:
        prepare(api)
        good.before(api)
        before = standing(api)
        answer = api.call(row.method, good.path, body)
        assert answer.status in {row.status, 201, *row.refusals}
        if answer.status >= 400:
            assert_problem(answer.status, answer.json)
            assert standing(api) == before

    run()
