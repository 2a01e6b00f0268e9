"""Names of attributes and keywords as other libraries have them, and what they are here.

For the errors on what is not there; whoever comes from elsewhere guesses these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

_HEADER: Final = "give it as headers={'content-type': ...}"
BODIES: Final = "give the body as 'json', 'text', 'base64', 'content' or 'file'"
_ASKED: Final = "say it in the pattern: mock_api.post('/pay', json={...}).assert_called()"
_BROKEN: Final = (
    "no exception travels over HTTP; break the answer on its way, as with fault='reset'"
)
_NO_PROXY: Final = "no request is passed on to other servers"
_IN_TURN: Final = "mock_api.verify([first, second], order='subsequence')"
_DEFINE: Final = "mock_api.get('/orders').respond(json=...)"
_CALL: Final = (
    "respond(call=...), with the server in a thread (thread=True); mostly data does: json="
)

RESPONSE_KEYWORDS: Final = {
    "data": BODIES,
    "body": BODIES,
    "content_type": _HEADER,
    "mimetype": _HEADER,
    "status_code": "did you mean 'status'?",
    "json_data": "did you mean 'json'?",
    "exc": _BROKEN,
    "exception": _BROKEN,
    "side_effect": _BROKEN,
    "callback": f"{_CALL}; webhooks are callbacks=[...]",
    "handler": _CALL,
    "passthrough": _NO_PROXY,
    "pass_through": _NO_PROXY,
    "latency": "did you mean 'delay'?",
}
PATTERN_KEYWORDS: Final = {
    "data": "give the body as 'json', 'json_contains', 'text' or 'form'",
    "content_type": _HEADER,
    "mimetype": _HEADER,
    "params": "did you mean 'query'?",
    "query_string": "did you mean 'query'?",
}
ATTRIBUTES: Final = {
    # unittest.mock, respx, responses, requests-mock
    "assert_called_with": _ASKED,
    "assert_called_once_with": _ASKED.replace("called()", "called_once()"),
    "assert_any_call": _ASKED,
    "assert_has_calls": _IN_TURN,
    "assert_call_count": "assert_called(times=2)",
    "called": "count() > 0, or assert_called()",
    "called_once": "assert_called_once()",
    "call_count": "count()",
    "calls": "requests()",
    "mock_calls": "requests()",
    "call_args": "requests()[-1]",
    "call_args_list": "requests()",
    "last_request": "requests()[-1]",
    "request_history": "requests()",
    "reset_mock": "mock_api.reset()",
    "return_value": "respond(json=...)",
    "side_effect": "respond_with([{'status': 503}, {'status': 200}])",
    "add": _DEFINE,
    "add_callback": _CALL,
    "register_uri": _DEFINE,
    "route": _DEFINE,
    "mock": "respond(json=...)",
    "reply": "respond(200, json=...)",
    "add_passthru": _NO_PROXY,
    "pass_through": _NO_PROXY,
    # pytest-httpserver
    "expect_request": _DEFINE,
    "expect_oneshot_request": "mock_api.get('/orders').respond(times=1)",
    "expect_ordered_request": "mock_api.verify([first, second], order='strict')",
    "respond_with_json": "respond(json=...)",
    "respond_with_data": "respond(text=...), or content=... for bytes",
    "respond_with_response": "respond(200, json=...)",
    "respond_with_handler": _CALL,
    "with_post_hook": "respond(delay=...), fault=..., or template=True",
    "assert_request": "respond(hold='pay'), then mock_api.gate('pay').wait()",
    "url_for": "mock_api.url + '/orders'",
    "check_assertions": "mock_api.verdict()",
    "assert_request_made": "mock_api.post('/pay').assert_called(times=1)",
    "log": "mock_api.requests()",
    "clear": "mock_api.reset()",
    "clear_log": "mock_api.forget_requests()",
    "clear_all_handlers": "mock_api.reset(only=['stubs'])",
    # WireMock
    "stub_for": _DEFINE,
    "will_return": "respond(json=...)",
    "then_return": "respond(json=...)",
    "will_return_json": "respond(json=...)",
}
_OF_NAMESPACES: Final = (
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "any",
    "request",
    "stub",
    "verify",
    "requests",
)


class KnowsForeignNames:
    """Its ``AttributeError`` tells what an attribute of another library is here."""

    __slots__ = ()

    if not TYPE_CHECKING:  # a type checker is to find what is not there

        def __getattr__(self, name: str) -> object:
            raise AttributeError(_missing(type(self).__name__, name), name=name, obj=self)


def _missing(owner: str, name: str) -> str:
    told = f"'{owner}' object has no attribute '{name}'"
    if name in ATTRIBUTES:
        return f"{told}; here: {ATTRIBUTES[name]}"
    if name in _OF_NAMESPACES:
        return f"{told}; a namespace has it, as mock_api.{name}: see server.namespace()"
    return told
