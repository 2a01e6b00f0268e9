"""A response whose body and headers are templates: read with the stub, rendered for each request."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from pymockapi.engine.templates.blocks import is_template
from pymockapi.engine.templates.documents import JsonTemplate, Placed, TemplateReader
from pymockapi.engine.templates.headers import Header, read_header_templates, render_headers
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.engine.templates.streams import PiecesTemplate, read_events, read_pieces
from pymockapi.model.delivery import Delivery, Piece
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
_PIECE_BYTES: Final = 100  # of a piece that was made for one request, beside its data


class TemplateOfResponse:
    """See ``model.response.ResponseTemplate``. ``made`` is the response as it is defined."""

    __slots__ = ("_body", "_headers", "_made", "_pieces", "_start", "_trailers")

    def __init__(
        self,
        made: Response,
        body: Placed | JsonTemplate | None,
        headers: tuple[Header, ...],
        trailers: tuple[Header, ...] = (),
        pieces: PiecesTemplate | None = None,
    ) -> None:
        self._made = made
        self._body = body
        self._headers = headers
        self._trailers = trailers
        self._pieces = pieces
        self._start = head_start(made.status, made.reason, made.headers)

    def render(self, occasion: Occasion) -> tuple[Response, int]:
        """Return the response to one request, and the steps that it took.

        Raises ``RenderingFailed`` with the place in the response.
        """
        rendering = Rendering(occasion)
        made, body = self._made, self._made.body
        if made.delivery is not None and made.delivery.pieces is not None:
            return self._in_pieces(rendering, made.delivery), rendering.cost
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

    def _in_pieces(self, rendering: Rendering, defined: Delivery) -> Response:
        """Return the response whose body is chunked."""
        made, pieces = self._made, defined.pieces or ()
        if self._pieces is not None:
            rendering.begin("body", self._pieces.slots)
            pieces = self._pieces.pieces(rendering)
        elif self._body is not None:
            rendering.begin("body", self._body.slots)
            pieces = (Piece(self._body.body(rendering)),)
        trailers = render_headers(self._trailers, rendering) if self._trailers else defined.trailers
        delivery = msgspec.structs.replace(defined, pieces=pieces, trailers=trailers)
        whole = make_response(
            made.status,
            render_headers(self._headers, rendering) if self._headers else made.headers,
            b"".join(piece.data for piece in pieces),
            reason=made.reason,
            delay_s=made.delay_s if made.own_delay else None,
            delivery=delivery,
        )
        own = len(whole.head) + 2 * len(whole.body) + _PIECE_BYTES * len(pieces)
        return msgspec.structs.replace(whole, own_bytes=own)


def read_response_template(
    made: Response, entries: dict[str, Any], at: str, found: Findings
) -> TemplateOfResponse | None:
    """Return what renders the response ``made`` of ``entries``; ``None`` if nothing is to render."""
    reader = TemplateReader(found, at)
    body = _read_body(reader, made, entries, at, found)
    headers = read_header_templates(reader, made.headers, below(at, "headers"))
    sent_last = () if made.delivery is None else made.delivery.trailers
    trailers = read_header_templates(reader, sent_last, below(at, "trailers"), "trailers")
    pieces = _read_pieces(reader, made, entries, at)
    if body is None and pieces is None and not headers and not trailers:
        return None
    return TemplateOfResponse(made, body, headers, trailers, pieces)


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


def _read_pieces(
    reader: TemplateReader, made: Response, entries: dict[str, Any], at: str
) -> PiecesTemplate | None:
    key = "stream" if "stream" in entries else "sse"
    if made.delivery is None or not made.delivery.pieces or not isinstance(entries.get(key), list):
        return None
    read = read_pieces if key == "stream" else read_events
    template = read(reader, made.delivery.pieces, entries[key], below(at, key))
    return None if template.is_static else template


def _file_text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
