"""A recorded request in a line, and what its client was told, for verdicts."""

from __future__ import annotations

from typing import Final

from pymockapi.model.exchange import Exchange
from pymockapi.model.json_reading import NOT_JSON, shown_json
from pymockapi.model.request import printable

MAX_DETAIL: Final = 400  # characters


def request_text(entry: Exchange) -> str:
    """Return what was asked: ``GET /orders?page=2``."""
    _, _, query = entry.target.partition("?")
    return printable(f"{entry.method} {entry.path}{f'?{query}' if query else ''}")


def detail_text(entry: Exchange) -> str | None:
    """Return what the client was told, in short, if the mock itself told it."""
    response = entry.response
    if response is None or response.error is None:
        return None
    document = shown_json(response.body)
    if document is NOT_JSON or not isinstance(document, dict):
        return None
    nearest = document.get("nearest")
    if nearest is None:
        return str(document.get("detail", ""))[:MAX_DETAIL] or None
    return _nearest(nearest[0])[:MAX_DETAIL] if nearest else None


def _nearest(candidate: dict[str, object]) -> str:
    named = f"nearest is '{candidate['stub']}' ({candidate['request']})"
    if candidate["fits"]:
        return f"{named}, which fits, but {candidate['reason']}"
    differences = candidate["differences"]
    assert isinstance(differences, list)
    told = "; ".join(
        f"{each['field']}: expected {each['expected']}, got {each['actual']}"
        for each in differences[:3]
    )
    return f"{named}: {told}"
