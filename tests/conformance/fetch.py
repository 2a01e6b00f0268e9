"""Fetches the public test suites that ``tests/conformance`` runs: ``python tests/conformance/fetch.py``.

The JSON Schema Test Suite comes in the source archive of the Python package ``jsonschema``, the
JSONPath Compliance Test Suite in the npm package ``jsonpath-rfc9535``, the schema of HAR 1.2 in the npm
package ``har-schema``, that of JUnit XML as Jenkins reads it in the source archive of ``pytest``; beside
them the oldest behave and the oldest Robot Framework that are supported, BehaveX, and pytest-bdd with a
pytest that it works with. They go into a folder that git ignores; the tests of what is
not there are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent / "data"
JSON_SCHEMA: Final = DATA / "json-schema"
JSONPATH: Final = DATA / "jsonpath"
HAR: Final = DATA / "har"
JUNIT: Final = DATA / "junit"
WEBSOCKET: Final = DATA / "websocket"
OLD_BEHAVE: Final = DATA / "behave"
PYTEST_BDD: Final = DATA / "pytest-bdd"
OLD_ROBOT: Final = DATA / "robot"
BEHAVEX: Final = DATA / "behavex"
PIP: Final = ("uv", "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip")


def fetch_json_schema(folder: str) -> None:
    _download(folder, "jsonschema==4.26.0")
    for draft in ("draft7", "draft2020-12"):
        _extract(folder, f"json/tests/{draft}", JSON_SCHEMA / draft)


def fetch_jsonpath(folder: str) -> None:
    if _pack(folder, "jsonpath-rfc9535@1.3.0", "JSONPath Compliance Test Suite"):
        _extract(folder, "src/__tests__/jsonpath-compliance-test-suite/tests", JSONPATH)


def fetch_har(folder: str) -> None:
    if _pack(folder, "har-schema@2.0.0", "schema of HAR"):
        _extract(folder, "lib", HAR)


def fetch_junit(folder: str) -> None:
    _download(folder, "pytest==8.4.2")
    _extract(folder, "testing/example_scripts", JUNIT, ".xsd")


def _download(folder: str, package: str) -> None:
    """Bring the source archive of a Python package."""
    what = ("--quiet", "--no-deps", "--no-binary", ":all:", "--dest", folder, package)
    subprocess.run([*PIP, "download", *what], check=True)


def _pack(folder: str, package: str, what: str) -> bool:
    """Bring an npm package; false where there is no npm."""
    if shutil.which("npm") is None:
        print(f"npm is not installed; without it there is no {what}")
        return False
    command = ("npm", "pack", "--silent", "--pack-destination", folder, package)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return True


def fetch_websocket(_: str) -> None:
    what = ("--quiet", "--no-deps", "--target", str(WEBSOCKET), "kosoku==0.1.0")
    subprocess.run([*PIP, "install", *what], check=True)


def fetch_behave(_: str) -> None:
    what = ("--quiet", "--no-deps", "--target", str(OLD_BEHAVE), "behave==1.2.6")
    subprocess.run([*PIP, "install", *what], check=True)


def fetch_pytest_bdd(_: str) -> None:
    what = ("--quiet", "--target", str(PYTEST_BDD), "pytest-bdd==8.1.0", "pytest==8.4.2")
    subprocess.run([*PIP, "install", *what], check=True)


def fetch_robot(_: str) -> None:
    what = ("--quiet", "--no-deps", "--target", str(OLD_ROBOT), "robotframework==7.0")
    subprocess.run([*PIP, "install", *what], check=True)


def fetch_behavex(_: str) -> None:
    what = ("--quiet", "--target", str(BEHAVEX), "behavex==4.6.8")
    subprocess.run([*PIP, "install", *what], check=True)


def _extract(folder: str, inside: str, target: Path, ending: str = ".json") -> None:
    """Extract what lies ``inside`` the only package that was brought to ``folder``."""
    (archive,) = Path(folder).glob("*.*gz")
    with tarfile.open(archive) as files:
        for member in files:
            _, _, name = member.name.partition("/")
            if name.startswith(f"{inside}/") and name.endswith(ending):
                member.name = name.removeprefix(f"{inside}/")
                files.extract(member, target, filter="data")


def main() -> int:
    suites = {
        JSON_SCHEMA: fetch_json_schema, JSONPATH: fetch_jsonpath, HAR: fetch_har, JUNIT: fetch_junit,
        WEBSOCKET: fetch_websocket, OLD_BEHAVE: fetch_behave, PYTEST_BDD: fetch_pytest_bdd,
        OLD_ROBOT: fetch_robot, BEHAVEX: fetch_behavex,
    }  # fmt: skip
    for suite, fetch in suites.items():
        if not suite.is_dir():
            with tempfile.TemporaryDirectory() as folder:
                fetch(folder)
        print(f"{suite.name}: {len([each for each in suite.rglob('*') if each.is_file()])} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
