"""Conditions on a JSON value: equal to data, or containing it; both pinpoint what differs.

They recurse as deep as the definition, which is bounded; the value may be deeper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pymockapi.engine.assignment import unassigned
from pymockapi.engine.json_names import member
from pymockapi.engine.json_values import same_json, shown, spend
from pymockapi.engine.matching.conditions import Condition
from pymockapi.engine.matching.matchers import ValueMatcher
from pymockapi.model.stub import Context, Difference, Json


class EqualsJson(Condition):
    """Equal to ``expected``, a list or object; extra members and items, or order, may be ignored.

    Where order counts and extras do not, the items must come in order with others between.
    """

    __slots__ = ("_extra", "_order", "expected")

    def __init__(
        self, expected: Json, *, ignore_order: bool = False, ignore_extra: bool = False
    ) -> None:
        self.expected = expected
        self._order = not ignore_order
        self._extra = ignore_extra

    def fits(self, value: Json, context: Context) -> bool:
        return self._same(self.expected, value, context)

    def describe(self) -> str:
        loose = [] if self._order else ["in any order"]
        loose += ["with any extras"] if self._extra else []
        return f"equal to {shown(self.expected)}{''.join(f' {how}' for how in loose)}"

    def differences(self, field: str, value: Json, context: Context) -> list[Difference]:
        if self.fits(value, context):
            return []
        return list(self._compare(field, self.expected, value, context))

    def _same(self, expected: Json, value: Json, context: Context) -> bool:
        if self._order and not self._extra:
            return same_json(expected, value, context)
        if isinstance(expected, dict):
            return self._same_object(expected, value, context)
        if isinstance(expected, list):
            return isinstance(value, list) and self._same_list(expected, value, context)
        return same_json(expected, value, context)

    def _same_object(self, expected: Mapping[str, Json], value: Json, context: Context) -> bool:
        if not isinstance(value, dict) or not (self._extra or len(value) == len(expected)):
            return False
        return all(
            key in value and self._same(item, value[key], context) for key, item in expected.items()
        )

    def _same_list(self, expected: list[Json], value: list[Json], context: Context) -> bool:
        if len(value) < len(expected) or (not self._extra and len(value) != len(expected)):
            return False
        if self._order:
            return self._is_within(expected, value, context)

        def suits(demand: int, item: int) -> bool:
            return self._same(expected[demand], value[item], context)

        return unassigned(len(expected), len(value), suits, context) is None

    def _is_within(self, expected: list[Json], value: list[Json], context: Context) -> bool:
        rest = iter(value)
        for item in expected:
            for candidate in rest:
                spend(context)
                if self._same(item, candidate, context):
                    break
            else:
                return False
        return True

    def _compare(
        self, field: str, expected: Json, value: Json, context: Context
    ) -> list[Difference]:
        if self._same(expected, value, context):
            return []
        if isinstance(expected, dict) and isinstance(value, dict):
            return self._compare_objects(field, expected, value, context)
        aligned = isinstance(expected, list) and isinstance(value, list) and self._order
        if aligned and not self._extra and len(expected) == len(value):
            pairs = enumerate(zip(expected, value, strict=True))
            return [
                difference
                for index, (item, other) in pairs
                for difference in self._compare(f"{field}[{index}]", item, other, context)
            ]
        return [Difference(field, f"equal to {shown(expected)}", shown(value))]

    def _compare_objects(
        self, field: str, expected: Mapping[str, Json], value: Mapping[str, Json], context: Context
    ) -> list[Difference]:
        found: list[Difference] = []
        for key, item in expected.items():
            if key not in value:
                found.append(Difference(member(field, key), f"equal to {shown(item)}", "missing"))
            else:
                found += self._compare(member(field, key), item, value[key], context)
        if not self._extra:
            found += [
                Difference(member(field, key), "absent", shown(item))
                for key, item in value.items()
                if key not in expected
            ]
        return found


class ContainsMembers(Condition):
    """An object with at least these members; a member may be a condition, or a whole matcher."""

    __slots__ = ("conditions", "matchers")

    def __init__(
        self,
        conditions: Sequence[tuple[str, Condition]],
        matchers: Sequence[tuple[str, ValueMatcher]],
    ) -> None:
        self.conditions = tuple(conditions)
        self.matchers = tuple(matchers)

    def fits(self, value: Json, context: Context) -> bool:
        if not isinstance(value, dict):
            return False
        for key, condition in self.conditions:
            if key not in value or not condition.fits(value[key], context):
                return False
        for key, matcher in self.matchers:
            if not matcher.holds([value[key]] if key in value else (), context):
                return False
        return True

    def describe(self) -> str:
        parts = [f"{shown(key)}: {item.describe()}" for key, item in self.conditions]
        parts += [f"{shown(key)}: {item.describe()}" for key, item in self.matchers]
        return f"an object with {{{', '.join(parts)}}}" if parts else "an object"

    def differences(self, field: str, value: Json, context: Context) -> list[Difference]:
        if not isinstance(value, dict):
            return [Difference(field, self.describe(), shown(value))]
        found: list[Difference] = []
        for key, condition in self.conditions:
            if key in value:
                found += condition.differences(member(field, key), value[key], context)
            else:
                found.append(Difference(member(field, key), condition.describe(), "missing"))
        for key, matcher in self.matchers:
            values = [value[key]] if key in value else []
            found += matcher.differences(member(field, key), values, context)
        return found


class ContainsItems(Condition):
    """A list in which each of ``items`` fits an item of its own, in any order."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Condition, ...]) -> None:
        self.items = items

    def fits(self, value: Json, context: Context) -> bool:
        return isinstance(value, list) and self._left_over(value, context) is None

    def describe(self) -> str:
        return f"a list with [{', '.join(item.describe() for item in self.items)}]"

    def differences(self, field: str, value: Json, context: Context) -> list[Difference]:
        if not isinstance(value, list):
            return [Difference(field, self.describe(), shown(value))]
        lacking = self._left_over(value, context)
        if lacking is None:
            return []
        expected = self.items[lacking]
        if len(self.items) == 1 and len(value) == 1:
            return expected.differences(f"{field}[0]", value[0], context)
        return [Difference(field, f"an item of its own {expected.describe()}", shown(value))]

    def _left_over(self, value: list[Json], context: Context) -> int | None:
        items = self.items

        def suits(demand: int, item: int) -> bool:
            return items[demand].fits(value[item], context)

        return unassigned(len(items), len(value), suits, context)


class FitsMatcher(Condition):
    """One value, as the only one of its place, fits a matcher."""

    __slots__ = ("matcher",)

    def __init__(self, matcher: ValueMatcher) -> None:
        self.matcher = matcher

    def fits(self, value: Json, context: Context) -> bool:
        return self.matcher.holds([value], context)

    def describe(self) -> str:
        return self.matcher.describe()

    def differences(self, field: str, value: Json, context: Context) -> list[Difference]:
        return self.matcher.differences(field, [value], context)
