"""XPath 1.0: what expressions yield, what is no expression, what is bounded."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.engine.requests import context_of

from pymockapi.engine.expressions.xml_documents import parse_xml
from pymockapi.engine.expressions.xpath import Scope
from pymockapi.engine.expressions.xpath_reading import read_xpath
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings

SHOP = b"""<?xml version="1.0"?>
<shop xmlns:p="urn:p" id="s1">
  <item sku="A1" n="1"><name>Tea</name><price>2.50</price></item>
  <item sku="B2" n="2"><name> Old  coffee </name><price>10</price></item>
  <p:item sku="C3"><name>Cup</name><!-- none --></p:item>
  <note>a<b>b</b>c</note>
</shop>"""
PREFIXES = {"q": "urn:p"}


def evaluate(text: str, document: bytes = SHOP) -> Any:
    found = Findings()
    expression = read_xpath(text, "", found, PREFIXES)
    found.check("The expression")
    assert expression is not None
    parsed = parse_xml(document)
    scope = Scope(parsed, context_of(), parsed.root)
    value = expression(scope)
    return scope.texts(value) if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/shop/item/name", ["Tea", " Old  coffee "]),
        ("shop/@id", ["s1"]),
        ("//name", ["Tea", " Old  coffee ", "Cup"]),
        ("//q:item/name", ["Cup"]),
        ("//q:*/@sku", ["C3"]),
        ("//*[local-name()='item']/@sku", ["A1", "B2", "C3"]),
        ("//@sku", ["A1", "B2", "C3"]),
        ("//item/@*", ["A1", "1", "B2", "2"]),
        ("//item[2]/name/text()", [" Old  coffee "]),
        ("//item[last()]/@sku", ["B2"]),
        ("(//@sku)[last()]", ["C3"]),
        ("//item[@n > 1]/@sku", ["B2"]),
        ("//item[price = 10 and @sku]/@sku", ["B2"]),
        ("//item[not(price > 5)]/@sku", ["A1"]),
        ("//item[position() = 1 or name = 'x']/@n", ["1"]),
        ("//note", ["abc"]),
        ("//note/node()", ["a", "b", "c"]),
        ("//b/..", ["abc"]),
        ("//b/ancestor::*/@id", ["s1"]),
        ("//b/ancestor-or-self::b", ["b"]),
        ("//price/preceding-sibling::*", ["Tea", " Old  coffee "]),
        ("//name/following-sibling::price", ["2.50", "10"]),
        ("//b/following-sibling::text()", ["c"]),
        ("//b/preceding-sibling::node()[1]", ["a"]),
        ("//@id/following-sibling::*", []),
        ("//@id/preceding-sibling::*", []),
        ("/preceding-sibling::*", []),
        ("/following-sibling::*", []),
        ("/@a", []),
        ("/..", []),
        ("//name | //@id | //name", ["s1", "Tea", " Old  coffee ", "Cup"]),
        ("/descendant::item[2]/@n", ["2"]),
        ("//item/self::item/@n", ["1", "2"]),
        ("//item/parent::shop/@id", ["s1"]),
        ("//item[1]//text()", ["Tea", "2.50"]),
        ("(//item)/name[. = 'Tea']", ["Tea"]),
        ("(//item)//name[contains(., 'Old')]", [" Old  coffee "]),
        ("child::shop/attribute::id", ["s1"]),
        ("count(//item)", 2.0),
        ("count(/)", 1.0),
        ("sum(//price)", 12.5),
        ("sum(//name)", math.nan),
        ("string(//price)", "2.50"),
        ("string(//none)", ""),
        ("string(1.50)", "1.5"),
        ("string(1 div 0)", "Infinity"),
        ("string(-1 div 0)", "-Infinity"),
        ("string(0 div 0)", "NaN"),
        ("string(0.0000001)", "0.0000001"),
        ("string(true())", "true"),
        ("concat('a', 1, //b)", "a1b"),
        ("normalize-space(//item[2]/name)", "Old coffee"),
        ("translate('bar', 'abr', 'AB')", "BA"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 2)", "2345"),
        ("substring('12345', 0 div 0)", ""),
        ("substring('12345', -42, 1 div 0)", "12345"),
        ("substring-before('1999/04', '/')", "1999"),
        ("substring-before('1999', '/')", ""),
        ("substring-after('1999/04', '/')", "04"),
        ("substring-after('1999', '/')", ""),
        ("string-length('añb')", 3.0),
        ("string-length(//b)", 1.0),
        ("starts-with(//b, 'b')", True),
        ("name(//q:item)", "p:item"),
        ("local-name(//q:item)", "item"),
        ("namespace-uri(//q:item)", "urn:p"),
        ("name(//none)", ""),
        ("//*[name()='b']", ["b"]),
        ("//*[namespace-uri()='urn:p']/@sku", ["C3"]),
        ("//price[number()=10]", ["10"]),
        ("//name[string-length()=3]", ["Tea", "Cup"]),
        ("//name[normalize-space()='Tea']", ["Tea"]),
        ("//name[string()='Tea']", ["Tea"]),
        ("boolean(//item)", True),
        ("boolean(0 div 0)", False),
        ("boolean('')", False),
        ("not(false())", True),
        ("number('x')", math.nan),
        ("number(' 12. ')", 12.0),
        ("number('1e3')", math.nan),
        ("floor(-1.5)", -2.0),
        ("ceiling(1.2)", 2.0),
        ("round(2.5)", 3.0),
        ("round(1 div 0)", math.inf),
        ("floor(1 div 0)", math.inf),
        ("ceiling(1 div 0)", math.inf),
        ("1 + 2 * 3 - 4 div 2", 5.0),
        ("5 mod -2", 1.0),
        ("5 mod 0", math.nan),
        ("- - 3", 3.0),
        ("-(3)", -3.0),
        ("2 > 1 = true()", True),
        ("true() > false()", True),
        ("true() != 'x'", False),
        ("//item > true()", False),
        ("//price > 5", True),
        ("//price >= 11", False),
        ("//price < 3 and //price <= 2.5", True),
        ("//price = 10", True),
        ("//price != 10", True),
        ("//none != 10", False),
        ("//none = //none", False),
        ("//none < 1", False),
        ("//name = 'Cup'", True),
        ("//b != 'b'", False),
        ("//item/@n = //item/@n", True),
        ("//item[1]/@n != //item[2]/@n", True),
        ("'a' < 'b'", False),
        ("0 div 0 != 1", True),
        ("0 div 0 = 0 div 0", False),
        (" / ", ["\n  Tea2.50\n   Old  coffee 10\n  Cup\n  abc\n"]),
        ("shop/item/@div", []),
        ("*/div", []),
    ],
)
def test_an_expression_yields(text: str, expected: Any) -> None:
    value = evaluate(text)
    if isinstance(expected, float) and math.isnan(expected):
        assert math.isnan(value)
    else:
        assert value == expected
        assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a name is expected in place of the end"),
        ("//", "a name is expected in place of the end"),
        ("//a[", "a name is expected in place of the end"),
        ("//a]", "']' at character 4 is not expected"),
        ("//a[1", "']' is expected in place of the end"),
        ("a b", "'b' at character 3 is not expected"),
        ("a # b", "'# b' at character 3 cannot be read"),
        ("'open", "cannot be read"),
        ("$v", "there are no variables"),
        ("x:a", "the prefix 'x' is not among 'namespaces' (known: q)"),
        ("contain(a, 'b')", "there is no function 'contain'; did you mean 'contains'?"),
        ("id('x')", "there is no function 'id'"),
        ("re:test(a, 'b')", "there is no function 're:test'"),
        ("concat('a')", "concat() takes 2 arguments, not 1"),
        ("substring('a')", "substring() takes 2 or 3 arguments, not 1"),
        ("true(1)", "true() takes 0 arguments, not 1"),
        ("following::a", "there is no axis 'following'; known: child, "),
        ("//a/comment()", "'comment()' is no test; text() and node() are"),
        ("count(1)", "'count()' takes what selects nodes"),
        ("'a'/b", "'/' takes what selects nodes"),
        ("'a'//b", "'//' takes what selects nodes"),
        ("'a'[1]", "'[' takes what selects nodes"),
        ("'a' | b", "'|' takes what selects nodes"),
        ("(" * 21 + "1" + ")" * 21, "brackets may be nested 20 deep"),
        ("not(" * 21 + "1" + ")" * 21, "brackets may be nested 20 deep"),
        ("a" * 1_025, "an XPath may have 1,024 characters, this one has 1,025"),
    ],
)
def test_what_is_no_expression_says_why(text: str, message: str) -> None:
    found = Findings()
    assert read_xpath(text, "/at", found, PREFIXES) is None
    assert found.items[0].pointer == "/at"
    assert message in found.items[0].message


def test_an_expression_is_a_text() -> None:
    found = Findings()
    assert read_xpath(1, "", found, {}) is None
    assert found.items[0].message == "expected an XPath expression, got a number"


_WIDE = b"<a>" + b"<b><c/></b>" * 1_000 + b"</a>"
_DEEP = b"<a>" * 99 + b"x" * 10_000 + b"</a>" * 99
_LONG = b"<a>" + b"x" * 500_000 + b"</a>"


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("//*//*//*//*//*//*", _DEEP * 1),
        ("//b[count(//c) > 1]", _WIDE),
        ("count(//*[count(//*[count(//*) > 1]) > 1])", _WIDE),
        ("//b/following-sibling::*", _WIDE),
        ("//b/preceding-sibling::b[1]", _WIDE),
        ("//*[contains(., 'y')][contains(., 'z')]", _DEEP * 1),
        ("concat(" + ", ".join(["."] * 40) + ")", _LONG),
        ("translate(concat(., ., .), 'x', 'y')", _LONG),
    ],
)
def test_what_takes_too_long_is_a_limit(text: str, document: bytes) -> None:
    if document is _DEEP:
        text = f"{text} | {text} | //*[string-length() = 1][. = 1][. = 2]"
    with pytest.raises(ExpressionLimit):
        evaluate(text, document)
