"""``server.cors``: origins as browsers write them, patterns, and every mistake with its cure."""

from __future__ import annotations

import pytest
from tests.engine.reading import assert_findings, read_well, reported

from pymockapi.engine.cors import MAX_ORIGINS, read_cors
from pymockapi.model.cors import Cors, OriginPattern
from pymockapi.model.stub import Json


def origins(*listed: str) -> Cors:
    return Cors(frozenset(listed))


def pattern(scheme: str, host: str, port: str | None, is_below: bool) -> Cors:
    return Cors(frozenset(), (OriginPattern(scheme, host, port, is_below),))


@pytest.mark.parametrize(
    ("data", "cors"),
    [
        (None, None),
        (False, None),
        (True, Cors()),
        ({}, Cors()),
        ({"origins": ["*"]}, Cors()),
        ({"credentials": True, "max_age": "10m"}, Cors(credentials=True, max_age_s=600)),
        ({"max_age": 0}, Cors(max_age_s=0)),
        ({"max_age": None}, Cors()),
        ({"origins": ["https://Shop.Example", "null"]}, origins("https://shop.example", "null")),
        ({"origins": ["https://a.example:443"]}, origins("https://a.example")),
        ({"origins": ["http://a.example:80"]}, origins("http://a.example")),
        ({"origins": ["http://a.example:443"]}, origins("http://a.example:443")),
        ({"origins": ["http://[::1]:3000"]}, origins("http://[::1]:3000")),
        ({"origins": ["capacitor://localhost"]}, origins("capacitor://localhost")),
        ({"origins": ["http://localhost:*"]}, pattern("http", "localhost", "*", False)),
        ({"origins": ["https://*.a.example"]}, pattern("https", "a.example", None, True)),
        ({"origins": ["https://*.a.example:443"]}, pattern("https", "a.example", None, True)),
        ({"origins": ["https://*.a.example:8443"]}, pattern("https", "a.example", "8443", True)),
    ],
)
def test_cors_is_read(data: Json, cors: Cors | None) -> None:
    assert read_well(read_cors, data) == cors


@pytest.mark.parametrize(
    ("data", "findings"),
    [
        ("*", [("", "expected true, false or an object, got a string")]),
        ({"origin": ["*"]}, [("/origin", "did you mean 'origins'?")]),
        ({"origins": "*"}, [("/origins", "expected a list, got a string")]),
        ({"origins": []}, [("/origins", "'cors: false' says so")]),
        ({"credentials": "yes"}, [("/credentials", "expected true or false")]),
        ({"max_age": "soon"}, [("/max_age", "expected a duration")]),
        ({"max_age": "25h"}, [("/max_age", "from 0 to 24h")]),
        ({"origins": ["*", "http://a.example"]}, [("/origins/0", "stands alone")]),
        ({"origins": [1]}, [("/origins/0", "expected an origin such as https://shop.example")]),
        ({"origins": ["http://" + "a" * 300]}, [("/origins/0", "got 307 characters")]),
        ({"origins": ["localhost:3000"]}, [("/origins/0", "'localhost:3000' has no scheme")]),
        ({"origins": ["http://a.example/"]}, [("/origins/0", "write 'http://a.example'")]),
        ({"origins": ["http://A.example/x"]}, [("/origins/0", "write 'http://A.example'")]),
        ({"origins": ["http://a.*.example"]}, [("/origins/0", "is no origin")]),
        ({"origins": ["http://*:3000"]}, [("/origins/0", "is no origin")]),
        ({"origins": ["http://a.example:port"]}, [("/origins/0", "is no origin")]),
        ({"origins": ["http://a@b.example"]}, [("/origins/0", "is no origin")]),
        ({"origins": ["http://"]}, [("/origins/0", "is no origin")]),
        (
            {"origins": ["a", "http://b.example", "c"], "credentials": 1},
            [("/origins/0", "scheme"), ("/origins/2", "scheme"), ("/credentials", "true or false")],
        ),
    ],
)
def test_every_mistake_is_told_with_its_place(data: Json, findings: list[tuple[str, str]]) -> None:
    assert_findings(reported(read_cors, data), *findings)


def test_more_origins_than_may_be_are_an_error() -> None:
    many = [f"http://a{number}.example" for number in range(MAX_ORIGINS + 1)]
    assert_findings(reported(read_cors, {"origins": many}), ("/origins", "at most 100 origins"))
