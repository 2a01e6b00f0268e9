"""The course of a namespace as documents: what its first recorded request met, and what was written since.

They hold all that sending the requests again needs: bodies that stood in files, too. A stub that
is in force in the same layer at the end is told by its name alone.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

from pymockapi.engine.behaviours import told_alone
from pymockapi.model.exchange import MAX_SHOWN_BYTES
from pymockapi.model.request import printable
from pymockapi.model.response import Response
from pymockapi.model.slices import Work, in_slices
from pymockapi.model.stub import Json, Stub
from pymockapi.service.listing import Pause, members, worked
from pymockapi.service.veils import Veil
from pymockapi.store.cells import Cell
from pymockapi.store.history import Layers
from pymockapi.store.namespace import OWN, Namespace
from pymockapi.store.retracing import Counters, Turn, retrace

Document = dict[str, Any]
Listed = Mapping[str, AbstractSet[Stub]]


class CourseDocuments:
    """Makes the documents of ``space``; ``listed`` are the stubs that need no more than a name."""

    def __init__(
        self,
        space: Namespace,
        listed: Listed,
        pause: Pause,
        veil: Veil,
    ) -> None:
        self._space = space
        self._listed = listed
        self._pause = pause
        self._veil = veil

    async def make(self, number: int) -> Document:
        """Return ``start``, as request ``number`` met it, and ``changes`` since."""
        course = await in_slices(retrace(self._space, number), self._pause)
        space = self._space
        seed = course.settings.get("seed", space.spec.seed)
        start: Document = {
            "number": course.number,
            "complete": course.complete,
            "seed": seed,
            "layers": [
                *await self._layers(course.layers),
                {"name": OWN, "stubs": await self._stubs(OWN, course.own)},
            ],
            "hidden": sorted(course.hidden),
            "state": await members(course.state, self._veil.data, self._pause),
            "settings": await self._settings(course.settings),
            "counters": await self._counters(course.counters),
        }
        return {"start": start, "changes": [await self._change(turn) for turn in course.turns]}

    async def _change(self, turn: Turn) -> Document:
        change: Document = {"after": turn.after}
        if turn.layers is not None:
            change["layers"] = await self._layers(turn.layers)
        if turn.own is not None:
            change["own"] = await self._stubs(OWN, turn.own)
        if turn.defined:
            change["defined"] = await self._stubs(OWN, turn.defined)
        if turn.removed:
            change["removed"] = list(turn.removed)
        if turn.hidden is not None:
            change["hidden"] = sorted(turn.hidden)
        if turn.state is not None:
            change["state"] = await members(turn.state, self._veil.data, self._pause)
        if turn.settings is not None:
            change["settings"] = await self._settings(turn.settings)
        if turn.counters:
            change["counters"] = await self._counters(turn.counters)
        return change

    async def _layers(self, layers: Layers) -> list[Document]:
        return [
            {"name": name, "stubs": await self._stubs(name, layer.stubs)} for name, layer in layers
        ]

    async def _stubs(self, layer: str, stubs: Sequence[Stub]) -> list[Any]:
        return await worked(stubs, partial(self._stub, layer), self._pause)

    def _stub(self, layer: str, stub: Stub) -> Work[Json]:
        definition = standing_alone(stub)
        is_listed = definition is stub.definition and stub in self._listed.get(layer, ())
        return stub.name if is_listed else (yield from self._veil.definition(definition))

    async def _settings(self, given: Mapping[str, Json]) -> Json:
        settings, space = dict(given), self._space
        made = space.settings.unmatched
        if made is not None and settings.get("unmatched") is space.settings_given.get("unmatched"):
            settings["unmatched"] = _inlined(settings["unmatched"], made)
        if "behaviour" in settings:
            own = space.configuration.document.get("behaviours", {})
            settings["behaviour"] = told_alone(settings["behaviour"], own)
        return await in_slices(self._veil.definition(settings), self._pause)

    async def _counters(self, counters: Counters) -> list[Any]:
        return await worked(list(counters.items()), self._counter, self._pause)

    def _counter(self, item: tuple[str, Cell | None]) -> Work[Any]:
        name, cell = item
        cursors = {} if cell is None else cell.cursors
        told = [
            {"key": None if key is None else printable(key), "position": position}
            for key, position in cursors.items()
        ]
        if cell is not None:
            told = self._veil.cursors(cell.stub, told)
        hits = 0 if cell is None else cell.hits
        document = {"stub": name, "hits": hits, "cursors": told}
        return (yield from self._veil.clean(document))


def standing_alone(stub: Stub) -> Mapping[str, Any]:
    """Return the definition of ``stub``, with bodies of files in place of their names.

    A body over 1 MiB stays in its file.
    """
    definition: Mapping[str, Any] = stub.definition
    answers = definition.get("responses", [definition.get("response", {})])
    inlined = [
        _inlined(answer, step.response) for answer, step in zip(answers, stub.steps, strict=True)
    ]
    if all(one is other for one, other in zip(inlined, answers, strict=True)):
        return definition
    if "responses" in definition:
        return {**definition, "responses": inlined}
    return {**definition, "response": inlined[0]}


def _inlined(answer: Any, made: Response) -> Any:
    """Return ``answer``, a definition of what was ``made`` of it, without a file."""
    if "file" not in answer or len(made.body) > MAX_SHOWN_BYTES:
        return answer
    headers = dict(answer.get("headers", {}))
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = dict(made.headers)["Content-Type"]
    rest = {key: value for key, value in answer.items() if key not in ("file", "headers")}
    return {**rest, "headers": headers, **_body(made.body)}


def _body(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
