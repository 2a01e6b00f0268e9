"""Options about ports, HTTPS, the public URL and the token: what goes together, what is told."""

from __future__ import annotations

import json
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.cli.test_serve import options, ready, serving

from pymockapi.cli import main
from pymockapi.server.settings import TlsOptions


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYMOCKAPI_TOKEN", raising=False)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [([], None),
     (["--tls"], TlsOptions(8443)),
     (["--tls", "--tls-port=0", "--tls-name=a.example", "--tls-name=10.0.0.7"],
      TlsOptions(0, names=("a.example", "10.0.0.7"))),
     (["--tls-ca=ca"], TlsOptions(8443, ca_directory="ca")),
     (["--tls-cert=c", "--tls-key=k"], TlsOptions(8443, "c", "k"))],
)  # fmt: skip
def test_https_is_as_it_is_asked_for(arguments: list[str], expected: TlsOptions | None) -> None:
    assert options(*arguments).tls == expected


def test_the_control_port_and_the_public_url_are_as_they_are_asked_for() -> None:
    given = options("--control-port=9", "--control-host=127.0.0.2", "--public-url=http://m:1/")
    assert (given.control_port, given.control_host) == (9, "127.0.0.2")
    assert given.public_url == "http://m:1"
    assert (options().control_port, options().public_url) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--tls-cert=c"], "--tls-cert needs --tls-key"),
     (["--tls-key=k"], "--tls-key needs --tls-cert"),
     (["--tls-cert=c", "--tls-key=k", "--tls"], "--tls is for a certificate that the server makes"),
     (["--tls-cert=c", "--tls-key=k", "--tls-name=n"], "--tls-name is for a certificate that"),
     (["--tls-port=1"], "--tls-port needs a certificate: add --tls"),
     (["--control-host=127.0.0.1"], "--control-host needs --control-port"),
     (["--tls", "--tls-port=8080"], "--port and --tls-port are both 8080"),
     (["--control-port=8080"], "--control-port is 8080, as another port of this server"),
     (["--tls", "--tls-port=9", "--control-port=9"], "--control-port is 9, as another port"),
     (["--token=a", "--token-file=b"], "leave one out"),
     (["--token=a b"], "--token is no token: one word without blanks is"),
     (["--token= a"], "--token is no token"),
     (["--token="], "--token is no token"),
     (["--seed=-1"], "'-1' is no seed: a number from 0 to 9223372036854775807 is"),
     (["--seed=9223372036854775808"], "is no seed"),
     (["--seed=x"], "'x' is no seed"),
     (["--public-url=mock:80"], "'mock:80' is no http or https URL"),
     (["--control-port=x"], "'x' is no port")],
)  # fmt: skip
def test_what_does_not_go_together_is_wrong_usage(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_certificate_that_cannot_be_had_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [f"--tls-cert={tmp_path / 'none.pem'}", f"--tls-key={tmp_path / 'none.key'}"]
    assert main(["serve", "--port=0", *files]) == 1
    assert capsys.readouterr().err == (
        f"The file of --tls-cert cannot be read: {tmp_path / 'none.pem'}: No such file or directory.\n"
    )


def test_a_variable_that_holds_no_token_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYMOCKAPI_TOKEN", "two words")
    assert main(["serve"]) == 2
    assert "PYMOCKAPI_TOKEN is no token" in capsys.readouterr().err


def test_a_token_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    assert options(f"--token-file={file}").token == "s3cret"
    assert options(f"--token-file={file}", "--host=0.0.0.0").token == "s3cret"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), (b"", "holds no token"), (b"two words", "holds no token"),
     (b"a\nb", "holds no token"), (b"\xff", "it is no UTF-8")],
)  # fmt: skip
def test_a_file_without_a_token_is_wrong_usage(
    content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert main(["serve", f"--token-file={file}"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert str(file) in told


@pytest.mark.parametrize(
    ("arguments", "needs"),
    [(["--host=0.0.0.0"], True), (["--host=0.0.0.0", "--control-port=1"], True),
     (["--host=0.0.0.0", "--control-port=1", "--control-host=127.0.0.1"], False),
     (["--control-port=1", "--control-host=0.0.0.0"], True)],
)  # fmt: skip
def test_a_token_is_made_where_others_reach_the_control_api(
    arguments: list[str], needs: bool
) -> None:
    assert (options(*arguments).token is not None) is needs


def test_a_tls_port_in_use_is_told_with_its_number() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving("--tls", f"--tls-port={port}") as process:
            said = process.communicate(timeout=20)[1]
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in said


def test_a_program_reads_the_urls_and_the_ca_from_one_line(tmp_path: Path) -> None:
    given = ("--tls", "--tls-port=0", f"--tls-ca={tmp_path}", "--control-port=0", "--ready-json")
    with serving(*given) as process:
        said = json.loads(ready(process))
        assert said["ca_pem"] == (tmp_path / "ca.pem").read_text()
        assert len({urlsplit(said[name]).port for name in ("url", "tls_url", "control_url")}) == 3
        context = ssl.create_default_context(cadata=said["ca_pem"])
        port = urlsplit(said["tls_url"]).port
        with socket.create_connection(("127.0.0.1", port or 0), 20) as line:
            context.wrap_socket(line, server_hostname="localhost").close()
