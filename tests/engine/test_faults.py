"""Faults: what a definition may say, whether one befalls an answer, and bytes that are no HTTP."""

from __future__ import annotations

import pytest
from tests.engine.reading import assert_findings, read_well, reported

from pymockapi.engine.definitions import read_response
from pymockapi.engine.draws import Draws
from pymockapi.engine.faults import GARBAGE_BYTES, drawn, garbage, read_fault
from pymockapi.engine.settings import read_settings
from pymockapi.model.delivery import Delivery, Fault, FaultKind
from pymockapi.model.stub import Json

KINDS = tuple(FaultKind)
LISTED = "reset, empty, truncated, malformed_chunk, garbage, hang"


def draws(hit: int = 1, seed: int = 7, stub: str = "pay") -> Draws:
    return Draws(seed, "own", stub, hit, "fault")


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_a_kind_or_a_kind_with_a_probability(kind: FaultKind) -> None:
    assert read_well(read_fault, kind.value) == Fault(kind)
    assert read_well(read_fault, {"kind": kind.value}) == Fault(kind)
    assert read_well(read_fault, {"kind": kind.value, "probability": 0}) == Fault(kind, 0.0)


@pytest.mark.parametrize("given", ["none", None])
def test_none_and_null_say_that_nothing_befalls_it(given: Json) -> None:
    assert read_well(read_fault, given) is None
    response = read_well(read_response, {"fault": given})
    assert response.delivery == Delivery(own_fault=True)
    assert read_well(read_settings, {"fault": given}).fault is None


def test_a_response_that_says_nothing_leaves_it_to_the_namespace() -> None:
    assert read_well(read_response, {}).delivery is None
    held = read_well(read_response, {"hold": "gate"}).delivery
    assert held is not None
    assert not held.own_fault


def test_a_response_may_wait_at_a_gate_and_be_befallen_then() -> None:
    response = read_well(read_response, {"hold": "gate", "fault": "reset"})
    assert response.delivery == Delivery("gate", fault=Fault(FaultKind.RESET), own_fault=True)


def test_settings_have_a_fault() -> None:
    settings = read_well(read_settings, {"fault": {"kind": "empty", "probability": 0.25}})
    assert (settings.fault, settings.shapes) == (Fault(FaultKind.EMPTY, 0.25), True)
    assert not read_well(read_settings, {}).shapes


@pytest.mark.parametrize(
    ("given", "pointer", "message"),
    [
        ("rest", "", f"expected one of {LISTED}, none, got 'rest'; did you mean 'reset'?"),
        (True, "", f"expected one of {LISTED}, none, got a boolean"),
        ({}, "", f"a fault names its 'kind', one of {LISTED}"),
        ({"kind": "none"}, "/kind", f"expected one of {LISTED}, got 'none'"),
        ({"kind": "reset", "p": 1}, "/p", "unknown key 'p'"),
        ({"kind": "reset", "probability": 30}, "/probability", "from 0 to 1, got 30; 30 % are 0.3"),
        ({"kind": "reset", "probability": -1}, "/probability", "from 0 to 1, got -1"),
        ({"kind": "reset", "probability": 10**400}, "/probability", "from 0 to 1, got 1000"),
        ({"kind": "reset", "probability": True}, "/probability", "from 0 to 1, got a boolean"),
        ({"kind": "reset", "probability": float("nan")}, "/probability", "from 0 to 1, got nan"),
        ("CONNECTION_RESET_BY_PEER", "", "unknown fault 'CONNECTION_RESET_BY_PEER'; write 'reset'"),
        ("EMPTY_RESPONSE", "", "write 'empty'"),
        ("MALFORMED_RESPONSE_CHUNK", "", "write 'malformed_chunk'"),
        ({"kind": "RANDOM_DATA_THEN_CLOSE"}, "/kind", "write 'garbage'"),
    ],
)  # fmt: skip
def test_what_is_no_fault_is_told_with_what_would_be_one(
    given: Json, pointer: str, message: str
) -> None:
    assert_findings(reported(read_fault, given), (pointer, message))
    found = reported(read_response, {"fault": given})
    assert_findings(found, (f"/fault{pointer}", message))


def test_a_probability_of_one_always_and_one_of_zero_never_befalls() -> None:
    hits = range(1, 200)
    assert all(drawn(Fault(FaultKind.RESET, 1.0), draws(hit)) for hit in hits)
    assert not any(drawn(Fault(FaultKind.RESET, 0.0), draws(hit)) for hit in hits)


def test_a_probability_befalls_about_so_many() -> None:
    fault = Fault(FaultKind.RESET, 0.3)
    count = sum(drawn(fault, draws(hit)) for hit in range(1, 1001))
    assert count == 283


def test_the_kind_changes_nothing_in_which_answers_are_befallen() -> None:
    for hit in range(1, 50):
        found = {drawn(Fault(kind, 0.5), draws(hit)) for kind in KINDS}
        assert len(found) == 1


def test_garbage_is_of_one_length_and_holds_no_letter() -> None:
    for hit in range(1, 20):
        data = garbage(draws(hit))
        assert len(data) == GARBAGE_BYTES == 256
        assert data.endswith(b"\r\n\r\n")
        assert all(each >= 0x80 for each in data[:-4])


def test_garbage_is_the_same_for_the_same_draw_and_another_for_another() -> None:
    assert garbage(draws()) == garbage(draws())
    assert garbage(draws())[:8].hex() == "ada78f899bfff1bb"
    assert len({garbage(draws(hit)) for hit in range(1, 100)}) == 99
