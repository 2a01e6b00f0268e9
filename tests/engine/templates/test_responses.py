"""Responses that are templates: bodies in files, statuses without a body, what is left plain."""

from __future__ import annotations

from typing import Any

from tests.engine.requests import make_request
from tests.engine.templates.rendered import failure_of, occasion

from pymockapi.engine.definitions import read_response
from pymockapi.model.files import FileBody, file_body
from pymockapi.model.reader import Findings
from pymockapi.model.response import Response

FILES = {
    "a.txt": b"to {{ request.json.name }}\r\n",
    "a.bin": b"\xff{{ hit }}",
    "plain.txt": b"no tags",
}


def read(**definition: Any) -> tuple[Response, list[str]]:
    def read_file(name: str) -> FileBody | str:
        return file_body(FILES[name])

    found = Findings(read_file)
    response = read_response({"template": True, **definition}, "/response", found)
    return response, [f"{each.pointer}: {each.message}" for each in found.items]


def made(**definition: Any) -> Response:
    response, problems = read(**definition)
    assert problems == []
    assert response.template is not None
    return response.template.render(occasion())[0]


def test_a_file_is_a_template() -> None:
    response = made(file="a.txt")
    assert response.body == b"to Ann\r\n"
    assert ("Content-Type", "text/plain; charset=utf-8") in response.headers


def test_a_file_that_is_no_text_is_told() -> None:
    _, problems = read(file="a.bin")
    assert problems == [
        "/response/file: a file that is a template holds UTF-8 text; this one does not"
    ]


def test_what_has_nothing_to_render_stays_plain() -> None:
    for plain in ({"file": "plain.txt"}, {"text": "a"}, {"json": ["a", {"b": 1}]}, {}):
        response, problems = read(headers={"x": "y"}, **plain)
        assert (problems, response.template) == ([], None)


def test_a_status_without_a_body_sends_none() -> None:
    response = made(status=204, headers={"x": "{{ hit }}"}, text="{{ hit }}")
    assert (response.tail, b"Content-Length" in response.head) == (b"\r\n", False)
    assert made(status=304, text="{{ hit }}").tail == b"\r\n"


def test_a_delay_of_its_own_stays() -> None:
    response = made(delay="2s", headers={"x": "{{ hit }}"})
    assert (response.delay_s, response.own_delay) == (2.0, True)


def test_a_request_without_a_host_has_no_base_url() -> None:
    assert "'base_url' is missing" in failure_of("{{ base_url }}", make_request("GET", "/"))


def test_a_body_that_cannot_be_decoded_is_missing() -> None:
    packed = make_request("POST", "/", [("Content-Encoding", "gzip")], b"no gzip")
    assert "'request.body' is missing" in failure_of("{{ request.body }}", packed)
    assert "'request.json' is missing" in failure_of("{{ request.json }}", packed)
