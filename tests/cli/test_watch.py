"""``pymockapi serve --watch`` and SIGHUP, with real files and a real process."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from tests.cli.test_serve import fetch, ready, serving

from pymockapi.cli.hosting import UsageError
from pymockapi.cli.serve import add_arguments, serve_options
from pymockapi.server import run
from pymockapi.server.settings import ServeOptions

LIMIT_S: Final = 30.0


def written(file: Path, text: str, **more: Any) -> None:
    stub = {"name": "a", "request": {"path": "/a"}, "response": {"text": text}}
    file.write_text(json.dumps({"version": 1, "stubs": [stub], **more}), encoding="utf-8")


def replaced(file: Path, text: str) -> None:
    """Write as editors do that put a new file in the place of the old one."""
    other = file.with_name("." + file.name + ".tmp")
    written(other, text)
    os.replace(other, file)


def body(url: str, path: str) -> bytes:
    return fetch(url, path).partition(b"\r\n\r\n")[2]


def config(url: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body(url, "/__mock/v1/config"))
    return found


def wait(claim: Callable[[], bool]) -> None:
    """Ask again and again until ``claim`` holds."""
    deadline = time.monotonic() + LIMIT_S
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def url_of(process: Any) -> str:
    return str(json.loads(ready(process))["url"])


def test_files_that_change_come_into_force(tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    written(file, "one")
    with serving(str(file), "--watch", "--ready-json") as process:
        url = url_of(process)
        assert (body(url, "/a"), config(url)["watched"]) == (b"one", True)
        written(file, "two")
        wait(lambda: body(url, "/a") == b"two")
        replaced(file, "three")
        wait(lambda: body(url, "/a") == b"three")
        file.write_text('{"version": 1, "stub": []}')
        wait(lambda: config(url)["last_error"] is not None)
        told = config(url)
        (error,) = told["last_error"]["errors"]
        assert (error["file"], error["line"], error["pointer"]) == (str(file), 1, "/stub")
        assert (told["files"], told["by"], body(url, "/a")) == ([str(file)], "files", b"three")
        file.unlink()
        wait(lambda: "cannot be read" in str(config(url)["last_error"]))
        assert body(url, "/a") == b"three"
        written(file, "four")
        wait(lambda: body(url, "/a") == b"four")
        assert config(url)["last_error"] is None


def test_an_included_file_is_watched_and_one_that_is_added_too(tmp_path: Path) -> None:
    file, folder = tmp_path / "mocks.yaml", tmp_path / "shared"
    folder.mkdir()
    file.write_text("version: 1\ninclude: ['shared/*.json']\n")
    written(folder / "a.json", "one")
    with serving(str(file), "--watch", "--ready-json") as process:
        url = url_of(process)
        assert body(url, "/a") == b"one"
        written(folder / "a.json", "two")
        wait(lambda: body(url, "/a") == b"two")
        (folder / "b.json").write_text('{"version": 1, "stubs": [{"request": {"path": "/b"}}]}')
        wait(lambda: fetch(url, "/b").startswith(b"HTTP/1.1 200"))
        assert len(config(url)["files"]) == 3


def test_a_body_in_a_file_is_watched(tmp_path: Path) -> None:
    file, order = tmp_path / "mocks.yaml", tmp_path / "order.txt"
    file.write_text(
        "version: 1\nstubs: [{name: a, request: {path: /a}, response: {file: order.txt}}]\n"
    )
    order.write_text("one")
    with serving(str(file), "--watch", "--ready-json") as process:
        url = url_of(process)
        assert body(url, "/a") == b"one"
        order.write_text("two")
        wait(lambda: body(url, "/a") == b"two")


def test_the_next_change_of_a_file_wins_over_a_config_that_was_put(tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    written(file, "one")
    with serving(str(file), "--watch", "--ready-json") as process:
        url = url_of(process)
        put(url, {"version": 1})
        assert (fetch(url, "/a")[9:12], config(url)["by"]) == (b"404", "api")
        written(file, "two")
        wait(lambda: body(url, "/a") == b"two")
        assert config(url)["by"] == "files"


def put(url: str, document: Any) -> None:
    request = urllib.request.Request(
        url + "/__mock/v1/config",
        json.dumps(document).encode(),
        {"If-Match": "*"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
        assert answer.status == 200


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this platform has no SIGHUP")
def test_a_hangup_signal_reads_the_files_again(tmp_path: Path) -> None:
    file = tmp_path / "mocks.json"
    written(file, "one")
    with serving(str(file), "--ready-json") as process:
        url = url_of(process)
        assert config(url)["watched"] is False
        written(file, "two")
        process.send_signal(signal.SIGHUP)
        wait(lambda: body(url, "/a") == b"two")


def test_there_must_be_something_to_watch() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(UsageError, match="--watch needs config files"):
        serve_options(parser.parse_args(["--watch"]))


class Told:
    """A server, as far as a signal needs it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.came = asyncio.Event()

    def reload(self) -> None:
        self.tell("reload")

    def stop(self) -> None:
        self.tell("stop")

    def tell(self, what: str) -> None:
        self.said.append(what)
        self.came.set()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this platform has no SIGHUP")
@pytest.mark.parametrize(
    ("terminals", "said"),
    [((False, False), "reload"), ((True, True), "reload"), ((True, False), "stop")],
)
def test_a_hangup_ends_only_a_server_whose_terminal_is_gone(
    monkeypatch: pytest.MonkeyPatch, terminals: tuple[bool, bool], said: str
) -> None:
    states = list(terminals)
    monkeypatch.setattr(run, "_has_terminal", lambda: states.pop(0))

    async def scene() -> list[str]:
        server = Told()
        options = ServeOptions(sources=("mocks.yaml",))
        run._reload_on_hangup(server, options, server.stop)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGHUP)
        await server.came.wait()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        return server.said

    assert asyncio.run(scene()) == [said]
