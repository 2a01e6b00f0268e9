"""The public names of the package, and what importing it costs."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

import pytest

import pymockapi
from pymockapi.client import exports
from pymockapi.client.aio import exports as async_exports

NAMES: Final = [
    "AsyncClock", "AsyncEvents", "AsyncGate", "AsyncMockServer", "AsyncNamespace", "AsyncPattern", "AsyncScope", "AsyncState", "AsyncStub",
    "CalledRequest", "Candidate", "Clock", "Cursor", "Event", "Events", "Expectation", "ExpectationResult", "Explanation", "FoundRequest", "Gate", "MockApiError", "MockServer", "MockServerError",
    "Namespace", "NearRequest", "Orphan", "Pattern", "Problem", "ProblemRequest", "ProblemStub", "RecordedCallback", "RecordedRequest",
    "RecordedResponse", "Scope", "State", "Stub", "Verdict", "Verification", "__version__",
]  # fmt: skip
NOT_ON_IMPORT: Final = ["asyncio", "msgspec", "httptools", "yaml", "jsonpath", "regex", "uvloop", "ssl",
                        "http.client", "urllib.request", "pymockapi.server", "pymockapi.engine",
                        "pymockapi.client", "pytest"]  # fmt: skip
HEAVY: Final = ["asyncio", "msgspec", "httptools", "yaml", "jsonpath", "regex", "uvloop",
                "pymockapi.server", "pymockapi.engine", "pymockapi.store", "pymockapi.service"]  # fmt: skip


def loaded_after(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after ``code``."""
    program = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    output = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{program}"],
        check=True,
        capture_output=True,
    ).stdout
    return set(json.loads(output))


def test_the_public_names_are_these() -> None:
    assert sorted(pymockapi.__all__) == sorted(NAMES)
    assert dir(pymockapi) == pymockapi.__all__


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_there(name: str) -> None:
    value = getattr(pymockapi, name)
    where = async_exports if name.startswith("Async") else exports
    assert value is getattr(where, name, pymockapi.__version__)
    assert getattr(pymockapi, name) is value


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'pymockapi' has no attribute 'Server'"):
        _ = pymockapi.Server


def test_importing_the_package_loads_nothing_else() -> None:
    loaded = loaded_after("import pymockapi")
    assert not loaded & set(NOT_ON_IMPORT)
    assert {name for name in loaded if name.startswith("pymockapi")} == {"pymockapi"}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "__version__"])
def test_a_public_name_brings_in_no_server_and_no_dependency(name: str) -> None:
    heavy = set(HEAVY) - ({"asyncio"} if name.startswith("Async") else set())
    assert not loaded_after(f"from pymockapi import {name}") & heavy


def test_the_sync_client_loads_nothing_of_the_async_one() -> None:
    loaded = loaded_after("from pymockapi import MockServer, Namespace, Stub, Verification")
    assert not {name for name in loaded if name.startswith("pymockapi.client.aio")}


def test_the_rows_load_with_the_standard_library_alone() -> None:
    loaded = loaded_after("import pymockapi.api.rows, pymockapi.model.errors")
    assert not loaded & set(HEAVY)
