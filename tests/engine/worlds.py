"""A namespace as rank and explain see it, made of definitions; and a ranking by brute force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace

from pymockapi.engine.definitions import read_stub
from pymockapi.engine.index import LayerIndex
from pymockapi.engine.rank import is_always_available
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Difference, Json, Stub


@dataclass
class Used:
    """Counters of one stub."""

    hits: int = 0
    positions: dict[str | None, int] = field(default_factory=dict)

    def position(self, key: str | None) -> int:
        return self.positions.get(key, 0)


@dataclass
class World:
    """A view, and the facts that it shows."""

    layers: list[tuple[str, LayerIndex]]
    masked: set[Stub] = field(default_factory=set)
    spent: set[Stub] = field(default_factory=set)
    state: dict[str, Json] = field(default_factory=dict)
    cells: dict[str, Used] = field(default_factory=dict)
    version: int = 7
    state_version: int = 3

    def now_ns(self) -> int:
        return 1_700_000_000_000_000_000

    def cell(self, name: str) -> Used | None:
        return self.cells.get(name)


def stub_of(name: str, request: Json = None, **more: Json) -> Stub:
    found = Findings()
    definition = {"name": name, "request": request or {}, "response": {"status": 200}, **more}
    if "responses" in definition:
        del definition["response"]
    stub = read_stub(definition, "", found, lambda: name)
    found.check()
    return stub


class _Exhausting:
    """A state matcher that goes past its budget."""

    def holds(self, *_: object) -> bool:
        raise ExpressionLimit("it took too long")

    def differences(self, *_: object) -> list[Difference]:
        raise ExpressionLimit("it took too long")

    def describe(self) -> str:
        return "what takes too long to say"


def greedy_stub(name: str, request: Json) -> Stub:
    """Return a stub whose ``when`` goes past its budget."""
    return replace(stub_of(name, request, when={"s": 1}), when=(("s", _Exhausting()),))


def world_of(*layers: Sequence[Stub], **facts: Json) -> World:
    """Return a world with ``layers``: base first, own last."""
    names = ["base", *(f"set:{number}" for number in range(1, len(layers) - 1)), "own"]
    named = zip(names[-len(layers) :], layers, strict=True)
    return World([(name, LayerIndex(stubs)) for name, stubs in named], **facts)


def request_of(
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    json: Json = msgspec.UNSET,
) -> Request:
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{key}: {value}" for key, value in (headers or {}).items()),
    ]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    return Request(
        method, target, head, b"" if json is msgspec.UNSET else msgspec.json.encode(json)
    )


def in_force(world: World) -> list[Stub]:
    """Return every stub that counts, best rank first, by sorting them all."""
    placed = [
        (stub.priority, -depth, -order, stub)
        for depth, (_, index) in enumerate(world.layers)
        for order, stub in enumerate(index.stubs)
        if stub not in world.masked and stub not in world.spent and not index.is_retired(stub)
    ]
    return [stub for *_, stub in sorted(placed, key=lambda item: item[:3])]


def ranked_by_force(world: World, request: Request) -> list[str]:
    """Return what ``rank`` must propose, by asking every stub."""
    chosen = []
    for stub in in_force(world):
        context = Context(request, world.now_ns())
        holds = all(
            matcher.holds([world.state[key]] if key in world.state else [], context)
            for key, matcher in stub.when
        )
        if holds and stub.pattern.accepts(request, context):
            chosen.append(stub.name)
            if is_always_available(stub):
                break
    return chosen
