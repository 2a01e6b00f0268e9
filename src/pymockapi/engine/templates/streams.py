"""Bodies in pieces of which some are templates: all are rendered before the first byte leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pymockapi.engine.streams import Event, event_of, unfit_line
from pymockapi.engine.templates.blocks import is_template
from pymockapi.engine.templates.documents import JsonTemplate, Placed, TemplateReader
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.model.delivery import Piece
from pymockapi.model.reader import Findings, below
from pymockapi.model.rendering import RenderingFailed

_EVENT_TEXTS: Final = ("event", "id", "comment", "data")
Fields = dict[str, Placed | JsonTemplate]
Part = Placed | JsonTemplate | tuple[Event, Fields] | None
"""A piece: a template, an event with templates in its fields, or as it is defined."""


class PiecesTemplate:
    """``defined`` are the pieces as they are defined; ``parts`` what of them is rendered."""

    __slots__ = ("_defined", "_parts", "slots")

    def __init__(self, defined: tuple[Piece, ...], parts: list[Part]) -> None:
        self._defined = defined
        self._parts = parts
        self.slots = max(map(_slots_of, parts), default=0)

    @property
    def is_static(self) -> bool:
        return not any(self._parts)

    def pieces(self, rendering: Rendering) -> tuple[Piece, ...]:
        """Return them, in order. Raises ``RenderingFailed`` with the whole place."""
        made = []
        for piece, part in zip(self._defined, self._parts, strict=True):
            rendering.step(1)
            if part is None:
                made.append(piece)
            elif isinstance(part, tuple):
                made.append(Piece(_rendered(part[0], part[1], rendering), piece.after))
            else:
                made.append(Piece(part.body(rendering), piece.after))
        return tuple(made)


def _slots_of(part: Part) -> int:
    if isinstance(part, tuple):
        return max((each.slots for each in part[1].values()), default=0)
    return 0 if part is None else part.slots


def _rendered(event: Event, fields: Fields, rendering: Rendering) -> bytes:
    texts: dict[str, str] = {}
    for name, template in fields.items():
        texts[name] = text = template.body(rendering).decode()
        if isinstance(template, Placed) and (told := unfit_line(name, text)):
            raise RenderingFailed(f"{told}; what was made is not").below(template.pointer)
    return event._replace(**texts).encoded()


def read_pieces(
    reader: TemplateReader, defined: tuple[Piece, ...], items: list[Any], at: str
) -> PiecesTemplate:
    """Read the templates in ``items``, the definitions of the pieces of a stream."""
    return PiecesTemplate(defined, _each(_read_piece, reader, len(defined), items, at))


def read_events(
    reader: TemplateReader, defined: tuple[Piece, ...], items: list[Any], at: str
) -> PiecesTemplate:
    """Read the templates in ``items``, the definitions of server-sent events."""
    return PiecesTemplate(defined, _each(_read_event, reader, len(defined), items, at))


def _each(
    read: Callable[[TemplateReader, Any, str], Part],
    reader: TemplateReader,
    count: int,
    items: list[Any],
    at: str,
) -> list[Part]:
    """Return the parts of ``count`` items; what is no piece is for others to report."""
    return [
        read(reader, item, below(at, number)) if isinstance(item, dict) else None
        for number, item in enumerate(items[:count])
    ]


def _read_piece(reader: TemplateReader, item: Any, at: str) -> Part:
    key = "json" if "json" in item else "text"
    return None if key not in item else _read_value(reader, item[key], below(at, key), key)


def _read_value(
    reader: TemplateReader, data: Any, at: str, key: str
) -> Placed | JsonTemplate | None:
    if key == "json" or not isinstance(data, str):
        document = reader.json(data, at)
        return None if document.is_static else document
    return reader.text(data, at) if is_template(data) else None


def _read_event(reader: TemplateReader, item: Any, at: str) -> Part:
    fields: Fields = {}
    for key in _EVENT_TEXTS:
        if key in item and (read := _read_value(reader, item[key], below(at, key), key)):
            fields[key] = read
    return (event_of(item, at, Findings()), fields) if fields else None
