"""What tags would bring to a namespace, told without making one."""

from __future__ import annotations

from typing import Any, Final

from pymockapi.engine.set_names import check_sets
from pymockapi.engine.settings import read_names
from pymockapi.engine.tagging.resolution import resolving
from pymockapi.engine.tagging.tags import check_set_tags, read_tags
from pymockapi.model.reader import Findings
from pymockapi.model.slices import in_slices
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.documents import replaced_document, tagging_document

RESOLVE_KEYS: Final = ("tags", "sets")


class Tags:
    """Operations on tags that change nothing."""

    def __init__(self, site: Site) -> None:
        self._store = site.store

    async def resolve_tags(self, call: Call) -> Outcome:
        """Tell what a namespace with these tags and sets would have, or why it could not be."""
        call.document()
        found, unknown = Findings(), Findings()
        entries: dict[str, Any] = call.entries(found, RESOLVE_KEYS)
        tags = read_tags(entries.get("tags", []), "/tags", found)
        named = read_names(entries.get("sets", []), "/sets", found)
        found.check("The list of tags")
        configuration = self._store.configuration
        check_set_tags(entries.get("tags"), "/tags", unknown, configuration.sets)
        check_sets(named, "/sets", unknown, configuration.sets)
        resolution = await in_slices(resolving(configuration, tags, named), self._store.pause)
        composition = configuration.compose(resolution.sets)
        document = {
            "config_version": configuration.version,
            "layers": [name for name, _ in composition.layers],
            "replaced": [replaced_document(each) for each in composition.replaced],
            **tagging_document(resolution.applied, resolution.sets),
            "settings": resolution.settings.values,
            "state": resolution.state.values,
            "errors": [
                {"pointer": each.pointer, "message": each.message} for each in unknown.items
            ],
        }
        return Outcome(document, configuration.version)
