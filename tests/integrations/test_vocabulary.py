"""The ready-made steps: each does what docs/steps.md says, and tells what is wrong with it."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import RemoteDisconnected
from typing import Any, Final

import pytest
from parse import compile as compile_pattern
from tests.documents import blocks_of, section

from pymockapi import MockServer, Namespace
from pymockapi.integrations.vocabulary import STEPS, TABLE, TEXT

ORDERS: Final = [["method", "path", "times"], ["GET", "/orders/1", ""], ["POST", "/payments", "2"]]


@pytest.fixture
def namespace(server: MockServer) -> Iterator[Namespace]:
    with server.namespace() as made:
        yield made


def do(namespace: Namespace, text: str, argument: Any = None) -> None:
    found = [
        (step, parsed.named)
        for step in STEPS
        for pattern in step.patterns
        if (parsed := compile_pattern(pattern, case_sensitive=True).parse(text)) is not None
    ]
    ((step, values),) = found
    step(namespace, values, argument)


def call(namespace: Namespace, method: str, path: str, body: bytes | None = None,
         headers: dict[str, str] | None = None) -> tuple[int, bytes]:  # fmt: skip
    request = urllib.request.Request(f"{namespace.url}{path}", body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def failure(namespace: Namespace, text: str, argument: Any = None) -> str:
    with pytest.raises(AssertionError) as raised:
        do(namespace, text, argument)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "argument", "answer"),
    [
        ('the API answers GET "/a" with 204', None, (204, b"")),
        ('the API answers ANY "/a" with 200 and the JSON', '{"id": 7}', (200, b'{"id":7}')),
        ('the API answers GET "/a" with 404 and the text:', "gone", (404, b"gone")),
        ('the API answers GET "/a" with 200 after 0.01 seconds', None, (200, b"")),
        ("the API is down", None, (503, b"")),
        ("the API is down with 500", None, (500, b"")),
        ('the API is down below "/"', None, (503, b"")),
    ],
)
def test_an_answer_is_in_force_at_once(
    namespace: Namespace, text: str, argument: Any, answer: tuple[int, bytes]
) -> None:
    do(namespace, text, argument)
    assert call(namespace, "GET", "/a") == answer


def test_an_outage_outranks_later_answers(namespace: Namespace) -> None:
    do(namespace, "the API is down")
    do(namespace, 'the API answers GET "/a" with 200')
    assert call(namespace, "GET", "/a")[0] == 503


def test_answers_come_in_turn(namespace: Namespace) -> None:
    rows = [["status", "times", "json", "text", "delay"],
            ["503", "2", "", "", ""], ["201", "", '{"id": 1}', "", "1ms"], ["200", "", "", "x", ""]]  # fmt: skip
    do(namespace, 'the API answers POST "/a" in turn with:', rows)
    assert [call(namespace, "POST", "/a") for _ in range(4)] == [
        (503, b""), (503, b""), (201, b'{"id":1}'), (200, b"x")]  # fmt: skip


def test_an_answer_in_turn_may_break_on_its_way(namespace: Namespace) -> None:
    do(namespace, 'the API answers GET "/a" in turn with:',
       [["status", "fault"], ["200", "empty"], ["200", "none"]])  # fmt: skip
    with pytest.raises(RemoteDisconnected):
        call(namespace, "GET", "/a")
    assert call(namespace, "GET", "/a") == (200, b"")
    assert [str(each) for each in namespace.requests()] == [
        "1  GET /a -> fault: empty, stub 'stub-1', step 1", "2  GET /a -> 200, stub 'stub-1', step 2",
    ]  # fmt: skip


def test_what_must_not_be_asked_for_fails_the_verdict(namespace: Namespace) -> None:
    do(namespace, 'the API must not be asked for GET "/a", and answers 200')
    do(namespace, "nothing is wrong with the requests to the API")
    call(namespace, "GET", "/a")
    told = failure(namespace, "nothing is wrong with the requests to the API")
    assert "expected none, got 1" in told


def test_every_answer_is_delayed(namespace: Namespace) -> None:
    do(namespace, "the API takes 0.25 seconds to answer")
    assert namespace.describe()["settings"]["delay"] == "250ms"


def test_the_api_behaves_from_now_on(namespace: Namespace) -> None:
    do(namespace, 'the API answers GET "/a" with 200')
    do(namespace, 'the API behaves as "down"')
    assert call(namespace, "GET", "/a")[0] == 503
    with pytest.raises(Exception, match="did you mean 'flaky'"):
        do(namespace, 'the API behaves as "flakey"')


def test_sets_are_brought_into_force_beside_those_that_are(namespace: Namespace) -> None:
    do(namespace, 'the API uses the set "up"')
    assert call(namespace, "GET", "/pay")[0] == 201
    do(namespace, 'the API uses the set "down"')
    assert call(namespace, "GET", "/pay")[0] == 503
    assert "'up'" in failure_of_server(namespace, 'the API uses the set "upp"')


def failure_of_server(namespace: Namespace, text: str) -> str:
    with pytest.raises(Exception, match="set") as raised:
        do(namespace, text)
    return str(raised.value)


def test_state_is_set_and_read(namespace: Namespace) -> None:
    rows = [["name", "value"], ["count", "7"], ["user", "ann"], ["flags", "[true]"]]
    do(namespace, "the API has the state:", rows)
    assert namespace.state == {"count": 7, "user": "ann", "flags": [True]}
    do(namespace, 'the state "count" of the API is 7')
    do(namespace, 'the state "user" of the API is ann')
    assert (
        failure(namespace, 'the state "count" of the API is 8') == "The state 'count' is 7, not 8."
    )
    told = failure(namespace, 'the state "con" of the API is 8')
    assert told == "The state has no key 'con'; its keys: count, user, flags."


def test_true_is_not_the_number_one(namespace: Namespace) -> None:
    do(namespace, "the API has the state", [["on", "true"]])
    assert failure(namespace, 'the state "on" of the API is 1') == "The state 'on' is True, not 1."


def test_the_clock_stands(namespace: Namespace) -> None:
    do(namespace, 'the clock of the API stands at "2030-01-01T00:00:00Z"')
    assert namespace.clock.now().isoformat() == "2030-01-01T00:00:00+00:00"


@pytest.fixture
def asked(namespace: Namespace) -> Namespace:
    """A namespace that was asked for an order, and twice for a payment."""
    do(namespace, "the API is down with 200")
    call(namespace, "GET", "/orders/1?page=2", headers={"X-Tenant": "blue"})
    call(namespace, "POST", "/payments", b'{"amount": 42, "note": "x"}')
    call(namespace, "POST", "/payments", b'{"amount": 43}')
    return namespace


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ('the API received GET "/orders/{id}"', None),
        ('the API received ANY "/orders/1" once', None),
        ('the API received POST "/payments" 2 times', None),
        ('the API received POST "/payments" at least 2 times', None),
        ('the API received POST "/payments" at most 2 times', None),
        ('the API received POST "/payments" within 5 seconds', None),
        ('the API received POST "/payments" 2 times within 5 seconds', None),
        ('the API received POST "/payments" with the JSON:', '{"amount": 42}'),
        ('the API received GET "/orders/1" with the headers', [["x-tenant", "blue"]]),
        ('the API received GET "/orders/1" with the query:', [["name", "value"], ["page", "2"]]),
        ('the API never received DELETE "/orders/1"', None),
        ("the API received in this order", ORDERS),
        ("the API received only", ORDERS),
        ("the API received only", [["path", "times"], ["/orders/1", ""], ["/payments", "2"]]),
    ],
)
def test_what_came_is_found(asked: Namespace, text: str, argument: Any) -> None:
    do(asked, text, argument)


@pytest.mark.parametrize(
    ("text", "argument", "told"),
    [
        ('the API received GET "/order/{id}"', None, "GET /order/{id}"),
        ('the API received POST "/payments" once', None, "got 2"),
        ('the API received POST "/payments" at least 3 times', None, "got 2"),
        ('the API received POST "/payments" at most 1 times', None, "got 2"),
        ('the API received POST "/refunds" within 0.01 seconds', None, "POST /refunds"),
        ('the API received POST "/payments" 3 times within 0.01 seconds', None, "got 2"),
        ('the API received POST "/payments" with the JSON', '{"amount": 41}', "amount"),
        ('the API received GET "/orders/1" with the headers', [["x-tenant", "red"]], "x-tenant"),
        ('the API received GET "/orders/1" with the query', [["page", "3"]], "page"),
        ('the API never received POST "/payments"', None, "got 2"),
        ("the API received in this order", [ORDERS[0], ORDERS[2], ORDERS[1]], "order"),
        ("the API received only", ORDERS[:2], "/payments"),
        ("the API received nothing", None, "got 3"),
    ],
)
def test_what_did_not_come_is_told(asked: Namespace, text: str, argument: Any, told: str) -> None:
    assert told in failure(asked, text, argument)


def test_what_was_received_is_forgotten(asked: Namespace) -> None:
    do(asked, "the API forgets what it received")
    do(asked, "the API received nothing")


@pytest.mark.parametrize(
    ("text", "argument", "told"),
    [
        ('the API answers GET "/a" with 200 and the JSON', "{", "The doc string is not JSON: "),
        ('the API answers GET "/a" with 200 and the JSON', None,
         "has a doc string after it; got nothing."),
        ('the API answers GET "/a" with 200', "{}", "has nothing after it; got a doc string."),
        ('the API answers GET "/a" with 200 and the text', [["a"]],
         "has a doc string after it; got a table."),
        ('the API answers GET "/a" in turn with', [["state"], ["200"]],
         "The table takes no column 'state'; its columns are status, times, json, text, delay, fault."
         " Got | state |."),
        ('the API answers GET "/a" in turn with', [["times"], ["2"]],
         "The table takes a column 'status'; its columns are status, times, json, text, delay, fault."
         " Got | times |."),
        ('the API answers GET "/a" in turn with', [["status"]],
         "The table has no row below its head | status |."),
        ('the API answers GET "/a" in turn with', [["status", "times"], ["", "2"]],
         "Row 1 of the table has no status."),
        ('the API answers GET "/a" in turn with', [["status"], ["ok"]],
         "The column 'status' takes numbers; got 'ok'."),
        ('the API answers GET "/a" in turn with', [["status", "json"], ["200", "{"]],
         "The column 'json' has '{', which is no JSON: "),
        ("the API has the state", [["a", "b", "c"]],
         "The table takes two columns, a name and a value; got | a | b | c |."),
        ("the API has the state", [["a", "1"], ["a", "2"]], "The table has 'a' twice."),
        ('the API received GET "/a" -1 times', None, "Requests are counted from 0; got -1."),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_done_says_why(
    namespace: Namespace, text: str, argument: Any, told: str
) -> None:
    assert told in failure(namespace, text, argument)


def test_every_step_is_on_the_page() -> None:
    shown = re.findall(r"^\| `(.+?)` \|", section_of_steps(), re.M)
    assert shown == [_as_shown(step.pattern) for step in STEPS]


def section_of_steps() -> str:
    titles = ("What the API answers", "What it received")
    return "\n".join(section("docs/steps.md", title) for title in titles)


def _as_shown(pattern: str) -> str:
    return re.sub(r"\{(\w+)(:\w)?\}", lambda found: found[1].upper(), pattern)


def test_every_step_is_one_alone() -> None:
    for step in STEPS:
        sample = re.sub(r"\{\w+:d\}", "7", step.pattern)
        sample = re.sub(r"\{\w+:g\}", "0.5", re.sub(r"\{\w+:w\}", "GET", sample))
        fits = [each.pattern for each in STEPS if compile_pattern(each.pattern).parse(sample)]
        assert fits == [step.pattern]


def test_the_page_has_an_example_of_what_follows_a_step() -> None:
    (example,) = [block for block in blocks_of("docs/steps.md") if block.language == "gherkin"]
    assert "|" in example.text
    assert '"""' in example.text
    assert {step.takes for step in STEPS} == {None, TEXT, TABLE}
