"""Keys of definitions, and kinds of faults, as other tools have them, and what is written instead.

For the errors on unknown ones, which name the nearest where it is in no table.
"""

from __future__ import annotations

from typing import Final

_SCENARIO: Final = "write 'responses' for answers in turn, or 'when' and 'set' for state"
_LOOPED: Final = "write after_last: cycle, or after_last: fail"

FOREIGN_KEYS: Final = {
    # WireMock: requests
    "urlPath": "write 'path'",
    "urlPathTemplate": "write 'path', which is a template",
    "urlPathPattern": "write path: {matches: ...}",
    "urlPattern": "write path: {matches: ...}, and 'query' for what follows the '?'",
    "pathParameters": "write path: {matches: ...}",
    "queryParameters": "write 'query'",
    "formParameters": "write body: {form: ...}",
    "multipartPatterns": "write body: {multipart: ...}",
    "bodyPatterns": "write 'body', as in body: {json_contains: ...}; all its keys must hold",
    "basicAuthCredentials": "write auth: {basic: {username: ..., password: ...}}",
    "clientIp": "write client: {ip: ...}",
    "customMatcher": "no code of yours runs here; matchers combine by 'all', 'any' and 'not'",
    # WireMock: matchers
    "equalTo": "write the value itself, or 'equals'",
    "caseInsensitive": "write {equals_ignore_case: ...}",
    "doesNotContain": "write {not: {contains: ...}}",
    "doesNotMatch": "write {not: {matches: ...}}",
    "hasExactly": "write 'exactly'",
    "equalToJson": "write body: {json: ...}, or {json_contains: ...} if there may be more",
    "ignoreArrayOrder": "write json: {value: ..., ignore_order: true}",
    "ignoreExtraElements": "write json: {value: ..., ignore_extra: true}, or 'json_contains'",
    "matchesJsonPath": "write body: {jsonpath: {EXPRESSION: {present: true}}}, or another matcher",
    "matchesJsonSchema": "write body: {json_schema: ...}",
    "equalToXml": "write body: {xml: ...}",
    "matchesXPath": "write body: {xpath: {EXPRESSION: ...}}",
    "binaryEqualTo": "write body: {base64: ...}",
    # WireMock: responses and stubs
    "statusMessage": "write 'reason'",
    "jsonBody": "write 'json'",
    "base64Body": "write 'base64'",
    "bodyFileName": "write 'file'",
    "fixedDelayMilliseconds": "write 'delay', as in delay: 150ms",
    "delayDistribution": "write 'delay', as in delay: {lognormal: {median: 90ms, sigma: 0.4}}",
    "chunkedDribbleDelay": "write 'throttle', as in throttle: 10kB/s, or 'stream' for pieces",
    "transformers": "write template: true",
    "proxyBaseUrl": "no request is passed on to other servers",
    "postServeActions": "write them as 'callbacks' of the response",
    "serveEventListeners": "write them as 'callbacks' of the response",
    "metadata": "write 'meta'",
    "scenarioName": _SCENARIO,
    "requiredScenarioState": "write 'when', as in when: {cart: full}",
    "newScenarioState": "write 'set', as in set: {cart: paid}",
    "mappings": "write 'stubs'",
    # MockServer, Mountebank
    "httpRequest": "write 'request'",
    "httpResponse": "write 'response'",
    "httpError": "write response: {fault: empty}, or another fault",
    "dropConnection": "write fault: empty, or fault: reset",
    "statusCode": "write 'status'",
    "queryStringParameters": "write 'query'",
    "remainingTimes": "write 'times'",
    "predicates": "write 'request'",
    "imposters": "write 'stubs', or 'namespaces' with a port each",
    # Mockintosh
    "endpoints": "write 'stubs'",
    "services": "write 'stubs', or 'namespaces' with a port each",
    "queryString": "write 'query'",
    "urlencoded": "write 'form'",
    "multiResponsesLooped": _LOOPED,
    "datasetLooped": _LOOPED,
    "dataset": "write a step of 'responses' for each row",
    "comment": "write 'meta'",
}

FOREIGN_FAULTS: Final = {
    # WireMock, and Mountebank, which has the first and the last
    "CONNECTION_RESET_BY_PEER": "write 'reset'",
    "EMPTY_RESPONSE": "write 'empty'",
    "MALFORMED_RESPONSE_CHUNK": "write 'malformed_chunk'",
    "RANDOM_DATA_THEN_CLOSE": "write 'garbage'",
}
"""Kinds of faults as other tools name them."""
