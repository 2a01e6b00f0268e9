"""Calls of functions and filters: which one is meant, and its arguments put in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pymockapi.engine.templates.functions import Signature
from pymockapi.engine.templates.inputs import Evaluate
from pymockapi.engine.templates.runtime import Rendering, Value
from pymockapi.engine.templates.syntax import Fault
from pymockapi.engine.templates.values import present
from pymockapi.model.errors import nearest
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json


class Literal:
    """An expression whose value is written out; it is one to whoever calls it."""

    __slots__ = ("value",)

    def __init__(self, value: Json) -> None:
        self.value = value

    def __call__(self, _: Rendering) -> Value:
        return self.value


def find_signature(
    name: str, known: Mapping[str, Signature], what: str, at: int, others: str = ""
) -> Signature:
    """Return the function or filter called ``name``; raises ``Fault`` with the nearest names."""
    found = known.get(name)
    if found is None:
        near = nearest(name, known, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}{others}"
        raise Fault(at, f"there is no {what} '{name[:60]}'; {hint}")
    return found


def bind(
    name: str,
    signature: Signature,
    given: Sequence[Evaluate],
    named: Mapping[str, Evaluate],
    at: int,
) -> tuple[Evaluate, ...]:
    """Return the arguments in the order of the parameters. Raises ``Fault``."""
    names = [parameter for parameter, _ in signature.parameters]
    if len(given) > len(names):
        raise Fault(at, f"{name} takes {_arguments(names)}, got {len(given)}")
    found = dict(zip(names, given, strict=False))
    for key, argument in named.items():
        if key not in names or key in found:
            why = "is given twice" if key in found else f"is none of {name}'s: {_arguments(names)}"
            raise Fault(at, f"'{key}' {why}")
        found[key] = argument
    if missing := [each for each in signature.required if each not in found]:
        raise Fault(at, f"{name} needs {_arguments(missing)}")
    for key, check in signature.checks:
        argument = found.get(key, _NO_ARGUMENT)
        text = argument.value if isinstance(argument, Literal) else None
        if isinstance(text, str) and (problem := check(text)):
            raise Fault(at, f"{name}: {problem}")
    return tuple(found.get(key) or Literal(default) for key, default in signature.parameters)


_NO_ARGUMENT = Literal(None)


def _arguments(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) if names else "no arguments"


def call(
    name: str, run: Callable[..., Any], arguments: tuple[Evaluate, ...], where: str
) -> Evaluate:
    """Return what calls a function; what fails in it is told with its place."""

    def evaluate(rendering: Rendering) -> Value:
        try:
            return run(rendering, *[present(each(rendering)) for each in arguments])
        except RenderingFailed as failure:
            raise failure.at(where, name) from None

    return evaluate


def filtered(
    name: str, signature: Signature, value: Evaluate, arguments: tuple[Evaluate, ...], where: str
) -> Evaluate:
    """Return what applies a filter; what fails in it is told with its place."""
    run, takes_missing = signature.run, signature.takes_missing

    def evaluate(rendering: Rendering) -> Value:
        try:
            given = value(rendering)
            if takes_missing:
                return run(rendering, given, *[each(rendering) for each in arguments])
            return run(rendering, present(given), *[present(each(rendering)) for each in arguments])
        except RenderingFailed as failure:
            raise failure.at(where, name) from None

    return evaluate
