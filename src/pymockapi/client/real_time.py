"""Time that goes on, whatever tests do to theirs: what the client measures its waits by.

Libraries that stop the clock (freezegun) replace ``time.monotonic``, in every module that holds
it; tests of systems that try again replace ``time.sleep``. A limit that is measured by a clock
which stands never ends. So these functions come from a second load of the interpreter's own
module, which nobody else holds; that is safe, since the module keeps nothing between calls.
"""

from __future__ import annotations

import time
from importlib.util import module_from_spec
from typing import Any

_SPEC: Any = time.__spec__
_OWN: Any = module_from_spec(_SPEC)
_SPEC.loader.exec_module(_OWN)


def monotonic() -> float:
    """Return seconds that only grow; comparable with those of ``time.monotonic``."""
    now: float = _OWN.monotonic()
    return now


def sleep(seconds: float) -> None:
    """Let the calling thread wait."""
    _OWN.sleep(seconds)
