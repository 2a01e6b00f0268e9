"""Fail when the committed pytest_results.json is not of the tests that exist, or not all passed."""

import json
import sys
from pathlib import Path


def outcomes(path: str) -> dict[str, str]:
    report = json.loads(Path(path).read_text(encoding="utf-8"))
    return {test["nodeid"]: test["outcome"] for test in report["tests"]}


def main(committed_path: str, fresh_path: str) -> int:
    committed, fresh = outcomes(committed_path), outcomes(fresh_path)
    missing = sorted(set(fresh) - set(committed))
    stale = sorted(set(committed) - set(fresh))
    failed = sorted(name for name, outcome in committed.items() if outcome not in ("passed", "skipped"))
    for title, names in (
        ("not in the committed results", missing),
        ("in the committed results, but no test", stale),
        ("committed as not passed", failed),
    ):
        for name in names[:20]:
            print(f"{title}: {name}")
    if missing or stale or failed:
        print("Run the README's test command and commit pytest_results.json.")
        return 1
    print(f"pytest_results.json matches the {len(fresh)} tests.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
