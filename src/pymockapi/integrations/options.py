"""The options of every integration: names, defaults, and how their texts are read.

Each has one name for all ways to give it: the ini file and the command line of pytest, attributes of
``unittest`` classes, the environment. Knows no framework and no server.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

EFFECTS: Final = ("fail", "warn", "ignore")
MAX_SEED: Final = 2**63 - 1  # as the server has it
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(?:ms|s|m|h)?")
_BOOLEANS: Final = {"true": True, "1": True, "yes": True, "on": True,
                    "false": False, "0": False, "no": False, "off": False}  # fmt: skip


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value).absolute()


def _url(value: str) -> str:
    if not re.match(r"http://[^/\s]+/?$", value):
        raise ValueError("a URL like http://127.0.0.1:8080 was expected")
    return value


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 65_535:
        raise ValueError("a port was expected: a number from 0 to 65535")
    return int(value)


def _seed(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > MAX_SEED:
        raise ValueError(f"a seed was expected: a number from 0 to {MAX_SEED}")
    return int(value)


def _lease(value: str) -> str:
    found = _DURATION.fullmatch(value)
    if found is None or not float(found[1]):
        raise ValueError("a duration was expected, such as 90s, 15m or 1h")
    return value


def _effect(value: str) -> str:
    if value not in EFFECTS:
        raise ValueError(f"one of {', '.join(EFFECTS)} was expected")
    return value


def _boolean(value: str) -> bool:
    if value.lower() not in _BOOLEANS:
        raise ValueError("true or false was expected")
    return _BOOLEANS[value.lower()]


class Option(NamedTuple):
    """One option; ``read`` makes its value of a text, or raises ``ValueError`` with a sentence."""

    name: str
    read: Callable[[str], Any]
    default: Any
    metavar: str
    help: str

    @property
    def ini(self) -> str:
        return f"mock_api_{self.name}"

    @property
    def flag(self) -> str:
        return "--" + self.ini.replace("_", "-")

    @property
    def variable(self) -> str:
        return f"PYMOCKAPI_{self.name.upper()}"


OPTIONS: Final = (
    Option("config", _path, (), "FILE", "config file of the mock server; may be repeated"),
    Option("url", _url, None, "URL", "mock server to use, instead of one of this run's own"),
    Option("host", _text, "127.0.0.1", "HOST", "address that the mock server listens on"),
    Option("port", _port, 0, "PORT", "port of the mock server, 0 for a free one"),
    Option("tls", _boolean, False, "true|false", "serve HTTPS, too, with a test certificate"),
    Option("seed", _seed, None, "SEED", "seed of every namespace, to repeat a run"),
    Option("lease", _lease, "1h", "DURATION", "how long an unused namespace outlives its test run"),
    Option("verdict", _effect, "fail", "|".join(EFFECTS), "what a failed verdict does to a test"),
    Option("artifacts", _path, None, "DIR", "folder for the evidence on tests that failed"),
    Option("log_file", _path, None, "FILE", "log of the mock server"),
)


class Options(NamedTuple):
    """The values of ``OPTIONS``, in their order."""

    config: Sequence[Path]
    url: str | None
    host: str
    port: int
    tls: bool
    seed: int | None
    lease: str
    verdict: str
    artifacts: Path | None
    log_file: Path | None


def environment_texts(option: Option) -> list[str]:
    """Return what the environment gives for ``option``: a list of files, else one text or none."""
    text = os.environ.get(option.variable, "")
    return [each for each in text.split(os.pathsep if option.name == "config" else "\0") if each]


def read_texts(option: Option, texts: Sequence[str], source: str, wrong: list[str]) -> Any:
    """Return the value of ``option``; add a sentence to ``wrong`` for each text that is none."""
    read = []
    for text in texts:
        try:
            read.append(option.read(text))
        except ValueError as error:
            wrong.append(f"{source}: '{text}' does not do: {error}")
    if option.name == "config":
        return tuple(read)
    return read[0] if read else option.default


def read_given(option: Option, given: object, source: str, wrong: list[str]) -> Any:
    """Return the value of ``option`` where the environment wins over a value of Python.

    That may be a text, a value, a list of either, or ``None`` if nothing is given.
    """
    if texts := environment_texts(option):
        return read_texts(option, texts, f"environment variable {option.variable}", wrong)
    if given is None:
        return read_texts(option, [], "", wrong)
    is_list = isinstance(given, Iterable) and not isinstance(given, str)
    values: Iterable[object] = given if is_list else [given]  # type: ignore[assignment]
    return read_texts(option, [str(each) for each in values], source, wrong)
