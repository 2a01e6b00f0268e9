"""Which hosts the mock may call by itself: this machine, private networks, and those that are named.

Never link-local addresses, where clouds keep credentials, multicast, unspecified or reserved ones.
A name is looked up once, and the address that was judged is the one that is connected to, so
that a name cannot mean another a moment later.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

MAX_LOOKUPS: Final = 200
"""Names that are looked up at once; a thread each, which its resolver may hold for long."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

_PRIVATE: Final = tuple(
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")  # RFC 1918, RFC 4193
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_METADATA: Final = ipaddress.ip_address("fd00:ec2::254")  # a cloud's credentials, in a private net


class Refused(Exception):
    """The mock must not call there. The text is a sentence without its end."""


class NotFound(Exception):
    """A name could not be looked up. The text is a sentence without its end."""


class Egress:
    """``hosts`` are those that are named, in lower case; ``*.example.org`` is all below it."""

    def __init__(self, hosts: Collection[str] = (), resolve: Resolve | None = None) -> None:
        self._hosts = frozenset(hosts)
        self._resolve = resolve or look_up
        self._lookups = 0  # that have not ended, whoever still waits for them

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of ``host`` that may be called, in the order to try them.

        Raises ``Refused`` or ``NotFound``.
        """
        literal = _literal(host)
        found = [host] if literal is not None else await self._looked_up(host, port)
        allowed = [each for each in found if self.why_not(host, each) is None]
        if not allowed:
            raise Refused(self.why_not(host, found[0]))
        return allowed

    def why_not(self, host: str, address: str) -> str | None:
        """Return why ``host`` must not be called at ``address``; ``None``: it may."""
        read = _literal(address)
        if read is None:
            return f"'{address}' is no address"
        meant = _embedded(read)
        told = address if host == address else f"'{host}' is {address}, which"
        if (kind := _never(meant) or _never(read)) is not None:
            return f"{told} is {kind}; the mock never calls there"
        if meant.is_loopback or any(
            meant in each for each in _PRIVATE if each.version == meant.version
        ):
            return None
        if self._is_named(host):
            return None
        return (
            f"{told} is neither this machine nor in a private network; name the host in"
            " 'server.egress.hosts' of the config if the mock may call it"
        )

    def _is_named(self, host: str) -> bool:
        name = host.lower().rstrip(".")
        if name in self._hosts:
            return True
        labels = name.split(".")
        return any(
            "*." + ".".join(labels[place:]) in self._hosts for place in range(1, len(labels))
        )

    async def _looked_up(self, host: str, port: int) -> list[str]:
        """Look ``host`` up in a thread of its own: one that hangs holds up nobody, nor the end."""
        if self._lookups >= MAX_LOOKUPS:
            raise NotFound(
                f"'{host}' is not looked up: {MAX_LOOKUPS} lookups have not ended, the limit"
            )
        self._lookups += 1
        loop = asyncio.get_running_loop()
        done: asyncio.Future[list[str]] = loop.create_future()

        def settle(found: list[str] | None, error: OSError | UnicodeError | None) -> None:
            self._lookups -= 1
            if done.done():
                return
            if found:
                done.set_result(found)
            else:
                done.set_exception(NotFound(f"'{host}' cannot be looked up: {_reason(error)}"))

        def work() -> None:
            found, failure = None, None
            try:
                found = self._resolve(host, port)
            except (OSError, UnicodeError) as error:
                failure = error
            with suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(settle, found, failure)

        threading.Thread(target=work, name="pymockapi-look-up", daemon=True).start()
        return await done


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of ``host``, the best first. Raises ``OSError`` or ``UnicodeError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _reason(error: OSError | UnicodeError | None) -> str:
    if error is None:
        return "it has no address"
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return text.rstrip(".")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, if it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _never(address: Address) -> str | None:
    """Return what kind of address it is, if none of that kind is ever called."""
    if address.version == 6 and int(address) == int(_METADATA):  # whatever scope it is given
        return "where a cloud keeps credentials"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_unspecified:
        return "the unspecified address"
    if address.is_reserved and not address.is_loopback and not _is_wrapped(address):
        return "a reserved address"
    return None


def _is_wrapped(address: Address) -> bool:
    """Return whether it is an IPv6 address that stands for an IPv4 one, which is judged itself."""
    return _embedded(address) is not address
