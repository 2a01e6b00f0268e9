"""What one test has on the mock server: a namespace of its own, or a scope of a shared one.

Begins clean, ends with a verdict, and leaves nothing behind. Knows no test framework.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.namespace import Namespace
from pymockapi.client.scope import Scope
from pymockapi.client.server import MockServer
from pymockapi.client.values import JsonObject, instant
from pymockapi.integrations.wishes import Wishes

_SLUG_LENGTH: Final = 40  # with the hash it still is a label of a host name
_BY_REQUEST: Final = frozenset({"unmatched", "errors"})


class Judgement(NamedTuple):
    """A verdict: ``kinds`` of problems, also of those that only warn."""

    passed: bool
    kinds: tuple[str, ...]
    report: str

    @property
    def says_more(self) -> bool:
        """Whether it has problems that a list of requests does not show."""
        return not _BY_REQUEST.issuperset(self.kinds)


class World:
    """A namespace in use; ``end`` finishes it, or only closes its ``scope`` if it has one.

    ``troubled`` is for who uses it: something went wrong in it that was told already.
    """

    def __init__(
        self, server: MockServer, namespace: Namespace, scope: Scope | None, effect: str
    ) -> None:
        self.server = server
        self.namespace = namespace
        self.scope = scope
        self.effect = effect
        self.troubled = False

    @property
    def after(self) -> int:
        """The number of the last request before it."""
        return 0 if self.scope is None else self.scope.after

    def end(self, status: str) -> Judgement | None:
        """End it and return the verdict; ``None`` if the test has deleted, replaced or closed it.

        Raises ``MockServerError`` if it ended by itself, or the server has gone.
        """
        try:
            if self.scope is not None:
                verdict = self.scope.close()
                kinds = tuple(problem.kind for problem in verdict.problems)
                return Judgement(verdict.passed, kinds, verdict.report)
            return self._finished(status)
        except MockApiError as error:
            if error.code in ("unknown-namespace", "unknown-item"):
                return None
            raise

    def _finished(self, status: str) -> Judgement | None:
        answer = self.namespace.finish(status)  # again, if the test has: then the same
        if answer["id"] != self.namespace.id:
            return None  # the test has put another in its place, which is judged by itself
        if answer["reason"] == "expired":
            raise MockServerError(
                f"The lease of namespace '{self.namespace.name}' ended before the test did, so its"
                " verdict would be on a part of it: give it a longer one."
            )
        verdict: JsonObject = answer["verdict"]
        kinds = tuple(problem["kind"] for problem in verdict["problems"])
        return Judgement(verdict["passed"], kinds, verdict["report"])


class Ending(NamedTuple):
    """How a world ended; all is ``None`` if the test has ended it itself.

    ``verdict`` is passed or failed, ``failure`` why the test fails by it, ``news`` what should be
    read although it fails nothing.
    """

    verdict: str | None = None
    failure: str | None = None
    news: str | None = None


def conclude(world: World, status: str) -> Ending:
    """End ``world`` after a test with ``status``; only one that is ``passed`` can fail by it."""
    try:
        judgement = world.end(status)
    except MockServerError as error:
        return Ending(failure=str(error) if status == "passed" else None)
    if judgement is None:
        return Ending()
    verdict = "passed" if judgement.passed else "failed"
    if not judgement.passed and status == "passed" and world.effect == "fail":
        return Ending(verdict, failure=judgement.report)
    is_news = bool(judgement.kinds) if status == "passed" else judgement.says_more
    return Ending(verdict, news=judgement.report if is_news and world.effect != "ignore" else None)


def name_of(title: str, *identity: object) -> str:
    """Return a name for a namespace: readable by ``title``, and as unique as ``identity``.

    Lower case and short, so that it can be the label of a host name, too.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower())[:_SLUG_LENGTH].strip("-")
    digest = hashlib.blake2b(
        "\0".join(map(str, identity)).encode("utf-8", "replace"), digest_size=5
    )
    return f"{slug or 'test'}-{digest.hexdigest()}"


def begin(
    server: MockServer,
    name: str,
    labels: Mapping[str, str],
    wishes: Wishes,
    *,
    lease: str,
    effect: str,
) -> World:
    """Create a namespace, in place of one of that name. Raises ``MockServerError``."""
    namespace = server.namespace(
        name,
        replace=True,
        sets=wishes.sets,
        tags=wishes.tags,
        seed=wishes.seed,
        clock=wishes.clock,
        state=wishes.state or None,
        settings=wishes.settings or None,
        labels=labels,
        lease=lease,
    )
    return World(server, namespace, None, wishes.effect or effect)


def begin_scope(world: World, name: str, wishes: Wishes, *, effect: str) -> World:
    """Open a scope of ``world`` and bring what is asked for into it. Raises ``MockServerError``.

    The seed is the whole namespace's, so a scope cannot have one of its own: ``ValueError``.
    """
    if wishes.seed is not None:
        raise ValueError(
            "seed= is of a whole namespace, and this test shares one: ask for it where the namespace"
            " begins"
        )
    namespace = world.namespace
    scope = namespace.scope(name)
    try:
        changes = _changes(world.server, namespace, wishes)
        if changes:
            namespace.apply(changes)
    except BaseException:
        scope.close()
        raise
    return World(world.server, namespace, scope, wishes.effect or effect)


def _changes(server: MockServer, namespace: Namespace, wishes: Wishes) -> JsonObject:
    """Return what ``wishes`` bring into a namespace that has some already."""
    brought = _Brought((), {}, {})
    present: list[str] = []
    if wishes.sets or wishes.tags:
        applied: JsonObject = namespace.describe()["applied"]
        present = [each["set"] for each in applied["sets"]]
        brought = _by_tags(server, applied, wishes.tags) if wishes.tags else brought
    sets = (*brought.sets, *wishes.sets)
    changes: JsonObject = {"sets": [*present, *sets]} if sets else {}
    if state := {**brought.state, **wishes.state}:
        changes["state"] = state
    if settings := {**brought.settings, **wishes.settings}:
        changes["settings"] = settings
    if wishes.clock is not None:
        is_clock = isinstance(wishes.clock, Mapping)
        changes["clock"] = (
            wishes.clock if is_clock else {"mode": "frozen", "now": instant(wishes.clock)}
        )
    return changes


class _Brought(NamedTuple):
    sets: tuple[str, ...]
    state: JsonObject
    settings: JsonObject


def _by_tags(server: MockServer, applied: JsonObject, tags: Sequence[str]) -> _Brought:
    """Return what ``tags`` bring beside what was ``applied``: rows that held then are in force.

    Raises ``ValueError`` for a tag that asks for a set which is not there.
    """
    found = server.resolve_tags([*applied["tags"], *tags])
    if found["errors"]:
        raise ValueError("; ".join(each["message"] for each in found["errors"]))
    table = server.tags()
    rows = [table[row] or {} for row in found["rows"] if row not in applied["rows"]]
    present = {each["set"] for each in applied["sets"]}
    return _Brought(
        tuple(each["set"] for each in found["sets"] if each["set"] not in present),
        {key: value for row in rows for key, value in row.get("state", {}).items()},
        {key: value for row in rows for key, value in row.get("settings", {}).items()},
    )
