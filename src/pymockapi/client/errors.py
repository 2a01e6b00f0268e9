"""What the client raises: the server could not be reached or started, or it refused a call.

Each takes facts and writes its own sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

from pymockapi.model.errors import Finding, quoted


class MockServerError(Exception):
    """The mock server could not be started, reached or understood."""


class MockApiError(MockServerError):
    """The server refused a control call; nothing was changed.

    ``code`` is the stable name (``unknown-stub``), ``status`` the HTTP status, ``detail`` the
    server's sentence, ``errors`` every wrong place of the input (JSON pointer and message),
    ``suggestions`` the nearest known names. ``str()`` shows all of it.
    """

    def __init__(
        self,
        code: str,
        status: int,
        detail: str,
        errors: Sequence[Finding] = (),
        suggestions: Sequence[str] = (),
    ) -> None:
        self.code = code
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.suggestions = tuple(suggestions)
        super().__init__(code, status, detail, self.errors, self.suggestions)

    def __str__(self) -> str:
        lines = [f"{self.detail} ({self.status} {self.code})"]
        if len(self.errors) > 1 or not all(each.message in self.detail for each in self.errors):
            lines += [f"  {error.pointer or '/'}: {error.message}" for error in self.errors]
        if self.suggestions:
            lines.append(f"  nearest known: {quoted(self.suggestions)}")
        return "\n".join(lines)
