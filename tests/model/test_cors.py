"""Which origins a pattern stands for: scheme and port are exact, a star is whole labels."""

from __future__ import annotations

import pytest

from pymockapi.model.cors import Cors, OriginPattern

BELOW = OriginPattern("https", "shop.example", None, True)
ANY_PORT = OriginPattern("http", "localhost", "*", False)
V6 = OriginPattern("http", "[::1]", "*", False)


@pytest.mark.parametrize(
    ("pattern", "origin", "fits"),
    [
        (BELOW, "https://a.shop.example", True),
        (BELOW, "https://a.b.shop.example", True),
        (BELOW, "https://shop.example", False),
        (BELOW, "https://evilshop.example", False),
        (BELOW, "https://a.shop.example.evil.example", False),
        (BELOW, "https://evil.example/.shop.example", False),
        (BELOW, "https://evil.example?.shop.example", False),
        (BELOW, "http://a.shop.example", False),
        (BELOW, "https://a.shop.example:8443", False),
        (ANY_PORT, "http://localhost", True),
        (ANY_PORT, "http://localhost:3000", True),
        (ANY_PORT, "http://localhost:65535", True),
        (ANY_PORT, "https://localhost:3000", False),
        (ANY_PORT, "http://localhost.evil.example:3000", False),
        (ANY_PORT, "http://a@localhost:3000", False),
        (ANY_PORT, "http://localhost:x", False),
        (ANY_PORT, "http://localhost:99999", False),
        (ANY_PORT, "http://[localhost", False),
        (ANY_PORT, "null", False),
        (V6, "http://[::1]:5173", True),
    ],
)
def test_a_pattern_fits_whole_origins(pattern: OriginPattern, origin: str, fits: bool) -> None:
    assert pattern.fits(origin) is fits


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(BELOW, "https://*.shop.example"), (ANY_PORT, "http://localhost:*"), (V6, "http://[::1]:*")],
)
def test_a_pattern_is_written_as_in_the_config(pattern: OriginPattern, text: str) -> None:
    assert str(pattern) == text


def test_origins_have_no_case() -> None:
    cors = Cors(frozenset({"https://shop.example", "null"}), (ANY_PORT,))
    asked = ["https://Shop.example", "null", "HTTP://localhost:1", "https://other.example"]
    assert [cors.allows(each) for each in asked] == [True, True, True, False]


@pytest.mark.parametrize(
    ("cors", "same"),
    [
        (Cors(), True),
        (Cors(credentials=True), False),
        (Cors(frozenset({"https://shop.example"})), False),
    ],
)
def test_all_are_told_the_same_where_nobody_is_named(cors: Cors, same: bool) -> None:
    assert cors.is_for_all is same
