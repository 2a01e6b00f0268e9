"""Which addresses the mock may call, whatever name stands for them."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from pymockapi.server.egress import MAX_LOOKUPS, Egress, NotFound, Refused, look_up


def resolving(*addresses: str, hosts: tuple[str, ...] = ()) -> Egress:
    return Egress(hosts, lambda _host, _port: list(addresses))


def asked(egress: Egress, host: str) -> list[str]:
    return asyncio.run(egress.addresses(host, 80))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.10", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "fd12:3456::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    ],
)  # fmt: skip
def test_this_machine_and_private_networks_may_be_called(address: str) -> None:
    assert asked(Egress(), address) == [address]
    assert asked(resolving(address), "sut.local") == [address]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("169.254.169.254", "link-local"), ("fe80::1", "link-local"),
        ("::ffff:169.254.169.254", "link-local"), ("64:ff9b::a9fe:a9fe", "link-local"),
        ("2002:a9fe:a9fe::1", "link-local"), ("fd00:ec2::254", "credentials"),
        ("224.0.0.1", "multicast"), ("ff02::1", "multicast"), ("0.0.0.0", "unspecified"),
        ("::", "unspecified"), ("240.0.0.1", "reserved"), ("255.255.255.255", "reserved"),
        ("::ffff:0.0.0.0", "unspecified"), ("4000::1", "reserved"),
    ],
)  # fmt: skip
def test_these_are_never_called_even_if_they_are_named(address: str, told: str) -> None:
    named = (address, "hooks.example.com")
    for egress, host in (
        (Egress(named), address),
        (resolving(address, hosts=named), "hooks.example.com"),
    ):
        with pytest.raises(Refused, match=told):
            asked(egress, host)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "100.64.0.1", "172.32.0.1", "2001:4860::8888", "198.51.100.1"]
)
def test_others_only_if_the_host_is_named(address: str) -> None:
    with pytest.raises(Refused, match=r"server\.egress\.hosts"):
        asked(resolving(address), "hooks.example.com")
    with pytest.raises(Refused, match=r"server\.egress\.hosts"):
        asked(Egress(), address)
    assert asked(resolving(address, hosts=("hooks.example.com",)), "Hooks.Example.com.") == [
        address
    ]
    assert asked(Egress((address,)), address) == [address]


@pytest.mark.parametrize(
    ("host", "is_named"),
    [
        ("a.example.com", True), ("b.a.example.com", True), ("example.com", False),
        ("badexample.com", False), ("a.example.com.evil.org", False),
    ],
)  # fmt: skip
def test_a_star_stands_for_all_below_a_name(host: str, is_named: bool) -> None:
    egress = resolving("8.8.8.8", hosts=("*.example.com",))
    if is_named:
        assert asked(egress, host) == ["8.8.8.8"]
    else:
        with pytest.raises(Refused):
            asked(egress, host)


def test_of_several_addresses_those_are_taken_that_may_be_called() -> None:
    egress = resolving("169.254.169.254", "8.8.8.8", "127.0.0.1")
    assert asked(egress, "mixed.test") == ["127.0.0.1"]


def test_a_name_is_looked_up_once() -> None:
    calls: list[str] = []

    def resolve(host: str, _: int) -> list[str]:
        calls.append(host)
        return ["127.0.0.1"]

    assert asked(Egress((), resolve), "once.test") == ["127.0.0.1"]
    assert calls == ["once.test"]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (socket.gaierror(-2, "Name or service not known"), "'x.test' cannot be looked up: Name or service not known"),
        (UnicodeError("label too long"), "label too long"),
    ],
)  # fmt: skip
def test_a_name_that_nobody_knows_is_told(failure: Exception, told: str) -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise failure

    with pytest.raises(NotFound, match=told):
        asked(Egress((), resolve), "x.test")


def test_a_name_without_an_address_is_told() -> None:
    with pytest.raises(NotFound, match="it has no address"):
        asked(resolving(), "x.test")


def test_what_is_no_address_at_all_is_refused() -> None:
    with pytest.raises(Refused, match="no address"):
        asked(resolving("nonsense"), "x.test")


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433"])
def test_other_ways_to_write_this_machine_are_looked_up(host: str) -> None:
    found = asyncio.run(Egress().addresses(host, 80))
    assert set(found) <= {"127.0.0.1", "::1"}
    assert set(look_up("127.0.0.1", 80)) == {"127.0.0.1"}


def test_a_lookup_that_nobody_waits_for_any_more_is_dropped() -> None:
    go_on, done = threading.Event(), threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        go_on.wait(20)
        done.set()
        return ["127.0.0.1"]

    async def give_up() -> None:
        task = asyncio.ensure_future(Egress((), resolve).addresses("slow.test", 80))
        await asyncio.sleep(0)
        task.cancel()
        go_on.set()
        await asyncio.to_thread(done.wait, 20)
        await asyncio.sleep(0)

    asyncio.run(give_up())


def test_a_scope_does_not_make_another_address_of_it() -> None:
    why = Egress().why_not("fd00:ec2::254%1", "fd00:ec2::254%1")
    assert why is not None
    assert "where a cloud keeps credentials" in why


def test_only_so_many_names_are_looked_up_at_once() -> None:
    answered = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        answered.wait(60)
        return ["127.0.0.1"]

    async def check() -> None:
        egress = Egress((), resolve)
        tasks = [
            asyncio.ensure_future(egress.addresses(f"n{n}.test", 80)) for n in range(MAX_LOOKUPS)
        ]
        await asyncio.sleep(0)
        for task in tasks[:100]:
            task.cancel()  # nobody waits for them any more, and their threads are still there
        with pytest.raises(NotFound, match="200 lookups have not ended, the limit"):
            await egress.addresses("more.test", 80)
        answered.set()
        assert await asyncio.gather(*tasks[100:]) == [["127.0.0.1"]] * 100
        assert await egress.addresses("more.test", 80) == ["127.0.0.1"]

    asyncio.run(check())
