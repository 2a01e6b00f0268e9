"""Keys of definitions, of delays, and kinds of faults, as other tools have them; what is written instead.

For the errors on unknown ones, which name the nearest where it is in no table.
"""

from __future__ import annotations

from typing import Final

_SCENARIO: Final = "write 'responses' for answers in turn, or 'when' and 'set' for state"
_LOOPED: Final = "write after_last: cycle, or after_last: fail"
_BEHIND: Final = "write them as 'callbacks' of the response"
_TEMPLATE: Final = "write template: true"
_NO_CODE: Final = "no code of yours runs here; write template: true"
_NO_PROXY: Final = "no request is passed on to other servers"
_BEHAVIORS: Final = "write 'delay', 'times' and template: true in the response; those of a namespace are 'behaviours'"
_FIXED: Final = "a fixed one is a duration, as in delay: 150ms"
_UNIFORM: Final = "write delay: {uniform: [50ms, 150ms]}"
_LOGNORMAL: Final = "write delay: {lognormal: {median: 90ms, sigma: 0.4}}"
_SPREAD: Final = "write delay: 150ms, or {uniform: [...]}, or {lognormal: {...}}"

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
    "transformers": _TEMPLATE,
    "transformerParameters": "write template: true, and what a test sets into the 'state'",
    "proxyBaseUrl": _NO_PROXY,
    "postServeActions": _BEHIND,
    "serveEventListeners": _BEHIND,
    "metadata": "write 'meta'",
    "scenarioName": _SCENARIO,
    "requiredScenarioState": "write 'when', as in when: {cart: full}",
    "newScenarioState": "write 'set', as in set: {cart: paid}",
    "mappings": "write 'stubs'",
    # MockServer, Mountebank
    "httpRequest": "write 'request'",
    "httpResponse": "write 'response'",
    "httpError": "write response: {fault: empty}, or another fault",
    "httpResponseTemplate": "write response: {template: true, ...}",
    "httpResponseClassCallback": _NO_CODE,
    "httpResponseObjectCallback": _NO_CODE,
    "httpCallback": _NO_CODE,
    "httpForward": _NO_PROXY,
    "dropConnection": "write fault: empty, or fault: reset",
    "responseBytes": "write fault: garbage",
    "connectionOptions": "write 'fault' for what breaks it, 'throttle' or 'stream' for pieces",
    "statusCode": "write 'status'",
    "queryStringParameters": "write 'query'",
    "remainingTimes": "write 'times'",
    "predicates": "write 'request'",
    "is": "write what it has one level up, as in status: 200",
    "_behaviors": _BEHAVIORS,
    "behaviors": _BEHAVIORS,
    "decorate": _TEMPLATE,
    "inject": _NO_CODE,
    "proxy": _NO_PROXY,
    "imposters": "write 'stubs', or 'namespaces' with a port each",
    # Mockintosh
    "endpoints": "write 'stubs'",
    "services": "write 'stubs', or 'namespaces' with a port each",
    "queryString": "write 'query'",
    "urlencoded": "write 'form'",
    "multiResponsesLooped": _LOOPED,
    "datasetLooped": _LOOPED,
    "dataset": "write a step of 'responses' for each row",
    "performanceProfile": "write settings: {behaviour: ...}, or 'delay' and 'fault' of a response",
    "performanceProfiles": "write 'behaviours'",
    "globals": "write 'settings'",
    "fallbackTo": _NO_PROXY,
    "comment": "write 'meta'",
}

FOREIGN_DELAYS: Final = {
    # WireMock, with and without its 'type'
    "type": _SPREAD,
    "lower": _UNIFORM,
    "upper": _UNIFORM,
    "median": _LOGNORMAL,
    "sigma": _LOGNORMAL,
    "milliseconds": _FIXED,
    # MockServer
    "timeUnit": _FIXED,
    "value": _FIXED,
}
"""Keys of a delay that is an object, as other tools have them."""

FOREIGN_FAULTS: Final = {
    # WireMock, and Mountebank, which has the first and the last
    "CONNECTION_RESET_BY_PEER": "write 'reset'",
    "EMPTY_RESPONSE": "write 'empty'",
    "MALFORMED_RESPONSE_CHUNK": "write 'malformed_chunk'",
    "RANDOM_DATA_THEN_CLOSE": "write 'garbage'",
    # Mockintosh
    "RST": "write 'reset'",
    "FIN": "write 'empty'",
}
"""Kinds of faults as other tools name them."""
