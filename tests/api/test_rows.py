"""Every row over real HTTP: what it answers, frozen as golden JSON, and everything it refuses.

``UPDATE_GOLDEN=1`` writes the golden files anew; look at what changed before it is committed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]
import pytest
from tests.api.cases import CODES, ELSEWHERE, GOOD, SERVER, SPECIAL, bad_example, prepare
from tests.api.live import Answer, Live, configured, encoded, read_answer

from pymockapi.api.bindings import bind
from pymockapi.api.openapi import openapi_document
from pymockapi.api.row import CONTROL_ROOT, Row
from pymockapi.api.rows import BY_NAME, ROWS
from pymockapi.server.settings import ServeOptions, TlsOptions
from pymockapi.service.calls import Site
from pymockapi.store.memory import MemoryStore

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
GOLDEN: Final = Path(__file__).parent / "golden"
DOCUMENT: Final = openapi_document()
LARGE: Final = frozenset({"openapi", "config_schema"})  # frozen by tests of their own
CONFIGS: Final = frozenset(
    {
        "get_config",
        "put_config",
        "list_sets",
        "put_set",
        "delete_set",
        "get_tags",
        "put_tags",
        "resolve_tags",
    }
)
TIMES: Final = frozenset({"at", "created_at", "finished_at"})
PLAIN: Final = [row for row in ROWS if not row.upgrades]
REFUSALS: Final = [(row, status) for row in ROWS for status in row.refusals]


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    server = Live(SERVER, ServeOptions(port=0, grace_s=1.0, tls=TlsOptions(port=0)))
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _prepared(live: Live) -> None:
    prepare(live)


def answer_schema(row: Row, status: int, kind: str) -> dict[str, Any]:
    responses = DOCUMENT["paths"][row.path][row.method.lower()]["responses"]
    schema = responses[str(status)]["content"][kind]["schema"]
    return {**schema, "components": DOCUMENT["components"]}


def steady(value: Any, key: str = "") -> Any:
    """Return ``value`` without what differs from run to run."""
    if isinstance(value, dict):
        return {name: steady(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [steady(each) for each in value]
    if key in TIMES:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value)
        return "TIME"
    if key in ("total_ms", "python", "config_version"):
        return key.upper()
    if isinstance(value, str):
        value = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", value)
        value = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "TIME", value)
        return re.sub(r"\bn\d+-[0-9a-f]{6}\b", "nN-ID", value)
    return value


def shape(row: Row, answer: Answer) -> dict[str, Any]:
    """Return what a golden file holds of ``answer``."""
    body: Any = None
    if answer.body:
        text = answer.body.decode()
        body = steady(answer.json) if row.media == JSON else text.splitlines()[0]
        body = sorted(body) if row.name in LARGE else body
        body = {**body, "version": "N"} if row.name in CONFIGS and "version" in body else body
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("date", "content-length")
    }
    if row.name in CONFIGS:
        headers["etag"] = re.sub(r"\d+", "N", headers["etag"])
    return {"status": answer.status, "headers": headers, "body": body}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_call_answers_as_its_golden_file_says(live: Live, row: Row) -> None:
    found = shape(row, GOOD[row.name].run(live, row))
    file = GOLDEN / f"{row.name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_answer_has_the_status_and_the_schema_that_openapi_says(live: Live, row: Row) -> None:
    answer = GOOD[row.name].run(live, row)
    status, media = (426, PROBLEM) if row.upgrades else (row.status, row.media)
    assert answer.status == status
    if row.status == HTTPStatus.NO_CONTENT:
        assert answer.body == b""
        return
    assert answer.headers["content-type"] == media
    schema = answer_schema(row, status, media)
    found = answer.json if media in (JSON, PROBLEM) else answer.body.decode()
    jsonschema.Draft202012Validator(schema).validate(found)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_answer_about_a_live_namespace_carries_its_version(live: Live, row: Row) -> None:
    answer = GOOD[row.name].run(live, row)
    name = "twin" if row.name == "fork_namespace" else "golden"
    space = live.call("GET", f"/namespaces/{name}")
    concerns = "{namespace}" in row.path and space.status == 200 and not row.upgrades
    if concerns:
        assert answer.headers["etag"] == f'"{space.json["version"]}"'
    elif row.name in CONFIGS:
        assert answer.headers["etag"] == f'"{live.call("GET", "/config").json["version"]}"'
    elif row.name != "create_namespace":
        assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("row", "status"),
    [pair for pair in REFUSALS if (pair[0].name, pair[1]) not in ELSEWHERE],
    ids=lambda value: value.name if isinstance(value, Row) else str(value),
)
def test_a_refusal_says_why_and_changes_nothing(live: Live, row: Row, status: int) -> None:
    example = bad_example(row.name, status)
    example.before(live)
    before = live.call("GET", "/namespaces").json
    answer = live.call(row.method, example.path, example.body, example.headers)
    assert answer.status == status, answer
    assert answer.code in CODES[status]
    assert answer.json["status"] == status
    assert answer.json["detail"]
    has_places = status == 422 or (row.name, status) == ("put_config", 409)
    assert has_places is bool(answer.json["errors"])
    jsonschema.Draft202012Validator(
        answer_schema(row, status, "application/problem+json")
    ).validate(answer.json)
    assert timeless(live.call("GET", "/namespaces").json) == timeless(before)


def timeless(document: Any) -> Any:
    """Leave out what passes by itself: the clocks of namespaces that follow real time."""
    return [{**space, "clock": None} for space in document["namespaces"]]


def test_ready_says_503_while_the_server_stops() -> None:
    live = Live()
    head = encoded("GET", CONTROL_ROOT + "/ready")
    with live.connect() as line:
        line.sendall(head[:20])
        live.call("GET", "/health")  # so that the bytes before have been read
        stopping = live.begin(live.server.stop())
        live.call_soon()
        line.sendall(head[20:])
        answer = read_answer(line)
        stopping.result(20)
    live.end()
    assert (answer.status, answer.code) == (503, "stopping")
    assert BY_NAME["ready"].refusals == (503,)


def test_a_server_that_made_no_ca_says_why_there_is_none() -> None:
    plain = Live()
    answer = plain.call("GET", "/ca.pem")
    plain.close()
    assert (answer.status, answer.code) == (404, "unknown-item")
    assert "start it with --tls" in answer.json["detail"]
    assert BY_NAME["ca"].refusals == (404,)


@pytest.mark.parametrize("row", [row for row in ROWS if row.method == "GET"], ids=lambda r: r.name)
def test_head_answers_as_get_without_the_body(live: Live, row: Row) -> None:
    path = GOOD[row.name].path
    got = live.call("GET", path)
    head = live.call("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    assert head.headers["content-type"] == got.headers["content-type"]


def test_every_row_has_an_example_a_golden_file_and_its_refusals() -> None:
    assert set(GOOD) == set(BY_NAME)
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(BY_NAME)
    for row, status in REFUSALS:
        assert (row.name, status) in ELSEWHERE or bad_example(row.name, status)
    assert set(SPECIAL) <= {(row.name, status) for row, status in REFUSALS}


def test_every_row_has_its_operation() -> None:
    answering = {row.name for row in ROWS if not row.upgrades}
    assert set(bind(Site(MemoryStore(configured()), str))) == answering


def covers(row: Row, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", row.path), path) is not None


@pytest.mark.parametrize("path", sorted({row.path for row in ROWS}))
def test_a_method_that_a_path_does_not_take_is_405_and_told_which_it_takes(
    live: Live, path: str
) -> None:
    concrete = re.sub(r"\{\w+\}", "x", path)
    taken = {row.method for row in ROWS if covers(row, concrete)}
    taken |= {"HEAD"} if "GET" in taken else set()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - taken:
        answer = live.call(method, concrete)
        assert (answer.status, answer.code) == (405, "method-not-allowed")
        assert sorted(answer.headers["allow"].split(", ")) == sorted(taken)


@pytest.mark.parametrize("row", [row for row in PLAIN if row.body == "none"], ids=lambda r: r.name)
def test_a_body_where_none_is_taken_is_400(live: Live, row: Row) -> None:
    answer = live.call(row.method, GOOD[row.name].path, {})
    assert (answer.status, answer.code) == (400, "unreadable")


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.body == "required"], ids=lambda r: r.name
)
def test_a_required_body_that_is_missing_is_400(live: Live, row: Row) -> None:
    answer = live.call(row.method, GOOD[row.name].path)
    assert (answer.status, answer.code) == (400, "unreadable")


@pytest.mark.parametrize("row", PLAIN, ids=lambda r: r.name)
def test_an_unknown_query_parameter_is_422_and_named(live: Live, row: Row) -> None:
    path = GOOD[row.name].path
    answer = live.call(
        row.method, path + ("&" if "?" in path else "?") + "nosuch=1", GOOD[row.name].body
    )
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.json["errors"][0]["pointer"] == "/nosuch"


@pytest.mark.parametrize(
    "path", ["", "/", "/namespace", "/namespaces/", "/namespaces/golden/", "/namespaces/golden/stub",
             "//health", "/health/", "/v1/health", "/../v1/health"],
)  # fmt: skip
def test_a_path_that_is_no_call_is_404_unknown_call(live: Live, path: str) -> None:
    answer = live.call("GET", path)
    assert (answer.status, answer.code) == (404, "unknown-call")


@pytest.mark.parametrize(
    "target", ["/__mock", "/__mock/", "/__mock/v2/health", "/__mock/v1x/health"]
)
def test_everything_below_the_reserved_path_is_kept_from_the_mock(live: Live, target: str) -> None:
    answer = live.send("GET", target)
    assert (answer.status, answer.code) == (404, "unknown-call")
