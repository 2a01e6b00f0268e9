"""The control API's own machinery: routes, bodies, versions, and operations that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from tests.server.world import code, document, request

from pymockapi.api.row import CONTROL_ROOT
from pymockapi.api.rows import ROWS
from pymockapi.model.errors import Conflict, ControlError, UnknownCall
from pymockapi.server.application_port import Later, Reply
from pymockapi.server.control import Control, MethodNotAllowed, Routes
from pymockapi.server.gate import Gate
from pymockapi.service.calls import MISSING, Call, Caller, Outcome


class Operations:
    """Every row's operation is ``perform``; what it was given is kept."""

    def __init__(self, outcome: Outcome | Exception, gate: asyncio.Event | None = None) -> None:
        self.outcome = outcome
        self.gate = gate
        self.calls: list[Call] = []

    async def perform(self, call: Call) -> Outcome:
        self.calls.append(call)
        if self.gate is not None:
            await self.gate.wait()
            await asyncio.sleep(0)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def answer(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply | Later | Awaitable[Reply]:
        control = Control({row.name: self.perform for row in ROWS}, Gate(None))
        return control.answer(request(method, CONTROL_ROOT + path, body, headers))


def at_once(reply: Reply | Later | Awaitable[Reply]) -> Reply:
    assert isinstance(reply, Reply)
    return reply


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_row_is_found_by_its_method_and_path(row: Any) -> None:
    found, parameters = Routes().find(row.method, row.path[1:].split("/"))
    assert found is row
    assert parameters == {part[1:-1]: part for part in row.path.split("/") if part.startswith("{")}


def test_parameters_are_percent_decoded_whole() -> None:
    _, parameters = Routes().find("GET", ["namespaces", "a%2Fb%25", "stubs", "c"])
    assert parameters == {"namespace": "a/b%", "stub": "c"}


def test_an_empty_parameter_is_no_call() -> None:
    with pytest.raises(UnknownCall):
        Routes().find("GET", ["namespaces", ""])


def test_a_wrong_method_tells_those_that_the_path_takes() -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        Routes().find("PATCH", ["namespaces"])
    assert refused.value.suggestions == ("GET", "HEAD", "POST")


def test_an_operation_that_does_not_wait_is_answered_at_once() -> None:
    reply = at_once(Operations(Outcome({"a": 1}, 7)).answer("GET", "/health"))
    assert (reply.response.status, reply.response.body) == (200, b'{"a":1}')
    assert ("ETag", '"7"') in reply.response.headers


def test_an_outcome_without_a_document_has_the_rows_status_and_no_body() -> None:
    reply = at_once(Operations(Outcome(None, 3)).answer("DELETE", "/namespaces/a"))
    assert (reply.response.status, reply.response.body) == (204, b"")
    assert reply.response.headers == (("ETag", '"3"'),)


def test_an_outcome_may_say_another_status() -> None:
    reply = at_once(Operations(Outcome({}, None, 201)).answer("PUT", "/namespaces/a"))
    assert reply.response.status == 201


def waited(operations: Operations) -> Reply:
    """Start a call, let its operation wait, then let it go on."""

    async def run() -> Reply:
        operations.gate = asyncio.Event()
        reply = operations.answer("GET", "/health")
        assert isinstance(reply, Awaitable)
        asyncio.get_running_loop().call_soon(operations.gate.set)
        return await reply

    return asyncio.run(run())


def test_an_operation_that_waits_is_answered_when_it_has_ended() -> None:
    assert waited(Operations(Outcome({"a": 1}))).response.body == b'{"a":1}'


def test_an_operation_that_waits_may_be_refused() -> None:
    reply = waited(Operations(Conflict("not now")))
    assert (reply.response.status, code(reply.response)) == (409, "conflict")


def test_an_operation_that_is_cancelled_while_it_waits_ends() -> None:
    async def run() -> None:
        operations = Operations(Outcome({}), asyncio.Event())
        reply = operations.answer("GET", "/health")
        assert isinstance(reply, Awaitable)
        task = asyncio.ensure_future(reply)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_an_operation_that_breaks_is_500_internal_and_tells_nothing_of_it() -> None:
    reply = at_once(Operations(ZeroDivisionError("secret")).answer("GET", "/health"))
    assert (reply.response.status, code(reply.response)) == (ControlError.status, "internal")
    assert b"secret" not in reply.response.body


def test_what_a_call_sent_reaches_its_operation() -> None:
    operations = Operations(Outcome({}))
    operations.answer("POST", "/namespaces/a/stubs", b'{"x": 1}', {"If-Match": '"4"'})
    operations.answer("GET", "/namespaces/a/requests?after=3&path=%2Fa%20b")
    told = [
        (each.path, each.query, each.body, each.if_version, each.has_if_match)
        for each in operations.calls
    ]
    assert told == [
        ({"namespace": "a"}, {}, {"x": 1}, 4, True),
        ({"namespace": "a"}, {"after": "3", "path": "/a b"}, MISSING, None, False),
    ]


def test_a_call_that_is_given_up_is_told_so_before_and_after_it_asks() -> None:
    told: list[str] = []
    caller = Caller()
    caller.leave()
    caller.when_gone(lambda: told.append("late"))
    other = Caller()
    other.when_gone(lambda: told.append("early"))
    assert told == ["late"]
    other.leave()
    assert (told, other.is_gone) == (["late", "early"], True)


def test_if_match_means_nothing_to_a_row_that_is_not_conditional() -> None:
    operations = Operations(Outcome({}))
    operations.answer("GET", "/namespaces/a", b"", {"If-Match": "anything"})
    assert operations.calls[0].if_version is None


def test_a_byte_order_mark_is_no_json() -> None:
    reply = at_once(Operations(Outcome({})).answer("POST", "/namespaces", b"\xef\xbb\xbf{}"))
    assert (reply.response.status, code(reply.response)) == (400, "unreadable")


@pytest.mark.parametrize("size", [0, 300_000])
def test_half_of_a_surrogate_pair_is_told(size: int) -> None:
    body = b'{"x": [' + b"1," * size + rb'1], "name": "\ud800"}'

    async def run() -> Reply:
        reply = Operations(Outcome({})).answer("POST", "/namespaces", body)
        return await reply if isinstance(reply, Awaitable) else at_once(reply)

    response = asyncio.run(run()).response
    assert (response.status, code(response)) == (400, "unreadable")
    place = body.index(rb"\ud800") + len(rb"\ud800")
    told = b"JSON that cannot be read: half of a surrogate pair in a string (byte %d)" % place
    assert told in response.body


@pytest.mark.parametrize("body", [b'{"a": "\\\\ud800"', b'{"a": "x'])
def test_a_text_that_ends_too_early_is_told_so(body: bytes) -> None:
    response = at_once(Operations(Outcome({})).answer("POST", "/namespaces", body)).response
    assert b"The body is no JSON: Input data was truncated" in response.body


def test_a_refused_call_reaches_no_operation() -> None:
    operations = Operations(Outcome({}))
    refused = [
        operations.answer("GET", "/health", headers={"Origin": "http://evil.example"}),
        operations.answer("GET", "/health?x=1"),
        operations.answer("GET", "/health", b"{}"),
        operations.answer("POST", "/namespaces/a/stubs"),
        operations.answer("PUT", "/health"),
        operations.answer("GET", "/nothing"),
    ]
    assert [at_once(reply).response.status for reply in refused] == [403, 422, 400, 400, 405, 404]
    assert operations.calls == []


def test_a_problem_of_the_control_api_names_its_code_in_a_header() -> None:
    response = at_once(Operations(Conflict("not now")).answer("GET", "/health")).response
    assert dict(response.headers)["X-Mock-Error"] == "conflict"
    assert document(response)["detail"] == "not now"
