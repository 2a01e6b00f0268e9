"""What in a template or a fault is hardly meant is told by ``check``."""

from __future__ import annotations

from typing import Any

import pytest

from pymockapi.config.warnings import find_warnings

PATH = {"path": "/orders/{id}"}


def warned(**stub: Any) -> list[tuple[str, str]]:
    """Return code and pointer of each warning about one stub."""
    found = find_warnings({"version": 1, "stubs": [{"request": PATH, **stub}]})
    return [(each.code, each.pointer.removeprefix("/stubs/0")) for each in found]


@pytest.mark.parametrize(
    ("stub", "places"),
    [
        ({"response": {"template": True, "text": "{{ request.params.id }}"}}, []),
        ({"response": {"template": True, "text": "{{ request.params.di }}"}}, ["/response/text"]),
        ({"response": {"template": True, "text": "{{ request.params['di'] }}"}}, ["/response/text"]),
        ({"response": {"template": True, "json": {"a": ["{{ request.params.di }}"]}}}, ["/response/json/a/0"]),
        ({"response": {"template": True, "headers": {"x": "{{ request.params.di }}"}}}, ["/response/headers/x"]),
        ({"set": {"k": {"template": "{{ request.params.di }}"}}}, ["/set/k/template"]),
        ({"responses": [{"set": {"k": {"template": "{{ request.params.di }}"}}}]},
         ["/responses/0/set/k/template"]),
        ({"set": {"k": {"value": "{{ request.params.di }}"}}}, []),
    ],
)  # fmt: skip
def test_a_name_that_the_path_does_not_capture(stub: dict[str, Any], places: list[str]) -> None:
    assert warned(**stub) == [("missing-capture", place) for place in places]


@pytest.mark.parametrize(
    ("response", "warns"),
    [
        ({"status": 204, "fault": "truncated"}, True),
        ({"status": 304, "fault": {"kind": "malformed_chunk", "probability": 0.1}}, True),
        ({"fault": "truncated"}, True),
        ({"fault": "truncated", "json": {}}, False),
        ({"fault": "malformed_chunk"}, False),
        ({"status": 204, "fault": "reset"}, False),
        ({"status": 204, "fault": "none"}, False),
        ({"status": 204, "fault": None}, False),
    ],
)
def test_a_fault_of_a_body_that_is_not_there(response: dict[str, Any], warns: bool) -> None:
    assert warned(response=response) == [("bodiless-fault", "/response/fault")] * warns


@pytest.mark.parametrize(
    "text",
    [
        "{{ request.path }}", "a {{ hit }}", "{{ state.cart | upper }}", "{{ uuid() }}", "{{now('+1d')}}",
        "{{ random_int(1, 2) }}", "{{ base_url }}/x",
    ],
)  # fmt: skip
def test_a_template_in_a_response_that_is_none(text: str) -> None:
    assert warned(response={"text": text}) == [("unrendered", "/response/text")]
    assert warned(response={"json": [{"a": text}]}) == [("unrendered", "/response/json/0/a")]
    assert warned(response={"template": True, "text": text}) == []


@pytest.mark.parametrize(
    "text", ["{{ name }}", "{hit}", "{% raw %}", "{{", "hit }}", "{{ hitlist }}"]
)
def test_other_braces_are_text(text: str) -> None:
    assert warned(response={"text": text}) == []


@pytest.mark.parametrize("key", ["json", "text", "base64", "stream", "sse", "trailers"])
def test_a_body_in_an_answer_that_sends_none(key: str) -> None:
    content = {"stream": [{"text": ""}], "sse": [{"data": 1}], "trailers": {"x-sum": "1"}}.get(
        key, ""
    )
    assert warned(response={"status": 204, key: content}) == [("unsent-body", f"/response/{key}")]
    assert warned(response={"status": 200, key: content}) == []


def test_templates_in_pieces_and_trailers_are_looked_at_too() -> None:
    text = "{{ request.params.di }}"
    answers: list[dict[str, Any]] = [
        {"stream": [{"text": text}]}, {"sse": [{"data": {"a": text}}]}, {"trailers": {"x": text}}
    ]  # fmt: skip
    for place, answer in zip(
        ("/stream/0/text", "/sse/0/data/a", "/trailers/x"), answers, strict=True
    ):
        assert warned(response=answer) == [("unrendered", f"/response{place}")]
        templated = {**answer, "template": True}
        assert warned(response=templated) == [("missing-capture", f"/response{place}")]
