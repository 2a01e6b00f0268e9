"""Matchers of all values that a request has in one place: none, one, or a key's repeats.

A plain matcher needs one value that fits every condition, ``not`` that none does. A missing
value fits only what speaks of presence, so each matcher says beforehand what a missing value is
to it: it fits (``True``), it does not (``False``), or there is nothing to judge (``None``, which
``not`` cannot turn into a fit).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence

from pymockapi.engine.assignment import unassigned
from pymockapi.engine.json_values import shown
from pymockapi.engine.matching.conditions import NO_LITERAL, Condition
from pymockapi.model.stub import Context, Difference, Json, Matcher

Verdict = bool | None


class ValueMatcher(ABC):
    """``missing`` is the verdict on no value; ``literal`` as in ``Condition``."""

    __slots__ = ("missing",)
    missing: Verdict

    def holds(self, values: Sequence[Json], context: Context) -> bool:
        return self.fits(values, context) if values else self.missing is True

    @abstractmethod
    def fits(self, values: Sequence[Json], context: Context) -> bool:
        """Return whether ``values``, of which there is at least one, fit."""

    @abstractmethod
    def describe(self) -> str: ...

    def differences(self, field: str, values: Sequence[Json], context: Context) -> list[Difference]:
        if self.holds(values, context):
            return []
        return [Difference(field, self.describe(), shown_values(values))]

    @property
    def literal(self) -> Hashable:
        return NO_LITERAL

    @property
    def is_literal(self) -> bool:
        """Whether having ``literal`` is all that is asked of a value."""
        return False


class SomeValue(ValueMatcher):
    """At least one value fits all of the conditions."""

    __slots__ = ("_fits", "conditions")

    def __init__(self, conditions: tuple[Condition, ...]) -> None:
        self.conditions = conditions
        self._fits = conditions[0].fits
        self.missing = None

    def fits(self, values: Sequence[Json], context: Context) -> bool:
        if len(self.conditions) > 1:
            return any(self._fits_all(value, context) for value in values)
        fits = self._fits
        for value in values:  # noqa: SIM110 - any() doubles the time of the commonest match
            if fits(value, context):
                return True
        return False

    def _fits_all(self, value: Json, context: Context) -> bool:
        return all(condition.fits(value, context) for condition in self.conditions)

    def differences(self, field: str, values: Sequence[Json], context: Context) -> list[Difference]:
        if len(values) != 1:
            return super().differences(field, values, context)
        value = values[0]
        return [
            difference
            for condition in self.conditions
            for difference in condition.differences(field, value, context)
        ]

    def describe(self) -> str:
        return " and ".join(condition.describe() for condition in self.conditions)

    @property
    def literal(self) -> Hashable:
        keys = (condition.literal for condition in self.conditions)
        return next((key for key in keys if key is not NO_LITERAL), NO_LITERAL)

    @property
    def is_literal(self) -> bool:
        return len(self.conditions) == 1 and self.literal is not NO_LITERAL


class Presence(ValueMatcher):
    __slots__ = ("_wanted",)

    def __init__(self, *, wanted: bool) -> None:
        self._wanted = wanted
        self.missing = not wanted

    def fits(self, values: Sequence[Json], context: Context) -> bool:  # noqa: ARG002
        return self._wanted

    def describe(self) -> str:
        return "present" if self._wanted else "absent"


class AllOf(ValueMatcher):
    """Every part holds of the values; different values may satisfy different parts."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[ValueMatcher, ...]) -> None:
        self.parts = parts
        verdicts = [part.missing for part in parts]
        self.missing = False if False in verdicts else None if None in verdicts else True

    def fits(self, values: Sequence[Json], context: Context) -> bool:
        return all(part.fits(values, context) for part in self.parts)

    def differences(self, field: str, values: Sequence[Json], context: Context) -> list[Difference]:
        if self.holds(values, context):
            return []
        return [
            difference
            for part in self.parts
            for difference in part.differences(field, values, context)
        ]

    def describe(self) -> str:
        return " and ".join(_grouped(part) for part in self.parts)

    @property
    def literal(self) -> Hashable:
        keys = (part.literal for part in self.parts)
        return next((key for key in keys if key is not NO_LITERAL), NO_LITERAL)


class AnyOf(ValueMatcher):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[ValueMatcher, ...]) -> None:
        self.parts = parts
        verdicts = [part.missing for part in parts]
        self.missing = True if True in verdicts else None if None in verdicts else False

    def fits(self, values: Sequence[Json], context: Context) -> bool:
        return any(part.fits(values, context) for part in self.parts)

    def describe(self) -> str:
        return "either " + " or ".join(_grouped(part) for part in self.parts)


class Not(ValueMatcher):
    __slots__ = ("inner",)

    def __init__(self, inner: ValueMatcher) -> None:
        self.inner = inner
        self.missing = None if inner.missing is None else not inner.missing

    def fits(self, values: Sequence[Json], context: Context) -> bool:
        return not self.inner.fits(values, context)

    def describe(self) -> str:
        return f"not {_grouped(self.inner)}"


class EachItem(ValueMatcher):
    """Each of ``items`` fits a value of its own, in any order; ``exactly``: no value is left over.

    With ``unwraps``, a single value that is a list may stand for its items.
    """

    __slots__ = ("_exactly", "_items", "_unwraps")

    def __init__(self, items: tuple[Matcher, ...], *, exactly: bool, unwraps: bool) -> None:
        self._items = items
        self._exactly = exactly
        self._unwraps = unwraps
        self.missing = None

    def fits(self, values: Sequence[Json], context: Context) -> bool:
        if self._fit(values, context):
            return True
        single = values[0] if self._unwraps and len(values) == 1 else None
        return isinstance(single, list) and self._fit(single, context)

    def _fit(self, values: Sequence[Json], context: Context) -> bool:
        items = self._items
        if len(values) < len(items) or (self._exactly and len(values) != len(items)):
            return False

        def suits(demand: int, item: int) -> bool:
            return items[demand].holds([values[item]], context)

        return unassigned(len(items), len(values), suits, context) is None

    def describe(self) -> str:
        texts = ", ".join(item.describe() for item in self._items)
        return f"exactly the values [{texts}]" if self._exactly else f"including [{texts}]"


def shown_values(values: Sequence[Json]) -> str:
    """Return the values as they read in a difference."""
    if not values:
        return "missing"
    texts = [shown(value) for value in values[:5]]
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return ", ".join(texts) + more


def _grouped(part: ValueMatcher) -> str:
    text = part.describe()
    return f"({text})" if isinstance(part, AllOf | AnyOf) else text
