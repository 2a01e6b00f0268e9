"""What is allowed in a config and yet hardly meant: told by ``pymockapi check``, never refused."""

from __future__ import annotations

from collections.abc import Iterator

from pymockapi.model.errors import Finding
from pymockapi.model.reader import below
from pymockapi.model.response import BODILESS
from pymockapi.model.stub import Json

_BODIES = ("json", "text", "base64")


def find_warnings(document: Json) -> list[Finding]:
    """Return the warnings about a valid config, in the order of the document."""
    return [
        Finding(below(at, body), f"an answer with status {response['status']} sends no body")
        for at, response in _responses(document)
        if response.get("status") in BODILESS
        for body in _BODIES
        if body in response
    ]


def _responses(document: Json) -> Iterator[tuple[str, dict[str, Json]]]:
    yield from _of_stubs(document.get("stubs", []), "/stubs")
    for name, chosen in document.get("sets", {}).items():
        yield from _of_stubs(chosen.get("stubs", []), below("/sets", name) + "/stubs")


def _of_stubs(stubs: list[dict[str, Json]], at: str) -> Iterator[tuple[str, dict[str, Json]]]:
    for position, stub in enumerate(stubs):
        here = below(at, position)
        if "response" in stub:
            yield below(here, "response"), stub["response"]
        for step, response in enumerate(stub.get("responses", [])):
            yield below(below(here, "responses"), step), response
