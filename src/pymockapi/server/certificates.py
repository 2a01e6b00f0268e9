"""What the TLS port shows its clients: certificates of the user's, or ones made for the test.

A certificate that is made is signed by a test CA, made too, whose own certificate clients are
given to trust. Errors here are about files and options that a user gave.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from pymockapi.engine.features import load_trustme

if TYPE_CHECKING:
    from trustme import CA

_CERTIFICATE: Final = "ca.pem"  # for clients
_WHOLE: Final = "ca-with-key.pem"
_END: Final = b"-----END CERTIFICATE-----\n"
LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1", "mock.localhost", "*.mock.localhost")


class CertificateError(Exception):
    """Why there can be no TLS: a sentence for the user."""


class Identity(msgspec.Struct, frozen=True):
    """``ca_pem`` is the certificate that clients need to trust, if this server made it."""

    context: ssl.SSLContext
    ca_pem: str | None = None


def given_identity(certificate: str, key: str) -> Identity:
    """Read PEM files: the chain, the server's own certificate first, and its private key.

    Raises ``CertificateError``.
    """
    for file, option in ((certificate, "--tls-cert"), (key, "--tls-key")):
        if "-----BEGIN" in file:
            raise CertificateError(
                f"{option} wants the path of a file, and was given what such a file holds; write it"
                " to a file and give its path."
            )
        try:
            Path(file).read_bytes()
        except OSError as error:
            raise CertificateError(
                f"The file of {option} cannot be read: {file}: {error.strerror}."
            ) from error
    context = _new_context()
    asked: list[str] = []

    def passphrase() -> str:
        asked.append(key)
        return ""

    try:
        context.load_cert_chain(certificate, key, passphrase)
    except (ssl.SSLError, ValueError) as error:
        raise CertificateError(_said(error, certificate, key, is_encrypted=bool(asked))) from error
    return Identity(context)


def _said(error: Exception, certificate: str, key: str, *, is_encrypted: bool) -> str:
    if is_encrypted:
        return (
            f"The private key in {key} is encrypted, and the server does not ask for passphrases."
            f" Decrypt it first: openssl pkey -in {key} -out plain.pem"
        )
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return (
            f"The private key in {key} is not that of the first certificate in {certificate}; the"
            " server's own certificate must come first, then those that signed it."
        )
    for file, mark, option in (
        (certificate, b"-----BEGIN CERTIFICATE-----", "--tls-cert wants a certificate"),
        (key, b"PRIVATE KEY-----", "--tls-key wants a private key"),
    ):
        if mark not in Path(file).read_bytes():
            return f"{option} in PEM form, and {file} has none (a line '{_begin(mark)}')."
    return f"The certificate in {certificate} with the key in {key} cannot be used: {error}."


def _begin(mark: bytes) -> str:
    """Return the line that a PEM file of this kind begins with."""
    text = mark.decode().strip()
    return text if text.startswith("-----") else f"-----BEGIN {text}"


def made_identity(names: tuple[str, ...], ca_directory: str | None = None) -> Identity:
    """Make a certificate for ``names`` and those of this machine, signed by a test CA.

    The CA is that in ``ca_directory``, put there if there is none yet; without a directory it
    lasts as long as the process. Raises ``CertificateError``.
    """
    try:
        trustme = load_trustme()
    except ImportError as error:
        raise CertificateError(
            "A test certificate is made with trustme, which is not installed: uv pip install"
            " 'pymockapi[tls]'; or give files of your own with --tls-cert and --tls-key."
        ) from error
    ca = trustme.CA() if ca_directory is None else _kept_ca(Path(ca_directory))
    try:
        leaf = ca.issue_cert(*dict.fromkeys((*LOCAL_NAMES, *names)))
    except ValueError as error:
        raise CertificateError(
            f"A certificate cannot be made for {', '.join(names)}: {error}; names are as"
            " mock.example.org, *.example.org or 10.0.0.7."
        ) from error
    context = _new_context()
    try:
        leaf.configure_cert(context)
    except OSError as error:  # OpenSSL reads certificates from files alone
        raise CertificateError(
            f"The certificate is handed over in a temporary file, and there can be none:"
            f" {error.strerror}. Set TMPDIR to a folder that this user may write to."
        ) from error
    return Identity(context, ca.cert_pem.bytes().decode())


def _kept_ca(directory: Path) -> CA:
    """Return the CA in ``directory``. Of several servers that start at once, one makes it."""
    whole = directory / _WHOLE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not whole.exists():
            _keep(load_trustme().CA(), whole)
        return _read_ca(whole)
    except OSError as error:
        raise CertificateError(
            f"The CA cannot be kept in {directory} (--tls-ca): {error.strerror}: {error.filename}."
        ) from error


def _keep(ca: CA, whole: Path) -> None:
    """Write the CA for servers and its certificate for clients, each whole or not at all."""
    certificate = ca.cert_pem.bytes()
    with suppress(FileExistsError):  # another server was faster: its CA counts
        _put(certificate + ca.private_key_pem.bytes(), whole, 0o600)
        (whole.parent / _CERTIFICATE).unlink(missing_ok=True)
    with suppress(FileExistsError):
        _put(whole.read_bytes().partition(_END)[0] + _END, whole.parent / _CERTIFICATE, 0o644)


def _put(content: bytes, path: Path, mode: int) -> None:
    """Create ``path`` whole. Raises ``FileExistsError``."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, mode)
        os.link(name, path)
    finally:
        os.unlink(name)


def _read_ca(whole: Path) -> CA:
    certificate, end, key = whole.read_bytes().partition(_END)
    try:
        ca: CA = load_trustme().CA.from_pem(certificate + end, key)
    except ValueError as error:
        raise CertificateError(
            f"{whole} holds no CA that was kept here (--tls-ca): {error}. Remove it, and another"
            " is made."
        ) from error
    return ca


def _new_context() -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with HTTP/1.1 alone: HTTP/2 is not offered."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # a client could keep the processor busy with it
    context.set_alpn_protocols(["http/1.1"])
    return context
