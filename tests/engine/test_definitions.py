"""Stubs and responses as they are written: every key, its default, and each way to get it wrong."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.reading import assert_findings, read_well, reported

from pymockapi.engine.definitions import read_response, read_stub
from pymockapi.model.delivery import Lognormal, Spread, Uniform
from pymockapi.model.reader import Findings
from pymockapi.model.response import Response
from pymockapi.model.stub import AfterLast, Bounds, Json, Stub, Write, WriteKind

STUB = "after_last, expect, keep_cursor, meta, name, per, priority, request, response, responses, set, times, when"


def stub_of(data: Json) -> Stub:
    stub: Stub = read_well(read_stub, data, "", lambda: "drawn")
    return stub


def response_of(**data: Json) -> Response:
    response: Response = read_well(read_response, data)
    return response


def test_an_empty_definition_is_a_stub_for_every_request() -> None:
    stub = stub_of({})
    assert (stub.name, stub.generated, stub.priority, stub.times) == ("drawn", True, 5, None)
    assert (stub.plain, stub.is_sequence, stub.per, stub.when) == (True, False, None, ())
    assert (stub.steps[0].response.status, stub.steps[0].response.body) == (200, b"")
    assert stub.definition == {"name": "drawn"}


def test_a_stub_has_what_its_definition_says() -> None:
    stub = stub_of(
        {
            "name": "pay",
            "priority": 1,
            "request": {"path": "/a"},
            "when": {"cart": "full"},
            "response": {"status": 201},
            "set": {"cart": "paid"},
            "times": 3,
            "meta": {"ticket": "SHOP-1"},
            "keep_cursor": True,
        }
    )
    assert (stub.name, stub.generated, stub.priority, stub.times) == ("pay", False, 1, 3)
    assert [key for key, _ in stub.when] == ["cart"]
    assert stub.writes == (Write("cart", WriteKind.SET, "paid"),)
    assert not stub.plain
    assert stub.definition["meta"] == {"ticket": "SHOP-1"}
    assert "keep_cursor" not in stub.definition


@pytest.mark.parametrize(
    ("given", "expected", "told"),
    [
        (3, Bounds(3, 3), "exactly 3"),
        (0, Bounds(0, 0), "none"),
        ({"at_least": 1}, Bounds(1, None), "at least 1"),
        ({"at_most": 2}, Bounds(0, 2), "at most 2"),
        ({"at_least": 1, "at_most": 2}, Bounds(1, 2), "1 to 2"),
        ({"optional": True}, Bounds(0, None, True), "at least 0"),
    ],
)
def test_a_stub_may_say_how_often_it_is_to_answer(given: Json, expected: Bounds, told: str) -> None:
    stub = stub_of({"expect": given})
    assert stub.expect == expected
    assert expected.describe() == told
    assert stub.plain
    assert stub_of({}).expect is None


@pytest.mark.parametrize("key", ["when", "set", "times", "responses"])
def test_a_stub_with_counters_or_state_is_not_plain(key: str) -> None:
    given: dict[str, Json] = {"when": {"a": 1}, "set": {"a": 1}, "times": 1, "responses": [{}]}
    assert not stub_of({key: given[key]}).plain


@pytest.mark.parametrize(
    ("responses", "more", "ends", "ending"),
    [
        ([{}], {}, (1,), AfterLast.REPEAT),
        ([{"times": 2}, {}], {}, (2, 3), AfterLast.REPEAT),
        ([{}, {"times": 1}], {}, (1, 2), AfterLast.PASS),
        ([{"times": 2}], {"after_last": "repeat"}, (2,), AfterLast.REPEAT),
        ([{}], {"after_last": "cycle"}, (1,), AfterLast.CYCLE),
        ([{}], {"after_last": "pass"}, (1,), AfterLast.PASS),
        ([{}], {"after_last": "fail"}, (1,), AfterLast.FAIL),
    ],
)
def test_a_sequence_ends_as_it_says_or_as_its_last_step_suggests(
    responses: Json, more: dict[str, Json], ends: tuple[int, ...], ending: AfterLast
) -> None:
    stub = stub_of({"responses": responses, **more})
    assert (stub.is_sequence, stub.ends, stub.after_last) == (True, ends, ending)


def test_a_step_has_a_response_times_and_writes() -> None:
    step = stub_of({"responses": [{"status": 503, "times": 2, "set": {"n": 1}}]}).steps[0]
    assert (step.response.status, step.times, step.writes[0].key) == (503, 2, "n")


def test_per_is_kept_as_it_is_written() -> None:
    per = stub_of({"responses": [{}], "per": "header.X-User"}).per
    assert per is not None
    assert per.notation == "header.X-User"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], [("", "expected an object, got a list")]),
        ({"nmae": "x"}, [("/nmae", "unknown key 'nmae'; did you mean 'name'?")]),
        ({"zzz": 1}, [("/zzz", f"unknown key 'zzz'; known keys: {STUB}")]),
        ({"path": "/a"}, [("/path", "unknown key 'path'; it goes under 'request'")]),
        ({"status": 201}, [("/status", "it goes under 'response'")]),
        ({"headers": {}}, [("/headers", "it goes under 'request' or 'response'")]),
        ({"optional": True}, [("/optional", "it goes under 'expect'")]),
        ({"expect": True}, [("/expect", "expected a number, or bounds such as")]),
        ({"expect": -1}, [("/expect", "expected a whole number from 0 to")]),
        ({"expect": {}}, [("/expect", "at least one of at_least, at_most, optional")]),
        ({"expect": {"times": 1}}, [("/expect/times", "write the number itself, or at_least")]),
        ({"expect": {"at_last": 1}}, [("/expect/at_last", "did you mean 'at_least'?")]),
        ({"expect": {"at_least": 3, "at_most": 2}}, [("/expect", "no number fits both")]),
        ({"expect": {"optional": "no"}}, [("/expect/optional", "expected true or false")]),
        (
            {"expect": {"at_least": 2, "optional": True}},
            [("/expect", "optional says that no request need come, at_least that 2 must")],
        ),
        ({"request": {"json": 1}}, [("/request/json", "it goes under 'body'")]),
        ({"request": {"url": "/a"}}, [("/request/url", "write 'path', and 'query'")]),
        ({"response": {"body": 1}}, [("/response/body", "'file', 'stream' or 'sse'")]),
        ({"response": {"times": 1}}, [("/response/times", "it goes beside 'response'")]),
        (
            {"request": {"path": {"regex": "/a"}}},
            [("/request/path/regex", "did you mean 'matches'?")],
        ),
        (
            {"request": {"query": {"a": {"eq": 1}}}},
            [("/request/query/a/eq", "did you mean 'equals'?")],
        ),
        ({"name": "a b"}, [("/name", "'a b' is no name")]),
        ({"name": ""}, [("/name", "'' is no name")]),
        ({"name": 1}, [("/name", "expected a string, got a number")]),
        ({"name": "x" * 129}, [("/name", "1 to 128 characters")]),
        ({"priority": 0}, [("/priority", "expected a whole number from 1 to 1000000, got 0")]),
        ({"priority": 1.5}, [("/priority", "expected a whole number, got a number")]),
        ({"times": 0}, [("/times", "expected a whole number from 1")]),
        ({"times": True}, [("/times", "expected a whole number, got a boolean")]),
        ({"request": []}, [("/request", "expected an object, got a list")]),
        ({"request": {"metod": "GET"}}, [("/request/metod", "did you mean 'method'?")]),
        ({"when": 1}, [("/when", "expected an object")]),
        ({"set": 1}, [("/set", "expected an object")]),
        ({"meta": 1}, [("/meta", "expected an object")]),
        ({"keep_cursor": 1}, [("/keep_cursor", "expected true or false, got a number")]),
        ({"per": "query.a"}, [("/per", "'per' goes with a list of 'responses'")]),
        ({"after_last": "pass"}, [("/after_last", "goes with a list of 'responses'")]),
        ({"responses": []}, [("/responses", "a list of at least one response, got an empty one")]),
        ({"responses": {}}, [("/responses", "a list of at least one response, got an object")]),
        ({"responses": [1]}, [("/responses/0", "expected an object, got a number")]),
        ({"responses": [{}], "response": {}}, [("/response", "either 'response' or 'responses'")]),
        (
            {"responses": [{}], "after_last": "cicle"},
            [("/after_last", "repeat, cycle, pass, fail, got 'cicle'; did you mean 'cycle'?")],
        ),
        ({"responses": [{}], "after_last": 1}, [("/after_last", "got a number")]),
        ({"responses": [{}], "per": "qery.a"}, [("/per", "did you mean 'query.a'?")]),
        ({"responses": [{}], "per": "body.id"}, [("/per", "did you mean 'body.$.id'?")]),
        ({"responses": [{}], "per": "json.id"}, [("/per", "did you mean 'body.$.id'?")]),
        ({"responses": [{}], "per": 1}, [("/per", "expected a request value such as")]),
        ({"responses": [{"times": 0}]}, [("/responses/0/times", "from 1 to")]),
        ({"responses": [{"set": []}]}, [("/responses/0/set", "expected an object")]),
        ({"responses": [{"priority": 1}]}, [("/responses/0/priority", "unknown key")]),
        ({"response": {"times": 1}}, [("/response/times", "unknown key 'times'")]),
        ({"response": {"templates": True}}, [("/response/templates", "did you mean 'template'?")]),
        ({"response": {"fautl": "reset"}}, [("/response/fautl", "did you mean 'fault'?")]),
        (
            {"name": "a b", "priority": "x", "response": {"status": 1}, "times": -1, "x/y": 1},
            [
                ("/x~1y", "unknown key"),
                ("/name", "is no name"),
                ("/response/status", "from 100 to 999, got 1"),
                ("/times", "got -1"),
                ("/priority", "got a string"),
            ],
        ),
    ],
)
def test_everything_wrong_in_a_stub_is_reported_in_its_place(
    data: Json, expected: list[tuple[str, str]]
) -> None:
    assert_findings(reported(read_stub, data, "", lambda: "drawn"), *expected)


@pytest.mark.parametrize(
    ("data", "status", "headers", "body"),
    [
        ({}, 200, (), b""),
        ({"status": 204}, 204, (), b""),
        ({"json": None}, 200, (("Content-Type", "application/json"),), b"null"),
        ({"json": {"a": [1, "é"]}}, 200, (("Content-Type", "application/json"),), None),
        ({"text": "é"}, 200, (("Content-Type", "text/plain; charset=utf-8"),), "é".encode()),
        ({"base64": "AP8="}, 200, (("Content-Type", "application/octet-stream"),), b"\0\xff"),
        (
            {"text": "x", "headers": {"content-type": "text/css"}},
            200,
            (("content-type", "text/css"),),
            b"x",
        ),
        ({"headers": {"X-A": ["1", 2]}}, 200, (("X-A", "1"), ("X-A", "2")), b""),
        ({"headers": {"X-A": True, "X-B": 1.5}}, 200, (("X-A", "true"), ("X-B", "1.5")), b""),
        ({"headers": {"X-A": "  x\ty "}}, 200, (("X-A", "x\ty"),), b""),
        ({"headers": {"X-A": []}}, 200, (), b""),
    ],
)
def test_a_response_has_status_headers_and_one_body(
    data: dict[str, Json], status: int, headers: Any, body: bytes | None
) -> None:
    response = response_of(**data)
    assert (response.status, response.headers) == (status, headers)
    assert response.body == ('{"a":[1,"é"]}'.encode() if body is None else body)


@pytest.mark.parametrize(
    ("delay", "delay_s"), [("150ms", 0.15), ("2s", 2.0), ("1m", 60.0), (0.5, 0.5), (0, 0.0)]
)
def test_a_delay_is_its_own_even_when_it_is_none(delay: Json, delay_s: float) -> None:
    response = response_of(delay=delay)
    assert (response.delay_s, response.own_delay) == (delay_s, True)
    assert not response_of().own_delay


@pytest.mark.parametrize(
    ("delay", "spread"),
    [
        ({"uniform": ["50ms", 0.15]}, Uniform(0.05, 0.15)),
        ({"uniform": [1, 1]}, Uniform(1.0, 1.0)),
        ({"lognormal": {"median": "90ms", "sigma": 0.4}}, Lognormal(0.09, 0.4)),
    ],
)
def test_a_delay_may_be_drawn_from_a_spread(delay: Json, spread: Spread) -> None:
    response = response_of(delay=delay)
    assert response.own_delay
    assert response.delivery is not None
    assert response.delivery.spread == spread


@pytest.mark.parametrize(
    ("rate", "bytes_in_a_second"),
    [("500B/s", 500.0), ("10kB/s", 10_000.0), ("1.5 MB/s", 1_500_000.0), ("2KiB/s", 2_048.0),
     ("1MiB/s", 1_048_576.0), (" 1B/s ", 1.0), (2.5, 2.5)],
)  # fmt: skip
def test_a_rate_is_bytes_in_a_second(rate: Json, bytes_in_a_second: float) -> None:
    delivery = response_of(throttle=rate).delivery
    assert delivery is not None
    assert delivery.throttle == bytes_in_a_second


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({}, b"HTTP/1.1 200 OK\r\n"),
        ({"status": 299}, b"HTTP/1.1 299 \r\n"),
        ({"reason": "Fine"}, b"HTTP/1.1 200 Fine\r\n"),
        ({"status": 404, "reason": ""}, b"HTTP/1.1 404 \r\n"),
    ],
)
def test_the_reason_is_that_of_the_status_unless_given(data: dict[str, Json], line: bytes) -> None:
    assert response_of(**data).head.startswith(line)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (1, [("", "expected an object, got a number")]),
        ({"stauts": 200}, [("/stauts", "did you mean 'status'?")]),
        ({"status": "200"}, [("/status", "expected a whole number, got a string")]),
        ({"status": 99}, [("/status", "from 100 to 999, got 99")]),
        ({"status": 1000}, [("/status", "from 100 to 999, got 1000")]),
        ({"reason": 1}, [("/reason", "expected a string")]),
        ({"reason": "a\r\nb"}, [("/reason", "no line breaks")]),
        ({"reason": "\ud800"}, [("/reason", "control characters")]),
        ({"json": 1, "text": "x"}, [("", "a response has one body, got json and text")]),
        ({"text": 1}, [("/text", "expected a string, got a number")]),
        ({"base64": "?"}, [("/base64", "expected base64")]),
        ({"base64": "é"}, [("/base64", "expected base64")]),
        ({"base64": 1}, [("/base64", "expected a string")]),
        ({"json": "\ud800"}, [("/json", "cannot be sent as JSON")]),
        ({"headers": []}, [("/headers", "expected an object")]),
        ({"headers": {"a b": "1"}}, [("/headers/a b", "'a b' is no header name")]),
        ({"headers": {"": "1"}}, [("/headers/", "'' is no header name")]),
        ({"headers": {"X": None}}, [("/headers/X", "expected a string, got null")]),
        ({"headers": {"X": {}}}, [("/headers/X", "expected a string, got an object")]),
        ({"headers": {"X": ["a\nb"]}}, [("/headers/X", "no line breaks")]),
        ({"headers": {"X": "\ud800"}}, [("/headers/X", "control characters")]),
        (
            {"headers": {"Content-Length": 1}},
            [("/headers/Content-Length", "is computed from the body; leave it out")],
        ),
        ({"headers": {"Transfer-Encoding": "x"}}, [("/headers/Transfer-Encoding", "computed")]),
        ({"delay": "1 s"}, [("/delay", "expected a duration such as 250ms")]),
        ({"delay": -1}, [("/delay", "from 0 to 1h, got -1")]),
        ({"delay": "2h"}, [("/delay", "from 0 to 1h, got 2h")]),
        ({"delay": []}, [("/delay", "got a list")]),
        ({"delay": {}}, [("/delay", "from 'uniform' or 'lognormal', got neither")]),
        ({"delay": {"unifrom": [1, 2]}}, [("/delay/unifrom", "did you mean 'uniform'?")]),
        (
            {"delay": {"uniform": [1, 2], "lognormal": {}}},
            [("/delay", "got uniform and lognormal")],
        ),
        ({"delay": {"uniform": 1}}, [("/delay/uniform", "such as [50ms, 150ms], got a number")]),
        ({"delay": {"uniform": [1]}}, [("/delay/uniform", "got a list of 1")]),
        ({"delay": {"uniform": ["2s", "1s"]}}, [("/delay/uniform", "the least comes first")]),
        ({"delay": {"uniform": [1, "2h"]}}, [("/delay/uniform/1", "from 0 to 1h, got 2h")]),
        ({"delay": {"lognormal": {}}}, [("/delay/lognormal", "'median' is missing")]),
        ({"delay": {"lognormal": {"median": 1}}}, [("/delay/lognormal", "'sigma' is missing")]),
        (
            {"delay": {"lognormal": {"median": "x", "sigma": 11}}},
            [("/delay/lognormal/median", "a duration"), ("/delay/lognormal/sigma", "from 0 to 10")],
        ),
        (
            {"delay": {"lognormal": {"median": 1, "sigma": "1"}}},
            [("/delay/lognormal/sigma", "got a string")],
        ),
        ({"throttle": "10kB"}, [("/throttle", "such as 10kB/s, 500B/s or 64KiB/s")]),
        ({"throttle": True}, [("/throttle", "bytes per second as a number, got a boolean")]),
        ({"throttle": 0}, [("/throttle", "from 1B/s to 1000MB/s, got 0")]),
        ({"throttle": "0.5B/s"}, [("/throttle", "from 1B/s to 1000MB/s, got 0.5B/s")]),
        ({"throttle": 10**400}, [("/throttle", "from 1B/s")]),
        ({"throttle": "2000MB/s"}, [("/throttle", "got 2000MB/s")]),
    ],
)
def test_everything_wrong_in_a_response_is_reported_in_its_place(
    data: Json, expected: list[tuple[str, str]]
) -> None:
    assert_findings(reported(read_response, data), *expected)


def test_json_that_is_nested_too_deep_is_reported() -> None:
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    assert_findings(reported(read_response, {"json": deep}), ("/json", "cannot be sent as JSON"))


@pytest.mark.parametrize(
    ("data", "at", "message"),
    [
        ({"responses": [{}] * 10_001}, "/responses", "at most 10,000 steps"),
        ({"response": {"headers": {f"x-{n}": "v" for n in range(201)}}}, "/response/headers", "at most 200 headers"),
        ({"response": {"headers": {"x": ["v"] * 201}}}, "/response/headers/x", "at most 200 values"),
        ({"request": {"query": {f"q{n}": "1" for n in range(201)}}}, "/request/query", "at most 200 names"),
        ({"request": {"headers": {f"h{n}": "1" for n in range(201)}}}, "/request/headers", "at most 200 names"),
        ({"request": {"cookies": {f"c{n}": "1" for n in range(201)}}}, "/request/cookies", "at most 200 names"),
        ({"request": {"body": {"form": {f"f{n}": "1" for n in range(201)}}}}, "/request/body/form", "at most 200 names"),
        ({"request": {"path": {"one_of": ["/a"] * 10_001}}}, "/request/path/one_of", "at most 10,000 values"),
    ],
)  # fmt: skip
def test_what_would_take_long_to_read_is_refused(data: Json, at: str, message: str) -> None:
    assert_findings(reported(read_stub, data, "", lambda: "drawn"), (at, message))


def test_regular_expressions_are_summed_up_for_each_definition_anew() -> None:
    large = {"matches": "a{900}" * 50}
    first, second = {"request": {"path": large}}, {"when": {"k": large}}
    found = Findings()
    for data in (first, second, first):
        read_stub(data, "", found, lambda: "drawn")
    assert found.count == 0
    read_stub({"request": {"path": large, "query": {"q": large}}}, "", found, lambda: "drawn")
    assert found.items[0].pointer == "/request/query/q/matches"
