"""Nothing outside the folder of a config is read, whatever a name or a link says."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pymockapi.service.folder import Folder, NoSuchFile


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A config's folder beside what is none of its business."""
    root = tmp_path / "mocks"
    (root / "bodies" / "deep").mkdir(parents=True)
    (root / "bodies" / "a.json").write_bytes(b"inside")
    (tmp_path / "secret.txt").write_bytes(b"outside")
    (tmp_path / "mocks-2").mkdir()
    (tmp_path / "mocks-2" / "a.json").write_bytes(b"beside")
    return Folder(root)


def refusal(folder: Folder, name: str, limit: int = 100) -> str:
    with pytest.raises(NoSuchFile) as caught:
        folder.read(name, limit)
    return str(caught.value)


@pytest.mark.parametrize("name", ["bodies/a.json", "./bodies//a.json", "bodies/deep/../a.json"])
def test_a_file_below_the_folder_is_read(folder: Folder, name: str) -> None:
    assert folder.read(name, 6) == (folder.root / "bodies/a.json", b"inside")


def test_a_link_that_stays_inside_is_followed(folder: Folder) -> None:
    (folder.root / "b.json").symlink_to("bodies/a.json")
    assert folder.read("b.json", 6)[1] == b"inside"


def test_the_folder_itself_may_be_a_link(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(folder.root)
    assert Folder(tmp_path / "linked").read("bodies/a.json", 6)[1] == b"inside"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/etc/passwd", "is absolute; name a file below the config's folder"),
        ("C:\\mocks\\a.json", "is absolute"),
        ("\\\\host\\share\\a", "is absolute"),
        ("../secret.txt", "leads out with '..'"),
        ("../mocks-2/a.json", "leads out with '..'"),
        ("bodies/../../secret.txt", "leads out with '..'"),
        ("nowhere/../../secret.txt", "leads out with '..'"),
        ("", "expected the name of a file"),
        ("a\0b", "expected the name of a file"),
        ("a\ud800", "expected the name of a file"),
        ("bodies", "is a folder; name a file in it"),
        (".", "is a folder; name a file in it"),
        ("none.json", "there is no file 'none.json' below"),
        ("bodies/a.json/b", "cannot be read: Not a directory"),
        ("a" * 5000, "cannot be read: File name too long"),
    ],
)
def test_a_name_is_refused(folder: Folder, name: str, words: str) -> None:
    assert words in refusal(folder, name)


@pytest.mark.parametrize("target", ["../secret.txt", "/etc/passwd", "../mocks-2/a.json", ".."])
@pytest.mark.parametrize("place", ["link", "bodies/link"])
def test_a_link_that_leads_out_is_refused(folder: Folder, target: str, place: str) -> None:
    absolute = target if target.startswith("/") else os.path.join(folder.root, target)
    (folder.root / place).symlink_to(absolute)
    assert "is a link out of the config's folder" in refusal(folder, place)


def test_a_file_in_a_folder_that_is_a_link_out_is_refused(folder: Folder, tmp_path: Path) -> None:
    (folder.root / "out").symlink_to(tmp_path / "mocks-2")
    assert "is a link out of" in refusal(folder, "out/a.json")
    assert "is a link out of" in refusal(folder, "out/none/../a.json")


def test_a_link_in_a_circle_is_refused(folder: Folder) -> None:
    (folder.root / "round").symlink_to("round")
    assert "cannot be read" in refusal(folder, "round")


def test_a_pipe_is_refused_without_waiting_for_it(folder: Folder) -> None:
    os.mkfifo(folder.root / "pipe")
    assert "is a device or a pipe; only plain files are read" in refusal(folder, "pipe")


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # its path may be longer than an address of a socket
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("end")
        assert "cannot be read" in refusal(Folder(tmp_path), "end")


def test_a_file_over_the_limit_is_refused(folder: Folder) -> None:
    assert refusal(folder, "bodies/a.json", 5) == "'bodies/a.json' is larger than 5 bytes"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read all")
def test_what_this_user_may_not_read_is_refused(folder: Folder) -> None:
    (folder.root / "bodies" / "a.json").chmod(0)
    assert "cannot be read: Permission denied" in refusal(folder, "bodies/a.json")
