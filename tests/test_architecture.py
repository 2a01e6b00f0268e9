"""The floors, the absence of cycles, and the shape of modules, read from the source itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from tests import client_twins

import pymockapi

ROOT: Final = Path(pymockapi.__file__).parent
FLOORS: Final = {
    "model": 0, "engine": 1, "store": 2, "service": 3, "api": 3, "formats": 3, "server": 4, "client": 4,
    "config": 5, "replay": 5, "cli": 5, "integrations": 5,
}  # fmt: skip
OUTSIDE: Final = frozenset({"__init__", "__main__", "behave", "pytest_bdd", "robot", "unittest"})
"""The package's own doors: lazy exports, ``python -m``, and what tests of a framework import."""

LAZY: Final = {
    "pymockapi.server.run": "uvloop, an optional extra",
}
CLIENT_MAY_IMPORT: Final = frozenset(
    {"pymockapi.model.errors", "pymockapi.api.row", "pymockapi.api.rows"}
)
FORBIDDEN_WORDS: Final = frozenset(
    {"utils", "helpers", "common", "base", "manager", "core", "misc"}
)
MAX_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 40
LONG: Final = frozenset({"_matcher", "read_spec"})
"""Functions that are one table, or one constructor call, over more lines than that."""

ENGINE_MUST_NOT_KNOW: Final = frozenset({"asyncio", "socket", "time", "random", "pathlib", "os"})
TIMED: Final = frozenset(
    {"pymockapi.engine.expressions.regexes", "pymockapi.engine.expressions.schema_patterns"}
)
"""What measures how long an expression takes, which no count of steps could bound."""


class Import(NamedTuple):
    """What a module imports, and whether only inside a function."""

    module: str
    is_lazy: bool


def name_of(file: Path) -> str:
    parts = ("pymockapi", *file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES: Final = {name_of(file): file for file in sorted(ROOT.rglob("*.py"))}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> list[Import]:
    """Return every import that happens at run time, lazy ones too."""
    return list(_imports(tree(module), is_lazy=False))


def _imports(node: ast.AST, *, is_lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        inner = is_lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, inner) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative imports hide where a name comes from"
            yield from (
                Import(target(child.module or "", alias.name), inner) for alias in child.names
            )
        elif isinstance(child, ast.Call) and _is_import_module(child):
            yield from (
                Import(argument.value, inner)
                for argument in child.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            )
        yield from _imports(child, is_lazy=inner)


def _is_import_module(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "import_module"


def target(module: str, name: str) -> str:
    """Return the module that ``from module import name`` loads."""
    return f"{module}.{name}" if f"{module}.{name}" in MODULES else module


def package_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_its_own_floor_or_a_lower_one(module: str) -> None:
    package = package_of(module)
    if package in OUTSIDE:
        return
    for each in imports(module):
        if each.module.startswith("pymockapi."):
            assert FLOORS[package_of(each.module)] <= FLOORS[package], f"{module} -> {each.module}"


def test_every_package_has_a_floor() -> None:
    assert {package_of(module) for module in MODULES} == set(FLOORS) | OUTSIDE


def test_packages_of_one_floor_go_one_way() -> None:
    pairs = {
        (package_of(module), package_of(each.module))
        for module in MODULES
        for each in imports(module)
        if each.module.startswith("pymockapi.")
    }
    between = {pair for pair in pairs if pair[0] != pair[1] and pair[0] not in OUTSIDE}
    assert {pair for pair in between if pair[::-1] in between} <= {
        ("api", "service"),
        ("service", "api"),
    }
    assert not between & {("server", "client"), ("client", "server")}


def test_integrations_know_the_client_alone() -> None:
    known = {
        package_of(each.module)
        for module in MODULES
        if package_of(module) == "integrations"
        for each in imports(module)
        if each.module.startswith("pymockapi.")
    }
    assert known == {"integrations", "client"}


def test_no_import_goes_in_a_circle_not_even_a_lazy_one() -> None:
    graph = {
        module: {each.module for each in imports(module) if each.module in MODULES} - {module}
        for module in MODULES
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for each in sorted(graph[module]):
                if each != "pymockapi":  # its lazy exports load when a name is asked for
                    visit(each, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("module", [name for name in MODULES if package_of(name) == "client"])
def test_the_client_needs_only_errors_rows_and_the_standard_library(module: str) -> None:
    for each in imports(module):
        top = each.module.split(".")[0]
        if top == "pymockapi":
            assert package_of(each.module) == "client" or each.module in CLIENT_MAY_IMPORT
        else:
            assert top in sys.stdlib_module_names, f"{module} -> {each.module}"


@pytest.mark.parametrize("name", client_twins.MADE)
def test_the_sync_client_is_made_from_the_async_one(name: str) -> None:
    source = (client_twins.SOURCES / f"{name}.py").read_text(encoding="utf-8")
    wanted = ast.parse(client_twins.twin(source))
    found = ast.parse((client_twins.CLIENT / f"{name}.py").read_text(encoding="utf-8"))
    assert _without_order_of_imports(found) == _without_order_of_imports(wanted), (
        f"client/{name}.py is made from client/aio/{name}.py: change that, then run 'make client'"
    )


def _without_order_of_imports(module: ast.Module) -> tuple[list[str], list[str]]:
    for node in module.body:
        if isinstance(node, ast.ImportFrom):
            node.names.sort(key=lambda alias: alias.name)
    imports = sorted(ast.dump(node) for node in module.body if isinstance(node, ast.ImportFrom))
    others = [ast.dump(node) for node in module.body if not isinstance(node, ast.ImportFrom)]
    return imports, others


@pytest.mark.parametrize("name", client_twins.MADE)
def test_what_becomes_sync_knows_no_asyncio(name: str) -> None:
    known = {each.module for each in imports(f"pymockapi.client.aio.{name}")}
    assert not {each for each in known if each.split(".")[0] == "asyncio"}


@pytest.mark.parametrize("module", [*sorted(CLIENT_MAY_IMPORT), "pymockapi.api.openapi"])
def test_what_the_client_or_the_command_shares_needs_only_the_standard_library(module: str) -> None:
    for each in imports(module):
        assert each.module.split(".")[0] in {*sys.stdlib_module_names, "pymockapi"}


@pytest.mark.parametrize(
    "module", [name for name in MODULES if package_of(name) in ("model", "engine")]
)
def test_model_and_engine_know_no_clock_no_chance_and_no_input(module: str) -> None:
    known = {each.module.split(".")[0] for each in imports(module)} & ENGINE_MUST_NOT_KNOW
    assert known <= {"time"} if module in TIMED else not known


@pytest.mark.parametrize("package", ["store", "service"])
def test_store_and_service_know_no_http_and_no_sockets(package: str) -> None:
    known = {
        each.module.split(".")[0]
        for module in MODULES
        if package_of(module) == package
        for each in imports(module)
    }
    assert not known & {"socket", "http", "httptools", "ssl"}


@pytest.mark.parametrize("module", MODULES)
def test_imports_inside_functions_are_only_where_there_is_a_reason(module: str) -> None:
    inside = [
        node
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lazy = [
        each
        for function in inside
        for each in ast.walk(function)
        if isinstance(each, ast.Import | ast.ImportFrom)
    ]
    assert not lazy or module in LAZY


@pytest.mark.parametrize("module", MODULES)
def test_a_module_opens_with_what_it_is_for(module: str) -> None:
    written = ast.get_docstring(tree(module))
    if MODULES[module].name == "__init__.py" and not MODULES[module].read_text(encoding="utf-8"):
        return
    assert written, f"{module} has no docstring"
    assert 1 <= len(written.splitlines()) <= 9


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short_and_so_are_its_functions(module: str) -> None:
    lines = MODULES[module].read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MAX_LINES
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            assert size <= MAX_FUNCTION_LINES or node.name in LONG, (
                f"{module}.{node.name} has {size} lines"
            )


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_named_after_what_is_in_it(module: str) -> None:
    assert not set(module.split(".")) & FORBIDDEN_WORDS


def broad_handlers(module: str) -> list[ast.ExceptHandler]:
    return [
        node
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
        )
    ]


@pytest.mark.parametrize(
    "module", [m for m in MODULES if package_of(m) in ("model", "engine", "store", "service")]
)
def test_matching_and_remembering_never_swallow_errors_they_do_not_know(module: str) -> None:
    assert not broad_handlers(module)
