"""What can be wrong in a config file, with its place: lines and columns count from 1.

Places are only computed once something is wrong, so that good files load fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

UNUSED_SET: Final = "unused-set"
EMPTY_ROW: Final = "empty-row"
UNKNOWN_TAG: Final = "unknown-tag"
NOTES: Final = frozenset(
    {UNUSED_SET, EMPTY_ROW, UNKNOWN_TAG}
)  # told, and fine: a test may mean it so


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in a text, where the reader of that text met it."""

    line: int
    column: int
    message: str


class UnreadableText(Exception):
    """The text breaks the syntax, or a bound, so that nothing can be made of the rest."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.flaw = Flaw(line, column, message)


@dataclass(frozen=True, slots=True)
class Located:
    """One finding with its place. ``line`` and ``column`` are 0 when the file was not read;
    ``pointer`` is empty for the whole document and for errors of syntax. ``code`` names the kind
    of a warning or note; errors have none."""

    file: str
    line: int
    column: int
    pointer: str
    message: str
    code: str | None = None

    @property
    def is_note(self) -> bool:
        return self.code in NOTES

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        if self.pointer:
            place = f"{place}: {self.pointer}"
        return f"{place}: {self.message}"

    def to_json(self) -> dict[str, object]:
        document: dict[str, object] = {
            "file": self.file,
            "line": self.line or None,
            "column": self.column or None,
            "pointer": self.pointer,
            "message": self.message,
        }
        if self.code is None:
            return document
        severity = "note" if self.is_note else "warning"
        return {"code": self.code, "severity": severity, **document}


class Locate(Protocol):
    """Gives what is found at a pointer of the merged document its place in a file."""

    def __call__(self, pointer: str, message: str, code: str | None = None, /) -> Located: ...


class ConfigError(Exception):
    """Config files with errors. ``findings`` are in the order of files and lines; ``count``
    counts those, too, that were left out; ``str()`` is the whole report, a line for each.
    ``looked_at`` are the files and folders of which another content may mend it."""

    def __init__(
        self,
        findings: Sequence[Located],
        count: int | None = None,
        looked_at: Sequence[Path] = (),
    ) -> None:
        self.findings = tuple(findings)
        self.looked_at = tuple(looked_at)
        self.count = max(count or 0, len(self.findings))
        super().__init__(self._report())

    def _report(self) -> str:
        lines = [str(finding) for finding in self.findings]
        if self.count > len(lines):
            lines.append(f"... and {self.count - len(lines)} more")
        return "\n".join(lines)
