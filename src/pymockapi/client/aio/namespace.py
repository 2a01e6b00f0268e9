"""A namespace: one test's private world on a shared server.

Every method is one control call (``docs/control-api.md``), in force when it returns; the
handles it gives out (stubs, patterns, state, clock) call through the same connection pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Final, Self, Unpack

from pymockapi.client.address import own_url
from pymockapi.client.aio.callbacks import AsyncCallbacks
from pymockapi.client.aio.clock import AsyncClock
from pymockapi.client.aio.control import AsyncNamespaceControl, QueryValue
from pymockapi.client.aio.events import AsyncFollowed
from pymockapi.client.aio.gate import AsyncGate
from pymockapi.client.aio.journal import RequestFilters, count, entries
from pymockapi.client.aio.opening import Opening, uncancelled
from pymockapi.client.aio.pattern import AsyncPattern
from pymockapi.client.aio.scope import AsyncScope, open_scope
from pymockapi.client.aio.state import AsyncState
from pymockapi.client.aio.stub import AsyncStub, define_stubs
from pymockapi.client.aio.verifying import AsyncVerifying
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.explanation import Explanation, read_explanation
from pymockapi.client.options import PatternOptions, read_pattern
from pymockapi.client.recorded import RecordedRequest
from pymockapi.client.values import Duration, Json, JsonObject, duration, given
from pymockapi.client.verdict import Verdict, finish_body, read_verdict

_GONE: Final = frozenset({"unknown-namespace", "finished-namespace"})

__tracebackhide__ = True  # pytest shows the line that made the call, and none in here


class AsyncNamespace(AsyncVerifying, AsyncCallbacks, AsyncFollowed):
    """One namespace; as an async context manager it is deleted at the end of the block.

    Once it is finished, by this handle, the handle and what came from it go on reading what was
    recorded. ``description`` is the namespace as the server answered when this handle was made,
    ``server_url`` the root that the client reaches the server at. Safe to share by tasks.
    """

    def __init__(
        self, control: AsyncNamespaceControl, description: JsonObject, server_url: str
    ) -> None:
        self._control = control
        self._server_url = server_url
        self._created = description
        self.state = AsyncState(control)
        self.clock = AsyncClock(control)

    def __repr__(self) -> str:
        return f"<AsyncNamespace '{self.name}' at {self.url}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await uncancelled(self.delete_namespace())
        except MockServerError as failure:
            is_gone = isinstance(failure, MockApiError) and failure.code in _GONE
            if not is_gone and error is None:  # never in place of the test's own failure
                raise

    @property
    def name(self) -> str:
        return str(self._created["name"])

    @property
    def id(self) -> str:
        """The identity of this incarnation; a new namespace of the same name has another."""
        return str(self._created["id"])

    @property
    def url(self) -> str:
        """The base URL that routes here, without a closing slash; give it to the SUT.

        It is that of its own port, if it has one.
        """
        if self.port is not None:
            return own_url(self._server_url, self.port)
        path = self._created.get("path")
        return f"{self._server_url}{path}" if path else str(self._created["base_url"])

    @property
    def port(self) -> int | None:
        """Its own port, on which every request is its; ``None`` without one."""
        port: int | None = self._created.get("port")
        return port

    @property
    def path(self) -> str:
        """What stands before every path of this namespace: ``/~NAME``; empty without prefixes."""
        return str(self._created["path"] or "")

    @property
    def tls_url(self) -> str:
        """The base URL over HTTPS. Raises ``MockServerError`` if the server has none."""
        url = self._created.get("tls_url")
        if url is None:
            raise MockServerError(
                "This server has no HTTPS: start it with AsyncMockServer(tls=True), or --tls."
            )
        return str(url)

    @property
    def headers(self) -> dict[str, str]:
        """Headers that route a request here from the server's root URL."""
        return dict(self._created["headers"])

    @property
    def claims(self) -> dict[str, tuple[str, ...]]:
        """The values that route a request here, by the server's selectors."""
        return {name: tuple(values) for name, values in self._created["claims"].items()}

    @property
    def seed(self) -> int:
        return int(self._created["seed"])

    @property
    def labels(self) -> dict[str, str]:
        return dict(self._created["labels"])

    async def describe(self) -> JsonObject:
        """Return the namespace as it is now: counts, settings, limits, applied layers and what they do to each other."""
        answer: JsonObject = await self._control.call("get_namespace")
        return answer

    # Request patterns

    def request(
        self,
        method: str | Sequence[str] | None,
        path: Json = None,
        **options: Unpack[PatternOptions],
    ) -> AsyncPattern:
        """Return the pattern of requests with ``method`` and ``path`` (``None``: any).

        ``method`` may be a list of methods; ``path`` is a template (``/orders/{id}``) or a
        matcher (``{"prefix": "/a/"}``). See ``PatternOptions`` for the keywords; every value may
        be a matcher.
        """
        return AsyncPattern(self._control, read_pattern(method, path, options))

    def any(self, path: Json = None, **options: Unpack[PatternOptions]) -> AsyncPattern:
        return self.request(None, path, **options)

    def get(self, path: Json = None, **options: Unpack[PatternOptions]) -> AsyncPattern:
        return self.request("GET", path, **options)

    def post(self, path: Json = None, **options: Unpack[PatternOptions]) -> AsyncPattern:
        return self.request("POST", path, **options)

    def put(self, path: Json = None, **options: Unpack[PatternOptions]) -> AsyncPattern:
        return self.request("PUT", path, **options)

    def patch(self, path: Json = None, **options: Unpack[PatternOptions]) -> AsyncPattern:
        return self.request("PATCH", path, **options)

    def delete(self, path: Json, **options: Unpack[PatternOptions]) -> AsyncPattern:
        """Return the pattern of DELETE requests; ``delete_namespace`` removes the namespace."""
        return self.request("DELETE", path, **options)

    def head(self, path: Json = None, **options: Unpack[PatternOptions]) -> AsyncPattern:
        return self.request("HEAD", path, **options)

    def options(self, path: Json = None, **options: Unpack[PatternOptions]) -> AsyncPattern:
        return self.request("OPTIONS", path, **options)

    # Stubs

    async def stub(self, definition: Mapping[str, Json]) -> AsyncStub:
        """Define one stub, written as in a config file, and return it."""
        (stub,) = await self.stubs([definition])
        return stub

    async def stubs(self, definitions: Iterable[Mapping[str, Json]]) -> list[AsyncStub]:
        """Define several stubs in one write, all or none, and return them in order."""
        return await define_stubs(self._control, [dict(definition) for definition in definitions])

    async def find_stub(self, name: str) -> AsyncStub:
        """Return the stub in force under ``name``, whatever its layer.

        Raises ``MockApiError`` (``unknown-stub``), naming the nearest, if there is none.
        """
        found = await self._control.call("get_stub", stub=name)
        return AsyncStub(self._control, found["name"], found["definition"])

    async def list_stubs(self, layer: str | None = None) -> list[AsyncStub]:
        """Return the stubs in force, strongest first; ``layer``: base, own or ``set:NAME``."""
        found = await self._control.call("list_stubs", query={"layer": layer})
        return [
            AsyncStub(self._control, each["name"], each["definition"]) for each in found["stubs"]
        ]

    async def remove_stub(self, name: str, *, own_only: bool = False) -> None:
        """Remove the stub named ``name`` here, whatever its layer.

        With ``own_only`` only the namespace's own is removed, and what it replaced comes back.
        """
        layer = "own" if own_only else None
        await self._control.call("delete_stub", query={"layer": layer}, stub=name)

    # Recorded requests

    async def cursor(self) -> int:
        """Return the number of the last request, 0 before the first; give it as ``after``."""
        described = await self.describe()
        return int(described["counts"]["requests"])

    async def requests(
        self,
        pattern: AsyncPattern | Mapping[str, Json] | None = None,
        **filters: Unpack[RequestFilters],
    ) -> list[RecordedRequest]:
        """Return the recorded requests that fit, in order of arrival, from all pages.

        With a ``pattern`` the filters are ``after``, ``limit``, ``stub`` and ``phase``.
        """
        asked = None if pattern is None else _definition(pattern)
        return await entries(self._control, given(filters), asked)

    async def count(
        self,
        pattern: AsyncPattern | Mapping[str, Json] | None = None,
        *,
        after: int | None = None,
        stub: str | None = None,
    ) -> int:
        """Return how many recorded requests fit ``pattern``, those after number ``after``.

        Raises ``MockServerError`` if dropped entries leave the number in doubt.
        """
        asked = {} if pattern is None else _definition(pattern)
        found = await count(self._control, given({**asked, "after": after, "stub": stub}))
        return found.exact()

    async def request_number(self, number: int) -> RecordedRequest:
        """Return one recorded request. Raises ``MockApiError`` (``unknown-item``)."""
        return RecordedRequest(await self._control.call("get_request", number=str(number)))

    async def forget_requests(self) -> None:
        """Delete every recorded request; numbers go on where they were."""
        await self._control.call("delete_requests")

    async def explain(self, number: int) -> Explanation:
        """Return why request ``number`` got its answer, as of its moment."""
        return read_explanation(await self._control.call("explain_request", number=str(number)))

    async def match(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str | list[str]] | None = None,
        scheme: str | None = None,
        **body: Json,
    ) -> Explanation:
        """Return which stub would answer a request now; nothing is recorded or changed.

        ``path`` is with its query, ``scheme`` ``http`` (the default) or ``https``. ``body`` is one of ``json``, ``text`` and ``base64``.
        """
        asked = given({"scheme": scheme, "method": method, "path": path, "headers": headers})
        return read_explanation(await self._control.call("match", {**asked, **body}))

    # Gates

    def gate(self, name: str) -> AsyncGate:
        """Return the gate that stubs name in ``hold``."""
        return AsyncGate(self._control, name)

    async def gates(self) -> list[AsyncGate]:
        """Return the gates of the stubs in force, by name."""
        told = await self._control.call("list_gates")
        return [AsyncGate(self._control, each["gate"]) for each in told["gates"]]

    # Life

    async def apply(self, changes: Mapping[str, Json]) -> JsonObject:
        """Apply a batch of changes, whole or not at all; keys as ``POST NS/apply`` takes them."""
        with self._control.functions.exchanged(dict(changes)) as sent:
            answer: JsonObject = await self._control.call("apply", sent)
        return answer

    async def reset(self, only: str | Iterable[str] | None = None) -> None:
        """Return all of it, or the parts ``only``, to what it was just after creation.

        Parts: ``stubs``, ``sequences``, ``state``, ``requests``, ``clock``, ``settings``, ``gates``,
        ``callbacks``.
        """
        parts = [only] if isinstance(only, str) else only
        await self._control.call("reset_namespace", {} if parts is None else {"only": list(parts)})

    async def snapshot(self, name: str | None = None) -> str:
        """Keep stubs, state, cursors, clock and seed; return the snapshot's id."""
        taken = await self._control.call("take_snapshot", given({"id": name}))
        return str(taken["id"])

    async def restore(self, snapshot: str) -> None:
        """Go back to ``snapshot``; recorded requests and their numbers stay."""
        await self._control.call("restore_snapshot", snapshot=snapshot)

    async def snapshots(self) -> list[str]:
        """Return the ids of the snapshots, the oldest first."""
        found = await self._control.call("list_snapshots")
        return [each["id"] for each in found["snapshots"]]

    async def delete_snapshot(self, snapshot: str) -> None:
        await self._control.call("delete_snapshot", snapshot=snapshot)

    def scope(self, name: str | None = None) -> Opening[AsyncScope]:
        """Open a scope, as an ``async with`` block: its end undoes all changes, and judges what came."""
        return Opening(open_scope(self._control, name))

    async def verdict(self) -> Verdict:
        """Return what is wrong with the requests that came so far; ``finish`` tells it, too."""
        return read_verdict(await self._control.call("get_verdict"))

    async def export(self, format: str = "json", *, redact: bool = True) -> Json:
        """Return all that is known of it, in a format.

        ``json`` (a bundle) and ``har`` are objects; ``ndjson`` (a recorded request a line),
        ``junit`` (what was expected, as test cases) and ``text`` (a page) are texts. Credentials, cookies and what ``settings.redact`` names are replaced by marks, unless
        ``redact`` is false.
        """
        query: dict[str, QueryValue | None] = {"format": format, "redact": redact}
        if format not in ("json", "har"):
            return await self._control.text("export", query)
        return await self._control.call("export", query=query)

    def fork(
        self,
        name: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        lease: Duration | None = None,
        port: int | None = None,
        claims: Mapping[str, Json] | None = None,
    ) -> Opening[AsyncNamespace]:
        """Create a copy under another name (generated, if ``None``), without the journal.

        ``port`` is one of the copy's own, 0 a free one. Port and claims of this one stay here.
        """
        lease_s = None if lease is None else duration(lease)
        body = given(
            {"name": name, "labels": labels, "lease": lease_s, "port": port, "claims": claims}
        )
        return Opening(self._fork(body))

    async def _fork(self, body: JsonObject) -> AsyncNamespace:
        made = await self._control.call("fork_namespace", body)
        control = AsyncNamespaceControl(self._control.control, made["name"])
        return AsyncNamespace(control, made, self._server_url)

    async def renew(self, lease: Duration | None = None) -> None:
        """Renew the lease, or set it to ``lease``."""
        await self._control.call(
            "renew_namespace", {} if lease is None else {"lease": duration(lease)}
        )

    async def finish(
        self,
        status: str = "passed",
        *,
        within: Duration | None = None,
        quiet_for: Duration | None = None,
    ) -> JsonObject:
        """Close the journal and free the name; return the verdict, and what was in flight or late.

        ``within`` waits so long for what stubs ``expect``, ``quiet_for`` then until no request
        has come for so long. Again: the same, with what has come late since.
        """
        body, waits_s = finish_body(status, within, quiet_for)
        answer: JsonObject = await self._control.call("finish_namespace", body, waits_s=waits_s)
        self._control.name = answer["id"]
        return answer

    async def delete_namespace(self) -> None:
        """Delete the namespace; ``default`` is reset instead."""
        await self._control.call("delete_namespace")


def _definition(pattern: AsyncPattern | Mapping[str, Json]) -> JsonObject:
    if isinstance(pattern, AsyncPattern):
        return pattern.definition
    if isinstance(pattern, Mapping):
        return dict(pattern)
    raise TypeError(
        "a pattern is one of get(...), post(...) and so on, or a mapping such as"
        f" {{'path': '/orders'}}; got {pattern!r} ({type(pattern).__name__})"
    )
