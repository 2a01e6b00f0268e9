"""Bodies with a content coding: matched as what they hold, or not at all."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from typing import Any

import pytest
from tests.engine.requests import (
    accepts,
    context_of,
    differences,
    make_request,
    pattern_of,
)

from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.stub import MAX_STEPS

BROKEN = "no gzip, though its content coding says so"


def packed(content: bytes, coding: str = "gzip", content_type: str = "text/plain") -> Request:
    return sent(gzip.compress(content, mtime=0), coding, content_type)


def sent(body: bytes, coding: str, content_type: str = "text/plain") -> Request:
    headers = [("Content-Type", content_type), ("CONTENT-Encoding", coding)]
    return make_request("POST", headers=headers, body=body)


ORDER = json.dumps({"id": 7}).encode()
UPLOAD = b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--cut--\r\n'


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        ({"json": {"id": 7}}, packed(ORDER)),
        ({"json_contains": {"id": {"gt": 0}}}, packed(ORDER)),
        ({"jsonpath": {"$.id": 7}}, packed(ORDER)),
        ({"json_schema": {"required": ["id"]}}, packed(ORDER)),
        ({"graphql": {"operation": "A"}}, packed(b'{"query": "query A {b}"}')),
        (
            {"text": {"contains": "hé"}},
            packed(b"h\xe9", content_type="text/plain; charset=latin-1"),
        ),
        ({"form": {"a": "1"}}, packed(b"a=1&b=2")),
        ({"multipart": {"a": "x"}}, packed(UPLOAD, "gzip", "multipart/form-data; boundary=cut")),
        ({"text": "x"}, sent(zlib.compress(gzip.compress(b"x")), "gzip, deflate")),
        ({"text": {"absent": True}}, packed(b"")),
        ({"json": 1}, sent(b"1", "identity")),
    ],
)
def test_a_compressed_body_is_matched_as_what_it_holds(
    body: dict[str, Any], request_: Request
) -> None:
    assert accepts({"body": body}, request_)


def test_base64_compares_what_was_sent() -> None:
    encoded = base64.b64encode(gzip.compress(b"x", mtime=0)).decode()
    assert accepts({"body": {"base64": encoded}}, packed(b"x"))
    assert not accepts({"body": {"base64": base64.b64encode(b"x").decode()}}, packed(b"x"))


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"id": 7}},
        {"json_contains": {"absent": True}},
        {"jsonpath": {"$.id": {"absent": True}}},
        {"json_schema": True},
        {"graphql": {}},
        {"text": {"present": True}},
        {"text": {"absent": True}},
        {"form": {"a": {"absent": True}}},
        {"multipart": {"a": {"absent": True}}},
    ],
)
def test_a_broken_coding_fits_nothing_that_looks_into_the_body(body: dict[str, Any]) -> None:
    request = sent(ORDER, "gzip")
    assert not accepts({"body": body}, request)
    ((_, _, actual),) = differences({"body": body}, request)
    assert BROKEN in actual


def test_a_coding_that_is_not_undone_is_named() -> None:
    assert differences({"body": {"text": "x"}}, sent(b"x", "br")) == [
        ("body", 'equal to "x"', "in the content coding 'br', which is not undone")
    ]


@pytest.mark.parametrize(
    ("notation", "expected"),
    [("body", ['{"id": 7}']), ("body.$.id", [7]), ("form.a", [])],
)
def test_request_values_are_of_what_it_holds(notation: str, expected: list[Any]) -> None:
    assert read_request_value(notation, "", Findings()).values(packed(ORDER), {}) == expected


@pytest.mark.parametrize("notation", ["body", "body.$.id", "form.a"])
def test_a_broken_coding_has_no_request_values(notation: str) -> None:
    assert read_request_value(notation, "", Findings()).values(sent(b"a=1", "gzip"), {}) == []


@pytest.mark.parametrize("body", [{"text": "x"}, {"json": 1}, {"form": {"a": "x"}}])
def test_a_body_that_is_too_large_once_undone_is_a_limit(body: dict[str, Any]) -> None:
    request = packed(bytes(2_000_000))
    with pytest.raises(ExpressionLimit, match="gzip"):
        pattern_of({"body": body}).accepts(request, context_of(request))


@pytest.mark.parametrize(
    "body",
    [{"text": "x"}, {"json": 1}, {"json_schema": False}, {"graphql": {}}, {"form": {"a": 1}}],
)
def test_what_a_body_holds_takes_steps_once(body: dict[str, Any]) -> None:
    request = packed(b" " * 640_000)
    context = context_of(request)
    before = context.steps_left
    pattern_of({"body": body}).accepts(request, context)
    assert before - context.steps_left == 10_000
    assert before > MAX_STEPS - 100
    again = context_of(request)
    pattern_of({"body": body}).accepts(request, again)
    assert again.steps_left == before


def test_a_request_with_the_same_head_has_a_body_of_its_own() -> None:
    first = packed(b"a")
    assert first.text == "a"
    second = first.bare().again("", gzip.compress(b"b"))
    assert second.text == "b"
