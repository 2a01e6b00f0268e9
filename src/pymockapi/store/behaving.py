"""How far the behaviour in force has gone in one namespace, and whether it answers a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from pymockapi.engine.behaviours import resolved
from pymockapi.engine.configuration import Configuration
from pymockapi.model.behaviour import Behaviour, Quota
from pymockapi.model.clock import SECOND_NS
from pymockapi.model.response import Response, make_response
from pymockapi.model.settings import NamespaceSettings
from pymockapi.model.stub import Json

SETTINGS: Final = ("delay", "fault")  # parts that are settings: what is set goes before them
_SHIPPED: Final = NamespaceSettings()
_RETRY_AFTER: Final = "Retry-After"


class Behaving:
    """A behaviour and its counters.

    ``failed`` counts the ``first`` requests that failed. The window of the limit began at
    ``began_ns`` of the namespace's clock, with the first request after the one before had ended;
    ``passed`` requests have passed in it.
    """

    __slots__ = ("_told", "began_ns", "behaviour", "failed", "passed")

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.failed = 0
        self.began_ns: int | None = None
        self.passed = 0
        self._told: tuple[int, Response] | None = None  # for how many seconds, the answer

    def copy(self) -> Behaving:
        twin = Behaving(self.behaviour)
        twin.failed, twin.began_ns, twin.passed = self.failed, self.began_ns, self.passed
        return twin

    def answer(self, now_ns: int, draw: Callable[[], float]) -> Response | None:
        """Count a request, and return what answers it; ``None``: a stub does.

        ``draw`` gives a number from 0 to below 1. A request over the limit reaches nothing that
        could fail.
        """
        if (limit := self.behaviour.limit) is not None and (left := self._left(limit, now_ns)):
            return self._refusal(limit.response, left)
        failures = self.behaviour.failures
        if failures is None:
            return None
        if failures.first:
            fails = self.failed < failures.first
            self.failed += fails
        else:
            fails = draw() < failures.probability
        return failures.response if fails else None

    def _left(self, limit: Quota, now_ns: int) -> int:
        """Return after how many seconds the next may pass; 0: this one does."""
        began = self.began_ns
        if began is None or not began <= now_ns < began + limit.per_ns:
            self.began_ns, self.passed = now_ns, 0
            began = now_ns
        if self.passed < limit.requests:
            self.passed += 1
            return 0
        return -((now_ns - began - limit.per_ns) // SECOND_NS)

    def _refusal(self, response: Response, seconds: int) -> Response:
        """Return the answer of the limit; one is made for each number of seconds, and shared."""
        if self._told is None or self._told[0] != seconds:
            self._told = seconds, _with_retry_after(response, seconds)
        return self._told[1]


def _with_retry_after(response: Response, seconds: int) -> Response:
    if any(name.lower() == _RETRY_AFTER.lower() for name, _ in response.headers):
        return response
    made = make_response(
        response.status,
        (*response.headers, (_RETRY_AFTER, str(seconds))),
        response.body,
        reason=response.reason,
        tail=response.tail,
        delivery=response.delivery,
    )
    return msgspec.structs.replace(made, delay_s=response.delay_s, own_delay=response.own_delay)


def in_force(
    settings: NamespaceSettings,
    given: Mapping[str, Json],
    configuration: Configuration,
    before: Behaving | None = None,
) -> tuple[Behaving | None, NamespaceSettings, bool]:
    """Return the behaviour of ``settings``, and these with what it says where they say nothing.

    The last tells whether these shape answers: see ``NamespaceSettings.shapes``.

    ``given`` is how they were given. A behaviour that is the same as ``before`` goes on as it was;
    so does one whose name a new config has no more.
    """
    chosen = settings.behaviour
    behaviour = resolved(chosen, configuration.behaviours)
    behaving = None if behaviour is None else Behaving(behaviour)
    if before is not None and chosen is not None:
        is_lost = behaviour is None and before.behaviour.name == chosen.like
        behaving = before if is_lost or before.behaviour == behaviour else behaving
    parts = {}
    for part in SETTINGS:
        said = None if behaving is None else getattr(behaving.behaviour, part)
        if part not in given:
            parts[part] = getattr(_SHIPPED, part) if said is None else said
    settings = msgspec.structs.replace(settings, **parts)
    return behaving, settings, settings.shapes


def returned(present: Behaving | None, kept: Behaving | None) -> Behaving | None:
    """Return the behaviour at present with the counters that were ``kept`` of it, else from the beginning."""
    if present is None:
        return None
    is_same = kept is not None and kept.behaviour == present.behaviour
    return kept.copy() if kept is not None and is_same else Behaving(present.behaviour)
