"""Keys of other tools: what is told is what is written here."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pymockapi.engine.definitions import STEP_KEYS, STUB_KEYS, read_stub
from pymockapi.engine.matching.body_patterns import BODY_KEYS
from pymockapi.engine.matching.pattern import PATTERN_KEYS
from pymockapi.engine.matching.values import LONG_FORM, MATCHER_NAMES
from pymockapi.engine.project import PROJECT_KEYS
from pymockapi.engine.settings import SETTINGS_KEYS
from pymockapi.model.foreign_keys import FOREIGN_DELAYS, FOREIGN_KEYS
from pymockapi.model.reader import Findings, unknown_key

OURS = {
    *STUB_KEYS,
    *STEP_KEYS,
    *PATTERN_KEYS,
    *BODY_KEYS,
    *MATCHER_NAMES,
    *PROJECT_KEYS,
    *LONG_FORM,
    *SETTINGS_KEYS,
}


def told(definition: Any) -> str:
    found = Findings()
    read_stub(definition, "", found, lambda: "stub")
    return found.items[0].message


def test_no_key_of_ours_is_foreign() -> None:
    assert not OURS & set(FOREIGN_KEYS)


@pytest.mark.parametrize("hint", sorted({*FOREIGN_KEYS.values(), *FOREIGN_DELAYS.values()}))
def test_what_is_to_be_written_is_a_key_of_ours(hint: str) -> None:
    names = re.findall(r"'(\w+)'|(?<![\w.])(\w+): ", hint)
    inside = {
        "basic",
        "username",
        "password",
        "cart",
        "ip",
        "EXPRESSION",
        "lognormal",
        "uniform",
        "median",
        "sigma",
    }
    assert {one or other for one, other in names} <= OURS | inside


@pytest.mark.parametrize(
    ("definition", "hint"),
    [
        ({"scenarioName": "cart"}, "write 'responses' for answers in turn, or 'when' and 'set'"),
        ({"multiResponsesLooped": False}, "write after_last: cycle, or after_last: fail"),
        ({"request": {"urlPathPattern": "/a"}}, "write path: {matches: ...}"),
        ({"request": {"bodyPatterns": []}}, "write 'body', as in body: {json_contains: ...}"),
        ({"request": {"headers": {"a": {"doesNotMatch": "x"}}}}, "write {not: {matches: ...}}"),
        ({"request": {}, "response": {"fixedDelayMilliseconds": 5}}, "as in delay: 150ms"),
        ({"request": {}, "response": {"delayDistribution": {}}}, "as in delay: {lognormal"),
        ({"request": {}, "response": {"chunkedDribbleDelay": {}}}, "write 'throttle'"),
        ({"request": {}, "response": {"transformers": []}}, "write template: true"),
        ({"request": {}, "serveEventListeners": []}, "write them as 'callbacks' of the response"),
        ({"request": {}, "response": {"connectionOptions": {}}}, "write 'fault' for what breaks"),
        ({"request": {}, "httpResponseClassCallback": {}}, "no code of yours runs here; write tem"),
        ({"request": {}, "responses": [{"behaviors": []}]}, "write 'delay', 'times' and template"),
        ({"request": {}, "performanceProfile": "a"}, "write settings: {behaviour: ...}"),
        ({"request": {}, "responses": [{"is": {}}]}, "one level up, as in status: 200"),
        ({"request": {}, "response": {"delay": {"timeUnit": "SECONDS"}}}, "as in delay: 150ms"),
        ({"request": {}, "response": {"delay": {"milliseconds": 5}}}, "as in delay: 150ms"),
        ({"request": {}, "response": {"delay": {"lower": 5}}}, "{uniform: [50ms, 150ms]}"),
        ({"request": {}, "response": {"delay": {"median": 5}}}, "{lognormal: {median: 90ms"),
        ({"request": {}, "response": {"delay": {"type": "fixed"}}}, "write delay: 150ms, or {uni"),
        ({"request": {}, "response": {"fault": "RST"}}, "unknown fault 'RST'; write 'reset'"),
        ({"request": {}, "response": {"fault": {"kind": "FIN"}}}, "write 'empty'"),
        ({"request": {}, "response": {"fault": {"kind": "reset", "ratio": 1}}}, "'probability'"),
        ({"request": {}, "response": {"stream": [{"text": "a", "delay": 1}]}}, "write 'after'"),
        ({"request": {}, "response": {"sse": [{"type": "a", "data": 1}]}}, "write 'event'"),
    ],
)
def test_a_foreign_key_is_told_by_ours(definition: Any, hint: str) -> None:
    assert hint in told(definition)


def test_what_is_known_of_a_place_comes_first() -> None:
    assert unknown_key("comment", {"a"}, {"comment": "no"}) == "unknown key 'comment'; no"
