"""The server of a ``unittest`` class: one for each set of options in a process.

Options are attributes of the class, ``mock_api_port`` and so on; the environment wins over them.
"""

from __future__ import annotations

from pymockapi.client.server import MockServer
from pymockapi.integrations.options import OPTIONS, Options, read_given
from pymockapi.integrations.starting import shared_server


def read_class_options(owner: type) -> Options:
    """Return what ``owner`` and the environment ask for. Raises ``ValueError`` with every mistake."""
    wrong: list[str] = []
    values = [
        read_given(each, getattr(owner, each.ini), f"{each.ini} of {owner.__qualname__}", wrong)
        for each in OPTIONS
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return Options(*values)


def server_of(owner: type) -> MockServer:
    """Return the server for ``owner``, started or attached to by the first that needs it.

    Raises ``ValueError`` and ``MockServerError``; why there is no server is told in full once.
    """
    return shared_server(read_class_options(owner), owner.__qualname__)
