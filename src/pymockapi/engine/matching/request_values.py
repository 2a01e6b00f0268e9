"""Request values: one notation wherever a request is asked for a value.

``method``, ``path``, ``params.NAME``, ``query.NAME``, ``header.NAME``, ``cookie.NAME``,
``form.NAME``, ``body``, ``body.$.json.path``, ``bearer``, ``host``, ``client.ip``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pymockapi.engine.expressions.jsonpath import JsonPath
from pymockapi.engine.expressions.jsonpath_reading import read_jsonpath
from pymockapi.engine.matching.authorization import bearer_tokens
from pymockapi.model.errors import nearest
from pymockapi.model.json_reading import NOT_JSON
from pymockapi.model.reader import Findings, kind_of
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Json

Read = Callable[[Request, Mapping[str, str]], Sequence[Json]]


class RequestValueAt:
    """A place in a request, as ``model.stub.RequestValue`` asks. May raise ``ExpressionLimit``.

    Two are equal if they are written alike.
    """

    __slots__ = ("_read", "notation")

    def __init__(self, notation: str, read: Read) -> None:
        self.notation = notation
        self._read = read

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RequestValueAt) and other.notation == self.notation

    def __hash__(self) -> int:
        return hash(self.notation)

    def values(self, request: Request, captures: Mapping[str, str]) -> list[Json]:
        """Return every value there, in order; empty when it is missing."""
        return list(self._read(request, captures))


def host_name(request: Request) -> str:
    """Return the host in lower case, without its port; empty when the request names none."""
    host = request.host.lower()
    name, colon, port = host.rpartition(":")
    return name if colon and (port.isdigit() or not port) else host


def client_ip(request: Request) -> str:
    ip, _, _ = request.client.rpartition(":")
    return ip.strip("[]")


def read_request_value(data: object, at: str, found: Findings) -> RequestValueAt:
    """Read the notation; on an error, reports it and returns a value that is always missing."""
    text = data if isinstance(data, str) else ""
    if text in _WHOLE:
        return RequestValueAt(text, _WHOLE[text])
    if text.startswith("body.$"):
        return RequestValueAt(text, _at_path(read_jsonpath(text[5:], at, found)))
    kind, _, name = text.partition(".")
    if kind in _NAMED and name:
        return RequestValueAt(text, _NAMED[kind](name))
    found.add(at, _problem(data))
    return RequestValueAt(text, lambda _, __: ())


def _problem(data: object) -> str:
    known = [*_WHOLE, *(f"{kind}.NAME" for kind in _NAMED), "body.$.PATH"]
    if not isinstance(data, str):
        return f"expected a request value such as {', '.join(known)}, got {kind_of(data)}"
    kind, _, name = data.partition(".")
    if kind in _NAMED:
        return f"'{data}' lacks a name: write {kind}.NAME"
    if kind in ("body", "json") and name:
        return f"'{data[:100]}' is no request value; did you mean 'body.$.{name[:100]}'?"
    near = nearest(data, _WHOLE, 1) or nearest(kind, (*_NAMED, "body"), 1)
    meant = f"{near[0]}.{name}" if near and name and near[0] not in _WHOLE else "".join(near)
    hint = f"did you mean '{meant}'?" if near else f"known: {', '.join(known)}"
    return f"'{data[:100]}' is no request value; {hint}"


def _at_path(path: JsonPath) -> Read:
    def read(request: Request, _: Mapping[str, str]) -> Sequence[Json]:
        document = request.json
        return () if document is NOT_JSON else path.values(document, Context(request, 0))

    return read


def _param(name: str) -> Read:
    return lambda _, captures: (captures[name],) if name in captures else ()


def _query(name: str) -> Read:
    return lambda request, _: request.query.get(name, ())


def _header(name: str) -> Read:
    lowered = name.lower()
    return lambda request, _: request.header(lowered)


def _cookie(name: str) -> Read:
    return lambda request, _: request.cookies.get(name, ())


def _form(name: str) -> Read:
    return lambda request, _: request.form.get(name, ())


_WHOLE: Final[dict[str, Read]] = {
    "method": lambda request, _: (request.method,),
    "path": lambda request, _: (request.path,),
    "body": lambda request, _: (request.text,) if request.content and not request.undecoded else (),
    "bearer": lambda request, _: bearer_tokens(request),
    "host": lambda request, _: tuple(filter(None, (host_name(request),))),
    "client.ip": lambda request, _: tuple(filter(None, (client_ip(request),))),
}
_NAMED: Final[dict[str, Callable[[str], Read]]] = {
    "params": _param,
    "query": _query,
    "header": _header,
    "cookie": _cookie,
    "form": _form,
}
