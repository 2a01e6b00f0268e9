"""One thing that a pattern asks of a request beside method and path."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from pymockapi.engine.matchers import ValueMatcher, shown_values
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
