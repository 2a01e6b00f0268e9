"""Evidence files: of what failed, expired or was left open, whole, under safe and unique names."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.server.world import World

from pymockapi.server import artifacts
from pymockapi.server.artifacts import Artifacts, file_stem, write_whole

CONFIG = {"stubs": [{"name": "s", "request": {"path": "/s"}}]}


def written(folder: Path, act: Callable[[World], object], grace_s: float = 10.0) -> dict[str, Path]:
    """Return the bundles in ``folder`` by namespace, after ``act`` and a stop."""

    async def run() -> None:
        world = World.__new__(World)
        await asyncio.to_thread(world.__init__, CONFIG)  # type: ignore[misc]
        kept = Artifacts(str(folder), world.store)
        kept.begin()
        act(world)
        await kept.end(grace_s)

    asyncio.run(run())
    return {path.name.rpartition("-n")[0]: path for path in folder.glob("*.bundle.json")}


def live(world: World, name: str, *paths: str, **definition: object) -> None:
    world.begin_call("POST", "/namespaces", {"name": name, **definition})
    for path in paths:
        world.send("GET", f"/~{name}{path}")


def finish(world: World, name: str, status: str | None = None) -> None:
    body = {} if status is None else {"status": status}
    world.begin_call("POST", f"/namespaces/{name}/finish", body)


def test_a_failed_one_is_written_as_bundle_har_junit_and_text(tmp_path: Path) -> None:
    def act(world: World) -> None:
        live(world, "a", "/s", "/nothing")
        finish(world, "a", "passed")

    found = written(tmp_path / "made" / "here", act)
    assert list(found) == ["a"]
    bundle = json.loads(found["a"].read_bytes())
    assert (bundle["finished"]["status"], bundle["verdict"]["passed"]) == ("passed", False)
    names = sorted(path.name for path in found["a"].parent.iterdir())
    stem = found["a"].name.removesuffix(".bundle.json")
    assert names == [f"{stem}.{ending}" for ending in ("bundle.json", "har", "junit.xml", "txt")]
    assert b'failures="1"' in (found["a"].parent / f"{stem}.junit.xml").read_bytes()
    assert json.loads((found["a"].parent / f"{stem}.har").read_bytes())["log"]["entries"]


@pytest.mark.parametrize(
    ("status", "is_written"),
    [("failed", True), ("Error", True), ("undefined", True), ("passed", False), ("Skipped", False),
     (None, False)],
)  # fmt: skip
def test_of_those_without_a_problem_the_status_decides(
    tmp_path: Path, status: str | None, is_written: bool
) -> None:
    def act(world: World) -> None:
        live(world, "a", "/s")
        finish(world, "a", status)

    assert ("a" in written(tmp_path, act)) is is_written


@pytest.mark.parametrize(("paths", "is_written"), [(["/a"], False), (["/b"], True)])
def test_what_only_a_look_at_each_request_tells_is_looked_for(
    tmp_path: Path, paths: list[str], is_written: bool
) -> None:
    def act(world: World) -> None:
        stubs = [{"name": name, "request": {"path": path}} for name, path in
                 (("one", "/a"), ("two", "/b"), ("three", "/b"))]  # fmt: skip
        live(world, "a", *paths, stubs=stubs, settings={"verdict": {"ambiguous": "fail"}})
        finish(world, "a", "passed")

    assert ("a" in written(tmp_path, act)) is is_written


@pytest.mark.parametrize(("times", "is_written"), [(2, True), (1, False)])
def test_one_whose_verification_failed_is_written_whatever_its_status(
    tmp_path: Path, times: int, is_written: bool
) -> None:
    def act(world: World) -> None:
        live(world, "a", "/s")
        wanted = {"expect": [{"stub": "s", "times": times}]}
        world.begin_call("POST", "/namespaces/a/verify", wanted)
        finish(world, "a", "passed")

    assert ("a" in written(tmp_path, act)) is is_written


def test_those_that_expire_are_written(tmp_path: Path) -> None:
    def act(world: World) -> None:
        live(world, "a", lease="1s")
        world.monotonic_s += 2
        with pytest.raises(StopIteration):
            world.store.expire().send(None)

    found = written(tmp_path, act)
    assert json.loads(found["a"].read_bytes())["finished"]["reason"] == "expired"


def test_those_that_are_open_at_the_end_are_written_if_anything_came(tmp_path: Path) -> None:
    def act(world: World) -> None:
        live(world, "used", "/s")
        live(world, "unused")
        live(world, "deleted", "/nothing")
        world.begin_call("DELETE", "/namespaces/deleted", None)

    found = written(tmp_path, act)
    assert list(found) == ["used"]
    assert json.loads(found["used"].read_bytes())["finished"] is None


def test_a_name_that_lives_twice_is_written_twice(tmp_path: Path) -> None:
    def act(world: World) -> None:
        for _ in range(2):
            live(world, "a", "/nothing")
            finish(world, "a")

    written(tmp_path, act)
    assert len(list(tmp_path.glob("a-n*.bundle.json"))) == 2


@pytest.mark.parametrize(
    ("name", "stem"),
    [("a", "a-n1"), ("NUL.x", "NUL_x-n1"), (".hidden", "_hidden-n1"), ("-o", "_-o-n1"),
     ("..", "__-n1"), ("x" * 128, "x" * 128 + "-n1")],
)  # fmt: skip
def test_a_file_name_is_safe_on_every_platform(name: str, stem: str) -> None:
    assert file_stem(name, "n1") == stem


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    write_whole(path, [b"a", b"b"])
    assert path.read_bytes() == b"ab"
    with pytest.raises(TypeError):
        write_whole(path, [b"c", None])  # type: ignore[list-item]
    assert path.read_bytes() == b"ab"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_logged_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = artifacts.write_whole

    def full(path: Path, pieces: list[bytes]) -> None:
        if path.name.startswith("a-"):
            raise OSError(28, "No space left on device")
        real(path, pieces)

    monkeypatch.setattr(artifacts, "write_whole", full)

    def act(world: World) -> None:
        for name in ("a", "b"):
            live(world, name, "/nothing")
            finish(world, name)

    assert list(written(tmp_path, act)) == ["b"]
    assert "writing the evidence of 'a' (n2-f0f0f0) failed" in caplog.text


def test_what_waits_is_bounded_and_what_is_left_out_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(artifacts, "MAX_WAITING", 1)

    def act(world: World) -> None:
        for name in ("a", "b"):
            live(world, name, "/nothing")
            finish(world, name)

    assert list(written(tmp_path, act)) == ["a"]
    assert "1 namespaces wait to be written; 'b' (n3-f0f0f0) is not" in caplog.text


def test_a_stop_waits_no_longer_than_its_grace_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        written(tmp_path, lambda world: live(world, "a", "/s"), grace_s=0.0)
    assert "could not be written before the end" in caplog.text


def test_a_folder_that_cannot_be_made_is_an_error_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        Artifacts(str(tmp_path / "file" / "folder"), World().store)


def test_a_server_that_could_not_start_has_nothing_to_write(tmp_path: Path) -> None:
    asyncio.run(Artifacts(str(tmp_path), World().store).end(1.0))
    assert list(tmp_path.iterdir()) == []
