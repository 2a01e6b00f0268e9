"""One thing that a pattern asks of a request beside method and path."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from pymockapi.engine.json_values import shown, spend
from pymockapi.engine.matching.matchers import ValueMatcher, shown_values
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import Context, Difference, Json


class Check(Protocol):
    """``cost`` orders checks, cheapest first; ``literals`` are places with the key needed there."""

    @property
    def cost(self) -> int: ...

    @property
    def literals(self) -> Sequence[tuple[str, Hashable]]: ...

    def accepts(self, request: Request, context: Context) -> bool: ...

    def differences(self, request: Request, context: Context) -> list[Difference]: ...


def settle(request: Request, context: Context) -> None:
    """Take what undoing the content codings has cost. Raises ``ExpressionLimit``."""
    if request.owed_steps:
        steps, request.owed_steps = request.owed_steps, 0
        spend(context, steps)


def no_json(request: Request) -> str:
    """Tell of a body that is no JSON what it is."""
    return request.undecoded or f"no JSON: {shown(request.text)}"


class FieldCheck:
    """The values that ``read`` takes from a request fit ``matcher``.

    ``is_literal``: having one of ``literals`` is all that is asked.
    """

    __slots__ = ("_field", "_matcher", "_read", "cost", "is_literal", "literals")

    def __init__(
        self,
        field: str,
        read: Callable[[Request], Sequence[Json]],
        matcher: ValueMatcher,
        cost: int,
        literals: Sequence[tuple[str, Hashable]] = (),
    ) -> None:
        self._field = field
        self._read = read
        self._matcher = matcher
        self.cost = cost
        self.literals = literals
        self.is_literal = bool(literals) and matcher.is_literal

    def accepts(self, request: Request, context: Context) -> bool:
        return self._matcher.holds(self._read(request), context)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        return self._matcher.differences(self._field, self._read(request), context)


class BodyCheck(FieldCheck):
    """What ``read`` takes from the body fits; nothing does if its content coding is not undone."""

    __slots__ = ()

    def accepts(self, request: Request, context: Context) -> bool:
        if request.undecoded:
            return False
        settle(request, context)
        return super().accepts(request, context)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        if request.undecoded:
            return [Difference("body", self._matcher.describe(), request.undecoded)]
        return super().differences(request, context)


class OnlyListed:
    """No query key but ``names``."""

    __slots__ = ("_names", "cost", "literals")

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self.cost = 1
        self.literals: Sequence[tuple[str, Hashable]] = ()

    def accepts(self, request: Request, context: Context) -> bool:  # noqa: ARG002
        return self._names.issuperset(request.query)

    def differences(self, request: Request, context: Context) -> list[Difference]:  # noqa: ARG002
        return [
            Difference(f"query.{printable(name)}", "absent", shown_values(values))
            for name, values in request.query.items()
            if name not in self._names
        ]
