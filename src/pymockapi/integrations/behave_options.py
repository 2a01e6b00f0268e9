"""How behave is given the options: ``install``, userdata (the ini file and ``-D``), the environment.

The environment wins over userdata, and that over ``install``; every wrong value is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from pymockapi.integrations.options import (
    OPTIONS,
    Option,
    Options,
    environment_texts,
    read_given,
    read_texts,
)

STEPS_KEY: Final = "mock_api_steps"
_NAMES: Final = [option.name for option in OPTIONS]
_BY_KEY: Final = {option.ini: option for option in OPTIONS}


def check_names(given: Mapping[str, Any]) -> None:
    """Raise ``TypeError`` for a keyword of ``install`` that is no option."""
    for name in given:
        if name not in _NAMES:
            raise TypeError(
                f"install() takes no '{name}'{_nearest(name, _NAMES)}; it takes {', '.join(_NAMES)}"
            )


def read_options(given: Mapping[str, Any], userdata: Mapping[str, str]) -> Options:
    """Return what is asked for. Raises ``ValueError`` with every wrong value."""
    wrong = [
        f"userdata has no '{key}'{_nearest(key, [*_BY_KEY, STEPS_KEY])}"
        for key in userdata
        if key.startswith("mock_api_") and key not in _BY_KEY and key != STEPS_KEY
    ]
    values = [_read(option, given, userdata, wrong) for option in OPTIONS]
    if wrong:
        raise ValueError("\n".join(wrong))
    return Options(*values)


def _read(
    option: Option, given: Mapping[str, Any], userdata: Mapping[str, str], wrong: list[str]
) -> Any:
    if option.ini in userdata and not environment_texts(option):
        text = userdata[option.ini]
        texts = re.split(r"[\s,]+", text.strip()) if option.name == "config" else [text]
        return read_texts(option, [text for text in texts if text], f"userdata {option.ini}", wrong)
    return read_given(option, given.get(option.name), f"install({option.name}=...)", wrong)


def _nearest(name: str, names: list[str]) -> str:
    found = get_close_matches(name, names, 1)
    return f"; did you mean '{found[0]}'?" if found else ""
