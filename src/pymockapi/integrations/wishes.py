"""What a test asks of its namespace: sets, tags, seed, clock, state, settings and how it is judged.

Written in a framework's own way (a marker, a decorator) and merged from the outside in: a module,
its class, the test. Pure; whether a set or a setting exists is the server's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pymockapi.client.values import Json, JsonObject, check_options
from pymockapi.integrations.options import EFFECTS

_ELSEWHERE: Final = dict.fromkeys(
    ("set", "sets"), "names of sets stand first, without a keyword: mocks('payments-down')"
)
KEYWORDS: Final = ("tags", "seed", "clock", "state", "settings", "verdict")


@dataclass(frozen=True, slots=True)
class Wishes:
    """``None`` and empty mean "as the server has it"; ``effect`` is what a failed verdict does."""

    sets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    seed: int | None = None
    clock: Json = None
    state: JsonObject = field(default_factory=dict)
    settings: JsonObject = field(default_factory=dict)
    effect: str | None = None


def read_wishes(sets: Iterable[object], keywords: Mapping[str, Json]) -> Wishes:
    """Return what ``mocks(*sets, **keywords)`` asks for. Raises ``TypeError``, ``ValueError``."""
    check_options(keywords, KEYWORDS, "mocks()", _ELSEWHERE)
    for name in sets:
        if not isinstance(name, str):
            raise TypeError(f"mocks() takes names of sets, as texts; got {name!r}")
    settings, effect = _mapping(keywords, "settings"), None
    verdict = keywords.get("verdict")
    if isinstance(verdict, Mapping):
        settings["verdict"] = dict(verdict)
    elif verdict is not None:
        if verdict not in EFFECTS:
            raise ValueError(
                f"verdict={verdict!r} is neither one of {', '.join(EFFECTS)} nor a mapping from"
                " kinds of problems to these"
            )
        effect = verdict
    return Wishes(
        tuple(map(str, sets)),
        _tags(keywords.get("tags")),
        keywords.get("seed"),
        keywords.get("clock"),
        _mapping(keywords, "state"),
        settings,
        effect,
    )


def merged(outer: Wishes, inner: Wishes) -> Wishes:
    """Return both: sets and tags one after the other, mappings by key, else what ``inner`` says."""
    settings = {**outer.settings, **inner.settings}
    if "verdict" in outer.settings and "verdict" in inner.settings:
        settings["verdict"] = {**outer.settings["verdict"], **inner.settings["verdict"]}
    return replace(
        inner,
        sets=outer.sets + inner.sets,
        tags=outer.tags + inner.tags,
        seed=outer.seed if inner.seed is None else inner.seed,
        clock=outer.clock if inner.clock is None else inner.clock,
        state={**outer.state, **inner.state},
        settings=settings,
        effect=outer.effect if inner.effect is None else inner.effect,
    )


def _tags(value: Json) -> tuple[str, ...]:
    tags = (value,) if isinstance(value, str) else value
    if tags is None:
        return ()
    if not isinstance(tags, list | tuple | set) or not all(isinstance(tag, str) for tag in tags):
        raise TypeError(f"tags= takes a tag, or a list of them, as texts; got {value!r}")
    return tuple(tags)


def _mapping(keywords: Mapping[str, Json], name: str) -> JsonObject:
    value = keywords.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"{name}= takes a mapping; got {value!r}")
    return dict(value or {})
