"""The state of a namespace, used like a dict; every use is one control call."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView

from pymockapi.client.control import NamespaceControl
from pymockapi.client.errors import MockServerError
from pymockapi.client.values import Json, JsonObject


class State:
    """A flat map of JSON values that stubs read (``when``) and write (``set``).

    Reading gives the state of that moment. Writing ``None`` removes a key, as null does in the
    API (RFC 7396); ``replace`` can hold nulls. Each write is atomic on its own.
    """

    def __init__(self, control: NamespaceControl) -> None:
        self._control = control

    def __repr__(self) -> str:
        try:
            return f"<State {self.all()} of namespace '{self._control.name}'>"
        except MockServerError:  # what is shown in a failure must not fail itself
            return f"<State of namespace '{self._control.name}'>"

    def all(self) -> JsonObject:
        """Return the whole state as a dict of its own."""
        answer: JsonObject = self._control.call("get_state")
        return answer

    def __getitem__(self, key: str) -> Json:
        return self.all()[key]

    def __setitem__(self, key: str, value: Json) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        """Remove ``key``. Raises ``KeyError`` if it is not there."""
        if key not in self:
            raise KeyError(key)
        self.update({key: None})

    def __contains__(self, key: object) -> bool:
        return key in self.all()

    def __iter__(self) -> Iterator[str]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    def __eq__(self, other: object) -> bool:
        return self.all() == other if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def get(self, key: str, default: Json = None) -> Json:
        return self.all().get(key, default)

    def keys(self) -> KeysView[str]:
        return self.all().keys()

    def values(self) -> ValuesView[Json]:
        return self.all().values()

    def items(self) -> ItemsView[str, Json]:
        return self.all().items()

    def update(self, values: Mapping[str, Json] | None = None, **more: Json) -> None:
        """Merge ``values`` and ``more`` in one write."""
        self._control.call("merge_state", {**(values or {}), **more})

    def replace(self, values: Mapping[str, Json]) -> None:
        """Make ``values`` the whole state, in one write."""
        self._control.call("replace_state", dict(values))

    def clear(self) -> None:
        self.replace({})
