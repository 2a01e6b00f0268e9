"""Digest credentials (RFC 7616, and RFC 2617 for clients without ``qop``): parts, and the password.

What a client sent is verified against its own nonce, since a mock has given none that it would
have to remember.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from pymockapi.engine.matching.authorization import credentials_of
from pymockapi.model.parameters import read_parameters
from pymockapi.model.request import Request

DIGEST_KEYS: Final[tuple[str, ...]] = (
    "username", "realm", "nonce", "uri", "response", "algorithm", "cnonce", "opaque", "qop", "nc",
)  # fmt: skip
_HASHES: Final[Mapping[str, Callable[[bytes], hashlib._Hash]]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "sha-256": hashlib.sha256,
    "sha-512-256": lambda data: hashlib.new("sha512_256", data),
}


def digest_credentials(request: Request) -> list[dict[str, str]]:
    """Return the parameters of each well-formed Digest header; ``username*`` is as ``username``."""
    found = []
    for text in credentials_of(request, "digest"):
        parameters = read_parameters(text)
        if parameters is None:
            continue
        charset, _, rest = parameters.get("username*", "").partition("'")
        _, tick, encoded = rest.partition("'")
        if tick and charset.lower() == "utf-8":
            parameters["username"] = unquote(encoded)
        found.append(parameters)
    return found


def has_password(offer: Mapping[str, str], method: str, password: str) -> bool:
    """Return whether ``response`` was made with ``password``, for the method of the request.

    ``auth-int`` and algorithms that are unknown are never verified.
    """
    algorithm = offer.get("algorithm", "MD5").lower()
    hashed = _HASHES.get(algorithm.removesuffix("-sess"))
    qop = offer.get("qop")
    if hashed is None or qop not in (None, "auth"):
        return False

    def digest(*parts: str) -> str:
        return hashed(":".join(parts).encode("utf-8", "surrogateescape")).hexdigest()

    nonce, cnonce = offer.get("nonce", ""), offer.get("cnonce", "")
    secret = digest(offer.get("username", ""), offer.get("realm", ""), password)
    if algorithm.endswith("-sess"):
        secret = digest(secret, nonce, cnonce)
    asked = digest(method, offer.get("uri", ""))
    if qop is None:
        expected = digest(secret, nonce, asked)
    else:
        expected = digest(secret, nonce, offer.get("nc", ""), cnonce, qop, asked)
    return expected == offer.get("response", "").lower()
