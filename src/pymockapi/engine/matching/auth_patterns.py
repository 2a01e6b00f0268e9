"""What ``auth`` asks of the credentials in ``Authorization``: basic, bearer, digest."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Final

from pymockapi.engine.checks import Check, FieldCheck
from pymockapi.engine.matching.authorization import basic_credentials, bearer_tokens, credentials_of
from pymockapi.engine.matching.conditions import NO_LITERAL
from pymockapi.engine.matching.digest import DIGEST_KEYS, digest_credentials, has_password
from pymockapi.engine.matching.matchers import ValueMatcher
from pymockapi.engine.matching.values import Domain, read_matcher
from pymockapi.model.reader import Findings, below, read_flag, read_object, read_text
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Difference, Json

_PRESENCE: Final = ("present", "absent")
_BASIC: Final = ("username", "password")
_INVALID_BASIC: Final = "no valid Basic credentials"
_VERIFIED: Final = "the one that is given"


class DigestCheck:
    """Some Digest offer has parts that fit, and was made with ``password`` (``None``: any)."""

    __slots__ = ("_parts", "_password", "cost", "literals")

    def __init__(self, parts: Mapping[str, ValueMatcher], password: str | None) -> None:
        self._parts = parts
        self._password = password
        self.cost = 6
        self.literals: Sequence[tuple[str, Hashable]] = ()

    def accepts(self, request: Request, context: Context) -> bool:
        offers = digest_credentials(request)
        return any(self._fits(offer, request, context) for offer in offers)

    def _fits(self, offer: Mapping[str, str], request: Request, context: Context) -> bool:
        return all(
            matcher.holds(_given(offer, key), context) for key, matcher in self._parts.items()
        ) and self._is_verified(offer, request)

    def _is_verified(self, offer: Mapping[str, str], request: Request) -> bool:
        return self._password is None or has_password(offer, request.method, self._password)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        if self.accepts(request, context):
            return []
        offers = digest_credentials(request)
        if len(offers) != 1:
            actual = f"{len(offers)} offers, none of which fits" if offers else "missing"
            return [Difference("auth.digest", self._describe(), actual)]
        (offer,) = offers
        found = [
            difference
            for key, matcher in self._parts.items()
            for difference in matcher.differences(f"auth.digest.{key}", _given(offer, key), context)
        ]
        if not self._is_verified(offer, request):
            actual = "another one, or none that is verified"
            found.append(Difference("auth.digest.password", _VERIFIED, actual))
        return found

    def _describe(self) -> str:
        texts = [f"{key} {matcher.describe()}" for key, matcher in self._parts.items()]
        return ", ".join(texts + ([] if self._password is None else [f"password {_VERIFIED}"]))


class BasicCheck(FieldCheck):
    """User name or password of Basic credentials fits; what cannot be read is told as such."""

    __slots__ = ()

    def differences(self, request: Request, context: Context) -> list[Difference]:
        found = super().differences(request, context)
        if found and not basic_credentials(request) and credentials_of(request, "basic"):
            return [Difference(each.field, each.expected, _INVALID_BASIC) for each in found]
        return found


class PresenceCheck:
    """There are credentials of a scheme, or, with ``wanted`` false, none; they are never quoted."""

    __slots__ = ("_field", "_read", "_wanted", "cost", "literals")

    def __init__(
        self, scheme: str, read: Callable[[Request], Sequence[Json]], *, wanted: bool
    ) -> None:
        self._field = f"auth.{scheme}"
        self._read = read
        self._wanted = wanted
        self.cost = 4
        self.literals: Sequence[tuple[str, Hashable]] = ()

    def accepts(self, request: Request, context: Context) -> bool:  # noqa: ARG002
        return bool(self._read(request)) is self._wanted

    def differences(self, request: Request, context: Context) -> list[Difference]:
        if self.accepts(request, context):
            return []
        expected, actual = ("present", "missing") if self._wanted else ("absent", "there")
        if self._wanted and self._field == "auth.basic" and credentials_of(request, "basic"):
            actual = _INVALID_BASIC
        return [Difference(self._field, expected, actual)]


def _given(offer: Mapping[str, str], key: str) -> Sequence[Json]:
    return (offer[key],) if key in offer else ()


def read_auth(data: object, at: str, found: Findings) -> Iterator[Check]:
    """Read ``auth``; what is asked of basic and bearer is one check each."""
    entries = read_object(data, at, found, _READERS)
    for key, item in entries.items():
        if key in _READERS:
            yield from _READERS[key](item, below(at, key), found)


def _read_bearer(data: object, at: str, found: Findings) -> Iterator[Check]:
    matcher = read_matcher(data, at, found, Domain.TEXT)
    literals = () if matcher.literal is NO_LITERAL else (("bearer", matcher.literal),)
    yield FieldCheck("auth.bearer", bearer_tokens, matcher, 4, literals)


def _read_basic(data: object, at: str, found: Findings) -> Iterator[Check]:
    entries = read_object(data, at, found, (*_BASIC, *_PRESENCE))
    presence = _read_presence("basic", basic_credentials, entries, at, found)
    if presence is not None:
        yield presence
    for part, key in enumerate(_BASIC):
        if key in entries:
            matcher = read_matcher(entries[key], below(at, key), found, Domain.TEXT)
            yield BasicCheck(f"auth.basic.{key}", _credential(part), matcher, 4)


def _credential(part: int) -> Callable[[Request], Sequence[Json]]:
    return lambda request: [pair[part] for pair in basic_credentials(request)]


def _read_digest(data: object, at: str, found: Findings) -> Iterator[Check]:
    known = (*DIGEST_KEYS, "password", *_PRESENCE)
    entries = read_object(data, at, found, known)
    if data == {}:
        found.add(at, f"expected at least one of {', '.join(known)}")
    presence = _read_presence("digest", digest_credentials, entries, at, found)
    if presence is not None:
        yield presence
    parts = {
        key: read_matcher(entries[key], below(at, key), found, Domain.TEXT)
        for key in DIGEST_KEYS
        if key in entries
    }
    password = None
    if "password" in entries:
        password = read_text(entries["password"], below(at, "password"), found)
    if parts or password is not None:
        yield DigestCheck(parts, password)


def _read_presence(
    scheme: str,
    read: Callable[[Request], Sequence[Json]],
    entries: Mapping[str, object],
    at: str,
    found: Findings,
) -> Check | None:
    wanted: bool | None = None
    for key in _PRESENCE:
        if key in entries:
            wanted = read_flag(entries[key], below(at, key), found) is (key == "present")
    if wanted is None:
        return None
    if not wanted and entries.keys() - set(_PRESENCE):
        found.add(at, "an offer that is absent has nothing else; leave the other keys out")
    return PresenceCheck(scheme, read, wanted=wanted)


_READERS: Final[dict[str, Callable[[object, str, Findings], Iterator[Check]]]] = {
    "basic": _read_basic,
    "bearer": _read_bearer,
    "digest": _read_digest,
}
AUTH_KEYS: Final = tuple(_READERS)
