"""The two clients have the same names, parameters and documentation, and how one makes the other."""

from __future__ import annotations

import inspect
from typing import Any, Final

import pytest
from tests.client_twins import twin

import pymockapi

PAIRS: Final = [name for name in pymockapi.__all__ if name.startswith("Async")]


def members(owner: Any) -> dict[str, Any]:
    """Return the public methods and properties, the special ones too, by name."""
    found = {
        name: member
        for each in reversed(owner.__mro__[:-1])
        for name, member in vars(each).items()
        if callable(member) or isinstance(member, property | classmethod)
    }
    return {
        name: each for name, each in found.items() if not name.startswith("_") or name[1] == "_"
    }


def signature(member: Any) -> str:
    function: Any = (
        member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    )
    return twin(str(inspect.signature(function).replace(return_annotation=inspect.Signature.empty)))


@pytest.mark.parametrize("name", PAIRS)
def test_a_handle_has_the_same_members_with_the_same_parameters_and_words(name: str) -> None:
    ours = {twin(key): each for key, each in members(getattr(pymockapi, name)).items()}
    theirs = members(getattr(pymockapi, twin(name)))
    assert set(ours) == set(theirs)
    for key, member in ours.items():
        if name == "AsyncState" and key.startswith("__"):
            continue
        assert signature(member) == signature(theirs[key]), key
        assert isinstance(member, property) == isinstance(theirs[key], property), key
        assert twin(member.__doc__ or "") == (theirs[key].__doc__ or ""), key


@pytest.mark.parametrize("name", [name for name in PAIRS if name != "AsyncState"])
def test_a_handle_is_described_alike(name: str) -> None:
    described = getattr(pymockapi, name).__doc__
    assert twin(described) == getattr(pymockapi, twin(name)).__doc__


def test_every_handle_of_the_sync_client_that_calls_has_a_twin() -> None:
    calling = {
        "Clock",
        "Events",
        "Gate",
        "MockServer",
        "Namespace",
        "Pattern",
        "Scope",
        "State",
        "Stub",
    }
    assert {twin(name) for name in PAIRS} == calling


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("async def get(self) -> AsyncStub: ...", "def get(self) -> Stub: ..."),
        ("return await self.stub(await name())", "return self.stub(name())"),
        ("async with x.scope() as y:", "with x.scope() as y:"),
        ("async def __aexit__(self): ...", "def __exit__(self): ..."),
        ("f: Callable[[], Awaitable[list[str]]]", "f: Callable[[], list[str]]"),
        ("from collections.abc import Awaitable, Callable", "from collections.abc import Callable"),
        ("from pymockapi.client.aio.opening import Opening\nx", "x"),
        (
            "from pymockapi.client.aio.stub import AsyncStub",
            "from pymockapi.client.stub import Stub",
        ),
        ("def x() -> Opening[AsyncScope]:", "def x() -> Scope:"),
        ("return Opening(f(a, [b], c))", "return f(a, [b], c)"),
        ("as an async context manager", "as a context manager"),
        ("in an ``async with`` block", "in a ``with`` block"),
        ("shared by tasks", "shared by threads"),
        ("an asynchronous call awaits", "an asynchronous call awaits"),
    ],
)
def test_what_is_async_is_left_out(source: str, expected: str) -> None:
    assert twin(source) == expected


def test_a_bracket_that_never_closes_is_told() -> None:
    with pytest.raises(ValueError, match="no bracket closes what begins at '1, 2'"):
        twin("Opening(1, 2")
