"""The memory store keeps the contract, ends every coroutine on its first step, and lets go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest
from tests.store.contract import PROJECT, StoreContract
from tests.store.worlds import Bench, bench_of, numbers, settings_of, stub_of

from pymockapi.model.changes import (
    DefineStubs,
    NamespaceSpec,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
    Reset,
)
from pymockapi.model.errors import Conflict
from pymockapi.model.stub import Stub
from pymockapi.store.memory import MemoryStore
from pymockapi.store.port import Query, Store


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def bench(self) -> Bench:
        """Return a store whose coroutines must all end on their first step."""
        return bench_of(PROJECT)


class Pauses:
    """Ends the turn after every slice of a scan, and does ``work`` meanwhile."""

    def __init__(self) -> None:
        self.work: list[Awaitable[object]] = []

    def pause(self) -> Awaitable[None] | None:
        return self._work() if self.work else None

    async def _work(self) -> None:
        await self.work.pop()


def crowded(pauses: Pauses, **limits: int) -> MemoryStore:
    bench = Bench(MemoryStore(PROJECT, pause=pauses.pause), bench_of().clockwork)
    bench.create(stubs=(stub_of("s"),), settings=settings_of(limits=limits))
    for n in range(1500):
        bench.ask("/a" if n % 2 else "/b")
    return bench.store


def test_a_scan_that_pauses_skips_nothing_that_stays() -> None:
    pauses = Pauses()
    store = crowded(pauses, requests=1500)
    bench = Bench(store, bench_of().clockwork)

    async def traffic() -> None:
        for _ in range(700):
            bench.ask("/a")

    pauses.work.append(traffic())
    query = Query(path="/a", fits=lambda entry: entry.number <= 1500)
    page = asyncio.run(store.select("a", query, limit=1000))
    kept = [n for n in range(716, 1501) if n % 2 == 0]  # a hundredth is dropped beforehand
    assert set(kept) <= set(numbers(page.entries))
    assert not page.complete


def test_a_scan_survives_that_its_journal_is_reset_and_freed() -> None:
    pauses = Pauses()
    store = crowded(pauses)

    async def clear() -> None:
        await store.apply("a", (Reset(),))
        while not store.discarded[-1].release(100):
            pass

    pauses.work.append(clear())
    page = asyncio.run(store.select("a", Query(fits=lambda _: True)))
    assert page.entries == []


def large(n: int) -> tuple[Stub, ...]:
    """Return a layer that is indexed in slices, with a pause between."""
    return tuple(stub_of(f"s{i}", f"/{i}", response={"text": str(n)}) for i in range(400))


def test_a_large_write_is_whole_though_others_write_while_it_pauses() -> None:
    pauses = Pauses()
    store = MemoryStore(PROJECT, pause=pauses.pause)
    bench = Bench(store, bench_of().clockwork)
    bench.create(stubs=large(0)[:50])

    async def others() -> None:
        await store.apply("a", (DefineStubs((stub_of("mine", "/mine"),)),))
        await store.apply("a", (RemoveStubs(("s1",)),))
        bench.ask("/2")

    pauses.work.append(others())
    asyncio.run(store.apply("a", (DefineStubs(large(1)),)))
    answers = [bench.ask(target).response for target in ("/0", "/1", "/399", "/mine")]
    assert [answer.body if answer else None for answer in answers] == [b"1", b"1", b"1", b"mine"]


def test_a_large_write_to_a_namespace_that_is_replaced_meanwhile_is_refused() -> None:
    pauses = Pauses()
    store = MemoryStore(PROJECT, pause=pauses.pause)
    Bench(store, bench_of().clockwork).create()
    pauses.work.append(store.replace(NamespaceSpec("a")))
    with pytest.raises(Conflict, match="'a' was replaced during this call"):
        asyncio.run(store.apply("a", (ReplaceOwnStubs(large(1)),)))
    assert len(store.known("a").own) == 0


def world_of(pauses: Pauses, *, stubs: tuple[Stub, ...]) -> tuple[MemoryStore, Bench]:
    store = MemoryStore(PROJECT, pause=pauses.pause)
    bench = Bench(store, bench_of().clockwork)
    bench.create(stubs=stubs)
    return store, bench


def bodies(bench: Bench, *targets: str, ns: str = "a") -> list[bytes | None]:
    answers = [bench.ask(target, ns=ns).response for target in targets]
    return [answer.body if answer else None for answer in answers]


@pytest.mark.parametrize("way", ["snapshot", "scope"])
def test_going_back_to_many_stubs_is_whole_though_others_write_while_it_pauses(way: str) -> None:
    pauses = Pauses()
    store, bench = world_of(pauses, stubs=large(0))
    bench.ask("/2")
    kept = store.take_snapshot("a", "kept")
    scope = store.open_scope("a")
    bench.apply(ReplaceOwnStubs(large(1)))

    async def others() -> None:
        await store.apply("a", (DefineStubs((stub_of("mine", "/mine"),)), RemoveStubs(("s1",))))
        bench.ask("/2")

    pauses.work += [others(), others_again(bench)]
    if way == "snapshot":
        asyncio.run(store.restore("a", "kept"))
    else:
        asyncio.run(store.close_scope("a", scope.id))
    assert bodies(bench, "/0", "/1", "/399", "/mine") == [b"0", b"0", b"0", None]
    assert bench.space.cells["s2"].hits == 1
    assert tuple(bench.space.own.stubs) == kept.own


async def others_again(bench: Bench) -> None:
    bench.ask("/3")


def test_going_back_to_the_same_stubs_holds_though_others_are_written_meanwhile() -> None:
    pauses = Pauses()
    store, bench = world_of(pauses, stubs=large(0))
    for n in range(300):
        bench.ask(f"/{n}")
    store.take_snapshot("a", "kept")
    pauses.work.append(store.apply("a", (RemoveStubs(("s1",)),)))
    asyncio.run(store.restore("a", "kept"))
    assert not pauses.work
    assert bodies(bench, "/1") == [b"0"]


def test_going_back_to_the_same_stubs_keeps_their_index() -> None:
    pauses = Pauses()
    store, bench = world_of(pauses, stubs=large(0))
    own = bench.space.own
    scope = store.open_scope("a")
    bench.ask("/3")
    asyncio.run(store.close_scope("a", scope.id))
    assert bench.space.own is own
    assert bench.space.cells == {}


def test_a_fork_is_of_the_moment_it_was_asked_for() -> None:
    pauses = Pauses()
    store, bench = world_of(pauses, stubs=large(0))
    pauses.work.append(store.apply("a", (ReplaceOwnStubs(large(1)),)))
    asyncio.run(store.fork("a", NamespaceSpec("f")))
    assert bodies(bench, "/1", ns="f") == [b"0"]
    assert bodies(bench, "/1") == [b"1"]


def test_going_back_in_a_namespace_that_is_replaced_meanwhile_is_refused() -> None:
    pauses = Pauses()
    store, bench = world_of(pauses, stubs=large(0))
    store.take_snapshot("a", "kept")
    bench.apply(ReplaceOwnStubs(()))
    pauses.work.append(store.replace(NamespaceSpec("a")))
    with pytest.raises(Conflict, match="'a' was replaced during this call"):
        asyncio.run(store.restore("a", "kept"))
    assert len(store.known("a").own) == 0


def test_going_back_to_a_snapshot_that_is_taken_anew_meanwhile_is_refused() -> None:
    pauses = Pauses()
    store, bench = world_of(pauses, stubs=large(0))
    store.take_snapshot("a", "kept")
    bench.apply(ReplaceOwnStubs(()))

    async def others() -> None:
        store.drop_snapshot("a", "kept")
        store.take_snapshot("a", "kept")

    pauses.work.append(others())
    with pytest.raises(Conflict, match="Snapshot 'kept' was replaced during this call"):
        asyncio.run(store.restore("a", "kept"))
    assert len(bench.space.own) == 0


@pytest.mark.parametrize("end", ["reset", "clear", "remove", "replace", "forget"])
def test_a_journal_that_is_let_go_is_handed_over_to_be_freed_in_slices(end: str) -> None:
    bench = bench_of(PROJECT)
    space = bench.create()
    bench.ask()
    journal = space.journal
    if end == "reset":
        bench.apply(Reset())
    elif end == "clear":
        bench.store.clear_requests("a")
    elif end == "remove":
        bench.run(bench.store.remove("a"))
    elif end == "replace":
        bench.run(bench.store.replace(NamespaceSpec("a")))
    else:
        for name in ("a", "b", "c"):
            assert journal not in bench.store.discarded
            bench.store.view(name) or bench.create(name)
            bench.run(bench.store.finish(name, None))
    assert bench.store.discarded == [journal]


def test_every_stub_that_a_namespace_held_is_handed_over_to_be_freed_in_slices() -> None:
    bench = bench_of(PROJECT)
    first, second, third = (stub_of(name) for name in ("first", "second", "third"))
    bench.create(stubs=(first,))
    bench.apply(ReplaceOwnStubs((second,)))
    bench.store.take_snapshot("a", None)
    bench.apply(ReplaceOwnStubs((third,)))
    bench.store.remains.clear()
    bench.run(bench.store.remove("a"))
    assert {first, second, third} <= set(bench.store.remains)


def test_a_store_without_more_words_has_the_shipped_limits_and_the_real_time() -> None:
    store = MemoryStore()
    space = Bench(store, bench_of().clockwork).create()
    assert space.created_at > 1_700_000_000 * 10**9
    assert store.configuration.server.limits.namespaces == 10_000


def test_the_memory_store_is_a_store() -> None:
    """The type checker holds it to the port; here is only that it starts with nothing."""
    store: Store = MemoryStore()
    assert store.view("default") is None


def test_a_large_state_that_is_replaced_is_left_to_be_freed_apart() -> None:
    bench = bench_of()
    bench.create()
    for count in (10, 2_000, 10):
        state = {f"k{n}": n for n in range(count)}
        bench.run(bench.store.apply("a", (ReplaceState(state),)))
    assert [len(each) for each in bench.store.remains if isinstance(each, dict)] == [2_000]
