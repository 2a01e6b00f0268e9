"""The life of namespaces: create, read, replace, reset, renew, fork, finish, delete, snapshots."""

from __future__ import annotations

from typing import Any

from pymockapi.engine.settings import read_labels, read_lease
from pymockapi.model.changes import NamespaceSpec, Reset
from pymockapi.model.reader import Findings, below, is_name
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import ended_document, namespace_document, snapshot_document
from pymockapi.service.listing import documents
from pymockapi.service.specs import (
    SPEC_KEYS,
    one_string,
    read_optional_name,
    read_reset,
    read_spec,
)
from pymockapi.store.namespace import Namespace


class Namespaces:
    """Operations on whole namespaces."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._store = site.store
        self._drawn = 0

    def outcome(self, space: Namespace, status: int | None = None) -> Outcome:
        prefix = self._store.configuration.server.path_prefix
        document = namespace_document(space, self._site.base_url(), prefix)
        return Outcome(document, space.version, status)

    async def list_namespaces(self, call: Call) -> Outcome:
        wanted = call.query.get("label")
        key, _, value = (wanted or "").partition("=")
        spaces = [
            space for space in self._store.spaces()
            if wanted is None or space.spec.labels.get(key) == value
        ]  # fmt: skip
        listed = await documents(
            spaces, lambda space: self.outcome(space).document, self._store.pause
        )
        return Outcome({"namespaces": listed})

    async def create_namespace(self, call: Call) -> Outcome:
        found = Findings()
        entries = call.entries(found, tuple(SPEC_KEYS))
        name = read_optional_name(entries, "name", found) or self._draw_name()
        source = read_optional_name(entries, "fork_of", found)
        if source is not None:
            found.check("The namespace")
            return await self._fork(source, name, entries)
        spec = await self._spec(entries, name, found)
        return self.outcome(await self._store.create(spec))

    def _draw_name(self) -> str:
        while True:
            self._drawn += 1
            name = f"ns-{self._drawn}"
            if self._store.view(name) is None:
                return name

    async def _spec(self, entries: dict[str, Any], name: str, found: Findings) -> NamespaceSpec:
        store = self._store
        spec = await read_spec(
            entries, name, store.configuration, self._site.seed, store.real_ns(), found,
            store.pause,
        )  # fmt: skip
        found.check("The namespace")
        return spec

    async def create_presets(self) -> None:
        """Create ``default`` and the namespaces that the config names."""
        presets = dict(self._store.configuration.presets)
        for name, entries in {"default": presets.pop("default", {}), **presets}.items():
            await self._store.create(await self._spec(dict(entries), name, Findings()))

    async def get_namespace(self, call: Call) -> Outcome:
        return self.outcome(self._store.known(call.ns))

    async def replace_namespace(self, call: Call) -> Outcome:
        found = Findings()
        entries = call.entries(found, tuple(SPEC_KEYS - {"fork_of"}))
        _check_name(call.ns, entries, found)
        spec = await self._spec(entries, call.ns, found)
        is_new = self._store.view(call.ns) is None
        return self.outcome(
            await self._store.replace(spec, call.if_version), 201 if is_new else 200
        )

    async def delete_namespace(self, call: Call) -> Outcome:
        await self._store.remove(call.ns, call.if_version)
        return Outcome()

    async def reset_namespace(self, call: Call) -> Outcome:
        found = Findings()
        self._store.known(call.ns)
        entries = call.entries(found, ("only",))
        reset = read_reset(entries["only"], "/only", found) if "only" in entries else Reset()
        found.check("The reset")
        return self.outcome(await self._store.apply(call.ns, (reset,), call.if_version))

    async def renew_namespace(self, call: Call) -> Outcome:
        found = Findings()
        entries = call.entries(found, ("lease",))
        lease = read_lease(entries["lease"], "/lease", found) if "lease" in entries else None
        found.check("The lease")
        return self.outcome(self._store.renew(call.ns, lease))

    async def fork_namespace(self, call: Call) -> Outcome:
        found = Findings()
        self._store.known(call.ns)
        entries = call.entries(found, ("name", "labels", "lease"))
        name = read_optional_name(entries, "name", found) or self._draw_name()
        found.check("The fork")
        return await self._fork(call.ns, name, entries)

    async def _fork(self, source: str, name: str, entries: dict[str, Any]) -> Outcome:
        """Copy ``source``: its definitions and limits, with labels and lease of its own if given."""
        found = Findings()
        origin = self._store.known(source)
        for key in entries:
            if key not in ("name", "fork_of", "labels", "lease"):
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
        found.check("The fork")
        spec = NamespaceSpec(
            name=name, sets=origin.spec.sets, seed=origin.seed,
            labels=labels, lease_s=lease,
        )  # fmt: skip
        return self.outcome(await self._store.fork(source, spec))

    async def finish_namespace(self, call: Call) -> Outcome:
        found = Findings()
        entries = call.entries(found, ("status",))
        status = one_string(entries.get("status"), "/status", found)
        found.check("The finish")
        return Outcome(ended_document(await self._store.finish(call.ns, status, call.if_version)))

    async def list_snapshots(self, call: Call) -> Outcome:
        space = self._store.known(call.ns)
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
        return self.outcome(
            await self._store.restore(call.ns, call.path["snapshot"], call.if_version)
        )

    async def delete_snapshot(self, call: Call) -> Outcome:
        self._store.drop_snapshot(call.ns, call.path["snapshot"])
        return Outcome(None, self._store.known(call.ns).version)


def _check_name(name: str, entries: dict[str, Any], found: Findings) -> None:
    if not is_name(name):
        found.add("", f"'{name[:140]}' is no name: 1 to 128 characters of A-Z a-z 0-9 . _ - are")
    if entries.get("name", name) != name:
        found.add("/name", f"the path says '{name}'; leave 'name' out, or make it the same")
