"""The functions that tests of this process gave to the server in its thread, by their tokens.

A token is all that the control API ever carries: it names a function and cannot make one. Whoever
has a stub with it keeps the function; when the last such stub is gone, so is the function.
"""

from __future__ import annotations

import secrets
import threading
from typing import Final
from weakref import WeakValueDictionary

from pymockapi.model.callee import Callee, Function

MAX_CALLEES: Final = 10_000  # functions at once, as many as a namespace may have stubs


class TooManyCallees(RuntimeError):
    """Stubs have as many functions as may be; ``str()`` tells what to do."""


class Callees:
    """All that one server may call."""

    def __init__(self) -> None:
        self._by_token: WeakValueDictionary[str, Callee] = WeakValueDictionary()
        self._turn = threading.Lock()  # tests give functions from threads of their own

    def __len__(self) -> int:
        return len(self._by_token)

    def add(self, name: str, function: Function) -> Callee:
        """Return what stands for ``function``; it is known as long as somebody keeps that.

        Raises ``TooManyCallees``.
        """
        with self._turn:
            if len(self._by_token) >= MAX_CALLEES:
                raise TooManyCallees(
                    f"{MAX_CALLEES:,} functions answer requests already, the limit; delete stubs or"
                    " namespaces that are no longer needed"
                )
            callee = Callee(f"{name}#{secrets.token_hex(8)}", name, function)
            self._by_token[callee.token] = callee
            return callee

    def find(self, token: str) -> Callee | str:
        """See ``FindCallee``."""
        return self._by_token.get(token) or (
            f"no function '{token[:200]}' is known: it is one of another server, or the last stub"
            " that had it is gone; define the stub with the function itself"
        )

    def close(self) -> None:
        """Let go of every function: nobody is left to be answered."""
        with self._turn:
            for callee in list(self._by_token.values()):
                callee.function = _closed
            self._by_token.clear()


def _closed(_: object) -> object:
    raise RuntimeError("the server was stopped")
