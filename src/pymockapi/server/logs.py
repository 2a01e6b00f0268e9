"""The log: one line for each event, as text or as JSON, written by a thread of its own.

A pipe that nobody reads would stop the server at the first line that does not fit in it. So lines
wait for the thread, up to a number; what is over it is dropped, and how much is told.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from typing import Any, Final

import msgspec

MAX_WAITING: Final = 10_000  # lines, a few MB; a flood that a disk takes in under a second
_AT_ONCE: Final = 100  # lines in one write
_LAST_S: Final = 1.0  # how long the end of the process waits for lines to be taken
_STANDARD_ERROR: Final = 2
_ROOT: Final = "pymockapi"
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(32), 127)}


def fields_of(record: logging.LogRecord) -> Mapping[str, Any]:
    """Return what ``extra={"fields": ...}`` said beside the message."""
    found: Mapping[str, Any] = getattr(record, "fields", {})
    return found


class TextFormat(logging.Formatter):
    """``TIME LEVEL LOGGER MESSAGE name=value ...``; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        pairs = "".join(f" {name}={value}" for name, value in fields_of(record).items())
        return (super().formatMessage(record) + pairs).translate(_CONTROLS)


class JsonFormat(logging.Formatter):
    """One object a line: ``time``, ``level``, ``logger``, ``message``, the fields, ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info:
            document["error"] = self.formatException(record.exc_info)
        encoded = msgspec.json.encode(_sound(document), enc_hook=str)
        return encoded.decode()


def _sound(document: dict[str, Any]) -> dict[str, Any]:
    """Return it without what JSON cannot carry: targets may hold bytes that are no UTF-8."""
    return {
        name: value.encode("utf-8", "backslashreplace").decode()
        if isinstance(value, str)
        else value
        for name, value in document.items()
    }


class LogHandler(logging.Handler):
    """Hands lines to a thread that writes them to ``descriptor``; it starts with the first one."""

    def __init__(self, descriptor: int, limit: int = MAX_WAITING) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._waiting: Queue[bytes | None] = Queue(limit)
        self._dropped = 0
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record) + "\n"
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(line.encode("utf-8", "backslashreplace"))
        except Full:
            self._dropped += 1

    def close(self) -> None:
        """Wait a moment for what was logged to be written."""
        if self._thread is not None:
            with suppress(Full):
                self._waiting.put(None, timeout=_LAST_S)
                self._thread.join(_LAST_S)
        super().close()

    def _write_all(self) -> None:
        has_ended = False
        while not has_ended:
            lines = self._take()
            has_ended = lines[-1] is None
            dropped, self._dropped = self._dropped, 0
            told = self._told_dropped(dropped) if dropped else b""
            self._write(b"".join(line for line in lines if line is not None) + told)

    def _take(self) -> list[bytes | None]:
        """Wait for a line, and return it with those that wait; ``None`` is the end of all."""
        lines = [self._waiting.get()]
        with suppress(Empty):
            while len(lines) < _AT_ONCE and lines[-1] is not None:
                lines.append(self._waiting.get_nowait())
        return lines

    def _told_dropped(self, count: int) -> bytes:
        message = f"{count} lines were dropped here: the log was not taken fast enough"
        record = logging.LogRecord(_ROOT, logging.WARNING, "", 0, message, None, None)
        return (self.format(record) + "\n").encode()

    def _write(self, data: bytes) -> None:
        with suppress(OSError):  # nobody is there to be told
            while data:
                data = data[os.write(self._descriptor, data) :]


@contextmanager
def logged(path: str | None, level: str, style: str, root: str = "") -> Iterator[None]:
    """Log from ``level`` on to ``path`` (``None``: standard error) as ``text`` or ``json``.

    ``root`` is the logger from which on: that of everything, where the process is ours.

    Raises ``OSError`` when the file cannot be opened.
    """
    descriptor = (
        _STANDARD_ERROR
        if path is None
        else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    )
    handler = LogHandler(descriptor)
    handler.setFormatter(JsonFormat() if style == "json" else TextFormat())
    top, ours = logging.getLogger(root), logging.getLogger(_ROOT)
    top.addHandler(handler)
    ours.setLevel(level.upper())
    try:
        yield
    finally:
        top.removeHandler(handler)
        ours.setLevel(logging.NOTSET)
        handler.close()
        if path is not None:
            os.close(descriptor)
