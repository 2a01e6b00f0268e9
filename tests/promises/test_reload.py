"""P1 for the config: once it is answered every request sees all of it, and none ever half."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count

import msgspec
import pytest
from tests.promises.live import Answer, Json, Live, Wire, run, stub, together

from pymockapi.engine.configuration import Configuration
from pymockapi.model.changes import NamespaceSpec
from pymockapi.service import configs
from pymockapi.store.memory import MemoryStore
from pymockapi.store.reconfiguring import Reconfigured, put_in_force


def config(generation: int, more: int = 0) -> Json:
    """Base layer, a set and state that only fit together, in two namespaces; and other stubs."""
    asks = {"generation": generation}
    return {
        "version": 1,
        "state": asks,
        "stubs": [
            stub(f"g{generation}", "/p", when=asks, response={"text": str(generation)}),
            *(stub(f"m{n}", f"/m/{n}", response={"text": str(generation)}) for n in range(more)),
        ],
        "sets": {
            "s": {"stubs": [stub("set", "/s", when=asks, response={"text": str(generation)})]}
        },
        "namespaces": {"default": {"sets": ["s"]}, "smoke": {"sets": ["s"]}},
    }


async def put(live: Live, generation: int, more: int = 0) -> None:
    document = config(generation, more)
    await live.control("PUT", "/config", document, headers={"If-Match": "*"})


async def answers_meanwhile(live: Live, rounds: int, more: int = 0) -> list[Answer]:
    """Reload under load; returns what was answered, by connections that each see no older.

    One asks just after each reload, so that at least that request comes before the next.
    """
    acknowledged = 0
    done = asyncio.Event()

    async def read(wire: Wire, targets: Sequence[str]) -> list[Answer]:
        seen: list[Answer] = []
        for number in count():
            if done.is_set():
                return seen
            known = acknowledged
            answer = await wire.get(targets[number % len(targets)])
            seen.append(answer)
            assert answer.status != 200 or int(answer.text) >= known
        return seen

    await put(live, 0, more)
    targets = ("/p", "/~smoke/s", "/s", "/~smoke/p")
    readers = [asyncio.create_task(read(wire, targets)) for wire in await live.wires(8)]
    asking, asked = await live.wire(), []
    for generation in range(1, rounds):
        await put(live, generation, more)
        acknowledged = generation
        asked.append(await asking.get("/p"))
    done.set()
    return [*asked, *(answer for seen in await together(readers) for answer in seen)]


@pytest.mark.parametrize(("rounds", "more"), [(60, 0), (4, 3_000)])
def test_no_request_ever_sees_half_a_config(rounds: int, more: int) -> None:
    async def scene(live: Live) -> None:
        answers = await answers_meanwhile(live, rounds, more)
        assert len(answers) > rounds
        assert [answer for answer in answers if answer.status != 200] == []

    run(scene)


def test_the_test_of_reloads_finds_one_that_takes_two_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def torn(
        store: MemoryStore, configuration: Configuration, specs: Sequence[NamespaceSpec]
    ) -> Reconfigured:
        """Put the layers in force, and the state only when a request has come between."""
        first, *others = specs
        old = store.known(first.name)
        half = msgspec.structs.replace(first, state=dict(old.state))
        done = put_in_force(store, configuration, [half, *others])
        last = msgspec.structs.replace(configuration, version=configuration.version + 1)

        def finish(_: object) -> None:
            end()
            asyncio.get_running_loop().call_soon(put_in_force, store, last, specs)

        end = store.follow(finish, first.name)
        return done

    async def scene(live: Live) -> None:
        await put(live, 0)
        monkeypatch.setattr(configs, "put_in_force", torn)
        answers = await answers_meanwhile(live, 5)
        assert [answer for answer in answers if answer.status != 200]

    run(scene)


def test_two_that_replace_the_same_version_do_not_both_succeed() -> None:
    async def scene(live: Live) -> None:
        await put(live, 0)
        wires = await live.wires(6)

        async def replace(wire: Wire, generation: int) -> int:
            answer = await wire.call(
                "PUT", "/__mock/v1/config", {"If-Match": '"1"'}, config(generation, 500)
            )
            return answer.status

        statuses = await together(replace(wire, n + 1) for n, wire in enumerate(wires))
        assert sorted(statuses) == [200, *[412] * 5]
        assert (await live.control("GET", "/config"))["version"] == 2

    run(scene)


def test_a_namespace_that_is_created_meanwhile_has_one_version_or_the_other() -> None:
    async def scene(live: Live) -> None:
        await put(live, 0)
        maker, asker = await live.wires(2)
        reloading = asyncio.create_task(put(live, 1, 2_000))
        names: list[str] = []
        while not reloading.done():
            name = f"n{len(names)}"
            names.append(name)
            answer = await maker.call(
                "POST", "/__mock/v1/namespaces", None,
                {"name": name, "sets": ["s"], "stubs": [stub(f"o{n}", f"/{n}") for n in range(300)]},
            )  # fmt: skip
            assert answer.status == 201
        await reloading
        for name in names:
            texts = [(await asker.get(f"/~{name}/{path}")).text for path in ("p", "s")]
            assert texts in (["0", "0"], ["1", "1"])

    run(scene)
