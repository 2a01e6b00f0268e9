"""What tags brought to a namespace, as it is told: values only."""

from __future__ import annotations

from typing import Final

import msgspec

OF_CONFIG: Final = "config"
OF_NAMESPACE: Final = "namespace"
BY_NAME: Final = "sets"  # where a set is from that was asked for by its name


class Override(msgspec.Struct, frozen=True):
    """A value at ``pointer`` (``/state/cart``) that came from ``source`` and is ``by``'s now.

    Both are ``config`` (its top level), ``set:NAME``, a row's expression, or ``namespace``.
    """

    pointer: str
    source: str
    by: str


class Applied(msgspec.Struct, frozen=True):
    """What was applied when a namespace was made.

    ``tags`` are those given, each once, with ``@``; ``rows`` the expressions that held, in the
    table's order; ``sets`` in the order of their layers, each with what asked for it; ``ignored``
    the tags that no row mentions and that name no set.
    """

    tags: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    sets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    overridden: tuple[Override, ...] = ()
    ignored: tuple[str, ...] = ()
