"""The text in which Prometheus reads metrics (format 0.0.4): families, samples, labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

Labels = Mapping[str, str]
Sample = tuple[Labels, float]
NO_LABELS: Labels = {}


class Family(msgspec.Struct, frozen=True):
    """One metric; ``kind`` is ``counter`` or ``gauge``."""

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def gauge(name: str, help_text: str, value: float) -> Family:
    return Family(name, "gauge", help_text, ((NO_LABELS, value),))


def counter(name: str, help_text: str, value: float) -> Family:
    return Family(name, "counter", help_text, ((NO_LABELS, value),))


def labelled(
    name: str, kind: str, help_text: str, label: str, values: Mapping[str, float]
) -> Family:
    """Return a family with one sample for each value of ``label``."""
    samples = tuple(({label: key}, value) for key, value in values.items())
    return Family(name, kind, help_text, samples)


class Histogram:
    """How often values were at most each bound; ``maximum`` is the largest ever seen."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * len(bounds)
        self._count = 0
        self._sum = 0.0
        self.maximum = 0.0

    def observe(self, value: float) -> None:
        self._count += 1
        self._sum += value
        self.maximum = max(self.maximum, value)
        for place, bound in enumerate(self._bounds):
            self._counts[place] += value <= bound

    def lines(self, name: str, help_text: str) -> list[str]:
        buckets = [
            _line(f"{name}_bucket", {"le": number(bound)}, count)
            for bound, count in zip(self._bounds, self._counts, strict=True)
        ]
        return [
            *_head(name, "histogram", help_text),
            *buckets,
            _line(f"{name}_bucket", {"le": "+Inf"}, self._count),
            _line(f"{name}_sum", NO_LABELS, self._sum),
            _line(f"{name}_count", NO_LABELS, self._count),
        ]


def lines_of(families: Iterable[Family]) -> list[str]:
    return [
        line
        for family in families
        for line in (
            *_head(family.name, family.kind, family.help),
            *(_line(family.name, labels, value) for labels, value in family.samples),
        )
    ]


def _head(name: str, kind: str, help_text: str) -> tuple[str, str]:
    return f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"


def _line(name: str, labels: Labels, value: float) -> str:
    pairs = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{pairs}}} {number(value)}" if pairs else f"{name} {number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """Return whole numbers as such, others as short as they can be told apart."""
    return str(int(value)) if value == int(value) else repr(float(value))
