"""What ``pymockapi serve`` was told; defaults are those of the command line."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class TlsOptions(msgspec.Struct, frozen=True):
    """Which certificate the TLS port shows: that in ``certificate`` with ``key``, or, where they
    are ``None``, one made for ``names`` by the CA in ``ca_directory`` (``None``: a new one).

    ``port`` 0 takes a free one.
    """

    port: int = 8443
    certificate: str | None = None
    key: str | None = None
    ca_directory: str | None = None
    names: tuple[str, ...] = ()


class ServeOptions(msgspec.Struct, frozen=True):
    """``on_missing``, ``seed`` and ``public_url`` are ``None`` to leave them to the config.

    ``port`` 0 takes a free one. ``token`` is what control calls must carry, ``None``: nothing.
    ``parent_pipe`` ends the server when standard input does. ``log_file`` ``None`` logs to
    standard error; ``log_format`` is ``text`` or ``json``. ``control_port`` ``None`` serves the control API on ``port``; ``control_host``
    ``None`` is ``host``. ``files`` are the config files that were read, ``sources`` what named them,
    ``folder`` is that of the first, below which bodies in files are; ``seen`` is what tells whether
    they have changed since, if they are to be watched. ``artifacts`` is the folder for the evidence on what failed. ``tls`` ``None``: there is no HTTPS. ``grace_s`` bounds how long a stop waits for answers under way.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    on_missing: str | None = None
    token: str | None = None
    seed: int | None = None
    log_file: str | None = None
    log_level: str = "warning"
    log_format: str = "text"
    parent_pipe: bool = False
    ready_json: bool = False
    grace_s: float = 5.0
    tls: TlsOptions | None = None
    control_port: int | None = None
    control_host: str | None = None
    public_url: str | None = None
    artifacts: str | None = None
    files: tuple[str, ...] = ()
    folder: str | None = None
    sources: tuple[str, ...] = ()
    seen: Mapping[str, tuple[int, int, int, int] | None] | None = None
