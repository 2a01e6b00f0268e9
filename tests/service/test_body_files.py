"""The files of one config are read once each, within limits, and shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from pymockapi.model.files import TYPES, FileBody, type_of
from pymockapi.service import body_files
from pymockapi.service.body_files import BodyFiles
from pymockapi.service.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "a.json").write_bytes(b"aa")
    (tmp_path / "b.json").write_bytes(b"bbb")
    (tmp_path / "link.json").symlink_to("a.json")
    return Folder(tmp_path)


def test_a_file_is_read_once_under_all_its_names(folder: Folder) -> None:
    files = BodyFiles(folder)
    body = files("a.json")
    assert isinstance(body, FileBody)
    assert (body.body, body.tail) == (b"aa", b"\r\naa")
    (folder.root / "a.json").write_bytes(b"later")
    assert files("a.json") is files("./a.json") is files("link.json") is body
    assert files.paths == [folder.root / name for name in ("a.json", "./a.json", "link.json")]


def test_why_there_is_none_is_told_and_kept(folder: Folder) -> None:
    files = BodyFiles(folder)
    told = files("none.json")
    assert told == f"there is no file 'none.json' below {folder.root}"
    (folder.root / "none.json").touch()
    assert files("none.json") == told


def test_what_still_holds_the_same_is_shared_with_those_before(folder: Folder) -> None:
    shared: dict[Path, FileBody] = {}
    first = BodyFiles(folder, shared)
    a, b = first("a.json"), first("b.json")
    (folder.root / "b.json").write_bytes(b"new")
    later = BodyFiles(folder, shared)
    assert later("a.json") is a
    changed = later("b.json")
    assert isinstance(changed, FileBody)
    assert (changed is b, changed.body) == (False, b"new")


def test_a_file_has_a_limit(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_files, "MAX_FILE", 2)
    files = BodyFiles(folder)
    assert isinstance(files("a.json"), FileBody)
    assert files("b.json") == "'b.json' is larger than 2 bytes"


def test_all_together_have_a_limit_and_each_counts_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_files, "MAX_FILES", 4)
    files = BodyFiles(folder)
    assert isinstance(files("a.json"), FileBody)
    assert isinstance(files("link.json"), FileBody)
    told = files("b.json")
    assert told == "with 'b.json' the files that are named together hold more than 4 bytes"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.json", "application/json"), ("x/A.JSON", "application/json"),
        ("a.b.html", "text/html; charset=utf-8"), ("a.png", "image/png"),
        ("a.unknown", "application/octet-stream"),
        ("README", "application/octet-stream"), ("a.", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_content_type_is_told_by_the_extension(name: str, kind: str) -> None:
    assert type_of(name) == kind


def test_every_extension_is_on_the_page_of_stubs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "stubs.md").read_text(encoding="utf-8")
    assert [each for each in TYPES if f"`.{each}`" not in page] == []
