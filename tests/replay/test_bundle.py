"""A file that is no bundle, or cannot be replayed, is told with what is wrong and what would be right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.replay.bundles import bundle_document, recorded_document

from pymockapi.replay.bundle import BundleError, read_bundle


def test_a_bundle_is_read(tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_text(json.dumps(bundle_document()))
    bundle = read_bundle(str(file))
    assert (bundle.namespace, bundle.requests[0].number) == ("a", 1)


def _with(**keys: Any) -> Callable[[dict[str, Any]], object]:
    return lambda document: document.update(keys)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_with(format="har"), 'is no bundle: it has no "format": "pymockapi-bundle"'),
        (_with(version=2), "is a bundle of version 2; this PyMockAPI reads version 1"),
        (lambda document: document.pop("start"), "does not tell what was in force at the beginning"),
        (_with(requests=[]), "has no recorded requests: there is nothing to send again"),
        (_with(requests=[recorded_document(number="x")]), "got `str` - at `$.requests[0].number`"),
        (_with(requests=[recorded_document(number=2), recorded_document(number=1)]),
         "are not in the order of their numbers"),
        (_with(requests=[recorded_document(body={"size": 2**63})]),
         "Expected `int` <= 268435456 - at `$.requests[0].body.size`"),
        (_with(requests=[recorded_document(body={"size": -1})]), "Expected `int` >= 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_is_told(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    document = bundle_document()
    change(document)
    file = tmp_path / "b.json"
    file.write_text(json.dumps(document))
    with pytest.raises(BundleError) as failure:
        read_bundle(str(file))
    assert told in str(failure.value)
    assert str(failure.value).startswith(str(file))


@pytest.mark.parametrize(
    ("text", "told"),
    [(b"{", "is no JSON: Input data was truncated"), (b"[" * 100_000, "is no JSON"),
     (b"[]", "is no bundle"), (b"\xff", "is no JSON"), (None, "cannot be read: No such file")],
)  # fmt: skip
def test_what_is_no_bundle_at_all_is_told(tmp_path: Path, text: bytes | None, told: str) -> None:
    file = tmp_path / "b.json"
    if text is not None:
        file.write_bytes(text)
    with pytest.raises(BundleError) as failure:
        read_bundle(str(file))
    assert told in str(failure.value)
