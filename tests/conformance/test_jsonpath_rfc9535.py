"""JSONPath against RFC 9535: cases of our own for each rule of its sections.

They need nothing fetched. The documents are small, so that each case shows its rule. A refusal is a
finding at definition. The public suite runs in ``test_jsonpath_suite``.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from tests.engine.requests import context_of

from pymockapi.engine.expressions.jsonpath_reading import read_jsonpath
from pymockapi.model.reader import Findings

Case = tuple[str, Any, list[Any]]

LIST: Final = [0, 1, 2, 3, 4]
OBJECT: Final = {"a": 1, "b": [2, 3], "c": {"a": 4}}

SYNTAX: Final[list[Case]] = [  # 2.1, 2.2: the root, and blanks between its parts
    ("$", None, [None]),
    ("$ .a", OBJECT, [1]),
    ("$\n['a']", OBJECT, [1]),
    ("$[ 'a' ]", OBJECT, [1]),
    ("$[0 , 1]", LIST, [0, 1]),
    ("$\t..a", OBJECT, [1, 4]),
]
NAMES: Final[list[Case]] = [  # 2.3.1, 2.5.1.1: names as they are written, and in any script
    ("$.a", OBJECT, [1]),
    ("$['a']", OBJECT, [1]),
    ('$["a"]', OBJECT, [1]),
    ("$.d", OBJECT, []),
    ("$.a", LIST, []),
    ("$.a", "a", []),
    ("$['']", {"": 1}, [1]),
    ("$['0']", {"0": 1}, [1]),
    ("$['0']", [1], []),
    ("$._a1", {"_a1": 1}, [1]),
    ("$.ключ", {"ключ": 1}, [1]),
    ("$.☺", {"☺": 1}, [1]),
    (r"$['\'']", {"'": 1}, [1]),
    ("$['\"']", {'"': 1}, [1]),
    (r'$["\""]', {'"': 1}, [1]),
    (r"$['\\']", {"\\": 1}, [1]),
    (r"$['\/']", {"/": 1}, [1]),
    (r"$['\b\f\n\r\t']", {"\b\f\n\r\t": 1}, [1]),
    (r"$['\u263A']", {"☺": 1}, [1]),
    (r"$['\uD834\uDD1E']", {"𝄞": 1}, [1]),
    ("$['$.a']", {"$.a": 1}, [1]),
]
WILDCARDS: Final[list[Case]] = [  # 2.3.2
    ("$.*", OBJECT, [1, [2, 3], {"a": 4}]),
    ("$[*]", LIST, LIST),
    ("$.*", {}, []),
    ("$[*]", "abc", []),
    ("$[*, 0]", [1, 2], [1, 2, 1]),
    ("$.*.*", OBJECT, [2, 3, 4]),
]
INDEXES: Final[list[Case]] = [  # 2.3.3
    ("$[0]", LIST, [0]),
    ("$[-1]", LIST, [4]),
    ("$[-5]", LIST, [0]),
    ("$[5]", LIST, []),
    ("$[-6]", LIST, []),
    ("$[0]", {"0": 1}, []),
    ("$[0]", "abc", []),
    ("$[9007199254740991]", LIST, []),
    ("$[-9007199254740991]", LIST, []),
]
SLICES: Final[list[Case]] = [  # 2.3.4: defaults, bounds of either sign, steps of either sign and 0
    ("$[1:3]", LIST, [1, 2]),
    ("$[1:]", LIST, [1, 2, 3, 4]),
    ("$[:2]", LIST, [0, 1]),
    ("$[:]", LIST, LIST),
    ("$[::]", LIST, LIST),
    ("$[::2]", LIST, [0, 2, 4]),
    ("$[1:4:2]", LIST, [1, 3]),
    ("$[-2:]", LIST, [3, 4]),
    ("$[:-3]", LIST, [0, 1]),
    ("$[::-1]", LIST, [4, 3, 2, 1, 0]),
    ("$[3:0:-2]", LIST, [3, 1]),
    ("$[-1:-6:-2]", LIST, [4, 2, 0]),
    ("$[0:3:-1]", LIST, []),
    ("$[3:1]", LIST, []),
    ("$[::0]", LIST, []),
    ("$[-99:99]", LIST, LIST),
    ("$[99:-99:-1]", LIST, [4, 3, 2, 1, 0]),
    ("$[ 1 : 3 : 1 ]", LIST, [1, 2]),
    ("$[:]", OBJECT, []),
]
SEGMENTS: Final[list[Case]] = [  # 2.5: several selectors, descendants in document order
    ("$['a', 'a']", OBJECT, [1, 1]),
    ("$[1, 0, 1]", LIST, [1, 0, 1]),
    ("$[0:2, 4]", LIST, [0, 1, 4]),
    ("$['b'][0]", OBJECT, [2]),
    ("$..[0]", [[1, [2]], 3], [[1, [2]], 1, 2]),
    ("$..*", [[1], 2], [[1], 2, 1]),
    ("$..a", [{"a": {"a": 1}}], [{"a": 1}, 1]),
    ("$..['a', 'c']", OBJECT, [1, {"a": 4}, 4]),
    ("$..b[1]", OBJECT, [3]),
    ("$..a", "a", []),
]
FILTERS: Final[list[Case]] = [  # 2.3.5: existence, logic, precedence, nesting, what @ and $ mean
    ("$[?@.a]", [{"a": None}, {"b": 1}, {"a": False}], [{"a": None}, {"a": False}]),
    ("$[?@.*]", [[], [1], {}, {"a": 1}, 1], [[1], {"a": 1}]),
    ("$[?@]", [None, 0, False, ""], [None, 0, False, ""]),
    ("$[?!@.a]", [{"a": 1}, {"b": 1}, 5], [{"b": 1}, 5]),
    ("$[?@.a && @.b]", [{"a": 1}, {"a": 1, "b": 1}], [{"a": 1, "b": 1}]),
    ("$[?@.a || @.b]", [{"a": 1}, {"b": 1}, {}], [{"a": 1}, {"b": 1}]),
    ("$[?@ == 1 || @ == 2 && @ == 3]", [1, 2, 3], [1]),
    ("$[?(@ == 1 || @ == 2) && @ == 2]", [1, 2, 3], [2]),
    ("$[?!(@ == 1)]", [1, 2], [2]),
    ("$[?@.a == 1]", {"x": {"a": 1}, "y": {"a": 2}}, [{"a": 1}]),
    ("$.l[?@ > $.min]", {"l": [1, 2, 3], "min": 1}, [2, 3]),
    ("$[?@[?@ > 1]]", [[1], [2], [1, 3]], [[2], [1, 3]]),
    ("$[?@ > 1, ?@ < 1]", [0, 1, 2], [2, 0]),
    ("$..[?@.a]", {"x": [{"a": 1}]}, [{"a": 1}]),
    ("$[?@['a b'] == 1]", [{"a b": 1}], [{"a b": 1}]),
    ("$[?@[-1] == 3]", [[1, 3], [3, 1]], [[1, 3]]),
    ("$[?@.a]", 5, []),
    ("$[?(((@ == 1)))]", [1, 2], [1]),
    ("$[? @ == 1 ]", [1, 2], [1]),
]
VALUES: Final = [None, True, False, 0, 1, 1.0, -1, "", "a", "b", "aa", [], [1], {}, {"a": 1}]
COMPARED: Final[list[Case]] = [  # 2.3.5.2.2: each operator over each type; nothing is converted
    ("$[?@ == 1]", VALUES, [1, 1.0]),
    ("$[?@ == 1.0]", VALUES, [1, 1.0]),
    ("$[?@ == 1e0]", VALUES, [1, 1.0]),
    ("$[?@ == -0]", VALUES, [0]),
    ("$[?@ == 'a']", VALUES, ["a"]),
    ("$[?@ == true]", VALUES, [True]),
    ("$[?@ == false]", VALUES, [False]),
    ("$[?@ == null]", VALUES, [None]),
    ("$[?'a' == @]", VALUES, ["a"]),
    ("$[?@ != 1]", VALUES, [v for v in VALUES if not (type(v) in (int, float) and v == 1)]),
    ("$[?@ < 1]", VALUES, [0, -1]),
    ("$[?@ <= 1]", VALUES, [0, 1, 1.0, -1]),
    ("$[?@ > 0]", VALUES, [1, 1.0]),
    ("$[?@ >= 0]", VALUES, [0, 1, 1.0]),
    ("$[?@ < 'b']", VALUES, ["", "a", "aa"]),
    ("$[?@ > 'a']", VALUES, ["b", "aa"]),
    ("$[?@ >= 'a']", VALUES, ["a", "b", "aa"]),
    ("$[?@ <= true]", VALUES, [True]),
    ("$[?@ >= null]", VALUES, [None]),
    ("$[?@ < true]", VALUES, []),
    ("$[?@.x == @.y]", [{"x": [1, {"a": 2}], "y": [1.0, {"a": 2}]}, {"x": [1], "y": [2]}],
     [{"x": [1, {"a": 2}], "y": [1.0, {"a": 2}]}]),
    ("$[?@.x == @.y]", [{"x": {"a": 1, "b": 2}, "y": {"b": 2, "a": 1}}], [{"x": {"a": 1, "b": 2}, "y": {"b": 2, "a": 1}}]),
    ("$[?@.x <= @.y]", [{"x": [1], "y": [1]}, {"x": [1], "y": [2]}], [{"x": [1], "y": [1]}]),
    ("$[?@.x < @.y]", [{"x": [1], "y": [2]}, {"x": 1, "y": "2"}], []),
    ("$[?@.x == @.y]", [{}, {"x": None}, {"x": 1, "y": 1}], [{}, {"x": 1, "y": 1}]),
    ("$[?@.x != @.y]", [{}, {"x": None}, {"x": 1, "y": 2}], [{"x": None}, {"x": 1, "y": 2}]),
    ("$[?@.x <= @.y]", [{}, {"x": 1}], [{}]),
    ("$[?@.x < @.y]", [{}, {"x": 1}], []),
    ("$[?@.x == null]", [{}, {"x": None}], [{"x": None}]),
    ("$[?@ == 12e1]", [120], [120]),
    ("$[?@ == -1.5E-1]", [-0.15], [-0.15]),
    (r"$[?@ == '\u263a\n']", ["☺\n"], ["☺\n"]),
    ("$[?@ < '\U00010000']", ["\uffff", "\U00010001"], ["\uffff"]),
]  # fmt: skip
FUNCTIONS: Final[list[Case]] = [  # 2.4: length, count, value, match, search
    ("$[?length(@) == 2]", ["ab", "𝄞𝄞", [1, 2], {"a": 1, "b": 2}, 2, None, "a"], ["ab", "𝄞𝄞", [1, 2], {"a": 1, "b": 2}]),
    ("$[?length(@.x) == length(@.y)]", [{}, {"x": 5}, {"x": "a", "y": [1]}], [{}, {"x": 5}, {"x": "a", "y": [1]}]),
    ("$[?length('ab') == @]", [2, 3], [2]),
    ("$[?count(@.*) == 1]", [[5], {"a": 5}, [], [1, 2], 5], [[5], {"a": 5}]),
    ("$[?count(@..*) > 2]", [[[1, 2]], [[1]]], [[[1, 2]]]),
    ("$[?count(@['a', 'a']) == 2]", [{"a": 1}], [{"a": 1}]),
    ("$[?count(@.a) == 0]", [{"a": 1}, 5], [5]),
    ("$[?value(@..c) == 1]", [{"a": {"c": 1}}, {"c": 1, "d": {"c": 1}}, {}], [{"a": {"c": 1}}]),
    ("$[?value(@.*) == value(@.x)]", [[1, 2], []], [[1, 2], []]),
    ("$[?match(@, 'a.c')]", ["abc", "a\nc", "a\rc", "xabc", "a\u2028c", 5], ["abc", "a\u2028c"]),
    ("$[?match(@, 'a[.]c')]", ["a.c", "abc"], ["a.c"]),
    (r"$[?match(@, 'a\\.c')]", ["a.c", "abc"], ["a.c"]),
    ("$[?match(@, 'a|bc')]", ["a", "bc", "ac"], ["a", "bc"]),
    ("$[?match(@, '[a-c]{2,3}')]", ["ab", "abc", "a", "abcd"], ["ab", "abc"]),
    (r"$[?match(@, '\\p{Lu}.*')]", ["Äb", "äb"], ["Äb"]),
    (r"$[?match(@, '[^\\p{L}]+')]", ["12", "1b"], ["12"]),
    ("$[?match(@.a, 'x')]", [{"a": "x"}, {"a": ["x"]}, {}], [{"a": "x"}]),
    ("$[?search(@, 'b')]", ["abc", "b", "ac", 5], ["abc", "b"]),
    ("$[?search(@, 'a.c')]", ["xabcx", "a\nc"], ["xabcx"]),
    ("$[?!search(@, 'b')]", ["abc", "c"], ["c"]),
    ("$[?match(@, '')]", ["", "a"], [""]),
    ("$[?search(@, '')]", ["", "a", 5], ["", "a"]),
]  # fmt: skip
SECTIONS: Final = {
    "2.1 syntax": SYNTAX,
    "2.3.1 names": NAMES,
    "2.3.2 wildcards": WILDCARDS,
    "2.3.3 indexes": INDEXES,
    "2.3.4 slices": SLICES,
    "2.3.5 filters": FILTERS,
    "2.3.5.2.2 comparisons": COMPARED,
    "2.4 functions": FUNCTIONS,
    "2.5 segments": SEGMENTS,
}
REFUSED: Final = {
    "2.1 syntax": ["", "a", " $", "$ ", "@", "$.", "$..", "$...a", "$a", "$.a.", "$[", "$[]", "$$"],
    "2.3.1 names": [
        "$.1a", "$.-b", "$. a", "$['a\"]", "$[a]", r"$['\x41']", r"$['\"']", r'''$["\'"]''',
        r"$['\uD834']", r"$['\uDD1E']", r"$['\u12']", "$['\n']", "$.'a'", "$['a' 'b']",
    ],
    "2.3.3 indexes": ["$[01]", "$[-0]", "$[1.0]", "$[1e0]", "$[+1]", "$[9007199254740992]", "$[- 1]"],
    "2.3.4 slices": ["$[1:2:3:4]", "$[:01]", "$[::-0]", "$[1:a]", "$[:9007199254740992]"],
    "2.3.5 filters": [
        "$[?]", "$[?1]", "$[?'a']", "$[?true]", "$[?@.a == ]", "$[?@ = 1]", "$[?@ === 1]", "$[?!1]",
        "$[?@.a &&]", "$[?(@.a]", "$[?@.a == 1 == 1]", "$[?@.a and @.b]", "$[?@ == TRUE]",
        "$[?@ == 01]", "$[?@ == 1.]", "$[?@ == .1]", "$[?@ == [1]]", "$[?@ == {}]", "$[?a == 1]",
    ],
    "2.3.5.2.2 comparisons": [
        "$[?@.* == 1]", "$[?@..a == 1]", "$[?@[0:1] == 1]", "$[?@['a', 'b'] == 1]", "$[?(@.a == 1) == true]",
    ],
    "2.4 functions": [
        "$[?length(@)]", "$[?count(@.*)]", "$[?value(@.*)]", "$[?match(@, 'a') == true]", "$[?length()]",
        "$[?length(@, @) == 1]", "$[?length(@.*) == 1]", "$[?count(1) == 1]", "$[?count('a') == 1]",
        "$[?value(1) == 1]", "$[?match(@.*, 'a')]", "$[?match(@)]", "$[?Length(@) == 1]", "$[?no(@) == 1]",
        "$[?length (@) == 1]",
    ],
}  # fmt: skip


def evaluated(path: str, document: Any) -> list[Any]:
    found = Findings()
    parsed = read_jsonpath(path, "", found)
    found.check(path)
    return parsed.values(document, context_of())


def shown(values: list[Any]) -> list[tuple[str, Any]]:
    """Tell 1 from true and from "1", as JSON does; 1 and 1.0 are one number."""
    return [(type(value).__name__.replace("float", "int"), value) for value in values]


@pytest.mark.parametrize("section", SECTIONS)
def test_paths_select_what_the_section_says(section: str) -> None:
    wrong = []
    for path, document, expected in SECTIONS[section]:
        values = evaluated(path, document)
        if shown(values) != shown(expected):
            wrong.append((path, document, values))
    assert wrong == []


@pytest.mark.parametrize("section", REFUSED)
def test_what_the_section_does_not_have_is_refused(section: str) -> None:
    taken = []
    for path in REFUSED[section]:
        found = Findings()
        read_jsonpath(path, "", found)
        if len(found.items) != 1:
            taken.append(path)
    assert taken == []
