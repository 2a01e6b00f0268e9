"""Which markers of pytest stand for which tags of the server's table."""

from __future__ import annotations

import re
from typing import Final

from pymockapi.client.server import MockServer

OF_PYTEST: Final = frozenset(
    {"filterwarnings", "mocks", "parametrize", "skip", "skipif", "usefixtures", "xfail"}
)
"""Markers that are for pytest or for us, and tell nothing of a test."""


def tag_markers(server: MockServer) -> dict[str, str]:
    """Return the tag that each marker stands for: those of the table, and one for each set.

    A name that Python cannot write has a second one, with ``_`` for what it cannot: the marker
    ``payments_down`` is the tag ``@payments-down``, unless there is a tag of that name, too.
    """
    tags = [tag.removeprefix("@") for tag in server.mentioned_tags()]
    markers = {re.sub(r"\W", "_", tag): tag for tag in reversed(tags)}
    markers |= {f"mock.{each['name']}": f"mock.{each['name']}" for each in server.sets()}
    return markers | {tag: tag for tag in tags}
