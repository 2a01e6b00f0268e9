"""For each row and block of the page on matching, a request that fits it and one that does not.

``pattern`` is what the page shows in JSON; a value matcher's row stands for a body's ``$.a``.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from tests.engine.requests import make_request

from pymockapi.model.request import Request


class Example(NamedTuple):
    pattern: dict[str, Any]
    fits: Request
    refused: Request


def _value(matcher: Any, fits: dict[str, Any], refused: dict[str, Any]) -> Example:
    pattern = {"body": {"jsonpath": {"$.a": matcher}}}
    return Example(pattern, make_request(json=fits), make_request(json=refused))


def _path(matcher: Any, fits: str, refused: str) -> Example:
    return Example({"path": matcher}, make_request(target=fits), make_request(target=refused))


def _json(body: dict[str, Any], fits: Any, refused: Any) -> Example:
    return Example({"body": body}, make_request(json=fits), make_request(json=refused))


def _bytes(body: dict[str, Any], fits: bytes, refused: bytes) -> Example:
    return Example({"body": body}, make_request(body=fits), make_request(body=refused))


def _upload(*parts: tuple[str, bytes]) -> Request:
    disposition = "--cut\r\nContent-Disposition: form-data; "
    pieces = [f"{disposition}{head}\r\n\r\n".encode() + content for head, content in parts]
    body = b"\r\n".join([*pieces, b"--cut--\r\n"])
    headers = [("Content-Type", "multipart/form-data; boundary=cut")]
    return make_request("POST", "/avatars", headers, body)


_VALUES: Final = [
    _value("paid", {"a": "paid"}, {"a": "open"}),
    _value({"equals": "paid"}, {"a": "paid"}, {"a": "Paid"}),
    _value({"equals_ignore_case": "PAID"}, {"a": "Paid"}, {"a": "open"}),
    _value({"contains": "ai"}, {"a": ["ai"]}, {"a": "open"}),
    _value({"starts_with": "pa"}, {"a": "paid"}, {"a": "repaid"}),
    _value({"ends_with": "id"}, {"a": "paid"}, {"a": "idle"}),
    _value({"matches": "[a-z]+"}, {"a": "paid"}, {"a": "paid 1"}),
    _value({"one_of": ["paid", "open"]}, {"a": "open"}, {"a": "lost"}),
    _value({"present": True}, {"a": None}, {}),
    _value({"absent": True}, {}, {"a": None}),
    _value({"gt": 0}, {"a": 1}, {"a": 0}),
    _value({"ge": 0}, {"a": 0}, {"a": -1}),
    _value({"lt": 10}, {"a": 9}, {"a": 10}),
    _value({"le": 10}, {"a": 10}, {"a": 11}),
    _value({"before": "now"}, {"a": "2030-01-01"}, {"a": "2031-01-01"}),
    _value({"after": "2030-01-01T00:00:00Z"}, {"a": "2030-01-02"}, {"a": "2029-01-01"}),
    _value({"length": 8}, {"a": "12345678"}, {"a": "1234567"}),
    _value({"length": {"ge": 1, "le": 64}}, {"a": [1]}, {"a": []}),
    _value({"json": {"id": 1}}, {"a": {"id": 1.0}}, {"a": {"id": 1, "b": 2}}),
    _value({"json_contains": {"id": 1}}, {"a": {"id": 1, "b": 2}}, {"a": {"id": 2}}),
    _value({"all": [{"gt": 0}, {"not": 13}]}, {"a": 12}, {"a": 13}),
    _value({"any": ["paid", {"starts_with": "re"}]}, {"a": "repaid"}, {"a": "open"}),
    _value({"not": "paid"}, {"a": "open"}, {"a": "paid"}),
    _value({"exactly": ["a", "b"]}, {"a": ["b", "a"]}, {"a": ["b", "a", "c"]}),
    _value({"includes": ["a", "b"]}, {"a": ["b", "c", "a"]}, {"a": ["b", "c"]}),
]
_PATHS: Final = [
    _path("/orders/{id}", "/orders/7", "/orders"),
    _path({"equals": "/literal/{braces}"}, "/literal/%7Bbraces%7D", "/literal/x"),
    _path({"prefix": "/api/"}, "/api/a/b", "/apis"),
    _path({"prefix": "/api/", "ends_with": ".json"}, "/api/a.json", "/api/a.xml"),
    _path({"matches": "/orders/[0-9]+-[a-z]+"}, "/orders/7-a", "/orders/7"),
]
_BODIES: Final = [
    _json({"json": {"id": 1, "tags": ["a", "b"]}}, {"tags": ["a", "b"], "id": 1}, {"id": 1}),
    _json({"json": {"value": [2, 1], "ignore_order": True}}, [1, 2], [1, 2, 3]),
    _json({"json": {"value": {"id": 1}, "ignore_extra": True}}, {"id": 1, "b": 2}, {"id": 2}),
    _json(
        {"json_contains": {"order": {"total": {"gt": 10}}}},
        {"order": {"total": 11, "currency": "EUR"}},
        {"order": {"total": 10}},
    ),
    _json(
        {"jsonpath": {"$.items[*].sku": {"includes": ["A1"]}}},
        {"items": [{"sku": "B2"}, {"sku": "A1"}]},
        {"items": [{"sku": "B2"}]},
    ),
    _json({"json_schema": {"type": "object", "required": ["id"]}}, {"id": 1}, {"name": "a"}),
    _json(
        {"graphql": {"operation": "GetOrder", "variables": {"id": 7}}},
        {"query": "query GetOrder($id: ID!) {order(id: $id) {id}}", "variables": {"id": 7}},
        {"query": "query GetOrder($id: ID!) {order(id: $id) {id}}", "variables": {"id": 8}},
    ),
    _bytes({"text": {"contains": "hello"}}, b"oh, hello", b"oh"),
    _bytes({"text": {"absent": True}}, b"", b"x"),
    _bytes({"form": {"name": "ann", "age": {"gt": 17}}}, b"name=ann&age=18", b"name=ann&age=17"),
    Example(
        {
            "body": {
                "multipart": {"title": "hi", "avatar": {"filename": "me.png", "length": {"gt": 0}}}
            }
        },
        _upload(("name=title", b"hi"), ("name=avatar; filename=me.png", b"x")),
        _upload(("name=title", b"hi"), ("name=avatar; filename=me.png", b"")),
    ),
    _bytes(
        {"xml": "<order id='7'><item>Tea</item></order>"},
        b'<order id="7">\n  <item>Tea</item>\n</order>',
        b'<order id="7"><item>Cup</item></order>',
    ),
    _bytes(
        {"xpath": {"//item/@sku": "A1", "count(//item)": {"ge": 2}}},
        b"<a><item sku='A1'/><item sku='B2'/></a>",
        b"<a><item sku='A1'/></a>",
    ),
    _bytes(
        {"xpath": {"//p:pay": 5}, "namespaces": {"p": "urn:pay"}},
        b"<a><pay xmlns='urn:pay'>5</pay></a>",
        b"<a><pay>5</pay></a>",
    ),
    _bytes({"base64": "AAEC"}, b"\x00\x01\x02", b"\x00\x01"),
]
_WHOLE: Final = [
    Example(
        {
            "method": "POST",
            "path": "/orders/{order_id}/pay",
            "query": {"page": 2, "debug": {"absent": True}},
            "query_only": False,
            "headers": {"authorization": {"matches": "Bearer .+"}, "x-tenant": "acme"},
            "cookies": {"session": {"present": True}},
            "auth": {"basic": {"username": "u", "password": "p"}},
            "body": {"json_contains": {"amount": {"gt": 0}, "currency": "EUR"}},
            "host": "api.example.com",
            "scheme": "http",
            "client": {"ip": "127.0.0.1"},
        },
        make_request(
            "POST",
            "/orders/7/pay?page=2",
            [
                ("Host", "api.example.com"),
                ("Authorization", "Bearer t"),
                ("Authorization", "Basic dTpw"),
                ("X-Tenant", "acme"),
                ("Cookie", "session=1"),
            ],
            json={"amount": 5, "currency": "EUR"},
        ),
        make_request("POST", "/orders/7/pay?page=2", json={"amount": 5, "currency": "EUR"}),
    ),
    Example({"method": ["GET", "HEAD"]}, make_request("HEAD"), make_request("POST")),
    Example(
        {
            "query": {"tag": {"exactly": ["a", "b"]}, "flag": ""},
            "query_only": True,
            "headers": {"accept": {"contains": "json"}},
            "cookies": {"session": {"matches": "[0-9a-f]{32}"}},
        },
        make_request(
            target="/?tag=b&tag=a&flag",
            headers=[("Accept", "application/json"), ("Cookie", f"session={'0a' * 16}")],
        ),
        make_request(target="/?tag=b&tag=a&flag&more=1"),
    ),
    Example(
        {"auth": {"bearer": {"starts_with": "ey"}}, "host": {"ends_with": ".example.com"}},
        make_request(headers=[("Host", "api.example.com"), ("Authorization", "Bearer eyJ0")]),
        make_request(headers=[("Host", "api.example.com"), ("Authorization", "Bearer t")]),
    ),
]
_ORDER_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
    },
    "required": ["id", "lines"],
    "$defs": {
        "line": {
            "type": "object",
            "properties": {"sku": {"pattern": "^[A-Z][0-9]+$"}, "count": {"minimum": 1}},
        }
    },
}
_WHOLE.append(
    Example(
        {"path": "/orders", "body": {"json_schema": _ORDER_SCHEMA}},
        make_request("POST", "/orders", json={"id": 1, "lines": [{"sku": "A1", "count": 2}]}),
        make_request("POST", "/orders", json={"id": 1, "lines": [{"sku": "A1", "count": 0}]}),
    )
)
_ORDER_QUERY: Final = "query GetOrder($id: ID!) {\n  order(id: $id) { id total }\n}\n"
_WHOLE.append(
    Example(
        {
            "path": "/graphql",
            "body": {
                "graphql": {
                    "operation": "GetOrder",
                    "type": "query",
                    "variables": {"id": {"gt": 0}},
                    "query": _ORDER_QUERY,
                }
            },
        },
        make_request(
            "POST",
            "/graphql",
            json={
                "query": "query GetOrder($id:ID!){order(id:$id){total,id,__typename}} # all of it",
                "operationName": "GetOrder",
                "variables": {"id": 7},
            },
        ),
        make_request("POST", "/graphql", json={"query": _ORDER_QUERY, "variables": {"id": 0}}),
    )
)
_META: Final = ("name=meta\r\nContent-Type: application/json", b'{"user": 7}')
_AVATAR: Final = ("name=avatar; filename=me.png\r\nContent-Type: image/png", b"PNG")
_WHOLE.append(
    Example(
        {
            "path": "/avatars",
            "body": {
                "multipart": {
                    "meta": {
                        "json_contains": {"user": {"gt": 0}},
                        "content_type": {"starts_with": "application/json"},
                    },
                    "avatar": {
                        "filename": {"ends_with": ".png"},
                        "content_type": "image/png",
                        "length": {"le": 1000000},
                    },
                    "thumbnail": {"absent": True},
                }
            },
        },
        _upload(_META, _AVATAR),
        _upload(_META, _AVATAR, ("name=thumbnail", b"x")),
    )
)
_SOAP: Final = (
    "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body>"
    "<Pay xmlns='urn:pay' currency='{}'><amount>12.50</amount></Pay></soap:Body></soap:Envelope>"
)
_WHOLE.append(
    Example(
        {
            "path": "/soap",
            "body": {
                "xpath": {
                    "/s:Envelope/s:Body/p:Pay/p:amount": {"gt": 10},
                    "//p:Pay/@currency": {"one_of": ["EUR", "USD"]},
                },
                "namespaces": {
                    "s": "http://schemas.xmlsoap.org/soap/envelope/",
                    "p": "urn:pay",
                },
            },
        },
        make_request("POST", "/soap", body=_SOAP.format("EUR").encode()),
        make_request("POST", "/soap", body=_SOAP.format("GBP").encode()),
    )
)
_OFFER: Final = (
    'Digest username="ann", realm="shop", nonce="n", uri="/", qop=auth, nc=00000001, cnonce="c",'
    ' response="{}"'
)
_WHOLE.append(
    Example(
        {
            "auth": {
                "digest": {"username": "ann", "realm": "shop", "password": "secret", "qop": "auth"}
            },
            "client": {"ip": {"starts_with": "127."}},
        },
        make_request(
            headers=[("Authorization", _OFFER.format("72d8ca9383b633d7ab14653b40fbb4a6"))]
        ),
        make_request(
            headers=[("Authorization", _OFFER.format("9f3f3d19b3fb20ec4c3b9105a4705fb1"))]
        ),
    )
)
EXAMPLES: Final = [*_VALUES, *_PATHS, *_BODIES, *_WHOLE]
