"""The table on the terminal, and the block of figures in ``docs/benchmarks.md``."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bench.figures import Figure

PAGE: Final = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- figures: written by `python -m bench --write` -->"
END: Final = "<!-- end of figures -->"


def line(figure: Figure) -> str:
    """Return one row of the terminal's table."""
    verdict = "ok  " if figure.holds else "MISS"
    return f"{verdict} {figure.what:<72} {figure.budget:<30} {figure.measured}"


def write(figures: Sequence[Figure]) -> None:
    """Replace the block of figures in the page."""
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{block(figures)}\n{END}{after}")


def block(figures: Sequence[Figure]) -> str:
    rows = [
        f"| {each.what} | {each.budget} | {each.measured} | {'held' if each.holds else 'missed'} |"
        for each in figures
    ]
    return "\n".join([_circumstances(), "", "| what | budget | measured | |", "|---|---|---|---|",
                      *rows, ""])  # fmt: skip


def _circumstances() -> str:
    loop = "uvloop" if find_spec("uvloop") else "asyncio"
    today = datetime.now(UTC).date().isoformat()
    return f"{today}, commit {_commit()}, Python {platform.python_version()}, {loop}."


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],
        cwd=PAGE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip() or "unknown"
