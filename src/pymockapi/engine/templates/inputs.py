"""What a template may read: the request, the state, and who is asked.

Names of the request are read as in matching: of a value that came more than once the first counts,
names of headers ignore case. Bytes that are no UTF-8 become U+FFFD.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pymockapi.engine.templates.runtime import Missing, Rendering, Value
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.json_reading import NOT_JSON
from pymockapi.model.rendering import RenderingFailed
from pymockapi.model.request import Request, printable
from pymockapi.model.stub import STEP_BYTES, Json

Evaluate = Callable[[Rendering], Value]
_COPIED_A_STEP: Final = 16  # members of the state; 10 ns each
_LONG: Final = 1024  # characters for which a step is taken
Find = Callable[[str], Evaluate]


def _method(rendering: Rendering) -> Value:
    return rendering.request.method


def _path(rendering: Rendering) -> Value:
    return printable(rendering.request.path)


def _url(rendering: Rendering) -> Value:
    request = rendering.request
    _, mark, query = request.target.partition("?")
    return printable(request.raw_path + mark + query)


def _body(rendering: Rendering) -> Value:
    request = rendering.request
    if request.undecoded:
        return Missing("request.body")
    text: str = _read(lambda: request.text)
    return _readable(text, rendering)


def _json(rendering: Rendering) -> Value:
    request = rendering.request
    _charge(request.unread_bytes, rendering)
    document = _read(lambda: request.json)
    return Missing("request.json") if document is NOT_JSON else document


def _charge(size: int, rendering: Rendering) -> None:
    """Take the steps of reading ``size`` bytes of a body, and of undoing its codings."""
    request = rendering.request
    rendering.step(size // STEP_BYTES + request.owed_steps)
    request.owed_steps = 0


def _read(view: Callable[[], Json]) -> Json:
    """Return a view of the body; one that is too large to be read is a limit."""
    try:
        return view()
    except ExpressionLimit as limit:
        raise RenderingFailed(str(limit), is_limit=True) from None


def _firsts(values: Mapping[str, Sequence[str]], rendering: Rendering) -> dict[str, Json]:
    rendering.step(len(values))
    return {printable(name): _readable(each[0], rendering) for name, each in values.items() if each}


def _by_name(request: Request) -> Mapping[str, Sequence[str]]:
    names = dict.fromkeys(name.lower() for name, _ in request.headers)
    return {name: request.header(name) for name in names}


def _form_of(rendering: Rendering) -> Mapping[str, Sequence[str]]:
    request = rendering.request
    _charge(0 if request.has_form else len(request.content), rendering)
    form: Mapping[str, Sequence[str]] = _read(lambda: request.form)
    return form


def _readable(text: str, rendering: Rendering) -> str:
    """Return ``text`` fit for JSON; looking at a long one takes steps."""
    if len(text) > _LONG:
        rendering.step(len(text) // _LONG)
    return printable(text)


def _found(rendering: Rendering, values: Sequence[str] | None, field: str, name: str) -> Value:
    if not values:
        return Missing(f"request.{field}{notation(name)}")
    return _readable(values[0], rendering)


def notation(name: str | int) -> str:
    """Return how a template reads the member ``name`` of something."""
    is_plain = isinstance(name, str) and name.isidentifier() and name.isascii()
    return f".{name}" if is_plain else f"[{name!r}]"


def _param(name: str) -> Evaluate:
    missing = Missing(f"request.params{notation(name)}")

    def read(rendering: Rendering) -> Value:
        captured = rendering.occasion.captures().get(name)
        return missing if captured is None else printable(captured)

    return read


def _query(name: str) -> Evaluate:
    return lambda rendering: _found(rendering, rendering.request.query.get(name), "query", name)


def _header(name: str) -> Evaluate:
    lowered = name.lower()
    return lambda rendering: _found(rendering, rendering.request.header(lowered), "headers", name)


def _cookie(name: str) -> Evaluate:
    return lambda rendering: _found(rendering, rendering.request.cookies.get(name), "cookies", name)


def _form(name: str) -> Evaluate:
    return lambda rendering: _found(rendering, _form_of(rendering).get(name), "form", name)


def _base_url(rendering: Rendering) -> Value:
    told, request = rendering.occasion, rendering.request
    if not request.host:
        return Missing("base_url")
    return printable(f"{request.scheme}://{request.host}{told.outside}{request.prefix}")


def state_itself(rendering: Rendering) -> Value:
    """Return the state to look at, not to keep."""
    return rendering.occasion.state


def _state(rendering: Rendering) -> Value:
    """Return the state as a value of its own: written to the state, it must not hold itself."""
    state = rendering.occasion.state
    rendering.step(len(state) // _COPIED_A_STEP)
    return dict(state)


REQUEST: Final[dict[str, Evaluate]] = {
    "method": _method,
    "url": _url,
    "path": _path,
    "body": _body,
    "json": _json,
    "params": lambda rendering: {
        name: printable(value) for name, value in rendering.occasion.captures().items()
    },
    "query": lambda rendering: _firsts(rendering.request.query, rendering),
    "headers": lambda rendering: _firsts(_by_name(rendering.request), rendering),
    "cookies": lambda rendering: _firsts(rendering.request.cookies, rendering),
    "form": lambda rendering: _firsts(_form_of(rendering), rendering),
}
"""Fields of ``request``, read whole."""

NAMED: Final[dict[str, Find]] = {
    "params": _param,
    "query": _query,
    "headers": _header,
    "cookies": _cookie,
    "form": _form,
}
"""Fields of ``request`` of which one value is read, by its name."""

INPUTS: Final[dict[str, Evaluate]] = {
    "state": _state,
    "namespace": lambda rendering: rendering.occasion.namespace,
    "base_url": _base_url,
    "hit": lambda rendering: rendering.occasion.hit,
}
