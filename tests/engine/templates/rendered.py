"""Templates rendered for one request, as the tests write them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import NOW_NS, make_request

from pymockapi.engine.templates.blocks import Template, read_template
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.engine.templates.syntax import Fault, Tokens, place
from pymockapi.model.rendering import Occasion, RenderingFailed
from pymockapi.model.request import Request

ORDER = make_request(
    "POST",
    "/~shop/orders/7?page=2&page=3&x-y=%C3%A4",
    [("Host", "mock:8080"), ("X-Tenant", "acme"), ("Cookie", "session=s1")],
    json={"name": "Ann", "lines": [{"sku": "b", "n": 2}, {"sku": "a", "n": 1}], "paid": True},
    prefix="/~shop",
)
STATE = {"cart": "full", "ids": [1, 2, 3]}


def occasion(request: Request = ORDER, **changed: Any) -> Occasion:
    told: dict[str, Any] = {
        "request": request, "state": STATE, "namespace": "shop", "seed": 7, "stub": "order", "hit": 3,
        "now_ns": NOW_NS, "layer": lambda: "own", "captures": lambda: {"id": "7"},
    }  # fmt: skip
    return Occasion(**{**told, **changed})


def begun(template: Template, request: Request = ORDER, **changed: Any) -> Rendering:
    rendering = Rendering(occasion(request, **changed))
    rendering.begin("body", template.slots)
    return rendering


def value_of(text: str, request: Request = ORDER, **changed: Any) -> Any:
    """Return what a template makes, with its type if it is a single expression."""
    template = read_template(text, Tokens())
    return template.value(begun(template, request, **changed))


def rendered(text: str, request: Request = ORDER, **changed: Any) -> str:
    """Return what a template makes as text."""
    template = read_template(text, Tokens())
    return template.render(begun(template, request, **changed))


def fault_in(text: str) -> str:
    """Return what is wrong in a template that cannot be defined, with its place."""
    with pytest.raises(Fault) as fault:
        read_template(text, Tokens())
    return f"{place(text, fault.value.at)}: {fault.value.message}"


def failure_of(text: str, request: Request = ORDER, **changed: Any) -> str:
    """Return why a template cannot be rendered, with its place."""
    template = read_template(text, Tokens())
    with pytest.raises(RenderingFailed) as failure:
        template.value(begun(template, request, **changed))
    return str(failure.value)


def limit_reached(text: str, request: Request = ORDER, **changed: Any) -> str:
    """As ``failure_of``, for what goes past the budget."""
    template = read_template(text, Tokens())
    with pytest.raises(RenderingFailed) as failure:
        template.value(begun(template, request, **changed))
    assert failure.value.is_limit
    return failure.value.message
