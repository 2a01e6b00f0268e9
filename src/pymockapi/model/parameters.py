"""Parameters of a header field, ``; name=value`` or ``, name="value"``, read in linear time.

Names ignore case. In a quoted string a backslash keeps the quote or backslash behind it (RFC 9110,
5.6.4) and is itself before anything else, since browsers write Windows paths so. Of two
parameters with one name the first counts.
"""

from __future__ import annotations

import re
from typing import Final

_PARAMETER: Final = re.compile(
    r"""([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*+=[ \t]*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+))"""
)
_BETWEEN: Final = re.compile(r"[ \t]*+(?:[;,][ \t]*+|\Z)")
_ESCAPED: Final = re.compile(r'\\(["\\])')


def read_parameters(text: str) -> dict[str, str] | None:
    """Return the parameters in ``text``, names in lower case; ``None`` if it is not well formed."""
    found: dict[str, str] = {}
    at, end = 0, len(text)
    while at < end:
        parameter = _PARAMETER.match(text, at)
        if parameter is None:
            skipped = _BETWEEN.match(text, at)  # an empty element of a list
            if skipped is None:
                return None
            at = skipped.end()
            continue
        name, quoted, plain = parameter.groups()
        value = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
        found.setdefault(name.lower(), value)
        between = _BETWEEN.match(text, parameter.end())
        if between is None:
            return None
        at = between.end()
    return found


def read_field(text: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first ``;``, in lower case, and the parameters behind it.

    Parameters that are not well formed are none.
    """
    kind, _, rest = text.partition(";")
    return kind.strip().lower(), read_parameters(rest.strip()) or {}
