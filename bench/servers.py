"""The servers under load: the product and the yardstick, each a process of its own on core 0.

Everything else (load, probes, this process) runs on core 1. They are ended by their own
process, and end by themselves when this one is gone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any, Final

SERVER_CORE: Final = 0
LOAD_CORE: Final = 1
HERE: Final = Path(__file__).parent


def missing_tools() -> list[str]:
    """Return a sentence for each tool without which figures are left out or mean less."""
    said = []
    if which("wrk") is None:
        said.append("wrk is not installed: the rows 'throughput' and 'turns' are left out.")
    if not _can_pin():
        said.append("taskset or a second core is missing: server and load share cores here.")
    return said


def _can_pin() -> bool:
    return which("taskset") is not None and (os.cpu_count() or 1) > 1


def pin_load() -> None:
    """Put this process, and so the load that it starts, on the load's core."""
    if _can_pin() and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {LOAD_CORE})


def pinned(command: list[str]) -> list[str]:
    return ["taskset", "-c", str(SERVER_CORE), *command] if _can_pin() else command


class Running:
    """A server process that listens on ``port`` of the loopback."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process = process
        self.port = port
        self.pid = process.pid

    def resident_bytes(self) -> int:
        """Return what the process holds in memory (Linux)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise OSError("this system does not tell a process's memory in /proc")

    def cpu_seconds(self) -> float:
        """Return the processor time that the process has used; 0 where /proc does not tell."""
        told = Path(f"/proc/{self.pid}/stat")
        if not told.exists():
            return 0.0
        fields = told.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)


def product_command(config: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "pymockapi", "serve", str(config),
            "--port", "0", "--ready-json", "--parent-pipe"]  # fmt: skip


def start(command: list[str]) -> tuple[Running, bytes]:
    """Start a server on its core; return it with its first line of output."""
    process = subprocess.Popen(
        pinned(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env=_environment(),
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise OSError(f"the server ended before it was ready: {process.wait(20)}")
    return Running(process, _port(line)), line


def _environment() -> dict[str, str]:
    """The environment, but that Python may keep the bytecode that an installed package has."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def _port(line: bytes) -> int:
    if line.startswith(b"{"):
        return int(str(json.loads(line)["url"]).rpartition(":")[2])
    return int(line)


@contextmanager
def product(document: Mapping[str, Any]) -> Iterator[Running]:
    """Run the product with a config file that holds ``document``."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mocks.json"
        config.write_text(json.dumps({"version": 1, **document}))
        server, _ = start(product_command(config))
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def bare() -> Iterator[Running]:
    """Run the yardstick, ``bare.py``."""
    server, _ = start([sys.executable, "-P", str(HERE / "bare.py")])
    try:
        yield server
    finally:
        server.stop()
