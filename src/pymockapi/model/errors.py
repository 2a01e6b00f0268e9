"""What can go wrong, as values: each error takes facts and writes its own sentence.

Standard library only, since the client shares these with the server. A ``code`` never
changes once released. One function at the edge (``problem``) turns an error into an
RFC 9457 problem document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest
from itertools import islice
from typing import ClassVar, Self

from pymockapi.model.names import NAMES, is_name

PROBLEM_TYPE = "application/problem+json"
MAX_WORD = 200  # characters; comparing takes 10 us a name for short words, a second for 200 kB
MAX_COMPARED = 200  # names compared with one word by their letters; 1 ms
MAX_WEIGHED = 20  # of them compared letter by letter, the most alike; 1 ms for long names
ALIKE = 0.6  # how much two words have in common that may be meant for each other
MAX_FINDINGS = 100  # of one document: enough to mend it in one go, little enough to read


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in one place: ``pointer`` is a JSON pointer (RFC 6901) into the input."""

    pointer: str
    message: str


class ControlError(Exception):
    """A control call that was refused; it changed nothing.

    ``status`` is the HTTP status, ``code`` the stable name, ``detail`` the sentence for a
    reader, ``findings`` every wrong place in the input, ``suggestions`` nearest known names.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self, detail: str, findings: Sequence[Finding] = (), suggestions: Sequence[str] = ()
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.findings = tuple(findings)
        self.suggestions = tuple(suggestions)

    def found_at(self, findings: Iterable[Finding]) -> Self:
        """Have ``findings`` tell where in the input this comes from; returns the error."""
        self.findings = tuple(islice(findings, MAX_FINDINGS))
        return self


class Unreadable(ControlError):
    status, code, title = 400, "unreadable", "The request could not be read"


class Invalid(ControlError):
    """Readable input that breaks the rules; carries every finding at once.

    ``count`` is how many there are when ``findings`` are only the first of them.
    """

    status, code, title = 422, "invalid", "The request is readable but invalid"

    def __init__(
        self, findings: Sequence[Finding], what: str = "The input", count: int = 0
    ) -> None:
        count = max(count, len(findings))
        noun = "error" if count == 1 else "errors"
        first = (
            f" The first, at {findings[0].pointer or '/'}: {findings[0].message}"
            if findings
            else ""
        )
        super().__init__(f"{what} has {count} {noun}; nothing was changed.{first}", findings)


class Unauthorized(ControlError):
    status, code, title = 401, "unauthorized", "A token is required"


class Forbidden(ControlError):
    status, code, title = 403, "forbidden", "This caller may not drive the control API"


class UnknownCall(ControlError):
    status, code, title = 404, "unknown-call", "There is no such control call"


class UnknownNamespace(ControlError):
    status, code, title = 404, "unknown-namespace", "There is no such namespace"

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        near = nearest(name, known)
        hint = f" Did you mean {quoted(near)}?" if near else ""
        cure = (
            f'Create it with POST /__mock/v1/namespaces {{"name": "{name}"}}'
            if is_name(name)
            else f"None can be, for that is no name: {NAMES} are"
        )
        super().__init__(
            f"No namespace is named '{name}'.{hint} {cure}; GET /__mock/v1/orphans lists requests"
            " that reached none.",
            suggestions=near,
        )


class FinishedNamespace(ControlError):
    status, code, title = 404, "finished-namespace", "That namespace is finished"

    def __init__(self, name: str, identity: str) -> None:
        super().__init__(
            f"Namespace '{name}' (id {identity}) is finished: nothing is mocked in it any more and"
            f" nothing in it can be changed. GET /__mock/v1/namespaces/{identity}, like every call"
            " that only reads, takes its id; its name is free for a new one."
        )


class DuplicateNamespace(ControlError):
    status, code, title = 409, "duplicate-namespace", "That namespace exists already"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A namespace named '{name}' exists already and was left as it is. Choose another name,"
            f" DELETE it first, or PUT /__mock/v1/namespaces/{name} to replace it."
        )


class ClaimHeld(ControlError):
    """``holder`` has what ``name`` wants."""

    status, code, title = 409, "claim-held", "That value is claimed already"

    def __init__(self, selector: str, value: str, holder: str, name: str) -> None:
        shown = value if len(value) <= MAX_WORD else value[: MAX_WORD - 1] + "…"
        super().__init__(
            f"Namespace '{holder}' holds the claim to {selector} '{shown}', so that '{name}' cannot"
            " have it; nothing was changed."
            f" Claim another value, or end '{holder}' first: claims end with their namespace."
        )


class UnknownStub(ControlError):
    status, code, title = 404, "unknown-stub", "There is no such stub"

    def __init__(self, name: str, namespace: str, known: Iterable[str]) -> None:
        near = nearest(name, known)
        hint = f" Did you mean {quoted(near)}?" if near else " It has no stub of a like name."
        super().__init__(
            f"Namespace '{namespace}' has no stub named '{name}'.{hint}", suggestions=near
        )


class UnknownItem(ControlError):
    """A recorded request, snapshot or set that is not there."""

    status, code, title = 404, "unknown-item", "There is no such item"


class Conflict(ControlError):
    status, code, title = 409, "conflict", "The call does not fit the present state"


class Stale(ControlError):
    status, code, title = 412, "stale-version", "It has changed meanwhile"

    def __init__(self, given: str, current: str, what: str = "the namespace") -> None:
        super().__init__(
            f"If-Match asked for version {given}, {what} is at {current}; nothing was"
            " changed. Read it again and repeat the call with the new ETag."
        )


class VersionRequired(ControlError):
    """A write that would replace what the caller may not have seen (RFC 6585, section 3)."""

    status, code, title = 428, "version-required", "This call needs If-Match"

    def __init__(self, version: int) -> None:
        super().__init__(
            f"A config is loaded (version {version}), and this call replaces all of it: say which"
            f" one you replace, with 'If-Match: \"{version}\"' after GET /__mock/v1/config, or"
            " 'If-Match: *' for whichever there is. Nothing was changed."
        )


class LimitReached(ControlError):
    status, code, title = 429, "limit-reached", "A limit is reached"

    def __init__(self, limit: str, value: int, what: str) -> None:
        super().__init__(
            f"{what}: the limit '{limit}' is {value}; nothing was changed. Free some, or raise"
            f" '{limit}'."
        )


class ExpressionLimit(Exception):
    """A user's expression went past its budget; never the same as "did not match"."""

    code: ClassVar[str] = "matcher-limit"


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known names most like ``word``, best first; at most ``count``, maybe none.

    A very long word is like none; of very many names, some that begin or end alike are compared.
    """
    if len(word) > MAX_WORD:
        return []
    word = word.lower()
    lowered = {name.lower(): name for name in known}
    alike: Iterable[str] = lowered
    if len(lowered) > MAX_COMPARED:
        ends = (name for name in lowered if name.startswith(word[:2]) or name.endswith(word[-2:]))
        alike = islice(ends, MAX_COMPARED)
    likely = (name for _, name in nlargest(MAX_WEIGHED, _alike(word, alike)))
    return [lowered[near] for near in get_close_matches(word, likely, count, ALIKE)]


def _alike(word: str, names: Iterable[str]) -> Iterable[tuple[float, str]]:
    """Yield how alike each name can be at most, by what letters it has, if that is enough."""
    matcher = SequenceMatcher(None, "", word)
    for name in names:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= ALIKE and (most := matcher.quick_ratio()) >= ALIKE:
            yield most, name


def quoted(names: Iterable[str]) -> str:
    """Return ``'a', 'b' or 'c'``."""
    items = [f"'{name}'" for name in names]
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def printable(text: str) -> str:
    """Return ``text`` fit for JSON: what was no UTF-8 becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text


def problem(error: ControlError) -> dict[str, object]:
    """Return ``error`` as the members of an RFC 9457 problem document."""
    document: dict[str, object] = {
        "type": f"urn:pymockapi:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": printable(error.detail),
        "errors": [
            {"pointer": printable(finding.pointer), "message": printable(finding.message)}
            for finding in error.findings
        ],
        "suggestions": list(error.suggestions),
    }
    return document
