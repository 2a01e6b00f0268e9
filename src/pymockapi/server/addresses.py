"""Where clients reach a server: URLs from what it is bound to, and from what it was told."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

import msgspec

from pymockapi.api.row import CONTROL_ROOT

EVERY_ADDRESS: Final = ("0.0.0.0", "::", "")


class Addresses(msgspec.Struct, frozen=True):
    """URLs without a slash at the end; ``control_url`` is the root of the control API."""

    url: str
    control_url: str
    tls_url: str | None = None


class Bound(msgspec.Struct, frozen=True):
    """A host and a port that a server listens on."""

    host: str
    port: int

    def url(self, scheme: str = "http", public_host: str | None = None) -> str:
        """Return a URL by which this machine reaches it, or others by ``public_host``."""
        host = "127.0.0.1" if self.host in EVERY_ADDRESS else self.host
        if public_host and not is_loopback(self.host):
            host = public_host
        name = f"[{host}]" if ":" in host else host
        return f"{scheme}://{name}:{self.port}"


def addresses(
    mock: Bound, tls: Bound | None, control: Bound | None, public_url: str | None
) -> Addresses:
    """``control`` is ``None`` where the control API is on the mock's own port.

    ``public_url`` is that of the mock's port as others see it; its host is that of the other
    ports, too, where others reach them.
    """
    url = public_url or mock.url()
    public_host = urlsplit(public_url or "").hostname
    control_url = url if control is None else control.url("http", public_host)
    return Addresses(
        url, control_url + CONTROL_ROOT, None if tls is None else tls.url("https", public_host)
    )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches ``host``; a name other than localhost is not asked."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def client_of(peer: tuple[str, int] | None) -> str:
    """Return ``ip:port``, the ip of IPv6 in brackets."""
    if not peer:
        return ""
    return f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
