"""Which libraries definitions need, told before they are read."""

from __future__ import annotations

import sys

import pytest

from pymockapi.engine import features
from pymockapi.engine.features import (
    load_graphql,
    load_jsonpath,
    load_jsonschema,
    load_regex,
    wanted_by,
)


@pytest.mark.parametrize(
    ("definitions", "wanted"),
    [
        (b'{"request": {"path": {"matches": "a"}}}', [load_regex]),
        (b'{"request": {"body": {"jsonpath": {"$.a": 1}}}}', [load_jsonpath]),
        (b'{"set": {"a": {"from": "body.$.a"}}}', [load_jsonpath]),
        (b'{"request": {"body": {"json_schema": {}}}}', [load_jsonschema]),
        (b'{"request": {"body": {"graphql": {}}}}', [load_graphql]),
        (b'{"request": {"path": "/a"}}', []),
    ],
)
def test_what_is_not_loaded_is_wanted_by_its_words(
    definitions: bytes, wanted: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("regex", "jsonpath", "jsonschema_rs", "graphql"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert wanted_by(definitions) == wanted


def test_words_are_found_where_they_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "regex", raising=False)
    definitions = b'{"matches": "a"}'
    assert wanted_by(definitions, 0, 2) == [load_regex]
    assert wanted_by(definitions, 2, 99) == wanted_by(definitions, 0, 1) == []


def test_what_is_not_installed_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "find_spec", lambda _: None)
    monkeypatch.delitem(sys.modules, "jsonschema_rs", raising=False)
    assert wanted_by(b'{"json_schema": {}}') == []


def test_what_is_loaded_is_not_wanted() -> None:
    load_regex(), load_jsonpath()
    assert wanted_by(b'{"matches": "body.$"}') == []
