"""The definitions that are measured, and the requests that they answer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from bench.wire import request

Document = dict[str, Any]
ROOMY: Final = {"requests": 1_000_000, "bytes": 2_000_000_000}
"""Limits that no round reaches, so that only the row about a full journal evicts."""


def stub(path: str, **more: Any) -> Document:
    return {"name": path.strip("/").replace("/", "-"), "request": {"method": "GET", "path": path},
            "response": {"json": {"ok": True}}, **more}  # fmt: skip


def exact_paths(number: int) -> list[Document]:
    return [stub("/probe"), *(stub(f"/orders/{n}") for n in range(1, number))]


def rendered_paths(number: int) -> list[Document]:
    """Return as many stubs as ``exact_paths``, whose answers are small templates."""
    made = {
        "id": "{{ request.path }}",
        "hit": "{{ hit }}",
        "tenant": "{{ state.tenant | default('-') }}",
    }
    response = {"template": True, "json": {"ok": True, **made}}
    return [{**each, "response": response} for each in exact_paths(number)]


def one_path(number: int) -> list[Document]:
    """Return stubs on one path that differ in one query value."""
    return [
        {"name": f"page-{n}", "response": {"json": {"ok": True}},
         "request": {"method": "GET", "path": "/orders", "query": {"page": str(n)}}}
        for n in range(number)
    ]  # fmt: skip


def asking_paths(number: int) -> list[bytes]:
    return [request("GET", f"/orders/{n}") for n in range(1, number)]


def asking_pages(number: int) -> list[bytes]:
    return [request("GET", f"/orders?page={n}") for n in range(number)]


def asking_varied(number: int) -> list[bytes]:
    """Return requests for 99 paths, each with an id of its own."""
    return [
        request("GET", f"/orders/{1 + n % 99}", headers=f"X-Request-Id: id-{n}\r\n")
        for n in range(number)
    ]


def asking_namespaces(spaces: int, number: int) -> list[bytes]:
    return [
        request("GET", f"/orders/{1 + n % 99}", headers=f"X-Mock-Namespace: ns-{n % spaces}\r\n")
        for n in range(number)
    ]


def world(stubs: list[Document], **limits: int) -> Document:
    return {"stubs": stubs, "namespaces": {"default": {"limits": {**ROOMY, **limits}}}}


def nine_headers() -> Iterator[bytes]:
    """Yield requests with nine headers, each with an id of its own, on a hundred paths."""
    for n in count():
        headers = (
            f"X-Request-Id: {n:032x}\r\nTraceparent: 00-{n:032x}-{n:016x}-01\r\n"
            "Accept-Language: en\r\nCache-Control: no-cache\r\n"
        )
        yield request("GET", f"/orders/{1 + n % 99}", headers=headers)
