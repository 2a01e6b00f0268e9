"""Config files read again: what is right comes into force, what is wrong is told and changes nothing."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.server.world import World

from pymockapi.config import apart
from pymockapi.model.errors import ClaimHeld, Finding
from pymockapi.server import reloading
from pymockapi.server.reloading import Reloader, Unread, read_apart
from pymockapi.service.calls import Site
from pymockapi.service.configs import Configs
from pymockapi.service.namespaces import Namespaces
from pymockapi.store.selecting import no_pause

STUB = {"name": "a", "request": {"path": "/a"}, "response": {"text": "read"}}


def head(**more: Any) -> dict[str, Any]:
    return {"files": ["mocks.yaml"], "looked_at": [], "errors": [], "count": 0, **more}


class Reading:
    """A reloader of ``World``'s config, and what its files say next."""

    def __init__(self, seen: dict[str, Any] | None = None) -> None:
        self.world = World({})
        self.site = Site(self.world.store, str)
        self.configs = configs = Configs(self.site, Namespaces(self.site))
        self.says: tuple[dict[str, Any], Any] | Exception = (head(), {})
        self.reads = 0
        self.reloader = Reloader(["mocks.yaml"], configs, no_pause, seen, self.read)

    async def read(self, paths: Sequence[str]) -> tuple[dict[str, Any], bytes]:
        assert paths == ["mocks.yaml"]
        self.reads += 1
        if isinstance(self.says, Exception):
            raise self.says
        return self.says[0], json.dumps(self.says[1]).encode()

    def reload(self, said: dict[str, Any], document: Any = None) -> None:
        self.says = (said, document)
        asyncio.run(self.reloader.reload())

    def text(self) -> str:
        return self.world.send("GET", "/a").body.decode()


def test_what_the_files_say_comes_into_force(caplog: pytest.LogCaptureFixture) -> None:
    reading = Reading()
    with caplog.at_level(logging.INFO, "pymockapi.server"):
        reading.reload(head(), {"version": 1, "stubs": [STUB]})
    assert reading.text() == "read"
    assert (reading.site.loaded.by, reading.site.loaded.files) == ("files", ("mocks.yaml",))
    assert caplog.messages == ["config version 1 is in force"]


def test_what_is_wrong_is_told_with_its_place_and_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reading = Reading()
    reading.reload(head(), {"version": 1, "stubs": [STUB]})
    error = {"file": "mocks.yaml", "line": 4, "column": 7, "pointer": "/a", "message": "is wrong"}
    reading.reload(head(errors=[error], count=3))
    assert reading.text() == "read"
    told = reading.site.loaded.last_error
    assert told is not None
    assert (told["errors"], told["count"]) == ([error], 3)
    assert caplog.messages == [
        "the config files have 3 errors; the config of before stays in force",
        "mocks.yaml:4:7: /a: is wrong",
    ]
    reading.reload(head(), {"version": 1})
    assert reading.site.loaded.last_error is None


@pytest.mark.parametrize(
    ("document", "pointer", "message"),
    [
        ({"version": 2}, "/version", "expected 1, the one version there is"),
        (
            {"version": 1, "namespaces": {"b": {}}, "server": {"limits": {"namespaces": 1}}},
            "",
            "No more namespaces can be created: the limit 'server.limits.namespaces' is 1;"
            " nothing was changed. Free some, or raise 'server.limits.namespaces'.",
        ),
    ],
)
def test_what_only_the_server_can_refuse_is_told_as_well(
    document: Any, pointer: str, message: str
) -> None:
    reading = Reading()
    reading.reload(head(), document)
    told = reading.site.loaded.last_error
    assert told is not None
    (error,) = told["errors"]
    assert (error["pointer"], error["message"], error["file"]) == (pointer, message, None)


@pytest.mark.parametrize("error", [Unread("it broke"), OSError("no memory")])
def test_a_reader_that_fails_is_an_error_of_the_files(error: Exception) -> None:
    reading = Reading()
    reading.says = error
    asyncio.run(reading.reloader.reload())
    told = reading.site.loaded.last_error
    assert told is not None
    assert told["errors"][0]["message"] == f"the config files could not be read: {error}"


def test_what_is_asked_while_files_are_read_is_done_once_more() -> None:
    reading = Reading()

    async def scene() -> None:
        plain = reading.reloader._read
        done = asyncio.Event()

        async def slow(paths: Sequence[str]) -> tuple[dict[str, Any], bytes]:
            if reading.reads == 0:
                reading.reloader.ask()
                reading.reloader.ask()
            else:
                done.set()
            return await plain(paths)

        reading.reloader._read = slow
        running = asyncio.create_task(reading.reloader.run())
        reading.reloader.ask()
        await done.wait()
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(scene())
    assert reading.reads == 2


def test_files_are_read_in_another_process(tmp_path: Path) -> None:
    file = tmp_path / "mocks.yaml"
    file.write_text("version: 1\nstate: {a: 1}\n")
    said, document = asyncio.run(read_apart([str(file)]))
    assert (said["files"], said["errors"]) == ([str(file)], [])
    assert str(file) in said["looked_at"]
    assert json.loads(document) == {"version": 1, "state": {"a": 1}}
    file.write_text("version: 1\nstat: {}\n")
    said, document = asyncio.run(read_apart([str(file)]))
    assert (said["errors"][0]["line"], said["count"], document) == (2, 1, b"")
    assert str(file) in said["looked_at"]


def test_what_that_process_is_to_do_can_be_done_here(tmp_path: Path) -> None:
    file = tmp_path / "mocks.yaml"
    file.write_text("version: 1\n")
    line, _, document = apart.report([str(file)]).partition(b"\n")
    assert json.loads(line)["files"] == [str(file)]
    assert json.loads(document) == {"version": 1}
    file.write_text("version: 2\n")
    line, _, document = apart.report([str(file)]).partition(b"\n")
    assert (json.loads(line)["count"], document) == (1, b"")


def test_what_others_have_already_is_told_with_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "mocks.yaml"
    file.write_text(
        "version: 1\nserver: {selectors: [bearer]}\nnamespaces:\n  a:\n    port: 0\n"
        "    claims:\n      bearer: t\n"
    )
    line, _, document = apart.report([str(file)]).partition(b"\n")
    head = json.loads(line)
    assert head["places"] == {
        "/namespaces/a/claims/bearer": {"file": str(file), "line": 7, "column": 7},
        "/namespaces/a/port": {"file": str(file), "line": 5, "column": 5},
    }
    reading = Reading()

    async def refuse(*_: object) -> None:
        at = Finding("/namespaces/a/claims/bearer", "is held")
        raise ClaimHeld("bearer", "t", "mine", "a").found_at([at])

    reading.configs.replace_by_files = refuse  # type: ignore[assignment,method-assign]
    reading.reload(head, json.loads(document))
    assert caplog.messages[-1] == f"{file}:7:7: /namespaces/a/claims/bearer: is held"


def test_a_process_that_breaks_off_or_never_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    python = reloading.COMMAND[0]
    for code, seconds, said in (
        ("raise SystemExit('no such thing')", 60.0, "no such thing"),
        ("raise SystemExit(3)", 60.0, "exit code 3"),
        ("import time; time.sleep(60)", 0.05, "not read within 0.05 s"),
    ):
        monkeypatch.setattr(reloading, "COMMAND", (python, "-c", code))
        monkeypatch.setattr(reloading, "READING_S", seconds)
        with pytest.raises(Unread, match=said):
            asyncio.run(read_apart([]))
