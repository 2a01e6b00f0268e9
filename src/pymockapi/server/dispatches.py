"""How one answer leaves: what its definition and its namespace say, with all chance drawn."""

from __future__ import annotations

from pymockapi.model.delivery import Dispatch
from pymockapi.model.response import Response
from pymockapi.store.namespace import Namespace


def dispatch_of(space: Namespace, response: Response) -> Dispatch | None:
    """Return how ``response`` leaves; ``None``: at once and whole.

    What holds for the whole namespace does not for what the mock itself answers.
    """
    delay_s = response.delay_s
    if not response.own_delay and response.error is None:
        delay_s = space.settings.delay_s
    delivery = response.delivery
    throttle = None if delivery is None else delivery.throttle
    return Dispatch(delay_s, throttle) if delay_s or throttle else None
