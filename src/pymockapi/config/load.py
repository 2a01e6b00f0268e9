"""From file names to the configuration that a server starts with."""

from __future__ import annotations

from pymockapi.config.validate import Loaded, Paths, load_by
from pymockapi.engine.configuration import Configuration
from pymockapi.engine.project import read_configuration


def load(paths: Paths) -> Configuration:
    """Return what the files say together; no files say nothing. Raises ``ConfigError``."""
    return load_with_warnings(paths).configuration


def load_with_warnings(paths: Paths) -> Loaded[Configuration]:
    return load_by(read_configuration, paths)
