"""Who may drive the control API: no web page, and nobody without the token where one is set."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Final

import pytest
from tests.api.live import Live, read_answer

from pymockapi.api.row import Row
from pymockapi.api.rows import ROWS
from pymockapi.model.request import Request
from pymockapi.server.gate import Gate
from pymockapi.server.settings import ServeOptions

TOKEN: Final = "s3cret"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Live]:
    server = Live(options=ServeOptions(port=0, token=TOKEN, grace_s=1.0))
    yield server
    server.close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8080", "localhost", "LocalHost:99", "[::1]", "[::1]:80"],
)
def test_the_names_of_this_machine_are_let_in(live: Live, host: str) -> None:
    assert live.call("GET", "/version", headers={"Host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.nip.io", "localhost.evil.example", "evil.localhost", "127.0.0.2",
     "0.0.0.0", "169.254.169.254", "mock.localhost", "ns.mock.localhost", "2130706433", "localhost.",
     "[::ffff:127.0.0.1]", "127.0.0.1:80.evil.example", "xn--e1awg7f.example"],
)  # fmt: skip
def test_a_foreign_host_is_403(live: Live, host: str) -> None:
    """A page whose name was rebound to this machine still says its own name."""
    answer = live.call("GET", "/namespaces", headers={"Host": host})
    assert (answer.status, answer.code) == (403, "forbidden")


def test_a_request_without_a_host_is_403(live: Live) -> None:
    with live.connect() as line:
        line.sendall(b"GET /__mock/v1/version HTTP/1.0\r\n\r\n")
        assert read_answer(line).status == 403


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "http://localhost.evil.example", "http://127.0.0.1.nip.io",
     "file://", "chrome-extension://abc", "http://evil.example:8080", "evil.example", "http://",
     "http://localhost:3000", "http://127.0.0.1:1"],
)  # fmt: skip
@pytest.mark.parametrize("with_token", [False, True])
def test_a_foreign_origin_is_403_even_with_the_token(
    live: Live, guarded: Live, origin: str, with_token: bool
) -> None:
    server, headers = live, {"Origin": origin}
    if with_token:
        server, headers = guarded, {"Origin": origin, "Authorization": f"Bearer {TOKEN}"}
    answer = server.call("POST", "/namespaces", {"name": "by-a-page"}, headers)
    assert (answer.status, answer.code) == (403, "forbidden")
    del headers["Origin"]
    assert server.call("GET", "/namespaces/by-a-page", headers=headers).status == 404


@pytest.mark.parametrize("row", [row for row in ROWS if not row.is_open], ids=lambda row: row.name)
def test_every_row_is_behind_the_gate(live: Live, guarded: Live, row: Row) -> None:
    path = row.path.replace("{", "").replace("}", "")
    assert live.call(row.method, path, headers={"Host": "evil.example"}).status == 403
    assert guarded.call(row.method, path).status == 401


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_who_looks_after_containers_needs_no_token_and_calls_by_any_name(
    live: Live, guarded: Live, path: str, method: str
) -> None:
    for server in (live, guarded):
        answer = server.call(method, path, headers={"Host": "10.1.2.3:8080"})
        assert answer.status == 200
        assert answer.body.startswith(b'{"status"') is (method == "GET")


def test_what_needs_no_token_is_a_closed_list() -> None:
    assert {row.path for row in ROWS if row.is_open} == {"/health", "/ready", "/ca.pem"}


@pytest.mark.parametrize("path", ["/health/", "/health/../version", "/HEALTH", "/health%2F"])
def test_no_other_spelling_of_an_open_path_gets_past_the_token(guarded: Live, path: str) -> None:
    assert guarded.call("GET", path).status == 401


def test_a_web_page_reads_not_even_what_needs_no_token(live: Live) -> None:
    assert live.call("GET", "/health", headers={"Origin": "https://evil.example"}).status == 403


@pytest.mark.parametrize(
    "header", ["Bearer s3cret", "bearer s3cret", "BEARER s3cret", "Bearer   s3cret "]
)
def test_the_token_lets_in_whatever_the_case_of_its_scheme(guarded: Live, header: str) -> None:
    assert guarded.call("GET", "/version", headers={"Authorization": header}).status == 200


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer S3CRET", "Bearer s3cret2", "s3cret",
     "Basic s3cret", "Bearer s3\u00e9cret", "Bearer \U0001f511", "Token s3cret"],
)  # fmt: skip
def test_no_token_or_a_wrong_one_is_401_and_says_what_is_wanted(
    guarded: Live, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = guarded.call("GET", "/version", headers=headers)
    assert (answer.status, answer.code) == (401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert TOKEN not in answer.body.decode()


def test_with_a_token_any_host_is_let_in(guarded: Live) -> None:
    headers = {"Host": "mock.internal:8080", "Authorization": f"Bearer {TOKEN}"}
    assert guarded.call("GET", "/version", headers=headers).status == 200


def test_traffic_needs_no_token(guarded: Live) -> None:
    assert guarded.send("GET", "/anything", headers={"Host": "api.example"}).code == "no-match"


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append((given, expected))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    head = b"GET / HTTP/1.1\r\nAuthorization: Bearer guess\r\n\r\n"
    with pytest.raises(Exception, match="token"):
        Gate(TOKEN).check(Request("GET", "/", head))
    assert compared == [(b"guess", TOKEN.encode())]


@pytest.mark.parametrize("path", ["/health", "/namespaces", "/nothing"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_control_answers_carry_no_cors_headers(live: Live, method: str, path: str) -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    answer = live.call(method, path, headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_the_reserved_path_under_a_namespace_is_ordinary_traffic(live: Live) -> None:
    ns = live.create(
        stubs=[{"request": {"path": "/__mock/v1/health"}, "response": {"text": "mine"}}]
    )
    assert live.send("GET", f"/~{ns}/__mock/v1/health").body == b"mine"
    assert live.send("GET", f"/~{ns}/__mock/v1/namespaces").code == "no-match"
    header = live.send("GET", "/__mock/v1/health", headers={"X-Mock-Namespace": ns})
    assert header.json == {"status": "ok"}


@pytest.mark.parametrize(
    "target",
    ["/%5F_mock/v1/namespaces", "/__MOCK/v1/namespaces", "//__mock/v1/namespaces",
     "/./__mock/v1/namespaces", "/__mockery"],
)  # fmt: skip
def test_no_other_spelling_reaches_the_control_api(live: Live, target: str) -> None:
    assert live.send("GET", target).code == "no-match"


def test_an_absolute_target_reaches_it_by_the_names_of_this_machine_only(live: Live) -> None:
    assert live.send("GET", "http://localhost/__mock/v1/version").status == 200
    assert live.send("GET", "http://evil.example/__mock/v1/version").code == "forbidden"


def test_a_page_cannot_write_through_the_mocks_own_answers(live: Live) -> None:
    answer = live.send("GET", "/nothing", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
