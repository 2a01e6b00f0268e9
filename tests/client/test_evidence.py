"""Exports and searches through the client, against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from tests.client.conftest import Client
from tests.client.test_with_server import call

from pymockapi import FoundRequest, MockApiError, MockServer, Namespace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def server(client: Client) -> Iterator[MockServer]:
    with client.server() as running:
        yield running


@pytest.fixture
def mock(server: MockServer) -> Iterator[Namespace]:
    with server.namespace(labels={"test": "test_pay"}) as namespace:
        namespace.get("/pay").respond(json={"id": "caf\u00e9"})
        call(namespace.url + "/pay", headers={"traceparent": f"00-{TRACE}-{'1' * 16}-01"})
        yield namespace


def test_an_export_is_objects_or_text_by_its_format(mock: Namespace) -> None:
    mock.count()
    assert mock.export()["labels"] == {"test": "test_pay"}
    assert len(mock.export("har")["log"]["entries"]) == 1
    (line,) = mock.export("ndjson").splitlines()
    assert json.loads(line)["response"]["body"]["json"] == {"id": "caf\u00e9"}
    suite = ElementTree.fromstring(mock.export("junit"))[0]
    assert suite.get("name") == "test_pay"
    assert TRACE in mock.export("text")


def test_what_a_test_verified_is_a_case(mock: Namespace) -> None:
    mock.verify([mock.get("/pay").times(1)])
    suite = ElementTree.fromstring(mock.export("junit"))[0]
    names = {each.get("name"): each.find("failure") for each in suite.iter("testcase")}
    assert names["GET /pay: once"] is None


def test_an_unknown_format_is_refused(mock: Namespace) -> None:
    with pytest.raises(MockApiError) as raised:
        mock.export("xml")
    assert raised.value.errors[0].pointer == "/format"
    assert "ndjson" in raised.value.errors[0].message


def test_requests_are_found_by_trace_and_by_label(server: MockServer, mock: Namespace) -> None:
    (found,) = server.find_requests(TRACE)
    assert isinstance(found, FoundRequest)
    assert (found.namespace, found.namespace_id) == (mock.name, mock.id)
    assert (found.number, found.labels, found.is_finished) == (1, {"test": "test_pay"}, False)
    assert [each.path for each in server.find_requests(label="test=test_pay", limit=5)] == ["/pay"]
    assert [each.number for each in mock.requests(correlation=TRACE)] == [1]
    mock.finish()
    (found,) = server.find_requests(TRACE, label="test")
    assert found.is_finished
    assert server.get(found.namespace_id).requests()[0].correlation == found.correlation


def test_an_orphan_tells_its_correlation_ids(server: MockServer) -> None:
    call(server.url + "/~nobody/a", headers={"x-request-id": "lost"})
    assert server.orphans()[-1].correlation == {"x-request-id": "lost"}


def test_a_search_for_nothing_is_refused(server: MockServer) -> None:
    with pytest.raises(MockApiError, match="correlation"):
        server.find_requests()
