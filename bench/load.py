"""Load from other processes: wrk with prepared requests, the paced load, the probe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

CONNECTIONS: Final = 32
GENTLY: Final = ("nice", "-n", "10")
"""Before a flood beside a probe: on one core the flood must not make the probe late."""

_SCRIPT: Final = """
local file = io.open("{requests}", "rb")
local requests, at = {{}}, 0
for size in file:lines() do
  requests[#requests + 1] = file:read(tonumber(size))
end
file:close()
request = function()
  at = at % #requests + 1
  return requests[at]
end
"""


class Wrk:
    """wrk with requests that it sends in turn."""

    def __init__(self, folder: Path, name: str, requests: Sequence[bytes]) -> None:
        listed = folder / f"{name}.requests"
        listed.write_bytes(b"".join(b"%d\n%b" % (len(each), each) for each in requests))
        self._script = folder / f"{name}.lua"
        self._script.write_text(_SCRIPT.format(requests=listed))

    def command(self, port: int, seconds: int, *prefix: str) -> list[str]:
        return [*prefix, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s",
                str(self._script), f"http://127.0.0.1:{port}"]  # fmt: skip

    def per_second(self, port: int, seconds: int) -> float:
        """Run and return requests a second, all of which must be answered by 2xx."""
        said = subprocess.run(
            self.command(port, seconds), check=True, capture_output=True, text=True
        ).stdout
        if "Non-2xx" in said or "Socket errors" in said:
            raise OSError(f"wrk met errors:\n{said}")
        found = re.search(r"Requests/sec:\s*([\d.]+)", said)
        if found is None:
            raise OSError(f"wrk did not say a rate:\n{said}")
        return float(found[1])


@contextmanager
def scripts() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


class Beside:
    """A Python module of this package that runs beside; ``result`` is what it said at its end."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.result: dict[str, Any] = {}

    def __enter__(self) -> Beside:
        return self

    def await_ready(self) -> Beside:
        assert self._process.stdout is not None
        self._process.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        said = self._process.communicate(timeout=30)[0]
        self.result = json.loads(said) if said else {}


def probe(port: int, target: str = "/probe") -> Beside:
    """Start the probe and wait until it has begun."""
    return Beside("bench.probe", port, target).await_ready()


def paced(port: int, target: str, rate: int, worlds: int = 1) -> Beside:
    return Beside("bench.pace", port, target, rate, worlds)
