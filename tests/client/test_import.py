"""What importing the package costs, and what it gives."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pymockapi

FORBIDDEN = ("asyncio", "msgspec", "httptools", "yaml", "uvloop", "pytest", "http.client", "ssl")


def loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(run.stdout.split())


def test_importing_the_package_loads_nothing_of_it() -> None:
    modules = loaded_after("import pymockapi")
    assert {name for name in modules if name.startswith("pymockapi.")} == set()
    assert modules.isdisjoint(FORBIDDEN)


def test_the_client_loads_neither_server_nor_framework() -> None:
    modules = loaded_after("from pymockapi import MockServer, Namespace, MockApiError")
    assert modules.isdisjoint(FORBIDDEN)
    allowed = ("pymockapi.client", "pymockapi.model", "pymockapi.api")
    ours = {name for name in modules if name.startswith("pymockapi.")}
    assert {name for name in ours if not name.startswith(allowed)} == set()
    assert {name for name in ours if name.startswith(("pymockapi.model.", "pymockapi.api."))} == {
        "pymockapi.model.errors",
        "pymockapi.model.names",
        "pymockapi.api.row",
        "pymockapi.api.rows",
        "pymockapi.api.callback_rows",
    }


@pytest.mark.parametrize("name", pymockapi.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(pymockapi, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'MockSrever'"):
        getattr(pymockapi, "MockSrever")  # noqa: B009 - the checker knows that it is not there
