"""Reading events as they come: who may, from where on, and how many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from pymockapi.model.errors import LimitReached
from pymockapi.model.reader import Findings
from pymockapi.service.calls import Site
from pymockapi.service.feed import Feed
from pymockapi.service.feed_queries import read_wanted
from pymockapi.service.subscriptions import Subscription
from pymockapi.service.told_events import NamespaceEvents, ServerEvents
from pymockapi.service.verifications import Verifications
from pymockapi.service.watches import Watches
from pymockapi.store.namespace import Namespace

STOPPING: Final = "stopping"


class Feeds:
    """Those of one server; its own begins when it is first read.

    ``verifications`` are the server's, so that watches count among all that wait.
    """

    def __init__(self, site: Site) -> None:
        self._store = site.store
        self.verifications = Verifications(site)
        self._feeds: dict[str, Feed] = {}
        size = site.store.configuration.server.limits.events
        self._server = ServerEvents(site.store, site.store.instance, size)
        self._readers: dict[Subscription, None] = {}
        site.when_stopping.append(self.stop)

    def open(self, namespace: str | None, query: Mapping[str, str]) -> Subscription:
        """Return a subscription to the events of ``namespace`` (``None``: of the server).

        A finished namespace is found by its id, or by its name with its id in ``query``.

        Raises ``UnknownNamespace``, ``FinishedNamespace``, ``Invalid`` or ``LimitReached``; then
        nothing has changed.
        """
        space = None if namespace is None else self._space(namespace, query.get("id"))
        told = self._server if space is None else NamespaceEvents(space)
        found = Findings()
        wanted = read_wanted(query, told, space, found)
        found.check("The query")
        feed = self._feeds.get(told.identity) or Feed(told, _soon)
        self._check_room(feed, space)
        if space is None:
            self._server.begin()
        self._feeds[told.identity] = feed
        subscription = Subscription(
            feed, wanted, self._store.real_ns, lambda: self._left(subscription, feed)
        )
        subscription.watches = Watches(
            space, self.verifications, self._store.pause, subscription.answer, subscription.moved
        )
        feed.enter(subscription)
        self._readers[subscription] = None
        feed.call()
        return subscription

    def _space(self, name: str, identity: str | None) -> Namespace:
        """Return the namespace called so, live or as the finished one with this id."""
        ended = None if identity is None else self._store.lives.kept(identity)
        if ended is not None and ended.space is not None and name in (ended.name, ended.id):
            return ended.space
        return self._store.readable(name)

    def _check_room(self, feed: Feed, space: Namespace | None) -> None:
        if space is not None and len(feed.readers) >= space.settings.limits.subscribers:
            raise LimitReached(
                "subscribers",
                space.settings.limits.subscribers,
                f"No more readers can follow the events of namespace '{space.name}'",
            )
        limit = self._store.configuration.server.limits.subscribers
        if len(self._readers) >= limit:
            what = "No more readers can follow events"
            raise LimitReached("server.limits.subscribers", limit, what)

    def _left(self, subscription: Subscription, feed: Feed) -> None:
        self._readers.pop(subscription, None)
        if not feed.readers:
            self._feeds.pop(feed.told.identity, None)

    @property
    def count(self) -> int:
        """How many read."""
        return len(self._readers)

    def stop(self) -> None:
        """End every subscription: the server stops."""
        for subscription in tuple(self._readers):
            subscription.stop(STOPPING)


def _soon(told: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(told)
