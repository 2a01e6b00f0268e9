"""The life of namespaces: create, read, replace, reset, renew, fork, finish, delete, snapshots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec

from pymockapi.engine.claims import Claimed, canonical, read_claims
from pymockapi.engine.configuration import Configuration
from pymockapi.engine.settings import read_labels, read_lease, read_port
from pymockapi.model.changes import NamespaceSpec, Reset
from pymockapi.model.names import is_name
from pymockapi.model.reader import Findings, below, read_choice
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import (
    end_document,
    namespace_document,
    snapshot_document,
    tell_shadowed,
    ways_document,
)
from pymockapi.service.files import findings_for, kept_files
from pymockapi.service.judgements import verdict_on
from pymockapi.service.listing import FEW, encoded
from pymockapi.service.namespace_specs import SPEC_KEYS, read_spec
from pymockapi.service.ports import PortUnavailable, check_ports
from pymockapi.service.searches import has_label
from pymockapi.service.specs import (
    read_optional_name,
    read_reset,
)
from pymockapi.store.namespace import Namespace
from pymockapi.store.reconfiguring import tell

FORK_KEYS: Final = ("name", "labels", "lease", "port", "claims")


class Namespaces:
    """Operations on whole namespaces."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._store = site.store
        self._drawn = 0

    async def outcome(self, space: Namespace, status: int | None = None) -> Outcome:
        prefix = self._store.configuration.server.path_prefix
        site = self._site
        ended = self._store.lives.kept(space.id)
        own_url = None
        if ended is None and space.spec.port is not None and site.ports is not None:
            own_url = site.ports.url(space.spec.port)
        ways = ways_document(space, site.base_url(), site.tls_url(), prefix, own_url)
        finished = None
        if ended is not None:
            verdict = await verdict_on(space, ended, site.store.pause)
            finished = end_document(ended, passed=verdict.passed)
        document, version = namespace_document(space, ways, finished), space.version
        await tell_shadowed(document["applied"], space, site.store.pause)
        return Outcome(document, version, status)

    async def list_namespaces(self, call: Call) -> Outcome:
        found = Findings()
        finished = read_choice(
            call.query.get("finished", "false"), "/finished", found, ("true", "false")
        )
        found.check("The query")
        wanted = call.query.get("label")
        listed_from = (
            [each.space for each in self._store.lives.finished() if each.space is not None]
            if finished == "true"
            else self._store.spaces()
        )
        spaces = [
            space for space in listed_from
            if wanted is None or has_label(space, wanted)
        ]  # fmt: skip
        listed = []
        for space in spaces:
            listed.append(encoded((await self.outcome(space)).document))
            if (waiting := self._store.pause()) is not None:
                await waiting
        return Outcome({"namespaces": listed})

    async def create_namespace(self, call: Call) -> Outcome:
        found = await findings_for(self._site, call.body, calls=True)
        entries = call.entries(found, tuple(SPEC_KEYS))
        name = read_optional_name(entries, "name", found) or self._draw_name()
        source = read_optional_name(entries, "fork_of", found)
        if source is not None:
            found.check("The namespace")
            return await self._fork(source, name, entries)
        spec = await self._spec(entries, name, found)
        return await self.outcome(await self._begun(spec, self._store.create))

    async def _begun(
        self, spec: NamespaceSpec, begin: Callable[[NamespaceSpec], Awaitable[Namespace]]
    ) -> Namespace:
        """Begin a namespace with its port, if it is to have one: both, or neither."""
        if spec.port is None:
            return await begin(spec)
        assert self._site.ports is not None
        port = await self._site.ports.open(spec.port, spec.name)
        try:
            space = await begin(msgspec.structs.replace(spec, port=port.number))
            port.give(space.id)
        finally:
            port.settle()
        return space

    def _draw_name(self) -> str:
        while True:
            self._drawn += 1
            name = f"ns-{self._drawn}"
            if self._store.view(name) is None:
                return name

    async def _spec(self, entries: dict[str, Any], name: str, found: Findings) -> NamespaceSpec:
        """Read a definition on top of the config in force, anew if another came meanwhile."""
        while True:
            configuration = self._store.configuration
            spec = await self._spec_in(configuration, entries, name, found)
            if self._store.configuration is configuration:
                return spec

    async def _spec_in(
        self, configuration: Configuration, entries: Mapping[str, Any], name: str, found: Findings
    ) -> NamespaceSpec:
        store = self._store
        claims = self._claims(configuration, entries, found)
        spec = await read_spec(entries, name, configuration, store.real_ns(), found, store.pause)
        found.check("The namespace")
        return msgspec.structs.replace(spec, claims=claims)

    def _claims(
        self, configuration: Configuration, entries: Mapping[str, Any], found: Findings
    ) -> Claimed:
        selectors = configuration.server.selectors
        return read_claims(entries.get("claims", {}), "/claims", found, selectors)

    async def presets(self, configuration: Configuration) -> list[NamespaceSpec]:
        """Return what ``configuration`` says of ``default`` and of the namespaces it names."""
        named = {"default": {}, **configuration.presets}
        read = kept_files(configuration.bodies)
        specs = []
        for name, entries in named.items():
            entries = _claimable(entries, configuration)
            specs.append(await self._spec_in(configuration, entries, name, Findings(read)))
            if len(specs) % FEW == 0 and (waiting := self._store.pause()) is not None:
                await waiting
        return specs

    async def create_presets(self) -> None:
        """Create ``default`` and the namespaces that the config names.

        Raises ``LimitReached``, or ``PortUnavailable`` with every port that cannot be had.
        """
        refused: dict[str, PortUnavailable] = {}
        for spec in await self.presets(self._store.configuration):
            try:
                tell(await self._begun(spec, self._store.create))
            except PortUnavailable as error:
                refused[spec.name] = error
        check_ports(refused)

    async def get_namespace(self, call: Call) -> Outcome:
        return await self.outcome(self._store.readable(call.ns))

    async def replace_namespace(self, call: Call) -> Outcome:
        found = await findings_for(self._site, call.body, calls=True)
        entries = call.entries(found, tuple(SPEC_KEYS - {"fork_of"}))
        _check_name(call.ns, entries, found)
        spec = await self._spec(entries, call.ns, found)
        is_new = self._store.view(call.ns) is None
        replace = partial(self._store.replace, if_version=call.if_version)
        return await self.outcome(await self._begun(spec, replace), 201 if is_new else 200)

    async def delete_namespace(self, call: Call) -> Outcome:
        await self._store.remove(call.ns, call.if_version)
        return Outcome()

    async def reset_namespace(self, call: Call) -> Outcome:
        found = Findings()
        self._store.known(call.ns)
        entries = call.entries(found, ("only",))
        reset = read_reset(entries["only"], "/only", found) if "only" in entries else Reset()
        found.check("The reset")
        return await self.outcome(await self._store.apply(call.ns, (reset,), call.if_version))

    async def renew_namespace(self, call: Call) -> Outcome:
        found = Findings()
        entries = call.entries(found, ("lease",))
        lease = read_lease(entries["lease"], "/lease", found) if "lease" in entries else None
        found.check("The lease")
        return await self.outcome(self._store.renew(call.ns, lease))

    async def fork_namespace(self, call: Call) -> Outcome:
        found = Findings()
        self._store.known(call.ns)
        entries = call.entries(found, FORK_KEYS)
        name = read_optional_name(entries, "name", found) or self._draw_name()
        found.check("The fork")
        return await self._fork(call.ns, name, entries)

    async def _fork(self, source: str, name: str, entries: dict[str, Any]) -> Outcome:
        """Copy ``source``: its definitions and limits, with labels and lease of its own if given.

        Claims and port stay with ``source``, for one namespace alone can have them.
        """
        found = Findings()
        origin = self._store.known(source)
        for key in entries:
            if key not in FORK_KEYS and key != "fork_of":
                found.add(
                    below("", key),
                    f"'{key}' comes from '{source}'; create the fork, then apply changes to it",
                )
        labels = (
            read_labels(entries["labels"], "/labels", found)
            if "labels" in entries
            else origin.spec.labels
        )
        lease = (
            read_lease(entries["lease"], "/lease", found) if "lease" in entries else origin.lease_s
        )
        port = read_port(entries.get("port"), "/port", found)
        claims = self._claims(self._store.configuration, entries, found)
        found.check("The fork")
        spec = NamespaceSpec(
            name=name, sets=origin.sets, seed=origin.seed,
            labels=labels, lease_s=lease, port=port, claims=claims, applied=origin.spec.applied,
        )  # fmt: skip
        return await self.outcome(await self._begun(spec, partial(self._store.fork, source)))

    async def list_snapshots(self, call: Call) -> Outcome:
        space = self._store.readable(call.ns)
        listed = [snapshot_document(each) for each in space.snapshots.values()]
        return Outcome({"snapshots": listed}, space.version)

    async def take_snapshot(self, call: Call) -> Outcome:
        found = Findings()
        space = self._store.known(call.ns)
        name = read_optional_name(call.entries(found, ("id",)), "id", found)
        found.check("The snapshot")
        kept = self._store.take_snapshot(call.ns, name)
        return Outcome(snapshot_document(kept), space.version)

    async def restore_snapshot(self, call: Call) -> Outcome:
        return await self.outcome(
            await self._store.restore(call.ns, call.path["snapshot"], call.if_version)
        )

    async def delete_snapshot(self, call: Call) -> Outcome:
        self._store.drop_snapshot(call.ns, call.path["snapshot"])
        return Outcome(None, self._store.known(call.ns).version)


def _claimable(entries: Mapping[str, Any], configuration: Configuration) -> Mapping[str, Any]:
    """Leave out claims by selectors that the server does not have before its next start."""
    if "claims" not in entries:
        return entries
    listed = {selector.notation for selector in configuration.server.selectors}
    claims = {key: each for key, each in entries["claims"].items() if canonical(key) in listed}
    return {**entries, "claims": claims}


def _check_name(name: str, entries: dict[str, Any], found: Findings) -> None:
    if not is_name(name):
        found.add("", f"'{name[:140]}' is no name: 1 to 128 characters of A-Z a-z 0-9 . _ - are")
    if entries.get("name", name) != name:
        found.add("/name", f"the path says '{name}'; leave 'name' out, or make it the same")
