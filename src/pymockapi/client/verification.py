"""Verifications: what is asked, the answer as values, and the error that a failed one is.

The server judges and writes the report; here is no matching, no call and no waiting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from pymockapi.client.expectation import Expected, read_expectation
from pymockapi.client.explanation import FieldDifference
from pymockapi.client.values import Duration, Json, JsonObject, duration, given, seconds

Order = str | Sequence[Sequence[str]]


class VerifyOptions(TypedDict, total=False):
    """What ``verify`` takes beside the expectations.

    ``order`` is ``any``, ``subsequence``, ``strict`` or pairs of ids (``[["a", "b"]]``: all of a
    before all of b). With ``nothing_else`` no other request may have come, save those that a
    pattern of ``ignore`` fits. ``after`` is a number, or the ``cursor`` of an earlier
    verification. ``within`` waits so long for what is missing; ``quiet_for`` then watches so long
    that nothing follows.
    """

    order: Order
    nothing_else: bool
    ignore: Iterable[Expected]
    after: int | str | None
    within: Duration | None
    quiet_for: Duration | None


@dataclass(frozen=True, slots=True)
class NearRequest:
    """A recorded request that is much like what is missing; ``request`` tells it in short."""

    number: int
    request: str
    differences: tuple[FieldDifference, ...]


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """What came of one expectation.

    ``requests`` are the numbers of the first 100 that counted; ``out_of_order`` those that fit,
    and have no place in the order. ``dropped`` is how many dropped ones could have counted.
    """

    id: str
    what: str
    passed: bool
    at_least: int
    at_most: int | None
    actual: int
    dropped: int
    requests: tuple[int, ...]
    out_of_order: tuple[int, ...]
    nearest: tuple[NearRequest, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer to ``verify``; ``str()`` is its report. ``entry`` is the JSON of the API, whole.

    ``complete`` is false when dropped requests could have changed it; it has failed then.
    ``cursor`` may be the next one's ``after``. ``reason`` tells why it failed, if that is not in
    the requests.
    """

    passed: bool
    complete: bool
    reason: str | None
    results: tuple[ExpectationResult, ...]
    unexpected: tuple[int, ...]
    report: str
    cursor: str
    entry: JsonObject

    def __str__(self) -> str:
        return self.report


def verification_body(
    items: Iterable[Expected], options: VerifyOptions
) -> tuple[JsonObject, float]:
    """Return what ``verify`` sends, and how many seconds the server may wait before it answers."""
    asked: dict[str, Json] = dict(options)
    within, quiet = asked.get("within"), asked.get("quiet_for")
    for key, value in (("within", within), ("quiet_for", quiet)):
        asked[key] = None if value is None else duration(value)
    if "ignore" in asked:
        asked["ignore"] = [_ignored(each) for each in asked["ignore"]]
    if "order" in asked and not isinstance(asked["order"], str):
        asked["order"] = [list(pair) for pair in asked["order"]]
    body = given({"expect": [read_expectation(item) for item in items], **asked})
    return body, seconds(within) + seconds(quiet)


def assert_verified(found: Verification) -> Verification:
    """Return ``found`` if it has passed. Raises ``AssertionError`` with its report."""
    __tracebackhide__ = True
    if not found.passed:
        raise AssertionError(found.report)
    return found


def _ignored(item: Expected) -> JsonObject:
    """Return a pattern as ``ignore`` takes it; ``answered`` goes into it."""
    if isinstance(item, Mapping):
        return dict(item)
    definition = read_expectation(item)
    if "request" not in definition:
        raise TypeError("ignore takes patterns such as get('/health'), not stubs")
    return {**definition["request"], **given({"answered": definition.get("answered")})}


def read_verification(answer: JsonObject) -> Verification:
    """Return what the server answered as a value."""
    return Verification(
        answer["passed"],
        answer["complete"],
        answer["reason"],
        tuple(map(_result, answer["results"])),
        tuple(answer["unexpected"]["requests"]),
        answer["report"],
        answer["cursor"],
        answer,
    )


def _result(each: JsonObject) -> ExpectationResult:
    nearest = tuple(
        NearRequest(
            near["number"],
            near["request"],
            tuple(FieldDifference(**difference) for difference in near["differences"]),
        )
        for near in each["nearest"]
    )
    return ExpectationResult(
        id=each["id"],
        what=each["what"],
        passed=each["passed"],
        at_least=each["expected"]["at_least"],
        at_most=each["expected"]["at_most"],
        actual=each["actual"],
        dropped=each["dropped"],
        requests=tuple(each["requests"]),
        out_of_order=tuple(each["out_of_order"]),
        nearest=nearest,
    )
