"""What follows a keyword of Robot Framework: texts, rows, pairs, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from pymockapi.integrations.robot_arguments import read_following
from pymockapi.integrations.robot_documentation import KEYWORDS
from pymockapi.integrations.vocabulary import STEPS


def read(what: str, *given: Any, **pairs: Any) -> Any:
    return read_following("the keyword", what, given, pairs)


def failure(what: str, *given: Any) -> str:
    with pytest.raises(AssertionError) as raised:
        read(what, *given)
    return str(raised.value)


@pytest.mark.parametrize(
    ("what", "given", "text"),
    [
        ("json", ['{"id": 7}'], '{"id": 7}'),
        ("json", ["{", '"id": 7', "}"], '{\n"id": 7\n}'),
        ("json", [{"id": 7, "open": True}], '{"id": 7, "open": true}'),
        ("json", [["ä"]], '["ä"]'),
        ("json", [7], "7"),
        ("text", ["one", "two"], "one\ntwo"),
        ("text", [""], ""),
    ],
)
def test_a_text_is_its_lines_or_what_a_variable_holds(
    what: str, given: list[Any], text: str
) -> None:
    assert read(what, *given) == text


def test_names_and_values_are_a_table_of_two_columns() -> None:
    assert read("state", {"flags": [True]}, cart="full", items=2) == [
        ["name", "value"], ["cart", "full"], ["items", "2"], ["flags", "[true]"],
    ]  # fmt: skip


def test_an_answer_is_a_status_json_or_a_dictionary() -> None:
    rows = read(
        "answers", "503", "503 2 times", 404, '{"status": 201, "json": "p1", "delay": "1ms"}',
        {"status": "200", "json": '{"id": 1}', "times": 3},
    )  # fmt: skip
    assert rows == [
        ["status", "times", "json", "delay"],
        ["503", "", "", ""],
        ["503", "2", "", ""],
        ["404", "", "", ""],
        ["201", "", '"p1"', "1ms"],
        ["200", "3", '{"id": 1}', ""],
    ]


def test_a_request_is_a_path_with_what_is_known_of_it() -> None:
    rows = read(
        "requests", "/a", "GET /b?x=1", 'POST "/c" 2 times', "PUT /d once", {"path": "/e", "times": 0}
    )  # fmt: skip
    assert rows == [
        ["method", "path", "times"],
        ["", "/a", ""],
        ["GET", "/b?x=1", ""],
        ["POST", "/c", "2"],
        ["PUT", "/d", ""],
        ["", "/e", "0"],
    ]


@pytest.mark.parametrize(
    ("what", "given", "told"),
    [
        ("json", [], "The keyword 'the keyword' takes json after it; got nothing."),
        ("answers", [], "The keyword 'the keyword' takes answers after it; got nothing."),
        ("headers", [], "The keyword 'the keyword' takes headers after it; got nothing."),
        ("json", ["{'id': 7}"], "This is not JSON (Expecting property name"),
        ("headers", ["X-Tenant: blue"],
         "'X-Tenant: blue' is no name and value; write headers as name=value, or give a dictionary."),
        ("answers", ["ok"], "'ok' is no answer; give a status (503, or 503 2 times), a dictionary,"),
        ("answers", ["503 two times"], "'503 two times' is no answer;"),
        ("answers", ["[503]"], "'[503]' is no answer;"),
        ("answers", ['{"status": 200, "jsn": 1}'],
         """The answer {"status": 200, "jsn": 1} takes no 'jsn'; it takes status, times, json, text, delay, fault."""),
        ("answers", [{"times": "2"}],
         "The answer {'times': '2'} has no status; it takes status, times, json, text, delay, fault."),
        ("requests", ["GET orders"], "'GET orders' is no request; give a path (GET /orders/1, or"),
        ("requests", [{"method": "GET"}],
         "The request {'method': 'GET'} has no path; it takes method, path, times."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(what: str, given: list[Any], told: str) -> None:
    assert failure(what, *given).startswith(told)


def test_every_keyword_is_documented() -> None:
    assert list(KEYWORDS) == [step.pattern for step in STEPS]
