"""The functions that a template may call; ``docs/templates.md`` shows each.

A function takes the rendering and values that are there. Its draws are those of what is being
made, in the order of the calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pymockapi.engine.draws import LETTERS
from pymockapi.engine.templates.dates import (
    check_format,
    moved,
    read_offset,
    steps_of,
    write_instant,
)
from pymockapi.engine.templates.runtime import Rendering
from pymockapi.engine.templates.values import as_list, as_number, as_text, as_whole
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.stub import Json

_BOUND: Final = 2**63
DRAW_STEPS: Final = 4  # of one draw; 2 us
_ANY: Final = object()  # stands for an argument that has to be given

Run = Callable[..., Any]
Check = Callable[[str], str | None]


class Signature(NamedTuple):
    """What a function or filter does with its arguments: their names, and values where absent.

    ``checks`` look at arguments that are written out, when the stub is defined. Filters that
    ``take_missing`` are given a value that is not there, too.
    """

    run: Run
    parameters: tuple[tuple[str, object], ...] = ()
    checks: tuple[tuple[str, Check], ...] = ()
    takes_missing: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, default in self.parameters if default is _ANY)


def required(name: str) -> tuple[str, object]:
    """Return a parameter that has to be given."""
    return name, _ANY


def _uuid(rendering: Rendering) -> str:
    rendering.step(DRAW_STEPS)
    return rendering.draws.uuid()


def _now(rendering: Rendering, offset: Json, format_: Json) -> Json:
    written = as_text(format_, rendering)
    rendering.step(steps_of(written))
    return write_instant(moved(rendering.occasion.now_ns, as_text(offset, rendering)), written)


def _random_int(rendering: Rendering, low: Json, high: Json) -> int:
    rendering.step(DRAW_STEPS)
    least, most = as_whole(low, -_BOUND, _BOUND), as_whole(high, -_BOUND, _BOUND)
    if least > most:
        raise RenderingFailed(f"random_int({least}, {most}): the first is greater than the second")
    return rendering.draws.whole(least, most)


def _random_float(rendering: Rendering, low: Json, high: Json) -> float:
    rendering.step(DRAW_STEPS)
    least, most = float(as_number(low)), float(as_number(high))
    if not least <= most or most - least > 1e300:
        raise RenderingFailed(f"random_float({least:g}, {most:g}): from the lower to the higher")
    return least + (most - least) * rendering.draws.fraction()


def _random_choice(rendering: Rendering, items: Json) -> Json:
    rendering.step(DRAW_STEPS)
    given = as_list(items)
    if not given:
        raise RenderingFailed("random_choice() of an empty list")
    return given[rendering.draws.number() % len(given)]


def _random_string(rendering: Rendering, length: Json, letters: Json) -> str:
    count = as_whole(length, 0, 1_000_000)
    pool = as_text(letters, rendering)
    if not pool:
        raise RenderingFailed("random_string() of no letters")
    rendering.take(count)
    rendering.step(DRAW_STEPS + count // 2)  # 0.2 us for each letter
    return rendering.draws.text(count, pool)


def check_offset(text: str) -> str | None:
    """Return what is wrong with an offset; ``None`` if nothing is."""
    try:
        if text:
            read_offset(text)
    except RenderingFailed as failure:
        return failure.message
    return None


FUNCTIONS: Final[dict[str, Signature]] = {
    "uuid": Signature(_uuid),
    "now": Signature(
        _now,
        (("offset", ""), ("format", "iso")),
        (("offset", check_offset), ("format", check_format)),
    ),
    "random_int": Signature(_random_int, (required("low"), required("high"))),
    "random_float": Signature(_random_float, (("low", 0.0), ("high", 1.0))),
    "random_choice": Signature(_random_choice, (required("items"),)),
    "random_string": Signature(_random_string, (required("length"), ("letters", LETTERS))),
}
