"""What ``pymockapi serve`` was told; defaults are those of the command line."""

from __future__ import annotations

import msgspec


class ServeOptions(msgspec.Struct, frozen=True):
    """``on_missing`` and ``seed`` are ``None`` to leave them to the config.

    ``port`` 0 takes a free one. ``token`` is what control calls must carry, ``None``: nothing.
    ``parent_pipe`` ends the server when standard input does. ``log_file`` ``None`` logs to
    standard error. ``grace_s`` bounds how long a stop waits for answers under way.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    on_missing: str | None = None
    token: str | None = None
    seed: int | None = None
    log_file: str | None = None
    log_level: str = "warning"
    parent_pipe: bool = False
    ready_json: bool = False
    grace_s: float = 5.0
