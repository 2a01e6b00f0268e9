"""Random lives of one namespace: requests and control writes in any order, on a small world.

A subclass says what is compared. Each rule goes through the store as a control call does.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from tests.store.worlds import Bench, bench_of, merged, project_after, project_of, stub_of

from pymockapi.engine.configuration import Configuration
from pymockapi.model.changes import (
    RESET_PARTS,
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
from pymockapi.model.errors import ControlError
from pymockapi.model.plan import Grant
from pymockapi.model.stub import Json, Stub
from pymockapi.store.reconfiguring import put_in_force, tell

NAMES: Final = ("s", "t", "u", "v")
names = st.sampled_from(NAMES)
targets = st.sampled_from(["/a", "/b", "/a?u=1", "/a?u=2", "/b?u=1"])

_writes = st.sampled_from(
    [{"n": {"increment": 1}}, {"n": {"remove": True}}, {"n": 1}, {"u": {"from": "query.u"}}]
)
_steps: st.SearchStrategy[Json] = st.lists(
    st.fixed_dictionaries({}, optional={"times": st.integers(1, 2), "set": _writes}),
    min_size=1,
    max_size=3,
)
_common: dict[str, st.SearchStrategy[Json]] = {
    "priority": st.sampled_from([1, 5]),
    "times": st.integers(1, 3),
    "when": st.sampled_from(
        [{"n": {"lt": 3}}, {"n": {"absent": True}}, {"u": {"from": "query.u"}}]
    ),
    "set": _writes,
}
_single = st.fixed_dictionaries({"path": st.sampled_from(["/a", "/b", "/{x}"])}, optional=_common)
_sequence = st.fixed_dictionaries(
    {"path": st.sampled_from(["/a", "/b", "/{x}"]), "responses": _steps},
    optional={
        **_common,
        "after_last": st.sampled_from(["repeat", "cycle", "pass", "fail"]),
        "per": st.just("query.u"),
    },
)
parts: st.SearchStrategy[dict[str, Json]] = st.one_of(_single, _sequence)


def stub_from(name: str, part: dict[str, Json]) -> Stub:
    return stub_of(name, **part)


def documents(found: dict[str, dict[str, Json]]) -> list[Json]:
    return [stub_from(name, part).definition for name, part in found.items()]


def keeping(found: list[Json], kept: set[str]) -> list[Json]:
    return [{**each, "keep_cursor": each["name"] in kept} for each in found]


class Scenario(RuleBasedStateMachine):
    """``bench`` holds namespace ``a``; ``done`` is called after each change that was accepted."""

    bench: Bench

    @initialize(
        base=st.dictionaries(names, parts, max_size=3),
        extra=st.dictionaries(names, parts, max_size=2),
        told=st.booleans(),
    )
    def begin(
        self, base: dict[str, dict[str, Json]], extra: dict[str, dict[str, Json]], told: bool
    ) -> None:
        project = project_of(
            stubs=documents(base), sets={"extra": {"stubs": documents(extra), "state": {"n": 2}}}
        )
        self.bench = bench_of(project)
        space = self.bench.create(state={"n": 0})
        if told:
            tell(space)
        self.begun()

    def begun(self) -> None:
        """Note how it starts."""

    def asked(self, target: str) -> Grant:
        return self.bench.ask(target)

    def done(self, change: Change) -> None:
        """Note a change."""

    def _change(self, change: Change) -> None:
        try:
            self.bench.apply(change)
        except ControlError:
            return
        self.done(change)

    @rule(to=targets, count=st.integers(1, 4))
    def ask(self, to: str, count: int) -> None:
        for _ in range(count):
            self.asked(to)

    @rule(name=names, part=parts, keep=st.booleans())
    def define(self, name: str, part: dict[str, Json], keep: bool) -> None:
        kept = frozenset({name} if keep else ())
        self._change(DefineStubs((stub_from(name, part),), kept))

    @rule(name=names)
    def define_again(self, name: str) -> None:
        stub = self.bench.space.effective(name)
        if stub is not None:
            twin = {key: value for key, value in stub.definition.items() if key != "request"}
            path = stub.definition["request"]["path"]
            self._change(DefineStubs((stub_of(path=path, **twin),)))

    @rule(found=st.dictionaries(names, parts, max_size=3))
    def replace(self, found: dict[str, dict[str, Json]]) -> None:
        self._change(ReplaceOwnStubs(tuple(stub_from(*item) for item in found.items())))

    @rule(name=names, own_only=st.booleans())
    def remove(self, name: str, own_only: bool) -> None:
        self._change(RemoveStubs((name,), own_only))

    @rule(own_only=st.booleans())
    def remove_all(self, own_only: bool) -> None:
        self._change(RemoveStubs(None, own_only))

    @rule(used=st.sampled_from([(), ("extra",)]))
    def use_sets(self, used: tuple[str, ...]) -> None:
        self._change(UseSets(used, merged()))

    @rule(entries=st.dictionaries(st.sampled_from(["n", "u"]), st.sampled_from([None, 0, 5, "1"])))
    def write_state(self, entries: dict[str, Json]) -> None:
        self._change(MergeState(entries))

    @rule(n=st.integers(0, 4))
    def replace_state(self, n: int) -> None:
        self._change(ReplaceState({"n": n}))

    @rule(
        name=names,
        position=st.one_of(st.none(), st.integers(0, 5)),
        key=st.sampled_from([None, "1", "2"]),
    )
    def set_cursor(self, name: str, position: int | None, key: str | None) -> None:
        self._change(SetCursor(name, position, key))

    @rule(reset=st.sets(st.sampled_from([part for part in RESET_PARTS if part != "requests"])))
    def reset(self, reset: set[str]) -> None:
        self._change(Reset(frozenset(reset)))

    @rule(
        base=st.dictionaries(names, parts, max_size=3),
        extra=st.one_of(st.none(), st.dictionaries(names, parts, max_size=2)),
        own=st.dictionaries(names, parts, max_size=2),
        n=st.sampled_from([0, 3, None]),
        used=st.booleans(),
        kept=st.sets(names),
    )
    def reload(
        self,
        base: dict[str, dict[str, Json]],
        extra: dict[str, dict[str, Json]] | None,
        own: dict[str, dict[str, Json]],
        n: int | None,
        used: bool,
        kept: set[str],
    ) -> None:
        """Put another config in force, which says other things of the namespace."""
        sets: Json = {}
        if extra is not None:
            sets = {"extra": {"stubs": keeping(documents(extra), kept), "state": {"n": 2}}}
        store = self.bench.store
        project = project_after(
            store.configuration, stubs=keeping(documents(base), kept), sets=sets
        )
        spec = NamespaceSpec(
            "a",
            sets=("extra",) if used and sets else (),
            stubs=tuple(stub_from(*item) for item in own.items()),
            state={} if n is None else {"n": n},
            keeping=frozenset(kept),
        )
        old = self.bench.space.told
        put_in_force(store, project, [spec])
        self.reloaded(project, old, spec)

    def reloaded(
        self, project: Configuration, old: NamespaceSpec | None, new: NamespaceSpec
    ) -> None:
        """Note that ``project`` is in force, and what it says of the namespace."""

    @rule()
    def snapshot(self) -> None:
        space = self.bench.space
        if "kept" in space.snapshots:
            self.bench.store.drop_snapshot("a", "kept")
        self.bench.store.take_snapshot("a", "kept")
        self.snapshotted()

    def snapshotted(self) -> None:
        """Note a snapshot."""

    @precondition(lambda self: "kept" in self.bench.space.snapshots)
    @rule()
    def restore(self) -> None:
        self.bench.run(self.bench.store.restore("a", "kept"))
        self.restored()

    def restored(self) -> None:
        """Note that the last snapshot is in force again."""

    @precondition(lambda self: len(self.bench.space.scopes) < 3)
    @rule()
    def open_scope(self) -> None:
        self.bench.store.open_scope("a")
        self.scope_opened()

    def scope_opened(self) -> None:
        """Note a scope on top of those that are open."""

    @precondition(lambda self: self.bench.space.scopes)
    @rule(depth=st.integers(0, 2))
    def close_scope(self, depth: int) -> None:
        scopes = self.bench.space.scopes
        place = depth % len(scopes)
        self.bench.run(self.bench.store.close_scope("a", scopes[place].id))
        self.scopes_closed(place)

    def scopes_closed(self, place: int) -> None:
        """Note that the scopes from ``place`` on, 0 the outermost, are closed."""
