"""What names of namespaces, stubs and sets are made of."""

from __future__ import annotations

import re
from typing import Final

NAMES: Final = "1 to 128 characters of A-Z a-z 0-9 . _ -"
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None
