"""Headers of which some are templates: read with what they are sent with, rendered with it."""

from __future__ import annotations

from pymockapi.engine.templates.blocks import is_template
from pymockapi.engine.templates.documents import Placed, TemplateReader
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.model.reader import below
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.response import FORBIDDEN, HeaderPairs

Header = tuple[str, str | Placed, str]
"""Its name, its value, and what its draws are for."""


def read_header_templates(
    reader: TemplateReader, headers: HeaderPairs, at: str, purpose: str = "headers"
) -> tuple[Header, ...]:
    """Return what renders ``headers``; nothing, if none is a template."""
    if not any(is_template(value) for _, value in headers):
        return ()
    read: list[Header] = []
    seen: dict[str, int] = {}
    for name, value in headers:
        number = seen[name.lower()] = seen.get(name.lower(), -1) + 1
        placed = reader.text(value, below(at, name)) if is_template(value) else value
        read.append((name, placed, f"{purpose}/{name.lower()}/{number}"))
    return tuple(read)


def render_headers(headers: tuple[Header, ...], rendering: Rendering) -> HeaderPairs:
    """Return the headers of one request. Raises ``RenderingFailed``."""
    found = []
    for name, value, purpose in headers:
        if isinstance(value, Placed):
            rendering.begin(purpose, value.slots)
            text = value.text(rendering).strip(" \t")
            if FORBIDDEN.search(text):
                raise RenderingFailed(
                    "a header value has no line breaks or control characters; what was made has"
                ).below(value.pointer)
            found.append((name, text))
        else:
            found.append((name, value))
    return tuple(found)
