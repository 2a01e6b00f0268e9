"""The config of a running server: reading it, replacing it, and its sets one by one.

One is replaced at a time. All that is long is done before, in slices; then the new one comes into
force in a turn (``store/reconfiguring.py``). What is wrong changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final

import msgspec

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.project import (
    check_name,
    known_stub,
    reading_configuration,
    reading_with_set,
    reading_with_tags,
    without_set,
)
from pymockapi.engine.set_users import set_users
from pymockapi.model.changes import NamespaceSpec
from pymockapi.model.clock import instant_text
from pymockapi.model.errors import Conflict, Stale, VersionRequired
from pymockapi.model.slices import Work, in_slices
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import set_document
from pymockapi.service.files import findings_for
from pymockapi.service.namespaces import Namespaces
from pymockapi.service.ports import OwnPort, PortUnavailable, check_ports
from pymockapi.store.checking import unknown_set
from pymockapi.store.following import sets_after
from pymockapi.store.reconfiguring import Reconfigured, put_in_force

PIECE: Final = 16 * 1024  # bytes
DEEP: Final = 4  # levels of a config above and with its stubs, those of sets too
MANY: Final = 256  # entries of a container further down that are encoded one by one
_encode: Final = msgspec.json.Encoder().encode
Document = dict[str, Any]


class Configs:
    """Operations on the config in force."""

    def __init__(self, site: Site, namespaces: Namespaces) -> None:
        self._site = site
        self._store = site.store
        self._loaded = site.loaded
        self._ports = site.ports
        self._namespaces = namespaces

    @property
    def _present(self) -> Configuration:
        return self._store.configuration

    async def get_config(self, _: Call) -> Outcome:
        present, loaded = self._present, self._loaded
        head = {
            "version": present.version,
            "by": loaded.by,
            "at": None if loaded.at is None else instant_text(loaded.at),
            "files": list(loaded.files),
            "watched": loaded.is_watched,
            "needs_restart": list(loaded.needs_restart),
            "last_error": loaded.last_error,
        }
        document = present.document or {"version": 1}
        return await self._in_pieces(head, "document", document, present.version)

    async def get_tags(self, _: Call) -> Outcome:
        present = self._present
        head = {
            "version": present.version,
            "mentions": sorted(f"@{tag}" for tag in present.tags.mentions),
        }
        return await self._in_pieces(
            head, "tags", present.document.get("tags", {}), present.version
        )

    async def _in_pieces(self, head: Document, key: str, value: Any, version: int) -> Outcome:
        """Answer ``head`` with ``value``, which may be long, as its last member."""
        pieces, held = [_encode(head)[:-1] + b"," + _encode(key) + b":"], b""
        for part in pieces_of(value):
            held += part
            if len(held) > PIECE:
                pieces.append(held)
                held = b""
            if (waiting := self._store.pause()) is not None:
                await waiting
        return Outcome(version=version, pieces=[*pieces, held + b"}"])

    async def put_config(self, call: Call) -> Outcome:
        document = call.document()
        if not call.has_if_match and self._present.version:
            raise VersionRequired(self._present.version)
        async with self._loaded.lock:
            self._check_version(call)
            done = await self.replace(document, "api")
        return Outcome(self._replaced(done), self._present.version)

    async def replace(self, document: object, by: str, files: tuple[str, ...] = ()) -> Reconfigured:
        """Put ``document`` in force; the lock is held. Raises ``Invalid`` or ``LimitReached``."""
        found = await findings_for(self._site, document)
        reading = reading_configuration(document, found, self._present)
        configuration = await in_slices(reading, self._store.pause)
        found.check("The config")
        return await self._put(configuration, by, files)

    async def replace_by_files(self, document: object, files: list[str]) -> Document:
        """Put what ``files`` say in force, whichever config there is. Raises as ``put_config``."""
        async with self._loaded.lock:
            return self._replaced(await self.replace(document, "files", tuple(files)))

    def note_error(self, errors: list[Document], count: int) -> None:
        """Note why the files as they are now are not in force."""
        at = instant_text(self._store.real_ns())
        self._loaded.last_error = {"at": at, "count": count, "errors": errors}

    async def put_set(self, call: Call) -> Outcome:
        name, data = call.path["set"], call.document()
        found = await findings_for(self._site, data)
        check_name(name, "", found, "set name")
        async with self._loaded.lock:
            self._check_version(call)
            is_new = name not in self._present.sets
            reading = reading_with_set(self._present, name, data, found)
            configuration = await in_slices(reading, self._store.pause)
            found.check("The set")
            done = await self._put_same_server(configuration)
        document = {**set_document(self._present.sets[name]), **self._replaced(done)}
        return Outcome(document, self._present.version, 201 if is_new else 200)

    async def delete_set(self, call: Call) -> Outcome:
        name = call.path["set"]
        async with self._loaded.lock:
            self._check_version(call)
            if name not in self._present.sets:
                raise unknown_set(name, self._present.sets)
            user = next((user for used, user in set_users(self._present) if used == name), None)
            if user is not None:
                raise Conflict(
                    f"The config's {user} has the set '{name}'; take it out there first, or put a"
                    " config that has neither, with PUT /__mock/v1/config."
                )
            await self._put_same_server(without_set(self._present, name))
        return Outcome(None, self._present.version)

    async def put_tags(self, call: Call) -> Outcome:
        data = call.document()
        found = await findings_for(self._site, {"tags": data})
        async with self._loaded.lock:
            self._check_version(call)
            reading = reading_with_tags(self._present, data, found)
            configuration = await in_slices(reading, self._store.pause)
            found.check("The table of tags")
            done = await self._put_same_server(configuration)
        return Outcome(self._replaced(done), self._present.version)

    def _check_version(self, call: Call) -> None:
        version = self._present.version
        if call.if_version is not None and call.if_version != version:
            raise Stale(str(call.if_version), str(version), "the config")

    async def _put_same_server(self, given: Configuration) -> Reconfigured:
        """Put ``given`` in force, which says of the server what the config has said before."""
        loaded = self._loaded
        given = msgspec.structs.replace(given, server=loaded.given)
        return await self._put(given, "api", loaded.files)

    async def _put(self, given: Configuration, by: str, files: tuple[str, ...]) -> Reconfigured:
        """Put ``given`` in force, in the last turn of this."""
        present, loaded = self._present, self._loaded
        server, needs_restart = loaded.settled(given.server)
        configuration = msgspec.structs.replace(given, server=server, version=present.version + 1)
        await in_slices(_prepared(configuration, present), self._store.pause)
        specs = await self._namespaces.presets(configuration)
        await in_slices(self._ahead(configuration, specs), self._store.pause)
        specs = [self._as_before(spec, present, configuration) for spec in specs]
        done = await self._put_with_ports(configuration, specs)
        loaded.given = given.server
        loaded.needs_restart = (*self._other_ports(configuration), *needs_restart)
        loaded.note(by, self._store.real_ns(), files)
        loaded.told(server)
        return done

    async def _put_with_ports(
        self, configuration: Configuration, specs: list[NamespaceSpec]
    ) -> Reconfigured:
        """Open the ports of namespaces that are to be, and begin with them: all, or none."""
        opened: dict[str, OwnPort] = {}
        refused: dict[str, PortUnavailable] = {}
        try:
            while (spec := self._without_port(specs, {*opened, *refused})) is not None:
                assert self._ports is not None
                assert spec.port is not None
                try:
                    opened[spec.name] = await self._ports.open(spec.port, spec.name)
                except PortUnavailable as error:
                    refused[spec.name] = error
            check_ports(refused)
            specs = [
                msgspec.structs.replace(spec, port=opened[spec.name].number)
                if spec.name in opened else spec
                for spec in specs
            ]  # fmt: skip
            done = put_in_force(self._store, configuration, specs)
            for name in opened.keys() & set(done.created):
                opened[name].give(self._store.known(name).id)
        finally:
            for port in opened.values():
                port.settle()
        return done

    def _without_port(
        self, specs: list[NamespaceSpec], tried: AbstractSet[str]
    ) -> NamespaceSpec | None:
        """Return one that is to begin with a port, which was not tried yet."""
        for spec in specs:
            is_new = spec.port is not None and self._store.view(spec.name) is None
            if is_new and spec.name not in tried:
                return spec
        return None

    def _other_ports(self, configuration: Configuration) -> Iterator[str]:
        """Yield the names of ports that the config says otherwise than they are."""
        for name, entries in configuration.presets.items():
            space = self._store.known(name)
            wanted, has = entries.get("port"), space.spec.port
            if space.spec is space.told and wanted != has and not (wanted == 0 and has):
                yield f"namespaces.{name}.port"

    def _ahead(self, configuration: Configuration, specs: list[NamespaceSpec]) -> Work[None]:
        """Compose the layers that namespaces will have."""
        for spec in specs:
            space = self._store.view(spec.name)
            if space is not None:
                old = space.told or spec
                configuration.compose(sets_after(space.sets, old.sets, spec.sets, configuration))
            yield

    def _as_before(
        self, spec: NamespaceSpec, present: Configuration, configuration: Configuration
    ) -> NamespaceSpec:
        """Return ``spec`` with what did not change taken from what the config said before.

        A clock that is frozen at no certain time was frozen when it was read first.
        """
        space = self._store.view(spec.name)
        if space is None or (old := space.told) is None:
            return spec
        stubs = {stub.name: stub for stub in old.stubs}
        return msgspec.structs.replace(
            spec,
            stubs=tuple(known_stub(stubs.get(stub.name), stub) for stub in spec.stubs),
            clock=old.clock
            if _clock(present, spec.name) == _clock(configuration, spec.name)
            else spec.clock,
        )

    def _replaced(self, done: Reconfigured) -> Document:
        return {
            "version": self._present.version,
            "created": list(done.created),
            "followed": list(done.followed),
            "dropped_sets": {name: list(sets) for name, sets in done.dropped.items()},
            "needs_restart": list(self._loaded.needs_restart),
        }


def _clock(configuration: Configuration, name: str) -> Any:
    return configuration.presets.get(name, {}).get("clock")


def _prepared(configuration: Configuration, before: Configuration) -> Work[None]:
    """Make what look-ups in the layers that are new would build."""
    known = {id(layer) for layer in before.layers()}
    for layer in configuration.layers():
        if id(layer) not in known:
            yield from layer.prepare()


def pieces_of(value: Any, depth: int = 0) -> Iterator[bytes]:
    """Yield ``value`` as JSON, in pieces that take a moment each."""
    if not isinstance(value, dict | list) or not (depth < DEEP or len(value) > MANY):
        yield _encode(value)
    elif isinstance(value, list):
        yield b"["
        for place, item in enumerate(value):
            if place:
                yield b","
            yield from pieces_of(item, depth + 1)
        yield b"]"
    else:
        yield b"{"
        for place, (key, item) in enumerate(value.items()):
            yield b"," * bool(place) + _encode(key) + b":"
            yield from pieces_of(item, depth + 1)
        yield b"}"
