"""Exports as their published schemas want them, of everything that a request may be.

``tests/conformance/fetch.py`` brings the schemas: of HAR 1.2 (``har-schema``), and of JUnit XML as
Jenkins' xUnit plugin reads it.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import pytest
from jsonschema import (  # type: ignore[import-untyped, unused-ignore]
    Draft6Validator,
    FormatChecker,
)
from lxml import etree  # type: ignore[import-untyped, unused-ignore]
from referencing import Registry
from referencing.jsonschema import DRAFT6
from tests.conformance.fetch import HAR, JUNIT
from tests.server.world import World

from pymockapi.model.exchange import Phase

URI: Final = re.compile(
    r"https?://[\w.:\[\]-]+(/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?", re.ASCII
)
"""What RFC 3986 allows of those that a request may have."""

NS: Final = "/__mock/v1/namespaces/shop"
STUBS: Final = [
    {"name": "plain", "request": {"path": "/plain"}, "response": {"json": {"a": [1]}}},
    {"name": "bytes", "request": {"path": "/bytes"}, "response": {"base64": "//4A"}},
    {"name": "moved", "request": {"path": "/moved"},
     "response": {"status": 302, "headers": {"location": "/plain", "set-cookie": ["a=1; Path=/", "b"]}}},
    {"name": "none", "request": {"path": "/none"}, "response": {"status": 204}},
    {"name": "once", "request": {"path": "/once"}, "responses": [{}], "after_last": "fail"},
    {"name": "late", "request": {"path": "/late"}, "response": {"delay": "1h"}},
]  # fmt: skip
REQUESTS: Final[list[tuple[str, str, bytes, dict[str, str]]]] = [
    ("GET", "/plain?a=1&a=&b", b"", {"cookie": "sid=1; x; =y", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}),
    ("POST", "/plain", b'{"card": "4111"}', {"content-type": "application/json"}),
    ("POST", "/bytes", b"\xff\xfe\x00", {"x-request-id": "r 1"}),
    ("PUT", "/plain", b"text \xc3\xa9", {}),
    ("POST", "/plain", b"x" * (1024 * 1024 + 1), {}),
    ("POST", "/plain", b"no gzip", {"content-encoding": "gzip"}),
    ("GET", "/moved", b"", {}),
    ("DELETE", "/none", b"", {}),
    ("HEAD", "/plain", b"", {}),
    ("GET", "/once", b"", {}),
    ("GET", "/once", b"", {}),
    ("GET", "/no/stub?a[]=b", b"", {"authorization": "Bearer secret"}),
    ("GET", "/caf\u00e9/\udcff/%zz/%2F", b"", {}),
    ("GET", "/plain", b"", {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"}),
    ("BREW", "/plain", b"", {"x-odd": "\u00ff"}),
    ("GET", "/late", b"", {}),
]  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    """One with a request of every kind, whose answers got as far as can be."""
    made = World({"stubs": STUBS})
    made.call("POST", "/namespaces", {"name": "shop", "labels": {"test": "test_pay"}})
    for method, target, body, headers in REQUESTS:
        made.reply(method, f"/~shop{target}", body, headers)
    phases = [Phase.ANSWERED, Phase.ABORTED, Phase.SENDING, Phase.INCOMPLETE, Phase.REFUSED]
    space = made.store.view("shop")
    assert space is not None
    for entry in space.journal:
        phase = phases[entry.number % len(phases)]
        made.store.progress(entry, phase, entry.number)
        if phase in (Phase.INCOMPLETE, Phase.REFUSED):
            entry.response = None
    for path, times in (("/plain", {"at_least": 1}), ("/nowhere", 2)):
        expect = [{"request": {"path": path}, "times": times}]
        made.call("POST", "/namespaces/shop/verify", {"expect": expect, "nothing_else": True})
    return made


def exported(world: World, query: str) -> bytes:
    response = world.send("GET", f"{NS}/export?{query}")
    assert response.status == 200
    return response.body


@pytest.mark.skipif(not HAR.is_dir(), reason="not there: python tests/conformance/fetch.py")
@pytest.mark.parametrize("redact", ["true", "false"])
def test_a_har_log_is_as_its_schema_wants_it(world: World, redact: str) -> None:
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in HAR.glob("*.json")}
    resources = [(f"{name}#", DRAFT6.create_resource(each)) for name, each in schemas.items()]
    resources += [
        (name, each) for (name, _), (_, each) in zip(schemas.items(), resources, strict=True)
    ]
    registry: Any = Registry().with_resources(resources)
    checker = FormatChecker()
    checker.checks("uri")(lambda url: URI.fullmatch(str(url)) is not None)
    validator = Draft6Validator(schemas["har.json"], registry=registry, format_checker=checker)
    log = json.loads(exported(world, f"format=har&redact={redact}"))
    assert len(log["log"]["entries"]) == len(REQUESTS)
    assert [error.message for error in validator.iter_errors(log)] == []
    log["log"]["entries"][0]["request"]["url"] = "http://shop/caf\u00e9"
    assert [error.validator for error in validator.iter_errors(log)] == ["format"]


@pytest.mark.skipif(not JUNIT.is_dir(), reason="not there: python tests/conformance/fetch.py")
@pytest.mark.parametrize("redact", ["true", "false"])
def test_junit_xml_is_as_its_schema_wants_it(world: World, redact: str) -> None:
    schema = etree.XMLSchema(etree.parse(JUNIT / "junit-10.xsd"))
    report = etree.fromstring(exported(world, f"format=junit&redact={redact}"))
    schema.assertValid(report)
    assert len(report.findall(".//failure")) == 5
