"""Why a request got its answer: the candidates and every field that differs, as values."""

from __future__ import annotations

from dataclasses import dataclass

from pymockapi.client.values import JsonObject


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that does not fit: ``field`` as in ``query.page`` or ``body.$.amount``."""

    field: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, got {self.actual}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One stub that was considered. ``reason`` says why it fits and yet could not answer."""

    stub: str
    layer: str
    priority: int
    fits: bool
    available: bool
    reason: str | None
    differences: tuple[FieldDifference, ...]

    def __str__(self) -> str:
        if not self.fits:
            return f"'{self.stub}' differs in {'; '.join(map(str, self.differences))}"
        return f"'{self.stub}' fits" + (f", but {self.reason}" if self.reason else "")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which stub answers a request, and why; ``str()`` is a text for a reader.

    ``candidates`` come in rank order, those that fit first; ``omitted`` counts those left out.
    ``step`` is ``None`` without a sequence. ``behaviour`` is the one that answered instead.
    """

    matched: bool
    stub: str | None
    step: int | None
    request: str
    complete: bool
    candidates: tuple[Candidate, ...]
    omitted: int
    behaviour: str | None = None

    def __str__(self) -> str:
        step = f", step {self.step}" if self.step else ""
        answered = f"stub '{self.stub}'{step}" if self.matched else "no stub"
        if self.behaviour is not None:
            answered = f"behaviour '{self.behaviour}', instead of {answered}"
        lines = [f"{self.request}: {answered}"]
        lines += [f"  {candidate}" for candidate in self.candidates]
        if self.omitted:
            lines.append(f"  and {self.omitted} more")
        return "\n".join(lines)


def read_explanation(data: JsonObject) -> Explanation:
    """Return the answer of ``explain`` or ``match`` as a value."""
    return Explanation(
        matched=data["matched"],
        stub=data["stub"],
        step=data.get("step") or None,
        request=data["request"],
        complete=data.get("complete", True),
        candidates=tuple(map(_read_candidate, data["candidates"])),
        omitted=data["omitted"],
        behaviour=data.get("behaviour"),
    )


def _read_candidate(data: JsonObject) -> Candidate:
    return Candidate(
        stub=data["stub"],
        layer=data["layer"],
        priority=data["priority"],
        fits=data["fits"],
        available=data["available"],
        reason=data["reason"],
        differences=tuple(FieldDifference(**difference) for difference in data["differences"]),
    )
