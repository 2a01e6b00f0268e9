"""Functions as answers: given to a server in a thread of this process, named in what is sent to it.

A definition goes to the server as JSON, so each function in it is exchanged for the token that the
server knows it by. Whoever sends it keeps the callees until the server has answered.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakValueDictionary

from pymockapi.client.recorded import CalledRequest
from pymockapi.client.thread import Callee, Registry
from pymockapi.client.values import Json, JsonObject

Answer = Mapping[str, Any] | str | bytes | None
"""What a function returns: the keys of an answer, a text, bytes, or nothing."""

Function = Callable[[CalledRequest], Answer | Awaitable[Answer]]

NO_THREAD: Final = (
    "a function answers only where the server runs in a thread of this process, as"
    " MockServer(thread=True) does; this one runs elsewhere (docs/callables.md)"
)
_PARTS: Final = ("stubs", "replace_stubs")  # of a namespace, of a batch


class Functions:
    """What exchanges functions for tokens; ``registry`` ``None``: this server can call none."""

    def __init__(self, registry: Registry | None = None) -> None:
        self._registry = registry
        self._known: WeakValueDictionary[int, Callee] = WeakValueDictionary()  # by identity

    @contextmanager
    def exchanged(self, body: Json) -> Iterator[Json]:
        """Give ``body`` as it can be sent; the server knows its functions till the block's end.

        ``body`` is a stub, a list of stubs, or what has such as ``stubs``. Raises ``TypeError`` for
        a function that cannot answer, or a server that cannot call it, and ``RuntimeError`` when
        there are too many.
        """
        __tracebackhide__ = True
        kept: list[Callee] = []
        yield self._body(body, kept)
        kept.clear()  # only now: the stubs have them

    def _body(self, body: Json, kept: list[Callee]) -> Json:
        if isinstance(body, list):
            return [self._body(each, kept) for each in body]
        if not isinstance(body, Mapping):
            return body
        found = dict(body)
        if "response" in found:
            found["response"] = self._answer(found["response"], kept)
        if isinstance(found.get("responses"), list | tuple):
            found["responses"] = [self._answer(each, kept) for each in found["responses"]]
        for part in _PARTS:
            if isinstance(found.get(part), list | tuple):
                found[part] = [self._body(each, kept) for each in found[part]]
        return found

    def _answer(self, answer: Json, kept: list[Callee]) -> Json:
        if not isinstance(answer, Mapping) or isinstance(answer.get("call", ""), str):
            return answer
        callee = self._given(answer["call"])
        kept.append(callee)
        return {**answer, "call": callee.token}

    def _given(self, function: Any) -> Callee:
        if not callable(function):
            raise TypeError(
                "call= takes a function of one argument, the request; got"
                f" {function!r} ({type(function).__name__})"
            )
        if self._registry is None:
            raise TypeError(f"call={name_of(function)}: {NO_THREAD}.")
        if (known := self._known.get(id(function))) is not None:
            return known  # so that the same definition is the same to the server
        _check_arguments(function)
        callee = self._registry.add(name_of(function), self._called(function))
        self._known[id(function)] = callee
        return callee

    def _called(self, function: Any) -> Callable[[JsonObject], object]:
        """Return what the server calls in a thread of its own."""
        if is_async(function):
            raise TypeError(
                f"call={name_of(function)}: a function that is async needs a loop to run in; use"
                " AsyncMockServer, or a function that is not"
            )
        return lambda entry: function(CalledRequest(entry))


def is_async(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - of an object that is called
    )


def name_of(function: Any) -> str:
    """Return what a reader knows the function by: ``test_orders.test_price.<locals>.price``."""
    inner = getattr(function, "func", function)  # of a partial
    module = getattr(inner, "__module__", None) or type(inner).__module__
    name = getattr(inner, "__qualname__", None) or type(inner).__qualname__
    return f"{module}.{name}"


def _check_arguments(function: Any) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of C, and not told
        return
    try:
        signature.bind(None)
    except TypeError:
        raise TypeError(
            f"call={name_of(function)}: it is called with one argument, the request; it takes"
            f" {signature}"
        ) from None
