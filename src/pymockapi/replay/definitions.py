"""What is replayed of a recorded definition: without delays and functions, and without asking for what was redacted.

An equal secret has an equal mark, so a literal goes on fitting what it fitted. Other matchers
cannot be held against a mark (``matches`` would have to be of the secret itself): they take any value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from pymockapi.replay.bundle import Definition

MARK: Final = re.compile(r"redacted-[0-9a-f]{8}(?![0-9a-f])")
_OF_THE_SECRET: Final = frozenset({"contains", "starts_with", "ends_with", "matches"})
"""Matchers that look into a value."""

_ANY: Final = {"present": True}


def has_marks(value: Any) -> bool:
    """Return whether a mark stands for a secret anywhere in ``value``."""
    if isinstance(value, str):
        return MARK.search(value) is not None
    if isinstance(value, dict):
        return any(has_marks(each) for pair in value.items() for each in pair)
    return isinstance(value, list | tuple) and any(map(has_marks, value))


def without_delays(definition: Definition) -> Definition:
    """Return a stub's definition whose answers, and the pieces of their bodies, leave at once."""
    return _with_answers(definition, undelayed)


def without_gates(definition: Definition) -> Definition:
    """Return a stub's definition whose answers wait at no gate: nobody is there to let them go."""
    return _with_answers(definition, lambda answer: _without(answer, "hold"))


def without_callbacks(definition: Definition) -> Definition:
    """Return a stub's definition that calls nobody: a replay tells of answers alone."""
    return _with_answers(definition, lambda answer: _without(answer, "callbacks"))


def _with_answers(definition: Definition, made: Callable[[Any], Any]) -> Definition:
    """Return a stub's definition with what is ``made`` of each of its answers."""
    found = dict(definition)
    if "response" in found:
        found["response"] = made(found["response"])
    if "responses" in found:
        found["responses"] = [made(each) for each in found["responses"]]
    return found


def undelayed(answer: Any) -> Any:
    """Return an answer's definition that leaves at once, each piece of its body right behind the other."""
    found = _without(answer, "delay", "throttle")
    for key in ("stream", "sse"):
        if isinstance(found, dict) and isinstance(found.get(key), list):
            found[key] = [_without(piece, "after") for piece in found[key]]
    return found


def _without(data: Any, *keys: str) -> Any:
    if not isinstance(data, dict):
        return data
    return {each: value for each, value in data.items() if each not in keys}


def without_functions(definition: Definition) -> Definition:
    """Return a stub's definition that says 501 where a function of the test answered."""
    return _with_answers(definition, _without_function)


def _without_function(answer: Any) -> Any:
    if not isinstance(answer, dict) or "call" not in answer:
        return answer
    name = str(answer["call"]).partition("#")[0]
    told = f"The function '{name}' of the test answered here; a replay has no functions."
    return {**_without(answer, "call"), "status": 501, "text": told}


def loosened(definition: Definition) -> Definition:
    """Return a stub's definition that takes any value where only the secret itself could decide."""
    request = definition.get("request")
    if not isinstance(request, dict) or not has_marks(request):
        return definition
    loose = {key: _loose(value) for key, value in request.items() if key != "auth"}
    auth = request.get("auth")
    if isinstance(auth, dict):
        _ask_for_schemes(loose, auth)
    return {**definition, "request": loose}


def _ask_for_schemes(request: Definition, auth: Definition) -> None:
    """Ask for the bearer's mark, or for credentials of a scheme: marks cannot be decoded."""
    kept = {key: value for key, value in auth.items() if key == "bearer" or not has_marks(value)}
    if kept:
        request["auth"] = _loose(kept)
    schemes = [key.capitalize() for key in auth if key not in kept]
    if schemes:
        asked = {"authorization": {"starts_with": f"{schemes[0]} "}}
        request["headers"] = {**asked, **request.get("headers", {})}


def _loose(value: Any) -> Any:
    if isinstance(value, list):
        return [_loose(each) for each in value]
    if not isinstance(value, dict) or not has_marks(value):
        return value
    if any(name in _OF_THE_SECRET and has_marks(each) for name, each in value.items()):
        return _ANY
    return {key: _loose(each) for key, each in value.items()}
