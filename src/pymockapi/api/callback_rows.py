"""The control calls about callbacks. Standard library only, as ``rows``, which lists them."""

from __future__ import annotations

from typing import Final

from pymockapi.api.row import Row, make_row

_CALLBACKS: Final = "/namespaces/{namespace}/callbacks"

CALLBACK_ROWS: Final[tuple[Row, ...]] = (
    make_row(
        "list_callbacks",
        "GET",
        _CALLBACKS,
        "The callbacks of its answers, and what became of each",
        query=("after", "limit", "number", "stub", "outcome"),
    ),
    make_row(
        "verify_callbacks",
        "POST",
        _CALLBACKS + "/verify",
        "Whether as many callbacks as expected fit; waits for them, if asked",
        body="optional",
        refusals=(429,),
        waits=True,
    ),
)
