"""Reading streams, server-sent events and trailers."""

from __future__ import annotations

import pytest
from tests.engine.reading import assert_findings, read_well, reported

from pymockapi.engine.definitions import read_response
from pymockapi.model.delivery import Delivery, Lognormal, Piece, Uniform
from pymockapi.model.response import Response
from pymockapi.model.stub import Json


def response_of(**data: Json) -> Response:
    response: Response = read_well(read_response, data)
    return response


def delivery_of(**data: Json) -> Delivery:
    delivery = response_of(**data).delivery
    assert delivery is not None
    return delivery


def event(**fields: Json) -> bytes:
    pieces = delivery_of(sse=[fields]).pieces
    assert pieces is not None
    return pieces[0].data


def test_a_stream_has_its_pieces_and_is_the_whole_of_them() -> None:
    response = response_of(
        stream=[{"text": "ä"}, {"json": {"a": 1}, "after": "20ms"}, {"base64": "/w==", "after": 1}]
    )
    assert response.delivery is not None
    assert response.delivery.pieces == (
        Piece("ä".encode()), Piece(b'{"a":1}', 0.02), Piece(b"\xff", 1.0),
    )  # fmt: skip
    assert response.body == 'ä{"a":1}'.encode() + b"\xff"


def test_a_stream_has_no_length_and_the_type_of_its_first_piece() -> None:
    response = response_of(stream=[{"json": 1}, {"text": "x"}])
    assert response.head == b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    assert response.tail == b"\r\n"
    assert ("Content-Type", "text/plain; charset=utf-8") in response_of(
        stream=[{"text": "x"}]
    ).headers
    given = response_of(stream=[{"base64": ""}], headers={"content-type": "video/mp4"})
    assert given.headers == (("content-type", "video/mp4"),)


def test_what_comes_before_a_piece_may_be_drawn() -> None:
    pieces = delivery_of(
        stream=[
            {"text": "a", "after": {"uniform": ["1s", "2s"]}},
            {"text": "b", "after": {"lognormal": {"median": 1, "sigma": 0.5}}},
        ]
    ).pieces
    assert pieces is not None
    assert [each.after for each in pieces] == [Uniform(1.0, 2.0), Lognormal(1.0, 0.5)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"data": "hi"}, "data: hi\n\n"),
        ({"data": ""}, "data: \n\n"),
        ({"data": "one\ntwo\r\nthree\rfour"}, "data: one\ndata: two\ndata: three\ndata: four\n\n"),
        ({"data": "end\n"}, "data: end\ndata: \n\n"),
        ({"data": {"a": [1, "x\ny"]}}, 'data: {"a":[1,"x\\ny"]}\n\n'),
        ({"data": None}, "data: null\n\n"),
        ({"data": 7}, "data: 7\n\n"),
        (
            {"data": "x", "event": "tick", "id": "a-1", "retry": 500},
            "event: tick\nid: a-1\nretry: 500\ndata: x\n\n",
        ),
        ({"data": "x", "id": 12}, "id: 12\ndata: x\n\n"),
        ({"id": ""}, "id: \n\n"),
        ({"comment": "keep\nalive"}, ": keep\n: alive\n\n"),
        ({"retry": 0}, "retry: 0\n\n"),
        ({"data": "ä", "event": ""}, "event: \ndata: ä\n\n"),
    ],
)
def test_an_event_is_written_as_the_standard_says(fields: dict[str, Json], expected: str) -> None:
    assert event(**fields) == expected.encode()


def test_events_have_a_type_and_are_not_stored_unless_the_definition_says_otherwise() -> None:
    assert response_of(sse=[{"data": 1}]).headers == (
        ("Content-Type", "text/event-stream"),
        ("Cache-Control", "no-store"),
    )
    given = {"cache-control": "no-cache", "content-type": "text/event-stream; charset=utf-8"}
    assert response_of(sse=[{"data": 1}], headers=given).headers == tuple(given.items())


def test_trailers_make_a_body_one_chunk_and_are_announced() -> None:
    response = response_of(json=[1], trailers={"x-sum": "1", "x-n": [2, 3]})
    assert response.delivery is not None
    assert response.delivery.pieces == (Piece(b"[1]"),)
    assert response.delivery.trailers == (("x-sum", "1"), ("x-n", "2"), ("x-n", "3"))
    assert response.headers == (("Trailer", "x-sum, x-n"), ("Content-Type", "application/json"))
    assert b"Content-Length" not in response.head


def test_trailers_may_be_announced_in_words_of_its_own() -> None:
    response = response_of(text="", trailers={"x-sum": "1"}, headers={"trailer": "X-Sum"})
    assert [value for name, value in response.headers if name.lower() == "trailer"] == ["X-Sum"]


def test_an_answer_with_no_trailer_has_its_length() -> None:
    assert response_of(text="x", trailers={}).delivery is None


@pytest.mark.parametrize("status", [204, 304, 101])
def test_a_status_without_a_body_has_no_pieces_and_no_trailers(status: int) -> None:
    for data in ({"stream": [{"text": "x"}]}, {"sse": [{"data": 1}]}, {"trailers": {"x-a": "1"}}):
        response = response_of(status=status, **data)
        assert response.delivery is None
        assert response.tail == b"\r\n"
        assert not any(name == "Trailer" for name, _ in response.headers)


def test_a_stream_may_be_throttled_delayed_and_held() -> None:
    delivery = delivery_of(stream=[{"text": "x"}], throttle=10, hold="g", delay={"uniform": [1, 2]})
    assert delivery == Delivery(
        "g", Uniform(1.0, 2.0), 10.0, pieces=(Piece(b"x"),)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"stream": {}}, [("/stream", "expected a list of pieces, got an object")]),
        ({"stream": []}, [("/stream", "expected a list of pieces, got an empty one")]),
        ({"stream": [1]}, [("/stream/0", "expected an object, got a number")]),
        ({"stream": [{}]}, [("/stream/0", "'text', 'json' or 'base64', got none of them")]),
        ({"stream": [{"after": 1}]}, [("/stream/0", "got none of them")]),
        ({"stream": [{"text": "a", "json": 1}]}, [("/stream/0", "got json and text")]),
        ({"stream": [{"tetx": "a"}]}, [("/stream/0/tetx", "did you mean 'text'?")]),
        ({"stream": [{"text": 1}]}, [("/stream/0/text", "expected a string")]),
        ({"stream": [{"base64": "?"}]}, [("/stream/0/base64", "expected base64")]),
        ({"stream": [{"text": "", "after": "x"}]}, [("/stream/0/after", "expected a duration")]),
        (
            {"stream": [{"text": "", "after": {"uniform": [2, 1]}}, {"text": 2}]},
            [("/stream/0/after/uniform", "the least comes first"), ("/stream/1/text", "string")],
        ),
        ({"stream": [{"text": ""}] * 1_001}, [("/stream", "at most 1,000 pieces")]),
        ({"stream": [{"text": ""}], "text": "x"}, [("", "has one body, got text and stream")]),
        ({"sse": "x"}, [("/sse", "expected a list of events, got a string")]),
        (
            {"sse": [{}]},
            [("/sse/0", "an event has 'data', or an 'id', 'retry' or 'comment' alone")],
        ),
        ({"sse": [{"event": "x"}]}, [("/sse/0", "an event has 'data'")]),
        ({"sse": [{"text": "x"}]}, [("/sse/0/text", "unknown key")]),
        ({"sse": [{"data": 1, "event": "a\nb"}]}, [("/sse/0/event", "'event' of an event is one")]),
        ({"sse": [{"data": 1, "id": "a\0b"}]}, [("/sse/0/id", "is one line, without NUL")]),
        ({"sse": [{"data": 1, "id": True}]}, [("/sse/0/id", "expected a string, got a boolean")]),
        ({"sse": [{"data": 1, "event": 5}]}, [("/sse/0/event", "expected a string")]),
        ({"sse": [{"retry": -1}]}, [("/sse/0/retry", "from 0 to 86400000")]),
        ({"sse": [{"retry": "1s"}]}, [("/sse/0/retry", "expected a whole number")]),
        ({"sse": [{"comment": 1}]}, [("/sse/0/comment", "expected a string")]),
        ({"sse": [{"data": "\ud800"}, {"data": ["\ud800"]}]}, [("/sse/1/data", "sent as JSON")]),
        ({"trailers": []}, [("/trailers", "expected an object")]),
        ({"trailers": {"a b": "1"}}, [("/trailers/a b", "no header name")]),
        ({"trailers": {"x": "a\nb"}}, [("/trailers/x", "no line breaks")]),
        (
            {"trailers": {"Content-Length": 1}},
            [("/trailers/Content-Length", "is computed from the body; leave it out")],
        ),
        (
            {"trailers": {"Set-Cookie": "a=1"}},
            [("/trailers/Set-Cookie", "cannot be a trailer: it is needed before the body")],
        ),
    ],
)
def test_everything_wrong_in_a_body_in_pieces_is_reported_in_its_place(
    data: Json, expected: list[tuple[str, str]]
) -> None:
    assert_findings(reported(read_response, data), *expected)
