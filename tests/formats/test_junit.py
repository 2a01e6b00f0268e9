"""JUnit XML, held to the rules of the strictest reader: the schema of Ant's JUnit task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped, unused-ignore]
from tests.formats.bundles import PASSED, bundle, exchange, met, problem, verification

from pymockapi.formats.junit import MAX_IDS, escaped, junit

ANT: Final = etree.XMLSchema(
    etree.fromstring("""
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="filled">
    <xs:restriction base="xs:token"><xs:minLength value="1"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="instant">
    <xs:restriction base="xs:dateTime">
      <xs:pattern value="\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:complexType name="told">
    <xs:simpleContent><xs:extension base="xs:string">
      <xs:attribute name="message" type="xs:string"/>
      <xs:attribute name="type" type="xs:string" use="required"/>
    </xs:extension></xs:simpleContent>
  </xs:complexType>
  <xs:element name="testsuites"><xs:complexType><xs:sequence>
    <xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence>
        <xs:element name="properties"><xs:complexType><xs:sequence>
          <xs:element name="property" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
            <xs:attribute name="name" type="filled" use="required"/>
            <xs:attribute name="value" type="xs:string" use="required"/>
          </xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element>
        <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
          <xs:choice minOccurs="0">
            <xs:element name="skipped"/>
            <xs:element name="error" type="told"/>
            <xs:element name="failure" type="told"/>
          </xs:choice>
          <xs:attribute name="name" type="xs:token" use="required"/>
          <xs:attribute name="classname" type="xs:token" use="required"/>
          <xs:attribute name="time" type="xs:decimal" use="required"/>
        </xs:complexType></xs:element>
        <xs:element name="system-out" type="xs:string"/>
        <xs:element name="system-err" type="xs:string"/>
      </xs:sequence>
      <xs:attribute name="package" type="xs:token" use="required"/>
      <xs:attribute name="id" type="xs:int" use="required"/>
      <xs:attribute name="name" type="filled" use="required"/>
      <xs:attribute name="timestamp" type="instant" use="required"/>
      <xs:attribute name="hostname" type="filled" use="required"/>
      <xs:attribute name="tests" type="xs:int" use="required"/>
      <xs:attribute name="failures" type="xs:int" use="required"/>
      <xs:attribute name="errors" type="xs:int" use="required"/>
      <xs:attribute name="skipped" type="xs:int"/>
      <xs:attribute name="time" type="xs:decimal" use="required"/>
    </xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>""")
)

FAILED: Final = bundle(
    verification(met(), met("GET /x", passed=False, actual=0), passed=False, took_ms=20),
    verdict={**PASSED, "passed": False, "problems": [problem("unmatched")], "report": "a\nb <&>"},
)


def suite(document: dict[str, Any], requests: Sequence[dict[str, Any]] = ()) -> Any:
    """Return the suite of a report, which is as the schema wants it."""
    text = "".join(junit(document, requests)).encode()
    ANT.assertValid(etree.fromstring(text))
    (found,) = ElementTree.fromstring(text)
    return found


def properties(found: Any) -> list[tuple[str, str]]:
    return [(each.get("name"), each.get("value")) for each in found.find("properties")]


def test_a_report_counts_its_cases() -> None:
    found = suite(FAILED)
    assert {name: found.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4", "failures": "2", "errors": "0", "skipped": "0",
    }  # fmt: skip
    assert (found.get("timestamp"), found.get("time")) == ("2030-01-01T00:00:00", "2.500")
    assert [each.get("time") for each in found.iter("testcase")] == [
        "0.020", "0.000", "0.000", "0.000",
    ]  # fmt: skip


def test_a_failure_has_kind_message_and_report() -> None:
    first, second = suite(FAILED).iter("failure")
    assert (first.get("type"), first.get("message")) == ("unmet", "expected at least once, got 0")
    assert (first.text, second.text) == ("Verification: the report", "a\nb <&>")


@pytest.mark.parametrize(
    ("labels", "name"), [({"test": "test_pay"}, "test_pay"), ({"test": " "}, "shop"), ({}, "shop")]
)
def test_cases_are_grouped_by_the_test_else_by_the_namespace(
    labels: dict[str, str], name: str
) -> None:
    found = suite(bundle(labels=labels))
    assert {each.get("classname") for each in found.iter("testcase")} == {name}
    assert found.get("name") == name


def test_labels_seed_and_correlation_ids_are_properties() -> None:
    requests = [exchange(n, correlation={"x-request-id": f"r{n}"}) for n in range(1, 31)]
    requests += [exchange(31, correlation={"traceparent": "00-a-b-01", "x-request-id": "r30"})]
    ended = {"reason": "finished", "status": "failed", "at": "2030-01-01T00:00:01.000000Z"}
    found = properties(suite(bundle(finished=ended, labels={"run": "7", "a b": '"<\n'}), requests))
    assert found[:8] == [
        ("namespace", "shop"), ("namespace.id", "n1"), ("seed", "7"), ("label.run", "7"),
        ("label.a b", '"<\n'), ("status", "failed"), ("requests", "0"), ("pymockapi", "1.0"),
    ]  # fmt: skip
    assert found[8] == ("traceparent", "00-a-b-01")
    assert [value for _, value in found[9:]] == [f"r{n}" for n in range(31 - MAX_IDS, 31)]


def test_a_status_that_was_not_given_is_no_property() -> None:
    ended = {"reason": "expired", "status": None, "at": "2030-01-01T00:00:01.000000Z"}
    found = suite(bundle(finished=ended))
    assert "status" not in dict(properties(found))
    assert found.get("time") == "1.000"


def test_the_journal_in_short_is_in_system_out() -> None:
    out = suite(bundle(total=1), [exchange(correlation={"x-request-id": "r1"})]).findtext(
        "system-out"
    )
    lines = out.splitlines()
    assert lines[0] == "Namespace 'shop' (n1): passed"
    assert lines[2:] == [
        "1 recorded request:",
        "  #1     00:00:01.000  POST /payments -> 201 pay",
        "          x-request-id: r1",
    ]


@pytest.mark.parametrize(
    ("phase", "line"),
    [
        ("failed", "POST /payments -> fault: reset pay"),
        ("delayed", "POST /payments -> fault: reset pay (delayed)"),
    ],
)
def test_the_journal_in_short_tells_a_fault_in_place_of_the_status(phase: str, line: str) -> None:
    out = suite(bundle(total=1), [exchange(fault="reset", phase=phase)]).findtext("system-out")
    assert out.splitlines()[3] == f"  #1     00:00:01.000  {line}"


def test_what_xml_cannot_hold_is_written_out() -> None:
    assert escaped("a\x1b[31m\x00\ud800\ufffe\t\n\U0001f600") == (
        "a\\x1b[31m\\x00\\ud800\\ufffe\t\n\U0001f600"
    )


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_a_text_holds_the_report_is_xml_and_has_it(text: str) -> None:
    found = suite(bundle(labels={"note": text}, verdict={**PASSED, "report": f"<{text}>"}))
    kept = "".join(each for each in text if each == escaped(each) or each in "&<>\r")
    out = found.findtext("system-out")
    label = dict(properties(found))["label.note"]
    for each in kept:
        assert each in out
        assert each in label
