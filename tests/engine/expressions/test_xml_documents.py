"""XML that is read, and XML that is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.requests import context_of

from pymockapi.engine.expressions.xml_documents import Document, Kind, NoXml, parse_xml
from pymockapi.model.errors import ExpressionLimit


def shown(document: Document) -> list[tuple[str, str, str]]:
    return [(node.kind.value, node.name, node.text) for node in document.nodes[1:]]


def test_nodes_are_in_document_order() -> None:
    document = parse_xml(b"<a x='1'>t<!-- no --><?no no?>u<p:b xmlns:p='urn:p' p:y='2'/></a>")
    assert shown(document) == [
        ("element", "a", ""),
        ("attribute", "x", "1"),
        ("text", "", "tu"),
        ("element", "p:b", ""),
        ("attribute", "p:y", "2"),
    ]
    assert document.nodes[4].namespace == document.nodes[5].namespace == "urn:p"
    assert [each.name for each in document.children(document.root)] == ["a"]
    assert [each.kind for each in document.descendants(document.root)] == [
        Kind.ELEMENT,
        Kind.TEXT,
        Kind.ELEMENT,
    ]


@pytest.mark.parametrize(
    "content",
    [
        "<a>é</a>".encode(),
        "<a>é</a>".encode("utf-16"),
        "<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>".encode("latin-1"),
        b"<a>&#233;</a>",
        b"<a><![CDATA[\xc3\xa9]]></a>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a>é</a>".encode(),
    ],
)
def test_a_text_is_read_however_it_is_written(content: bytes) -> None:
    document = parse_xml(content)
    assert document.text_of(document.root, context_of()) == "é"


def test_a_text_that_grows_when_it_is_decoded_is_one_text() -> None:
    document = parse_xml(
        b"<?xml version='1.0' encoding='iso-8859-1'?><a>" + b"\xe9" * 999 + b"</a>"
    )
    assert shown(document)[1:] == [("text", "", "é" * 999)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no element found (line 1, column 1)"),
        (b"{}", "not well-formed (invalid token) (line 1, column 1)"),
        (b"<a>\n</b>", "mismatched tag (line 2, column 3)"),
        (b"<p:a/>", "unbound prefix"),
        (b"<a x='1' x='2'/>", "duplicate attribute"),
        (b"<?xml version='1.0' encoding='nope'?><a/>", "encoding"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "it has a DTD within it"),
        (b"<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>", "it has a DTD within it"),
        (b"<!DOCTYPE a SYSTEM 'a.dtd'><a>&b;</a>", "the entity 'b' is not defined"),
        (b"<a>&b;</a>", "undefined entity"),
    ],
)
def test_what_is_not_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(NoXml) as raised:
        parse_xml(content)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<a>" * 101, "nested deeper than 100 levels"),
        (b"<a>" + b"<b/>" * 6_001 + b"</a>", "more than 30,000 steps"),
        (b"<a " + b"b=''" * 10_000, "more than 30,000 steps"),
        (b"<a>" + b"&lt;" * 250_000 + b"</a>", "more than 30,000 steps"),
    ],
)
def test_what_takes_too_long_is_a_limit(content: bytes, message: str) -> None:
    with pytest.raises(ExpressionLimit, match=message):
        parse_xml(content, context_of())


@given(st.binary(max_size=100) | st.text("<>/ab='\"&;![]-? ", max_size=60).map(str.encode))
def test_nothing_else_is_raised(content: bytes) -> None:
    with suppress(NoXml):
        parse_xml(content, context_of())
