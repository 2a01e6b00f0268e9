"""Random templates: most of them valid, some spoiled, all of what the closed profile has and has not."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from pymockapi.engine.templates.filters import FILTERS
from pymockapi.engine.templates.functions import FUNCTIONS
from pymockapi.engine.templates.inputs import INPUTS, NAMED, REQUEST
from pymockapi.engine.templates.predicates import TESTS

_names = st.sampled_from(["a", "id", "x-y", "__class__", "items", "0", "nosuch", "ä"])
_texts = st.sampled_from(
    [
        "",
        "a",
        "b-c",
        "{{ hit }}",
        "{%",
        "\r\n",
        "%d",
        "é",
        "2030-01-01",
        "+1d",
        "1e5",
        "9" * 30,
        "$.a",
    ]
)
_numbers = st.sampled_from(
    ["0", "1", "-1", "2.5", "1000000000", "1e300", "9" * 25, "0x1F", "1_000"]
)
_literals = st.one_of(
    _texts.map(repr),
    _numbers,
    st.sampled_from(["true", "false", "none", "[]", "[1, 'a']", "{'a': 1}"]),
)
_inputs = st.one_of(
    st.sampled_from(
        [*INPUTS, *(f"request.{name}" for name in REQUEST), "item", "loop.index", "loop"]
    ),
    st.builds("request.{}[{!r}]".format, st.sampled_from(sorted(NAMED)), _names),
    st.builds(
        "state.{}".format,
        st.sampled_from(["n", "list", "obj", "text", "deep", "large", "nosuch.a"]),
    ),
)
_calls = st.one_of(
    st.builds("{}()".format, st.sampled_from(sorted(FUNCTIONS))),
    st.builds(
        "{}({}, {})".format, st.sampled_from([*sorted(FUNCTIONS), "jsonpath"]), _literals, _literals
    ),
    st.builds("jsonpath({}, '$..*')".format, _inputs),
)


def _deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(
        [
            "+",
            "-",
            "*",
            "/",
            "//",
            "%",
            "~",
            "==",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "in",
            "not in",
            "and",
            "or",
            "**",
        ]
    )
    return st.one_of(
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("{} | {}".format, inner, st.sampled_from(sorted(FILTERS))),
        st.builds("({} | {}({}))".format, inner, st.sampled_from(sorted(FILTERS)), inner),
        st.builds(
            "({} | {}({}, {}))".format, inner, st.sampled_from(sorted(FILTERS)), inner, inner
        ),
        st.builds("({} is {})".format, inner, st.sampled_from(sorted(TESTS))),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[{}:]".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("{}.{}".format, inner, st.sampled_from(["a", "__class__", "format", "keys"])),
    )


expressions = st.recursive(st.one_of(_inputs, _literals, _calls), _deeper, max_leaves=6)
_pieces: st.SearchStrategy[str] = st.one_of(
    expressions.map("{{{{ {} }}}}".format),
    expressions.map("{{{{- {} -}}}}".format),
    st.builds(
        "{{% if {} %}}a{{% elif {} %}}b{{% else %}}c{{% endif %}}".format, expressions, expressions
    ),
    st.builds(
        "{{% for item in {} %}}{{{{ {} }}}}{{% else %}}-{{% endfor %}}".format,
        expressions,
        expressions,
    ),
    st.builds(
        "{{% for item in {} if {} %}}{{{{ item }}}}{{% endfor %}}".format, expressions, expressions
    ),
    st.builds(
        "{{% for item in state.list %}}{{% for b in state.list %}}{{{{ {} }}}}{{% endfor %}}{{% endfor %}}".format,
        expressions,
    ),
    st.builds(
        "{{% for item in state.large %}}{{% for b in state.large %}}{{{{ ({}) and 1 }}}}{{% endfor %}}{{% endfor %}}".format,
        expressions,
    ),
    st.sampled_from(["text", "\r\n", "ä\x1c", "{# c #}", "{% raw %}{{{% endraw %}", "}", "{"]),
)
templates = st.lists(_pieces, min_size=1, max_size=4).map("".join)

_SIGNS: Final = ["{{", "}}", "{%", "%}", "{#", "#}", "(", ")", "[", "]", "{", "}", "|", ".", ",", "'", '"', "\\", "\x00",
                 "\r", "\n", "-", "not ", " if ", " else ", " is ", "for", "set x = 1", "%", "~", "*", "9" * 5000, "(" * 300,
                 "\ud800", "\x1c", "\u2028"]  # fmt: skip


@st.composite
def _spoiled(draw: st.DrawFn) -> str:
    text: str = draw(templates)
    for _ in range(draw(st.integers(1, 3))):
        at = int(draw(st.floats(0, 1)) * len(text))
        text = (
            text[:at] + draw(st.sampled_from([*_SIGNS, ""])) + text[at + draw(st.integers(0, 6)) :]
        )
    return text


spoiled_templates: st.SearchStrategy[str] = st.one_of(
    _spoiled(),
    st.lists(st.sampled_from([*_SIGNS, "a", "1", " "]), max_size=20).map("".join),
    st.text(max_size=30),
)
states: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "n": st.sampled_from([0, 1, -1.5, 10**40, 2**60]),
        "list": st.sampled_from([[], [1, 2], ["a", "b"], list(range(300)), [{"a": 1}], [[1, 2]]]),
        "obj": st.sampled_from([{}, {"a": 1}, {"a": {"a": "{{ hit }}"}}]),
        "text": st.sampled_from(["", "a", "a" * 100_000, "{{ hit }}", "ä\U0001f600"]),
        "large": st.sampled_from([2**13_999, [2**13_999 + n for n in range(50)], ["x" * 900] * 50]),
        "deep": st.just([[[[[[]]]]]]),
    },
)
