"""The control API on a port of its own, where nothing else is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pymockapi.model.errors import ControlError, UnknownCall
from pymockapi.model.exchange import Phase
from pymockapi.model.request import Request
from pymockapi.server.application import is_control
from pymockapi.server.application_port import Later, Reply
from pymockapi.server.refusals import error_response


class ControlPort:
    """See ``Application``. ``mock_url`` is told to those who came for a mock."""

    def __init__(
        self,
        control: Callable[[Request], Reply | Later | Awaitable[Reply]],
        mock_url: Callable[[], str],
    ) -> None:
        self._control = control
        self._mock_url = mock_url

    def answer(self, request: Request) -> Reply | Later | Awaitable[Reply]:
        if is_control(request.target):
            return self._control(request)
        error = UnknownCall(
            f"This is the port of the control API; mocks are answered at {self._mock_url()}."
        )
        return Reply(error_response(error))

    def refuse(self, request: Request, phase: Phase, error: ControlError) -> Reply:  # noqa: ARG002
        return Reply(error_response(error))

    def progress(self, handle: object, phase: Phase, sent: int) -> None:
        """Nothing is recorded of control calls."""
