"""What ``multipart`` asks of the parts of a body."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.requests import accepts, context_of, differences, make_request, pattern_findings
from tests.engine.requests import pattern_of as pattern

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.request import Request

_PNG = b"\x89PNG\r\n"


def upload(*parts: tuple[str, bytes], content_type: str | None = None) -> Request:
    """Return a request with ``parts``, each the rest of its head after the name, and its content."""
    pieces = [b"--cut\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content
              for head, content in parts]  # fmt: skip
    body = b"\r\n".join([*pieces, b"--cut--\r\n"])
    kind = content_type or "multipart/form-data; boundary=cut"
    return make_request("POST", headers=[("Content-Type", kind)], body=body)


REQUEST = upload(
    ("name=title", "A cät".encode()),
    ("name=tag", b"a"),
    ("name=tag", b"b"),
    ("name=meta\r\nContent-Type: application/json", b'{"id": 1, "more": true}'),
    ('name=avatar; filename="me.png"\r\nContent-Type: image/png', _PNG),
    ("name=note\r\nContent-Type: text/plain; charset=latin-1", b"\xe9"),
)


def fits(part: Any, request: Request = REQUEST) -> bool:
    return accepts({"body": {"multipart": part}}, request)


def told(part: Any, request: Request = REQUEST) -> list[tuple[str, str, str]]:
    return differences({"body": {"multipart": part}}, request)


@pytest.mark.parametrize(
    "part",
    [
        {"title": "A cät"},
        {"title": {"text": {"starts_with": "A"}, "filename": {"absent": True}}},
        {"tag": "b", "title": {"present": True}},
        {"meta": {"json": {"id": 1, "more": True}}},
        {"meta": {"json_contains": {"id": {"gt": 0}}, "content_type": "application/json"}},
        {"avatar": {"filename": {"ends_with": ".png"}, "content_type": "image/png", "length": 6}},
        {"avatar": {"length": {"lt": 100}}},
        {"avatar": {"base64": "iVBORw0K"}},
        {"note": "é"},
        {"other": {"absent": True}},
        {"other": {"present": False}},
    ],
)
def test_a_part_fits(part: Any) -> None:
    assert fits(part)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"title": "B"}, ("body.multipart.title.text", 'equal to "B"', '"A cät"')),
        (
            {"tag": {"text": "a", "filename": "x"}},
            ("body.multipart.tag", 'a part with filename equal to "x", text equal to "a"',
             "2 parts, none of which fits"),
        ),
        (
            {"meta": {"json_contains": {"id": 2}}},
            ("body.multipart.meta.$.id", "equal to 2", "1"),
        ),
        ({"title": {"json": 1}}, ("body.multipart.title", "JSON equal to 1", 'no JSON: "A cät"')),
        (
            {"avatar": {"filename": "you.png"}},
            ("body.multipart.avatar.filename", 'equal to "you.png"', '"me.png"'),
        ),
        ({"avatar": {"length": 7}}, ("body.multipart.avatar.length", "equal to 7", "6")),
        (
            {"avatar": {"base64": "AA=="}},
            ("body.multipart.avatar.base64", 'equal to "AA=="', '"iVBORw0K"'),
        ),
        ({"avatar": {"absent": True}}, ("body.multipart.avatar", "absent", "a part")),
        (
            {"other": {"present": True}},
            ("body.multipart.other", "present",
             "missing; the parts are title, tag, meta, avatar, note"),
        ),
    ],
)  # fmt: skip
def test_a_part_that_does_not_fit_says_what_differs(
    part: Any, expected: tuple[str, str, str]
) -> None:
    assert not fits(part)
    assert told(part) == [expected]


def test_json_that_is_absent_is_not_what_is_no_json() -> None:
    assert not fits({"title": {"json_contains": {"absent": True}}})


@pytest.mark.parametrize(
    ("part", "how"), [({"a": {"absent": True}}, "without"), ({"a": "x"}, "with")]
)
def test_what_is_no_multipart_fits_nothing(part: Any, how: str) -> None:
    request = upload(content_type="text/plain")
    assert told(part, request) == [
        (
            "body",
            f"a multipart body {how} a part 'a'",
            "no multipart: its content type is text/plain",
        )
    ]


def test_no_body_has_no_parts() -> None:
    assert fits({"a": {"absent": True}}, make_request())
    assert told({"a": "x"}, make_request()) == [
        ("body.multipart.a", 'a part with text equal to "x"', "missing")
    ]


def test_parts_without_names_are_told() -> None:
    assert told({"a": {"present": True}}, upload(("x=1", b""))) == [
        ("body.multipart.a", "present", "missing; no part has a name")
    ]


@pytest.mark.parametrize(
    ("part", "at", "message"),
    [
        ({"a": {}}, "", "got an empty one"),
        ({"a": None}, "", "got null"),
        ({"a": ["x"]}, "", "got a list"),
        ({"a": {"file_name": "x"}}, "/file_name", "did you mean 'filename'?"),
        ({"a": {"contains": "x"}}, "/contains", "write {text: {contains: ...}}"),
        ({"a": {"base64": "?"}}, "/base64", "this is no base64 (RFC 4648)"),
        ({"a": {"length": -1}}, "/length", "a whole number of at least 0"),
        ({"a": {"absent": 1}}, "/absent", "expected true or false"),
        ({"a": {"absent": True, "text": "x"}}, "", "a part that is absent has nothing else"),
    ],
)
def test_a_mistake_is_told_where_it_is(part: Any, at: str, message: str) -> None:
    ((pointer, text),) = pattern_findings({"body": {"multipart": part}})
    assert pointer == f"/body/multipart/a{at}"
    assert message in text


@pytest.mark.parametrize(
    ("part", "contents", "message"),
    [
        ({"a": {"text": "x"}}, [b"y" * 600_000] * 2, "1,048,576 bytes together"),
        ({"a": {"json": 1}}, [b"[[]" + b",[]" * 50_000 + b"]"] * 2, "80,000 parts of its own"),
        ({"a": {"json": 1}}, [b"[" * 50_000], "nested deeper than 800 levels"),
        ({"a": {"json": {"absent": True}}}, [b"1e309"], "cannot be read"),
        ({"a": "x"}, [b"y"] * 1_001, "more than 1,000 parts"),
    ],
)
def test_a_limit_is_no_misfit(part: Any, contents: list[bytes], message: str) -> None:
    request = upload(*(("name=a", content) for content in contents))
    with pytest.raises(ExpressionLimit, match=message):
        pattern({"body": {"multipart": part}}).accepts(request, context_of(request))
