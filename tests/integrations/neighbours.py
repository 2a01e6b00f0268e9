"""Libraries that replace sockets, HTTP clients or time in tests, and a suite that lives with them.

Each suite drives the mock server while a library is in force: through the plugin and through the
plain clients, started and attached to. ``outside`` stands for a system in another process: its
calls pass what is replaced in this one.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Neighbour(NamedTuple):
    """``in_force`` is the code of a context manager; ``arguments`` are for pytest."""

    in_force: str
    arguments: tuple[str, ...] = ()
    first: str = ""
    """What has to run before anything else is loaded."""


_FREEZE: Final = "import freezegun\nwith freezegun.freeze_time('2030-01-01'{}): yield"
_UVLOOP: Final = "import asyncio, uvloop\nasyncio.set_event_loop_policy(uvloop.EventLoopPolicy())"
_PROXIES: Final = """
import os
for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ[name] = os.environ[name.upper()] = "http://127.0.0.1:9"
yield
"""
_SOCKET: Final = ("-p", "pytest_socket", "--disable-socket")

HTTP: Final = {
    "responses": Neighbour("import responses\nwith responses.RequestsMock(): yield"),
    "respx": Neighbour("import respx\nwith respx.mock: yield"),
    "vcrpy": Neighbour(
        "import vcr\nwith vcr.VCR(record_mode='none').use_cassette('none.yaml'): yield"
    ),
    "pook": Neighbour("import pook\nwith pook.use(): yield"),
    "requests-mock": Neighbour("import requests_mock\nwith requests_mock.Mocker(): yield"),
    "pytest-socket, hosts": Neighbour("yield", (*_SOCKET, "--allow-hosts=127.0.0.1")),
    "pytest-socket, none": Neighbour("yield", (*_SOCKET, "--allow-unix-socket")),
    "proxies": Neighbour(_PROXIES),
}
TIME: Final = {
    "freezegun": Neighbour(_FREEZE.format("")),
    "freezegun, real asyncio": Neighbour(_FREEZE.format(", real_asyncio=True")),
    "time-machine": Neighbour(
        "import time_machine\nwith time_machine.travel('2030-01-01', tick=False): yield"
    ),
    "no sleep": Neighbour("import time\ntime.sleep = None\nyield"),
    "socket timeout": Neighbour("import socket\nsocket.setdefaulttimeout(1e-6)\nyield"),
    "gevent": Neighbour("yield", first="from gevent import monkey; monkey.patch_all()"),
    "uvloop": Neighbour("yield", first=_UVLOOP),
}

CONFTEST: Final = """
import contextlib
import pytest

@contextlib.contextmanager
def in_force():
{body}

@pytest.fixture(scope="session", autouse=True)
def neighbour():
    with in_force():
        yield
"""
OUTSIDE: Final = """
import _socket
from urllib.parse import urlsplit

def call(url, method="GET"):
    parts = urlsplit(url)
    connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    connection.settimeout(20)
    connection.connect((parts.hostname, parts.port))
    head = f"{method} {parts.path} HTTP/1.1\\r\\nHost: {parts.netloc}\\r\\nContent-Length: 0\\r\\n"
    connection.sendall(head.encode() + b"Connection: close\\r\\n\\r\\n")
    answer = connection.recv(65_536)
    connection.close()
    return int(answer.split()[1])
"""
CONTROL: Final = """
import asyncio
from outside import call
from pymockapi import AsyncMockServer, MockServer

def drive(mock):
    pay = mock.post("/pay").respond_with([{"status": 503}, {"status": 201}])
    with mock.events() as events:
        watch = events.watch(pay.times(2), within=20)
        assert [call(mock.url + "/pay", "POST") for _ in range(2)] == [503, 201]
        assert events.wait_for("request.answered", within=20).number == 1
        (result,) = events.results()
        assert result.watch == watch and result.verification.passed
    pay.assert_called(2)
    mock.verify([pay.answered(503), pay.answered(201)], order="strict", within=20)
    assert [each.at.year != 2030 for each in mock.requests()] == [True, True]
    mock.state["cart"] = "full"
    assert mock.state == {"cart": "full"}
    assert mock.clock.freeze("2031-01-01T00:00:00Z").year == 2031
    assert mock.export()["verdict"]["passed"]

def test_the_plugin(mock_api, mock_api_server):
    assert mock_api_server.pid is not None
    drive(mock_api)

def test_the_client():
    with MockServer(start_timeout=60) as server, server.namespace() as mock:
        drive(mock)
        with MockServer.attach(server.url) as attached, attached.namespace() as other:
            drive(other)

async def drive_async(mock):
    pay = await mock.post("/pay").respond_with([{"status": 503}, {"status": 201}])
    async with mock.events() as events:
        watch = await events.watch(pay.times(2), within=20)
        assert [call(mock.url + "/pay", "POST") for _ in range(2)] == [503, 201]
        assert (await events.wait_for("request.answered", within=20)).number == 1
        (result,) = [each async for each in events.results()]
        assert result.watch == watch and result.verification.passed
    await pay.assert_called(2)
    await mock.verify([pay.answered(503), pay.answered(201)], order="strict", within=20)

def test_the_async_client():
    async def main():
        async with AsyncMockServer(start_timeout=60) as server, server.namespace() as mock:
            await drive_async(mock)
    asyncio.run(main())
"""
LIMITS: Final = """
import asyncio
import _socket
import itertools
import os
import signal
import pytest
from outside import call
from pymockapi import AsyncMockServer, MockServer, MockServerError

@pytest.fixture
def silent():
    listener = _socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()

def test_waits_end(mock_api):
    with pytest.raises(AssertionError):
        mock_api.get("/ship").wait(1, within=0.05)
    with mock_api.events(types="request", quiet_for=0.05) as events:
        assert list(events) == []
        with pytest.raises(AssertionError):
            events.wait_for("request", within=0.05)

def test_a_wait_ends_although_something_comes_all_the_time(mock_api):
    mock_api.get("/tick").respond(200)
    with mock_api.events(types="request", within=0.1) as events:
        call(mock_api.url + "/tick")
        assert 0 < sum(call(mock_api.url + "/tick") == 200 for _ in events)

def test_a_call_ends(silent):
    with pytest.raises(MockServerError, match="within 0.05 s"):
        MockServer.attach(silent, timeout=0.05)

def test_a_server_that_stands_is_not_waited_for():
    with MockServer(start_timeout=60) as server:
        pid = server.pid
        server._running().transport.timeout_s = 0.05
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(MockServerError, match="within 0.05 s"):
                server.version()
        finally:
            os.kill(pid, signal.SIGCONT)

def test_async_waits_and_calls_end(silent, mock_api, mock_api_server):
    async def main():
        server = await AsyncMockServer.attach(mock_api_server.url)
        mock = await server.get(mock_api.name)
        with pytest.raises(AssertionError):
            await mock.get("/ship").wait(1, within=0.05)
        async with mock.events(types="request", quiet_for=0.05) as events:
            assert [each async for each in events] == []
            with pytest.raises(AssertionError):
                await events.wait_for("request", within=0.05)
        with pytest.raises(MockServerError, match="within 0.05 s"):
            await AsyncMockServer.attach(silent, timeout=0.05)
        await server.stop()
    asyncio.run(main())
"""
GREENLETS: Final = """
import gevent
from outside import call

def test_others_run_while_it_waits(mock_api):
    pay = mock_api.get("/pay").respond(200)
    gevent.spawn(call, mock_api.url + "/pay")
    pay.wait(1, within=20)

def test_others_run_while_events_are_read(mock_api):
    mock_api.get("/pay").respond(200)
    with mock_api.events() as events:
        gevent.spawn(call, mock_api.url + "/pay")
        assert events.wait_for("request.answered", within=20).number == 1
"""
PASSING: Final = {
    "responses": ("import requests, responses", "with responses.mock:", "", "requests"),
    "respx": ("import httpx, respx", "with respx.mock:", "", "httpx"),
    "requests-mock": (
        "import re, requests, requests_mock",
        "with requests_mock.Mocker() as mocker:",
        "",
        "requests",
    ),
    "pook": ("import pook, requests", "with pook.use():", "", "requests"),
    "vcrpy": (
        "import requests, vcr",
        "if True:",
        ".use_cassette('none.yaml', record_mode='none').__enter__()",
        "requests",
    ),
}
"""For each library: imports, what begins its block, what follows the code of the page, the client."""

PASSES: Final = """
{imports}
from outside import call

def test_what_is_not_the_mock_server_is_caught(mock_api):
    {begin}
        {passing}
        mock_api.get("/x").respond(text="the mock server")
        assert {client}.get(mock_api.url + "/x").text == "the mock server"
        with pytest.raises(Exception) as raised:
            {client}.get("http://elsewhere.invalid/x")
        assert "resolve" not in str(raised.value)  # it was never looked up
"""


def passes(library: str, code: str) -> str:
    """Return a suite that lets a call pass by ``code``, as the page has it."""
    imports, begin, after, client = PASSING[library]
    return PASSES.format(imports=imports, begin=begin, passing=code + after, client=client)


def conftest_of(neighbour: Neighbour) -> str:
    body = "\n".join(f"    {line}" for line in neighbour.in_force.strip().splitlines())
    return f"{neighbour.first}\n{CONFTEST.format(body=body)}"
