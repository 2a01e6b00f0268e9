"""The ids by which other systems know a request."""

from __future__ import annotations

import pytest
from tests.engine.requests import make_request

from pymockapi.model.correlation import brings_any, correlation_of, is_known_by, trace_id, traces_of

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("headers", "ids"),
    [
        ([], {}),
        ([("Accept", "traceparent")], {}),
        ([("TraceParent", PARENT)], {"traceparent": PARENT}),
        ([("X-Request-ID", "a"), ("x-request-id", "b")], {"x-request-id": "a"}),
        ([("x-correlation-id", "c"), ("x-other", "d")], {"x-correlation-id": "c"}),
    ],
)
def test_the_ids_of_a_request_are_those_of_three_headers(
    headers: list[tuple[str, str]], ids: dict[str, str]
) -> None:
    request = make_request("GET", "/", headers=headers)
    assert correlation_of(request) == ids
    assert brings_any(request.head) or not ids


@pytest.mark.parametrize(
    ("wanted", "is_known"),
    [(PARENT, True), (TRACE, True), ("r1", True), ("00f067aa0ba902b7", False), (TRACE.upper(), False),
     ("00", False), ("", False), ("r", False)],
)  # fmt: skip
def test_a_request_is_known_by_each_id_and_by_its_trace(wanted: str, is_known: bool) -> None:
    assert is_known_by({"traceparent": PARENT, "x-request-id": "r1"}, wanted) is is_known


@pytest.mark.parametrize("text", ["", "00", f"00-{TRACE}-01", "00-short-00f067aa0ba902b7-01"])
def test_what_is_no_traceparent_has_no_trace(text: str) -> None:
    assert trace_id(text) == ""
    assert not is_known_by({"traceparent": text}, "x" * 32)


@pytest.mark.parametrize(
    ("wanted", "ways"),
    [("r1", (b"r1",)), ("\u00e9", (b"\xc3\xa9", b"\xe9")), ("\u20ac", (b"\xe2\x82\xac",)),
     ("\udcff", (b"\xff",))],
)  # fmt: skip
def test_an_id_is_looked_for_in_each_way_it_may_have_come(
    wanted: str, ways: tuple[bytes, ...]
) -> None:
    assert traces_of(wanted) == ways
