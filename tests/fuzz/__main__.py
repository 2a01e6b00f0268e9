"""Runs the fuzz tests round after round, each with another seed, until the time is up or one fails.

``FUZZ_SECONDS`` is the time (600); a round that has begun is finished. ``FUZZ_SEED`` repeats the
one round of that seed.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from typing import Final

DEFAULT_SECONDS: Final = 600.0


def run_round(seed: int) -> int:
    """Run every fuzz test once; return pytest's exit code."""
    print(f"-- seed {seed}", flush=True)
    command = [
        sys.executable, "-m", "pytest", "-q", "-x", "-m", "fuzz", "tests/fuzz", "--timeout=900",
        "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", *sys.argv[1:],
    ]  # fmt: skip
    return subprocess.run(command, env={**os.environ, "FUZZ_ROUND": "1"}, check=False).returncode


def main() -> int:
    if given := os.environ.get("FUZZ_SEED"):
        return run_round(int(given))
    end = time.monotonic() + float(os.environ.get("FUZZ_SECONDS") or DEFAULT_SECONDS)
    rounds = 0
    while time.monotonic() < end:
        seed = secrets.randbelow(2**32)
        if code := run_round(seed):
            print(f"Failed in round {rounds + 1}. To repeat it: make fuzz FUZZ_SEED={seed}")
            return code
        rounds += 1
    print(f"{rounds} rounds, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
