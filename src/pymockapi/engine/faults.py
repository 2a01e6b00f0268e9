"""Reading what goes wrong with an answer on its way, and drawing whether it does: ``docs/faults.md``."""

from __future__ import annotations

import math
from typing import Final

from pymockapi.engine.draws import Draws
from pymockapi.model.delivery import Fault, FaultKind
from pymockapi.model.foreign_keys import FOREIGN_FAULTS
from pymockapi.model.reader import Findings, below, kind_of, read_choice, read_object

NONE: Final = "none"
KEYS: Final = frozenset({"kind", "probability"})
_HINTS: Final = {"ratio": "write 'probability'", "type": "write 'kind'"}
FAULT: Final = "fault"
GARBAGE: Final = "garbage"
"""What is drawn by these names: whether, and which bytes."""

GARBAGE_BYTES: Final = 256
_KINDS: Final = tuple(FaultKind)
_END: Final = b"\r\n\r\n"
_HIGH: Final = bytes(each | 0x80 for each in range(256))


def read_fault(data: object, at: str, found: Findings) -> Fault | None:
    """Return the fault that ``data`` names; ``None`` where it says that there is none.

    That is ``none`` or null; else a kind, or ``{kind, probability}``.
    """
    if data is None or data == NONE:
        return None
    if not isinstance(data, dict):
        return Fault(_read_kind(data, at, found, (*_KINDS, NONE)))
    entries = read_object(data, at, found, KEYS, _HINTS)
    if "kind" not in entries:
        found.add(at, f"a fault names its 'kind', one of {', '.join(_KINDS)}")
        return None
    kind = _read_kind(entries["kind"], below(at, "kind"), found, _KINDS)
    place = below(at, "probability")
    return Fault(kind, read_probability(entries.get("probability", 1), place, found))


def _read_kind(data: object, at: str, found: Findings, choices: tuple[str, ...]) -> FaultKind:
    if isinstance(data, str) and data in FOREIGN_FAULTS:
        found.add(at, f"unknown fault '{data}'; {FOREIGN_FAULTS[data]}")
        return FaultKind.RESET
    chosen = read_choice(data, at, found, choices)
    return FaultKind(chosen)


def read_probability(data: object, at: str, found: Findings) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        found.add(at, f"expected a number from 0 to 1, got {kind_of(data)}")
        return 1.0
    if not 0 <= data <= 1 or math.isnan(data):
        hint = f"; {data:g} % are {data / 100:g}" if 1 < data <= 100 else ""
        found.add(at, f"expected a number from 0 to 1, got {data}{hint}")
        return 1.0
    return float(data)


def drawn(fault: Fault, draws: Draws) -> bool:
    """Return whether ``fault`` befalls the answer that ``draws`` are for."""
    return draws.fraction() < fault.probability


def garbage(draws: Draws) -> bytes:
    """Return bytes that are no HTTP: none is of ASCII but the blank line in which they end.

    By that line a client that reads on until a head is whole sees at once that this is none.
    """
    return draws.data(GARBAGE_BYTES - len(_END)).translate(_HIGH) + _END
