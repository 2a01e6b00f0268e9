"""How a secret may be written in other texts: escaped for URLs, JSON, HTML, or in base64."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

MAX_WRITTEN: Final = 1_024  # characters; of a longer secret its beginning is looked for
_NOTHING_TO_ESCAPE: Final = re.compile(r"[A-Za-z0-9_.~-]+\Z")
_URL_SAFE: Final = ("", "/", "!'()*", "!'()*;,/?:@&=+$#")
"""What leave as it is: most libraries; ``quote`` for paths; encodeURIComponent; encodeURI."""

_ESCAPE: Final = re.compile(r"%[0-9A-F]{2}|\\u[0-9a-f]{4}")
_HTML: Final[tuple[Callable[[str], str], ...]] = (
    html.escape,
    lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    lambda text: html.escape(text).replace("&#x27;", "&apos;"),
    lambda text: html.escape(text, quote=False),
)


def writings(secret: str) -> tuple[str, ...]:
    """Return the ways in which ``secret`` is looked for, of a long one in which it begins."""
    return _short(secret) if len(secret) <= MAX_WRITTEN else _long(secret[:MAX_WRITTEN])


@lru_cache(1024)
def _short(secret: str) -> tuple[str, ...]:
    return (*_plain(secret), *(each.rstrip("=") for each in _in_base64(secret)))


def _long(beginning: str) -> tuple[str, ...]:
    return (*_plain(beginning), *(each[:-4] for each in _in_base64(beginning)))


def _plain(secret: str) -> tuple[str, ...]:
    if _NOTHING_TO_ESCAPE.match(secret):
        return (secret,)
    escaped = [quote(secret, safe=safe, errors="replace") for safe in _URL_SAFE]
    escaped += [quote_plus(secret, errors="replace"), *_in_json(secret)]
    others = (_ESCAPE.sub(_other_case, each) for each in escaped)
    found = (secret, *escaped, *others, *(way(secret) for way in _HTML), *_misread(secret))
    return tuple(dict.fromkeys(found))


def _in_json(secret: str) -> list[str]:
    """Return it within a JSON text, and within one that is a text in JSON again."""
    found = []
    for is_ascii in (True, False):
        text = json.dumps(secret, ensure_ascii=is_ascii)[1:-1]
        found += [text, text.replace("/", "\\/"), json.dumps(text, ensure_ascii=is_ascii)[1:-1]]
        for own in ("<>&'=", "<>&'+", "<>&"):
            rest = text.replace('\\"', "\\u0022") if own == "<>&'+" else text
            found.append("".join(f"\\u{ord(c):04x}" if c in own else c for c in rest))
    return found


def _other_case(escape: re.Match[str]) -> str:
    text = escape[0]
    return text.lower() if text[0] == "%" else "\\u" + text[2:].upper()


def _misread(secret: str) -> list[str]:
    """Return UTF-8 that was read as Latin-1, as headers are, and the reverse."""
    found = []
    for one, other in (("utf-8", "latin-1"), ("latin-1", "utf-8")):
        try:
            found.append(secret.encode(one).decode(other))
        except UnicodeError:
            continue
    return found


def _in_base64(secret: str) -> tuple[str, str]:
    raw = secret.encode("utf-8", "replace")
    return base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()
