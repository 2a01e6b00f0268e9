"""A namespace as a naive reader of the documentation would write it: lists, scans, no index."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from tests.store.worlds import NOW_NS

from pymockapi.engine.configuration import Configuration
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeState,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
    Reset,
    SetCursor,
    UseSets,
)
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Json, Stub


@dataclass
class Used:
    hits: int = 0
    cursors: dict[str | None, int] = field(default_factory=dict)


@dataclass
class Outcome:
    stub: str | None = None
    step: int = 0
    hit: int = 0
    key: str | None = None
    error: str | None = "no-match"


@dataclass
class Twin:
    """``own`` keeps the order of definition; a redefined stub keeps its place."""

    configuration: Configuration
    state: dict[str, Json]
    sets: tuple[str, ...] = ()
    own: dict[str, Stub] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    used: dict[str, Used] = field(default_factory=dict)

    def layers(self) -> list[list[Stub]]:
        shared = [self.configuration.base, *(self.configuration.sets[s].layer for s in self.sets)]
        return [*(list(layer.by_name.values()) for layer in shared), list(self.own.values())]

    def in_force(self) -> dict[str, Stub]:
        """Return what each name denotes, best rank first."""
        found: dict[str, tuple[tuple[int, int, int], Stub]] = {}
        layers = self.layers()
        for depth, layer in enumerate(layers):
            for place, stub in enumerate(layer):
                if stub.name not in self.hidden or depth == len(layers) - 1:
                    found[stub.name] = ((stub.priority, -depth, -place), stub)
        return {stub.name: stub for _, stub in sorted(found.values(), key=lambda item: item[0])}

    def claim(self, request: Request) -> Outcome:
        context = Context(request, NOW_NS)
        for stub in self.in_force().values():
            held = all(
                matcher.holds([self.state[key]] if key in self.state else [], context)
                for key, matcher in stub.when
            )
            if held and stub.pattern.accepts(request, context):
                outcome = self._serve(stub, request)
                if outcome is not None:
                    return outcome
        return Outcome()

    def _serve(self, stub: Stub, request: Request) -> Outcome | None:
        used = self.used.setdefault(stub.name, Used())
        if stub.times is not None and used.hits >= stub.times:
            return None
        values = stub.per.values(request, {}) if stub.per is not None else []
        key = values[0] if values else None
        served = used.cursors.get(key, 0)
        steps = [
            (number, step)
            for number, step in enumerate(stub.definition.get("responses", [{}]), 1)
            for _ in range(step.get("times", 1))
        ]
        ending = stub.after_last.value
        if served < len(steps):
            at = served
        elif ending == "pass":
            return None
        else:
            at = {"repeat": len(steps) - 1, "cycle": served % len(steps), "fail": -1}[ending]
        used.hits += 1
        if stub.is_sequence:
            used.cursors[key] = served + 1
        if at < 0:
            return Outcome(stub.name, 0, used.hits, key, "sequence-exhausted")
        number, step = steps[at]
        self._write(stub.definition.get("set", {}), request)
        self._write(step.get("set", {}), request)
        return Outcome(stub.name, number if stub.is_sequence else 0, used.hits, key, None)

    def _write(self, writes: dict[str, Json], request: Request) -> None:
        for key, write in writes.items():
            match write:
                case {"increment": by}:
                    before = self.state.get(key)
                    self.state[key] = (before if isinstance(before, int) else 0) + by
                case {"remove": True}:
                    self.state.pop(key, None)
                case {"from": "query.u"}:
                    self.state[key] = next(iter(request.query.get("u", [])), None)
                case _:
                    self.state[key] = write

    def change(self, change: Change) -> None:
        before = self.in_force()
        match change:
            case DefineStubs(stubs, keep):
                self.own |= {stub.name: stub for stub in stubs}
                self._settle(before, keep)
            case ReplaceOwnStubs(stubs):
                self.own = {stub.name: stub for stub in stubs}
            case RemoveStubs(None, own_only):
                self.own = {}
                if not own_only:
                    self.hidden |= {stub.name for layer in self.layers() for stub in layer}
            case RemoveStubs(names, own_only):
                for name in names or ():
                    self.own.pop(name, None)
                    if not own_only and any(s.name == name for la in self.layers() for s in la):
                        self.hidden.add(name)
            case UseSets(names):
                self.sets = names
                for name in names:
                    self.state |= self.configuration.sets[name].state
            case MergeState(entries):
                self.state |= entries
                for key, value in entries.items():
                    if value is None:
                        del self.state[key]
            case ReplaceState(entries):
                self.state = dict(entries)
            case SetCursor(name, None):
                self.used.pop(name, None)
            case SetCursor(name, position, key):
                self.used.setdefault(name, Used()).cursors[key] = position or 0
            case Reset(parts):
                self._reset(parts)
        self._settle(before)

    def _settle(self, before: dict[str, Stub], keep: frozenset[str] = frozenset()) -> None:
        """Forget the counters of what now means something else."""
        now = self.in_force()
        for name in list(self.used):
            old, new = before.get(name), now.get(name)
            if new is None or old is None:
                del self.used[name]
            elif name in keep:
                _go_on(self.used[name], old, new)
                before[name] = new
            elif old.definition != new.definition:
                del self.used[name]

    def _reset(self, parts: frozenset[str]) -> None:
        if "stubs" in parts:
            self.own, self.hidden, self.sets = {}, set(), ()
        if "sequences" in parts:
            self.used = {}
        if "state" in parts:
            self.state = {"n": 0}

    def copy(self) -> Twin:
        return Twin(
            self.configuration,
            dict(self.state),
            self.sets,
            dict(self.own),
            set(self.hidden),
            deepcopy(self.used),
        )


def _go_on(used: Used, old: Stub, new: Stub) -> None:
    """Keep counters: what stood past the last step goes on with the first one added."""
    if new.is_sequence and not old.is_sequence and new.per is None and used.hits:
        used.cursors = {None: 1}
    elif old.is_sequence and old.after_last.value == "repeat":
        used.cursors = {key: min(at, old.ends[-1]) for key, at in used.cursors.items()}
