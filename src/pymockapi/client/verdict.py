"""The verdict on a namespace or a scope, as values; ``str()`` is a text for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from pymockapi.client.values import Duration, JsonObject, duration, seconds


@dataclass(frozen=True, slots=True)
class ProblemRequest:
    """One request of a problem; ``number`` is ``None`` for one that came after the end."""

    number: int | None
    request: str
    code: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class ProblemStub:
    """One stub of a problem, and how many requests it answered (``actual``).

    ``at_least`` to ``at_most`` (``None``: any number) were expected; both are ``None`` where it
    expects nothing. ``requests`` are the numbers of the first that it answered and that are still recorded.
    """

    stub: str
    layer: str
    request: str
    at_least: int | None
    at_most: int | None
    actual: int
    requests: tuple[int, ...]
    detail: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """``kind`` is one of those of ``docs/namespaces.md``; ``effect`` fail or warn.

    ``count`` is exact. ``requests`` are the first of them that are still recorded, ``stubs`` the
    first of a problem with stubs.
    """

    kind: str
    effect: str
    count: int
    requests: tuple[ProblemRequest, ...]
    stubs: tuple[ProblemStub, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``complete`` is false when dropped requests could have changed it; it has failed then."""

    passed: bool
    complete: bool
    problems: tuple[Problem, ...]
    report: str

    def __str__(self) -> str:
        return self.report


def finish_body(
    status: str, within: Duration | None, quiet_for: Duration | None
) -> tuple[JsonObject, float]:
    """Return what ``finish`` sends, and how many seconds the server may wait before it answers."""
    body: JsonObject = {"status": status}
    for key, value in (("within", within), ("quiet_for", quiet_for)):
        if value is not None:
            body[key] = duration(value)
    return body, seconds(within) + seconds(quiet_for)


def read_verdict(answer: JsonObject) -> Verdict:
    """Return what the server answered as a value."""
    return Verdict(
        answer["passed"],
        answer["complete"],
        tuple(_problem(each) for each in answer["problems"]),
        answer["report"],
    )


def _problem(each: JsonObject) -> Problem:
    requests = tuple(
        ProblemRequest(item["number"], item["request"], item["code"], item["detail"])
        for item in each["requests"]
    )
    stubs = tuple(map(_stub, each["stubs"]))
    return Problem(each["kind"], each["effect"], each["count"], requests, stubs)


def _stub(item: JsonObject) -> ProblemStub:
    expected = item["expected"] or {"at_least": None, "at_most": None}
    return ProblemStub(
        item["stub"],
        item["layer"],
        item["request"],
        expected["at_least"],
        expected["at_most"],
        item["actual"],
        tuple(item["requests"]),
        item["detail"],
    )
