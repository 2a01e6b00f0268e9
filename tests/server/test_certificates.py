"""Certificates that were given or made, and what is said when they cannot be had."""

from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from tests.server.tls_clients import client_context, shaken

from pymockapi.server import certificates
from pymockapi.server.certificates import CertificateError, given_identity, made_identity

CA: Final = trustme.CA()


def written(directory: Path, leaf: trustme.LeafCert, name: str = "server") -> tuple[str, str]:
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    for blob in leaf.cert_chain_pems:
        blob.write_to_path(certificate, append=certificate.exists())
    leaf.private_key_pem.write_to_path(key)
    return str(certificate), str(key)


def test_given_files_are_shown_to_clients(tmp_path: Path) -> None:
    identity = given_identity(*written(tmp_path, CA.issue_cert("shop.example")))
    assert identity.ca_pem is None
    assert shaken(identity.context, client_context(CA.cert_pem.bytes().decode()), "shop.example")


@pytest.mark.parametrize(
    "name",
    ["localhost", "127.0.0.1", "::1", "mock.localhost", "checkout.mock.localhost", "shop.example",
     "a.wild.example", "10.0.0.7"],
)  # fmt: skip
def test_a_made_certificate_is_for_this_machine_and_the_names_asked_for(name: str) -> None:
    identity = made_identity(("shop.example", "*.wild.example", "10.0.0.7"))
    assert identity.ca_pem is not None
    assert shaken(identity.context, client_context(identity.ca_pem), name)


def test_each_process_makes_a_ca_of_its_own_unless_it_is_kept(tmp_path: Path) -> None:
    one, two = made_identity(()), made_identity(())
    assert one.ca_pem != two.ca_pem
    first, second = (made_identity((), str(tmp_path / "deep" / "ca")) for _ in range(2))
    assert first.ca_pem == second.ca_pem
    assert first.ca_pem is not None
    assert shaken(second.context, client_context(first.ca_pem), "localhost")
    kept = tmp_path / "deep" / "ca"
    assert (kept / "ca.pem").read_text() == first.ca_pem
    assert stat.S_IMODE((kept / "ca-with-key.pem").stat().st_mode) == 0o600
    assert sorted(path.name for path in kept.iterdir()) == ["ca-with-key.pem", "ca.pem"]


def test_servers_that_start_at_once_keep_one_ca(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: made_identity((), str(tmp_path)).ca_pem, range(8))
    assert len({(tmp_path / "ca.pem").read_text(), *found}) == 1


def test_what_cannot_be_used_is_told_with_the_file_and_the_cure(tmp_path: Path) -> None:
    certificate, key = written(tmp_path, CA.issue_cert("a"))
    _, other = written(tmp_path, CA.issue_cert("b"), "other")
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        load_pem_private_key(Path(key).read_bytes(), None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        )
    )
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for given, said in {
        (certificate, str(locked)): f"{locked} is encrypted",
        (certificate, other): "is not that of the first certificate",
        (str(empty), key): f"--tls-cert wants a certificate in PEM form, and {empty} has none",
        (
            certificate,
            str(empty),
        ): f"--tls-key wants a private key in PEM form, and {empty} has none"
        " (a line '-----BEGIN PRIVATE KEY-----').",
        (str(broken), key): f"{broken} with the key in {key} cannot be used",
        (str(tmp_path / "no"), key): f"--tls-cert cannot be read: {tmp_path / 'no'}: No such file",
        (certificate, str(tmp_path)): f"--tls-key cannot be read: {tmp_path}: Is a directory",
    }.items():
        with pytest.raises(CertificateError) as failure:
            given_identity(*given)
        assert said in str(failure.value)


@pytest.mark.parametrize("option", ["--tls-cert", "--tls-key"])
def test_pem_text_in_place_of_a_path_is_told_and_never_repeated(
    tmp_path: Path, option: str
) -> None:
    given = dict(
        zip(("--tls-cert", "--tls-key"), written(tmp_path, CA.issue_cert("a")), strict=True)
    )
    given[option] = Path(given[option]).read_text()
    with pytest.raises(CertificateError, match=f"{option} wants the path of a file") as failure:
        given_identity(*given.values())
    assert "BEGIN" not in str(failure.value)


def test_a_name_that_no_certificate_can_have_is_told() -> None:
    with pytest.raises(CertificateError, match=r"cannot be made for bad name!:"):
        made_identity(("bad name!",))


def test_a_kept_ca_that_is_none_is_told_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "ca-with-key.pem").write_text("nothing")
    with pytest.raises(CertificateError, match=r"ca-with-key.pem holds no CA .* Remove it"):
        made_identity((), str(tmp_path))


def test_a_directory_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CertificateError, match=r"cannot be kept in .*file"):
        made_identity((), str(tmp_path / "file"))


def test_without_a_temporary_folder_it_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(CertificateError, match=r"there can be none: .*\. Set TMPDIR"):
        made_identity(())


def test_without_trustme_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(certificates, "load_trustme", missing)
    with pytest.raises(CertificateError, match=r"uv pip install 'pymockapi\[tls\]'"):
        made_identity(())


def test_trustme_is_loaded_by_those_alone_who_want_a_certificate() -> None:
    code = "import sys, pymockapi.server.certificates; print('trustme' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
