"""A callback whose URL, headers and body are templates: read with its response, rendered with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from pymockapi.engine.templates.blocks import is_template
from pymockapi.engine.templates.documents import JsonTemplate, Placed, TemplateReader
from pymockapi.engine.templates.headers import Header, read_header_templates, render_headers
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.model.callback import Callback
from pymockapi.model.reader import Findings, below
from pymockapi.model.rendering import Occasion, RenderingFailed
from pymockapi.model.urls import destination_of

_NO_TEXT: Final = "bytes are no template; give the body as 'text' or 'json'"


class TemplateOfCallback:
    """See ``model.callback.CallbackTemplate``. ``purpose`` is what its draws are for, in all."""

    __slots__ = ("_body", "_headers", "_made", "_purpose", "_url")

    def __init__(
        self,
        made: Callback,
        url: Placed | None,
        headers: tuple[Header, ...],
        body: Placed | JsonTemplate | None,
        purpose: str,
    ) -> None:
        self._made = msgspec.structs.replace(made, template=None)
        self._url = url
        self._headers = headers
        self._body = body
        self._purpose = purpose

    def render(self, occasion: Occasion, part: int) -> tuple[Callback, int]:
        """Return the callback of one request, and the steps that it took; at most a ``part`` of all.

        Raises ``RenderingFailed`` with the place in the callback.
        """
        rendering = Rendering(occasion, part)
        made = self._made
        url, headers, body = made.url, made.headers, made.body
        if self._url is not None:
            rendering.begin(f"{self._purpose}/url", self._url.slots)
            url = _checked(self._url.text(rendering), self._url.pointer)
        if self._headers:
            headers = render_headers(self._headers, rendering)
        if self._body is not None:
            rendering.begin(f"{self._purpose}/body", self._body.slots)
            body = self._body.body(rendering)
        made = msgspec.structs.replace(made, url=url, headers=headers, body=body)
        return made, rendering.cost


def _checked(url: str, pointer: str) -> str:
    """Return ``url`` if it can be called."""
    try:
        destination_of(url)
    except ValueError as error:
        raise RenderingFailed(str(error)).below(pointer) from None
    return url


def read_callback_template(
    made: Callback, entries: Mapping[str, Any], at: str, found: Findings, purpose: str
) -> TemplateOfCallback | None:
    """Return what renders the callback ``made`` of ``entries``; ``None`` if nothing is to render."""
    reader = TemplateReader(found, at)
    url = reader.text(made.url, below(at, "url")) if is_template(made.url) else None
    headers = read_header_templates(
        reader, made.headers, below(at, "headers"), f"{purpose}/headers"
    )
    body = _read_body(reader, entries, at, found)
    if url is None and body is None and not headers:
        return None
    return TemplateOfCallback(made, url, headers, body, purpose)


def _read_body(
    reader: TemplateReader, entries: Mapping[str, Any], at: str, found: Findings
) -> Placed | JsonTemplate | None:
    if "base64" in entries:
        found.add(below(at, "base64"), _NO_TEXT)
        return None
    if "json" in entries:
        document = reader.json(entries["json"], below(at, "json"))
        return None if document.is_static else document
    text = entries.get("text")
    if not isinstance(text, str) or not is_template(text):
        return None
    return reader.text(text, below(at, "text"))
