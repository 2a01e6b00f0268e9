"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), as browsers and proxies read it.

What HAR has no field for (namespace, labels, number, phase, stub, error, correlation ids) is in
fields that begin with ``_``, and for whoever looks with a viewer in comments.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from pymockapi.formats.faults import HEADLESS, fault_of

Document = dict[str, Any]

_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
_UNKNOWN: Final = -1
_URL_CHARACTERS: Final = "%:/?@!$&'()*+,;=~"  # those of RFC 3986, section 3.3 and 3.4
_NO_ESCAPE: Final = re.compile("%(?![0-9A-Fa-f]{2})")


def har_entry(exchange: Document, version: str = "HTTP/1.1") -> Document:
    """Return a recorded exchange, as the control API shows one, as an entry of a HAR log.

    ``version`` is that of HTTP which the request came by; answers are always HTTP/1.1.
    """
    took = exchange["timings"]["total_ms"]
    ids = exchange["correlation"]
    return {
        "startedDateTime": exchange["at"],
        "time": took,
        "request": _request(exchange, version),
        "response": _response(exchange["response"]),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        "_number": exchange["number"],
        "_phase": exchange["phase"],
        "_stub": exchange["stub"],
        "_step": exchange["step"],
        "_error": exchange["error"],
        "_fault": fault_of(exchange),
        "_correlation": ids,
        "comment": ", ".join([_told(exchange), *(f"{name}: {ids[name]}" for name in ids)]),
    }


def _told(exchange: Document) -> str:
    """``#3 answered by 'pay'``: what a viewer shows of the mock's part."""
    told = f"#{exchange['number']} {exchange['phase']}"
    fault = fault_of(exchange)
    if fault is not None:
        told += f", fault: {fault}"
    if exchange["error"] is not None:
        return f"{told}, {exchange['error']}"
    if "behaviour" in exchange:
        return f"{told} by behaviour '{exchange['behaviour']}'"
    return told if exchange["stub"] is None else f"{told} by '{exchange['stub']}'"


def har_frame(version: str, of: Document) -> Document:
    """Return the log around the entries, which go in ``log.entries``.

    ``of`` tells which namespace it is of: ``namespace``, ``id`` and ``labels``.
    """
    labels = "".join(f", {name}={value}" for name, value in of["labels"].items())
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "PyMockAPI", "version": version},
            "comment": f"Namespace '{of['namespace']}' ({of['id']}){labels}",
            **{f"_{name}": value for name, value in of.items()},
            "entries": [],
        }
    }


def _request(exchange: Document, version: str) -> Document:
    headers = _pairs(exchange["headers"])
    body = exchange["body"]
    request: Document = {
        "method": exchange["method"],
        "url": _url(exchange),
        "httpVersion": version,
        "cookies": _cookies(exchange["headers"], "cookie"),
        "headers": headers,
        "queryString": [
            {"name": name, "value": value}
            for name, values in exchange["query"].items()
            for value in values
        ],
        "headersSize": _UNKNOWN,
        "bodySize": body.get("encoded", body)["size"],
    }
    if body["size"]:
        kind = _header(exchange["headers"], "content-type")
        request["postData"] = {"mimeType": kind, "params": [], "text": _text(body)}
        if "text" not in body:
            request["postData"]["comment"] = _comment(body)
    return request


def _url(exchange: Document) -> str:
    """Return where the request went; what no URL may hold is percent-encoded."""
    target, scheme = exchange["target"], exchange["scheme"]
    host = _header(exchange["headers"], "host") or "localhost"
    if exchange["method"] == "CONNECT":
        host, target = target, ""
    elif "://" in target[:9]:
        scheme, _, rest = target.partition("://")
        host, slash, path = rest.partition("/")
        target = slash + path
    elif not target.startswith("/"):  # ``*`` of OPTIONS
        target = f"/{target}"
    target = quote(_NO_ESCAPE.sub("%25", target), safe=_URL_CHARACTERS)
    return f"{scheme}://{quote(host, safe='[]:@')}{target}"


def _response(response: Document | None) -> Document:
    """An answer that never was, or of which no head came, has the status 0, as browsers write it."""
    if response is None or response.get("fault") in HEADLESS:
        sent = 0 if response is None else response["sent_bytes"]
        response = {"status": 0, "headers": [], "body": {"size": 0}, "sent_bytes": sent}
    body = response["body"]
    content: Document = {
        "size": body["size"],
        "mimeType": _header(response["headers"], "content-type") or "application/octet-stream",
    }
    if body["size"]:
        content["text"] = _text(body)
        if "base64" in body:
            content["encoding"] = "base64"
        elif "text" not in body:
            content["comment"] = _comment(body)
    return {
        "status": response["status"],
        "statusText": _REASONS.get(response["status"], ""),
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(response["headers"], "set-cookie"),
        "headers": _pairs(response["headers"]),
        "content": content,
        "redirectURL": _header(response["headers"], "location"),
        "headersSize": _UNKNOWN,
        "bodySize": body["size"],
    }


def _text(body: Document) -> str:
    text: str = body["text"] if "text" in body else body.get("base64", "")
    return text


def _comment(body: Document) -> str:
    return "base64" if "base64" in body else f"too large to be shown; sha256 {body['sha256']}"


def _pairs(headers: list[list[str]]) -> list[Document]:
    return [{"name": name, "value": value} for name, value in headers]


def _header(headers: list[list[str]], name: str) -> str:
    for each, value in headers:
        if each.lower() == name:
            return value
    return ""


def _cookies(headers: list[list[str]], name: str) -> list[Document]:
    found = []
    for header, value in headers:
        if header.lower() != name:
            continue
        parts = value.split(";") if name == "cookie" else [value.partition(";")[0]]
        for part in parts:
            cookie, equals, content = part.strip().partition("=")
            if equals:
                found.append({"name": cookie, "value": content})
    return found
