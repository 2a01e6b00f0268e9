"""Suites of users, run by the real pytest: in this process where that is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

MOCKS: Final = """
version: 1
stubs:
  - {name: base, request: {path: /base}, response: {text: base}}
sets:
  down: {stubs: [{name: pay, request: {path: /pay}, response: {status: 503}}], state: {pay: down}}
  up: {stubs: [{name: pay, request: {path: /pay}, response: {status: 201}}], state: {pay: up}}
tags:
  "@outage": {sets: [down]}
  "@slow-shop and not @smoke": {state: {slow: true}, settings: {debug_headers: true}}
"""
CALLS: Final = """
import urllib.error
import urllib.request

def call(url, method="GET"):
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
"""
PLAIN: Final = ("-p", "no:cacheprovider", "-p", "pymockapi")
"""Without other plugins, save those that a test names: some take seconds to load."""


class Suite:
    """A folder with tests; ``run`` runs them in this process, ``run_apart`` in one of their own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        pytester.makepyfile(calls=CALLS)
        self.ini("")

    def ini(self, lines: str) -> None:
        self._pytester.makeini(f"[pytest]\n{lines}\n")

    def write(self, code: str, name: str = "test_shop.py") -> Path:
        path = self._pytester.path / name
        path.write_text(f"from calls import call\nimport pytest\n{code}", encoding="utf-8")
        return path

    def run(self, code: str, *arguments: str) -> pytest.RunResult:
        self.write(code)
        return self._pytester.runpytest_inprocess(*PLAIN, *arguments)

    def run_apart(self, code: str, *arguments: str) -> pytest.RunResult:
        self.write(code)
        return self._pytester.runpytest_subprocess(*PLAIN, *arguments, timeout=100)

    def config(self, *arguments: str) -> pytest.Config:
        """Return the configuration of a run with ``arguments``."""
        return self._pytester.parseconfig(*PLAIN, *arguments)
