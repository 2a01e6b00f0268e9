"""Credentials that a request carries in ``Authorization``: Basic (RFC 7617), Bearer (RFC 6750)."""

from __future__ import annotations

import base64
import binascii

from pymockapi.model.request import Request


def bearer_tokens(request: Request) -> list[str]:
    return credentials_of(request, "bearer")


def basic_credentials(request: Request) -> list[tuple[str, str]]:
    """Return user name and password of each readable Basic header."""
    pairs = []
    for text in credentials_of(request, "basic"):
        try:
            decoded = base64.b64decode(text.encode(), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            continue
        username, colon, password = decoded.decode("utf-8", "surrogateescape").partition(":")
        if colon:
            pairs.append((username, password))
    return pairs


def credentials_of(request: Request, scheme: str) -> list[str]:
    """Return what follows ``scheme`` in each header that has it."""
    found = []
    for value in request.header("authorization"):
        name, _, rest = value.partition(" ")
        if name.lower() == scheme and rest.strip():
            found.append(rest.strip())
    return found
