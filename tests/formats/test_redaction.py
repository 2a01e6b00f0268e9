"""What is secret does not leave in an export, wherever it stands; the rest stays readable."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.requests import make_request as made_request

from pymockapi.engine.matching.request_values import read_request_value
from pymockapi.formats.hiding import hidden, hidden_differences
from pymockapi.formats.redaction import Redactor
from pymockapi.formats.secrets import Swap, mark
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.plan import Candidate
from pymockapi.model.reader import Findings
from pymockapi.model.request import Request
from pymockapi.model.stub import Difference
from pymockapi.service.documents import body_document


def redactor(*notations: str) -> Redactor:
    found = Findings()
    fields = [read_request_value(each, "", found) for each in notations]
    found.check("The fields")
    return Redactor(fields)


def make_request(
    method: str = "GET",
    target: str = "/x",
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> Request:
    return made_request(method, target, headers=list((headers or {}).items()), body=body)


def exchange(request: Request, **more: Any) -> dict[str, Any]:
    """Return the parts of a recorded exchange's document that a redactor looks at."""
    return {
        "number": 1,
        "target": request.target,
        "path": request.path,
        "query": {name: list(values) for name, values in request.query.items()},
        "headers": [list(pair) for pair in request.headers],
        "trailers": [],
        "body": body_document(request.body),
        "params": {},
        "response": None,
        "error": None,
        **more,
    }


def redacted(made: Redactor, request: Request, **more: Any) -> dict[str, Any]:
    params = more.get("params", {})
    return made.exchange(exchange(request, **more), request, [params])


def header(document: dict[str, Any], name: str) -> str:
    value: str = next(value for each, value in document["headers"] if each.lower() == name)
    return value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Bearer s3cr3t-token", f"Bearer {mark('s3cr3t-token')}"),
        ("Basic dTpwdw==", f"Basic {mark('dTpwdw==')}"),
        ("s3cr3t-token", mark("s3cr3t-token")),
    ],
)
@pytest.mark.parametrize("name", ["authorization", "proxy-authorization"])
def test_credentials_keep_their_scheme_and_a_fingerprint(name: str, value: str, shown: str) -> None:
    found = redacted(redactor(), make_request(headers={name: value}))
    assert header(found, name) == shown


def test_equal_secrets_have_equal_marks_and_others_have_not() -> None:
    assert mark("a") == mark("a") != mark("b")
    assert mark({"a": 1, "b": 2}) == mark({"b": 2, "a": 1})


def test_cookies_keep_their_names() -> None:
    response = {"headers": [["Set-Cookie", "sid=abcdef; Path=/"]], "body": {"size": 0}}
    request = make_request(headers={"cookie": "sid=abcdef; theme; x=1"})
    found = redacted(redactor(), request, response=response)
    assert header(found, "cookie") == f"sid={mark('abcdef')}; theme; x={mark('1')}"
    assert header(found["response"], "set-cookie") == f"sid={mark('abcdef')}; Path=/"


def test_trailers_of_an_answer_keep_no_secret() -> None:
    trailers = [["X-Key", "s3cret-key"], ["X-Sum", "7"]]
    response = {"headers": [], "trailers": trailers, "body": {"size": 0}}
    found = redacted(redactor("header.x-key"), make_request(), response=response)["response"]
    assert found["trailers"] == [["X-Key", mark("s3cret-key")], ["X-Sum", "7"]]


def test_what_is_secret_is_taken_out_of_the_pieces_of_a_definition() -> None:
    made = redactor()
    redacted(made, make_request(headers={"authorization": "Bearer s3cr3t-token"}))
    stub: Any = {
        "response": {"stream": [{"text": "for s3cr3t-token", "after": "1s"}]},
        "responses": [{"sse": [{"data": {"token": "s3cr3t-token"}, "id": 1}]}],
    }
    found: Any = made.scrubbed(made.definition(stub))
    token = mark("s3cr3t-token")
    assert found["response"]["stream"] == [{"text": f"for {token}", "after": "1s"}]
    assert found["responses"][0]["sse"] == [{"data": {"token": token}, "id": 1}]


SECRET = "pa ss/word"
CASES: list[tuple[str, dict[str, Any]]] = [
    ("query.key", {"target": "/x?key=pa+ss%2Fword&a=1"}),
    ("query.key", {"target": "/x?key=pa%20ss/word&a=1"}),
    ("header.X-Key", {"headers": {"x-key": SECRET}}),
    ("form.password", {"method": "POST", "body": b"a=1&password=pa+ss%2Fword",
                       "headers": {"content-type": "application/x-www-form-urlencoded"}}),
    ("body.$.login.password", {"method": "POST", "body": json.dumps(
        {"a": 1, "login": {"password": SECRET}}).encode()}),
    ("body.$.login", {"method": "POST", "body": json.dumps(
        {"a": 1, "login": {"password": SECRET}}).encode()}),
    ("body", {"method": "POST", "body": SECRET.encode()}),
]  # fmt: skip


@pytest.mark.parametrize(("notation", "request_parts"), CASES)
def test_what_settings_name_is_gone_from_everywhere(
    notation: str, request_parts: dict[str, Any]
) -> None:
    parts = {"method": "GET", "target": "/x", **request_parts}
    request = make_request(parts.pop("method"), parts.pop("target"), **parts)
    response = {"headers": [], "body": body_document(f"you sent {SECRET}".encode())}
    found = redacted(redactor(notation), request, response=response)
    text = json.dumps(found, ensure_ascii=False)
    for way in ("ss/w", "ss%2Fw", "ss%2fw", "pa ss", "pa+ss"):
        assert way not in text, found
    assert "redacted-" in text
    if "a=1" in request.target or b"a=1" in request.body:
        assert "a=1" in text


def test_a_capture_of_the_path_is_gone_from_path_and_target() -> None:
    request = make_request("GET", "/users/j%40n/orders")
    found = redacted(redactor("params.name"), request, params={"name": "j@n"})
    assert (found["target"], found["params"]["name"]) == (
        f"/users/{mark('j@n')}/orders",
        mark("j@n"),
    )


def test_a_number_in_json_is_as_secret_as_a_text() -> None:
    request = make_request("POST", "/x", body=b'{"pin": 1234, "other": 1234.5, "flag": true}')
    body = redacted(redactor("body.$.pin"), request)["body"]
    assert body["json"] == {"pin": mark(1234), "other": 1234.5, "flag": True}
    assert "1234," not in body["text"]


def test_a_short_secret_is_replaced_where_it_stands_and_not_in_other_words() -> None:
    request = make_request("GET", "/orders/7?pin=7&seven=77")
    found = redacted(redactor("query.pin"), request)
    assert found["target"] == f"/orders/{mark('7')}?pin={mark('7')}&seven=77"
    assert found["query"]["seven"] == ["77"]


@pytest.mark.parametrize(
    ("notation", "body", "is_shown"),
    [
        ("query.key", b"\xff\xfe", True),
        ("body", b"\xff\xfe", False),
        ("form.password", b"password=hunter22&name=\xff", False),
        ("header.x-key", b"\xff hunter22", False),
    ],
)
def test_a_body_that_is_no_text_is_left_out_if_there_is_a_secret_in_it(
    notation: str, body: bytes, is_shown: bool
) -> None:
    request = make_request("POST", "/x", headers={"x-key": "hunter22"}, body=body)
    found = redacted(redactor(notation), request)["body"]
    assert found["size"] == len(body)
    assert ("base64" in found) is is_shown


def test_what_a_404_quotes_of_a_secret_is_gone_too() -> None:
    difference = {"field": "header.authorization", "expected": 'equal to "Bearer expected-one"',
                  "actual": '"Bearer s3cr3t-token"'}  # fmt: skip
    problem = {
        "detail": "expected Bearer expected-one",
        "nearest": [{"differences": [difference]}, 1],
    }
    response = {"headers": [], "body": body_document(json.dumps(problem).encode())}
    request = make_request(headers={"authorization": "Bearer s3cr3t-token"})
    quoted = {"field": "query.key", "expected": '"qwertz"', "actual": '"\\u12"'}
    explanation = {"request": "GET /x", "candidates": [{"differences": [quoted]}]}
    found = redacted(redactor("query.key"), request, response=response, explanation=explanation)
    text = json.dumps(found)
    assert "expected-one" not in text
    assert "s3cr3t" not in text
    assert "qwertz" not in text


def test_a_password_of_basic_credentials_is_gone_wherever_it_is_echoed() -> None:
    token = base64.b64encode(b"user:hunter22").decode()
    request = make_request(headers={"authorization": f"Basic {token}"})
    response = {"headers": [], "body": body_document(b"password hunter22 is wrong")}
    found = redacted(redactor(), request, response=response)
    assert found["response"]["body"]["text"] == f"password {mark('hunter22')} is wrong"


def test_credentials_that_are_no_base64_are_redacted_as_they_are() -> None:
    found = redacted(redactor(), make_request(headers={"authorization": "Basic ???"}))
    assert header(found, "authorization") == f"Basic {mark('???')}"


def test_what_exchanges_had_is_taken_out_of_other_texts() -> None:
    made = redactor()
    state: Any = {"token": "s3cr3t-token", "list": ["Bearer s3cr3t-token", 1], "n": None}
    assert made.scrubbed(state) == state
    redacted(made, make_request(headers={"authorization": "Bearer s3cr3t-token"}))
    token = mark("s3cr3t-token")
    assert made.scrubbed(state) == {"token": token, "list": [f"Bearer {token}", 1], "n": None}


def test_only_so_many_secrets_are_looked_for_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pymockapi.formats.redaction.MAX_SEEN", 1)
    made = redactor()
    for token in ("first-token", "other-token"):
        redacted(made, make_request(headers={"authorization": f"Bearer {token}"}))
    assert made.scrubbed(["first-token", "other-token"]) == [mark("first-token"), "other-token"]


def test_a_definition_keeps_no_credentials_and_no_cookies() -> None:
    definition = {
        "name": "pay",
        "request": {
            "path": "/pay",
            "headers": {
                "Authorization": "Bearer s3cr3t",
                "accept": "x",
                "x-key": [{"equals": "k"}],
            },
            "cookies": {"sid": "abc"},
            "auth": {"basic": {"username": "u", "password": "p", "n": 1}},
            "query": {"key": "v", "page": "1"},
        },
        "response": {"headers": {"set-cookie": "sid=1"}, "json": {"auth": "stays"},
                     "trailers": {"x-key": "k", "x-n": "1"}},
    }  # fmt: skip
    found: Any = redactor("header.x-key", "query.key").definition(definition)
    request = found["request"]
    assert request["headers"] == {
        "Authorization": f"Bearer {mark('s3cr3t')}", "accept": "x", "x-key": [{"equals": mark("k")}],
    }  # fmt: skip
    assert request["cookies"] == {"sid": mark("abc")}
    assert request["auth"] == {"basic": {"username": mark("u"), "password": mark("p"), "n": 1}}
    assert request["query"] == {"key": mark("v"), "page": "1"}
    assert found["response"] == {
        "headers": {"set-cookie": mark("sid=1")},
        "json": {"auth": "stays"},
        "trailers": {"x-key": mark("k"), "x-n": "1"},
    }


def test_what_a_challenge_of_digest_tells_everybody_stays_in_a_definition() -> None:
    digest = {"realm": "shop", "qop": "auth", "algorithm": "MD5", "uri": "/x?key=v",
              "username": "alice", "password": {"equals": "hunter22"}}  # fmt: skip
    definition: Any = {"request": {"auth": {"digest": digest, "bearer": "abcd"}}}
    shown: Any = redactor().definition(definition)
    hidden_ones = {"username": mark("alice"), "password": {"equals": mark("hunter22")}}
    auth = {"digest": {**digest, **hidden_ones}, "bearer": mark("abcd")}
    assert shown["request"]["auth"] == auth
    with_key: Any = redactor("query.key").definition(definition)
    assert with_key["request"]["auth"]["digest"]["uri"] == mark("/x?key=v")


class OverBudget:
    """A place in a request that takes too long to find."""

    notation = "body.$..x"

    def values(self, request: Request, captures: Mapping[str, str]) -> list[Any]:
        raise ExpressionLimit(f"{request.path} {captures}")


def test_a_body_that_could_not_be_searched_is_left_out_whole() -> None:
    request = make_request("POST", "/x", body=b'{"x": "hunter22"}')
    found = Redactor([OverBudget()]).exchange(exchange(request), request, ())
    assert found["body"] == {"size": 17, "text": mark('{"x": "hunter22"}')}


@pytest.mark.parametrize(("notation", "is_shown"), [("body.$.pin", False), ("query.pin", True)])
def test_a_long_body_whose_fields_may_be_secret_is_left_out(notation: str, is_shown: bool) -> None:
    body = json.dumps({"pin": 17, "text": "x" * 300_000}).encode()
    request = make_request("POST", "/x", body=body)
    found = redacted(redactor(notation), request)["body"]
    assert found["size"] == len(body)
    assert (found["text"] == body.decode()) is is_shown
    assert ("17" in found["text"]) is is_shown


def test_a_very_large_body_keeps_its_length_and_hash() -> None:
    request = make_request("POST", "/x", body=b"x" * 1_100_000)
    assert redacted(redactor("body.$.pin"), request)["body"].keys() == {"size", "sha256"}


def test_what_a_secret_list_or_object_holds_is_secret_by_itself() -> None:
    body = json.dumps({"cards": [{"number": "4111-1111"}, ["5500-0000"], 7]}).encode()
    response = {"headers": [], "body": body_document(b"charged 4111-1111 and 5500-0000")}
    found = redacted(redactor("body.$.cards"), make_request("POST", body=body), response=response)
    first, second = mark("4111-1111"), mark("5500-0000")
    assert found["response"]["body"]["text"] == f"charged {first} and {second}"


@pytest.mark.parametrize(
    ("field", "expected", "shown"),
    [
        ("header.authorization", 'equal to "Bearer abc"', f'equal to "Bearer {mark("abc")}"'),
        ("header.Authorization", 'starting with "Bearer "', 'starting with "Bearer "'),
        ("header.authorization", "matching Bearer .+", "matching Bearer .+"),
        ("cookie.sid", 'one of "a", "b"', f'one of "{mark("a")}", "{mark("b")}"'),
        ("auth.bearer", '"x\\u12"', f'"{mark(chr(34) + "x" + chr(92) + "u12" + chr(34))}"'),
        ("query.key", 'equal to "k"', f'equal to "{mark("k")}"'),
        ("query.page", 'equal to "k"', 'equal to "k"'),
        ("header.cookie", 'containing "k"', f'containing "{mark("k")}"'),
        ("auth.digest.realm", 'equal to "shop"', 'equal to "shop"'),
        ("auth.digest.qop", 'equal to "auth"', 'equal to "auth"'),
        ("auth.digest.algorithm", 'equal to "MD5"', 'equal to "MD5"'),
        ("auth.digest.username", 'equal to "k"', f'equal to "{mark("k")}"'),
        ("auth.digest.uri", 'equal to "/a?key=k"', f'equal to "{mark("/a?key=k")}"'),
    ],
)
def test_a_404_quotes_secrets_by_their_marks(field: str, expected: str, shown: str) -> None:
    found = Findings()
    difference = Difference(field, expected, '"other"')
    candidate = Candidate("s", "own", 5, False, False, None, (difference,), "GET /")
    (told,) = hidden((candidate,), (read_request_value("query.key", "", found),))
    assert told.differences[0].expected == shown


def test_the_uri_of_a_digest_is_shown_where_nothing_in_it_is_secret() -> None:
    difference = Difference("auth.digest.uri", 'equal to "/a"', '"/b"')
    assert hidden_differences((difference,)) == (difference,)


def test_a_secret_deep_in_a_list_is_replaced_where_it_stands() -> None:
    body = b'{"items": [{"pin": 12, "n": 1}, [true, "12"]]}'
    found = redacted(redactor("body.$.items[0].pin"), make_request("POST", body=body))
    assert found["body"]["json"] == {"items": [{"pin": mark(12), "n": 1}, [True, "12"]]}


@pytest.mark.parametrize(
    ("notation", "field", "is_secret"),
    [
        ("body.$.card.number", "body.$.card.number", True),
        ("body.$.card.number", "body.$['card'].number", True),
        ("body.$.card", "body.$.card.number", True),
        ("body.$.card.number", "body.$.card.expiry", False),
        ("body.$.items[*].pin", "body.$.items[3].pin", True),
        ("body.$.items[0].pin", "body.$.items[3].pin", False),
        ("body.$..pin", "body.$.items[3].pin", True),
        ("body.$..pin", "body.$.pins", False),
        ("body.$.*.pin", "body.$.card.pin", True),
        ("body.$.items[?@.pin > 3].pin", "body.$.items[3].pin", True),
        ("query.key", "body.$.key", False),
    ],
)
def test_a_404_knows_the_places_that_a_jsonpath_names(
    notation: str, field: str, is_secret: bool
) -> None:
    fields = (read_request_value(notation, "", Findings()),)
    (told,) = hidden_differences((Difference(field, "equal to 41111", '"k"'),), fields)
    shown = (f"equal to {mark(41111)}", f'"{mark("k")}"')
    assert (told.expected, told.actual) == (shown if is_secret else ("equal to 41111", '"k"'))


@pytest.mark.parametrize("secret", [4111111111111111, "4111111111111111", -1234.5])
def test_what_a_request_brought_is_hidden_wherever_a_404_quotes_it(secret: Any) -> None:
    request = make_request("POST", body=json.dumps({"card": {"number": secret}}).encode())
    fields = (read_request_value("body.$.card.number", "", Findings()),)
    differences = (
        Difference("body", 'containing "x"', f"{request.body.decode()!r}"),
        Difference("body.$.card", "absent", f'{{"number": {json.dumps(secret)}}}'),
    )
    for told in hidden_differences(differences, fields, request):
        assert str(secret) not in told.actual
        assert "redacted-" in told.actual


def test_a_secret_number_is_gone_from_answers_that_echo_it_and_from_no_other_number() -> None:
    made = redactor("body.$.year")
    request = make_request("POST", body=b'{"year": 2026, "no": 12026}')
    answer = body_document(b'{"year": 2026, "no": 12026, "told": "in 2026, not 12026 or 2026-01"}')
    response = {"headers": [], "body": answer}
    found = redacted(made, request, response=response, at="2026-01-01T00:00:00Z")
    told = {"year": mark(2026), "no": 12026, "told": f"in {mark(2026)}, not 12026 or 2026-01"}
    assert found["response"]["body"]["json"] == told
    assert "2026," not in found["response"]["body"]["text"].replace("12026,", "")
    assert found["at"] == "2026-01-01T00:00:00Z"
    state: Any = {"year": 2026, "no": 12026}
    assert made.scrubbed(state) == state
    assert made.scrubbed(state, is_data=True) == {"year": mark(2026), "no": 12026}


def test_a_definition_keeps_no_secret_of_a_json_body() -> None:
    body = {"json_contains": {"card": {"number": 41111, "brand": "x"}}, "jsonpath": {"$.pin": "1"}}
    found: Any = redactor("body.$.card.number", "body.$..pin").definition({"body": body})
    assert found["body"] == {
        "json_contains": {"card": {"number": mark(41111), "brand": "x"}},
        "jsonpath": {"$.pin": mark("1")},
    }


@given(
    secrets=st.lists(
        st.text("ab12-.", min_size=4, max_size=6) | st.integers(1_000, 20_000) | st.just(12.25),
        max_size=8,
    ),
    text=st.text("ab12-. ", max_size=40),
)
def test_many_secrets_are_found_as_few_are(secrets: list[str | float], text: str) -> None:
    few = Swap(secrets).finder
    many = Swap([*secrets, *(f"other-{n:03}-secret" for n in range(200))]).finder
    document = f"{text} {' '.join(map(str, secrets))} {text}"
    assert few.is_few
    assert not many.is_few
    assert many.text(document) == few.text(document)


@pytest.mark.parametrize(
    "written",
    [
        "pa%20ss%2fw%c3%b6rd%2b1",
        "pa+ss%2Fw%C3%B6rd%2B1",
        "pa%20ss/w%C3%B6rd+1",
        "pa ss/w\\u00f6rd+1",
        "pa ss/w\\u00F6rd\\u002B1",
        "pa ss\\/wörd+1",
        base64.b64encode("pa ss/wörd+1".encode()).decode().rstrip("="),
        "pa ss/wörd+1",
    ],
)
def test_a_secret_is_found_as_urls_json_and_base64_write_it(written: str) -> None:
    swap = Swap(["pa ss/wörd+1"])
    assert swap.text(f"told {written} there") == f"told {mark('pa ss/wörd+1')} there"


def test_a_secret_is_found_as_html_writes_it() -> None:
    put = mark("a<b>&'c\"")
    for written in ("a&lt;b&gt;&amp;&#x27;c&quot;", "a&lt;b&gt;&amp;&#39;c&quot;"):
        assert Swap(["a<b>&'c\""]).text(f"<p>{written}</p>") == f"<p>{put}</p>"


def test_the_beginning_of_a_secret_in_a_quote_that_was_cut_is_hidden() -> None:
    token = "secret-token-" + "x" * 300
    for others in ([], [f"other-{n:03}-secret" for n in range(100)]):
        swap = Swap([token, *others])
        assert swap.text(f'got "key={token[:200]}…') == f'got "key={mark(token)}…'


def test_a_cut_literal_at_a_place_of_secrets_is_hidden_to_its_end() -> None:
    fields = (read_request_value("header.x-key", "", Findings()),)
    difference = Difference("header.x-key", 'equal to "k"', '"abcdefghijk' + "l" * 200 + "…")
    (told,) = hidden_differences((difference,), fields)
    assert "abcd" not in told.actual


def test_of_overlapping_secrets_nothing_is_left() -> None:
    assert "abc" not in Swap(["abcdef", "defghi"]).text("x abcdefghi x")
    assert "ghi" not in Swap(["abcdef", "defghi"]).text("x abcdefghi x")


def test_a_text_that_is_full_of_secrets_is_left_out_from_the_first_on() -> None:
    assert Swap(["abcd"]).text("x" + "abcd" * 20_000) == "x" + mark("abcd")


def test_a_very_long_secret_hides_all_that_follows_its_beginning() -> None:
    secret = "b" + "long/" * 1_000
    assert Swap([secret]).text(f"got {secret[:4_000]}") == f"got {mark(secret)}"


@pytest.mark.parametrize("deep", [100, 490, 700, 790])
def test_a_body_as_deep_as_json_is_read_is_redacted(deep: int) -> None:
    body = b"[" * deep + b'{"pin": "hunter22"}' + b"]" * deep
    found = redacted(redactor("body.$..pin"), make_request("POST", "/x", body=body))
    assert "hunter22" not in found["body"]["text"]


def test_a_key_that_comes_twice_hides_no_secret() -> None:
    body = b'{"pin": "hunter22", "pin": null}'
    found = redacted(redactor("body.$.pin"), make_request("POST", "/x", body=body))
    assert found["body"]["text"] == '{"pin": null}'


def test_a_body_that_was_to_be_json_is_left_out_if_something_in_it_is_secret() -> None:
    request = make_request("POST", "/x", body=b'{"pin": "hunter22"')
    assert "hunter22" not in json.dumps(redacted(redactor("body.$.pin"), request))
    assert redacted(redactor(), request)["body"]["text"] == '{"pin": "hunter22"'


def test_a_request_with_very_many_secrets_is_shown_without_bodies() -> None:
    body = json.dumps({"pins": [f"secret-{n}" for n in range(1_000)]}).encode()
    response = {"headers": [], "body": body_document(b"got secret-999")}
    found = redacted(
        redactor("body.$.pins[*]"), make_request("POST", "/x", body=body), response=response
    )
    assert "secret-999" not in json.dumps(found)


def test_a_field_of_a_form_in_parts_is_secret_too() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter22\r\n--b--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    request = make_request("POST", "/x", headers=headers, body=body)
    assert "hunter22" not in json.dumps(redacted(redactor("form.password"), request))


def test_the_credentials_of_an_absolute_target_are_hidden() -> None:
    found = redacted(redactor(), make_request("GET", "http://bob:hunter22@shop/x"))
    assert found["target"] == f"http://bob:{mark('hunter22')}@shop/x"


def test_a_short_capture_is_gone_from_path_and_explanation() -> None:
    request = make_request("GET", "/users/7")
    told = {"request": "GET /users/7", "candidates": []}
    found = redacted(redactor("params.id"), request, params={"id": "7"}, explanation=told)
    shown = f"/users/{mark('7')}"
    assert (found["path"], found["target"]) == (shown, shown)
    assert found["explanation"]["request"] == f"GET {shown}"


def test_a_secret_text_is_gone_where_an_answer_has_it_as_a_number() -> None:
    response = {"headers": [], "body": body_document(b'{"pin": 41111234}')}
    found = redacted(
        redactor("query.pin"), make_request("GET", "/x?pin=41111234"), response=response
    )
    assert found["response"]["body"]["json"] == {"pin": mark("41111234")}


def test_what_another_exchange_has_as_a_secret_is_gone_from_this_one() -> None:
    made = redactor()
    login = make_request("POST", "/login")
    answer = {"headers": [], "body": body_document(b'{"token": "s3cr3t-token"}')}
    made.learn(make_request(headers={"authorization": "Bearer s3cr3t-token"}), (), None)
    found = redacted(made, login, response=answer)
    assert found["response"]["body"]["json"] == {"token": mark("s3cr3t-token")}


def test_a_definition_hides_what_its_long_forms_and_matchers_expect() -> None:
    bodies: list[dict[str, Any]] = [
        {"json": {"value": {"pin": "hunter22"}, "ignore_extra": True}},
        {"json_contains": {"card": {"not": {"pin": "hunter22"}}}},
        {"json_contains": {"list": [{"pin": {"equals": "hunter22"}}]}},
        {"text": {"contains": '"pin": "hunter22"'}},
    ]
    for body in bodies:
        assert "hunter22" not in json.dumps(redactor("body.$..pin").definition({"body": body}))


@pytest.mark.parametrize("body", [b'{"pin": "hunter22"}', b"41111234", b"7"])
def test_a_body_that_is_secret_as_a_whole_is_not_shown_as_json_either(body: bytes) -> None:
    found = redacted(redactor("body"), make_request("POST", "/x", body=body))["body"]
    assert found == {"size": len(body), "text": mark(body.decode())}


def test_a_path_that_is_secret_is_hidden_where_a_404_tells_another() -> None:
    fields = (read_request_value("path", "", Findings()),)
    difference = Difference("path", "/other", "/p/hunter22")
    (told,) = hidden_differences((difference,), fields, make_request("GET", "/p/hunter22"))
    assert told.actual == mark("/p/hunter22")
