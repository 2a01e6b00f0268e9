"""Callbacks through both clients: asked for, listed, waited for, verified."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.client.conftest import Client
from tests.server.receivers import Receiver, status

from pymockapi import MockApiError, MockServer, Namespace

REFUSED = "http://169.254.1.1/hook"  # where the mock never calls: it fails at once


@pytest.fixture(scope="module")
def server(client: Client) -> Iterator[MockServer]:
    with client.server() as server:
        yield server


@pytest.fixture
def mock(server: MockServer) -> Iterator[Namespace]:
    with server.namespace() as mock:
        yield mock


def call(url: str) -> None:
    urllib.request.urlopen(url, b"{}").close()


def test_a_callback_is_waited_for_and_told_whole(mock: Namespace) -> None:
    with Receiver(status(204)) as receiver:
        callback = {
            "url": receiver.url + "/hook",
            "json": {"id": 7},
            "delay": timedelta(milliseconds=1),
        }
        pay = mock.post("/pay").respond(202, callbacks=[callback])
        call(mock.url + "/pay")
        (sent,) = mock.wait_for_callbacks(within="60s")
    assert (sent.id, sent.number, sent.place, sent.stub, sent.outcome) == (
        1,
        1,
        0,
        pay.name,
        "sent",
    )
    assert (sent.method, sent.url) == ("POST", receiver.url + "/hook")
    assert (sent.json, sent.text, sent.body) == ({"id": 7}, '{"id":7}', b'{"id":7}')
    assert sent.header("x-mock-namespace") == mock.name
    assert sent.header("x-none") is None
    assert (sent.attempts, sent.status, sent.answer, sent.error, sent.detail) == (
        1,
        204,
        "",
        None,
        None,
    )
    assert sent.ended_at is not None
    assert sent.at <= sent.ended_at
    assert repr(sent) == f"<RecordedCallback 1 POST {receiver.url}/hook sent: answered 204>"


def test_callbacks_are_listed_by_what_they_are(mock: Namespace) -> None:
    mock.post("/pay").respond(
        callbacks=[{"url": REFUSED, "base64": "/w=="}, {"url": REFUSED, "delay": "1h"}]
    )
    call(mock.url + "/pay")
    (failed,) = mock.verify_callbacks(outcome="failed", within=60)
    assert (failed.body, failed.text, failed.error) == (b"\xff", "�", "not-sent")
    with pytest.raises(ValueError, match="Callback 1: its body is no JSON"):
        failed.json  # noqa: B018
    assert [each.outcome for each in mock.callbacks()] == ["failed", "pending"]
    (pending,) = mock.callbacks(outcome="pending", number=1)
    assert (pending.ended_at, pending.text) == (None, "")
    assert repr(pending) == f"<RecordedCallback 2 POST {REFUSED} pending>"
    assert [each.id for each in mock.callbacks(after=1)] == [2]
    assert [each.id for each in mock.callbacks(limit=1)] == [1]
    mock.reset("callbacks")
    assert mock.callbacks() == []


def test_a_verification_holds_a_pattern_against_what_was_sent(mock: Namespace) -> None:
    mock.post("/pay").respond(callbacks=[{"url": REFUSED, "json": {"id": 1}}])
    call(mock.url + "/pay")
    mock.verify_callbacks(mock.post("/hook", json_contains={"id": 1}), 1, 60, outcome="failed")
    mock.verify_callbacks({"path": "/none"}, times=0, outcome="failed")
    with pytest.raises(AssertionError, match="Expected exactly 2 failed callbacks, got 1: failed"):
        mock.verify_callbacks(times=2, outcome="failed")
    with pytest.raises(AssertionError, match="Callbacks of this namespace: 1"):
        mock.wait_for_callbacks(within=0)


def test_mistakes_are_told(mock: Namespace) -> None:
    with pytest.raises(TypeError, match="did you mean 'outcome'"):
        mock.callbacks(outcom="sent")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="did you mean 'status'"):
        mock.verify_callbacks(statu=204)  # type: ignore[call-arg]
    with pytest.raises(MockApiError, match="needs a 'url'"):
        mock.post("/pay").respond(callbacks=[{}])
