"""What a row of the control API is. Standard library only, so that the client can import it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CONTROL_ROOT: Final = "/__mock/v1"


@dataclass(frozen=True, slots=True)
class Row:
    """One call: ``status`` is the success status, ``refusals`` what it may answer besides.

    ``path`` is below ``CONTROL_ROOT``; its ``{parameters}`` are single segments. ``query`` names
    the query parameters it takes. ``body`` tells whether one is ``required``, ``optional`` or
    ``none``. ``conditional`` rows honour ``If-Match``. ``media`` is the type of the answer,
    ``other_media`` are those it may have besides, as the query asks.
    ``is_open`` rows need no token and no known host: they tell nothing of what is mocked.
    A row that ``waits`` may be answered long after it was asked. One that ``upgrades`` is a
    WebSocket: its success is 101.
    """

    name: str
    method: str
    path: str
    summary: str
    status: int = 200
    body: str = "none"
    query: tuple[str, ...] = ()
    refusals: tuple[int, ...] = ()
    conditional: bool = False
    media: str = "application/json"
    is_open: bool = False
    other_media: tuple[str, ...] = ()
    waits: bool = False
    upgrades: bool = False


def make_row(
    name: str,
    method: str,
    path: str,
    summary: str,
    status: int = 200,
    *,
    body: str = "none",
    query: tuple[str, ...] = (),
    refusals: tuple[int, ...] = (),
    conditional: bool = False,
    creates: bool = False,
    media: str = "application/json",
    is_open: bool = False,
    other_media: tuple[str, ...] = (),
    waits: bool = False,
    upgrades: bool = False,
) -> Row:
    """Return a row; what it may refuse follows from what it takes."""
    found = {404} if "{" in path and not creates else set()
    if body != "none":
        found |= {400, 413, 422}
    if query:
        found |= {422}
    if conditional:
        found |= {412}
    if upgrades:
        found |= {400, 426}
    return Row(name, method, path, summary, status, body, query, tuple(sorted({*found, *refusals})),
               conditional, media, is_open, other_media, waits, upgrades)  # fmt: skip
