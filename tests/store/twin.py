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
    NamespaceSpec,
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
    scopes: list[Twin] = field(default_factory=list)
    told: NamespaceSpec | None = None
    origin: Twin | None = None

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
                return
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
        start = self.scopes[-1] if self.scopes else self.origin
        assert start is not None
        start.catch_up(self)
        before = self.in_force()
        if "stubs" in parts:
            self.own, self.hidden, self.sets = dict(start.own), set(start.hidden), start.sets
            self._settle(before)
        if "sequences" in parts:
            then, now = start.in_force(), self.in_force()
            self.used = {
                name: deepcopy(used)
                for name, used in start.used.items()
                if name in now and now[name] is then.get(name)
            }
        if "state" in parts:
            self.state = dict(start.state)

    def copy(self, scopes: list[Twin] | None = None) -> Twin:
        """Return a twin that is as this one, in ``scopes`` (``None``: in none)."""
        return Twin(
            self.configuration,
            dict(self.state),
            self.sets,
            dict(self.own),
            set(self.hidden),
            deepcopy(self.used),
            list(scopes or ()),
            self.told,
            self.origin,
        )

    def catch_up(self, other: Twin) -> None:
        """Be what was kept, under the config that ``other`` follows now."""
        if self.told is not other.told:
            assert other.told is not None
            self.follow(other.configuration, self.told, other.told)

    def follow(
        self, configuration: Configuration, old: NamespaceSpec | None, new: NamespaceSpec
    ) -> None:
        """What is as ``old`` said becomes what ``new`` says; all else stays."""
        before = self.in_force()
        old = old or new
        untouched = self.sets == old.sets
        there = tuple(name for name in self.sets if name in configuration.sets)
        self.sets = new.sets if untouched else there
        was, now = ({stub.name: stub for stub in spec.stubs} for spec in (old, new))
        for name, stub in list(self.own.items()):
            if was.get(name) is stub:
                if name in now:
                    self.own[name] = now[name]
                else:
                    del self.own[name]
        for name, stub in now.items():
            if name not in was and name not in self.own:
                self.own[name] = stub
        for key in ("n", "u"):
            if self.state.get(key, "-") == old.state.get(key, "-"):
                self.state.pop(key, None)
                if key in new.state:
                    self.state[key] = new.state[key]
        self.told, self.configuration = new, configuration
        kept = {
            name for name, stub in self.in_force().items()
            if stub in configuration.keeping or (stub in new.stubs and name in new.keeping)
        }  # fmt: skip
        changed = {
            name for name, stub in self.in_force().items()
            if name in before and before[name].definition != stub.definition
        }  # fmt: skip
        self._settle(before, frozenset(kept & changed))


def _go_on(used: Used, old: Stub, new: Stub) -> None:
    """Keep counters: what stood past the last step goes on with the first one added."""
    if new.is_sequence and not old.is_sequence and new.per is None and used.hits:
        used.cursors = {None: 1}
    elif old.is_sequence and old.after_last.value == "repeat":
        used.cursors = {key: min(at, old.ends[-1]) for key, at in used.cursors.items()}
