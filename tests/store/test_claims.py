"""A claim has one holder, from the beginning of a namespace to its end, whichever end that is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.errors import ClaimHeld
from pymockapi.store.memory import MemoryStore


def spec(name: str, *tokens: str, **more: Any) -> NamespaceSpec:
    return NamespaceSpec(name=name, claims={"bearer": tokens} if tokens else {}, **more)


def holder(store: MemoryStore, value: str, selector: str = "bearer") -> str | None:
    space = store.view_by_value(selector, value)
    return None if space is None else space.name


def test_a_value_is_a_claim_before_it_is_a_name() -> None:
    async def check() -> None:
        store = MemoryStore()
        await store.create(spec("a", "b", "x"))
        await store.create(spec("b"))
        assert [holder(store, value) for value in ("x", "b", "a", "c")] == ["a", "a", "a", None]
        assert holder(store, "b", "header.x-tenant") == "b"

    asyncio.run(check())


def test_a_claim_that_is_held_is_refused_and_nothing_is_created() -> None:
    async def check() -> None:
        store = MemoryStore()
        await store.create(spec("a", "x"))
        await store.create(spec("b", "y"))
        for attempt in (store.create(spec("c", "z", "x")), store.replace(spec("b", "x")),
                        store.replace(spec("d", "x")), store.fork("a", spec("e", "x"))):  # fmt: skip
            with pytest.raises(ClaimHeld, match="'a' holds the claim to bearer 'x'") as refused:
                await attempt
            assert refused.value.status == 409
        assert [space.name for space in store.spaces()] == ["a", "b"]
        assert [holder(store, value) for value in "xyz"] == ["a", "b", None]

    asyncio.run(check())


def test_a_long_value_is_shown_cut_short() -> None:
    assert len(ClaimHeld("bearer", "x" * 4_000, "a", "b").detail) < 500


ENDS: dict[str, Callable[[MemoryStore], Awaitable[object]]] = {
    "delete": lambda store: store.remove("a"),
    "finish": lambda store: store.finish("a", None),
    "expire": lambda store: store.expire(),
    "replace": lambda store: store.replace(spec("a")),
}


@pytest.mark.parametrize("end", ENDS)
def test_claims_end_with_their_namespace(end: str) -> None:
    async def check() -> None:
        now = [0.0]
        store = MemoryStore(monotonic_s=lambda: now[0])
        await store.create(spec("a", "x", "y", lease_s=5.0))
        now[0] = 9.0
        await ENDS[end](store)
        assert (holder(store, "x"), holder(store, "y")) == (None, None)
        await store.create(spec("b", "x"))
        assert holder(store, "x") == "b"

    asyncio.run(check())


def test_a_namespace_that_replaces_another_takes_over_what_that_held() -> None:
    async def check() -> None:
        store = MemoryStore()
        await store.create(spec("a", "x", "y"))
        old = store.known("a")
        await store.replace(spec("a", "y", "z"))
        assert store.known("a") is not old
        assert [holder(store, value) for value in "xyz"] == [None, "a", "a"]
        assert store.view_by_value("bearer", "y") is store.known("a")

    asyncio.run(check())


def test_what_changes_within_a_namespace_leaves_its_claims() -> None:
    async def check() -> None:
        store = MemoryStore()
        await store.create(spec("default", "x"))
        store.take_snapshot("default", "s")
        await store.restore("default", "s")
        await store.remove("default")  # which is a reset
        assert holder(store, "x") == "default"
        await store.fork("default", spec("twin"))
        assert holder(store, "x") == "default"

    asyncio.run(check())
