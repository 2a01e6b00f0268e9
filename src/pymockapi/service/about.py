"""What the server says of itself: health, readiness, versions, its API and config schema."""

from __future__ import annotations

import platform

from pymockapi import __version__
from pymockapi.api.openapi import openapi_document
from pymockapi.api.schemas import config_schema
from pymockapi.model.errors import ControlError, UnknownItem
from pymockapi.service.calls import Call, Outcome, Site


class Stopping(ControlError):
    status, code, title = 503, "stopping", "The server is shutting down"


class About:
    """Operations that read the server, not a namespace."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def health(self, _: Call) -> Outcome:
        return Outcome({"status": "ok"})

    async def ready(self, _: Call) -> Outcome:
        if self._site.is_stopping():
            raise Stopping("The server finishes what has begun and takes no new requests.")
        return Outcome({"status": "ready"})

    async def version(self, _: Call) -> Outcome:
        return Outcome({"version": __version__, "api": "v1", "python": platform.python_version()})

    async def metrics(self, _: Call) -> Outcome:
        return Outcome(text=self._site.metrics())

    async def ca(self, _: Call) -> Outcome:
        if self._site.ca_pem is not None:
            return Outcome(text=self._site.ca_pem)
        if self._site.tls_url() is None:
            raise UnknownItem("This server has no HTTPS and so no CA; start it with --tls.")
        raise UnknownItem(
            "This server shows a certificate that it was given; ask whoever made that for its CA."
        )

    async def openapi(self, _: Call) -> Outcome:
        return Outcome(openapi_document())

    async def config_schema(self, _: Call) -> Outcome:
        return Outcome(config_schema())
