"""What tags and names of sets bring together: which sets in which order, which state and settings.

One order decides all: the rows that hold, as they stand in the table, each with its sets and then
its own values; then the sets that ``@mock.NAME`` names, in the order of the config; then those
asked for by name. A set that comes several times counts where it comes last. Later values win.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

import msgspec

from pymockapi.engine.configuration import Configuration, StubSet
from pymockapi.engine.tagging.table import TagRow
from pymockapi.engine.tagging.tags import set_named_by, sets_named_by
from pymockapi.model.reader import below
from pymockapi.model.slices import Work
from pymockapi.model.stub import Json
from pymockapi.model.tagging import BY_NAME, OF_CONFIG, Applied, Override

MAX_TOLD: Final = 1_000  # overridden values of one part; more are not listed

_Values = Mapping[str, Json]


class Merged:
    """State or settings at ``at``, merged key by key; ``overridden`` tells what later ones replaced."""

    def __init__(self, at: str, first: _Values) -> None:
        self._at = at
        self._given: list[tuple[str, _Values]] = [(OF_CONFIG, first)]
        self.values: dict[str, Any] = dict(first)
        self.overridden: list[Override] = []

    def put(self, values: _Values, by: str) -> None:
        if not values:
            return
        again = values.keys() & self.values.keys()
        in_order = (key for key in values if key in again) if again else ()
        for key in islice(in_order, MAX_TOLD - len(self.overridden)):
            source = next(name for name, held in reversed(self._given) if key in held)
            self.overridden.append(Override(below(self._at, key), source, by))
        self._given.append((by, values))
        self.values.update(values)


class MergedSettings:
    """Settings, of which ``verdict`` merges kind by kind (``engine/settings.py``, ``merge_settings``)."""

    def __init__(self, first: _Values) -> None:
        rest, verdict = _parted(first)
        self._rest = Merged("/settings", rest)
        self._verdict = Merged("/settings/verdict", verdict)

    def put(self, values: _Values, by: str) -> None:
        rest, verdict = _parted(values)
        self._rest.put(rest, by)
        self._verdict.put(verdict, by)

    @property
    def values(self) -> dict[str, Any]:
        verdict = self._verdict.values
        return {**self._rest.values, "verdict": verdict} if verdict else self._rest.values

    @property
    def overridden(self) -> list[Override]:
        return [*self._rest.overridden, *self._verdict.overridden]


def _parted(settings: _Values) -> tuple[_Values, _Values]:
    """Return ``settings`` but for ``verdict``, and that."""
    verdict = settings.get("verdict")
    if not isinstance(verdict, Mapping):
        return settings, {}
    return {key: value for key, value in settings.items() if key != "verdict"}, verdict


class Resolution(msgspec.Struct):
    """``sets`` in the order of their layers, and state and settings on top of the config's."""

    sets: tuple[str, ...]
    state: Merged
    settings: MergedSettings
    told: Applied

    @property
    def applied(self) -> Applied:
        """What is told of it, with what was put over it meanwhile."""
        overridden = (*self.state.overridden, *self.settings.overridden)
        return msgspec.structs.replace(self.told, overridden=overridden)


def resolving(
    configuration: Configuration, tags: tuple[str, ...], named: tuple[str, ...]
) -> Work[Resolution]:
    """Resolve ``tags`` (without ``@``) and ``named`` sets, in slices; what is no set is left out."""
    sets = configuration.sets
    rows = yield from configuration.tags.holding(frozenset(tags))
    steps = _steps(rows, tags, named, sets)
    sources: dict[str, list[str]] = {}
    state = Merged("/state", configuration.state)
    settings = MergedSettings(configuration.settings)
    last = {item: place for place, (_, item) in enumerate(steps) if isinstance(item, str)}
    for place, (source, item) in enumerate(steps):
        holder: TagRow | StubSet
        if isinstance(item, TagRow):
            holder = item
        else:
            sources.setdefault(item, []).append(source)
            if last[item] != place:
                continue
            source, holder = f"set:{item}", sets[item]
        state.put(holder.state, source)
        settings.put(holder.settings, source)
        yield
    ordered = sorted(last, key=last.__getitem__)
    told = Applied(
        tags=tuple(f"@{tag}" for tag in tags),
        rows=tuple(row.text for row in rows),
        sets=tuple((name, tuple(dict.fromkeys(sources[name]))) for name in ordered),
        ignored=tuple(f"@{tag}" for tag in tags if _is_ignored(tag, configuration)),
    )
    return Resolution(tuple(ordered), state, settings, told)


def _steps(
    rows: Iterable[TagRow],
    tags: tuple[str, ...],
    named: tuple[str, ...],
    sets: Mapping[str, object],
) -> list[tuple[str, str | TagRow]]:
    """Return what applies, in order: a name of a set, or a row for its own values, and its source."""
    steps: list[tuple[str, str | TagRow]] = []
    for row in rows:
        steps += [(row.text, name) for name in row.sets]
        steps.append((row.text, row))
    by_tag = sets_named_by(tags)
    for name in sets if by_tag else ():
        steps += [(f"@{tag}", name) for tag in by_tag.get(name, ())]
    return steps + [(BY_NAME, name) for name in named if name in sets]


def _is_ignored(tag: str, configuration: Configuration) -> bool:
    return tag not in configuration.tags.mentions and set_named_by(tag) is None
