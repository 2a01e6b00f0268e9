"""Whose a request is: what it names, and the live namespace that is meant.

Chosen when a port opens, so that a request pays for what is configured and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from pymockapi.engine.claims import of_head, selected_values
from pymockapi.engine.selectors import NOTHING, Selection, select
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import Request
from pymockapi.model.settings import ServerSettings
from pymockapi.model.stub import RequestValue
from pymockapi.store.memory import DEFAULT, MemoryStore
from pymockapi.store.namespace import Namespace

Route = tuple[Selection, Namespace | None]
"""What decided, and the namespace; ``None`` where no live one is meant."""


class Routing:
    """By path, header, baggage or host, else ``default`` if the server is open.

    A header or baggage that is there for a name and has none is not for ``default``.
    """

    def __init__(self, store: MemoryStore, settings: ServerSettings) -> None:
        self._store = store
        self._prefix = settings.path_prefix
        self.is_open = settings.on_missing == "default"

    def route(self, request: Request) -> Route:
        """Return whose ``request`` is; what a head names is known when it has come before.

        Raises ``ExpressionLimit`` where its body is too much to be read for that.
        """
        memo = request.memo
        if memo is None:
            selection = select(request, self._prefix)
        elif (selection := memo.selection) is None:
            selection = memo.selection = select(request, self._prefix)
        name = selection.name
        if name is None:
            is_default = self.is_open and selection is NOTHING
            return selection, self._store.view(DEFAULT) if is_default else None
        if selection.selector == "host":
            return selection, self._store.view_by_label(name)
        return selection, self._store.view(name)

    def route_part(self, request: Request) -> Route:
        """As ``route``, for one that did not come whole: what came of its body says nothing."""
        return self.route(request)


class ValueRouting(Routing):
    """Asks the server's own selectors, too, where nothing else names a namespace."""

    def __init__(self, store: MemoryStore, settings: ServerSettings) -> None:
        super().__init__(store, settings)
        self._values = SelectedValues(store, settings.selectors)
        self._values_of_head = SelectedValues(store, of_head(settings.selectors))

    def route(self, request: Request) -> Route:
        return self._with_values(request, self._values)

    def route_part(self, request: Request) -> Route:
        return self._with_values(request, self._values_of_head)

    def _with_values(self, request: Request, values: SelectedValues) -> Route:
        selection, space = super().route(request)
        meant = values.meant(request)
        if selection.name is None:
            selector, holder = next(meant, ("", None))
            if holder is None:
                return selection, space
            selection, space = Selection(holder.name, selector), holder
        return compared(selection, space, meant), space


class PortRouting(Routing):
    """All that comes is of one namespace, whose port it is; nobody's once that has ended.

    ``owner`` is its id, since its name may be another's later; ``None``: it is not there yet.
    """

    def __init__(self, store: MemoryStore, settings: ServerSettings, name: str) -> None:
        super().__init__(store, settings)
        self._name = name
        self._values = SelectedValues(store, settings.selectors) if settings.selectors else None
        self._values_of_head = SelectedValues(store, of_head(settings.selectors))
        self.owner: str | None = None

    def route(self, request: Request) -> Route:
        return self._compared(request, self._values)

    def route_part(self, request: Request) -> Route:
        return self._compared(request, self._values and self._values_of_head)

    def _compared(self, request: Request, values: SelectedValues | None) -> Route:
        memo = request.memo
        if memo is None:
            selection = select(request, self._prefix, self._name)
        elif (selection := memo.selection) is None:
            selection = memo.selection = select(request, self._prefix, self._name)
        space = self._store.view(self._name)
        if space is None or space.id != self.owner:
            return selection, None
        if values is not None:
            selection = compared(selection, space, values.meant(request))
        return selection, space


class SelectedValues:
    """Whose the values are that ``selectors`` find: by claim, else by name.

    Nothing of that is kept with a known head: claims come and go, bodies differ.
    """

    def __init__(self, store: MemoryStore, selectors: tuple[RequestValue, ...]) -> None:
        self._store = store
        self._selectors = selectors

    def meant(self, request: Request) -> Iterator[tuple[str, Namespace]]:
        """Yield each selector that finds a value which is a live namespace's, with that.

        Raises ``ExpressionLimit`` when it comes to a body that is too much to be read.
        """
        for selector, value in selected_values(self._selectors, request):
            space = self._store.view_by_value(selector, value)
            if space is not None:
                yield selector, space


def compared(
    selection: Selection, space: Namespace | None, meant: Iterator[tuple[str, Namespace]]
) -> Selection:
    """Return ``selection`` with the first of ``meant`` that is not ``space`` as its conflict."""
    if selection.conflict is not None:
        return selection
    try:
        for selector, other in meant:
            if other is not space:
                return selection._replace(conflict=f"{selector}: {other.name}")
    except ExpressionLimit:
        pass  # it is decided already, so a body that is too much to be read decides nothing
    return selection


def routing_for(store: MemoryStore, settings: ServerSettings) -> Routing:
    """Return how the requests of a server's shared ports find their namespaces."""
    return (ValueRouting if settings.selectors else Routing)(store, settings)
