"""P1 and P3: a claim that moves takes its requests along at once, and none goes astray."""

from __future__ import annotations

import asyncio
from typing import Final

from tests.promises.live import Live, Wire, encoded, run, stub, together

MOVES: Final = 60
WORKERS: Final = 6
NAMES: Final = ("n0", "n1", "n2")
KINDS: Final = (  # requests that only their claim routes: by head, and by body
    encoded("GET", "/who", {"Authorization": "Bearer tok"}),
    encoded("POST", "/who", json={"tenant": "acme"}),
)
CLAIMS: Final = {"bearer": "tok", "body.$.tenant": "acme"}


class Holders:
    """Who may hold the claims, from before each write until it is answered."""

    def __init__(self) -> None:
        self.history = [frozenset({"default"})]

    def may_be(self, *names: str) -> None:
        self.history.append(frozenset(names))

    def since(self, place: int) -> frozenset[str]:
        return frozenset().union(*self.history[place:])


async def move(live: Live, holders: Holders, wire: Wire) -> None:
    """Give the claims to one namespace after another, by each way in which they can end."""
    for number in range(MOVES):
        name = NAMES[number % len(NAMES)]
        holders.may_be("default", name)
        await live.control("PUT", f"/namespaces/{name}", {"claims": CLAIMS})
        await stay(wire, holders, name)
        method, path = (
            ("DELETE", f"/namespaces/{name}"),
            ("POST", f"/namespaces/{name}/finish"),
            ("PUT", f"/namespaces/{name}"),
        )[number // len(NAMES) % 3]
        holders.may_be("default", name)
        await live.control(method, path)
        await stay(wire, holders, "default")


async def stay(wire: Wire, holders: Holders, name: str) -> None:
    """Let only ``name`` hold the claims, until a request of each kind has been there."""
    holders.may_be(name)
    for kind in KINDS:
        assert await reached(wire, kind) == name


async def reached(wire: Wire, kind: bytes) -> str:
    wire.send(kind)
    return (await wire.answer()).headers["x-mock-namespace"]


async def ask(wire: Wire, kind: bytes, holders: Holders, moving: asyncio.Task[None]) -> int:
    count = 0
    while not moving.done():
        place = len(holders.history) - 1
        name = await reached(wire, kind)
        count += 1
        assert name in holders.since(place), holders.history[place:]
    return count


def test_claims_that_move_between_namespaces_take_every_request_along() -> None:
    async def scene(live: Live) -> None:
        holders = Holders()
        wire, *wires = await live.wires(1 + WORKERS)
        moving = asyncio.create_task(move(live, holders, wire))
        counts = await together(
            ask(wire, KINDS[number % 2], holders, moving) for number, wire in enumerate(wires)
        )
        await moving
        assert all(counts)
        listed = (await live.control("GET", "/orphans"))["total"]
        assert listed == 0

    run(
        scene,
        server={"selectors": list(CLAIMS)},
        settings={"debug_headers": True},
        stubs=[stub("who", "/who")],
    )
