"""A suite whose tests mock the same URLs differently; run by several workers at once.

``PARALLEL_TESTS`` says how many there are. Each answer, each recorded request and each verdict has to be the
test's own. With ``PARALLEL_BROKEN`` all tests share the name of a namespace: then some have to fail.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from pymockapi import Namespace
from pymockapi.integrations import pytest_worlds

COUNT = int(os.environ.get("PARALLEL_TESTS") or 20)
Json = Any


class Answer(NamedTuple):
    status: int
    json: Json


@pytest.fixture(scope="session", autouse=True)
def names() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("PARALLEL_BROKEN"):
            patch.setattr(pytest_worlds, "name_of", lambda *_: "shared")
        yield


def call(
    url: str, method: str = "GET", headers: dict[str, str] | None = None, data: Json = None
) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    body = None if data is None else json.dumps(data)
    connection.request(method, parts.path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return Answer(answer.status, json.loads(text) if text else None)


def routed(mock_api: Namespace, number: int) -> Callable[[str, str, Json], Answer]:
    """Return what calls the test's namespace by one of four selectors."""
    root = mock_api.url.removesuffix(f"/~{mock_api.name}")
    port = urlsplit(root).port
    base, headers = [
        (mock_api.url, {}),
        (root, {"X-Mock-Namespace": mock_api.name}),
        (root, {"baggage": f"mock.namespace={mock_api.name}"}),
        (root, {"Host": f"{mock_api.name}.mock.localhost:{port}"}),
    ][number % 4]
    return lambda method, path, data: call(base + path, method, headers, data)


def numbers(mock_api: Namespace) -> list[int]:
    return [each.number for each in mock_api.requests()]


@pytest.mark.parametrize("number", range(0, COUNT, 5))
def test_answers_are_its_own(mock_api: Namespace, number: int) -> None:
    mock_api.get("/orders/{id}").respond(json={"of": number})
    mock_api.post("/pay", json={"of": number}).respond(201, json={"paid": number})
    ask = routed(mock_api, number)
    assert ask("GET", "/orders/7", None) == (200, {"of": number})
    assert ask("POST", "/pay", {"of": number}) == (201, {"paid": number})
    assert numbers(mock_api) == [1, 2]


@pytest.mark.parametrize("number", range(1, COUNT, 5))
def test_steps_are_served_to_its_own_requests(mock_api: Namespace, number: int) -> None:
    last = {"status": 410, "json": {"of": number}}
    steps = [{"status": 201, "json": {"of": number, "step": step}} for step in range(6)]
    orders = mock_api.get("/orders/{id}").respond_with([*steps, last])
    ask = routed(mock_api, number)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: ask("GET", "/orders/7", None), range(8)))
    assert sorted(each.json.get("step", 9) for each in answers) == [0, 1, 2, 3, 4, 5, 9, 9]
    assert {each.json["of"] for each in answers} == {number}
    orders.assert_called(8)


@pytest.mark.parametrize("number", range(2, COUNT, 5))
def test_state_and_clock_are_its_own(mock_api: Namespace, number: int) -> None:
    mock_api.state.update(of=number, paid=0)
    mock_api.clock.freeze(f"20{30 + number % 50}-01-01T00:00:00Z")
    mock_api.post("/pay").respond(201, json={"of": number}, set={"paid": {"increment": 1}})
    ask = routed(mock_api, number)
    assert [ask("POST", "/pay", number).json for _ in range(3)] == [{"of": number}] * 3
    assert mock_api.state == {"of": number, "paid": 3}
    assert mock_api.clock.now().year == 2030 + number % 50


@pytest.mark.parametrize("number", range(3, COUNT, 5))
def test_verifications_count_its_own(mock_api: Namespace, number: int) -> None:
    order = mock_api.get("/orders/{id}").respond(json={"of": number})
    pay = mock_api.post("/pay").respond(201, json={"of": number}, expect=number % 3)
    ask = routed(mock_api, number)
    ask("GET", "/orders/7", None)
    for _ in range(number % 3):
        ask("POST", "/pay", number)
    wanted = [order.times(1), *([pay.times(number % 3)] if number % 3 else [])]
    mock_api.verify(wanted, order="strict", nothing_else=True)
    assert [each.json for each in pay.requests()] == [number] * (number % 3)


@pytest.mark.parametrize("number", range(4, COUNT, 5))
def test_events_and_faults_are_its_own(mock_api: Namespace, number: int) -> None:
    mock_api.get("/orders/{id}").respond(json={"of": number}, delay=0.002)
    mock_api.post("/pay").respond(500 + number % 4, json={"of": number})
    ask = routed(mock_api, number)
    with mock_api.events(types="request.answered") as events:
        assert ask("GET", "/orders/7", None).json == {"of": number}
        assert ask("POST", "/pay", number) == (500 + number % 4, {"of": number})
        told = [events.wait_for("request", within=60) for _ in range(2)]
    assert [(each.namespace, each.number) for each in told] == [
        (mock_api.name, 1),
        (mock_api.name, 2),
    ]
