"""The examples of ``docs/control-api.md`` show exactly the keys that the server answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from pymockapi.api.schemas import LIMITS, NAMESPACE_PROPERTIES, SETTINGS

HERE: Final = Path(__file__).parent
PAGE: Final = (HERE.parent.parent / "docs" / "control-api.md").read_text(encoding="utf-8")
EXAMPLES: Final[list[Any]] = [
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
]
FREE: Final = frozenset(
    {"labels", "headers", "claims", "state", "settings", "query", "correlation", "params", "json"}
)
"""Objects whose keys are the user's."""


def example(*keys: str) -> Any:
    """Return the one example that has all of ``keys``."""
    (found,) = (each for each in EXAMPLES if set(keys) <= set(each))
    return found


def golden(name: str) -> Any:
    return json.loads((HERE / "golden" / f"{name}.json").read_text(encoding="utf-8"))["body"]


def keys(value: Any, at: str = "") -> set[str]:
    """Return the pointers of all keys in ``value``; list items count as one."""
    found: set[str] = set()
    if isinstance(value, dict):
        for name, each in value.items():
            found.add(f"{at}/{name}")
            found |= set() if name in FREE else keys(each, f"{at}/{name}")
    elif isinstance(value, list):
        for each in value:
            found |= keys(each, f"{at}/*")
    return found


def test_a_namespace_is_shown_as_it_is_answered() -> None:
    assert keys(example("applied", "counts")) == keys(golden("create_namespace"))


def test_recorded_requests_are_shown_as_they_are_answered() -> None:
    shown, told = keys(example("requests", "evicted")), keys(golden("list_requests"))
    assert shown == told


def test_an_explanation_is_shown_as_it_is_answered() -> None:
    shown = keys(example("candidates", "omitted"))
    assert shown == keys(golden("explain_request")) == keys(golden("match")) | shown


def test_a_verdict_is_shown_as_it_is_answered() -> None:
    shown = keys(example("passed", "problems"))
    assert shown == keys(golden("get_verdict"))


def test_a_definition_is_shown_with_every_key_that_it_may_have() -> None:
    shown = example("fork_of")
    assert set(shown) == {"name", "fork_of", *NAMESPACE_PROPERTIES}
    assert set(shown["limits"]) == set(LIMITS["properties"])
    assert set(shown["settings"]) <= set(SETTINGS["properties"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("health", '{"status": "ok"}'), ("ready", '{"status": "ready"}'),
        ("list_sets", '{"sets": [{"name", "stubs": [names], "state": {...}, "settings": {...}}]}'),
        ("list_snapshots", '{"snapshots": [{"id", "at", "version"}]}'),
        ("list_stubs", '{"stubs": [{"name", "layer", "priority", "hits", "spent", "definition": {...}}]}'),
        ("finish_namespace", '{"name", "id", "status", "reason": "finished", "finished_at", "requests", "in_flight": [entries], "late": [entries as orphans], "late_total", "cut_short": null, "verdict": {...}}'),
        ("list_scopes", '{"scopes": [{"id", "name", "at", "after", "depth"}]}'),
        ("close_scope", '{"id", "name", "after", "until", "closed": [ids], "verdict": {...}}'),
        ("list_orphans", '{"orphans": [{"at", "namespace", "selector", "method", "target", "client", "code", "correlation": {}, "last_owner": {"id", "labels", "status"} or null}], "total"}'),
        ("get_sequence", '{"stub", "steps": 3, "total": 4 or null, "after_last": "repeat", "per": "header.x" or null, "cursors": [{"key": null, "position": 2, "step": 2}]}'),
        ("apply", '{"version", "stubs": [of the batch], "namespace": {...}}'),
        ("count_requests", '{"count": 3, "complete": true}'),
    ],
)  # fmt: skip
def test_a_shape_in_the_tables_has_the_keys_that_are_answered(name: str, shown: str) -> None:
    assert shown in PAGE
    named = set(re.findall(r'"(\w+)"', re.sub(r': "[^"]*"', "", shown)))
    told = {pointer.rpartition("/")[2] for pointer in keys(golden(name))}
    assert named <= told
    assert {pointer for pointer in keys(golden(name)) if pointer.count("/") == 1} <= {
        f"/{each}" for each in named
    }
