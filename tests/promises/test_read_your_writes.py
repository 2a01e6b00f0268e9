"""P1: after a control call is answered every later request sees all of it, and none ever half."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.promises.live import Answer, Json, Live, Wire, run, stub, together

from pymockapi.model.changes import Change
from pymockapi.store.namespace import Namespace


def test_the_request_after_a_control_answer_sees_the_change_under_traffic() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace()
        url = f"{ns}/stubs/v"
        acknowledged = 0
        done = asyncio.Event()

        async def read(wire: Wire) -> None:
            while not done.is_set():
                known = acknowledged
                seen = int((await wire.get("/~a/v")).text)
                assert seen >= known

        await live.control("PUT", url, stub("v", "/v", response={"text": "0"}))
        readers = [asyncio.create_task(read(wire)) for wire in await live.wires(8)]
        asking = await live.wire()
        for n in range(1, 151):
            await live.control("PUT", url, stub("v", "/v", response={"text": str(n)}))
            acknowledged = n
            assert (await asking.get("/~a/v")).text == str(n)
        done.set()
        await together(readers)

    run(scene)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/stubs", stub("new", "/new"), 200),
        ("PUT", "/stubs", [stub("new", "/new")], 200),
        ("PATCH", "/state", {"door": "open"}, 201),
        ("PUT", "/state", {"door": "open"}, 201),
        ("PUT", "/sequences/seq", {"position": 2}, 203),
        ("PUT", "/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}, 206),
        ("POST", "/apply", {"stubs": [stub("new", "/new")]}, 200),
        ("POST", "/apply", {"settings": {"unmatched": {"status": 299}}}, 299),
        ("DELETE", "/stubs/first", None, 404),
        ("POST", "/reset", {"only": ["sequences"]}, 201),
    ],
)
def test_every_kind_of_write_is_in_force_when_it_is_answered(
    method: str, path: str, body: Json, status: int
) -> None:
    stubs = [
        stub("first", "/first"),
        stub("open", "/door", when={"door": "open"}, response={"status": 201}),
        stub("seq", "/seq", responses=[{"status": s} for s in (201, 202, 203, 204)]),
    ]
    targets = {
        "POST /stubs": "/new",
        "PUT /stubs": "/new",
        "PATCH /state": "/door",
        "PUT /state": "/door",
        "PUT /sequences/seq": "/seq",
        "DELETE /stubs/first": "/first",
        "POST /reset": "/seq",
    }

    async def scene(live: Live) -> None:
        ns = await live.namespace(stubs=stubs)
        wire = await live.wire()
        if path == "/reset":
            await wire.get("/~a/seq")
        if path == "/clock":
            await live.control(method, ns + path, body)
            date = (await wire.get("/~a/first")).headers["date"]
            assert date == "Tue, 01 Jan 2030 00:00:00 GMT"
            return
        await live.control(method, ns + path, *([] if body is None else [body]))
        target = targets.get(f"{method} {path}", "/new")
        assert (await wire.get(f"/~a{target}")).status == status

    run(scene)


def test_a_batch_with_one_bad_item_changes_nothing() -> None:
    async def scene(live: Live) -> None:
        ns = await live.namespace(
            stubs=[stub("old", "/old")], state={"n": 1}, clock={"mode": "frozen"}
        )
        wire = await live.wire()
        before = await live.control("GET", ns)
        for bad in (
            {"remove_stubs": ["nothing"]},
            {"sets": ["nothing"]},
            {"cursors": {"nothing": {"position": 1}}},
            {"stubs": [stub("new", "/new"), {"name": "a b"}]},
            {"clock": {"now": "soon"}},
        ):
            batch = {"stubs": [stub("new", "/new")], "state": {"n": 2}, "reset": ["stubs"], **bad}
            await live.control("POST", f"{ns}/apply", batch, expect=4)
            assert await live.control("GET", ns) == before
        statuses = [(await wire.get(f"/~a/{name}")).status for name in ("old", "new")]
        assert statuses == [200, 404]

    run(scene)


def batch(generation: int) -> Json:
    """Swap two stubs together: one is removed, another defined, and the state it asks for set."""
    return {
        "remove_stubs": [f"g{generation - 1}"],
        "stubs": [stub(f"g{generation}", "/p", when={"generation": generation})],
        "state": {"generation": generation},
    }


async def torn_answers(live: Live, rounds: int) -> list[Answer]:
    """Swap under load; returns the answers of requests that saw neither stub."""
    ns = await live.namespace(stubs=[stub("g0", "/p")])
    done = asyncio.Event()

    async def read(wire: Wire) -> list[Answer]:
        seen = []
        while not done.is_set():
            seen.append(await wire.get("/~a/p"))
        return seen

    readers = [asyncio.create_task(read(wire)) for wire in await live.wires(8)]
    for generation in range(1, rounds):
        await live.control("POST", f"{ns}/apply", batch(generation))
    done.set()
    answers = [answer for seen in await together(readers) for answer in seen]
    assert len(answers) > rounds
    return [answer for answer in answers if answer.status != 200]


def test_no_request_ever_sees_half_a_batch() -> None:
    async def scene(live: Live) -> None:
        assert await torn_answers(live, 150) == []

    run(scene)


def test_the_test_of_batches_finds_a_store_that_pauses_between_changes() -> None:
    async def scene(live: Live) -> None:
        whole = live.store.apply

        async def torn(
            ns: str, changes: Sequence[Change], if_version: int | None = None
        ) -> Namespace:
            for change in changes:
                space = await whole(ns, (change,), if_version)
                came = asyncio.Event()
                end = live.store.follow(lambda _, came=came: came.set(), ns)  # type: ignore[misc]
                await came.wait()  # until a request has come between
                end()
            return space

        live.store.apply = torn  # type: ignore[method-assign]
        assert await torn_answers(live, 5)

    run(scene)


def test_a_large_batch_of_stubs_is_seen_whole_or_not_at_all() -> None:
    """A thousand stubs are indexed in slices, between which requests are answered."""

    async def scene(live: Live) -> None:
        ns = await live.namespace()
        done = asyncio.Event()
        torn: list[list[int]] = []

        def generation(n: int) -> Json:
            return [stub(f"s{i}", f"/{i}", response={"text": str(n)}) for i in range(1000)]

        async def read(wire: Wire) -> None:
            while not done.is_set():
                seen = [int((await wire.get(f"/~a/{n}")).text) for n in (0, 999, 0)]
                if seen != sorted(seen):  # an older generation after a newer one
                    torn.append(seen)

        await live.control("PUT", f"{ns}/stubs", generation(0))
        readers = [asyncio.create_task(read(wire)) for wire in await live.wires(4)]
        for n in range(1, 8):
            await live.control("PUT", f"{ns}/stubs", generation(n))
        done.set()
        await together(readers)
        assert torn == []

    run(scene)
