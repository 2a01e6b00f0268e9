"""What befell the answer of a recorded exchange."""

from __future__ import annotations

from typing import Any, Final

from pymockapi.model.delivery import FaultKind

HEADLESS: Final = frozenset(each.value for each in FaultKind if not each.sends_head)
"""Faults of which the client reads no status."""


def fault_of(exchange: dict[str, Any]) -> str | None:
    """Return the fault of an exchange, as the control API shows one; ``None`` without."""
    response = exchange["response"]
    fault: str | None = None if response is None else response.get("fault")
    return fault
