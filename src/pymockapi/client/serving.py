"""What ``pymockapi serve`` is given for a server of a test's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from os import PathLike, fspath

from pymockapi.client.values import Json

ConfigPath = str | PathLike[str]


def serve_arguments(
    config: ConfigPath | Sequence[ConfigPath] | None,
    *,
    thread: bool,
    tls: bool,
    tls_ca: ConfigPath | None,
    **options: Json | ConfigPath,
) -> list[str]:
    """Return config files and ``options`` as arguments; those that are ``None`` are left out."""
    wanted = {
        **options,
        "tls_port": 0 if tls or tls_ca is not None else None,
        "tls_ca": tls_ca,
    }
    named = {key: value for key, value in wanted.items() if value is not None}
    arguments = [f"--{key.replace('_', '-')}={_text(value)}" for key, value in named.items()]
    arguments += ["--tls"] if tls else []
    arguments += [] if thread else ["--parent-pipe", "--ready-json"]
    return [*_files(config), *arguments]


def _text(value: Json | ConfigPath) -> str:
    return fspath(value) if isinstance(value, PathLike) else str(value)


def _files(config: ConfigPath | Sequence[ConfigPath] | None) -> list[str]:
    """Return config paths as arguments; absolute, so that none can be read as an option."""
    if config is None:
        return []
    paths = [config] if isinstance(config, str | PathLike) else config
    return [os.path.abspath(fspath(path)) for path in paths]
