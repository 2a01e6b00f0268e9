"""Each kind of problem, with each effect: what a verdict, and that of a scope, makes of it."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.server.world import World

from pymockapi.engine.verifying.verdict import EFFECTS

SEQUENCE: Final = {"name": "s", "request": {"path": "/s"}, "responses": [{}, {}]}
LIMITED: Final = {"name": "l", "request": {"path": "/l"}, "responses": [{}], "after_last": "fail"}
CASES: Final[dict[str, tuple[list[dict[str, Any]], list[str]]]] = {
    "unmatched": ([], ["/x"]),
    "errors": ([LIMITED], ["/l", "/l"]),
    "unmet": ([{"name": "m", "request": {"path": "/m"}, "expect": 2}], ["/m"]),
    "overrun": ([{"name": "m", "request": {"path": "/m"}, "expect": 1}], ["/m", "/m"]),
    "unused": ([{"name": "u", "request": {"path": "/u"}}], []),
    "sequence_left": ([SEQUENCE], ["/s"]),
    "ambiguous": ([{"name": n, "request": {"path": "/a"}} for n in "bc"], ["/a"]),
    "late": ([], []),
}


def played(kind: str, effect: str, *, in_scope: bool = False) -> Any:
    """Return the verdict where a problem of ``kind`` alone does anything."""
    stubs, paths = CASES[kind]
    effects = {**dict.fromkeys(EFFECTS, "ignore"), kind: effect}
    world = World()
    world.call("POST", "/namespaces", {"name": "a", "settings": {"verdict": effects}})
    if in_scope:
        scope = world.call("POST", "/namespaces/a/scopes", {})["id"]
    if stubs:
        world.call("POST", "/namespaces/a/stubs", stubs)
    for path in paths:
        world.send("GET", f"/~a{path}")
    if in_scope:
        return world.call("DELETE", f"/namespaces/a/scopes/{scope}")["verdict"]
    if kind != "late":
        return world.call("GET", "/namespaces/a/verdict")
    identity = world.call("POST", "/namespaces/a/finish", {})["id"]
    world.send("GET", "/~a/late")
    return world.call("GET", f"/namespaces/{identity}/verdict")


def test_every_kind_is_tried() -> None:
    assert CASES.keys() == EFFECTS.keys()


@pytest.mark.parametrize("effect", ["fail", "warn", "ignore"])
@pytest.mark.parametrize("kind", CASES)
def test_a_problem_does_what_the_settings_say(kind: str, effect: str) -> None:
    verdict = played(kind, effect)
    assert verdict["passed"] is (effect != "fail")
    told = [(each["kind"], each["effect"], each["count"]) for each in verdict["problems"]]
    assert told == ([] if effect == "ignore" else [(kind, effect, 1)])
    assert max(map(len, verdict["report"].splitlines())) <= 100


@pytest.mark.parametrize("effect", ["fail", "warn", "ignore"])
@pytest.mark.parametrize("kind", sorted(CASES.keys() - {"late"}))
def test_the_verdict_on_a_scope_is_as_that_on_a_namespace(kind: str, effect: str) -> None:
    told, whole = played(kind, effect, in_scope=True), played(kind, effect)
    assert (told["passed"], told["problems"]) == (whole["passed"], whole["problems"])
