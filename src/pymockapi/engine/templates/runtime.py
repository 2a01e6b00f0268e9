"""What a rendering has at hand: the request, what else it may see, and what it may still use.

A step is a node of a template, or an item of a list that is walked; a character is one that is
made, whether it is sent or not. Both are taken before the work is done.
"""

from __future__ import annotations

from typing import Final

from pymockapi.engine.draws import Draws
from pymockapi.model.rendering import MAX_STEPS, Occasion, RenderingFailed
from pymockapi.model.stub import Json

CHARS_A_STEP: Final = 512
MAX_CHARS: Final = 1_048_576  # made by one rendering


class Missing:
    """Stands for a value that is not there; ``what`` is how the template calls it."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what


Value = Json | Missing


class Rendering:
    """One rendering of all templates of a response; ``slots`` are the variables of its loops.

    It may use one ``part`` of so many of the whole budget.
    """

    __slots__ = (
        "_draws", "_most_chars", "_most_steps", "_purpose", "chars_left", "occasion", "request",
        "slots", "steps_left",
    )  # fmt: skip

    def __init__(self, occasion: Occasion, part: int = 1) -> None:
        self.occasion = occasion
        self.request = occasion.request
        self.steps_left = self._most_steps = MAX_STEPS // part
        self.chars_left = self._most_chars = MAX_CHARS // part
        self.slots: list[Value] = []
        self._purpose = ""
        self._draws: Draws | None = None

    def begin(self, purpose: str, slots: int) -> None:
        """Begin what is made for ``purpose``, such as ``body``, with draws of its own."""
        self._purpose = purpose
        self._draws = None
        if slots > len(self.slots):
            self.slots = [None] * slots

    @property
    def draws(self) -> Draws:
        draws = self._draws
        if draws is None:
            told = self.occasion
            draws = Draws(told.seed, told.layer(), told.stub, told.hit, self._purpose)
            self._draws = draws
        return draws

    @property
    def cost(self) -> int:
        """The steps that were taken, with some for what was made."""
        made = self._most_chars - self.chars_left
        return self._most_steps - self.steps_left + made // CHARS_A_STEP

    def step(self, count: int) -> None:
        """Take steps, or raise ``RenderingFailed``."""
        self.steps_left -= count
        if self.steps_left < 0:
            raise RenderingFailed(
                f"rendering this request takes more than {self._most_steps:,} steps", is_limit=True
            )

    def take(self, chars: int) -> None:
        """Take characters that are about to be made, or raise ``RenderingFailed``."""
        self.chars_left -= chars
        if self.chars_left < 0:
            raise RenderingFailed(
                f"rendering this request makes more than {self._most_chars:,} characters",
                is_limit=True,
            )
