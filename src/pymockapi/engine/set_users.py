"""What in a config uses its sets: namespaces, by name or by tag, and rows of the table of tags."""

from __future__ import annotations

from collections.abc import Iterator

from pymockapi.engine.configuration import Configuration
from pymockapi.engine.tagging.expressions import bare_tag
from pymockapi.engine.tagging.tags import sets_named_by


def set_users(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Yield each set that something in ``configuration`` uses, with what does, in words."""
    for name, preset in configuration.presets.items():
        tags = [bare_tag(tag) for tag in preset.get("tags", ())]
        for used in (*preset.get("sets", ()), *sets_named_by(tags)):
            yield used, f"namespace '{name}'"
    for row in configuration.tags.rows:
        for used in row.sets:
            yield used, f"row '{row.text}' of 'tags'"
