"""Where a server is, read from what users give as its URL."""

from __future__ import annotations

import pytest

from pymockapi.client.address import read_address
from pymockapi.client.errors import MockServerError


@pytest.mark.parametrize(
    ("given", "url", "port"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", 8080),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", 8080),
        ("http://mock/__mock/v1/", "http://mock", 80),
        ("https://ci.example.org/mocks", "https://ci.example.org/mocks", 443),
        ("https://ci.example.org/mocks/__mock/v1", "https://ci.example.org/mocks", 443),
        ("http://[::1]:9", "http://[::1]:9", 9),
    ],
)
def test_a_url_is_that_of_the_root_or_of_the_control_api(given: str, url: str, port: int) -> None:
    address = read_address(given)
    assert (address.url, address.port) == (url, port)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("127.0.0.1:8080", "looks like http://127.0.0.1:8080"),
        ("http://mock:99999", "is no URL: Port out of range"),
        ("http://mock:8080/~shop/", "of a namespace; give that of its server, http://mock:8080$"),
        ("http://mock/?token=x", "neither a user, a query nor a fragment"),
        ("http://me:secret@mock", "neither a user, a query nor a fragment"),
    ],
)
def test_what_is_no_url_of_a_server_is_told(given: str, told: str) -> None:
    with pytest.raises(MockServerError, match=told):
        read_address(given)
