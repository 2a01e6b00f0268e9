"""What feature files and a config have of each other: tags without mocks, rows without scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pymockapi.config.feature_files import Features, Scenario, Tag
from pymockapi.config.flaws import UNKNOWN_TAG, UNUSED_SET, Located
from pymockapi.config.validate import Loaded
from pymockapi.engine.configuration import Configuration
from pymockapi.engine.set_users import set_users
from pymockapi.engine.tagging.tags import no_set_for, set_named_by
from pymockapi.model.errors import MAX_WORD, nearest
from pymockapi.model.reader import Findings, below
from pymockapi.model.slices import at_once

MISSPELT_TAG: Final = "misspelt-tag"
UNUSED_ROW: Final = "unused-row"


def feature_errors(features: Features, configuration: Configuration) -> Iterator[Located]:
    """Yield each tag that asks for a set which is not there: its scenarios could not run."""
    for tag in dict.fromkeys(tag for each in features.scenarios for tag in each.tags):
        name = set_named_by(tag.text)
        if name is not None and name not in configuration.sets:
            told = no_set_for(f"@{tag.text}", name, configuration.sets, Findings())
            yield tag.located(told)


def feature_flaws(features: Features, loaded: Loaded[Configuration]) -> Iterator[Located]:
    """Yield warnings and notes: tags first, in the order of the files, then rows and sets."""
    configuration = loaded.configuration
    yield from _unknown_tags(features.scenarios, configuration)
    used = {name for name, user in set_users(configuration) if user.startswith("namespace")}
    held = set[str]()
    for names in {each.names for each in features.scenarios}:
        rows = at_once(configuration.tags.holding(names))
        held.update(row.text for row in rows)
        used.update(name for row in rows for name in row.sets)
        used.update(name for tag in names if (name := set_named_by(tag)) is not None)
    for row in configuration.tags.rows:
        if row.text not in held:
            told = f"no scenario has tags for which '{row.text[:MAX_WORD]}' holds"
            yield loaded.locate(below("/tags", row.text), told, UNUSED_ROW)
    for name in configuration.sets:
        if name not in used:
            told = f"no scenario and no namespace of the config gets the set '{name}'"
            yield loaded.locate(below("/sets", name), told, UNUSED_SET)


def _unknown_tags(scenarios: Iterable[Scenario], configuration: Configuration) -> Iterator[Located]:
    """Yield each tag once that no row mentions, where it comes first."""
    first: dict[str, Tag] = {}
    for each in scenarios:
        for tag in each.tags:
            first.setdefault(tag.text, tag)
    known = configuration.tags.mentions
    for text, tag in first.items():
        if text in known or set_named_by(text) is not None or "<" in text:
            continue
        told = f"no row of 'tags' mentions '@{text[:MAX_WORD]}'"
        near = nearest(text, known, 1)
        if near:
            yield tag.located(f"{told}; did you mean '@{near[0]}'?", MISSPELT_TAG)
        else:
            yield tag.located(told, UNKNOWN_TAG)
