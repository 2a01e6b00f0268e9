"""The namespace in which a bundle is replayed: as it was at the beginning, and changed as it was.

On a server of our own the shared layers are what they were, and the name is the same. On one that
runs already they become own stubs, below the others, of a namespace that is made for the replay.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from pymockapi.client.address import read_address
from pymockapi.client.control import Control, NamespaceControl
from pymockapi.client.errors import MockServerError
from pymockapi.client.server import MockServer
from pymockapi.client.transport import Transport
from pymockapi.replay.bundle import Bundle, BundleError, Change, Counter, Definition, Recorded
from pymockapi.replay.definitions import undelayed
from pymockapi.replay.layers import Layers
from pymockapi.replay.route import Route

_SHIPPED: Final[Definition] = {
    "unmatched": None, "delay": 0, "fault": None, "debug_headers": False, "rewrite_location": True, "limits": {},
    "behaviour": None,
}  # fmt: skip
"""Settings that a bundle may leave out, as they are then."""

_REMOVED_AT_ONCE: Final = 1_000  # names in one call


class Options(msgspec.Struct, frozen=True):
    """``url`` is the server to replay on (``None``: one of our own), ``timeout_s`` bounds an answer."""

    url: str | None = None
    token: str | None = None
    control_url: str | None = None
    delays: bool = False
    timeout_s: float = 10.0


class Stage:
    """``url`` is where requests go, ``tls_url`` over HTTPS; ``None``: the server has none.

    ``is_flat``: the shared layers are own stubs here.
    """

    def __init__(
        self,
        bundle: Bundle,
        options: Options,
        layers: Layers,
        url: str,
        control: Control,
        made: Definition,
    ) -> None:
        self.url = url
        self._call = NamespaceControl(control, made["name"]).call
        self._layers = layers
        self._delays = options.delays
        self._seed = bundle.start.seed
        self._timeout_s = options.timeout_s
        self._clock = ""
        self._last = int(made["counts"]["requests"])
        self.is_flat = options.url is not None
        path: str = made["path"] or ""
        self.route = Route(path, made["headers"])
        self.tls_url = made["tls_url"] and str(made["tls_url"]).removesuffix(path)
        if not self.is_flat and layers.hidden:
            names = [name for name in sorted(layers.hidden) if layers.is_shared(name)]
            self._apply({"remove_stubs": names, "replace_stubs": list(layers.own.values())})
        self._count(bundle.start.counters)

    def change(self, change: Change) -> None:
        """Do what control calls did."""
        before, hidden = self._layers.in_force(), self._layers.hidden
        self._layers.change(change)
        batch: dict[str, Any] = self._stubs(change, before, hidden)
        if change.state is not None:
            batch["state"] = change.state
        if change.settings is not None:
            given = {**_SHIPPED, "seed": self._seed, **change.settings}
            batch["settings"] = settings_of(given, delays=self._delays)
        if batch:
            self._apply(batch)
        self._count(change.counters)

    def _stubs(self, change: Change, before: Definition, hidden: set[str]) -> dict[str, Any]:
        """Return the part of a batch that is about stubs; ``before`` were in force, ``hidden`` not."""
        layers = self._layers
        if change.layers is not None or (change.hidden is not None and hidden - layers.hidden):
            self.is_flat = True  # no call puts other shared layers, or hidden stubs, in force
        is_written = change.own is not None or change.defined or change.removed
        if not (is_written or change.layers is not None or change.hidden is not None):
            return {}
        after = layers.in_force()
        gone = sorted(before.keys() - after.keys())
        if not gone and change.own is None and not (change.removed or self.is_flat):
            return {"stubs": [layers.own[each] for each in layers.names_of(change.defined)]}
        stubs = list(after.values()) if self.is_flat else list(layers.own.values())
        return {**({"remove_stubs": gone} if gone else {}), "replace_stubs": stubs}

    def _count(self, counters: Sequence[Counter]) -> None:
        """Give stubs the hits and cursors that they had."""
        in_force = self._layers.in_force() if counters else {}
        for each in counters:
            if each.stub not in in_force:
                continue
            self._apply({"cursors": {each.stub: {"reset": True}}})
            definition = in_force[each.stub]
            has_keys, is_sequence = "per" in definition, "responses" in definition
            for cursor in each.cursors if is_sequence else ():
                keyed = {"position": cursor.position, **({"key": cursor.key} if has_keys else {})}
                self._apply({"cursors": {each.stub: keyed}})
            if each.hits:
                self._apply({"cursors": {each.stub: {"hits": each.hits}}})

    def at(self, instant: str) -> None:
        """Let the clock stand at ``instant``."""
        if instant != self._clock:
            self._call("set_clock", {"mode": "frozen", "now": instant})
            self._clock = instant

    def arrived(self) -> None:
        """Return once the next request has been recorded."""
        expected = {"expect": [{"request": {}, "times": {"at_least": 1}}], "after": self._last}
        self._call("verify", {**expected, "within": self._timeout_s}, waits_s=self._timeout_s)

    def recorded(self) -> Recorded | None:
        """Return the next request as it was recorded; ``None`` if there is none."""
        page = self._call("list_requests", query={"after": self._last, "limit": 1})
        if not page["requests"]:
            return None
        found = msgspec.convert(page["requests"][0], Recorded)
        self._last = found.number
        return found

    def _apply(self, batch: dict[str, Any]) -> None:
        self._call("apply", batch)


def settings_of(given: Definition, *, delays: bool) -> Definition:
    """Return the settings to replay with; what exports redact matters to exports alone."""
    left_out = {"redact"} if delays else {"redact", "delay"}
    kept = {key: value for key, value in given.items() if key not in left_out}
    if delays:
        return kept
    if "unmatched" in kept:
        kept["unmatched"] = undelayed(kept["unmatched"])
    if kept.get("behaviour") is not None:
        kept |= {"behaviour": _undelayed(kept["behaviour"]), "delay": 0}  # before a behaviour's
    return kept


def _undelayed(behaviour: Any) -> Any:
    """Return a behaviour whose own answers come at once."""
    if not isinstance(behaviour, dict):
        return behaviour
    return {
        part: {**said, "response": undelayed(said["response"])}
        if isinstance(said, dict) and "response" in said
        else said
        for part, said in behaviour.items()
    }


@contextmanager
def stage_for(bundle: Bundle, options: Options, layers: Layers) -> Iterator[Stage]:
    """Set up the stage; it is gone after the block. Raises ``BundleError``, ``MockServerError``."""
    namespace: Definition = {
        "state": bundle.start.state,
        "seed": bundle.start.seed,
        "settings": settings_of(bundle.start.settings, delays=options.delays),
    }
    if options.url is not None:
        _check_root(options.url)
        with MockServer.attach(
            options.url, options.token, control_url=options.control_url
        ) as server:
            control = _control(server, options)
            settings = {**_SHIPPED, **namespace["settings"]}
            asked = {**namespace, "settings": settings, "labels": {"replay": bundle.id}}
            made = control.call("create_namespace", asked)
            with _deleted(control, made["name"]):
                _strip(NamespaceControl(control, made["name"]), bundle.start.state)
                stubs = list(layers.in_force().values())
                control.call("apply", {"replace_stubs": stubs}, namespace=made["name"])
                yield Stage(bundle, options, layers, server.url, control, made)
        return
    needs_tls = any(each.scheme == "https" for each in bundle.requests)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bundle.json")
        file.write_text(json.dumps(_config(bundle.namespace, layers, namespace)), encoding="utf-8")
        with _started(MockServer(file, on_missing="default", tls=needs_tls), file) as server:
            control = _control(server, options)
            made = control.call("get_namespace", namespace=bundle.namespace)
            with _deleted(control, bundle.namespace):  # or the server waits for delayed answers
                yield Stage(bundle, options, layers, server.url, control, made)


def _check_root(url: str) -> None:
    if read_address(url).prefix:
        raise BundleError(
            f"{url} has a path, so something stands before the server that may change what is"
            " sent; replay on the server itself, by a URL such as http://127.0.0.1:8080."
        )


def _strip(namespace: NamespaceControl, state: Definition) -> None:
    """Take away what the server's config brings: sets of its tags, their state, base stubs."""
    namespace.call("apply", {"sets": [], "replace_state": state})
    found = namespace.call("list_stubs", query={"layer": "base"})["stubs"]
    names = [each["name"] for each in found]
    for first in range(0, len(names), _REMOVED_AT_ONCE):
        namespace.call("apply", {"remove_stubs": names[first : first + _REMOVED_AT_ONCE]})


@contextmanager
def _deleted(control: Control, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(MockServerError):  # whatever failed before tells more
            control.call("delete_namespace", namespace=name)


def _started(server: MockServer, file: Path) -> MockServer:
    try:
        return server.start()
    except MockServerError as error:
        told = str(error).replace(str(file), "bundle")
        raise BundleError(f"No server can be made of what the bundle tells. {told}") from error


def _control(server: MockServer, options: Options) -> Control:
    return Control(Transport(server.control_url, options.timeout_s), server.token)


def _config(name: str, layers: Layers, namespace: Definition) -> Definition:
    (_, base), *sets = layers.shared
    named = {layer.removeprefix("set:"): list(stubs.values()) for layer, stubs in sets}
    own = list(layers.own.values())
    return {
        "version": 1,
        "stubs": list(base.values()),
        "sets": {each: {"stubs": stubs} for each, stubs in named.items()},
        "namespaces": {name: {**namespace, "sets": list(named), "stubs": own}},
    }
