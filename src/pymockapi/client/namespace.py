"""A namespace: one test's private world on a shared server.

Every method is one control call (``docs/control-api.md``), in force when it returns; the
handles it gives out (stubs, patterns, state, clock) call through the same connection pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Final, Self, Unpack

from pymockapi.client.clock import Clock
from pymockapi.client.control import NamespaceControl
from pymockapi.client.errors import MockApiError, MockServerError
from pymockapi.client.explanation import Explanation, read_explanation
from pymockapi.client.journal import RequestFilters, count, entries
from pymockapi.client.options import PatternOptions, read_pattern
from pymockapi.client.pattern import Pattern
from pymockapi.client.recorded import RecordedRequest
from pymockapi.client.state import State
from pymockapi.client.stub import Stub, define_stubs
from pymockapi.client.values import Duration, Json, JsonObject, duration, given

_GONE: Final = frozenset({"unknown-namespace", "finished-namespace"})


class Namespace:
    """One live namespace; as a context manager it is deleted at the end of the block.

    ``description`` is the namespace as the server answered when this handle was made,
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
        return self._control.name

    @property
    def id(self) -> str:
        """The identity of this incarnation; a new namespace of the same name has another."""
        return str(self._created["id"])

    @property
    def url(self) -> str:
        """The base URL that routes here, without a closing slash; give it to the SUT."""
        path = self._created.get("path")
        return f"{self._server_url}{path}" if path else str(self._created["base_url"])

    @property
    def headers(self) -> dict[str, str]:
        """Headers that route a request here from the server's root URL."""
        return dict(self._created["headers"])

    @property
    def seed(self) -> int:
        return int(self._created["seed"])

    @property
    def labels(self) -> dict[str, str]:
        return dict(self._created["labels"])

    def describe(self) -> JsonObject:
        """Return the namespace as it is now: counts, applied layers, settings, limits."""
        answer: JsonObject = self._control.call("get_namespace")
        return answer

    # Request patterns

    def request(
        self, method: str | None, path: Json = None, **options: Unpack[PatternOptions]
    ) -> Pattern:
        """Return the pattern of requests with ``method`` and ``path`` (``None``: any).

        ``path`` is a template (``/orders/{id}``) or a matcher (``{"prefix": "/a/"}``). See
        ``PatternOptions`` for the keywords; every value may be a matcher.
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
        return self.stubs([definition])[0]

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
        found = self._control.call("list_stubs", query={"layer": layer})["stubs"]
        return [Stub(self._control, each["name"], each["definition"]) for each in found]

    def remove_stub(self, name: str, *, own_only: bool = False) -> None:
        """Remove the stub named ``name`` here, whatever its layer.

        With ``own_only`` only the namespace's own is removed, and what it replaced comes back.
        """
        layer = "own" if own_only else None
        self._control.call("delete_stub", query={"layer": layer}, stub=name)

    # Recorded requests

    def cursor(self) -> int:
        """Return the number of the last request, 0 before the first; give it as ``after``."""
        return int(self.describe()["counts"]["requests"])

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
        return count(self._control, given({**asked, "after": after, "stub": stub})).exact()

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
        **body: Json,
    ) -> Explanation:
        """Return which stub would answer a request now; nothing is recorded or changed.

        ``path`` is with its query. ``body`` is one of ``json``, ``text`` and ``base64``.
        """
        asked = given({"method": method, "path": path, "headers": headers})
        return read_explanation(self._control.call("match", {**asked, **body}))

    # Life

    def apply(self, changes: Mapping[str, Json]) -> JsonObject:
        """Apply a batch of changes, whole or not at all; keys as ``POST NS/apply`` takes them."""
        answer: JsonObject = self._control.call("apply", dict(changes))
        return answer

    def reset(self, only: str | Iterable[str] | None = None) -> None:
        """Return all of it, or the parts ``only``, to what it was just after creation.

        Parts: ``stubs``, ``sequences``, ``state``, ``requests``, ``clock``, ``settings``.
        """
        parts = [only] if isinstance(only, str) else only
        self._control.call("reset_namespace", {} if parts is None else {"only": list(parts)})

    def snapshot(self, name: str | None = None) -> str:
        """Keep stubs, state, cursors, clock and seed; return the snapshot's id."""
        return str(self._control.call("take_snapshot", given({"id": name}))["id"])

    def restore(self, snapshot: str) -> None:
        """Go back to ``snapshot``; recorded requests and their numbers stay."""
        self._control.call("restore_snapshot", snapshot=snapshot)

    def snapshots(self) -> list[str]:
        """Return the ids of the snapshots, the oldest first."""
        return [each["id"] for each in self._control.call("list_snapshots")["snapshots"]]

    def delete_snapshot(self, snapshot: str) -> None:
        self._control.call("delete_snapshot", snapshot=snapshot)

    def fork(
        self,
        name: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        lease: Duration | None = None,
    ) -> Namespace:
        """Create a copy under another name (generated, if ``None``), without the journal."""
        lease_s = None if lease is None else duration(lease)
        body = given({"name": name, "labels": labels, "lease": lease_s})
        made = self._control.call("fork_namespace", body)
        control = NamespaceControl(self._control.control, made["name"])
        return Namespace(control, made, self._server_url)

    def renew(self, lease: Duration | None = None) -> None:
        """Renew the lease, or set it to ``lease``."""
        self._control.call("renew_namespace", {} if lease is None else {"lease": duration(lease)})

    def finish(self, status: str = "passed") -> JsonObject:
        """Close the journal and free the name; return what was in flight and what came late."""
        answer: JsonObject = self._control.call("finish_namespace", {"status": status})
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
