"""Where clients are told to find a server."""

from __future__ import annotations

import pytest

from pymockapi.server.addresses import Addresses, Bound, addresses, is_loopback

ROOT = "/__mock/v1"


@pytest.mark.parametrize(
    ("host", "answer"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("localhost.evil.example", False),
     ("127.0.0.1.evil.example", False), ("", False)],
)  # fmt: skip
def test_only_loopback_addresses_are_loopback(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer


@pytest.mark.parametrize(
    ("mock", "tls", "control", "public", "expected"),
    [
        (Bound("127.0.0.1", 1), None, None, None, Addresses("http://127.0.0.1:1", "http://127.0.0.1:1" + ROOT)),
        (Bound("0.0.0.0", 1), Bound("0.0.0.0", 2), Bound("127.0.0.1", 3), None,
         Addresses("http://127.0.0.1:1", "http://127.0.0.1:3" + ROOT, "https://127.0.0.1:2")),
        (Bound("::1", 1), Bound("::1", 2), Bound("::", 3), None,
         Addresses("http://[::1]:1", "http://127.0.0.1:3" + ROOT, "https://[::1]:2")),
        (Bound("0.0.0.0", 1), Bound("0.0.0.0", 2), None, "http://mock:8080",
         Addresses("http://mock:8080", "http://mock:8080" + ROOT, "https://mock:2")),
        (Bound("0.0.0.0", 1), None, Bound("0.0.0.0", 3), "https://mocks.example.org/below",
         Addresses("https://mocks.example.org/below", "http://mocks.example.org:3" + ROOT)),
        (Bound("127.0.0.1", 1), Bound("127.0.0.1", 2), Bound("127.0.0.1", 3), "https://m.example",
         Addresses("https://m.example", "http://127.0.0.1:3" + ROOT, "https://127.0.0.1:2")),
    ],
)  # fmt: skip
def test_each_address_is_one_that_its_clients_reach(
    mock: Bound, tls: Bound | None, control: Bound | None, public: str | None, expected: Addresses
) -> None:
    assert addresses(mock, tls, control, public) == expected
