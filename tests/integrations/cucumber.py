"""The real cucumber-js: installed once for a run of the tests, then a folder for each project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.documents import ROOT

EXAMPLE: Final = ROOT / "examples" / "cucumber-js"
INSTALL_S: Final = 180  # some ten where nothing is amiss
QUIET: Final = ("--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1")


@dataclass(frozen=True)
class Ran:
    """What a command has said."""

    code: int
    text: str

    def has(self, *lines: str) -> bool:
        return all(line in self.text for line in lines)


class Project:
    """A folder with features; ``run`` runs them under ``pymockapi run``, with ``mocks.yaml``."""

    def __init__(self, folder: Path, modules: Path) -> None:
        self.folder = folder
        (folder / "node_modules").symlink_to(modules, target_is_directory=True)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def take(self, *names: str) -> None:
        """Copy files of the example."""
        for name in names:
            self.write(name, (EXAMPLE / name).read_text(encoding="utf-8"))

    def run(self, *arguments: str, options: tuple[str, ...] = ()) -> Ran:
        served = (sys.executable, "-m", "pymockapi", "run", "mocks.yaml", *options, "--")
        return self.command(*served, *self.cucumber(*arguments))

    def cucumber(self, *arguments: str) -> tuple[str, ...]:
        # what npx runs, without its search
        return ("node", "node_modules/@cucumber/cucumber/bin/cucumber.js", *arguments)

    def command(self, *words: str, **variables: str) -> Ran:
        done = subprocess.run(
            words, cwd=self.folder, env=environment(**variables), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", timeout=100, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout)


def environment(**variables: str) -> dict[str, str]:
    """Return ours without what would change where the server is, or how cucumber-js writes."""
    foreign = ("PYMOCKAPI_", "CUCUMBER_", "FORCE_COLOR", "NODE_OPTIONS")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return {**kept, **variables}


def install(folder: Path) -> Path:
    """Install cucumber-js into ``folder`` and return where; skip the test if that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("cucumber-js needs node and npm, and they are not here")
    shutil.copy(EXAMPLE / "package.json", folder)
    try:
        done = subprocess.run(
            ["npm", "install", *QUIET], cwd=folder, capture_output=True, encoding="utf-8",
            timeout=INSTALL_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm has not installed cucumber-js in {INSTALL_S} seconds")
    if done.returncode != 0:
        pytest.skip(f"npm cannot install cucumber-js: {done.stderr.strip()[:300]}")
    return folder / "node_modules"
