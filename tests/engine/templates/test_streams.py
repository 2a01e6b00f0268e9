"""Streams, events and trailers that are templates."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.templates.rendered import occasion
from tests.engine.templates.test_responses import made, read

from pymockapi.model.delivery import Delivery, Piece, Uniform
from pymockapi.model.rendering import RenderingFailed


def delivery(**definition: Any) -> Delivery:
    found = made(**definition).delivery
    assert found is not None
    return found


def test_each_piece_is_rendered_and_keeps_what_it_waits() -> None:
    spread = {"uniform": [1, 2]}
    response = made(
        stream=[{"text": "to {{ request.json.name }}", "after": "1s"}, {"text": "{plain}"},
                {"json": {"n": "{{ hit }}"}, "after": spread}, {"base64": "e3t9fQ=="}]
    )  # fmt: skip
    assert response.delivery is not None
    assert response.delivery.pieces == (
        Piece(b"to Ann", 1.0), Piece(b"{plain}"), Piece(b'{"n":3}', Uniform(1.0, 2.0)), Piece(b"{{}}"),
    )  # fmt: skip
    assert response.body == b'to Ann{plain}{"n":3}{{}}'
    assert b"Content-Length" not in response.head
    assert response.own_bytes > 2 * len(response.body)


def test_the_fields_of_events_are_rendered() -> None:
    pieces = delivery(
        sse=[{"data": "{{ request.json.name }}\nbye", "id": "{{ hit }}", "event": "e-{{ hit }}"},
             {"data": {"ids": "{{ state.ids }}"}, "id": 7}, {"comment": "{{ namespace }}"},
             {"data": "as it is", "retry": 5},
             {"data": "{% for n in state.ids %}{{ n }},{% endfor %}"}]
    ).pieces  # fmt: skip
    assert pieces is not None
    assert [each.data.decode() for each in pieces] == [
        "event: e-3\nid: 3\ndata: Ann\ndata: bye\n\n", 'id: 7\ndata: {"ids":[1,2,3]}\n\n', ": shop\n\n",
        "retry: 5\ndata: as it is\n\n", "data: 1,2,3,\n\n",
    ]  # fmt: skip


def test_trailers_and_the_body_before_them_are_rendered() -> None:
    response = made(
        text="{{ hit }}", trailers={"x-for": "{{ namespace }}", "x-n": ["1", "{{ hit }}"]}
    )
    assert response.delivery is not None
    assert response.delivery.trailers == (("x-for", "shop"), ("x-n", "1"), ("x-n", "3"))
    assert response.delivery.pieces == (Piece(b"3"),)


def test_a_stream_may_be_plain_and_its_headers_rendered() -> None:
    response = made(stream=[{"text": "a"}], headers={"x-hit": "{{ hit }}"}, delay=2)
    assert response.delivery is not None
    assert response.delivery.pieces == (Piece(b"a"),)
    assert ("x-hit", "3") in response.headers
    assert (response.delay_s, response.own_delay) == (2.0, True)


def test_draws_of_pieces_go_on_from_each_other() -> None:
    pieces = delivery(stream=[{"text": "{{ uuid() }}"}] * 2).pieces
    assert pieces is not None
    assert pieces[0] != pieces[1]
    assert delivery(stream=[{"text": "{{ uuid() }}"}] * 2).pieces == pieces


def test_what_has_nothing_to_render_stays_plain() -> None:
    for definition in ({"stream": [{"text": "a"}]}, {"sse": [{"data": {"a": 1}, "id": 1}]}):
        response, problems = read(**definition)
        assert (response.template, problems) == (None, [])


@pytest.mark.parametrize(
    ("definition", "pointer"),
    [
        ({"stream": [{"text": "a"}, {"text": "{{ nope }}"}]}, "/response/stream/1/text: line 1"),
        ({"stream": [{"json": ["{{ nope }}"]}]}, "/response/stream/0/json/0: line 1"),
        ({"sse": [{"data": "{{ nope }}"}]}, "/response/sse/0/data: line 1"),
        ({"sse": [{"data": 1, "id": "{{"}]}, "/response/sse/0/id: line 1"),
        ({"trailers": {"x": "{{ nope }}"}}, "/response/trailers/x: line 1"),
    ],
)
def test_a_template_that_is_wrong_is_told_in_its_place(
    definition: dict[str, Any], pointer: str
) -> None:
    _, problems = read(**definition)
    assert len(problems) == 1
    assert problems[0].startswith(pointer)


def test_what_is_no_piece_is_told_once() -> None:
    _, problems = read(stream=[7, {"text": "{{ hit }}"}])
    assert problems == ["/response/stream/0: expected an object, got a number"]
    assert read(stream=7)[1] == ["/response/stream: expected a list of pieces, got a number"]


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ({"stream": [{"text": "{{ state.none.x }}"}]}, "/stream/0/text"),
        ({"sse": [{"data": 1, "id": "{{ 'a\\nb' }}"}]}, "/sse/0/id"),
        ({"trailers": {"x": "{{ 'a\\nb' }}"}}, "/trailers/x"),
    ],
)
def test_what_cannot_be_rendered_is_told_in_its_place(
    definition: dict[str, Any], told: str
) -> None:
    response, problems = read(**definition)
    assert problems == []
    assert response.template is not None
    with pytest.raises(RenderingFailed) as failure:
        response.template.render(occasion())
    assert str(failure.value).startswith(told)
