"""Templates in traffic: what is sent, what is recorded, what is written, and what cannot be made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.server.world import World, code, document

from pymockapi.model.response import Response


def world_of(*stubs: dict[str, Any], **document: Any) -> World:
    world = World(document)
    named = [{"name": f"s{number}", **each} for number, each in enumerate(stubs)]
    world.call("POST", "/namespaces/default/stubs", named)
    return world


def refused(stub: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong in a stub that the control API refuses, with the places."""
    world = World()
    body = json.dumps(stub).encode()
    found = document(world.reply("POST", "/__mock/v1/namespaces/default/stubs", body).response)
    assert found["status"] == 422
    assert world.call("GET", "/namespaces/default/stubs")["stubs"] == []
    return [(each["pointer"], each["message"]) for each in found["errors"]]


def header(response: Response, name: str) -> list[str]:
    return [value for key, value in response.headers if key == name]


ORDER = {
    "request": {"path": "/orders/{id}"},
    "response": {
        "template": True,
        "status": 201,
        "reason": "Made",
        "headers": {"location": "/orders/{{ request.params.id }}", "x-hit": ["{{ hit }}", "fixed"]},
        "json": {"id": "{{ request.params.id | int }}", "text": "no {{ hit }}", "{{ namespace }}": [True, "{{ none }}"]},
    },
}  # fmt: skip


def test_body_and_headers_are_rendered_and_values_keep_their_type() -> None:
    response = world_of(ORDER).send("GET", "/orders/7")
    assert document(response) == {"id": 7, "text": "no 1", "default": [True, None]}
    assert (response.status, response.reason) == (201, "Made")
    assert header(response, "location") == ["/orders/7"]
    assert header(response, "x-hit") == ["1", "fixed"]
    assert header(response, "Content-Type") == ["application/json"]


def test_the_head_on_the_wire_has_the_length_of_what_was_made() -> None:
    response = world_of({"response": {"template": True, "text": "{{ request.path }}ä"}}).send(
        "GET", "/abc"
    )
    assert response.head.endswith(b"\r\nContent-Length: 6\r\n")
    assert response.tail == b"\r\n/abc\xc3\xa4"


def test_what_was_sent_is_recorded_and_stays_as_it_was() -> None:
    world = world_of(ORDER)
    world.send("GET", "/orders/7")
    world.send("GET", "/orders/8")
    first, second = world.entries()
    assert first["response"]["body"]["json"]["id"] == 7
    assert ["location", "/orders/8"] in second["response"]["headers"]


def test_what_was_made_counts_in_the_bytes_of_the_journal() -> None:
    world = world_of({"response": {"template": True, "text": "{{ 'x' | pad(10000) }}"}})
    world.send("GET", "/")
    assert world.call("GET", "/namespaces/default")["counts"]["bytes"] > 20_000


def test_a_location_stays_in_the_namespace() -> None:
    world = world_of(ORDER)
    response = world.send("GET", "/~default/orders/7")
    assert header(response, "location") == ["/~default/orders/7"]
    assert world.entries()[0]["response"]["headers"][1] == ["location", "/~default/orders/7"]


def test_without_template_nothing_is_rendered() -> None:
    text = "{{ request.path }} {% if"
    assert world_of({"response": {"text": text}}).send("GET", "/").body == text.encode()


def test_the_clock_of_the_namespace_is_told() -> None:
    world = world_of({"response": {"template": True, "text": "{{ now() }} {{ now('+1h') }}"}})
    world.call(
        "PUT", "/namespaces/default/clock", {"mode": "frozen", "now": "2031-05-06T07:08:09Z"}
    )
    assert world.send("GET", "/").body == b"2031-05-06T07:08:09Z 2031-05-06T08:08:09Z"


def test_the_answer_sees_the_state_after_the_writes_of_its_request() -> None:
    world = world_of(
        {
            "set": {"n": {"increment": 1}, "last": {"template": "{{ state.n | default(0) }}"}},
            "response": {"template": True, "json": ["{{ state.n }}", "{{ state.last }}"]},
        }
    )
    assert [document(world.send("GET", "/")) for _ in range(3)] == [[1, 0], [2, 1], [3, 2]]


def test_writes_keep_types_and_see_the_state_as_it_was_before_all_of_them() -> None:
    world = world_of(
        {
            "request": {"path": "/users/{id}"},
            "set": {
                "id": {"template": "{{ request.params.id | int }}"},
                "was": {"template": "{{ state.id | default(none) }}"},
                "text": {"template": "hit {{ hit }}"},
            },
            "responses": [{"set": {"was2": {"template": "{{ state.id | default('-') }}"}}}],
        }
    )
    world.send("GET", "/users/4")
    state = world.call("GET", "/namespaces/default/state")
    assert state == {"id": 4, "was": None, "text": "hit 1", "was2": "-"}


@pytest.mark.parametrize("whole", ["{{ state }}", "{{ [state][0] }}", "{{ state | default(1) }}"])
def test_a_state_that_is_written_to_itself_is_what_it_was_before(whole: str) -> None:
    world = world_of({"set": {"n": 1, "before": {"template": whole}}})
    for wanted in (
        {"n": 1, "before": {}},
        {"n": 1, "before": {"n": 1, "before": {}}},
    ):
        assert world.send("GET", "/").status == 200
        assert world.call("GET", "/namespaces/default/state") == wanted


def test_a_sequence_tells_the_hit_of_its_stub() -> None:
    step = {"template": True, "text": "{{ hit }}"}
    world = world_of({"responses": [{"times": 2, **step}, step]})
    assert [world.send("GET", "/").body for _ in range(4)] == [b"1", b"2", b"3", b"4"]


def test_an_answer_to_unmatched_requests_may_be_a_template() -> None:
    unmatched = {
        "status": 404,
        "template": True,
        "json": {"missing": "{{ request.path }}", "id": "{{ uuid() }}"},
    }
    world = World({"settings": {"unmatched": unmatched}})
    first, second = document(world.send("GET", "/a")), document(world.send("GET", "/b"))
    assert (first["missing"], second["missing"]) == ("/a", "/b")
    assert first["id"] != second["id"]


def test_the_base_url_is_where_the_client_found_the_namespace() -> None:
    world = world_of({"response": {"template": True, "text": "{{ base_url }}"}})
    assert world.send("GET", "/x", Host="mocks:81").body == b"http://mocks:81"
    assert world.send("GET", "/~default/x", Host="mocks:81").body == b"http://mocks:81/~default"


# What cannot be rendered.


def test_a_value_that_is_missing_is_told_with_its_place_and_fails_the_verdict() -> None:
    world = world_of({"response": {"template": True, "json": {"a": [1, "{{ request.query.q }}"]}}})
    response = world.send("GET", "/")
    assert (response.status, code(response)) == (599, "template-error")
    assert document(response)["detail"] == (
        "Stub 's0': response/json/a/1, line 1, column 1: 'request.query.q' is missing; where that"
        " may be, write {{ request.query.q | default('...') }}."
    )
    entry = world.entries()[0]
    assert (entry["stub"], entry["hit"], entry["error"]) == ("s0", 1, "template-error")
    verdict = world.call("GET", "/namespaces/default/verdict")
    (problem,) = [each for each in verdict["problems"] if each["kind"] == "errors"]
    assert verdict["passed"] is False
    assert "'request.query.q' is missing" in verdict["report"]
    assert problem["count"] == 1


def test_a_template_past_its_budget_is_told_as_a_limit() -> None:
    world = world_of(
        {"response": {"template": True, "text": "{{ 'x' | pad(request.query.n | int) }}"}}
    )
    response = world.send("GET", "/?n=99999999999")
    assert (response.status, code(response)) == (599, "template-limit")
    assert "makes more than 1,048,576 characters" in document(response)["detail"]
    assert world.send("GET", "/?n=3").body == b"  x"


def test_a_write_that_cannot_be_made_takes_the_turn_and_writes_nothing() -> None:
    world = world_of(
        {
            "set": {"a": 1, "b": {"template": "{{ request.query.q }}"}},
            "responses": [{"status": 201, "times": 1}, {"status": 202}],
        }
    )
    response = world.send("GET", "/")
    assert (response.status, code(response)) == (599, "template-error")
    assert document(response)["detail"].startswith(
        "Stub 's0', step 1: set/b/template, line 1, column 1:"
    )
    assert world.call("GET", "/namespaces/default/state") == {}
    assert world.send("GET", "/?q=1").status == 202


def test_the_writes_of_a_request_have_a_smaller_budget_of_their_own() -> None:
    world = world_of(
        {
            "set": {"a": {"template": "{{ 'x' | pad(request.query.n | int) }}"}},
            "response": {"template": True, "text": "{{ 'y' | pad(400000) | length }}"},
        }
    )
    response = world.send("GET", "/?n=200000")
    assert (code(response), "262,144 characters" in document(response)["detail"]) == (
        "template-limit",
        True,
    )
    assert world.send("GET", "/?n=50000").body == b"400000"


@pytest.mark.parametrize("sent", ["a%0d%0aSet-Cookie:%20x=1", "%00", "%7f"])
def test_no_request_can_put_a_line_into_the_head(sent: str) -> None:
    world = world_of(
        {"response": {"template": True, "headers": {"x-echo": "{{ request.query.q }}"}}}
    )
    response = world.send("GET", f"/?q={sent}")
    assert (response.status, code(response)) == (599, "template-error")
    assert b"Set-Cookie" not in response.head
    assert (
        "response/headers/x-echo: a header value has no line breaks" in document(response)["detail"]
    )


def test_what_a_request_brings_is_sent_as_it_is() -> None:
    world = world_of({"response": {"template": True, "text": "{{ request.query.q }}"}})
    assert world.send("GET", "/?q=%7B%7B%20uuid()%20%7D%7D").body == b"{{ uuid() }}"


def test_what_is_secret_is_told_by_its_mark_in_the_reason() -> None:
    world = world_of(
        {"response": {"template": True, "text": "{{ request.headers.authorization | int }}"}}
    )
    response = world.send("GET", "/", Authorization="Bearer s3cret-token-of-mine")
    assert "s3cret" not in response.body.decode()
    assert "expected a number, got 'Bearer redacted-" in document(response)["detail"]
    assert "s3cret" not in world.call("GET", "/namespaces/default/verdict")["report"]


def test_a_long_value_is_told_by_its_length() -> None:
    world = world_of({"response": {"template": True, "text": "{{ request.query.q | int }}"}})
    assert (
        "got a text of 100 characters" in document(world.send("GET", "/?q=" + "a" * 100))["detail"]
    )


@pytest.mark.parametrize("field", ["json", "form.a"])
def test_reading_a_body_takes_steps_once(field: str) -> None:
    body = b"[" + b" " * 900_000 + b"]"
    loop = "{% for n in [1, 2, 3] %}{{ request." + field + " is defined }}{% endfor %}"
    world = world_of({"response": {"template": True, "text": loop}})
    assert world.send("POST", "/", body).status == 200
    two = world_of(
        {"response": {"template": True, "text": "{{ request.json }}{{ request.form.a }}"}}
    )
    assert code(two.send("POST", "/", body)) == "template-limit"


# What cannot be defined.


@pytest.mark.parametrize(
    ("stub", "pointer", "message"),
    [
        ({"response": {"template": True, "text": "a\n{{ reqest }}"}}, "/response/text",
         "line 2, column 4: there is no input 'reqest'; did you mean 'request'?"),
        ({"response": {"template": True, "json": {"a/b": [{"c": "{{ x"}]}}}, "/response/json/a~1b/0/c",
         "unexpected end of template"),
        ({"response": {"template": True, "json": {"{{ x }}": 1}}}, "/response/json/{{ x }}", "no input 'x'"),
        ({"response": {"template": True, "headers": {"x-a": ["b", "{{ x }}"]}}}, "/response/headers/x-a",
         "line 1, column 4: there is no input 'x'"),
        ({"responses": [{}, {"template": True, "text": "{{ x }}"}]}, "/responses/1/text", "no input 'x'"),
        ({"response": {"template": True, "base64": "YQ=="}}, "/response/base64", "bytes are no template"),
        ({"response": {"template": "yes"}}, "/response/template", "expected true or false, got a string"),
        ({"set": {"a": {"template": "{{ x }}"}}}, "/set/a/template", "no input 'x'"),
        ({"set": {"a": {"template": 3}}}, "/set/a/template", "expected a template as a string, got a number"),
        ({"set": {"a": {"template": "x", "value": 3}}}, "/set/a", "expected one of"),
        ({"set": {"a": {"templat": "x"}}}, "/set/a", "did you mean 'template'?"),
        ({"response": {"template": True, "text": "{{ hit }}" * 999}}, "/response/text",
         "the templates of one response may have 1,000 parts in tags"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_its_place(stub: dict[str, Any], pointer: str, message: str) -> None:
    (found,) = refused(stub)
    assert found[0] == pointer
    assert message in found[1]


def test_all_mistakes_of_a_stub_are_told_at_once() -> None:
    response = {"template": True, "json": ["{{ x }}", "{{ y }}"], "headers": {"x-a": "{{ z }}"}}
    assert [pointer for pointer, _ in refused({"response": response, "set": {"k": {"template": "{{"}}})] == [
        "/response/json/0", "/response/json/1", "/response/headers/x-a", "/set/k/template",
    ]  # fmt: skip
