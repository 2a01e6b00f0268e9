"""Multipart bodies: what clients send, what is malformed, what is too much."""

from __future__ import annotations

from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.multipart import MAX_BYTES, MAX_PARTS, Malformed, Part, read_parts

FORM = "multipart/form-data; boundary=cut"
_NAMES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)


def parts_of(body: bytes, content_type: str = FORM) -> list[Part]:
    found = read_parts(body, [content_type])
    assert isinstance(found, list), found
    return found


def shown(body: bytes, content_type: str = FORM) -> list[tuple[str | None, str | None, bytes]]:
    return [(each.name, each.filename, each.content) for each in parts_of(body, content_type)]


def encoded(parts: list[tuple[str, str | None, bytes]], boundary: bytes) -> bytes:
    """Encode as browsers do."""
    lines = []
    for name, filename, content in parts:
        disposition = f'form-data; name="{_escaped(name)}"'
        if filename is not None:
            disposition += f'; filename="{_escaped(filename)}"'
        lines += [b"--" + boundary, b"Content-Disposition: " + disposition.encode(), b"", content]
    return b"\r\n".join([*lines, b"--" + boundary + b"--", b""])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', "%22")


def test_fields_and_files_are_parts() -> None:
    body = encoded([("title", None, b"a\r\nb"), ("file", "a.png", b"\x89PNG")], b"cut")
    assert shown(body) == [("title", None, b"a\r\nb"), ("file", "a.png", b"\x89PNG")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"--cut--\r\n", []),
        (b"before\r\n--cut\r\n\r\nx\r\n--cut--\r\nafter", [(None, None, b"x")]),
        (b"--cut \t\r\n\r\nx\r\n--cut-- ", [(None, None, b"x")]),
        (b"--cut\r\n\r\n\r\n--cut--", [(None, None, b"")]),
        (b"--cut\r\n\r\nx\r\n--cutter\r\n--cut--", [(None, None, b"x\r\n--cutter")]),
        (b"--cut\r\n\r\nx --cut--\r\n--cut--", [(None, None, b"x --cut--")]),
    ],
)
def test_only_a_whole_line_is_a_boundary(body: bytes, expected: object) -> None:
    assert shown(body) == expected


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ('form-data; name="a%22b"', 'a"b', None),
        (r'form-data; name="a\"b"', 'a"b', None),
        ("form-data; name=a; filename=b.txt", "a", "b.txt"),
        ('form-data; name="a"; filename=""', "a", ""),
        ("form-data; name=a; filename*=utf-8''na%C3%AFve.txt", "a", "naïve.txt"),
        ("form-data; name=a; filename=x; filename*=latin-1''y", "a", "x"),
        ('form-data; name="naïve"', "naïve", None),
        ("form-data", None, None),
        ('form-data; name="a', None, None),
    ],
)
def test_names_are_read_as_clients_write_them(
    disposition: str, name: str | None, filename: str | None
) -> None:
    head = f"Content-Disposition: {disposition}".encode()
    body = b"--cut\r\n" + head + b"\r\n\r\nx\r\n--cut--\r\n"
    assert shown(body) == [(name, filename, b"x")]


def test_the_content_type_of_a_part_is_told() -> None:
    body = b"--cut\r\ncontent-TYPE:  text/csv; charset=utf-8 \r\nX-A: 1\r\n\r\nx\r\n--cut--"
    assert parts_of(body)[0].content_type == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "content_types", "reason"),
    [
        (b"", [FORM], "its boundary is not in the body"),
        (b"--other--", [FORM], "its boundary is not in the body"),
        (b"--cut\n\nx\n--cut--", [FORM], "its boundary is not in the body"),
        (b"--cut\r\n\r\nx\r\n", [FORM], "the line that ends it is missing"),
        (b"--cut\r\nA: 1\r\n--cut--", [FORM], "part 1 has no blank line after its headers"),
        (b"--cut--", ["multipart/form-data"], "its content type names no boundary"),
        (b"--cut--", ['multipart/form-data; boundary="cut'], "its content type names no boundary"),
        (b"a=1", ["text/plain"], "its content type is text/plain"),
        (b"a=1", [], "it has no content type"),
    ],
)
def test_a_malformed_body_says_why(body: bytes, content_types: list[str], reason: str) -> None:
    assert read_parts(body, content_types) == Malformed(reason)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"\r\n--cut" * (MAX_PARTS + 2), "more than 1,000 parts"),
        (b"x" * (MAX_BYTES + 1), "read as multipart are up to 10,485,760"),
        (b"--cut\r\n" + b"A: 1\r\n" * 50_000 + b"\r\n\r\n--cut--", "more than 131,072 bytes"),
    ],
)
def test_what_takes_too_long_is_a_limit(body: bytes, told: str) -> None:
    with pytest.raises(ExpressionLimit, match=told):
        read_parts(body, [FORM])


_PARTS = st.lists(st.tuples(_NAMES, st.none() | _NAMES, st.binary(max_size=100)), max_size=5)


@given(_PARTS)
def test_what_is_encoded_is_read_as_it_was(parts: list[tuple[str, str | None, bytes]]) -> None:
    escapes = ("%22", "%0D", "%0A")
    parts = [part for part in parts if not any(each in f"{part}".upper() for each in escapes)]
    body = encoded(parts, b"-7f3a-a-boundary-that-no-content-has")
    assert (
        shown(body, "multipart/form-data; boundary=-7f3a-a-boundary-that-no-content-has") == parts
    )


@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.binary(max_size=99))))
def test_what_the_standard_library_encodes_is_read(parts: list[tuple[str, bytes]]) -> None:
    message = MIMEMultipart("form-data", boundary="a boundary", policy=HTTP)
    for name, content in parts:
        part = MIMEApplication(content, policy=HTTP)
        part["Content-Disposition"] = f'form-data; name="{name}"'
        message.attach(part)
    body = message.as_bytes(policy=HTTP).partition(b"\r\n\r\n")[2]
    found = parts_of(body, 'multipart/form-data; boundary="a boundary"') if parts else []
    assert [each.name for each in found] == [name for name, _ in parts]
    assert {each.content_type for each in found} <= {"application/octet-stream"}


@given(st.lists(st.sampled_from([b"--cut", b"\r\n", b"--", b"\r", b" ", b"x", b":", b"\x00"])))
def test_nothing_raises(pieces: list[bytes]) -> None:
    read_parts(b"".join(pieces), [FORM])
