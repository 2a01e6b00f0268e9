"""A response whose body and headers are templates: read with the stub, rendered for each request."""

from __future__ import annotations

from typing import Any, Final

from pymockapi.engine.templates.blocks import is_template
from pymockapi.engine.templates.documents import JsonTemplate, Placed, TemplateReader
from pymockapi.engine.templates.headers import Header, read_header_templates, render_headers
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.model.reader import Findings, below
from pymockapi.model.rendering import Occasion
from pymockapi.model.response import (
    BODILESS,
    Response,
    head_start,
    make_response,
    single_response,
)

_NO_TEXT: Final = "bytes are no template; give the body as 'text' or 'json'"


class TemplateOfResponse:
    """See ``model.response.ResponseTemplate``. ``made`` is the response as it is defined."""

    __slots__ = ("_body", "_headers", "_made", "_start")

    def __init__(
        self, made: Response, body: Placed | JsonTemplate | None, headers: tuple[Header, ...]
    ) -> None:
        self._made = made
        self._body = body
        self._headers = headers
        self._start = head_start(made.status, made.reason, made.headers)

    def render(self, occasion: Occasion) -> tuple[Response, int]:
        """Return the response to one request, and the steps that it took.

        Raises ``RenderingFailed`` with the place in the response.
        """
        rendering = Rendering(occasion)
        made, body = self._made, self._made.body
        if self._body is not None:
            rendering.begin("body", self._body.slots)
            body = self._body.body(rendering)
        if self._headers or made.status in BODILESS:
            response = self._with_headers(rendering, body)
        else:
            response = single_response(made, made.headers, self._start, body)
        return response, rendering.cost

    def _with_headers(self, rendering: Rendering, body: bytes) -> Response:
        made = self._made
        headers = render_headers(self._headers, rendering) if self._headers else made.headers
        delay_s = made.delay_s if made.own_delay else None
        whole = make_response(
            made.status,
            headers,
            body,
            reason=made.reason,
            delay_s=delay_s,
            delivery=made.delivery,
        )
        return single_response(whole, headers, None, body)


def read_response_template(
    made: Response, entries: dict[str, Any], at: str, found: Findings
) -> TemplateOfResponse | None:
    """Return what renders the response ``made`` of ``entries``; ``None`` if nothing is to render."""
    reader = TemplateReader(found, at)
    body = _read_body(reader, made, entries, at, found)
    headers = read_header_templates(reader, made.headers, below(at, "headers"))
    if body is None and not headers:
        return None
    return TemplateOfResponse(made, body, headers)


def _read_body(
    reader: TemplateReader, made: Response, entries: dict[str, Any], at: str, found: Findings
) -> Placed | JsonTemplate | None:
    if "base64" in entries:
        found.add(below(at, "base64"), _NO_TEXT)
        return None
    if "json" in entries:
        document = reader.json(entries["json"], below(at, "json"))
        return None if document.is_static else document
    key = "text" if "text" in entries else "file"
    if not isinstance(entries.get(key), str):
        return None
    text = entries[key] if key == "text" else _file_text(made.body)
    if text is None:
        found.add(below(at, key), "a file that is a template holds UTF-8 text; this one does not")
        return None
    return reader.text(text, below(at, key)) if is_template(text) else None


def _file_text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
