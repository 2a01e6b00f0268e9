"""The keyword arguments that patterns, responses and stubs take, and the JSON they become.

The keys are those of ``docs/matching.md`` and ``docs/control-api.md``; values pass as they
are, so that every value matcher of the server can be given: ``query={"page": {"gt": 1}}``.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

from pymockapi.client.foreign_names import PATTERN_KEYWORDS, RESPONSE_KEYWORDS
from pymockapi.client.functions import Function
from pymockapi.client.values import (
    Duration,
    Json,
    JsonObject,
    check_options,
    duration,
    given,
    instant,
)

Matchers = Mapping[str, Json]
_BODY_KEYS: Final = (
    "json",
    "json_contains",
    "jsonpath",
    "json_schema",
    "graphql",
    "text",
    "form",
    "multipart",
    "xml",
    "xpath",
    "namespaces",
)
_NULLABLE: Final = ("json", "json_contains")  # null is a JSON value, not "not given"


class PatternOptions(TypedDict, total=False):
    """What a request must have beside method and path.

    ``query``, ``headers``, ``cookies`` and ``form`` map names to value matchers, ``jsonpath``
    maps expressions to them; ``json`` must be equal, ``json_contains`` contained; the body must
    satisfy ``json_schema``; ``graphql`` is ``{"operation": ..., "type": ..., "variables": ...,
    "query": ...}``; ``multipart`` maps names of parts to ``{"filename": ..., "json": ...}`` and
    its like; the body must be the document ``xml``, and what each expression of ``xpath`` yields
    must fit, with the prefixes of ``namespaces``; ``auth`` is
    ``{"basic": {...}}``, ``{"bearer": ...}`` or ``{"digest": {...}}``; ``body`` takes any keys of a pattern's
    ``body`` (``{"base64": ...}``). ``query_only`` refuses query keys that are not named.
    """

    query: Matchers | None
    query_only: bool | None
    headers: Matchers | None
    cookies: Matchers | None
    auth: Matchers | None
    json: Json
    json_contains: Json
    jsonpath: Matchers | None
    json_schema: Matchers | bool | None
    graphql: Matchers | None
    text: Json
    form: Matchers | None
    multipart: Matchers | None
    xml: str | None
    xpath: Matchers | None
    namespaces: Mapping[str, str] | None
    body: Matchers | None
    host: Json
    scheme: Json
    client: Matchers | None


class ResponseOptions(TypedDict, total=False):
    """An answer beside its status, with at most one body.

    That is ``json``, ``text``, ``base64``, ``content`` (bytes) or ``file`` (the name of one below
    the folder of the server's config). ``headers`` map names to a value or a list; ``delay`` is a
    duration (``"250ms"``, seconds, or a timedelta), or what it is drawn from: ``{"uniform": ["50ms",
    "150ms"]}``, ``{"lognormal": {"median": "90ms", "sigma": 0.4}}``; ``hold`` names the gate at which it waits;
    ``throttle`` is how fast its body leaves (``"10kB/s"``, or bytes per second). ``stream`` is a body
    in pieces (``{"text": ..., "after": "1s"}``, or ``json``, ``base64``, ``content``), ``sse`` are
    server-sent events (``{"data": ..., "event": ..., "id": ..., "after": ...}``), ``trailers`` the
    headers behind the body. ``fault`` is what goes wrong with it on its way (``"reset"``, or
    ``{"kind": "reset", "probability": 0.3}``; ``"none"`` spares it from the namespace's). ``callbacks``
    are requests that the mock makes once it has left (``{"url": "http://...", "json": {...}, "delay":
    "200ms"}``); ``times`` is how many requests this step serves.
    ``call`` is a function that gets the request and returns what else is sent, on a server in a
    thread of this process (``MockServer(thread=True)``).
    With ``template`` body, headers and trailers are templates: ``json={"id": "{{ request.params.id }}"}``.
    """

    reason: str | None
    headers: Mapping[str, str | Sequence[str]] | None
    json: Json
    text: str | None
    base64: str | None
    content: bytes | None
    file: str | None
    call: Function | None
    template: bool | None
    delay: Duration | Matchers | None
    hold: str | None
    throttle: str | float | None
    fault: str | Mapping[str, Json] | None
    stream: Sequence[Matchers] | None
    sse: Sequence[Matchers] | None
    trailers: Mapping[str, str | Sequence[str]] | None
    callbacks: Sequence[Matchers] | None
    times: int | None


class StepOptions(ResponseOptions, total=False):
    """A further step: an answer, and what it writes to the state (``set``)."""

    set: Matchers | None


class StubOptions(TypedDict, total=False):
    """What a stub has beside request and answers.

    ``when`` is state that must hold, ``set`` what each request writes to it; ``per`` gives
    each value of a request value (``"header.x-tenant"``) its own cursor; ``after_last`` is
    ``repeat``, ``cycle``, ``pass`` or ``fail``; ``stub_times`` bounds the requests that the
    whole stub serves; ``priority`` is 5 by default and strongest at 1. ``expect`` is how many
    requests the verdict expects it to answer: a number, or ``{"at_least": 1}`` and its like.
    """

    name: str | None
    priority: int | None
    when: Matchers | None
    set: Matchers | None
    per: str | None
    after_last: str | None
    stub_times: int | None
    expect: int | Matchers | None
    meta: Matchers | None


class RespondOptions(ResponseOptions, StubOptions, total=False):
    """An answer and its stub in one; ``times`` is the answer's, ``set`` the stub's."""


_ANSWER_KEYS: Final = frozenset({"status", *RespondOptions.__annotations__})


class NamespaceOptions(TypedDict, total=False):
    """What a namespace is created with.

    ``sets`` are names of the config's sets; ``tags`` those of the test (``["@slow", "smoke"]``), for
    the config's table of tags, ``@mock.NAME`` asks for a set; ``stubs`` definitions of its own; ``clock`` an
    instant to freeze at, or the clock as in the control API; ``lease`` a duration after which
    an unused namespace finishes; ``port`` a port of its own, 0 for a free one; ``claims`` the
    values that route a request here, by the server's selectors: ``{"bearer": "token-of-alice"}``.
    """

    sets: Sequence[str]
    tags: Sequence[str]
    stubs: Sequence[Matchers]
    state: Matchers | None
    seed: int | None
    clock: Json
    labels: Mapping[str, str] | None
    settings: Matchers | None
    limits: Mapping[str, int] | None
    lease: Duration | None
    port: int | None
    claims: Mapping[str, Json] | None


def read_pattern(
    method: str | Sequence[str] | None, path: Json, options: PatternOptions
) -> JsonObject:
    """Return a request pattern as JSON; ``None`` for method or path means any."""
    __tracebackhide__ = True
    elsewhere = PATTERN_KEYWORDS | {key: f"'{key}' goes to respond()" for key in _ANSWER_KEYS}
    check_options(options, PatternOptions.__annotations__, "a request pattern", elsewhere)
    methods = method if isinstance(method, str | None) else list(method)
    pattern = given({"method": methods, "path": path, **options}, nullable=_NULLABLE)
    body = dict(_members(pattern.pop("body", {})))
    body |= {key: pattern.pop(key) for key in _BODY_KEYS if key in pattern}
    return pattern | ({"body": body} if body else {})


def read_step(status: int, options: StepOptions) -> JsonObject:
    """Return an answer as JSON, as one step of a sequence. Raises ``TypeError`` for two bodies."""
    __tracebackhide__ = True
    if not isinstance(status, int):
        raise TypeError(_no_status(status))
    known = {"status", *StepOptions.__annotations__}
    check_options(options, known, "a response", RESPONSE_KEYWORDS)
    step = given({"status": status, **options}, nullable=("json",))
    if "content" in step:
        if not isinstance(step["content"], bytes | bytearray | memoryview):
            raise TypeError(f"content= takes bytes, got {step['content']!r}; a text is text=")
        step["base64"] = b64encode(step.pop("content")).decode()
        if options.get("base64") is not None:
            raise TypeError("a response has one body: give 'base64' or 'content', not both")
    if "delay" in step:
        step["delay"] = _delay(step["delay"])
    for key in ("stream", "sse"):
        if isinstance(step.get(key), list | tuple):
            step[key] = [_piece(each) for each in step[key]]
    return step


def _piece(given: Json) -> Json:
    """Return a piece of a body, or an event, as JSON."""
    if not isinstance(given, Mapping):
        return given
    piece = dict(given)
    if isinstance(piece.get("content"), bytes | bytearray | memoryview):
        piece["base64"] = b64encode(piece.pop("content")).decode()
    if "after" in piece:
        piece["after"] = _delay(piece["after"])
    return piece


def _delay(given: Json) -> Json:
    """Return a delay as JSON, with every duration in it as text or seconds."""
    if isinstance(given, Mapping):
        return {key: _delay(each) for key, each in given.items()}
    if isinstance(given, list | tuple):
        return [_delay(each) for each in given]
    return duration(given)


def _no_status(given: object) -> str:
    """Tell that ``given`` is no status, and how the body that it may be is given."""
    name = "text" if isinstance(given, str) else "content" if isinstance(given, bytes) else "json"
    name = "call" if callable(given) else name
    return (
        f"an answer begins with its status, a number, got {given!r}; the body goes by name, as in"
        f" respond({name}={given!r})"
    )


def _members(body: object) -> Matchers:
    if isinstance(body, Mapping):
        return body
    name = "text" if isinstance(body, str) else "json"
    raise TypeError(
        f"body= takes the keys of a pattern's body, as {{'base64': ...}}, got {body!r}; did you mean"
        f" {name}={body!r}?"
    )


def read_stub(options: StubOptions) -> JsonObject:
    """Return the members of a stub beside its request and its answers."""
    __tracebackhide__ = True
    check_options(options, StubOptions.__annotations__, "a stub")
    stub = given(options)
    if "stub_times" in stub:
        stub["times"] = stub.pop("stub_times")
    return stub


def split_respond(options: RespondOptions) -> tuple[StepOptions, StubOptions]:
    """Part what ``respond`` was given into the answer's options and the stub's."""
    __tracebackhide__ = True
    asked = {key: f"'{key}' goes to the request pattern" for key in PatternOptions.__annotations__}
    known = {"status", *RespondOptions.__annotations__}
    check_options(options, known, "respond()", {**asked, **RESPONSE_KEYWORDS})
    mine = StubOptions.__annotations__
    stub = {key: value for key, value in options.items() if key in mine}
    step = {key: value for key, value in options.items() if key not in mine}
    return StepOptions(**step), StubOptions(**stub)  # type: ignore[typeddict-item]


def read_namespace(name: str | None, options: NamespaceOptions) -> JsonObject:
    """Return the body that creates a namespace."""
    __tracebackhide__ = True
    check_options(options, NamespaceOptions.__annotations__, "namespace()")
    body = given({"name": name, **options})
    for key in ("sets", "tags", "stubs"):
        body[key] = list(body.get(key, ()))
    if "clock" in body and not isinstance(body["clock"], Mapping):
        body["clock"] = {"mode": "frozen", "now": instant(body["clock"])}
    if "lease" in body:
        body["lease"] = duration(body["lease"])
    return {key: value for key, value in body.items() if value != []}
