"""Waiting under gevent: where sockets were made to let other greenlets run, ours do so, too.

The interpreter's own sockets block all greenlets of a thread. In a process that gevent has
patched the system under test may be one of them, and what is waited for would never come.
"""

from __future__ import annotations

import sys


def let_others_run(descriptor: int, limit_s: float) -> None:
    """Return when ``descriptor`` can be read, if gevent has patched sockets; else at once.

    Raises ``TimeoutError`` after ``limit_s``.
    """
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("socket"):
        sys.modules["gevent.socket"].wait_read(descriptor, limit_s, TimeoutError())
