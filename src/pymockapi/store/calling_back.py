"""What happens to the callbacks of a namespace: made with an answer, ended, cancelled; each told.

A callback that failed is an error of its request in verdicts, however long it is kept.
"""

from __future__ import annotations

from typing import Final

from pymockapi.model.callback import CALLBACK_FAILED, Callback, CallbackRecord, Ending
from pymockapi.model.event import EventKind
from pymockapi.model.exchange import Exchange
from pymockapi.model.urls import Destination
from pymockapi.store.namespace import Namespace
from pymockapi.store.request_texts import request_text

_KINDS: Final = {
    Ending.SENT: EventKind.CALLBACK_SENT,
    Ending.FAILED: EventKind.CALLBACK_FAILED,
    Ending.CANCELLED: EventKind.CALLBACK_CANCELLED,
}
_MAX_LINE: Final = 400  # characters of a request in short


def prepare(
    space: Namespace,
    entry: Exchange,
    place: int,
    callback: Callback,
    destination: Destination | None,
    head: bytes,
) -> CallbackRecord:
    """Record a callback of ``entry`` whose answer is made; without room for it it has failed.

    One without a ``destination`` is to be failed by its maker.
    """
    record = CallbackRecord(
        space.callbacks.last + 1,
        entry.number,
        request_text(entry)[:_MAX_LINE],
        entry.stub,
        place,
        callback,
        destination,
        head,
        space.real_ns(),
    )
    limits = space.settings.limits
    reason = space.callbacks.limit_met(record, limits)
    space.callbacks.add(record, limits)
    if reason is not None:
        end(space, record, Ending.FAILED, "limit-reached", f"{reason}; it was not sent")
    return record


def end(
    space: Namespace,
    record: CallbackRecord,
    outcome: Ending,
    error: str | None = None,
    detail: str | None = None,
) -> None:
    """Note what has become of ``record``, and tell it. One that has ended stays as it is."""
    if record.outcome is not Ending.PENDING:
        return
    stop, record.stop = record.stop, None
    record.outcome, record.error, record.detail = outcome, error, detail
    record.ended_at = space.real_ns()
    space.callbacks.settle(record, space.settings.limits)
    if outcome is Ending.FAILED:
        space.journal.marks.count_error(CALLBACK_FAILED, record.number)
    facts = {
        "callback": record.id, "stub": record.stub, "attempts": record.attempts,
        "status": record.status, "error": error,
    }  # fmt: skip
    space.publish(_KINDS[outcome], record.number, facts)
    if stop is not None:
        stop()


def cancel(space: Namespace, why: str, number: int | None = None) -> None:
    """End all that are under way, or those of request ``number``: nothing more of them is sent."""
    for record in tuple(space.callbacks.pending.values()):
        if number is None or record.number == number:
            end(space, record, Ending.CANCELLED, None, why)
