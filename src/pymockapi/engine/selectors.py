"""Which namespace a request names: own port, path prefix, header, baggage, host label, in this order.

The first selector that yields a name decides; if a later one names another namespace, that is
noted. Reads the request only; whether such a namespace lives is not asked here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pymockapi.model.request import Request, decode_percent, split_target

HEADER: Final = "x-mock-namespace"
_LINE: Final = f"\r\n{HEADER}:".encode()
BAGGAGE_KEY: Final = "mock.namespace"  # https://www.w3.org/TR/baggage/
HOST_LABEL: Final = "mock"
_OWN_HOSTS: Final = ".mock.localhost"


class Selection(NamedTuple):
    """``name`` is ``None`` when nothing names a namespace. ``prefix`` is what to take off the path.

    Without a name ``selector`` is ``none``, or the one that is there and has no value.
    ``conflict`` is the later selector that names another, as ``header: other``.
    """

    name: str | None
    selector: str
    prefix: str = ""
    conflict: str | None = None


NOTHING: Final = Selection(None, "none")
EMPTY_HEADER: Final = Selection(None, "header")
EMPTY_BAGGAGE: Final = Selection(None, "baggage")


def select(request: Request, prefix: str | None, port_of: str | None = None) -> Selection:
    """Return what ``request`` names; ``prefix`` stands before a name in a path (``None``: off).

    ``port_of`` is the namespace whose own port it came to; then its name alone is taken off a path.
    """
    head = request.head.lower()
    target = request.target
    start = None
    if prefix is not None and (target[1:2] in ("%", prefix[:1]) or target[:1] != "/"):
        start = _path_prefix(target, prefix)
    named = [("path", decode_percent(start[1:])[len(prefix or "") :])] if start is not None else []
    at = head.find(_LINE)
    if at >= 0:
        named += [("header", value) for value in _header(request, head, at) if value]
    nothing = NOTHING if at < 0 else EMPTY_HEADER
    if b"\r\nbaggage" in head:
        members = _baggage(request)
        named += [("baggage", value) for value in members if value]
        nothing = EMPTY_BAGGAGE if members and at < 0 else nothing
    if b".mock." in head and (label := host_label(request.host)) is not None:
        named.append(("host", label))
    if port_of is not None:
        is_own = bool(named) and named[0] == ("path", port_of)
        return _decide([("port", port_of), *named], (start or "") if is_own else "")
    return _decide(named, start or "") if named else nothing


def _header(request: Request, head: bytes, at: int) -> list[str]:
    """Return the header's values; one alone is cut out, which saves splitting the head, 4 us."""
    begin = at + len(_LINE)
    value = request.head[begin : head.find(b"\r\n", begin)]
    if not value.isascii() or head.find(_LINE, begin) >= 0:
        return request.header(HEADER)
    return [value.strip(b" \t").decode()]


def _decide(named: list[tuple[str, str]], start: str) -> Selection:
    selector, name = named[0]
    if len(named) == 1:
        return Selection(name, selector, start)
    other = next((later for later in named[1:] if not _same(name, later)), None)
    return Selection(name, selector, start, None if other is None else f"{other[0]}: {other[1]}")


def _same(name: str, later: tuple[str, str]) -> bool:
    return later[1] == name or (later[0] == "host" and later[1].lower() == name.lower())


def _path_prefix(target: str, prefix: str) -> str | None:
    """Return the first segment of the path, with its slash, when it is ``prefix`` and a name."""
    if target.startswith("/"):
        path = target
    else:
        path, _ = split_target(target)
    if not path.startswith("/" + prefix):
        if not (path[:2] == "/%" and decode_percent(path[1:4]).startswith(prefix)):
            return None
        length = 3
    else:
        length = len(prefix)
    path = path.partition("?")[0]
    end = path.find("/", 1)
    segment = path if end < 0 else path[:end]
    return segment if len(segment) > 1 + length else None


def _baggage(request: Request) -> list[str]:
    names = []
    for line in request.header("baggage"):
        for member in line.split(","):
            key, equals, value = member.partition(";")[0].partition("=")
            if equals and key.strip() == BAGGAGE_KEY:
                names.append(decode_percent(value.strip()))
    return names


def host_label(host: str) -> str | None:
    """Return ``checkout-42`` of ``checkout-42.mock.localhost:8080``; ``None`` without such a label.

    Before ``mock.localhost`` there may be several, a name with dots: those hosts are ours alone.
    """
    first, dot, rest = host.partition(".")
    if dot and rest.lower().startswith(HOST_LABEL + "."):
        return first or None
    name = host.partition(":")[0]
    return name[: -len(_OWN_HOSTS)] or None if name.lower().endswith(_OWN_HOSTS) else None
