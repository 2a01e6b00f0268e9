"""Random templates: read or refused with a place, rendered or failed with a reason, always the same."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.templates.rendered import occasion
from tests.fuzz.budget import examples, no_stall
from tests.fuzz.patterns import documents, requests, wild_json, wild_requests
from tests.fuzz.templates import spoiled_templates, states, templates
from tests.server.world import World

from pymockapi.engine.definitions import read_stub
from pymockapi.engine.templates.runtime import MAX_CHARS
from pymockapi.model.reader import Findings
from pymockapi.model.rendering import MAX_STEPS, RenderingFailed
from pymockapi.model.request import Request
from pymockapi.model.response import Response
from pymockapi.model.stub import Stub

_PLACE: Final = re.compile(r"line \d+, column \d+: .")


def read(response: Any) -> Stub | None:
    """Return a stub with that response; ``None`` for one with errors, which tell their place."""
    found = Findings()
    definition = {"response": {"template": True, **response}}
    stub = read_stub(definition, "", found, lambda: "s")
    for item in found.items:
        assert item.pointer.startswith("/response")
        assert item.message
        if item.pointer.startswith("/response/text"):
            assert _PLACE.match(item.message)
    return None if found.items else stub


def rendered(stub: Stub, request: Request, state: Any) -> Response | None:
    """Return the response; ``None`` where a reason is given why there is none."""
    response = stub.steps[0].response
    if response.template is None:
        return response
    try:
        with no_stall():
            made, steps = response.template.render(occasion(request, state=state))
    except RenderingFailed as failed:
        failure = failed
    else:
        return _checked(made, steps)
    assert failure.pointer
    assert failure.message
    return None


def _checked(made: Response, steps: int) -> Response:
    assert 0 <= steps <= MAX_STEPS + MAX_CHARS // 256
    assert len(made.body) <= 6 * MAX_CHARS
    assert made.template is None
    return made


@examples(300)
@given(templates, requests | wild_requests, states)
def test_a_template_makes_the_same_each_time_or_says_why_not(
    text: str, request: Request, state: Any
) -> None:
    before = json.dumps(state)
    stub = read({"text": text})
    if stub is not None:
        made = rendered(stub, request, state)
        assert made == rendered(stub, request, state)
        assert json.dumps(state) == before


@examples(300)
@given(spoiled_templates, requests | wild_requests, states)
def test_a_spoiled_template_is_told_with_its_place_or_works(
    text: str, request: Request, state: Any
) -> None:
    stub = read({"text": text})
    if stub is not None:
        rendered(stub, request, state)


@st.composite
def _documents(draw: st.DrawFn) -> Any:
    return {
        draw(templates | st.just("a")): [draw(templates), draw(documents)],
        "b": draw(templates | spoiled_templates),
    }


@examples(150)
@given(_documents(), requests | wild_requests, states)
def test_json_with_templates_is_always_json(data: Any, request: Request, state: Any) -> None:
    stub = read({"json": data})
    made = None if stub is None else rendered(stub, request, state)
    if made is not None:
        json.loads(made.body)


@examples(150)
@given(templates | spoiled_templates, requests | wild_requests, states)
def test_a_header_never_breaks_out_of_its_line(text: str, request: Request, state: Any) -> None:
    stub = read({"headers": {"x-made": text}, "text": "a"})
    made = None if stub is None else rendered(stub, request, state)
    if made is not None:
        lines = made.head.split(b"\r\n")
        assert [line.partition(b":")[0] for line in lines[1:] if line] == [
            b"Content-Type", b"x-made", b"Content-Length",
        ]  # fmt: skip
        assert b"\n" not in b"".join(lines)


@examples(60)
@given(templates | spoiled_templates | wild_json, st.lists(requests | wild_requests, max_size=2))
def test_a_write_is_made_or_nothing_is_written(template: Any, asked: list[Request]) -> None:
    world = World()
    definition = {"name": "s", "set": {"a": {"template": template}, "b": 1}}
    found = Findings()
    read_stub(definition, "", found, lambda: "s")
    if found.items:
        return
    if "\\ud" in json.dumps(definition):
        return  # cannot be sent
    world.call("POST", "/namespaces/default/stubs", definition)
    for number, request in enumerate(asked, 1):
        world.application.answer(
            Request(request.method, "/", request.head, request.body, "127.0.0.1:1")
        )
        entry = world.entries()[-1]
        assert (entry["hit"], entry["error"] in (None, "template-error", "template-limit")) == (
            number,
            True,
        )
        written = world.call("GET", "/namespaces/default/state")
        assert ("a" in written) == ("b" in written)
