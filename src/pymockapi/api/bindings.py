"""Which operation answers which row; every row has one, and ``tests/api`` holds it to that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pymockapi.api.rows import ROWS
from pymockapi.service.about import About
from pymockapi.service.callbacks import Callbacks
from pymockapi.service.calls import Call, Outcome, Site
from pymockapi.service.configs import Configs
from pymockapi.service.definitions import Definitions
from pymockapi.service.exports import Exports
from pymockapi.service.feeds import Feeds
from pymockapi.service.gates import Gates
from pymockapi.service.namespaces import Namespaces
from pymockapi.service.recordings import Recordings
from pymockapi.service.searches import Searches
from pymockapi.service.tags import Tags
from pymockapi.service.verdicts import Verdicts

Operation = Callable[[Call], Awaitable[Outcome]]


def bind(site: Site, feeds: Feeds | None = None) -> dict[str, Operation]:
    """Return the operation of every row that answers, by the row's name.

    Rows that upgrade are opened by ``feeds``, which are those of the site.
    """
    feeds = feeds or Feeds(site)
    namespaces = Namespaces(site)
    owners = (About(site), namespaces, Configs(site, namespaces), Definitions(site, namespaces), Recordings(site),
              Verdicts(site, feeds.verifications.waits), feeds.verifications, Exports(site),
              Searches(site), Tags(site), Gates(site, feeds.verifications.waits), Callbacks(site, feeds.verifications.waits))  # fmt: skip
    return {row.name: _operation(row.name, owners) for row in ROWS if not row.upgrades}


def _operation(name: str, owners: tuple[object, ...]) -> Operation:
    for owner in owners:
        operation: Operation | None = getattr(owner, name, None)
        if operation is not None:
            return operation
    raise LookupError(f"no operation answers row '{name}'")
