"""A bundle as it is read for a replay; ``docs/evidence.md`` tells what its keys mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

FORMAT: Final = "pymockapi-bundle"
VERSION: Final = 1
OWN: Final = "own"
HANG: Final = "hang"  # the fault by which no answer ever comes
UNSENT: Final = frozenset({"incomplete", "refused"})
"""Phases of requests that met no stub: they are not sent again."""

MAX_BODY: Final = 256 * 1024 * 1024  # bytes; what blanks are sent for, in memory as a whole

Definition = dict[str, Any]
Pairs = list[tuple[str, str]]


class BundleError(Exception):
    """Why the bundle cannot be replayed: a sentence for the user."""


class Body(msgspec.Struct, frozen=True):
    size: Annotated[int, msgspec.Meta(ge=0, le=MAX_BODY)]
    text: str | None = None
    base64: str | None = None
    sha256: str | None = None
    encoding: str | None = None
    problem: str | None = None
    json: Any = msgspec.UNSET


class Response(msgspec.Struct, frozen=True):
    status: int
    headers: Pairs
    body: Body
    fault: str | None = None


class Recorded(msgspec.Struct, frozen=True):
    """One recorded request, and what it was answered."""

    number: int
    mock_at: str
    phase: str
    method: str
    target: str
    headers: Pairs
    body: Body
    selector: str
    response: Response | None
    scheme: str = "http"
    trailers: Pairs = []
    stub: str | None = None
    step: int | None = None
    error: str | None = None
    behaviour: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether its answer had left, or had failed to; else nobody waited for it in the end.

        One that hung was waited for in vain.
        """
        hung = self.response is not None and self.response.fault == HANG
        return self.phase in ("answered", "failed") and not hung


class Layer(msgspec.Struct, frozen=True):
    name: str
    stubs: list[str | Definition]


class Cursor(msgspec.Struct, frozen=True):
    key: str | None
    position: int


class Counter(msgspec.Struct, frozen=True):
    stub: str
    hits: int
    cursors: list[Cursor]


class Start(msgspec.Struct, frozen=True):
    number: int
    complete: bool
    seed: int
    layers: list[Layer]
    hidden: list[str]
    state: Definition
    settings: Definition
    counters: list[Counter]


class Change(msgspec.Struct, frozen=True):
    after: int
    layers: list[Layer] | None = None
    own: list[str | Definition] | None = None
    defined: list[str | Definition] = []
    removed: list[str] = []
    hidden: list[str] | None = None
    state: Definition | None = None
    settings: Definition | None = None
    counters: list[Counter] = []


class Listed(msgspec.Struct, frozen=True):
    """A stub in force at the end, where others tell it by its name."""

    name: str
    definition: Definition


class ListedLayer(msgspec.Struct, frozen=True):
    name: str
    stubs: list[Listed]


class Bundle(msgspec.Struct, frozen=True):
    namespace: str
    id: str
    redacted: bool
    evicted: int
    layers: list[ListedLayer]
    start: Start
    changes: list[Change]
    requests: list[Recorded]
    versions: dict[str, str] = {}


def read_bundle(path: str) -> Bundle:
    """Read the bundle in the file ``path``. Raises ``BundleError``."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        data = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BundleError(f"{path} is no JSON: {error}.") from error
    _check_kind(path, data)
    try:
        bundle = msgspec.convert(data, Bundle)
    except msgspec.ValidationError as error:
        raise BundleError(f"{path} is a bundle that cannot be read: {error}.") from error
    _check_requests(path, bundle.requests)
    return bundle


def _check_kind(path: str, data: Any) -> None:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BundleError(
            f'{path} is no bundle: it has no "format": "{FORMAT}". An export with format=json'
            " is one, and so is a NAME-ID.bundle.json of --artifacts."
        )
    if data.get("version") != VERSION:
        raise BundleError(
            f"{path} is a bundle of version {data.get('version')}; this PyMockAPI reads version"
            f" {VERSION}."
        )
    if "start" not in data:
        raise BundleError(
            f"{path} does not tell what was in force at the beginning ('start'), so it cannot be"
            " replayed; an earlier PyMockAPI made it. Export it anew."
        )


def _check_requests(path: str, requests: Sequence[Recorded]) -> None:
    if not requests:
        raise BundleError(f"{path} has no recorded requests: there is nothing to send again.")
    numbers = [each.number for each in requests]
    if numbers != sorted(set(numbers)):
        raise BundleError(f"{path} has requests that are not in the order of their numbers.")
