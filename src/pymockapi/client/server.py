"""A mock server as a test holds it: started as a child process, or attached to.

Knows how a server is found and ended; what happens on it is ``namespace`` and ``control``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from os import PathLike, fspath
from types import TracebackType
from typing import Final, Self, Unpack

from pymockapi.api.rows import CONTROL_ROOT
from pymockapi.client.control import Control, NamespaceControl
from pymockapi.client.errors import MockServerError
from pymockapi.client.namespace import Namespace
from pymockapi.client.options import NamespaceOptions, read_namespace
from pymockapi.client.process import ServerProcess
from pymockapi.client.recorded import Orphan
from pymockapi.client.transport import Transport
from pymockapi.client.values import Json, JsonObject

ConfigPath = str | PathLike[str]
CALL_TIMEOUT_S: Final = 10.0  # a control call takes milliseconds; this is "it hangs"


class MockServer:
    """A server of one's own, in a child process; as a context manager it runs for the block.

    ``config`` is a config file or a list of them. ``port`` 0 takes a free one. ``on_missing``
    is what becomes of a request that names no namespace: ``reject`` (404) or ``default``.
    ``log_file`` is where the server logs; ``start_timeout`` bounds the start and ``timeout``
    each call, in seconds. ``start`` and ``with`` raise ``MockServerError`` with the server's
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
        start_timeout: float = 10,
        timeout: float = CALL_TIMEOUT_S,
    ) -> None:
        options: dict[str, Json] = {
            "--host": host,
            "--port": port,
            "--on-missing": on_missing,
            "--seed": seed,
            "--log-file": None if log_file is None else fspath(log_file),
        }
        self._arguments = [*_files(config), "--parent-pipe", "--ready-json"]
        self._arguments += [f"{key}={value}" for key, value in options.items() if value is not None]
        self._token = token
        self._start_timeout_s = start_timeout
        self._timeout_s = timeout
        self._process: ServerProcess | None = None
        self._control: Control | None = None
        self._url = ""
        self._is_attached = False

    @classmethod
    def attach(
        cls,
        url: str | None = None,
        token: str | None = None,
        *,
        control_url: str | None = None,
        timeout: float = CALL_TIMEOUT_S,
    ) -> Self:
        """Return a handle of a server that runs already; ``stop`` leaves it running.

        What is ``None`` comes from ``PYMOCKAPI_URL``, ``PYMOCKAPI_TOKEN`` and
        ``PYMOCKAPI_CONTROL_URL``; without a control URL it is that of the mock's own port.
        Raises ``MockServerError`` if there is no URL or no server there.
        """
        url = url or os.environ.get("PYMOCKAPI_URL")
        if not url:
            raise MockServerError(
                "There is no server to attach to: give its URL, or set PYMOCKAPI_URL"
                " (http://127.0.0.1:8080)."
            )
        server = cls(token=token or os.environ.get("PYMOCKAPI_TOKEN"), timeout=timeout)
        server._is_attached = True
        server._connect(url, control_url or os.environ.get("PYMOCKAPI_CONTROL_URL") or url)
        server.version()
        return server

    def start(self) -> Self:
        """Start the server and return when it takes requests; nothing if it runs already."""
        if self._control is None:
            if self._is_attached:
                raise MockServerError(f"This handle let go of {self._url}: attach to it again.")
            self._process = ServerProcess(
                self._arguments, self._start_timeout_s, self._environment()
            )
            ready = self._process.ready
            self._token = self._token or ready.get("token")
            self._connect(ready["url"], ready["control_url"])
        return self

    def stop(self) -> None:
        """Stop the server, or only let go of it if it was attached to. Idempotent."""
        if self._control is not None:
            self._control.transport.close()
            self._control = None
        if self._process is not None:
            self._process.stop()
            self._process = None

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
        return f"<MockServer at {self._url}>" if self._control else "<MockServer, not running>"

    @property
    def url(self) -> str:
        """The root URL, without a closing slash; requests there name their namespace."""
        self._running()
        return self._url

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
        body = read_namespace(name, options)
        if not replace:
            return self._handle(self._running().call("create_namespace", body))
        if name is None:
            raise TypeError("namespace() needs a name to replace")
        return self._handle(self._running().call("replace_namespace", body, namespace=name))

    def get(self, name: str) -> Namespace:
        """Return the live namespace ``name``. Raises ``MockApiError`` (``unknown-namespace``)."""
        return self._handle(self._running().call("get_namespace", namespace=name))

    def namespaces(self, label: str | None = None) -> list[Namespace]:
        """Return the live namespaces in order of creation; ``label`` as ``test=test_checkout``."""
        found = self._running().call("list_namespaces", query={"label": label})
        return [self._handle(each) for each in found["namespaces"]]

    def orphans(self) -> list[Orphan]:
        """Return the requests that named no live namespace, oldest first."""
        return [Orphan(each) for each in self._running().call("list_orphans")["orphans"]]

    def forget_orphans(self) -> None:
        self._running().call("delete_orphans")

    def sets(self) -> list[JsonObject]:
        """Return the sets of the config: name, stubs, state and settings of each."""
        found: list[JsonObject] = self._running().call("list_sets")["sets"]
        return found

    def version(self) -> JsonObject:
        """Return the versions of server, control API and Python."""
        answer: JsonObject = self._running().call("version")
        return answer

    def _environment(self) -> dict[str, str]:
        """Return what the child gets beside ours; a token there is in no list of processes."""
        return {"PYMOCKAPI_TOKEN": self._token} if self._token else {}

    def _connect(self, url: str, control_url: str) -> None:
        self._url = url.rstrip("/")
        diagnose = self._process.describe_end if self._process is not None else None
        transport = Transport(control_url, self._timeout_s, diagnose)
        self._control = Control(transport, self._token)

    def _running(self) -> Control:
        if self._control is None:
            raise MockServerError(
                "The mock server is not running: use it in a with block, or call start()."
            )
        return self._control

    def _handle(self, description: JsonObject) -> Namespace:
        control = NamespaceControl(self._running(), description["name"])
        return Namespace(control, description, self._url)


def _files(config: ConfigPath | Sequence[ConfigPath] | None) -> list[str]:
    """Return config paths as arguments; absolute, so that none can be read as an option."""
    if config is None:
        return []
    paths = [config] if isinstance(config, str | PathLike) else config
    return [os.path.abspath(fspath(path)) for path in paths]
