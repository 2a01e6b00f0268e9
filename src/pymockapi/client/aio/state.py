"""The state of a namespace in the async client; every use is one control call, to be awaited.

Python awaits no assignment, so what the sync client writes as in a dict is ``update`` here.
"""

from __future__ import annotations

from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Final, NoReturn

from pymockapi.client.aio.control import AsyncNamespaceControl
from pymockapi.client.values import Json, JsonObject

_HINT: Final = (
    "the state of an async client is on the server: to read, await state.all() and use that dict;"
    " to write, await state.update({...})"
)


class AsyncState:
    """A flat map of JSON values that stubs read (``when``) and write (``set``).

    Reading gives the state of that moment: ``await state["cart"]``. Writing ``None`` removes a
    key, as null does in the API (RFC 7396); ``replace`` can hold nulls. Each write is atomic on
    its own.
    """

    def __init__(self, control: AsyncNamespaceControl) -> None:
        self._control = control

    def __repr__(self) -> str:
        return f"<AsyncState of namespace '{self._control.name}'>"

    async def all(self) -> JsonObject:
        """Return the whole state as a dict of its own."""
        answer: JsonObject = await self._control.call("get_state")
        return answer

    async def __getitem__(self, key: str) -> Json:
        return (await self.all())[key]

    def __eq__(self, other: object) -> bool:
        """Refuse to compare with a mapping: that would be a call that nobody awaits."""
        if isinstance(other, Mapping):
            raise TypeError(_HINT)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    if not TYPE_CHECKING:  # type checkers find it themselves, if nothing is said to be there

        def _refuse(self, *_: object) -> NoReturn:
            raise TypeError(_HINT)

        __setitem__ = __delitem__ = __contains__ = __iter__ = __len__ = _refuse

    async def get(self, key: str, default: Json = None) -> Json:
        return (await self.all()).get(key, default)

    async def keys(self) -> KeysView[str]:
        return (await self.all()).keys()

    async def values(self) -> ValuesView[Json]:
        return (await self.all()).values()

    async def items(self) -> ItemsView[str, Json]:
        return (await self.all()).items()

    async def update(self, values: Mapping[str, Json] | None = None, **more: Json) -> None:
        """Merge ``values`` and ``more`` in one write."""
        await self._control.call("merge_state", {**(values or {}), **more})

    async def replace(self, values: Mapping[str, Json]) -> None:
        """Make ``values`` the whole state, in one write."""
        await self._control.call("replace_state", dict(values))

    async def clear(self) -> None:
        await self.replace({})
