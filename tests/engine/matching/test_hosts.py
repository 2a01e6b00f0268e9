"""What ``host``, ``scheme`` and ``client`` ask: of names, ports, IPv6 and absolute targets."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import accepts, make_request

from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.model.reader import Findings


@pytest.mark.parametrize(
    ("sent", "host"),
    [
        ("api.example.com", "api.example.com"),
        ("API.Example.com:8080", "api.example.com"),
        ("api.example.com:8080", "Api.example.com:8080"),
        ("api.example.com", {"ends_with": ".Example.COM"}),
        ("api.example.com", {"one_of": ["x", "API.example.com"]}),
        ("api.example.com", {"not": {"any": ["X", {"starts_with": "WWW."}]}}),
        ("api.example.com", {"matches": "[a-z]+.example.com"}),
        ("[::1]", "[::1]"),
        ("[::1]:8080", "[::1]"),
        ("[2001:DB8::1]:8080", "[2001:db8::1]:8080"),
        ("api.example.com:", "api.example.com"),
    ],
)
def test_a_host_fits_with_or_without_its_port(sent: str, host: Any) -> None:
    assert accepts({"host": host}, make_request(headers=[("Host", sent)]))


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("http://a.test/x", "a.test"),
        ("http://a.test:81/x", "a.test:81"),
        ("HTTPS://a.test", "a.test"),
        ("http://a.test?x=/y", "a.test"),
        ("http://user:word@a.test/", "a.test"),
        ("http://[::1]:80/", "[::1]"),
    ],
)
def test_an_absolute_target_names_the_host(target: str, host: str) -> None:
    request = make_request(target=target, headers=[("Host", "b.test")])
    assert accepts({"host": host}, request)
    assert not accepts({"host": "b.test"}, request)
    name = host.removesuffix(":81")
    assert read_request_value("host", "", Findings()).values(request, {}) == [name]


def test_without_a_host_there_is_none() -> None:
    assert accepts({"host": {"absent": True}}, make_request())


@pytest.mark.parametrize(
    ("client", "address"),
    [("192.0.2.7:5000", "192.0.2.7"), ("[2001:db8::1]:5000", "2001:db8::1")],
)
def test_a_client_is_who_connected_whatever_it_says_of_others(client: str, address: str) -> None:
    headers = [("X-Forwarded-For", "198.51.100.1"), ("Forwarded", "for=198.51.100.1")]
    request = make_request(headers=headers, client=client)
    assert accepts({"client": {"ip": address}}, request)
    assert not accepts({"client": {"ip": "198.51.100.1"}}, request)


def test_a_scheme_is_that_of_the_port_whatever_a_header_says() -> None:
    request = make_request(headers=[("X-Forwarded-Proto", "https")])
    assert accepts({"scheme": "http"}, request)
    assert accepts({"scheme": "https"}, make_request(scheme="https"))
