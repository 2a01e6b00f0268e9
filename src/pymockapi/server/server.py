"""A server from start to stop: build it, listen, keep house, drain."""

from __future__ import annotations

import asyncio
import logging
import secrets
import ssl
import time
from collections import deque
from typing import Final
from urllib.parse import urlsplit

import msgspec

from pymockapi.api.bindings import bind
from pymockapi.engine.configuration import Configuration
from pymockapi.model.callee import FindCallee, no_callees
from pymockapi.model.errors import ControlError, LimitReached
from pymockapi.model.event import CANCELLING, Event
from pymockapi.model.settings import ServerLimits, ServerSettings
from pymockapi.server.addresses import EVERY_ADDRESS, Addresses, Bound, addresses
from pymockapi.server.application import MockApplication
from pymockapi.server.application_port import Application
from pymockapi.server.artifacts import Artifacts
from pymockapi.server.callbacks import Callbacks
from pymockapi.server.calling import Calling
from pymockapi.server.certificates import Identity, given_identity, made_identity
from pymockapi.server.control import Control
from pymockapi.server.control_port import ControlPort
from pymockapi.server.cors import for_pages
from pymockapi.server.edge import Edge
from pymockapi.server.egress import Egress
from pymockapi.server.file_reading import FileReading
from pymockapi.server.gate import Gate
from pymockapi.server.limits import EdgeLimits
from pymockapi.server.listener import Listener, listen
from pymockapi.server.metrics import Metrics
from pymockapi.server.outside import Outside
from pymockapi.server.own_answers import OwnAnswers
from pymockapi.server.ports import NamespacePorts
from pymockapi.server.reloading import Reloader
from pymockapi.server.request_log import LOG, LoggedApplication
from pymockapi.server.routing import PortRouting
from pymockapi.server.sending import Sender
from pymockapi.server.settings import ServeOptions, TlsOptions
from pymockapi.server.shares import Shares
from pymockapi.server.turn import Turn
from pymockapi.service.calls import Site
from pymockapi.service.configs import Configs
from pymockapi.service.feeds import Feeds
from pymockapi.service.loaded import Loaded
from pymockapi.service.namespaces import Namespaces
from pymockapi.service.ports import PortUnavailable
from pymockapi.store.memory import MemoryStore

LEASE_TICK_S: Final = 0.25
FREED_AT_ONCE: Final = 2_000  # entries; under 1 ms
STUBS_FREED_AT_ONCE: Final = 500  # under 1 ms


class NoPort(OSError):
    """A port could not be had; why is in ``errno`` and ``strerror``."""

    def __init__(self, cause: OSError, host: str, port: int) -> None:
        super().__init__(cause.errno, cause.strerror or str(cause))
        self.host = host
        self.port = port


class NoPreset(OSError):
    """A namespace of the config cannot be; why is in ``strerror``, where in ``findings``."""

    def __init__(self, cause: ControlError) -> None:
        super().__init__(0, cause.detail.rstrip("."), "the namespaces of its config")
        self.findings = cause.findings


class Server:
    """One store, and every port on which it is served.

    What is counted over the whole server (``connections``, ``inflight_bytes``) is the edge's,
    which all listeners share. ``addresses`` are final once it listens.

    ``find`` finds the functions that tests of this process gave it to call.

    Raises ``CertificateError`` where HTTPS is wanted and cannot be had.
    """

    def __init__(
        self, options: ServeOptions, configuration: Configuration, find: FindCallee = no_callees
    ) -> None:
        settings = _settings(configuration.server, options)
        self._options = options
        self._edge: Edge | None = None
        self._listeners: list[Listener] = []
        self._identity = None if options.tls is None else _identity(options, settings.public_url)
        self._tasks: list[asyncio.Task[None]] = []
        self._is_stopping = False
        first = _first(configuration, settings, options)
        self.store = MemoryStore(first, instance=secrets.token_hex(3), pause=Turn().pause)
        self._settings = settings
        self._ports = self._namespace_ports()
        folder = options.artifacts
        self._artifacts = None if folder is None else Artifacts(folder, self.store)
        self._site = self._new_site(find)
        self.feeds = Feeds(self._site)
        self._reloader = self._new_reloader()
        control = Control(
            bind(self._site, self.feeds),
            Gate(options.token, _own_hosts(options, settings)),
            self.store.pause,
            self.feeds,
        )
        self._outside = Outside()
        self._shares = Shares(asyncio.get_running_loop, self._outside.run, self.store.spaces)
        self.store.unclaimed = self._shares.cancel
        self._calling = Calling(self.store.progress)
        self._application = self._new_application(control)
        self._callbacks = self._application.callbacks = self._new_callbacks()
        self._served = for_pages(self._application, settings.cors)
        self._metrics = Metrics(self.store, self._application, control, self.feeds)
        self._control_port = ControlPort(control.answer, lambda: self.addresses.url)
        self.addresses = self._addresses(
            options.port, None if options.tls is None else options.tls.port, options.control_port
        )

    @property
    def bound(self) -> tuple[str, int]:
        """The host and the port on which the mocks are served, once it listens."""
        return self._listeners[0].host, self._listeners[0].port

    @property
    def ca_pem(self) -> str | None:
        """The CA that clients need to trust, if this server made one."""
        return self._site.ca_pem

    def _addresses(self, port: int, tls_port: int | None, control_port: int | None) -> Addresses:
        host = self._options.host
        control_host = self._options.control_host or host
        return addresses(
            Bound(host, port),
            None if tls_port is None else Bound(host, tls_port),
            None if control_port is None else Bound(control_host, control_port),
            self._settings.public_url,
        )

    def _new_site(self, find_callee: FindCallee) -> Site:
        return Site(
            self.store,
            lambda: self.addresses.url,
            lambda: self._is_stopping,
            lambda: self.addresses.tls_url,
            None if self._identity is None else self._identity.ca_pem,
            lambda: self._metrics.text(self._edge),
            self._ports,
            self._loaded(),
            FileReading(self._options.folder),
            find_callee=find_callee,
        )

    def _new_application(self, control: Control) -> MockApplication:
        kind = LoggedApplication if LOG.isEnabledFor(logging.DEBUG) else MockApplication
        return kind(
            self.store,
            self._settings,
            control.answer if self._options.control_port is None else None,
            OwnAnswers(),
            self._shares,
            calling=self._calling,
        )

    def _new_callbacks(self) -> Callbacks:
        settings = self._settings
        sender = Sender(Egress(settings.egress), self.ca_pem)
        return Callbacks(self.store, sender, settings.limits.callbacks)

    def _new_reloader(self) -> Reloader | None:
        options, configs = self._options, Configs(self._site, Namespaces(self._site))
        if not options.sources:
            return None
        seen = None if options.seen is None else dict(options.seen)
        return Reloader(options.sources, configs, self.store.pause, seen)

    def reload(self) -> None:
        """Read the config files again, soon."""
        if self._reloader is not None:
            self._reloader.ask()
        else:
            LOG.warning("there are no config files to read again")

    def _loaded(self) -> Loaded:
        first, options = self.store.configuration, self._options
        loaded = Loaded(first.server, lambda given: _settings(given, options), self._take_effect)
        if first.version:
            loaded.note("files", self.store.real_ns(), options.files)
        loaded.is_watched = options.seen is not None
        return loaded

    def _namespace_ports(self) -> NamespacePorts:
        host, settings = self._options.host, self._settings
        public_host = urlsplit(settings.public_url or "").hostname

        def served(name: str) -> tuple[Application, PortRouting]:
            routing = PortRouting(self.store, settings, name)
            return for_pages(self._application.on_port(routing), settings.cors), routing

        return NamespacePorts(
            host, settings.limits.ports, self._own_numbers, served,
            lambda number: Bound(host, number).url("http", public_host),
        )  # fmt: skip

    def _own_numbers(self) -> set[int]:
        """Return the ports that the server has itself, or is about to have."""
        options = self._options
        asked = {options.port, options.control_port, options.tls and options.tls.port}
        numbers = {number for number in asked if number}
        return numbers | {listener.port for listener in self._listeners}

    async def start(self) -> None:
        """Create the config's namespaces and listen. Raises ``NoPort`` or ``NoPreset``."""
        deque(self.store.configuration.prepare(), maxlen=0)
        self._edge = self._ports.edge = Edge(edge_limits(self._settings.limits))
        self.store.follow(self._cancel)
        self.store.follow(self._ports.follow)
        try:
            await Namespaces(self._site).create_presets()
            await self._listen(self._edge)
        except (PortUnavailable, LimitReached) as error:
            await self.stop()
            raise NoPreset(error) from error
        except OSError:
            await self.stop()
            raise
        if self._artifacts is not None:
            self._artifacts.begin()
        work = [self._keep_leases(), self._free()]
        if self._reloader is not None:
            work.append(self._reloader.run())
        self._tasks = [asyncio.create_task(each) for each in work]

    async def _listen(self, edge: Edge) -> None:
        options = self._options
        port = await self._open(edge, self._served, options.host, options.port)
        tls_port = control_port = None
        if options.tls is not None and self._identity is not None:
            tls_port = await self._open(
                edge, self._served, options.host, options.tls.port, self._identity.context
            )
        if options.control_port is not None:
            host = options.control_host or options.host
            control_port = await self._open(edge, self._control_port, host, options.control_port)
        self.addresses = self._addresses(port, tls_port, control_port)

    async def _open(
        self,
        edge: Edge,
        application: Application,
        host: str,
        port: int,
        tls: ssl.SSLContext | None = None,
    ) -> int:
        """Listen there, and return the port. Raises ``NoPort``."""
        try:
            listener = await listen(edge, application, host, port, tls)
        except OSError as error:
            raise NoPort(error, host, port) from error
        self._listeners.append(listener)
        return listener.port

    async def stop(self) -> None:
        """Answer what has begun, for at most the grace period; then close."""
        self._is_stopping = True
        self._callbacks.stop()
        self._shares.hurry()
        for told in self._site.when_stopping:
            told()
        for task in self._tasks:
            task.cancel()
        grace_s = self._options.grace_s
        listeners = (each.stop(grace_s) for each in self._listeners)
        await asyncio.gather(*listeners, self._ports.stop(grace_s))
        if self._artifacts is not None:
            await self._artifacts.end(self._options.grace_s)
        self._shares.close()
        self._calling.close()
        self._outside.close()
        if self._edge is not None:
            self._edge.close()

    def abort(self) -> None:
        """Close every connection now; a ``stop`` that waits for answers has nothing to wait for."""
        if self._edge is not None:
            self._edge.abort()

    def _take_effect(self, settings: ServerSettings) -> None:
        self._application.routing.is_open = settings.on_missing == "default"

    def _cancel(self, event: Event) -> None:
        if event.kind in CANCELLING and self._edge is not None:
            self._shares.cancel(event.namespace)
            self._edge.cancel(event.namespace)

    async def _keep_leases(self) -> None:
        while True:
            due = time.monotonic() + LEASE_TICK_S
            await asyncio.sleep(LEASE_TICK_S)
            self._metrics.lag.observe(max(0.0, time.monotonic() - due))
            await self.store.expire()
            self._shares.look()

    async def _free(self) -> None:
        """Free detached journals and stubs piece by piece: all at once would stall the loop."""
        store = self.store
        while True:
            await asyncio.sleep(LEASE_TICK_S)
            while store.remains:
                del store.remains[-STUBS_FREED_AT_ONCE:]
                await asyncio.sleep(0)
            while store.lives.past.excess:
                store.lives.past.trim(FREED_AT_ONCE)
                await asyncio.sleep(0)
            while self.store.discarded:
                if self.store.discarded[-1].release(FREED_AT_ONCE):
                    self.store.discarded.pop()
                await asyncio.sleep(0)


def _settings(settings: ServerSettings, options: ServeOptions) -> ServerSettings:
    return msgspec.structs.replace(
        settings,
        seed=settings.seed if options.seed is None else options.seed,
        on_missing=options.on_missing or settings.on_missing,
        public_url=options.public_url or settings.public_url,
    )


def _first(
    configuration: Configuration, settings: ServerSettings, options: ServeOptions
) -> Configuration:
    """Return the configuration to start with: version 1, or 0 if there is none at all."""
    is_loaded = bool(options.files) or bool(configuration.document.keys() - {"version"})
    return msgspec.structs.replace(configuration, server=settings, version=int(is_loaded))


def _own_hosts(options: ServeOptions, settings: ServerSettings) -> frozenset[str]:
    """Return the names, beside loopback's, by which the control API may be called."""
    public = urlsplit(settings.public_url or "").hostname or ""
    return frozenset({(options.control_host or options.host).lower(), public} - {""})


def _identity(options: ServeOptions, public_url: str | None) -> Identity:
    """Return what the TLS port shows. Raises ``CertificateError``."""
    tls = options.tls or TlsOptions()
    if tls.certificate is not None and tls.key is not None:
        return given_identity(tls.certificate, tls.key)
    host = "" if options.host in EVERY_ADDRESS else options.host
    public = urlsplit(public_url or "").hostname or ""
    names = (name for name in (host, public, *tls.names) if name)
    return made_identity(tuple(names), tls.ca_directory)


def edge_limits(limits: ServerLimits) -> EdgeLimits:
    return EdgeLimits(
        head=limits.head,
        body=limits.body,
        connections=limits.connections,
        inflight_bytes=limits.inflight_bytes,
        message=limits.message,
        ping_interval_s=limits.ping_interval,
        ping_timeout_s=limits.ping_timeout,
    )
