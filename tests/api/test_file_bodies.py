"""Bodies in files over the control API and from config files: what is sent, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.api.live import Live

from pymockapi.config.load import load_with_warnings
from pymockapi.server import file_reading
from pymockapi.server.settings import ServeOptions

CONFIG: Final = """version: 1
settings: {unmatched: {status: 404, file: none.html}}
stubs: [{name: base, request: {path: /base}, response: {file: bodies/a.json}}]
sets:
  gone: {settings: {unmatched: {status: 410, file: gone.txt}}}
tags:
  "@gone": {settings: {unmatched: {status: 410, file: gone.txt}}}
namespaces:
  default: {stubs: [{name: own, request: {path: /own}, response: {file: bodies/a.json}}]}
"""
Answered = tuple[int, str | None, bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "a.json").write_bytes(b'{"a": 1}')
    (tmp_path / "none.html").write_bytes(b"nothing here")
    (tmp_path / "gone.txt").write_bytes(b"gone")
    (tmp_path / "mocks.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def live(folder: Path) -> Iterator[Live]:
    loaded = load_with_warnings([folder / "mocks.yaml"])
    server = Live(
        options=ServeOptions(port=0, grace_s=1.0, folder=str(folder)),
        configuration=loaded.configuration,
    )  # fmt: skip
    yield server
    server.close()


def answer(live: Live, path: str) -> Answered:
    got = live.send("GET", path)
    return got.status, got.headers.get("content-type"), got.body


def test_a_config_sends_what_its_files_held_when_it_was_loaded(live: Live, folder: Path) -> None:
    (folder / "bodies" / "a.json").write_bytes(b"changed")
    for path in ("/base", "/own"):
        assert answer(live, path) == (200, "application/json", b'{"a": 1}')
    assert answer(live, "/x") == (404, "text/html; charset=utf-8", b"nothing here")


@pytest.mark.parametrize(
    ("method", "path", "wrap"),
    [
        ("POST", "/namespaces/default/stubs", lambda stub: stub),
        ("POST", "/namespaces/default/stubs", lambda stub: [stub]),
        ("PUT", "/namespaces/default/stubs", lambda stub: [stub]),
        ("PUT", "/namespaces/default/stubs/new", lambda stub: stub),
        ("POST", "/namespaces/default/apply", lambda stub: {"stubs": [stub]}),
        ("POST", "/namespaces/default/apply", lambda stub: {"replace_stubs": [stub]}),
        ("PUT", "/namespaces/default", lambda stub: {"stubs": [stub]}),
    ],
)
@pytest.mark.parametrize("key", ["response", "responses"])
def test_a_control_call_reads_the_file_that_it_names(
    live: Live, folder: Path, method: str, path: str, wrap: Any, key: str
) -> None:
    (folder / "bodies" / "b.csv").write_bytes(b"1,2")
    response = {"status": 201, "file": "bodies/b.csv"}
    stub = {"name": "new", "request": {"path": "/new"},
            key: [response] if key == "responses" else response}  # fmt: skip
    assert live.call(method, path, wrap(stub)).status in (200, 201)
    assert answer(live, "/new") == (201, "text/csv; charset=utf-8", b"1,2")
    definition = live.call("GET", "/namespaces/default/stubs/new").json["definition"]
    assert definition[key] == stub[key]


def test_a_new_namespace_may_name_files(live: Live) -> None:
    live.create(name="n", stubs=[{"request": {"path": "/n"}, "response": {"file": "gone.txt"}}],
                settings={"unmatched": {"status": 418, "file": "bodies/a.json"}})  # fmt: skip
    assert answer(live, "/~n/n")[2] == b"gone"
    assert answer(live, "/~n/x") == (418, "application/json", b'{"a": 1}')


def test_files_of_sets_are_those_of_the_config_whenever_a_set_comes_into_force(
    live: Live, folder: Path
) -> None:
    (folder / "gone.txt").unlink()
    live.create(name="n", sets=["gone"])
    live.create(name="m")
    assert live.call("POST", "/namespaces/m/apply", {"sets": ["gone"]}).status == 200
    for name in ("n", "m"):
        assert answer(live, f"/~{name}/x") == (410, "text/plain; charset=utf-8", b"gone")


def test_files_of_rows_of_tags_are_read_with_their_table(live: Live, folder: Path) -> None:
    table = {"@late": {"settings": {"unmatched": {"status": 418, "file": "late.txt"}}}}
    refused = live.call("PUT", "/tags", table)
    assert [each["pointer"] for each in refused.json["errors"]] == [
        "/@late/settings/unmatched/file"
    ]
    (folder / "gone.txt").unlink()
    live.create(name="gone", tags=["@gone"])
    (folder / "late.txt").write_bytes(b"late")
    assert live.call("PUT", "/tags", table).status == 200
    (folder / "late.txt").unlink()
    live.create(name="late", tags=["@late", "@gone"])
    assert answer(live, "/~gone/x") == (410, "text/plain; charset=utf-8", b"gone")
    assert answer(live, "/~late/x") == (418, "text/plain; charset=utf-8", b"late")


def test_defining_a_stub_again_reads_its_file_again_and_keeps_its_cursor(
    live: Live, folder: Path
) -> None:
    stub = {"name": "new", "request": {"path": "/new"},
            "responses": [{"text": "first"}, {"file": "gone.txt"}]}  # fmt: skip
    live.call("POST", "/namespaces/default/stubs", stub)
    assert answer(live, "/new")[2] == b"first"
    (folder / "gone.txt").write_bytes(b"changed")
    live.call("POST", "/namespaces/default/stubs", stub)
    assert answer(live, "/new")[2] == b"changed"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.json", "there is no file 'none.json' below"),
        ("../secret.txt", "leads out with '..'"),
        ("/etc/passwd", "is absolute"),
        ("bodies", "is a folder"),
        (7, "expected a string, got a number"),
    ],
)
def test_a_file_that_is_not_to_be_had_is_422_at_its_place_and_changes_nothing(
    live: Live, name: Any, words: str
) -> None:
    stubs = [{"name": "fine", "request": {"path": "/fine"}}, {"response": {"file": name}}]
    refused = live.call("POST", "/namespaces/default/stubs", stubs)
    (error,) = refused.json["errors"]
    assert (refused.status, error["pointer"]) == (422, "/1/response/file")
    assert words in error["message"]
    assert live.call("GET", "/namespaces/default/stubs/fine").status == 404


def test_without_a_config_file_there_are_no_files() -> None:
    live = Live()
    try:
        refused = live.call("POST", "/namespaces/default/stubs", {"response": {"file": "a.json"}})
        assert refused.status == 422
        assert "this server was started without one" in refused.json["errors"][0]["message"]
    finally:
        live.close()


def test_a_body_and_a_file_are_two_bodies(live: Live) -> None:
    stub = {"response": {"file": "gone.txt", "text": "x"}}
    (error,) = live.call("POST", "/namespaces/default/stubs", stub).json["errors"]
    assert "a response has one body, got text and file" in error["message"]


def test_head_and_204_send_no_file(live: Live) -> None:
    live.call("POST", "/namespaces/default/stubs",
              {"request": {"path": "/no"}, "response": {"status": 204, "file": "gone.txt"}})  # fmt: skip
    assert answer(live, "/no")[2] == b""
    assert live.send("HEAD", "/base").headers["content-length"] == "8"


def test_files_that_are_kept_for_later_calls_have_a_limit(
    live: Live, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_reading, "MAX_FILES", 10)
    for number in range(5):
        (folder / f"{number}.txt").write_bytes(b"%d" % number * 4)
        stub = {"name": f"s{number}", "request": {"path": f"/{number}"},
                "response": {"file": f"{number}.txt"}}  # fmt: skip
        live.call("POST", "/namespaces/default/stubs", stub)
    assert [answer(live, f"/{number}")[2] for number in range(5)] == [
        b"%d" % number * 4 for number in range(5)
    ]  # fmt: skip


def test_files_of_many_stubs_are_found_in_slices(live: Live) -> None:
    stubs = [{"name": f"s{n}", "request": {"path": f"/{n}"}, "response": {"file": "gone.txt"}}
             for n in range(600)]  # fmt: skip
    assert live.call("POST", "/namespaces/default/stubs", stubs).status == 201
    assert answer(live, "/599")[2] == b"gone"


def test_a_config_that_is_put_reads_its_files_again(live: Live, folder: Path) -> None:
    document = live.call("GET", "/config").json["document"]
    (folder / "bodies" / "a.json").write_bytes(b"changed")
    (folder / "none.html").write_bytes(b"still nothing")
    put = live.call("PUT", "/config", document, {"If-Match": "*"})
    assert put.status == 200, put
    assert answer(live, "/base")[2] == answer(live, "/own")[2] == b"changed"
    assert answer(live, "/x")[2] == b"still nothing"


def test_a_response_of_a_test_in_a_file_outlives_another_config(live: Live, folder: Path) -> None:
    unmatched = {"unmatched": {"status": 418, "file": "gone.txt"}}
    live.call("POST", "/namespaces/default/apply", {"settings": unmatched})
    (folder / "gone.txt").unlink()
    put = live.call("PUT", "/config", {"version": 1, "settings": {"delay": 0}}, {"If-Match": "*"})
    assert put.status == 200, put
    assert answer(live, "/x") == (418, "text/plain; charset=utf-8", b"gone")


def test_a_set_that_is_put_may_name_files_and_the_sets_before_keep_theirs(live: Live) -> None:
    stub = {"name": "s", "request": {"path": "/s"}, "response": {"file": "none.html"}}
    assert live.call("PUT", "/sets/more", {"stubs": [stub]}).status == 201
    live.create(name="n", sets=["more", "gone"])
    assert answer(live, "/~n/s")[2] == b"nothing here"
    assert answer(live, "/~n/x")[2] == b"gone"


def test_a_config_that_names_a_file_that_is_not_there_is_422_and_changes_nothing(
    live: Live,
) -> None:
    document = {"version": 1, "sets": {"s": {"stubs": [{"response": {"file": "none"}}]}}}
    refused = live.call("PUT", "/config", document, {"If-Match": "*"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (
        422, "/sets/s/stubs/0/response/file",
    )  # fmt: skip
    assert answer(live, "/base")[0] == 200


@pytest.mark.parametrize("depth", [1, 2, 5, 200])
@pytest.mark.parametrize("kind", ["stubs", "settings", "list"])
def test_what_is_no_definition_is_told_as_such_however_deep_it_is(
    live: Live, kind: str, depth: int
) -> None:
    data: Any = {"response": {"file": "gone.txt"}}
    for _ in range(depth):
        data = [data] if kind == "list" else {kind: [data]}
    refused = live.call("POST", "/namespaces/default/stubs", [data, 7, None])
    assert (refused.status, refused.code) == (422, "invalid")
