"""Reading which hosts the mock may call by itself, beside this machine and private networks."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from pymockapi.model.reader import Findings, below, check_size, read_list, read_object, read_text

MAX_HOSTS: Final = 100
_NAME: Final = re.compile(
    r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)


def read_egress(data: object, at: str, found: Findings) -> tuple[str, ...]:
    """Read ``{hosts: [...]}``: names in lower case, one that begins with ``*.`` for all below it."""
    entries = read_object(data, at, found, ("hosts",))
    place = below(at, "hosts")
    items = read_list(entries.get("hosts", []), place, found)
    check_size(items, place, found, MAX_HOSTS, "hosts")
    return tuple(
        _read_host(item, below(place, number), found)
        for number, item in enumerate(items[:MAX_HOSTS])
    )


def _read_host(data: object, at: str, found: Findings) -> str:
    host = read_text(data, at, found).lower().rstrip(".")
    if isinstance(data, str) and not (_is_address(host) or _NAME.fullmatch(host)):
        found.add(
            at,
            f"'{data[:100]}' is no host; hooks.example.com, *.example.com and 203.0.113.7 are,"
            " without a scheme, port or path",
        )
    return host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
