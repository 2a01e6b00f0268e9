"""``pymockapi replay``: what was exported is sent again, and answered the same or not."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from tests.api.live import Live, read_to_end

from pymockapi.cli import main

NS: Final = "/namespaces/checkout"
CONFIG: Final[dict[str, Any]] = {
    "stubs": [
        {"name": "health", "request": {"path": "/health"}, "response": {"text": "ok"}},
        {"name": "any", "request": {"path": {"prefix": "/"}}, "priority": 9,
         "response": {"status": 404, "text": "any"}},
    ],
    "sets": {
        "down": {
            "stubs": [
                {
                    "name": "pay",
                    "request": {"method": "POST", "path": "/pay"},
                    "responses": [{"status": 503, "times": 2}, {"status": 201}],
                }
            ]
        },
        "late": {"stubs": [{"name": "late", "request": {"path": "/late"}}], "state": {"l": 1}},
    },
}  # fmt: skip


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    for name in ("PYMOCKAPI_URL", "PYMOCKAPI_CONTROL_URL", "PYMOCKAPI_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    server = Live(CONFIG)
    yield server
    server.close()


class Sut:
    """Sends requests to one namespace of a live server."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.control = live.call
        live.create(name="checkout", sets=["down"])

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.live.send(method, f"/~checkout{path}", body, named)

    def raw(self, data: bytes) -> None:
        with self.live.connect() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            read_to_end(connection)

    def export(self, file: Path, query: str = "?redact=false") -> Path:
        file.write_bytes(self.control("GET", f"{NS}/export{query}").body)
        return file


@pytest.fixture
def sut(live: Live) -> Sut:
    return Sut(live)


def edited(file: Path, stub: str, **response: Any) -> Path:
    """Have ``stub`` answer ``response``, wherever the bundle tells it."""
    bundle = json.loads(file.read_bytes())
    told = [each["definition"] for layer in bundle["layers"] for each in layer["stubs"]]
    told += [each for layer in bundle["start"]["layers"] for each in layer["stubs"]]
    for definition in told:
        if isinstance(definition, dict) and definition["name"] == stub:
            definition["response"] = response
    file.write_text(json.dumps(bundle))
    return file


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["replay", *arguments, "--format", "json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, found


def run_checkout(sut: Sut) -> None:
    sut.send("GET", "/health")
    sut.control("POST", f"{NS}/stubs", {
        "name": "order", "request": {"path": "/orders/{id}", "body": {"json_contains": {"n": 1}}},
        "response": {"status": 201, "json": {"id": "o1", "items": [1, 2]}},
        "set": {"orders": {"increment": 1}},
    })  # fmt: skip
    sut.send("POST", "/orders/1", b'{"n": 1}', X_Mixed_Case="ja")
    sut.control("POST", f"{NS}/stubs", {
        "name": "paid", "request": {"path": "/paid"}, "when": {"orders": 1},
        "response": {"headers": {"location": "/paid/1"}},
    })  # fmt: skip
    sut.send("GET", "/paid")
    sut.send("POST", "/nowhere/else")
    sut.control("DELETE", f"{NS}/stubs/any")
    sut.send("GET", "/nowhere")


@pytest.mark.parametrize("is_attached", [False, True])
def test_a_run_is_answered_the_same(
    live: Live, sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_attached: bool
) -> None:
    run_checkout(sut)
    file = str(sut.export(tmp_path / "b.json"))
    where = ["--url", live.url] if is_attached else []
    assert main(["replay", file, *where]) == 0
    told = capsys.readouterr().out
    assert "5 requests sent again, every answer the same." in told
    assert [each["name"] for each in live.call("GET", "/namespaces").json["namespaces"]] == [
        "default", "checkout",
    ]  # fmt: skip


BEHAVIOURS: Final = {
    "limited": {
        "delay": "1ms",
        "limit": {"requests": 1, "per": "1h", "response": {"json": {"busy": True}, "delay": 1}},
    }
}


def behave(live: Live, sut: Sut, behaviour: Any) -> None:
    live.call(
        "PUT", "/config", {**CONFIG, "version": 1, "behaviours": BEHAVIOURS}, {"If-Match": "*"}
    )
    live.call("DELETE", NS)
    live.create(name="checkout", settings={"behaviour": "limited"})
    for _ in range(2):
        sut.send("GET", "/health")
    sut.control("POST", f"{NS}/apply", {"settings": {"behaviour": behaviour}})
    for _ in range(3):
        sut.send("GET", "/health")


@pytest.mark.parametrize("is_attached", [False, True])
@pytest.mark.parametrize(
    "behaviour", [None, "recovering", {"like": "limited", "failures": {"first": 1}}]
)
def test_what_behaves_behaves_so_again(
    live: Live,
    sut: Sut,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    behaviour: Any,
    is_attached: bool,
) -> None:
    behave(live, sut, behaviour)
    file = str(sut.export(tmp_path / "b.json"))
    live.call("PUT", "/config", {**CONFIG, "version": 1}, {"If-Match": "*"})
    where = ["--url", live.url] if is_attached else []
    assert main(["replay", file, *where]) == 0
    assert "5 requests sent again, every answer the same." in capsys.readouterr().out


def test_what_behaves_no_more_is_told_as_another(
    live: Live, sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    behave(live, sut, "down")
    file = sut.export(tmp_path / "b.json")
    put, taken = b'"settings":{"behaviour":"down"}', b'"settings":{"behaviour":null}'
    file.write_bytes(file.read_bytes().replace(put, taken))
    assert main(["replay", str(file)]) == 1
    assert "behaviour 'down'" in capsys.readouterr().out


FAULTS: Final = [
    {"fault": "hang"}, {"fault": "reset"}, {"fault": "empty"}, {"fault": "truncated", "text": "abc"},
    {"fault": "malformed_chunk"}, {"fault": "garbage"}, {"status": 201},
]  # fmt: skip


def break_answers(sut: Sut) -> None:
    sut.control(
        "POST", f"{NS}/stubs", {"name": "f", "request": {"path": "/f"}, "responses": FAULTS}
    )
    for _ in FAULTS:
        with suppress(ConnectionResetError):
            sut.raw(b"GET /~checkout/f HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def test_answers_break_again_as_they_did(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_answers(sut)
    file = str(sut.export(tmp_path / "b.json"))
    assert main(["replay", file, "--timeout", "20"]) == 0
    assert "7 requests sent again, every answer the same." in capsys.readouterr().out


def test_an_answer_that_breaks_no_more_is_another(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_answers(sut)
    file = sut.export(tmp_path / "b.json")
    file.write_bytes(file.read_bytes().replace(b'{"fault":"empty"}', b'{"fault":"none"}'))
    assert b'{"fault":"none"}' in file.read_bytes()
    code, found = report(capsys, str(file))
    assert code == 1
    assert found["difference"]["recorded"]["fault"] == "empty"
    assert found["difference"]["replayed"]["fault"] is None
    assert {"field": "fault", "recorded": "empty", "replayed": "(none)"} in found["difference"][
        "fields"
    ]


@pytest.mark.parametrize("is_attached", [False, True])
def test_the_first_other_answer_is_told_in_two_columns(
    live: Live, sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_attached: bool
) -> None:
    run_checkout(sut)
    file = edited(sut.export(tmp_path / "b.json"), "order", status=202, json={"id": "o2"})
    where = ["--url", live.url] if is_attached else []
    assert main(["replay", str(file), *where]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("2 requests sent again, the answer to number 2 is another.")
    assert [line.split() for line in lines[2:]] == [
        ["#2", "POST", "/~checkout/orders/1"],
        ["recorded", "replayed"],
        ["answered", "by", "order", "order"],
        ["status", "201", "202"],
        ["body.$.id", '"o1"', '"o2"'],
        ["body.$.items", "[1,", "2]", "(none)"],
    ]


def test_the_difference_is_told_to_programs(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_checkout(sut)
    file = edited(sut.export(tmp_path / "b.json"), "paid", headers={"location": "/elsewhere"})
    code, found = report(capsys, str(file))
    assert (code, found["same"], found["sent"], found["requests"]) == (1, False, 3, 5)
    difference = found["difference"]
    assert (difference["number"], difference["target"]) == (3, "/~checkout/paid")
    assert difference["fields"] == [
        {"field": "header location", "recorded": "/~checkout/paid/1", "replayed": "/~checkout/elsewhere"}
    ]  # fmt: skip
    assert difference["recorded"] == {
        "status": 200, "stub": "paid", "step": None, "behaviour": None, "error": None, "fault": None, "phase": "answered",
    }  # fmt: skip


def test_bodies_in_codings_and_chunks_come_again(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.control("POST", f"{NS}/stubs", {
        "name": "packed", "request": {"path": "/packed", "body": {"json": {"a": 1}}},
    })  # fmt: skip
    sut.send("POST", "/packed", gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    sut.raw(
        b"POST /~checkout/packed HTTP/1.1\r\nHost: x\r\ntransfer-ENCODING: chunked\r\n"
        b"Trailer: X-T\r\n\r\n3\r\n{\"a\r\n5\r\n\": 1}\r\n0\r\nX-T: 1\r\n\r\n"
    )  # fmt: skip
    sut.send("POST", "/packed", b"\xff\xfe")
    sut.send("HEAD", "/health")
    file = sut.export(tmp_path / "b.json")
    assert [each["stub"] for each in json.loads(file.read_bytes())["requests"]] == [
        "packed", "packed", "any", "health",
    ]  # fmt: skip
    code, found = report(capsys, str(file))
    assert (code, found["sent"], found["inexact"]) == (0, 4, {})


def test_what_is_redacted_still_fits_and_is_told(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.control("POST", f"{NS}/stubs", [
        {"name": "bearer", "request": {"path": "/a", "auth": {"bearer": "token-one"}},
         "response": {"headers": {"set-cookie": "sid=secret-sid; Path=/"}}},
        {"name": "any-bearer", "request": {"path": "/b", "headers": {"authorization": {"matches": "Bearer .+"}}}},
        {"name": "basic", "request": {"path": "/c", "auth": {"basic": {"username": "user", "password": "password"}}}},
        {"name": "cookie", "request": {"path": "/d", "cookies": {"sid": "secret-sid"}}, "response": {"text": "secret-sid"}},
    ])  # fmt: skip
    sut.send("GET", "/a", Authorization="Bearer token-one")
    sut.send("GET", "/a", Authorization="Bearer token-two")
    sut.send("GET", "/b", Authorization="Bearer token-two")
    sut.send("GET", "/c", Authorization="Basic dXNlcjpwYXNzd29yZA==")
    sut.send("GET", "/d", Cookie="sid=secret-sid")
    file = sut.export(tmp_path / "b.json", "")
    assert [each["stub"] for each in json.loads(file.read_bytes())["requests"]] == [
        "bearer", "any", "any-bearer", "basic", "cookie",
    ]  # fmt: skip
    assert main(["replay", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert (
        "5 requests not sent as they came, since marks stand for what the export redacted" in told
    )
    assert "An export with redact=false holds what was sent" in told


def test_requests_that_met_no_stub_and_those_that_are_gone_are_told(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        sut.send("POST", "/pay", b"x" * 1_100_000)
    sut.raw(b"POST /~checkout/pay HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nx")
    sut.send("POST", "/pay")
    sut.send("GET", "/health")
    sut.send("GET", "/health")
    for number in (1, 5):
        sut.control("DELETE", f"{NS}/requests/{number}")
    code, found = report(capsys, str(sut.export(tmp_path / "b.json")))
    assert (code, found["sent"], found["unsent"], found["missing"]) == (0, 3, 1, 1)
    assert found["inexact"] == {"only the hash of its body is there, and blanks were sent": [2]}
    assert any("Number 2 is the first that is recorded" in note for note in found["notes"])


def test_what_a_limit_dropped_is_told_and_the_replay_begins_in_the_middle(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.control("POST", f"{NS}/stubs", [
        {"name": "thrice", "request": {"path": "/t"}, "times": 3},
        {"name": "steps", "request": {"path": "/s"}, "per": "query.k",
         "responses": [{"text": "1"}, {"text": "2"}, {"text": "3"}]},
    ])  # fmt: skip
    sut.control("POST", f"{NS}/apply", {"settings": {"limits": {"requests": 3}}})
    for path in ("/t", "/t", "/s?k=a", "/s?k=a", "/s?k=a", "/t", "/t"):
        sut.send("GET", path)
    code, found = report(capsys, str(sut.export(tmp_path / "b.json")))
    assert (code, found["sent"], found["evicted"]) == (0, 3, 4)
    assert found["notes"][0].startswith("4 requests dropped by a limit: the replay begins with")


def test_an_answer_that_nobody_waited_for_is_not_waited_for(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.control("POST", f"{NS}/apply", {"settings": {"delay": "1h"}})
    with sut.live.connect() as connection:
        connection.sendall(b"POST /~checkout/pay HTTP/1.1\r\nHost: x\r\n\r\n")
        sut.control("POST", f"{NS}/verify", {"expect": [{"stub": "pay"}], "within": "10s"})
    file = sut.export(tmp_path / "b.json")
    assert json.loads(file.read_bytes())["requests"][0]["phase"] in ("delayed", "aborted")
    assert report(capsys, str(file), "--delays", "--timeout", "5")[0] == 0


def test_an_answer_that_does_not_come_is_another(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.control("POST", f"{NS}/apply", {"settings": {"delay": 0.01}})
    sut.send("GET", "/health")
    file = edited(sut.export(tmp_path / "b.json"), "health", text="ok", delay="1h")
    assert report(capsys, str(file))[0] == 0
    code, found = report(capsys, str(file), "--delays", "--timeout", "0.2")
    (field,) = found["difference"]["fields"]
    assert (code, field) == (
        1, {"field": "answer", "recorded": "200", "replayed": "none within 0.2 s"}
    )  # fmt: skip


@pytest.mark.parametrize("is_attached", [False, True])
def test_requests_over_https_come_again_so_where_the_server_has_it(
    live: Live, sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_attached: bool
) -> None:
    secure = {"name": "secure", "request": {"scheme": "https"}, "response": {"text": "ok"}}
    sut.control("POST", f"{NS}/stubs", secure)
    sut.send("GET", "/health")
    file = sut.export(tmp_path / "b.json")
    bundle = json.loads(file.read_bytes())
    bundle["requests"][0]["scheme"] = "https"
    bundle["requests"][0]["headers"].append(["Expect", "100-continue"])
    file.write_text(json.dumps(bundle))
    code, found = report(capsys, str(file), *(["--url", live.url] if is_attached else []))
    assert (code, bool(found["inexact"])) == (0, is_attached)


def test_what_another_servers_config_gives_to_all_has_no_part_in_a_replay(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_checkout(sut)
    sut.send("GET", "/late")
    file = str(sut.export(tmp_path / "b.json"))
    other = {"response": {"status": 418}, "priority": 1}
    elsewhere = Live({
        "settings": {"delay": "9s", "unmatched": {"status": 418}, "debug_headers": True},
        "state": {"orders": 7},
        "stubs": [{"name": name, **other} for name in ("health", "paid", "base")],
        "sets": {"other": {"stubs": [{"name": "pay", **other}], "state": {"orders": 8}}},
        "tags": {"not @x": {"sets": ["other"], "state": {"orders": 9}, "settings": {"delay": "8s"}}},
    })  # fmt: skip
    try:
        code, found = report(capsys, file, "--url", elsewhere.url, "--delays")
        assert (code, found["difference"], found["sent"]) == (0, None, 6)
    finally:
        elsewhere.close()


def test_wrong_usage_and_servers_that_are_not_there_are_told(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.send("GET", "/health")
    file = sut.export(tmp_path / "b.json")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
    broken = edited(sut.export(tmp_path / "c.json"), "health", txt="ok")
    for arguments, told in {
        (str(file), "--token", "t"): "--token and --control-url go with --url",
        (str(file), "--timeout", "0"): "'0' is no time: seconds above 0, at most 3600, are",
        (str(file), "--timeout", "x"): "'x' is no time",
        (str(file), "--url", nowhere): f"No mock server can be reached at {nowhere}",
        (
            str(file),
            "--url",
            f"{nowhere}/mocks",
        ): "has a path, so something stands before the server",
        (str(file), "--url", f"{nowhere}/~a"): "is the URL of a namespace; give that of its server",
        (str(broken),): "No server can be made of what the bundle tells.",
        (str(tmp_path / "none"),): "cannot be read: No such file or directory.",
    }.items():
        assert main(["replay", *arguments]) == 2
        assert told in capsys.readouterr().err
    main(["replay", str(broken)])
    assert "bundle:1:" in (err := capsys.readouterr().err)
    assert "unknown key 'txt'; did you mean 'text'?" in err


def test_a_request_that_is_refused_now_is_another(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.send("GET", "/health")
    file = sut.export(tmp_path / "b.json")
    bundle = json.loads(file.read_bytes())
    bundle["requests"][0]["headers"].append(["Content-Length", "many"])
    bundle["requests"][0]["method"] = "G T"
    file.write_text(json.dumps(bundle))
    code, found = report(capsys, str(file))
    assert (code, found["difference"]["replayed"]) == (1, None)
    assert (
        found["difference"]["fields"][0]["replayed"] == "refused with 400: it came to no namespace"
    )


def test_the_clock_says_again_what_it_said(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sut.control("PUT", f"{NS}/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    sut.control("PUT", f"{NS}/state", {"until": "2030-01-01T01:00:00Z"})
    timed = {"name": "timed", "request": {"path": "/x"}, "when": {"until": {"after": "now"}}}
    sut.control("POST", f"{NS}/stubs", timed)
    sut.send("GET", "/x")
    sut.control("PUT", f"{NS}/clock", {"advance": "2h"})
    sut.send("GET", "/x")
    file = sut.export(tmp_path / "b.json")
    stubs = [each["stub"] for each in json.loads(file.read_bytes())["requests"]]
    assert (stubs, report(capsys, str(file))[0]) == (["timed", "any"], 0)


def test_what_templates_made_is_made_again(
    sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = "{{ uuid() }} {{ now(format='%f') }} {{ hit }} {{ base_url }} {{ state.t }}"
    drawn = {"template": True, "json": {"made": made}, "headers": {"x-id": "{{ uuid() }}"}}
    token = {"t": {"template": "{{ random_string(9) }}"}}
    sut.control("POST", f"{NS}/stubs", {
        "name": "drawn", "request": {"path": "/drawn"}, "set": token,
        "responses": [{**drawn, "times": 2}, {"template": True, "text": "{{ request.query.q }}"}],
    })  # fmt: skip
    for target in ("/drawn", "/drawn?a=1", "/health", "/drawn?q=1", "/drawn"):
        sut.send("GET", target)
    file = sut.export(tmp_path / "b.json")
    bodies = [each["response"]["body"] for each in json.loads(file.read_bytes())["requests"]]
    assert bodies[0] != bodies[1]
    assert bodies[4]["json"]["type"] == "urn:pymockapi:error:template-error"
    code, found = report(capsys, str(file))
    assert (code, found["sent"]) == (0, 5)


class Script:
    """Random requests and control calls to one namespace."""

    def __init__(self, sut: Sut, random: Random) -> None:
        self._sut = sut
        self._random = random

    def run(self, steps: int) -> None:
        for number in range(steps):
            self._random.choice([self._send, self._send, self._write])(number)

    def _send(self, number: int) -> None:
        path = self._random.choice(["/pay", "/health", "/late", "/x", "/x?k=1", "/x?k=2"])
        method = self._random.choice(["GET", "POST", "HEAD"])
        self._sut.send(method, path, b'{"n": %d}' % number if method == "POST" else b"")

    def _write(self, _: int) -> None:
        random = self._random
        calls: list[tuple[str, str, Any]] = [
            ("POST", "/stubs", self._stub()),
            ("PUT", "/stubs", [self._stub(), {"name": "pay", "request": {"path": "/pay"}}]),
            ("DELETE", f"/stubs/{random.choice(['pay', 'any', 'a', 'b'])}", None),
            ("DELETE", f"/stubs/{random.choice(['pay', 'a', 'b'])}?layer=own", None),
            ("PATCH", "/state", {"s": random.choice([1, 2, None])}),
            ("PUT", "/sequences/pay", {"position": random.randrange(3)}),
            ("POST", "/apply", {"sets": random.choice([["down"], ["late", "down"], []])}),
            ("POST", "/apply", {"settings": {"unmatched": {"status": random.choice([404, 410])}}}),
            ("POST", "/reset", {"only": [random.choice(["stubs", "sequences", "state", "settings"])]}),
            ("PUT", "/clock", {"advance": "1h"}),
            ("POST", "/snapshots", {"id": f"s{random.random()}"}),
            ("POST", "/scopes", {}),
        ]  # fmt: skip
        method, path, body = random.choice(calls)
        self._sut.control(method, NS + path, *([] if body is None else [body]))
        kept = self._sut.control("GET", NS + "/snapshots").json["snapshots"]
        if kept and random.random() < 0.2:
            self._sut.control("POST", f"{NS}/snapshots/{random.choice(kept)['id']}/restore")

    def _stub(self) -> dict[str, Any]:
        random = self._random
        kinds: list[dict[str, Any]] = [
            {"times": 2}, {"when": {"s": 1}}, {"set": {"s": {"increment": 1}}},
            {"per": "query.k", "responses": [{"text": "1"}, {"text": "2", "times": 2}]},
        ]  # fmt: skip
        named = {"name": random.choice("ab"), "priority": random.choice([4, 5, 6])}
        path = random.choice(["/x", "/{any}", "/health"])
        return {**named, "request": {"path": path}, **random.choice(kinds)}


@pytest.mark.parametrize("seed", range(4))
def test_any_run_is_answered_the_same(
    live: Live, sut: Sut, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    Script(sut, Random(seed)).run(60)
    file = str(sut.export(tmp_path / "b.json"))
    for where in ([], ["--url", live.url]):
        code = main(["replay", file, *where])
        assert code == 0, "".join(capsys.readouterr())
