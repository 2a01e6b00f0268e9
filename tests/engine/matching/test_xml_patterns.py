"""What ``xml`` and ``xpath`` ask of a body."""

from __future__ import annotations

import gzip
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

from pymockapi.model.errors import ExpressionLimit

ORDER = b"<order id='7' currency='EUR'>\n  <item>Tea</item>\n  <item>Cup</item>\n</order>"
SOAP = b"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
<s:Body><Pay xmlns="urn:pay"><amount>12.50</amount></Pay></s:Body></s:Envelope>"""
NAMESPACES = {"soap": "http://schemas.xmlsoap.org/soap/envelope/", "p": "urn:pay"}


def told(body: dict[str, Any], content: bytes) -> list[tuple[str, str, str]]:
    request = make_request("POST", body=content)
    assert accepts({"body": body}, request) == (not differences({"body": body}, request))
    return differences({"body": body}, request)


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        ("<order currency='EUR' id='7'><item>Tea</item><item>Cup</item></order>", ORDER),
        (ORDER.decode(), b"<order id='7' currency='EUR'><item>Tea</item><item>Cup</item></order>"),
        ("<a xmlns='urn:a'><b c='1'/></a>", b"<p:a xmlns:p='urn:a'><p:b c='1'></p:b></p:a>"),
        ("<a>x</a>", b"<?xml version='1.0'?><!-- b --><a>x<!-- c --></a><?d e?>"),
        ("<a>x &amp; y</a>", b"<a><![CDATA[x & y]]></a>"),
        ("<a> b <c/></a>", b"<a> b <c/> </a>"),
        ("<a p:b='1' xmlns:p='urn:p'/>", b"<a q:b='1' xmlns:q='urn:p'/>"),
        ("<a>é</a>", "<a>é</a>".encode("utf-16")),
    ],
)
def test_documents_are_equal_however_they_are_written(expected: str, content: bytes) -> None:
    assert told({"xml": expected}, content) == []


@pytest.mark.parametrize(
    ("expected", "content", "difference"),
    [
        ("<a>x</a>", b"<a>y</a>", ("body.xml./a/text()[1]", '"x"', '"y"')),
        ("<a>x</a>", b"<a> x</a>", ("body.xml./a/text()[1]", '"x"', '" x"')),
        ("<a> </a>", b"<a/>", ("body.xml./a/text()[1]", '" "', "missing")),
        ("<a b='1'/>", b"<a b='2'/>", ("body.xml./a/@b", '"1"', '"2"')),
        ("<a b='1'/>", b"<a/>", ("body.xml./a/@b", '"1"', "missing")),
        ("<a/>", b"<a b='1'/>", ("body.xml./a/@b", "absent", '"1"')),
        (
            "<a xmlns='urn:a'/>",
            b"<a/>",
            (
                "body.xml./a",
                "the element a of the namespace urn:a",
                "the element a of no namespace",
            ),
        ),
        (
            "<a><b/><b/></a>",
            b"<a><b/></a>",
            ("body.xml./a/b[2]", "the element b of no namespace", "missing"),
        ),
        (
            "<a><b/></a>",
            b"<a><b/><b/></a>",
            ("body.xml./a/b[2]", "absent", "the element b of no namespace"),
        ),
        (
            "<a><b/></a>",
            b"<a>b</a>",
            ("body.xml./a/text()[1]", "the element b of no namespace", '"b"'),
        ),
    ],
)
def test_what_differs_is_told_where_it_is(
    expected: str, content: bytes, difference: tuple[str, str, str]
) -> None:
    assert told({"xml": expected}, content) == [difference]


def test_few_of_many_differences_are_told() -> None:
    expected = f"<a>{'<b/>' * 20}</a>"
    assert len(told({"xml": expected}, b"<a>" + b"<c/>" * 20 + b"</a>")) == 10


@pytest.mark.parametrize(
    ("xpath", "content"),
    [
        ({"/order/@id": 7}, ORDER),
        ({"//item": "Cup"}, ORDER),
        ({"//item": {"exactly": ["Cup", "Tea"]}}, ORDER),
        ({"count(//item)": 2}, ORDER),
        ({"count(//item)": {"ge": 2}, "boolean(//note)": False}, ORDER),
        ({"//note": {"absent": True}}, ORDER),
        ({"/soap:Envelope/soap:Body/p:Pay/p:amount": {"gt": 12}}, SOAP),
        ({"name(//p:Pay)": "Pay"}, SOAP),
        ({"//a": {"absent": True}}, b""),
    ],
)
def test_what_an_expression_yields_fits(xpath: dict[str, Any], content: bytes) -> None:
    assert told({"xpath": xpath, "namespaces": NAMESPACES}, content) == []


def test_what_an_expression_yields_is_told() -> None:
    assert told({"xpath": {"//item": "Pot", "/order/@id": {"gt": 7}}}, ORDER) == [
        ("body.xpath.//item", 'equal to "Pot"', '"Tea", "Cup"'),
        ("body.xpath./order/@id", "greater than 7", '"7"'),
    ]


@pytest.mark.parametrize(
    "body", [{"xml": "<a/>"}, {"xpath": {"//a": {"absent": True}}}, {"xpath": {"true()": True}}]
)
def test_what_is_no_xml_fits_nothing(body: dict[str, Any]) -> None:
    ((field, _, actual),) = told(body, b"{}")
    assert field == "body"
    assert actual == 'no XML: not well-formed (invalid token) (line 1, column 1): "{}"'


def test_a_coding_that_is_not_undone_is_named() -> None:
    request = make_request("POST", headers=[("Content-Encoding", "br")], body=b"<a/>")
    assert differences({"body": {"xml": "<a/>"}}, request) == [
        ("body", 'XML equal to "<a/>"', "in the content coding 'br', which is not undone")
    ]


def test_no_body_is_no_document() -> None:
    assert told({"xml": "<a/>"}, b"") == [("body", 'XML equal to "<a/>"', "missing")]


def test_a_compressed_document_is_read() -> None:
    headers = [("Content-Encoding", "gzip")]
    request = make_request("POST", headers=headers, body=gzip.compress(ORDER))
    assert accepts({"body": {"xpath": {"//item": "Tea"}, "xml": ORDER.decode()}}, request)


@pytest.mark.parametrize(
    ("body", "at", "message"),
    [
        ({"xml": {}}, "/xml", "expected an XML document as a string, got an object"),
        ({"xml": "<a>"}, "/xml", "this is no XML that is read: no element found"),
        ({"xml": "<a>" * 200}, "/xml", "nested deeper than 100 levels"),
        ({"xpath": []}, "/xpath", "expected an object, got a list"),
        ({"xpath": {"//a[": 1}}, "/xpath/~1~1a[", "a name is expected in place of the end"),
        ({"xpath": {"//a": None}}, "/xpath/~1~1a", "expected a string"),
        ({"xpath": {"//p:a": 1}}, "/xpath/~1~1p:a", "the prefix 'p' is not among 'namespaces'"),
        ({"xpath": {"a": 1}, "namespaces": {"p": 1}}, "/namespaces/p", "(a URI), got a number"),
        (
            {"namespaces": {"p": "urn:p"}},
            "/namespaces",
            "the prefixes of 'xpath', which is missing",
        ),
    ],
)
def test_a_mistake_is_told_where_it_is(body: dict[str, Any], at: str, message: str) -> None:
    ((pointer, text),) = pattern_findings({"body": body})
    assert pointer == f"/body{at}"
    assert message in text


@pytest.mark.parametrize(
    "body", [{"xml": "<a/>"}, {"xpath": {"//a": "x"}}, {"xpath": {"//a[//a[//a]]": "x"}}]
)
@pytest.mark.parametrize(
    "content",
    [
        b"<a>" + b"<b/>" * 20_000 + b"</a>",
        b"<a>" + b" " * 1_048_576 + b"</a>",
        b"<a>" * 101 + b"</a>" * 101,
    ],
)
def test_a_limit_is_no_misfit(body: dict[str, Any], content: bytes) -> None:
    request = make_request("POST", body=content)
    with pytest.raises(ExpressionLimit):
        pattern_of({"body": body}).accepts(request, context_of(request))
