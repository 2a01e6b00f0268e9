# Made from aio/server.py by tests/client_twins.py: change that, then run 'make client'.
"""A mock server as a test holds it: started as a child process, or attached to.

Knows how a server is found and ended; what happens on it is ``namespace`` and ``control``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from os import fspath
from types import TracebackType
from typing import Final, Self, Unpack

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.client.address import read_address
from pymockapi.client.ca_file import CaFile
from pymockapi.client.control import NO_BODY, Control, NamespaceControl
from pymockapi.client.errors import MockServerError
from pymockapi.client.events import Events
from pymockapi.client.following import Following, Types
from pymockapi.client.foreign_names import KnowsForeignNames
from pymockapi.client.functions import Functions
from pymockapi.client.namespace import Namespace
from pymockapi.client.options import NamespaceOptions, read_namespace
from pymockapi.client.process import Running, Turn, launch
from pymockapi.client.recorded import FoundRequest, Orphan
from pymockapi.client.serving import ConfigPath, serve_arguments
from pymockapi.client.transport import Transport
from pymockapi.client.values import Duration, Json, JsonObject

CALL_TIMEOUT_S: Final = 10.0  # a control call takes milliseconds; this is "it hangs"


class MockServer(KnowsForeignNames):
    """A server of one's own, in a child process; as a context manager it runs for the block.

    With ``thread`` it runs in a thread of this process, and functions can answer requests.

    ``config`` is a config file or a list of them. ``port`` 0 takes a free one. ``on_missing``
    is what becomes of a request that names no namespace: ``reject`` (404) or ``default``.
    ``tls`` serves HTTPS, too, on a free port, with a certificate made for tests; ``tls_ca`` is a
    directory where its CA is kept and found again. ``control_port`` gives the control API a port
    of its own (0: a free one). ``log_file`` is where the server logs, ``artifacts`` a folder for the
    evidence on namespaces that failed, expired or were left open; ``start_timeout`` bounds the start and ``timeout``
    each call, in seconds. ``start`` and ``async with`` raise ``MockServerError`` with the server's
    own words (errors of the config, the port in use) if it does not start. Safe to share by
    threads. The server ends with this process, however that ends.
    """

    def __init__(
        self,
        config: ConfigPath | Sequence[ConfigPath] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        on_missing: str = "reject",
        token: str | None = None,
        seed: int | None = None,
        log_file: ConfigPath | None = None,
        artifacts: ConfigPath | None = None,
        tls: bool = False,
        tls_ca: ConfigPath | None = None,
        control_port: int | None = None,
        thread: bool = False,
        start_timeout: float = 10,
        timeout: float = CALL_TIMEOUT_S,
    ) -> None:
        self._arguments = serve_arguments(
            config, thread=thread, tls=tls, tls_ca=tls_ca, host=host, port=port, on_missing=on_missing,
            seed=seed, log_file=log_file, artifacts=artifacts, control_port=control_port,
        )  # fmt: skip
        self._in_thread = thread
        self._token = token
        self._start_timeout_s = start_timeout
        self._timeout_s = timeout
        self._process: Running | None = None
        self._control: Control | None = None
        self._url = ""
        self._ca_file: CaFile | None = None
        self._is_attached = False
        self._turn = Turn()

    @classmethod
    def attach(
        cls,
        url: str | None = None,
        token: str | None = None,
        *,
        control_url: str | None = None,
        ca_file: ConfigPath | None = None,
        timeout: float = CALL_TIMEOUT_S,
    ) -> Self:
        """Return a handle of a server that runs already; ``stop`` leaves it running.

        What is ``None`` comes from ``PYMOCKAPI_URL``, ``PYMOCKAPI_TOKEN``,
        ``PYMOCKAPI_CONTROL_URL`` and ``PYMOCKAPI_CA_FILE``; without a control URL it is that of the
        mock's own port. ``ca_file`` is a file with the CA of a server at ``https://``; without one
        the CAs of the system are trusted. Raises ``MockServerError`` if there is no URL, no server
        there, or one that is not trusted.
        """
        url = url or os.environ.get("PYMOCKAPI_URL")
        if not url:
            raise MockServerError(
                "There is no server to attach to: give its URL, or set PYMOCKAPI_URL"
                " (http://127.0.0.1:8080)."
            )
        server = cls(token=token or os.environ.get("PYMOCKAPI_TOKEN"), timeout=timeout)
        server._is_attached = True
        control_url = control_url or os.environ.get("PYMOCKAPI_CONTROL_URL") or url
        trusted = ca_file or os.environ.get("PYMOCKAPI_CA_FILE")
        server._connect(url, control_url, None if trusted is None else fspath(trusted))
        return server._asked()

    def _asked(self) -> Self:
        """Return this handle once its server has answered."""
        self.version()
        return self

    def start(self) -> Self:
        """Start the server and return when it takes requests; nothing if it runs already."""
        with self._turn:
            if self._control is None:
                self._launch()
        return self

    def _launch(self) -> None:
        if self._is_attached:
            raise MockServerError(f"This handle let go of {self._url}: attach to it again.")
        hidden = {"PYMOCKAPI_TOKEN": self._token} if self._token else {}  # from lists of processes
        self._process = launch(
            self._arguments, self._start_timeout_s, hidden, thread=self._in_thread
        )
        ready = self._process.ready
        self._token = self._token or ready.get("token")
        self._connect(ready["url"], ready["control_url"])

    def stop(self) -> None:
        """Stop the server, or only let go of it if it was attached to. Idempotent."""
        with self._turn:
            if self._control is not None:
                self._control.transport.close()
                self._control = None
            if self._process is not None:
                process, self._process = self._process, None
                process.stop()
        if self._ca_file is not None:
            self._ca_file.remove()
            self._ca_file = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<MockServer{f' at {self._url}' if self._control else ', not running'}>"

    @property
    def url(self) -> str:
        """The root URL, without a closing slash; requests there name their namespace."""
        self._running()
        return self._url

    @property
    def tls_url(self) -> str:
        """The root URL over HTTPS, as the server says it; ``MockServerError`` if it has none.

        Clients have to trust its CA: ``ca_file`` or ``ca_pem``.
        """
        default = self.default
        return default.tls_url.removesuffix(default.path)

    @property
    def ca_pem(self) -> str:
        """The certificate of the test CA, for ``ssl.create_default_context(cadata=...)``.

        Raises ``MockApiError`` (``unknown-item``) if the server made no certificate.
        """
        return self._running().text("ca")

    @property
    def ca_file(self) -> str:
        """The path of a file with ``ca_pem``, for ``requests.get(..., verify=...)``.

        It is there until ``stop``.
        """
        if self._ca_file is None:
            self._ca_file = CaFile(self.ca_pem)
        return self._ca_file.path

    @property
    def control_url(self) -> str:
        """The root of the control API: ``http://127.0.0.1:8080/__mock/v1``."""
        return self._running().transport.url + CONTROL_ROOT

    @property
    def token(self) -> str | None:
        return self._token

    @property
    def pid(self) -> int | None:
        """The process id of the server, ``None`` if it does not run or was attached to."""
        return int(self._process.ready["pid"]) if self._process else None

    @property
    def default(self) -> Namespace:
        """The namespace of requests that name none, under ``on_missing="default"``."""
        return self.get("default")

    def namespace(
        self,
        name: str | None = None,
        *,
        replace: bool = False,
        **options: Unpack[NamespaceOptions],
    ) -> Namespace:
        """Create a namespace and return it; without a ``name`` one is generated.

        A name in use is ``MockApiError`` (``duplicate-namespace``), unless ``replace``: then a
        new namespace takes its place. See ``NamespaceOptions`` for the keywords.
        """
        __tracebackhide__ = True
        body = read_namespace(name, options)
        if replace and name is None:
            raise TypeError("namespace() needs a name to replace")
        if name is None or not replace:
            return self._ask("create_namespace", body)
        return self._ask("replace_namespace", body, namespace=name)

    def get(self, name: str) -> Namespace:
        """Return the live namespace ``name``, or what is kept of the finished one with that id.

        Raises ``MockApiError`` (``unknown-namespace``, ``finished-namespace``).
        """
        return self._ask("get_namespace", namespace=name)

    def namespaces(self, label: str | None = None) -> list[Namespace]:
        """Return the live namespaces in order of creation; ``label`` as ``test=test_checkout``, or ``test``."""
        found = self._running().call("list_namespaces", query={"label": label})
        return [self._handle(each) for each in found["namespaces"]]

    def finished(self, label: str | None = None) -> list[Namespace]:
        """Return what is kept of finished and expired namespaces, in the order of their ends.

        Such a handle reads (requests, stubs, state, explanations); it changes nothing.
        """
        query = {"label": label, "finished": True}
        found = self._running().call("list_namespaces", query=query)
        return [self._handle(each) for each in found["namespaces"]]

    def find_requests(
        self, correlation: str | None = None, *, label: str | None = None, limit: int | None = None
    ) -> list[FoundRequest]:
        """Return recorded requests of all namespaces, live or finished, the first 100 or ``limit``.

        ``correlation`` is a ``traceparent`` or its trace id, an ``x-request-id`` or an
        ``x-correlation-id``; ``label`` is ``NAME=VALUE`` of the namespace, or a ``NAME``. One of
        them is needed.
        """
        query = {"correlation": correlation, "label": label, "limit": limit}
        found = self._running().call("find_requests", query=query)
        return [FoundRequest(each) for each in found["requests"]]

    def orphans(self) -> list[Orphan]:
        """Return the requests that named no live namespace, oldest first."""
        found = self._running().call("list_orphans")
        return [Orphan(each) for each in found["orphans"]]

    def forget_orphans(self) -> None:
        self._running().call("delete_orphans")

    def events(
        self,
        *,
        seq: int | None = None,
        types: Types | None = None,
        within: Duration | None = None,
        quiet_for: Duration | None = None,
        id: str | None = None,
    ) -> Events:
        """Return the events of every namespace as they come; as ``Namespace.events``.

        They have a ``seq`` of their own, over all namespaces.
        """
        wanted = Following(seq=seq, types=types, identity=id)
        return Events.open(self._running(), None, wanted, within, quiet_for)

    def sets(self) -> list[JsonObject]:
        """Return the sets of the config: name, stubs, state and settings of each."""
        answer = self._running().call("list_sets")
        found: list[JsonObject] = answer["sets"]
        return found

    def config(self) -> JsonObject:
        """Return the config in force: ``document``, its ``version``, ``files``, ``last_error``."""
        answer: JsonObject = self._running().call("get_config")
        return answer

    def put_config(self, document: JsonObject, version: int | None = None) -> JsonObject:
        """Replace the config by ``document``, whole; all of it is in force when this returns.

        ``version`` is that of the config it replaces: if there is another, ``MockApiError``
        (``stale-version``); ``None`` replaces whichever there is. Returns the new ``version``, which
        namespaces were ``created`` or ``followed``, and what ``needs_restart``.
        """
        if_match = "*" if version is None else f'"{version}"'
        answer: JsonObject = self._running().call("put_config", document, if_match=if_match)
        return answer

    def put_set(
        self,
        name: str,
        stubs: Sequence[JsonObject] = (),
        *,
        state: JsonObject | None = None,
        settings: JsonObject | None = None,
    ) -> JsonObject:
        """Define a set of the config, or replace it; namespaces created from now on may use it."""
        body = {"stubs": list(stubs), "state": state or {}, "settings": settings or {}}
        answer: JsonObject = self._running().call("put_set", body, set=name)
        return answer

    def delete_set(self, name: str) -> None:
        """Take a set out of the config. ``MockApiError``: ``unknown-item``, or ``conflict`` while
        a namespace or a row of ``tags`` in the config has it."""
        self._running().call("delete_set", set=name)

    def tags(self) -> JsonObject:
        """Return the config's table of tags: rows by their tag expressions, in their order."""
        return dict((self._running().call("get_tags"))["tags"])

    def mentioned_tags(self) -> list[str]:
        """Return the tags that the expressions of that table mention, each with its ``@``."""
        return list((self._running().call("get_tags"))["mentions"])

    def put_tags(self, table: JsonObject) -> JsonObject:
        """Replace the table of tags, whole: ``{"@slow and not @smoke": {"settings": {...}}}``.

        ``default`` and the namespaces that the config names follow it, as with ``put_config``; all
        others keep what they were created with.
        """
        answer: JsonObject = self._running().call("put_tags", table)
        return answer

    def resolve_tags(self, tags: Sequence[str], sets: Sequence[str] = ()) -> JsonObject:
        """Return what a namespace with these tags and sets would get; nothing changes.

        ``rows`` that hold, ``sets`` and ``layers``, ``settings`` and ``state``, what is
        ``overridden``, which tags are ``ignored``, and the ``errors`` that would refuse it.
        """
        body = {"tags": list(tags), "sets": list(sets)}
        answer: JsonObject = self._running().call("resolve_tags", body)
        return answer

    def version(self) -> JsonObject:
        """Return the versions of server, control API and Python."""
        answer: JsonObject = self._running().call("version")
        return answer

    def _connect(self, url: str, control_url: str, ca_file: str | None = None) -> None:
        self._url = read_address(url).url
        diagnose = self._process.describe_end if self._process is not None else None
        transport = Transport(control_url, self._timeout_s, diagnose, ca_file)
        registry = self._process.functions if self._process is not None else None
        self._control = Control(transport, self._token, Functions(registry))

    def _running(self) -> Control:
        if self._control is None:
            raise MockServerError(
                "The mock server is not running: use it in a with block, or start()."
            )
        return self._control

    def _ask(self, row_name: str, body: Json = NO_BODY, namespace: str = "") -> Namespace:
        control = self._running()
        with control.functions.exchanged(body) as sent:
            return self._handle(control.call(row_name, sent, namespace=namespace))

    def _handle(self, description: JsonObject) -> Namespace:
        name = description["id"] if description.get("finished") else description["name"]
        return Namespace(NamespaceControl(self._running(), name), description, self._url)
