"""What a namespace is told: stubs, state, sequences, clock, and batches of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymockapi.engine.project import kept_cursors
from pymockapi.engine.settings import read_clock, read_state
from pymockapi.model.changes import (
    Change,
    DefineStubs,
    MergeState,
    RemoveStubs,
    ReplaceOwnStubs,
    ReplaceState,
)
from pymockapi.model.errors import Conflict, UnknownStub
from pymockapi.model.reader import Findings, read_list
from pymockapi.model.stub import Stub
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import (
    Document,
    cursor_document,
    cursors_of,
    sequence_with,
    set_document,
    stub_document,
)
from pymockapi.service.files import findings_for
from pymockapi.service.listing import MANY, documents, encoded, entries
from pymockapi.service.namespaces import Namespaces
from pymockapi.service.specs import (
    FreshNames,
    check_room,
    read_changes,
    read_cursor,
    read_stub_list,
)
from pymockapi.store.namespace import OWN, Namespace


class Definitions:
    """Control writes to a live namespace, and reading back what they left."""

    def __init__(self, site: Site, namespaces: Namespaces) -> None:
        self._site = site
        self._store = site.store
        self._namespaces = namespaces

    async def _apply(self, call: Call, *changes: Change) -> Namespace:
        return await self._store.apply(call.ns, changes, call.if_version)

    async def list_stubs(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        layer = call.query.get("layer")
        _check_layer(space, layer)
        version = space.version
        wanted = [item for item in space.stubs() if layer in (None, item[0])]
        listed = await documents(
            wanted, lambda item: stub_document(space, *item), self._store.pause
        )
        return Outcome({"stubs": listed}, version)

    async def define_stubs(self, call: Call) -> Outcome:
        space, found = await self._begin(call)
        stubs = await self._read(call.document(), space, found)
        found.check("The stub" if len(stubs) == 1 else "The list of stubs")
        await self._apply(call, DefineStubs(stubs, kept_cursors(call.body)))
        return await self._defined(space, stubs)

    async def replace_stubs(self, call: Call) -> Outcome:
        space, found = await self._begin(call)
        stubs = await self._read(read_list(call.document(), "", found), space, found)
        found.check("The list of stubs")
        await self._apply(call, ReplaceOwnStubs(stubs))
        return await self._defined(space, stubs)

    async def _begin(self, call: Call) -> tuple[Namespace, Findings]:
        """Return the namespace, and where to note errors, with the files read that are named."""
        space, data = self._store.known(call.ns), call.document()
        check_room(data, space.settings.limits.stubs, space.name)
        return space, await findings_for(self._site, data, calls=True)

    async def _read(self, data: object, space: Namespace, found: Findings) -> tuple[Stub, ...]:
        stubs = await read_stub_list(data, FreshNames(space, data), "", found, self._store.pause)
        self._store.check_same(space)
        return stubs

    async def _defined(self, space: Namespace, stubs: tuple[Stub, ...]) -> Outcome:
        version = space.version
        return Outcome({"stubs": await self._listed(space, stubs), "version": version}, version)

    async def _listed(self, space: Namespace, stubs: Sequence[Stub]) -> list[Any]:
        return await documents(
            stubs, lambda stub: stub_document(space, OWN, stub), self._store.pause
        )

    async def delete_stubs(self, call: Call) -> Outcome:
        self._store.known(call.ns)
        return Outcome(None, (await self._apply(call, RemoveStubs(None, _own_only(call)))).version)

    async def get_stub(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        stub = _effective(space, call.path["stub"])
        return Outcome(stub_document(space, space.layer_of(stub), stub), space.version)

    async def put_stub(self, call: Call) -> Outcome:
        name, data = call.path["stub"], call.document()
        space, found = await self._begin(call)
        if isinstance(data, list):
            found.add("", "expected an object, got a list")
        elif isinstance(data, dict) and data.setdefault("name", name) != name:
            found.add("/name", f"the path says '{name}'; leave 'name' out, or make it the same")
        stubs = await self._read(data, space, found)
        found.check("The stub")
        is_new = space.effective(name) is None
        await self._apply(call, DefineStubs(stubs, kept_cursors(data)))
        return Outcome(stub_document(space, OWN, stubs[0]), space.version, 201 if is_new else 200)

    async def delete_stub(self, call: Call) -> Outcome:
        removal = RemoveStubs((call.path["stub"],), _own_only(call))
        return Outcome(None, (await self._apply(call, removal)).version)

    async def apply(self, call: Call) -> Outcome:
        space, found = await self._begin(call)
        changes = await read_changes(call.document(), space, found, self._store)
        self._store.check_same(space)
        found.check("The batch")
        await self._apply(call, *changes)
        named = [
            stub
            for change in changes
            if isinstance(change, DefineStubs | ReplaceOwnStubs)
            for stub in change.stubs
        ]
        version, namespace = space.version, (await self._namespaces.outcome(space)).document
        listed = await self._listed(space, named)
        return Outcome({"version": version, "stubs": listed, "namespace": namespace}, version)

    async def get_state(self, call: Call) -> Outcome:
        return await self._state(self._store.readable(call.ns))

    async def _state(self, space: Namespace) -> Outcome:
        version, state = space.version, space.state
        if len(state) <= MANY:
            return Outcome(state, version)
        return Outcome(None, version, pieces=await entries(state, self._store.pause))

    async def merge_state(self, call: Call) -> Outcome:
        return await self._write_state(call, MergeState)

    async def replace_state(self, call: Call) -> Outcome:
        return await self._write_state(call, ReplaceState)

    async def _write_state(self, call: Call, kind: type[MergeState | ReplaceState]) -> Outcome:
        found = Findings()
        self._store.known(call.ns)
        state = read_state(call.document(), "", found)
        found.check("The state")
        await self._paused(state)
        space = await self._apply(call, kind(state))
        await self._paused(state)
        return await self._state(space)

    async def _paused(self, state: dict[str, Any]) -> None:
        """Let others go on if ``state`` is large, of which each copy takes milliseconds."""
        if len(state) > MANY and (waiting := self._store.pause()) is not None:
            await waiting

    async def list_sequences(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        version = space.version
        listed = []
        for _, stub in space.stubs():
            if stub.is_sequence:
                listed.append(encoded(await self._sequence(space, stub)))
                if (waiting := self._store.pause()) is not None:
                    await waiting
        return Outcome({"sequences": listed}, version)

    async def _sequence(self, space: Namespace, stub: Stub) -> Document:
        cursors = cursors_of(stub, space.cells.get(stub.name))
        listed = await documents(
            cursors, lambda item: cursor_document(stub, *item), self._store.pause
        )
        return sequence_with(stub, listed)

    async def get_sequence(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        stub = _sequence(space, call.path["stub"])
        version = space.version
        return Outcome(await self._sequence(space, stub), version)

    async def set_sequence(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.known(call.ns)
        stub = _effective(space, call.path["stub"])
        change = read_cursor(stub.name, call.document(), "", found, len(stub.steps))
        found.check("The cursor")
        await self._apply(call, change)
        return Outcome(await self._sequence(space, stub), space.version)

    async def get_clock(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        return Outcome(space.clock.to_json(space.real_ns()), space.version)

    async def set_clock(self, call: Call) -> Outcome:
        found = Findings()
        self._store.known(call.ns)
        change = read_clock(call.document(), "", found)
        found.check("The clock")
        await self._apply(call, change)
        return await self.get_clock(call)

    async def list_sets(self, _: Call) -> Outcome:
        configuration = self._store.configuration
        listed = [set_document(each) for each in configuration.sets.values()]
        return Outcome({"sets": listed}, configuration.version)


def _effective(space: Namespace, name: str) -> Stub:
    stub = space.effective(name)
    if stub is None:
        raise UnknownStub(name, space.name, [each.name for _, each in space.stubs()])
    return stub


def _sequence(space: Namespace, name: str) -> Stub:
    stub = _effective(space, name)
    if not stub.is_sequence:
        raise Conflict(f"Stub '{name}' has one response and no cursor; a sequence has 'responses'.")
    return stub


def _own_only(call: Call) -> bool:
    layer = call.query.get("layer")
    if layer not in (None, OWN):
        found = Findings()
        found.add("/layer", f"expected 'own', or no layer at all, got '{layer}'")
        found.check("The query")
    return layer == OWN


def _check_layer(space: Namespace, layer: str | None) -> None:
    names = [name for name, _ in space.all_layers]
    if layer is not None and layer not in names:
        found = Findings()
        found.add("/layer", f"expected one of {', '.join(names)}, got '{layer}'")
        found.check("The query")
