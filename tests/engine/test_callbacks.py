"""Reading callbacks and egress: what is taken, and every mistake with its place."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.reading import assert_findings, read_well, reported

from pymockapi.engine.callbacks import MAX_BODY_BYTES, read_callbacks
from pymockapi.engine.definitions import read_response
from pymockapi.engine.egress import read_egress
from pymockapi.model.callback import Callback
from pymockapi.model.spreads import Uniform
from pymockapi.model.urls import destination_of

URL = "http://127.0.0.1:3000/hook"


def one(**entries: Any) -> Callback:
    (found,) = read_well(read_callbacks, [{"url": URL, **entries}])
    assert isinstance(found, Callback)
    return found


def test_what_is_not_said_is_as_shipped() -> None:
    assert one() == Callback("POST", URL, (), b"", 0.0, 5.0, 0, 1.0)


def test_all_that_can_be_said() -> None:
    found = one(
        method="put", headers={"X-A": ["1", 2]}, json={"a": 1}, delay={"uniform": [1, 2]},
        timeout="2s", retries=5, retry_after="10ms",
    )  # fmt: skip
    assert (found.method, found.body) == ("PUT", b'{"a":1}')
    assert found.headers == (("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2"))
    assert found.delay == Uniform(1.0, 2.0)
    assert (found.timeout_s, found.retries, found.retry_after_s) == (2.0, 5, 0.01)


def test_a_response_has_them_beside_what_else_it_says() -> None:
    response = read_well(read_response, {"hold": "g", "callbacks": [{"url": URL}] * 10})
    assert (response.delivery.hold, len(response.delivery.callbacks)) == ("g", 10)


def test_template_true_without_a_template_renders_nothing() -> None:
    assert one(template=True, json={"a": 1}, headers={"X": "y"}).template is None
    assert one(template=True, text="plain").template is None
    assert one(template=True, text="{{ hit }}").template is not None


@pytest.mark.parametrize(
    ("entries", "pointer", "message"),
    [
        ({"url": "/hook"}, "/0/url", "no http or https URL"),
        ({"url": "ftp://a/"}, "/0/url", "no http or https URL"),
        ({"url": "http://u:p@a/"}, "/0/url", "'authorization' header"),
        ({"url": "http://a/#b"}, "/0/url", "fragment"),
        ({"url": "http://a/ b"}, "/0/url", "could be called"),
        ({"url": "http://a:x/"}, "/0/url", "is no URL"),
        ({"url": "http://a:0/"}, "/0/url", "could be called"),
        ({"url": "http://ä/"}, "/0/url", "could be called"),
        ({"url": "http://a/" + "x" * 9_000}, "/0/url", "at most 8,000 characters"),
        ({"url": 1}, "/0/url", "expected a string"),
        ({"url": "http://a/{{ hit }}"}, "/0/url", "template: true"),
        ({"method": "A B"}, "/0/method", "no method"),
        ({"method": "CONNECT"}, "/0/method", "no method"),
        ({"method": 1}, "/0/method", "expected a string"),
        ({"headers": {"content-length": 1}}, "/0/headers/content-length", "computed"),
        ({"headers": {"Connection": "close"}}, "/0/headers/Connection", "leave it out"),
        ({"headers": {"a": "b\nc"}}, "/0/headers/a", "line breaks"),
        ({"json": 1, "text": ""}, "/0", "one body, got json and text"),
        ({"text": "x" * (MAX_BODY_BYTES + 1)}, "/0/text", "at most 262,144 bytes"),
        ({"delay": "2h"}, "/0/delay", "from 0 to 1h"),
        ({"timeout": 0}, "/0/timeout", "longer than 0"),
        ({"timeout": "2m"}, "/0/timeout", "expected a duration"),
        ({"retries": 6}, "/0/retries", "from 0 to 5"),
        ({"retry_after": -1}, "/0/retry_after", "expected a duration"),
        ({"template": "yes"}, "/0/template", "true or false"),
        ({"template": True, "base64": "YQ=="}, "/0/base64", "bytes are no template"),
        ({"template": True, "text": "{{ nope( }}"}, "/0/text", "line 1"),
        ({"body": {}}, "/0/body", "'json', 'text' or 'base64'"),
        ({"file": "a"}, "/0/file", "'json', 'text' or 'base64'"),
        ({"urll": "a"}, "/0/urll", "'url'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(entries: Any, pointer: str, message: str) -> None:
    assert_findings(reported(read_callbacks, [{"url": URL, **entries}]), (pointer, message))


@pytest.mark.parametrize(
    ("data", "pointer", "message"),
    [
        ([{}], "/0", "needs a 'url'"),
        ([{"url": URL}] * 11, "", "at most 10 callbacks"),
        ({}, "", "list"),
        (["x"], "/0", "object"),
    ],
)  # fmt: skip
def test_so_is_one_of_the_list(data: Any, pointer: str, message: str) -> None:
    assert (pointer, True) in [(at, message in said) for at, said in reported(read_callbacks, data)]


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("http://a", "a", 80, "a", "/"),
        ("https://A.b:8443?x=1", "a.b", 8443, "a.b:8443", "/?x=1"),
        ("http://[::1]:80/é?q=ü&p=%20", "::1", 80, "[::1]:80", "/%C3%A9?q=%C3%BC&p=%20"),
        ("https://a/?", "a", 443, "a", "/?"),
    ],
)
def test_where_a_url_leads(url: str, host: str, port: int, authority: str, target: str) -> None:
    found = destination_of(url)
    assert found[1:] == (host, port, authority, target)


def test_hosts_are_kept_in_lower_case() -> None:
    hosts = ["Hooks.Example.com.", "*.internal", "203.0.113.7", "::1"]
    assert read_well(read_egress, {"hosts": hosts}) == (
        "hooks.example.com", "*.internal", "203.0.113.7", "::1",
    )  # fmt: skip
    assert read_well(read_egress, {}) == ()


@pytest.mark.parametrize(
    ("data", "pointer", "message"),
    [
        ({"hosts": ["http://a"]}, "/hosts/0", "without a scheme"),
        ({"hosts": ["a:80"]}, "/hosts/0", "no host"),
        ({"hosts": ["a.*.b"]}, "/hosts/0", "no host"),
        ({"hosts": [1]}, "/hosts/0", "expected a string"),
        ({"hosts": "a"}, "/hosts", "list"),
        ({"hosts": ["a"] * 101}, "/hosts", "at most 100 hosts"),
        ({"host": []}, "/host", "'hosts'"),
    ],
)
def test_a_mistake_in_hosts_is_told(data: Any, pointer: str, message: str) -> None:
    assert_findings(reported(read_egress, data), (pointer, message))
