"""What a pattern asks of query, headers, cookies, credentials, host, scheme and client."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from pymockapi.engine.checks import Check, FieldCheck, OnlyListed
from pymockapi.engine.matching.auth_patterns import read_auth
from pymockapi.engine.matching.body_patterns import read_body
from pymockapi.engine.matching.conditions import NO_LITERAL
from pymockapi.engine.matching.matchers import ValueMatcher
from pymockapi.engine.matching.request_values import client_ip, host_name
from pymockapi.engine.matching.values import MAX_CHOICES, Domain, read_matcher
from pymockapi.model.reader import Findings, below, read_asked, read_flag, read_object
from pymockapi.model.request import Request
from pymockapi.model.stub import Json

Read = Callable[[Request], Sequence[Json]]

HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def read_fields(entries: dict[str, object], at: str, found: Findings) -> list[Check]:
    """Read all of a pattern but method and path; the cheapest checks come first."""
    checks: list[Check] = []
    for key, read in _READERS.items():
        if key in entries:
            checks += read(entries[key], below(at, key), found)
    if "query_only" in entries and read_flag(entries["query_only"], below(at, "query_only"), found):
        query = entries.get("query")
        checks.append(OnlyListed(frozenset(query if isinstance(query, dict) else ())))
    return sorted(checks, key=lambda check: check.cost)


def _read_query(data: object, at: str, found: Findings) -> Iterator[Check]:
    for name, item in read_asked(data, at, found).items():
        yield _check("query", str(name), item, at, found, _query(str(name)), 1)


def _read_headers(data: object, at: str, found: Findings) -> Iterator[Check]:
    for name, item in read_asked(data, at, found).items():
        if not HEADER_NAME.fullmatch(str(name)):
            found.add(below(at, str(name)), f"'{name}' is no header name")
        lowered = str(name).lower()
        check = _check("header", lowered, item, at, found, _header(lowered), 3, str(name))
        yield check


def _read_cookies(data: object, at: str, found: Findings) -> Iterator[Check]:
    for name, item in read_asked(data, at, found).items():
        yield _check("cookie", str(name), item, at, found, _cookie(str(name)), 4)


def _check(
    kind: str,
    name: str,
    data: object,
    at: str,
    found: Findings,
    read: Read,
    cost: int,
    key: str | None = None,
) -> Check:
    matcher = read_matcher(data, below(at, key or name), found, Domain.TEXT)
    return FieldCheck(f"{kind}.{name}", read, matcher, cost, _literal(f"{kind}.{name}", matcher))


def _literal(place: str, matcher: ValueMatcher) -> Sequence[tuple[str, Hashable]]:
    return () if matcher.literal is NO_LITERAL else ((place, matcher.literal),)


def _read_host(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_matcher(_lowered(data), at, found, Domain.TEXT)
    yield FieldCheck("host", _hosts, matcher, 3)


def _read_scheme(data: object, at: str, found: Findings) -> Iterator[Check]:
    yield FieldCheck(
        "scheme", lambda request: (request.scheme,), read_matcher(data, at, found, Domain.TEXT), 0
    )


def _read_client(data: object, at: str, found: Findings) -> Iterator[Check]:
    entries = read_object(data, at, found, ("ip",))
    if "ip" in entries:
        matcher = read_matcher(entries["ip"], below(at, "ip"), found, Domain.TEXT)
        yield FieldCheck("client.ip", _addresses, matcher, 0)


def _read_body(data: object, at: str, found: Findings) -> Iterator[Check]:
    yield from read_body(data, at, found)


def _query(name: str) -> Read:
    return lambda request: request.query.get(name, ())


def _header(name: str) -> Read:
    return lambda request: request.header(name)


def _cookie(name: str) -> Read:
    return lambda request: request.cookies.get(name, ())


def _hosts(request: Request) -> Sequence[Json]:
    """Return the host without and with its port, so that a pattern may name either."""
    name = host_name(request)
    return tuple(dict.fromkeys((name, request.host.lower()))) if name else ()


def _addresses(request: Request) -> Sequence[Json]:
    address = client_ip(request)
    return (address,) if address else ()


def _lowered(data: object) -> object:
    """Write host names in lower case, as a request's are compared; a regular expression stays."""
    if isinstance(data, str):
        return data.lower()
    if isinstance(data, list):
        return [_lowered(each) for each in data[:MAX_CHOICES]]
    if isinstance(data, dict):
        return {key: each if key == "matches" else _lowered(each) for key, each in data.items()}
    return data


_READERS: Final[dict[str, Callable[[object, str, Findings], Iterator[Check]]]] = {
    "scheme": _read_scheme,
    "client": _read_client,
    "query": _read_query,
    "headers": _read_headers,
    "host": _read_host,
    "cookies": _read_cookies,
    "auth": read_auth,
    "body": _read_body,
}
FIELD_KEYS: Final = (*_READERS, "query_only")
