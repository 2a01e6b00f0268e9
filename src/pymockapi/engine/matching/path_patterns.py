"""What ``path`` asks: a template, a literal, a prefix, or any text matcher.

All look at the canonical path (``model.request.canonical_path``), so that a pattern written
percent-encoded and one written decoded are the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from pymockapi.engine.expressions.regex_beginnings import MAX_BEGINNING, beginning
from pymockapi.engine.matching.typos import OTHER_WORDS
from pymockapi.engine.matching.values import MATCHER_NAMES, Domain, read_matcher
from pymockapi.model.reader import Findings, below, kind_of, reject_unknown
from pymockapi.model.request import Request, canonical_path, plain_segment, printable
from pymockapi.model.stub import Context, Difference, Matcher

Template = tuple[str | None, ...]

_CAPTURE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")
_KEYS: Final = MATCHER_NAMES | {"prefix"}


class PathPattern(msgspec.Struct, frozen=True):
    """``kind`` and ``key`` as in ``IndexKey``; ``rest`` is what the index cannot tell.

    ``text`` is the path as it was written, empty where only ``rest`` was; then a ``key`` merely
    helps to find it. ``names`` are those of a template's captures by segment.
    """

    kind: str
    key: str | Template
    text: str
    rest: Matcher | None = None
    names: Mapping[int, str] | None = None

    def fits_key(self, request: Request) -> bool:
        """Return whether what the index knows of the path fits."""
        if self.kind == "exact":
            return request.path == self.key
        if self.kind == "template":
            return fits_template(self.key, request)  # type: ignore[arg-type]
        return self.kind == "any" or request.path.startswith(str(self.key))

    def fits_rest(self, request: Request, context: Context) -> bool:
        return self.rest is None or self.rest.holds((request.path,), context)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        if self.text and not self.fits_key(request):
            return [Difference("path", self.describe(), printable(request.path))]
        if self.rest is None:
            return []
        return self.rest.differences("path", (request.path,), context)

    def describe(self) -> str:
        if not self.text:
            return self.rest.describe() if self.rest else "any path"
        return f"{self.text}…" if self.kind == "prefix" else self.text

    def captures(self, request: Request) -> dict[str, str]:
        segments = request.segments
        names = self.names or {}
        return {name: plain_segment(segments[n]) for n, name in names.items() if n < len(segments)}


ANY_PATH: Final = PathPattern("any", "", "")


def fits_template(template: Template, request: Request) -> bool:
    """Return whether each literal segment is the same, and each captured one is not empty."""
    segments = request.segments
    if len(segments) != len(template) or not request.path.startswith("/"):
        return False
    for wanted, segment in zip(template, segments, strict=True):
        if segment != wanted and (wanted is not None or not segment):
            return False
    return True


def read_path(data: object, at: str, found: Findings) -> PathPattern:
    """Read ``path``: a string is a template, an object a literal, a prefix or text matchers."""
    if isinstance(data, str):
        return _read_template(data, at, found)
    if not isinstance(data, dict):
        found.add(at, f"expected a path as a string, or an object of matchers, got {kind_of(data)}")
        return ANY_PATH
    reject_unknown(data, at, found, _KEYS, OTHER_WORDS)
    known = {key: value for key, value in data.items() if key in _KEYS}
    if isinstance(known.get("equals"), str):
        known["equals"] = _read_literal(known["equals"], below(at, "equals"), found)
        if len(known) == 1:
            return PathPattern("exact", known["equals"], known["equals"])
    if "prefix" in known:
        return _read_prefix(known, at, found)
    if not known:
        if not data:
            found.add(at, "expected a path as a string, or at least one matcher")
        return ANY_PATH
    rest = read_matcher(known, at, found, Domain.TEXT)
    start = _beginning(known)
    return PathPattern("prefix", start, "", rest) if start else PathPattern("any", "", "", rest)


def _beginning(known: dict[str, object]) -> str:
    """Return what a path begins with that fits these matchers, as far as it is plain."""
    text, expression = known.get("starts_with"), known.get("matches")
    if isinstance(text, str):
        return text[:MAX_BEGINNING]
    return beginning(expression) if isinstance(expression, str) else ""


def _read_prefix(known: dict[str, object], at: str, found: Findings) -> PathPattern:
    data = known.pop("prefix")
    place = below(at, "prefix")
    if isinstance(data, str):
        prefix = _read_literal(data, place, found)
    else:
        found.add(place, f"expected a string, got {kind_of(data)}")
        prefix = "/"
    rest = read_matcher(known, at, found, Domain.TEXT) if known else None
    return PathPattern("prefix", prefix, prefix, rest)


def _read_literal(text: str, at: str, found: Findings) -> str:
    if "?" in text:
        found.add(at, _query_hint(text))
    elif not text.startswith("/") and text != "*":
        hint = f"; write '/{text}'" if "://" not in text else "; leave scheme and host out"
        found.add(at, f"a path begins with '/', got '{text[:100]}'{hint}")
    return canonical_path(text)


def _query_hint(text: str) -> str:
    path, _, query = text.partition("?")
    name, _, value = query.split("&")[0].partition("=")
    return (
        f"a path has no '?': write path '{path}' and ask for the query under 'query', as in"
        f" query: {{{name or 'name'}: {value or 'value'}}}"
    )


def _read_template(text: str, at: str, found: Findings) -> PathPattern:
    path = _read_literal(text, at, found)
    text, _, _ = text.partition("?")
    if "{" not in text and "}" not in text:
        return PathPattern("exact", path, text)
    template: list[str | None] = []
    names: dict[int, str] = {}
    for number, segment in enumerate(text.removeprefix("/").split("/")):
        capture = _CAPTURE.fullmatch(segment)
        if capture:
            if capture[1] in names.values():
                found.add(
                    at, f"the capture '{capture[1]}' is there twice; give each a name of its own"
                )
            names[number] = capture[1]
        elif "{" in segment or "}" in segment:
            found.add(at, _segment_hint(segment))
        template.append(None if capture else canonical_path(segment))
    return PathPattern("template", tuple(template), text, names=names)


def _segment_hint(segment: str) -> str:
    if segment.startswith("{") and segment.endswith("}") and segment.count("{") == 1:
        return (
            f"'{segment}' is no capture: its name has letters, digits, '_' and '-', and begins with"
            " a letter"
        )
    return (
        f"'{segment}': a capture is one whole segment; for a part of one use"
        " {matches: REGEX}, for literal braces {equals: ...} or %7B and %7D"
    )
