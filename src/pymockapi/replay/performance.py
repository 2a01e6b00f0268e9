"""One replay: the requests of a bundle sent again, one after another, up to the first other answer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec

from pymockapi.replay.bundle import UNSENT, Bundle, Definition, Recorded
from pymockapi.replay.comparing import Comparison, Difference
from pymockapi.replay.definitions import (
    has_marks,
    loosened,
    without_callbacks,
    without_delays,
    without_functions,
    without_gates,
)
from pymockapi.replay.layers import Layers
from pymockapi.replay.route import is_known
from pymockapi.replay.sending import Ending, Sender
from pymockapi.replay.stage import Options, Stage, stage_for

MARKED: Final = "marks stand for what the export redacted"
UNKNOWN_BODY: Final = "only the hash of its body is there, and blanks were sent"
NO_UTF_8: Final = "its target had bytes that are no UTF-8"
NO_TLS: Final = "it came over HTTPS, which the server does not have"


class Divergence(msgspec.Struct, frozen=True):
    """The first request whose answer is another; ``replayed`` ``None``: the server took it as none."""

    recorded: Recorded
    replayed: Recorded | None
    differences: list[Difference]
    inexact: list[str]


class Performance(msgspec.Struct):
    """What came of a replay. ``sent`` requests were sent, ``unsent`` are those that met no stub.

    ``inexact`` tells, by reason, the numbers of those that could not be sent as they came;
    ``missing`` counts the requests between the first and the last that are not in the bundle.
    """

    bundle: Bundle
    sent: int = 0
    unsent: int = 0
    missing: int = 0
    inexact: dict[str, list[int]] = msgspec.field(default_factory=dict)
    divergence: Divergence | None = None

    @property
    def is_same(self) -> bool:
        return self.divergence is None


def perform(bundle: Bundle, options: Options) -> Performance:
    """Replay ``bundle``. Raises ``BundleError``, ``MockServerError`` or ``OSError``."""
    layers = Layers(bundle, partial(_prepared, bundle.redacted, options.delays))
    for change in bundle.changes:  # what cannot be read is told before anything is sent
        layers.change(change)
    layers = Layers(bundle, partial(_prepared, bundle.redacted, options.delays))
    numbers = [each.number for each in bundle.requests]
    performance = Performance(bundle, missing=numbers[-1] - numbers[0] + 1 - len(numbers))
    with stage_for(bundle, options, layers) as stage:
        _Run(performance, stage, options).run()
    return performance


def _prepared(is_redacted: bool, delays: bool, definition: Definition) -> Definition:
    definition = without_callbacks(without_gates(without_functions(definition)))
    definition = definition if delays else without_delays(definition)
    return loosened(definition) if is_redacted else definition


class _Run:
    def __init__(self, performance: Performance, stage: Stage, options: Options) -> None:
        self._performance = performance
        self._bundle = performance.bundle
        self._stage = stage
        self._options = options
        self._senders = {
            scheme: Sender(url, options.timeout_s)
            for scheme, url in (("http", stage.url), ("https", stage.tls_url))
            if url is not None
        }
        self._changes = iter(self._bundle.changes)
        self._next = next(self._changes, None)

    def run(self) -> None:
        done = self._performance
        for recorded in self._bundle.requests:
            self._change_before(recorded.number)
            if recorded.phase in UNSENT:
                done.unsent += 1
                continue
            inexact = list(self._inexact(recorded))
            for reason in inexact:
                done.inexact.setdefault(reason, []).append(recorded.number)
            self._stage.at(recorded.mock_at)
            ending = self._sent(recorded)
            done.sent += 1
            replayed = self._stage.recorded()
            differences = self._compared(recorded, replayed, ending)
            if differences:
                done.divergence = Divergence(recorded, replayed, differences, inexact)
                return

    def _change_before(self, number: int) -> None:
        while self._next is not None and self._next.after < number:
            self._stage.change(self._next)
            self._next = next(self._changes, None)

    def _inexact(self, recorded: Recorded) -> Iterator[str]:
        sent = (recorded.target, recorded.headers, recorded.trailers, recorded.body.text)
        if self._bundle.redacted and has_marks(sent):
            yield MARKED
        if not is_known(recorded.body):
            yield UNKNOWN_BODY
        if "\ufffd" in recorded.target:
            yield NO_UTF_8
        if recorded.scheme not in self._senders:
            yield NO_TLS

    def _sent(self, recorded: Recorded) -> Ending:
        sender = self._senders.get(recorded.scheme, self._senders["http"])
        request = self._stage.route.encode(recorded)
        if recorded.is_settled:
            return sender.send(request, recorded.method)
        return sender.leave(request, self._stage.arrived)

    def _compared(
        self, recorded: Recorded, replayed: Recorded | None, ending: Ending
    ) -> list[Difference]:
        if replayed is None:
            told = f"refused with {ending.status}" if ending.status else ending.broke or "none"
            return [Difference("answer", _answer(recorded), f"{told}: it came to no namespace")]
        if ending.is_late:
            late = f"none within {self._options.timeout_s:g} s"
            return [Difference("answer", _answer(recorded), late)]
        paths = Comparison(_path_of(recorded, self._bundle.namespace), self._stage.route.path)
        return paths.differences(recorded, replayed)


def _answer(recorded: Recorded) -> str:
    return "none" if recorded.response is None else f"{recorded.response.status}"


def _path_of(recorded: Recorded, name: str) -> str:
    """Return what stood before the paths of the namespace, where the request came by it."""
    if recorded.selector != "path" or not recorded.target.startswith("/"):
        return ""
    first = recorded.target[1:].partition("?")[0].partition("/")[0]
    return f"/{first}" if first.endswith(name) else ""
