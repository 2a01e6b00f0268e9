"""The URL that others reach a server by."""

from __future__ import annotations

import pytest

from pymockapi.model.urls import public_path, read_public_url


@pytest.mark.parametrize(
    ("text", "url"),
    [("http://mock:8080", "http://mock:8080"), ("https://mocks.example.org/", "https://mocks.example.org"),
     ("https://ci.example/mocks/a/", "https://ci.example/mocks/a"), ("http://[::1]:80", "http://[::1]:80"),
     ("http://10.0.0.7", "http://10.0.0.7")],
)  # fmt: skip
def test_a_url_is_taken_without_its_last_slash(text: str, url: str) -> None:
    assert read_public_url(text) == url


@pytest.mark.parametrize(
    ("text", "said"),
    [("mock:8080", "is no http or https URL"), ("", "is no http or https URL"),
     ("ftp://mock", "is no http or https URL"), ("http://", "is no http or https URL"),
     ("//mock", "is no http or https URL"), ("http://mock:http", "is no URL: Port could not"),
     ("http://mock:70000", "is no URL: Port out of range"), ("http://[::1", "is no URL: Invalid IPv6"),
     ("http://user:secret@mock", "leave user and password out"), ("http://mock?a=1", "has a query"),
     ("http://mock/#top", "a fragment"), ("http://mo ck", "that a client could call"),
     ("http://m\u00f6ck", "that a client could call"), ("http://mock:0", "that a client could call"),
     ("http://mock/a\x7f", "that a client could call")],
)  # fmt: skip
def test_what_is_no_such_url_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as failure:
        read_public_url(text)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://ci.example.org/a/b", "ci.example.org:443", "/a/b"),
        ("http://ci.example.org/a", "ci.example.org:80", "/a"),
        ("http://ci.example.org/a", "ci.example.org:443", ""),
        ("http://ci:9/a", "ci:9", "/a"),
        ("http://ci:9/a", "CI", "/a"),
        ("http://ci:9/a", "ci:80", ""),
        ("http://[::1]/a", "[::1]:80", "/a"),
        ("http://[::1]:9/a", "[::1]", "/a"),
        ("http://ci/a", "other", ""),
    ],
)
def test_a_public_urls_path_was_before_what_came_by_its_host(
    url: str, host: str, path: str
) -> None:
    public = public_path(url)
    assert public is not None
    assert public.before(host) == path


@pytest.mark.parametrize("url", [None, "https://ci.example.org", "https://ci.example.org/"])
def test_a_public_url_without_a_path_has_none(url: str | None) -> None:
    assert public_path(url) is None
