"""What in a valid config has no effect: stubs and steps that can never answer, unused sets, rows
of tags that never hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, product
from typing import Final

from pymockapi.config.flaws import EMPTY_ROW, UNUSED_SET
from pymockapi.config.warnings import Warned
from pymockapi.engine.configuration import Configuration
from pymockapi.engine.project import counter, read_stubs
from pymockapi.engine.same_requests import EVERY_REQUEST, request_key
from pymockapi.engine.set_users import set_users
from pymockapi.engine.shadows import covering, shadowed
from pymockapi.engine.tagging.expressions import TagExpression
from pymockapi.engine.tagging.tags import sets_named_by
from pymockapi.model.errors import MAX_WORD, nearest
from pymockapi.model.reader import Findings, below
from pymockapi.model.stub import Json, Stub

SHADOWED: Final = "shadowed-stub"
UNREACHABLE: Final = "unreachable-step"
UNSET: Final = "unset-state"
NEVER_HOLDS: Final = "never-holds"
MAX_TRIED: Final = 8  # tags of one expression of which every choice is tried; 0.2 ms


def lint(configuration: Configuration) -> Iterator[Warned]:
    """Yield what is wrong with stubs as they lie on each other, which sets nothing in the config
    has, and which rows of tags can do nothing.

    What sets do to the base layer is not looked at, nor what own stubs of namespaces do to both:
    overriding them is what they are for.
    """
    known = _known_keys(configuration)
    base = tuple(configuration.base.by_name.values())
    yield from _layer("", base, shadowed(base), known)
    below_sets = covering(base)
    for name, each in configuration.sets.items():
        stubs = tuple(each.layer.by_name.values())
        pairs = shadowed(stubs)
        pairs += _shadowed_by_base(each.layer.by_name, below_sets, {stub for stub, _ in pairs})
        yield from _layer(below("/sets", name), stubs, pairs, known)
    yield from _own(configuration, known)
    yield from _unused(configuration)
    yield from _rows(configuration)


def _own(configuration: Configuration, known: frozenset[str]) -> Iterator[Warned]:
    for name, preset in configuration.presets.items():
        at = below("/namespaces", name)
        stubs = read_stubs(preset.get("stubs", []), f"{at}/stubs", Findings(), counter("stub"))
        yield from _layer(at, stubs, shadowed(stubs), known)


def _unused(configuration: Configuration) -> Iterator[Warned]:
    used = {name for name, _ in set_users(configuration)}
    for name in configuration.sets:
        if name not in used:
            told = (
                f"no namespace and no row of 'tags' has the set '{name}': only a call can ask for"
                f" it, or the tag @mock.{name}"
            )
            yield Warned(UNUSED_SET, below("/sets", name), told)


def _rows(configuration: Configuration) -> Iterator[Warned]:
    """Tell of rows that bring nothing, and of those that can hold for no test."""
    for row in configuration.tags.rows:
        at = below("/tags", row.text)
        named = sets_named_by(row.expression.tags)
        unknown = {
            tag for name, tags in named.items() for tag in tags if name not in configuration.sets
        }
        if not _can_hold(row.expression, row.expression.tags - unknown):
            there = ""
            if unknown:
                there = (
                    f": the config has no set for @{min(unknown)}, and refuses tests that have it"
                )
            yield Warned(NEVER_HOLDS, at, f"'{row.text[:MAX_WORD]}' holds for no test{there}")
        elif row.brings_nothing:
            told = "this row brings neither sets nor state nor settings; its tags are only known"
            yield Warned(EMPTY_ROW, at, told)


def _can_hold(expression: TagExpression, tags: frozenset[str]) -> bool:
    """Return whether ``expression`` holds for some of ``tags``; with very many of them, true."""
    if len(tags) > MAX_TRIED:
        return True
    ways = product((False, True), repeat=len(tags))
    return any(expression.holds(set(compress(tags, way))) for way in ways)


def _shadowed_by_base(
    stubs: Mapping[str, Stub], base: Mapping[bytes, Stub], told: set[Stub]
) -> Iterator[tuple[Stub, Stub]]:
    for stub in stubs.values():
        for key in () if stub in told else (request_key(stub), EVERY_REQUEST):
            stronger = base.get(key)
            if stronger is None or stronger.name in stubs or stronger.priority >= stub.priority:
                continue
            yield stub, stronger
            break


def _layer(
    at: str, stubs: Sequence[Stub], pairs: Sequence[tuple[Stub, Stub]], known: frozenset[str]
) -> Iterator[Warned]:
    stronger, in_layer = dict(pairs), set(stubs)
    for number, stub in enumerate(stubs):
        place = f"{at}/stubs/{number}"
        if (by := stronger.get(stub)) is not None:
            yield Warned(SHADOWED, place, _shadowed(stub, by, by not in in_layer))
        yield from _unreachable(stub, place)
        yield from _unset(stub, place, known)


def _shadowed(stub: Stub, stronger: Stub, is_base: bool) -> str:
    where = " of the base layer" if is_base else ""
    why = "its priority is stronger" if stronger.priority < stub.priority else "it is defined later"
    takes = "the same requests" if request_key(stronger) != EVERY_REQUEST else "every request"
    return (
        f"'{stub.name}' never answers: '{stronger.name}'{where} takes {takes},"
        f" and {why}; remove one, or tell them apart by 'request', 'when' or 'times'"
    )


def _unreachable(stub: Stub, at: str) -> Iterator[Warned]:
    """A stub that serves ``times`` requests comes to no step that begins after them."""
    if not stub.is_sequence or stub.times is None:
        return
    before = 0
    for number, step in enumerate(stub.steps):
        if before >= stub.times:
            told = f"the stub's 'times: {stub.times}' is used up before this step"
            yield Warned(UNREACHABLE, f"{at}/responses/{number}", told)
            return
        before += step.times


def _known_keys(configuration: Configuration) -> frozenset[str]:
    """Return the keys of state that the config sets anywhere."""
    holders: list[Mapping[str, Json]] = [configuration.state]
    holders += [each.state for each in configuration.sets.values()]
    holders += [row.state for row in configuration.tags.rows]
    holders += [preset.get("state") or {} for preset in configuration.presets.values()]
    for layer in configuration.layers():
        for stub in layer.by_name.values():
            definition = stub.definition
            holders += [definition.get("set", {})]
            holders += [step.get("set", {}) for step in definition.get("responses", ())]
    for preset in configuration.presets.values():
        for own in preset.get("stubs") or ():
            holders += [own.get("set", {})]
            holders += [step.get("set", {}) for step in own.get("responses", ())]
    return frozenset(key for holder in holders for key in holder)


def _unset(stub: Stub, at: str, known: frozenset[str]) -> Iterator[Warned]:
    """A test may set any key; one that is nearly a key of the config is a slip."""
    for key in stub.definition.get("when", {}):
        near = nearest(key, known, 1)
        if key not in known and near:
            told = f"the config never sets '{key}'; did you mean '{near[0]}'?"
            yield Warned(UNSET, below(f"{at}/when", key), told)
