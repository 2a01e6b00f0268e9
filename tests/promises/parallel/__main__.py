"""``make parallel``: a thousand tests that mock the same URLs, by eight workers, twenty times.

``PARALLEL_TESTS``, ``PARALLEL_WORKERS`` and ``PARALLEL_RUNS`` change these numbers. One server
serves all runs. The first run that is not clean is shown and ends it.
"""

from __future__ import annotations

import os
import sys

from tests.promises.parallel.runs import run

from pymockapi import MockServer


def main() -> int:
    tests = int(os.environ.get("PARALLEL_TESTS") or 1000)
    workers = int(os.environ.get("PARALLEL_WORKERS") or 8)
    runs = int(os.environ.get("PARALLEL_RUNS") or 20)
    with MockServer(start_timeout=60, timeout=60) as server:
        for number in range(1, runs + 1):
            outcome = run(server, tests, workers)
            print(f"run {number} of {runs}: {outcome}", flush=True)
            if not outcome.is_clean or outcome.passed != tests:
                print(outcome.output)
                return 1
    print(f"{runs} runs of {tests} tests by {workers} workers: no interference, no flake")
    return 0


if __name__ == "__main__":
    sys.exit(main())
