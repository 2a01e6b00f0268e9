"""What counts as a change of files, and when one has come to rest."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from pymockapi.server.stamps import GONE, RESTLESS, Stamps, Watch, stamps_of

OLD, NEW, NEWER = (1, 1, 1, 1), (2, 1, 1, 1), (3, 1, 1, 1)


class Looks:
    """What each look at the path ``f`` finds; the last one stays."""

    def __init__(self, *found: tuple[int, int, int, int] | None) -> None:
        self._found = list(found)
        self.count = 0
        self.watch: Watch | None = None

    async def look(self, paths: Iterable[str]) -> Stamps:
        self.count += 1
        found = self._found.pop(0) if len(self._found) > 1 else self._found[0]
        return dict.fromkeys(paths, found)

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0

    def until_changed(self) -> Stamps:
        watch = Watch({"f": OLD}, self.look, self.sleep)
        asyncio.run(watch.changed())
        return watch.seen


@pytest.mark.parametrize(
    ("found", "seen", "count"),
    [
        ((OLD, NEW, NEW), NEW, 3),
        ((NEW, NEWER, NEWER), NEWER, 3),
        ((None, NEW, NEW), NEW, 3),
        ((NEW, OLD, OLD, NEWER, NEWER), NEWER, 5),
        ((None,), None, GONE + 1),
    ],
    ids=["a write", "two writes", "another in its place", "taken back", "taken away"],
)
def test_a_change_is_told_once_it_rests(
    found: tuple[tuple[int, int, int, int] | None, ...],
    seen: tuple[int, int, int, int] | None,
    count: int,
) -> None:
    looks = Looks(*found)
    assert looks.until_changed() == {"f": seen}
    assert looks.count == count


def test_what_is_written_without_end_is_told_all_the_same() -> None:
    looks = Looks(*((n, 1, 1, 1) for n in range(5, 200)))
    looks.until_changed()
    assert looks.count == RESTLESS


def test_other_paths_may_be_watched_from_a_moment_on() -> None:
    async def scene() -> None:
        looks = Looks(NEW)
        watch = Watch({"f": OLD, "gone": OLD}, looks.look, looks.sleep)
        await watch.turn_to(["f", "g"])
        assert watch.seen == {"f": OLD, "g": NEW}

    asyncio.run(scene())


def test_a_look_at_paths_that_are_watched_no_more_tells_nothing() -> None:
    async def scene() -> None:
        looks = Looks(NEW)
        watch = Watch({"f": OLD}, looks.look, looks.sleep)
        first = looks.look

        async def turning(paths: Iterable[str]) -> Stamps:
            found = await first(paths)
            if looks.count == 1:
                watch.seen = {"g": OLD}
            return found

        watch._look = turning
        await watch.changed()
        assert watch.seen == {"g": NEW}

    asyncio.run(scene())


def test_a_stamp_differs_for_what_is_written_replaced_or_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("one")
    paths = [str(file), str(tmp_path), str(tmp_path / "none")]
    first = stamps_of(paths)
    assert first[paths[2]] is None
    assert stamps_of(paths) == first
    file.write_text("three")
    assert stamps_of(paths)[paths[0]] != first[paths[0]]
    other = tmp_path / "other"
    other.write_text("three")
    os.replace(other, file)
    second = stamps_of(paths)
    assert second[paths[0]] != first[paths[0]]
    file.unlink()
    assert stamps_of(paths)[paths[0]] is None
