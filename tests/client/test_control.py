"""Calls made from rows: bytes out, JSON or errors in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from tests.client.conftest import Client
from tests.client.fake_server import answer, fake_server, json_body, problem, request_line

from pymockapi.client.control import Control
from pymockapi.client.errors import MockApiError, MockServerError


def exchange(
    client: Client, reply: bytes, call: Callable[[Control], Any], token: str | None = None
) -> tuple[bytes, Any]:
    """Return the request that ``call`` sent, and what it returned."""
    script: list[bytes | Event | None] = [reply]
    with fake_server(script) as server:
        transport = client.transport(server.url, 10)
        try:
            result = call(client.control(transport, token))
        finally:
            transport.close()
        return server.requests[0], result


def test_a_row_gives_method_path_and_query(client: Client) -> None:
    sent, result = exchange(
        client,
        answer({"requests": []}),
        lambda control: control.call(
            "list_requests", query={"matched": True, "path": "/a b", "stub": None}, namespace="n"
        ),
    )
    assert request_line(sent) == (
        "GET /__mock/v1/namespaces/n/requests?matched=true&path=%2Fa+b HTTP/1.1"
    )
    assert result == {"requests": []}


def test_path_parameters_stay_single_segments(client: Client) -> None:
    sent, _ = exchange(
        client, answer({}), lambda control: control.call("get_stub", namespace="n", stub="a/b?ü")
    )
    assert request_line(sent) == "GET /__mock/v1/namespaces/n/stubs/a%2Fb%3F%C3%BC HTTP/1.1"


def test_a_body_is_sent_as_json_with_times_as_the_api_writes_them(client: Client) -> None:
    body = {"now": datetime(2030, 1, 1, tzinfo=UTC), "advance": timedelta(minutes=15), "x": None}
    sent, _ = exchange(
        client, answer({}), lambda control: control.call("set_clock", body, namespace="n")
    )
    assert json_body(sent) == {"now": "2030-01-01T00:00:00Z", "advance": 900.0, "x": None}


def test_the_token_goes_as_a_bearer(client: Client) -> None:
    sent, _ = exchange(client, answer({}), lambda control: control.call("health"), token="s3cret")
    assert b"\r\nAuthorization: Bearer s3cret\r\n" in sent


def test_no_content_is_none(client: Client) -> None:
    reply = b"HTTP/1.1 204 No Content\r\n\r\n"
    assert exchange(client, reply, lambda control: control.call("delete_orphans"))[1] is None


def test_a_problem_becomes_an_error_that_shows_every_place_and_suggestion(client: Client) -> None:
    reply = problem(
        "invalid",
        422,
        detail="The stub has 2 errors; nothing was changed.",
        errors=[
            {"pointer": "/request/metod", "message": "unknown key 'metod'"},
            {"pointer": "", "message": "expected an object"},
        ],
        suggestions=["pay", "pay-eur"],
    )
    with pytest.raises(MockApiError) as raised:
        exchange(client, reply, lambda control: control.call("define_stubs", {}, namespace="n"))
    error = raised.value
    assert (error.code, error.status) == ("invalid", 422)
    assert str(error) == (
        "The stub has 2 errors; nothing was changed. (422 invalid)\n"
        "  /request/metod: unknown key 'metod'\n"
        "  /: expected an object\n"
        "  nearest known: 'pay' or 'pay-eur'"
    )


def test_a_single_error_that_the_sentence_quotes_is_shown_once(client: Client) -> None:
    reply = problem(
        "invalid",
        422,
        detail="The stub has 1 error; nothing was changed. The first, at /times: expected 1, got 0",
        errors=[{"pointer": "/times", "message": "expected 1, got 0"}],
    )
    with pytest.raises(MockApiError) as raised:
        exchange(client, reply, lambda control: control.call("define_stubs", {}, namespace="n"))
    assert str(raised.value).count("expected 1, got 0") == 1


@pytest.mark.parametrize("status", [200, 404, 502])
def test_an_answer_of_some_other_server_is_told_as_such(client: Client, status: int) -> None:
    body = b"<html>hello</html>"
    reply = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
    with pytest.raises(MockServerError, match="Is a PyMockAPI server there"):
        exchange(client, reply, lambda control: control.call("health"))


def test_what_json_cannot_say_is_refused_before_anything_is_sent(client: Client) -> None:
    control = client.control(client.transport("http://127.0.0.1:9", 10))
    with pytest.raises(TypeError, match="has no JSON form"):
        control.call("define_stubs", {"name": object()}, namespace="n")
    with pytest.raises(ValueError, match="JSON"):
        control.call("define_stubs", {"delay": float("nan")}, namespace="n")
    with pytest.raises(ValueError, match="no time zone"):
        control.call("define_stubs", {"at": datetime(2030, 1, 1)}, namespace="n")


def test_advancing_a_clock_is_never_repeated(client: Client) -> None:
    with fake_server([answer({}), None], [answer({})]) as server:
        transport = client.transport(server.url, 10)
        control = client.control(transport)
        control.call("health")
        with pytest.raises(MockServerError, match="broke off"):
            control.call("set_clock", {"advance": "15m"}, namespace="n")
        assert len(server.requests) == 2
        transport.close()
