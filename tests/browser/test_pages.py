"""A real browser judges: what a page on another origin may do to a mock, and to the server.

Runs where a Chromium is found; ``tests/server/test_cors.py`` holds the same to the specification
everywhere. The page is served by a mock on a port of its own, to which it also tells its findings.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest

from pymockapi import MockServer, Namespace

NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM: Final = next(filter(None, map(shutil.which, NAMES)), None)
PATIENCE: Final = 300  # looks of 0.1 s; a cold start of the browser takes a few seconds
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")

PAGE: Final = """<!doctype html><script>
async function ask([url, options]) {
  try {
    const answer = await fetch(url, options);
    return {type: answer.type, status: answer.status, headers: Object.fromEntries(answer.headers)};
  } catch (error) {
    return {type: "refused"};
  }
}
(async () => {
  const found = {};
  for (const [name, call] of Object.entries(%s)) found[name] = await ask(call);
  await fetch("/found", {method: "POST", body: JSON.stringify(found)});
})();
</script>"""
PUT: Final[dict[str, Any]] = {
    "method": "PUT",
    "headers": {"Content-Type": "application/json"},
    "body": "{}",
}


@contextmanager
def browser(url: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Open ``url`` in a browser of its own; its sandbox does not work for root, as in containers."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-background-networking", "--no-proxy-server", "--remote-debugging-port=0",
        f"--user-data-dir={home}", url,
    ]  # fmt: skip
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=silent, stderr=silent, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # what is on the path may be a script around it
        process.wait(30)


def visit(site: Namespace, calls: dict[str, Any], home: Path) -> dict[str, Any]:
    """Let a page of ``site`` make ``calls``, each a URL and the options of ``fetch``."""
    page = PAGE % json.dumps(calls)
    site.get("/page").respond(text=page, headers={"Content-Type": "text/html"})
    site.post("/found").respond(status=204)
    with browser(f"{site.url}/page", home) as process:
        for _ in range(PATIENCE):
            told = site.requests(path="/found")
            if told:
                found: dict[str, Any] = told[0].json
                return found
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
    raise AssertionError(f"the page told nothing; it asked for {site.requests()}")


@contextmanager
def served(folder: Path, cors: Any) -> Iterator[tuple[MockServer, Namespace]]:
    """Serve mocks with ``cors``; yield also the namespace of the site whose page calls them."""
    config = folder / "mocks.json"
    config.write_text(json.dumps({"version": 1, "server": {"cors": cors}}), encoding="utf-8")
    with MockServer(config, on_missing="default") as server, server.namespace(port=0) as site:
        yield server, site


def kinds(found: dict[str, Any]) -> dict[str, str]:
    return {name: answer["type"] for name, answer in found.items()}


@pytest.mark.parametrize("credentials", [False, True])
def test_a_page_calls_a_mock_and_reads_whatever_it_says(tmp_path: Path, credentials: bool) -> None:
    with (
        served(tmp_path, {"credentials": credentials}) as (server, site),
        server.namespace("shop", settings={"debug_headers": True}) as mock,
    ):
        mock.get("/items").respond(json=[], headers={"X-Total": "0", "Set-Cookie": "c=1"})
        mock.put("/items/7").respond(status=201, headers={"Location": "/items/7"})
        routed = {**PUT, "headers": {**PUT["headers"], **mock.headers}}
        include = {"credentials": "include"}
        found = visit(
            site,
            {
                "plain": [f"{mock.url}/items", {}],
                "with cookies": [f"{mock.url}/items", include],
                "after a preflight": [f"{mock.url}/items/7", PUT],
                "by a header": [f"{server.url}/items/7", routed],
                "no match": [f"{mock.url}/nothing", {"method": "DELETE"}],
                "no namespace": [f"{server.url}/~nobody/items", PUT],
            },
            tmp_path / "home",
        )
        came = [(request.method, request.path) for request in mock.requests()]
    assert kinds(found) == {
        "plain": "cors",
        "with cookies": "cors" if credentials else "refused",
        "after a preflight": "cors",
        "by a header": "cors",
        "no match": "cors",
        "no namespace": "cors",
    }
    statuses = {name: answer["status"] for name, answer in found.items() if name != "with cookies"}
    assert list(statuses.values()) == [200, 201, 201, 404, 404]
    assert found["plain"]["headers"]["x-total"] == "0"
    assert found["plain"]["headers"]["x-mock-namespace"] == "shop"
    assert found["after a preflight"]["headers"]["location"] == "/~shop/items/7"
    assert found["no match"]["headers"]["x-mock-error"] == "no-match"
    assert came == [
        ("GET", "/items"), ("GET", "/items"), ("PUT", "/items/7"), ("PUT", "/items/7"),
        ("DELETE", "/nothing"),
    ]  # fmt: skip


@pytest.mark.parametrize("cors", [False, {"origins": ["https://other.example"]}])
def test_a_page_that_may_not_reads_nothing_and_sends_nothing_that_needs_leave(
    tmp_path: Path, cors: Any
) -> None:
    with served(tmp_path, cors) as (server, site), server.namespace("shop") as mock:
        mock.any("/items").respond(json=[])
        calls = {"read": [f"{mock.url}/items", {}], "write": [f"{mock.url}/items", PUT]}
        found = visit(site, calls, tmp_path / "home")
        came = [request.method for request in mock.requests()]
    assert kinds(found) == {"read": "refused", "write": "refused"}
    assert came == (["GET"] if cors else ["GET", "OPTIONS"])


@pytest.mark.parametrize("cors", [False, True, {"credentials": True}])
def test_no_page_drives_the_control_api(tmp_path: Path, cors: Any) -> None:
    with served(tmp_path, cors) as (server, site):
        control = f"{server.url}/__mock/v1"
        before = [each.id for each in server.namespaces()]
        text = {"method": "POST", "body": '{"name": "by-a-page"}'}
        found = visit(
            site,
            {
                "read": [f"{control}/namespaces", {}],
                "health": [f"{control}/health", {}],
                "create": [f"{control}/namespaces", {**PUT, "method": "POST"}],
                "create as text": [f"{control}/namespaces", text],
                "create blindly": [f"{control}/namespaces", {**text, "mode": "no-cors"}],
                "delete": [f"{control}/namespaces/{site.name}", {"method": "DELETE"}],
                "below the prefix": [f"{server.url}/~{site.name}/../__mock/v1/namespaces", text],
                "on its own port": ["/__mock/v1/namespaces", text],
            },
            tmp_path / "home",
        )
        after = [each.id for each in server.namespaces()]
    assert kinds(found) == {
        **dict.fromkeys(found, "refused"), "create blindly": "opaque", "on its own port": "basic",
    }  # fmt: skip
    assert found["on its own port"]["status"] == 404
    assert before == after
