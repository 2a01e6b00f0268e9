"""``python -m bench``: measure every budget, print the table, on demand write it down.

``--quick`` measures less; names of groups select. The exit code is 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

from bench import control, delayed, events, exact, hostile, throughput, turns, verification
from bench.figures import FULL, QUICK, Figure, Plan
from bench.report import line, write
from bench.servers import missing_tools, pin_load

GROUPS: Final[dict[str, Callable[[Plan], Iterator[Figure]]]] = {
    "throughput": throughput.throughput,
    "control": control.control,
    "search": control.search,
    "verification": verification.verification,
    "events": events.events,
    "reset": control.reset,
    "namespaces": control.namespaces,
    "start": control.starting,
    "memory": exact.memory,
    "turns": turns.turns,
    "hostile": hostile.hostile,
    "delayed": delayed.delayed,
    "sequence": exact.sequence,
}


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    options.add_argument("--quick", action="store_true", help="shorter rounds, fewer of them")
    options.add_argument("--write", action="store_true", help="write the figures to the docs")
    given = options.parse_args()
    if unknown := [name for name in given.groups if name not in GROUPS]:
        options.error(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    for sentence in missing_tools():
        print(sentence)
    pin_load()
    figures = _measured(given.groups or list(GROUPS), QUICK if given.quick else FULL)
    if given.write:
        write(figures)
    missed = sum(not figure.holds for figure in figures)
    print(f"{len(figures)} figures, {missed} over budget")
    return 1 if missed else 0


def _measured(names: list[str], plan: Plan) -> list[Figure]:
    figures = []
    for name in names:
        began = time.perf_counter()
        for figure in GROUPS[name](plan):
            print(line(figure), flush=True)
            figures.append(figure)
        print(f"    ({name}: {time.perf_counter() - began:.0f} s)", flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
