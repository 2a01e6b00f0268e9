"""Selectors of a server's own, and what namespaces claim by them.

A selector is a request value (``bearer``, ``header.x-tenant``) that tells whose a request is:
the namespace that claimed the value, or the one whose name it is. Which value is whose is not
known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

import msgspec

from pymockapi.engine.expressions.jsonpath_reading import read_jsonpath
from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.model.errors import ExpressionLimit, nearest
from pymockapi.model.reader import (
    Findings,
    below,
    check_size,
    kind_of,
    read_list,
    read_object,
)
from pymockapi.model.request import Request
from pymockapi.model.stub import Json, RequestValue

MAX_SELECTORS: Final = 20  # each is asked for every request that nothing else named
MAX_CLAIMS: Final = 100  # values of one selector
MAX_CLAIM_CHARS: Final = 4_096  # bearer tokens are long
_NO_CAPTURES: Final[Mapping[str, str]] = {}
_OF_BODY: Final = ("body", "form.")
_encode: Final = msgspec.json.Encoder().encode

Claimed = Mapping[str, tuple[str, ...]]
"""The values that a namespace claims, by the notation of their selector."""


def read_selectors(data: object, at: str, found: Findings) -> tuple[RequestValue, ...]:
    """Read ``server.selectors``: request values, each once, in the order in which they are asked."""
    items = read_list(data, at, found)
    check_size(items, at, found, MAX_SELECTORS, "selectors")
    selectors: dict[str, RequestValue] = {}
    for place, item in enumerate(items[:MAX_SELECTORS]):
        selector = _read_selector(item, below(at, place), found)
        if selector.notation in selectors:
            found.add(below(at, place), f"'{selector.notation}' is listed already")
        selectors[selector.notation] = selector
    return tuple(selectors.values())


def _read_selector(data: object, at: str, found: Findings) -> RequestValue:
    data = canonical(data) if isinstance(data, str) else data
    before = found.count
    selector = read_request_value(data, at, found)
    if found.count > before:
        return selector
    if selector.notation.startswith("params."):
        found.add(at, "'params' are captures of a stub's path, and no stub is chosen yet")
    elif selector.notation.startswith("body.$"):
        path = read_jsonpath(selector.notation[5:], at, Findings())
        if not path.is_singular:
            found.add(
                at,
                f"'{selector.notation}' may find many values; a selector takes a path of names and"
                " indexes, such as body.$.tenant.id",
            )
    return selector


def canonical(notation: str) -> str:
    """Return the one way in which a selector is written: names of headers have no case."""
    kind, dot, name = notation.partition(".")
    return kind + dot + name.lower() if kind == "header" else notation


def read_claims(
    data: object, at: str, found: Findings, selectors: Sequence[RequestValue]
) -> dict[str, tuple[str, ...]]:
    """Read ``claims``: by each selector one value or several, as texts."""
    listed = [selector.notation for selector in selectors]
    claims: dict[str, tuple[str, ...]] = {}
    for notation, value in read_object(data, at, found).items():
        name = canonical(notation)
        if name not in listed:
            found.add(below(at, notation), _unlisted(notation, listed))
        values = value if isinstance(value, list) else [value]
        check_size(values, below(at, notation), found, MAX_CLAIMS, "claims by one selector")
        texts = [
            _read_claim(each, below(below(at, notation), place) if value is values else below(at, notation), found)
            for place, each in enumerate(islice(values, MAX_CLAIMS))
        ]  # fmt: skip
        claims[name] = tuple(dict.fromkeys((*claims.get(name, ()), *texts)))
    return {name: texts for name, texts in claims.items() if texts}


def _unlisted(notation: str, listed: Sequence[str]) -> str:
    """Say that a claim would never be looked at, and how to mend that, if it can be."""
    near = nearest(notation, listed, 1)
    if near:
        return f"'{notation}' is no selector of this server; did you mean '{near[0]}'?"
    flaws = Findings()
    _read_selector(notation, "", flaws)
    if flaws.items:
        return (
            f"'{notation}' is no selector of this server, and can be none: {flaws.items[0].message}"
        )
    shown = ", ".join([*listed, notation])
    return (
        f"'{notation}' is no selector of this server; list it in its config file: server:"
        f" {{selectors: [{shown}]}}"
    )


def _read_claim(data: object, at: str, found: Findings) -> str:
    text = text_of(data)
    if text is None:
        given = "" if isinstance(data, str) else f", got {kind_of(data)}"
        found.add(
            at,
            f"expected a text of 1 to {MAX_CLAIM_CHARS:,} characters, a number or a boolean{given}",
        )
    return text or ""


def text_of(value: Json) -> str | None:
    """Return the text by which a value is claimed; ``None`` for what cannot be.

    Numbers and booleans are their JSON text, as everywhere in texts; 1 and 1.0 are one.
    """
    if isinstance(value, str):
        return value if 0 < len(value) <= MAX_CLAIM_CHARS else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _encode(value).decode() if isinstance(value, bool | int | float) else None


def of_head(selectors: Sequence[RequestValue]) -> tuple[RequestValue, ...]:
    """Return those that ask for nothing of the body."""
    return tuple(each for each in selectors if not each.notation.startswith(_OF_BODY))


def selected_values(
    selectors: Sequence[RequestValue], request: Request
) -> Iterator[tuple[str, str]]:
    """Yield each selector's notation with each value that it finds, in order.

    Raises ``ExpressionLimit``, naming the selector, when a body is too much to be read for it.
    """
    for selector in selectors:
        try:
            values = selector.values(request, _NO_CAPTURES)
        except ExpressionLimit as limit:
            raise ExpressionLimit(f"selector '{selector.notation}': {limit}") from limit
        for value in values:
            text = text_of(value)
            if text is not None:
                yield selector.notation, text


def example_of(notation: str, name: str = "NAME") -> str:
    """Return how a request carries ``name`` where the selector looks."""
    kind, _, key = notation.partition(".")
    forms = {
        "bearer": f"Authorization: Bearer {name}",
        "header": f"{key}: {name}",
        "cookie": f"Cookie: {key}={name}",
        "query": f"?{key}={name}",
        "form": f"the form field {key}={name}",
        "body": f"{name} in the body",
    }
    return forms.get(kind, f"{name} as its {notation}")
