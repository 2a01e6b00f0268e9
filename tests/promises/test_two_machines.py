"""P4 over sockets: two machines answer alike, to the byte, though one of them serves others at full load.

Worlds are random: draws, the clock, state, sequences by a value, delays and faults by chance, in all
three layers. The machines differ in the names of namespaces, Python's hashes, time zone and locale.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.promises.machines import Json, Machine, Spec, specs, two_machines


@pytest.fixture(scope="module")
def machines() -> Iterator[tuple[Machine, Machine]]:
    with two_machines() as both:
        yield both


SOME = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@SOME
@given(spec=specs())
def test_two_machines_answer_alike_to_the_byte(
    machines: tuple[Machine, Machine], spec: Spec
) -> None:
    busy, quiet = machines
    assert busy.answers(spec) == quiet.answers(spec)
    assert busy.recorded() == quiet.recorded()
    assert busy.state() == quiet.state()


def by_stub(machine: Machine, spec: Spec) -> dict[str, list[tuple[bytes, Json]]]:
    """Return for each stub what its requests got, in order: the bytes, and the record of it."""
    found = dict[str, list[tuple[bytes, Json]]]()
    for answer, entry in zip(machine.answers(spec), machine.recorded(), strict=True):
        if entry["stub"] is not None:
            told = {**entry, "number": None}
            found.setdefault(str(entry["stub"]), []).append((answer, told))
    return found


@SOME
@given(spec=specs(has_state=False), data=st.data())
def test_what_a_stub_draws_does_not_follow_from_requests_to_others(
    machines: tuple[Machine, Machine], spec: Spec, data: st.DataObject
) -> None:
    busy, quiet = machines
    places = data.draw(st.permutations([path for path, _ in spec.asked]))
    waiting = {path: [each for each in spec.asked if each[0] == path] for path in places}
    mixed = spec._replace(asked=[waiting[path].pop(0) for path in places])
    assert by_stub(busy, mixed) == by_stub(quiet, spec)


def test_another_seed_draws_otherwise(machines: tuple[Machine, Machine]) -> None:
    drawn = {"name": "a", "request": {"path": "/0"},
             "response": {"template": True, "text": "{{ uuid() }}"}}  # fmt: skip
    spec = Spec([], [], [drawn], {}, [(0, "1")])
    busy, quiet = machines
    first = busy.answers(spec)
    quiet.define(spec, seed=8)
    assert [quiet.ask(0, "1")] != first
