"""Which definitions of requests mean the same, however they are written.

What is canonical: the order of keys, of methods and their case, names of captures, the case of
header names, and texts of query, headers and cookies that are written as numbers or as ``equals``.
Two that mean the same in other ways merely count as different.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from pymockapi.engine.json_values import shown
from pymockapi.engine.matching.pattern import standard_method
from pymockapi.model.stub import IndexKey, Json, Stub

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def _key(meaning: Json) -> bytes:
    return blake2b(_encode(meaning), digest_size=16).digest()


EVERY_REQUEST: Final = _key({})


def request_key(stub: Stub) -> bytes:
    """Return what definitions of the same requests share; ``EVERY_REQUEST`` if it takes all."""
    return _key(_meaning(stub.definition.get("request", {}), stub.pattern.index_key))


def _meaning(request: Mapping[str, Any], index: IndexKey) -> dict[str, Any]:
    meaning = dict(request)
    if "method" in request:
        given = request["method"]
        methods = given if isinstance(given, list) else [given]
        meaning["method"] = sorted({standard_method(method) for method in methods})
    if index.path_kind in ("exact", "template"):
        meaning["path"] = [index.path_kind, index.path]
    for key in ("query", "headers", "cookies"):
        asked = meaning.pop(key, None)
        if asked:
            meaning[key] = _texts(asked, has_case=key != "headers")
    if request.get("query_only") is False:
        del meaning["query_only"]
    return meaning


def _texts(asked: Mapping[str, Any], *, has_case: bool) -> dict[str, Any]:
    texts = {name: _text(each) for name, each in asked.items()}
    lowered = {name.lower(): each for name, each in texts.items()}
    return texts if has_case or len(lowered) < len(texts) else lowered


def _text(asked: Any) -> Any:
    """Return a literal as the text that it means, and a matcher as it is."""
    if isinstance(asked, dict) and asked.keys() == {"equals"}:
        asked = asked["equals"]
    return shown(asked) if isinstance(asked, bool | int | float) else asked
