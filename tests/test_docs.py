"""What the pages show works, what they link is there, and every name in the code is on its page.

``docs/python.md``, ``docs/matching.md``, ``docs/configuration.md``, ``docs/command-line.md`` and the pages
of test frameworks have tests of their own beside the code they describe. Code of other tools is fenced as
``py``, ``java`` or ``json``, and not run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from urllib.parse import urlsplit

import pytest
from tests.documents import (
    PAGES,
    ROOT,
    Block,
    anchors,
    blocks,
    blocks_of,
    links,
    name_of,
    normalised,
    run_curl,
    section,
    sessions,
    text_of,
)

import pymockapi
from pymockapi import MockServer
from pymockapi.api.event_schemas import MEMBERS, OPTIONAL
from pymockapi.api.row import Row
from pymockapi.api.rows import ROWS
from pymockapi.config.load import load
from pymockapi.engine.definitions import STEP_KEYS, STUB_KEYS
from pymockapi.engine.matching.body_patterns import BODY_KEYS
from pymockapi.engine.matching.pattern import PATTERN_KEYS
from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.engine.matching.values import MATCHER_NAMES
from pymockapi.engine.project import PRESET_KEYS, PROJECT_KEYS, SET_KEYS
from pymockapi.engine.selectors import select
from pymockapi.engine.settings import SERVER_KEYS, SETTINGS_KEYS
from pymockapi.model.changes import RESET_PARTS
from pymockapi.model.errors import ControlError, ExpressionLimit
from pymockapi.model.exchange import Phase
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.settings import NamespaceLimits, ServerLimits
from pymockapi.model.stub import AfterLast
from pymockapi.server.limits import EdgeLimits
from pymockapi.service.feed_queries import QUERY
from pymockapi.service.feeds import STOPPING
from pymockapi.service.namespace_specs import SPEC_KEYS
from pymockapi.service.recordings import SEARCH_KEYS
from pymockapi.service.specs import APPLY_KEYS
from pymockapi.service.subscriptions import FLOODED
from pymockapi.service.watches import COMMANDS

PYTHON = blocks(
    "python",
    without=(
        "docs/python.md",
        "docs/matching.md",
        "docs/pytest.md",
        "docs/unittest.md",
        "docs/behave.md",
        "docs/pytest-bdd.md",
        "docs/robot.md",
    ),
)
CONFIGS = [
    block
    for block in blocks("yaml", without=("docs/configuration.md",))
    if block.text.startswith("version:")
]


_TAKES_FIXTURES = re.compile(r"^(async )?def test_\w+\([^)]*\bmock_api", re.M)


def _is_for_pytest(block: Block) -> bool:
    return _TAKES_FIXTURES.search(block.text) is not None


def _shown_failure() -> tuple[Block, Block]:
    """Return the code in the README that fails, and the message it shows."""
    found = blocks_of("README.md")
    place = next(n for n, block in enumerate(found) if block.language == "text")
    return found[place - 1], found[place]


@pytest.mark.parametrize(
    "block",
    [each for each in PYTHON if each != _shown_failure()[0] and not _is_for_pytest(each)],
    ids=lambda block: block.place,
)
def test_a_python_block_runs(block: Block) -> None:
    names: dict[str, object] = {"__name__": "shown"}
    exec(compile(block.text, block.place, "exec"), names)
    for name, value in list(names.items()):
        if name.startswith("test_") and callable(value):
            value()


@pytest.mark.parametrize(
    "block", [each for each in PYTHON if _is_for_pytest(each)], ids=lambda block: block.place
)
def test_a_block_with_fixtures_passes_under_pytest(block: Block, tmp_path: Path) -> None:
    (tmp_path / "test_shown.py").write_text(block.text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_failure_in_the_readme_reads_as_it_is_shown() -> None:
    code, message = _shown_failure()
    with pytest.raises(AssertionError) as failure:
        exec(compile(code.text, code.place, "exec"), {"__name__": "shown"})
    assert str(failure.value) == message.text.strip()


@pytest.mark.parametrize("block", CONFIGS, ids=lambda block: block.place)
def test_a_config_that_is_shown_loads(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "mocks.yaml"
    path.write_text(block.text, encoding="utf-8")
    for name in re.findall(r"\bfile: ([\w./-]+)", block.text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    load([path])


@pytest.fixture(scope="module")
def example() -> Iterator[MockServer]:
    """The server that the README starts."""
    config = ROOT / "examples" / "checkout" / "mocks.yaml"
    with MockServer(config, on_missing="default") as server:
        yield server


def test_the_console_sessions_in_the_readme_go_as_they_are_shown(example: MockServer) -> None:
    port = urlsplit(example.url).port
    assert port is not None
    for command, shown in sessions("README.md"):
        expected = normalised(shown).replace(":8080", f":{port}")
        real = normalised(run_curl(command, port))
        if expected.endswith(", ..."):
            expected = expected.removesuffix(" ...")
            real = real[: len(expected)]
        assert (command, real) == (command, expected)


def test_every_key_of_a_recorded_request_is_on_its_page(example: MockServer) -> None:
    with example.namespace() as mock:
        run_curl(f"curl {mock.url}/x", urlsplit(mock.url).port or 0)
        entry = mock.requests()[0].entry
    assert _absent([*entry, *entry["response"], *entry["timings"]], "docs/recording.md") == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_on_a_page_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(name_of(page)):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_file() or (anchor and anchor not in anchors(name_of(target))):
            broken.append(link)
    assert broken == []


def test_the_list_of_pages_has_every_page() -> None:
    listed = {(ROOT / "docs" / link.partition("#")[0]).resolve() for link in links("docs/index.md")}
    pages = [page for page in PAGES if ROOT / "examples" not in page.parents]
    assert [name_of(page) for page in pages if page not in listed] == ["docs/index.md"]


@pytest.mark.parametrize(
    ("names", "page"),
    [
        (STUB_KEYS | STEP_KEYS, "docs/stubs.md"),
        (tuple(AfterLast), "docs/stubs.md"),
        (PROJECT_KEYS | SET_KEYS | PRESET_KEYS, "docs/configuration.md"),
        (SETTINGS_KEYS | SERVER_KEYS, "docs/configuration.md"),
        (RESET_PARTS, "docs/namespaces.md"),
        (tuple(Phase), "docs/recording.md"),
    ],
    ids=["stub", "after_last", "config", "settings", "reset", "phase"],
)
def test_every_name_is_on_its_page(names: Iterable[str], page: str) -> None:
    assert _absent(names, page) == []


@pytest.mark.parametrize("names", [MATCHER_NAMES, PATTERN_KEYS, BODY_KEYS])
def test_every_matcher_and_pattern_key_is_shown(names: Iterable[str]) -> None:
    page = text_of("docs/matching.md")
    assert [name for name in names if not re.search(rf"\b{name}\b\"?:", page)] == []


def test_every_request_value_is_on_its_page() -> None:
    found = Findings()
    read_request_value("?", "", found)
    known = found.items[0].message.partition("known: ")[2].split(", ")
    assert len(known) > 10
    assert _absent([name for name in known if "$" not in name], "docs/matching.md") == []


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/~shop/x", b""),
        ("/x", b"X-Mock-Namespace: shop\r\n"),
        ("/x", b"Baggage: mock.namespace=shop\r\n"),
        ("/x", b"Host: shop.mock.localhost\r\n"),
    ],
)
def test_every_selector_is_on_its_page(target: str, headers: bytes) -> None:
    head = b"GET %b HTTP/1.1\r\n%b\r\n" % (target.encode(), headers)
    selection = select(Request("GET", target, head, b""), "~")
    assert selection.name == "shop"
    own = select(Request("GET", target, head, b""), "~", "shop")
    assert _absent([selection.selector, own.selector, "default"], "docs/namespaces.md") == []


def test_every_limit_is_on_its_page_with_its_number() -> None:
    page = text_of("docs/limits.md")
    shipped = {**_numbers(NamespaceLimits()), **_numbers(ServerLimits())}
    rows = [f"| `{name}` | {number:,.0f} |" for name, number in shipped.items()]
    assert [row for row in rows if row not in page] == []


def test_every_limit_of_a_connection_is_on_its_page_with_its_number() -> None:
    told = section("docs/limits.md", "Of a connection")
    configurable = _numbers(ServerLimits())
    slicing = {"turn_requests", "turn_bytes"}  # how turns are cut; no client can tell
    numbers = {
        name: f"{number:,.0f}"
        for name, number in _numbers(EdgeLimits()).items()
        if name.removesuffix("_s") not in configurable and name not in slicing
    }
    missing = [name for name, number in numbers.items() if not re.search(rf"\b{number}\b", told)]
    assert missing == []


def _numbers(limits: object) -> dict[str, float]:
    return {name: getattr(limits, name) for name in type(limits).__annotations__}


def test_every_error_code_is_on_its_page_with_its_status() -> None:
    page = text_of("docs/errors.md").splitlines()
    missing = [
        (status, code)
        for status, code in _codes()
        if not any(line.startswith(f"| {status} |") and f"`{code}`" in line for line in page)
    ]
    assert missing == []


def _codes() -> set[tuple[int, str]]:
    for module in walk_packages(pymockapi.__path__, "pymockapi."):
        if not module.name.endswith(
            ("__main__", "pytest_bdd", "bdd_steps")
        ):  # see fetch_pytest_bdd
            import_module(module.name)
    found = {(599, ExpressionLimit.code)}
    classes: list[type[ControlError]] = [ControlError]
    while classes:
        one = classes.pop()
        classes += one.__subclasses__()
        if one.__module__.startswith("pymockapi."):
            found.add((one.status, one.code))
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_control_call_is_on_its_page(row: Row) -> None:
    path = row.path.replace("/namespaces/{namespace}", "NS")
    pattern = re.escape(path).replace(r"\{", "{").replace(r"\}", "}")
    shown = re.compile(re.sub(r"{\w+}", r"{\\w+}", pattern) + r"(?![\w/{])")
    lines = text_of("docs/control-api.md").splitlines()
    assert any(shown.search(line) and re.search(rf"\b{row.method}\b", line) for line in lines)


@pytest.mark.parametrize(
    "names",
    [
        APPLY_KEYS,
        SPEC_KEYS,
        SEARCH_KEYS,
        RESET_PARTS,
        [name for row in ROWS for name in row.query],
    ],
    ids=["apply", "namespace", "search", "reset", "query"],
)
def test_every_key_of_a_control_call_is_on_its_page(names: Iterable[str]) -> None:
    page = text_of("docs/control-api.md")
    assert [name for name in names if not re.search(rf'[`"?]{name}[`"?=]', page)] == []


def test_every_event_is_on_its_page_with_what_it_tells() -> None:
    rows = [line for line in text_of("docs/events.md").splitlines() if line.startswith("| `")]
    for event, members in MEMBERS.items():
        (row,) = [row for row in rows if f"`{event}`" in row.split(" | ")[0]]
        if " the same" in row:
            row = next(each for each in rows if "`request.received`" in each)
        missing = [name for name in (*members, *OPTIONAL.get(event, ())) if f"`{name}`" not in row]
        assert (event, missing) == (event, [])


def test_every_word_of_a_feed_of_events_is_on_its_page() -> None:
    page = text_of("docs/events.md")
    changes = [
        each for members in MEMBERS.values() for each in members.get("change", {}).get("enum", ())
    ]
    why = ("finished", "expired", "deleted", "replaced", STOPPING, FLOODED)
    assert _absent([*changes, *why], "docs/events.md") == []
    assert [name for name in (*QUERY, *COMMANDS) if not re.search(rf'[`"]{name}[`"=]', page)] == []


def _absent(names: Iterable[str], page: str) -> list[str]:
    return [name for name in names if f"`{name}`" not in text_of(page)]
