"""Tags under concurrency: a namespace is made by one table, whole, while tables change."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from tests.promises.live import Json, Live, Wire, run, stub, together

from pymockapi.engine.configuration import Configuration
from pymockapi.service import namespaces
from pymockapi.service.namespace_specs import read_spec

ROUNDS = 30


def table(generation: int) -> Json:
    """Rows that all hold, far apart in a long table, and say the same generation."""
    rows: Json = {f"@t{n} and @never": {} for n in range(300)}
    rows["@first"] = {"state": {"first": generation}}
    rows.update({f"@u{n} or @first": {"state": {f"u{n}": generation}} for n in range(300)})
    rows["@last"] = {"state": {"last": generation}, "sets": ["odd" if generation % 2 else "even"]}
    return rows


def config() -> Json:
    return {
        "version": 1,
        "sets": {name: {"stubs": [stub(name, "/parity")]} for name in ("odd", "even")},
        "tags": table(0),
        "namespaces": {"demo": {"tags": ["@first", "@last"]}},
    }


def generations(made: Json) -> set[int]:
    """Return the generations that the state and the sets of a namespace are of; one, if it is whole."""
    seen = set(made["state"].values())
    (number,) = seen if len(seen) == 1 else (-1,)
    parity = ["base", "set:odd" if number % 2 else "set:even", "own"]
    return seen if made["applied"]["layers"] == parity else {*seen, -1}


async def made_meanwhile(live: Live) -> list[Json]:
    """Return namespaces that were created with tags while tables came, one after the other."""
    done = asyncio.Event()

    async def make(wire: Wire) -> list[Json]:
        made = []
        while not done.is_set():
            body = {
                "tags": ["@last", "@first", "@x"],
                "stubs": [stub(f"s{n}", f"/{n}") for n in range(40)],
            }
            answer = await wire.call("POST", "/__mock/v1/namespaces", None, body)
            assert answer.status == 201, answer.text
            made.append(answer.json)
        return made

    makers = [asyncio.create_task(make(wire)) for wire in await live.wires(4)]
    for generation in range(1, ROUNDS):
        await live.control("PUT", "/tags", table(generation))
        demo = await live.control("GET", "/namespaces/demo")
        assert generations(demo) == {generation}
    done.set()
    return [each for made in await together(makers) for each in made]


def test_a_namespace_is_made_by_one_table_while_tables_change() -> None:
    async def scene(live: Live) -> None:
        made = await made_meanwhile(live)
        assert len({each["config_version"] for each in made}) > 2
        assert [each["state"] for each in made if len(generations(each)) != 1] == []

    run(scene, **{key: part for key, part in config().items() if key != "version"})


def test_the_test_of_tables_finds_a_namespace_that_is_made_by_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def torn(entries: Any, name: str, configuration: Configuration, *more: Any) -> Any:
        """Take the state from the table of now, and the sets from that of a moment later."""
        spec = await read_spec(entries, name, configuration, *more)
        if name == "demo":
            return spec
        await asyncio.sleep(0.005)
        later = await read_spec(entries, name, stores[0].configuration, *more)
        return msgspec.structs.replace(spec, sets=later.sets)

    stores: list[Any] = []

    async def scene(live: Live) -> None:
        stores.append(live.store)
        monkeypatch.setattr(namespaces, "read_spec", torn)
        monkeypatch.setattr(namespaces.Namespaces, "_spec", _once)
        made = await made_meanwhile(live)
        assert [each for each in made if len(generations(each)) != 1]

    run(scene, **{key: part for key, part in config().items() if key != "version"})


async def _once(self: Any, entries: Any, name: str, found: Any) -> Any:
    """Read a definition without looking whether another config came meanwhile."""
    return await self._spec_in(self._store.configuration, entries, name, found)


def test_two_that_replace_the_same_table_do_not_both_succeed() -> None:
    async def scene(live: Live) -> None:
        version = (await live.control("GET", "/tags"))["version"]

        async def replace(wire: Wire, generation: int) -> int:
            headers = {"If-Match": f'"{version}"'}
            answer = await wire.call("PUT", "/__mock/v1/tags", headers, table(generation))
            return answer.status

        statuses = await together(replace(wire, n) for n, wire in enumerate(await live.wires(5)))
        assert sorted(statuses) == [200, *[412] * 4]

    run(scene, **{key: part for key, part in config().items() if key != "version"})


def test_namespaces_with_other_tags_have_other_mocks_at_one_url_at_once() -> None:
    async def scene(live: Live) -> None:
        async def play(wire: Wire, number: int) -> str:
            tag = "@mock.odd" if number % 2 else "@mock.even"
            body = {"name": f"n{number}", "tags": [tag]}
            await wire.call("POST", "/__mock/v1/namespaces", None, body)
            return (await wire.get(f"/~n{number}/parity")).text

        wires = await live.wires(40)
        texts = await together(play(wire, number) for number, wire in enumerate(wires))
        assert texts == ["even", "odd"] * 20

    run(scene, **{key: part for key, part in config().items() if key != "version"})
