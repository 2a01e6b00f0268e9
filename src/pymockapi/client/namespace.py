# Made from aio/namespace.py by tests/client_twins.py: change that, then run 'make client'.
"""A namespace: one test's private world on a shared server.

Every method is one control call (``docs/control-api.md``), in force when it returns; the
handles it gives out (stubs, patterns, state, clock) call through the same connection pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Final, Self, Unpack

from pymockapi.client.address import own_url
from pymockapi.client.callbacks import Callbacks
from pymockapi.client.clock import Clock
from pymockapi.client.control import NamespaceControl, QueryValue
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.events import Followed
from pymockapi.client.explanation import Explanation, read_explanation
from pymockapi.client.gate import Gate
from pymockapi.client.journal import RequestFilters, count, entries
from pymockapi.client.options import PatternOptions, read_pattern
from pymockapi.client.pattern import Pattern
from pymockapi.client.recorded import RecordedRequest
from pymockapi.client.scope import Scope, open_scope
from pymockapi.client.state import State
from pymockapi.client.stub import Stub, define_stubs
from pymockapi.client.values import Duration, Json, JsonObject, duration, given
from pymockapi.client.verdict import Verdict, finish_body, read_verdict
from pymockapi.client.verifying import Verifying

_GONE: Final = frozenset({"unknown-namespace", "finished-namespace"})

__tracebackhide__ = True  # pytest shows the line that made the call, and none in here


class Namespace(Verifying, Callbacks, Followed):
    """One namespace; as a context manager it is deleted at the end of the block.

    Once it is finished, by this handle, the handle and what came from it go on reading what was
    recorded. ``description`` is the namespace as the server answered when this handle was made,
    ``server_url`` the root that the client reaches the server at. Safe to share by threads.
    """

    def __init__(self, control: NamespaceControl, description: JsonObject, server_url: str) -> None:
        self._control = control
        self._server_url = server_url
        self._created = description
        self.state = State(control)
        self.clock = Clock(control)

    def __repr__(self) -> str:
        return f"<Namespace '{self.name}' at {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.delete_namespace()
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
                "This server has no HTTPS: start it with MockServer(tls=True), or --tls."
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

    def describe(self) -> JsonObject:
        """Return the namespace as it is now: counts, settings, limits, applied layers and what they do to each other."""
        answer: JsonObject = self._control.call("get_namespace")
        return answer

    # Request patterns

    def request(
        self,
        method: str | Sequence[str] | None,
        path: Json = None,
        **options: Unpack[PatternOptions],
    ) -> Pattern:
        """Return the pattern of requests with ``method`` and ``path`` (``None``: any).

        ``method`` may be a list of methods; ``path`` is a template (``/orders/{id}``) or a
        matcher (``{"prefix": "/a/"}``). See ``PatternOptions`` for the keywords; every value may
        be a matcher.
        """
        return Pattern(self._control, read_pattern(method, path, options))

    def any(self, path: Json = None, **options: Unpack[PatternOptions]) -> Pattern:
        return self.request(None, path, **options)

    def get(self, path: Json = None, **options: Unpack[PatternOptions]) -> Pattern:
        return self.request("GET", path, **options)

    def post(self, path: Json = None, **options: Unpack[PatternOptions]) -> Pattern:
        return self.request("POST", path, **options)

    def put(self, path: Json = None, **options: Unpack[PatternOptions]) -> Pattern:
        return self.request("PUT", path, **options)

    def patch(self, path: Json = None, **options: Unpack[PatternOptions]) -> Pattern:
        return self.request("PATCH", path, **options)

    def delete(self, path: Json, **options: Unpack[PatternOptions]) -> Pattern:
        """Return the pattern of DELETE requests; ``delete_namespace`` removes the namespace."""
        return self.request("DELETE", path, **options)

    def head(self, path: Json = None, **options: Unpack[PatternOptions]) -> Pattern:
        return self.request("HEAD", path, **options)

    def options(self, path: Json = None, **options: Unpack[PatternOptions]) -> Pattern:
        return self.request("OPTIONS", path, **options)

    # Stubs

    def stub(self, definition: Mapping[str, Json]) -> Stub:
        """Define one stub, written as in a config file, and return it."""
        (stub,) = self.stubs([definition])
        return stub

    def stubs(self, definitions: Iterable[Mapping[str, Json]]) -> list[Stub]:
        """Define several stubs in one write, all or none, and return them in order."""
        return define_stubs(self._control, [dict(definition) for definition in definitions])

    def find_stub(self, name: str) -> Stub:
        """Return the stub in force under ``name``, whatever its layer.

        Raises ``MockApiError`` (``unknown-stub``), naming the nearest, if there is none.
        """
        found = self._control.call("get_stub", stub=name)
        return Stub(self._control, found["name"], found["definition"])

    def list_stubs(self, layer: str | None = None) -> list[Stub]:
        """Return the stubs in force, strongest first; ``layer``: base, own or ``set:NAME``."""
        found = self._control.call("list_stubs", query={"layer": layer})
        return [Stub(self._control, each["name"], each["definition"]) for each in found["stubs"]]

    def remove_stub(self, name: str, *, own_only: bool = False) -> None:
        """Remove the stub named ``name`` here, whatever its layer.

        With ``own_only`` only the namespace's own is removed, and what it replaced comes back.
        """
        layer = "own" if own_only else None
        self._control.call("delete_stub", query={"layer": layer}, stub=name)

    # Recorded requests

    def cursor(self) -> int:
        """Return the number of the last request, 0 before the first; give it as ``after``."""
        described = self.describe()
        return int(described["counts"]["requests"])

    def requests(
        self,
        pattern: Pattern | Mapping[str, Json] | None = None,
        **filters: Unpack[RequestFilters],
    ) -> list[RecordedRequest]:
        """Return the recorded requests that fit, in order of arrival, from all pages.

        With a ``pattern`` the filters are ``after``, ``limit``, ``stub`` and ``phase``.
        """
        asked = None if pattern is None else _definition(pattern)
        return entries(self._control, given(filters), asked)

    def count(
        self,
        pattern: Pattern | Mapping[str, Json] | None = None,
        *,
        after: int | None = None,
        stub: str | None = None,
    ) -> int:
        """Return how many recorded requests fit ``pattern``, those after number ``after``.

        Raises ``MockServerError`` if dropped entries leave the number in doubt.
        """
        asked = {} if pattern is None else _definition(pattern)
        found = count(self._control, given({**asked, "after": after, "stub": stub}))
        return found.exact()

    def request_number(self, number: int) -> RecordedRequest:
        """Return one recorded request. Raises ``MockApiError`` (``unknown-item``)."""
        return RecordedRequest(self._control.call("get_request", number=str(number)))

    def forget_requests(self) -> None:
        """Delete every recorded request; numbers go on where they were."""
        self._control.call("delete_requests")

    def explain(self, number: int) -> Explanation:
        """Return why request ``number`` got its answer, as of its moment."""
        return read_explanation(self._control.call("explain_request", number=str(number)))

    def match(
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
        return read_explanation(self._control.call("match", {**asked, **body}))

    # Gates

    def gate(self, name: str) -> Gate:
        """Return the gate that stubs name in ``hold``."""
        return Gate(self._control, name)

    def gates(self) -> list[Gate]:
        """Return the gates of the stubs in force, by name."""
        told = self._control.call("list_gates")
        return [Gate(self._control, each["gate"]) for each in told["gates"]]

    # Life

    def apply(self, changes: Mapping[str, Json]) -> JsonObject:
        """Apply a batch of changes, whole or not at all; keys as ``POST NS/apply`` takes them."""
        with self._control.functions.exchanged(dict(changes)) as sent:
            answer: JsonObject = self._control.call("apply", sent)
        return answer

    def reset(self, only: str | Iterable[str] | None = None) -> None:
        """Return all of it, or the parts ``only``, to what it was just after creation.

        Parts: ``stubs``, ``sequences``, ``state``, ``requests``, ``clock``, ``settings``, ``gates``,
        ``callbacks``.
        """
        parts = [only] if isinstance(only, str) else only
        self._control.call("reset_namespace", {} if parts is None else {"only": list(parts)})

    def snapshot(self, name: str | None = None) -> str:
        """Keep stubs, state, cursors, clock and seed; return the snapshot's id."""
        taken = self._control.call("take_snapshot", given({"id": name}))
        return str(taken["id"])

    def restore(self, snapshot: str) -> None:
        """Go back to ``snapshot``; recorded requests and their numbers stay."""
        self._control.call("restore_snapshot", snapshot=snapshot)

    def snapshots(self) -> list[str]:
        """Return the ids of the snapshots, the oldest first."""
        found = self._control.call("list_snapshots")
        return [each["id"] for each in found["snapshots"]]

    def delete_snapshot(self, snapshot: str) -> None:
        self._control.call("delete_snapshot", snapshot=snapshot)

    def scope(self, name: str | None = None) -> Scope:
        """Open a scope, as a ``with`` block: its end undoes all changes, and judges what came."""
        return open_scope(self._control, name)

    def verdict(self) -> Verdict:
        """Return what is wrong with the requests that came so far; ``finish`` tells it, too."""
        return read_verdict(self._control.call("get_verdict"))

    def export(self, format: str = "json", *, redact: bool = True) -> Json:
        """Return all that is known of it, in a format.

        ``json`` (a bundle) and ``har`` are objects; ``ndjson`` (a recorded request a line),
        ``junit`` (what was expected, as test cases) and ``text`` (a page) are texts. Credentials, cookies and what ``settings.redact`` names are replaced by marks, unless
        ``redact`` is false.
        """
        query: dict[str, QueryValue | None] = {"format": format, "redact": redact}
        if format not in ("json", "har"):
            return self._control.text("export", query)
        return self._control.call("export", query=query)

    def fork(
        self,
        name: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        lease: Duration | None = None,
        port: int | None = None,
        claims: Mapping[str, Json] | None = None,
    ) -> Namespace:
        """Create a copy under another name (generated, if ``None``), without the journal.

        ``port`` is one of the copy's own, 0 a free one. Port and claims of this one stay here.
        """
        lease_s = None if lease is None else duration(lease)
        body = given(
            {"name": name, "labels": labels, "lease": lease_s, "port": port, "claims": claims}
        )
        return self._fork(body)

    def _fork(self, body: JsonObject) -> Namespace:
        made = self._control.call("fork_namespace", body)
        control = NamespaceControl(self._control.control, made["name"])
        return Namespace(control, made, self._server_url)

    def renew(self, lease: Duration | None = None) -> None:
        """Renew the lease, or set it to ``lease``."""
        self._control.call("renew_namespace", {} if lease is None else {"lease": duration(lease)})

    def finish(
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
        answer: JsonObject = self._control.call("finish_namespace", body, waits_s=waits_s)
        self._control.name = answer["id"]
        return answer

    def delete_namespace(self) -> None:
        """Delete the namespace; ``default`` is reset instead."""
        self._control.call("delete_namespace")


def _definition(pattern: Pattern | Mapping[str, Json]) -> JsonObject:
    if isinstance(pattern, Pattern):
        return pattern.definition
    if isinstance(pattern, Mapping):
        return dict(pattern)
    raise TypeError(
        "a pattern is one of get(...), post(...) and so on, or a mapping such as"
        f" {{'path': '/orders'}}; got {pattern!r} ({type(pattern).__name__})"
    )
