"""How a place inside a JSON document is written: ``body.$.items[0]['odd key']``."""

from __future__ import annotations

import re
from typing import Final

from pymockapi.model.request import printable

_PLAIN: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def member(at: str, key: str) -> str:
    """Return the place of member ``key`` of the object at ``at``."""
    if _PLAIN.fullmatch(key):
        return f"{at}.{key}"
    text = printable(key).replace("\\", "\\\\").replace("'", "\\'")
    return f"{at}['{text}']"
