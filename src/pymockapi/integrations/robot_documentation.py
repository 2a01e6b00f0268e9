"""What ``libdoc`` shows: an introduction, and a sentence for each keyword that is a step.

In the documentation syntax of Robot Framework.
"""

from __future__ import annotations

from typing import Final

INTRODUCTION: Final = """Mocks the HTTP APIs that a system under test calls: a namespace for each test.

= Import =

| *** Settings ***
| Library    pymockapi.robot    config=${CURDIR}/mocks.yaml

All arguments of the import are options, and each has a variable of the environment that wins over it,
as ``PYMOCKAPI_SEED``. The server starts with the first test and ends with the run; with ``url``, or
under ``pymockapi run``, it is one that runs already.

= Tests =

Each test has a namespace of its own, with the mocks that its tags ask for, and a verdict at its end: a
test that passed fails if a request came that no stub answered, or not as expected. While it runs there
are the variables

| ${MOCK_API_URL} | the base URL that the system under test is given |
| ${MOCK_API}     | the namespace itself, for what no keyword does: ``${MOCK_API.headers}``, or ``Evaluate    $MOCK_API.get("/orders").respond(json=[])`` |

= Suites =

Where a system is started once for a whole suite, ask for its mocks in ``Suite Setup``, by
`Get Mock API URL` or any other keyword. All tests of the suite then have that URL; what one of them
changes is undone at its end, and it counts only what came while it ran.

= Keywords =

They begin with ``Given``, ``When``, ``Then``, ``And`` and ``But`` as well as without. A method is one of
HTTP, or ``ANY``; a path may be a template, as ``/orders/{id}``.

| *** Test Cases ***
| A payment that fails is tried again
|     Given the API answers POST "/payments" in turn with    503 2 times    201
|     And the API answers GET "/orders/{id}" with 200 and the JSON    {"id": 7, "total": 42}
|     When order 7 is paid
|     Then the API received POST "/payments" 3 times
|     And the API received only
|     ...    GET /orders/7
|     ...    POST /payments 3 times
"""

KEYWORDS: Final = {
    'the API answers {method:w} "{path}" with {status:d}':
        "Answers without a body.",
    'the API answers {method:w} "{path}" with {status:d} and the JSON':
        "Answers with a JSON body: a text, its lines as arguments, or a variable that holds a"
        " dictionary or a list."
        '\n\n| the API answers GET "/orders/{id}" with 200 and the JSON    {"id": 7}',
    'the API answers {method:w} "{path}" with {status:d} and the text':
        "Answers with a text; further arguments are further lines.",
    'the API answers {method:w} "{path}" in turn with':
        "Answers one request so, the next so, and from the last one on always so."
        "\n\nAn answer is a status, JSON, or a dictionary with ``status`` and any of ``times``,"
        " ``json``, ``text`` and ``delay``."
        '\n\n| the API answers POST "/payments" in turn with    503 2 times    {"status": 201,'
        ' "json": {"id": "p1"}}',
    'the API answers {method:w} "{path}" with {status:d} after {seconds:g} seconds':
        "Answers late.",
    'the API must not be asked for {method:w} "{path}", and answers {status:d}':
        "The test fails if such a request comes.",
    "the API is down":
        "Answers every request with 503.",
    "the API is down with {status:d}":
        "Answers every request with that status.",
    'the API is down below "{path}"':
        "Answers every request whose path begins so with 503.",
    "the API takes {seconds:g} seconds to answer":
        "Delays every answer.",
    'the API behaves as "{name}"':
        "Puts a behaviour into force: slow, flaky, down, rate-limited, recovering, or one of the config.",
    'the API uses the set "{name}"':
        "Brings a set of the config into force, as the tag ``mock.NAME`` does.",
    "the API has the state":
        "Sets values of the state; a value is JSON, or else a text."
        "\n\n| the API has the state    cart=full    items=2",
    'the clock of the API stands at "{time}"':
        "Freezes the clock, as at ``2030-01-01T00:00:00Z``.",
    "the API forgets what it received":
        "Drops what was recorded so far.",
    'the API received {method:w} "{path}"':
        "Fails unless at least one such request has come.",
    'the API received {method:w} "{path}" once':
        "Fails unless exactly one has.",
    'the API received {method:w} "{path}" {count:d} times':
        "Fails unless exactly so many have.",
    'the API received {method:w} "{path}" at least {count:d} times':
        "Fails if fewer have.",
    'the API received {method:w} "{path}" at most {count:d} times':
        "Fails if more have.",
    'the API received {method:w} "{path}" within {seconds:g} seconds':
        "Waits for one, and goes on as soon as it is there.",
    'the API received {method:w} "{path}" {count:d} times within {seconds:g} seconds':
        "Fails unless exactly so many have come by then.",
    'the API received {method:w} "{path}" with the JSON':
        "Fails unless one had a JSON body that contains this."
        '\n\n| the API received POST "/payments" with the JSON    {"order": 7}',
    'the API received {method:w} "{path}" with the headers':
        "Fails unless one had these headers."
        '\n\n| the API received GET "/orders" with the headers    X-Tenant=blue',
    'the API received {method:w} "{path}" with the query':
        "Fails unless one had these query values."
        '\n\n| the API received GET "/orders" with the query    page=2    sort=date',
    'the API never received {method:w} "{path}"':
        "Fails if one has come.",
    "the API received in this order":
        "Fails unless these requests came in this order, and of them no more."
        "\n\nA request is a path, with a method before and a number after it as needed, or a"
        " dictionary with ``path`` and any of ``method`` and ``times``."
        "\n\n| the API received in this order    GET /orders/7    POST /payments 3 times",
    "the API received only":
        "Fails unless each came so often as is said, once where nothing is, and nothing else."
        "\n\n| the API received only    GET /orders/7    POST /payments 3 times",
    "the API received nothing":
        "Fails if any request has come.",
    'the state "{key}" of the API is {value}':
        "Compares a value of the state; the value is JSON, or else a text.",
    "nothing is wrong with the requests to the API":
        "Fails if the verdict would, so far.",
}  # fmt: skip
