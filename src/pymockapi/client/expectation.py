"""What a verification expects, as values: made from stubs and patterns, sent by ``verify``.

Immutable; each method returns another expectation. Makes no calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from pymockapi.client.foreign_names import KnowsForeignNames
from pymockapi.client.values import Json, JsonObject, given


class Expectation:
    """How many requests of one kind are expected, and how they were answered."""

    __slots__ = ("_definition",)

    def __init__(self, definition: JsonObject) -> None:
        self._definition = deepcopy(definition)

    def __repr__(self) -> str:
        return f"<Expectation {self._definition}>"

    @property
    def definition(self) -> JsonObject:
        """The expectation as the control API takes it; a copy."""
        return deepcopy(self._definition)

    def times(
        self,
        exactly: int | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
    ) -> Expectation:
        """Expect so many requests: exactly so many, or within bounds.

        Raises ``TypeError`` for both, or neither.
        """
        bounds = given({"at_least": at_least, "at_most": at_most})
        if (exactly is None) == (not bounds):
            raise TypeError("times() takes a number, or at_least=, at_most= or both")
        return self._with(times=bounds if exactly is None else exactly)

    def answered(
        self,
        status: Json = None,
        *,
        step: int | None = None,
        phase: str | list[str] | None = None,
    ) -> Expectation:
        """Expect only those answered so; ``status`` may be a matcher such as ``{"ge": 500}``."""
        asked = given({"status": status, "step": step, "phase": phase})
        if not asked:
            raise TypeError("answered() takes a status, step=, phase= or several of them")
        return self._with(answered=asked)

    def named(self, name: str) -> Expectation:
        """Give it an id, for pairs in an order and for reports."""
        return self._with(id=name)

    def _with(self, **members: Json) -> Expectation:
        return Expectation({**self._definition, **members})


class Expectable(KnowsForeignNames):
    """What can be expected as it is: a stub, by what it answered, or a pattern."""

    __slots__ = ()

    @property
    def expectation(self) -> Expectation:
        """As an expectation: at least one request, in an order exactly one."""
        raise NotImplementedError

    def times(
        self,
        exactly: int | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
    ) -> Expectation:
        """Expect so many of these requests, for ``Namespace.verify``; see ``Expectation.times``."""
        return self.expectation.times(exactly, at_least=at_least, at_most=at_most)

    def answered(
        self,
        status: Json = None,
        *,
        step: int | None = None,
        phase: str | list[str] | None = None,
    ) -> Expectation:
        """Expect those answered so, for ``Namespace.verify``; see ``Expectation.answered``."""
        return self.expectation.answered(status, step=step, phase=phase)

    def named(self, name: str) -> Expectation:
        """Expect these requests under an id of their own, for ``Namespace.verify``."""
        return self.expectation.named(name)


Expected = Expectable | Expectation | Mapping[str, Json]


def read_expectation(item: Expected) -> JsonObject:
    """Return one item of ``verify`` as the control API takes it."""
    if isinstance(item, Expectable):
        return item.expectation.definition
    if isinstance(item, Expectation):
        return item.definition
    if isinstance(item, Mapping):
        return dict(item)
    raise TypeError(
        "an expectation is a stub, a pattern such as get('/orders'), one of these with .times(3),"
        f" or a mapping such as {{'request': {{'path': '/orders'}}}}; got {item!r}"
        f" ({type(item).__name__})"
    )
