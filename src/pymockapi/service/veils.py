"""Documents of one namespace without its secrets, made bit by bit; or as they are, if that was asked."""

from __future__ import annotations

from typing import Any

from pymockapi.formats.places import is_value_of_secrets
from pymockapi.formats.redaction import Redactor
from pymockapi.formats.secrets import mark
from pymockapi.model.callback import CallbackRecord
from pymockapi.model.exchange import Exchange
from pymockapi.model.slices import Work, at_once
from pymockapi.model.stub import Stub
from pymockapi.service.quoting import captures_of
from pymockapi.store.namespace import Namespace

Document = dict[str, Any]


class Veil:
    """Hides what ``space`` says is secret; what its recorded requests had, once they are learned."""

    def __init__(self, space: Namespace, *, is_on: bool) -> None:
        self._space = space
        self.fields = space.settings.redact
        self._redactor = Redactor(self.fields) if is_on else None

    @property
    def is_on(self) -> bool:
        return self._redactor is not None

    def learn(self, entry: Exchange) -> None:
        """Remember the secrets of a recorded exchange, to be found in all that is shown."""
        if self._redactor is not None and (self.fields or _may_have_secrets(entry)):
            request = entry.request()
            self._redactor.learn(request, captures_of(self._space, request), entry.response)

    def exchange(self, document: Document, entry: Exchange) -> Work[Document]:
        """Return the document of a recorded exchange."""
        if self._redactor is None:
            return document
        request = entry.request()
        captures = captures_of(self._space, request)
        return (yield from self._redactor.exchanging(document, request, captures))

    def callback(self, document: Document, record: CallbackRecord) -> Work[Document]:
        """Return the document of a callback, which is a request of the mock's own."""
        if self._redactor is None:
            return document
        request = record.request()
        shown = {**document, "target": request.target, "path": request.path,
                 "query": dict(request.query), "trailers": [], "response": None}  # fmt: skip
        told = yield from self._redactor.exchanging(shown, request, ())
        told = yield from self._redactor.scrubbing(told)
        origin = document["url"].partition("?")[0].removesuffix(request.target.partition("?")[0])
        return {**{key: told[key] for key in document}, "url": origin + told["target"]}

    def clean(self, value: Any) -> Work[Any]:
        """Return any other value."""
        return value if self._redactor is None else (yield from self._redactor.scrubbing(value))

    def clean_text(self, value: Any) -> Any:
        """Return a small one."""
        return at_once(self.clean(value))

    def data(self, value: Any) -> Work[Any]:
        """Return data, whose numbers may be secrets, too."""
        if self._redactor is None:
            return value
        return (yield from self._redactor.scrubbing(value, is_data=True))

    def definition(self, value: Any) -> Work[Any]:
        """Return a definition, or what holds some."""
        if self._redactor is None:
            return value
        return (yield from self.data((yield from self._redactor.stripping(value))))

    def cursors(self, stub: Stub, cursors: list[Document]) -> list[Document]:
        """Return the cursors of a sequence, with marks for keys that are secret."""
        if not self.is_on or stub.per is None:
            return cursors
        if not is_value_of_secrets(stub.per.notation, self.fields):
            return cursors
        return [
            each if each["key"] is None else {**each, "key": mark(each["key"])} for each in cursors
        ]


def _may_have_secrets(entry: Exchange) -> bool:
    """Return whether there may be credentials or cookies; most requests have none."""
    head = entry.head.lower()
    if b"authorization:" in head or b"cookie:" in head or b"://" in head[:16]:
        return True
    response = entry.response
    return response is not None and any(
        name.lower() == "set-cookie" for name, _ in response.headers
    )
