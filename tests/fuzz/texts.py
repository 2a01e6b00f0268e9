"""Random config documents, valid and not, and what may stand in a file instead of one."""

from __future__ import annotations

import json
from typing import Any, Final

import yaml
from hypothesis import strategies as st
from tests.fuzz.patterns import Made, documents, names, patterns, spoiled, wild_json, words

from pymockapi.engine.project import PROJECT_KEYS

_stub_names = st.sampled_from(["s", "t", "u", "long-name.1"])
_responses: Made = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from([200, 404, 204]),
        "headers": st.sampled_from([{"X-A": "1"}, {"x-a": ["1", "yes"]}]),
        "json": documents
        | st.sampled_from(["{{ hit }}", {"a": ["{% if state.k %}b{% endif %}", 1]}]),
        "template": st.booleans(),
        "delay": st.sampled_from(["1ms", 0, "2s"]),
        "fault": st.sampled_from(["reset", "none", None, {"kind": "hang", "probability": 0.5}]),
    },
)
stubs: Made = st.fixed_dictionaries(
    {"request": patterns},
    optional={
        "name": _stub_names,
        "priority": st.integers(1, 9),
        "response": _responses,
        "times": st.integers(1, 3),
        "when": st.dictionaries(names, words, max_size=2),
        "set": st.sampled_from(
            [
                {"k": {"template": "{{ hit }}{{ request.query.q }}"}},
                {"k": 1},
                {"k": {"increment": 1}},
                {"k": {"from": "body.$.k"}},
            ]
        ),
        "meta": st.dictionaries(names, words, max_size=2),
    },
)
_layers = st.lists(stubs, max_size=3, unique_by=lambda stub: stub.get("name", id(stub)))
_state: Made = st.dictionaries(names, documents, max_size=2)
_settings: Made = st.fixed_dictionaries(
    {}, optional={"delay": st.just("1ms"), "debug_headers": st.booleans(), "verdict": st.just({"unused": "fail"})}
)  # fmt: skip
configs: Made = st.fixed_dictionaries(
    {"version": st.just(1)},
    optional={
        "stubs": _layers,
        "state": _state,
        "settings": _settings,
        "sets": st.dictionaries(
            st.sampled_from(["down", "up"]),
            st.fixed_dictionaries({}, optional={"stubs": _layers, "state": _state, "settings": _settings}),
            max_size=2,
        ),
        "tags": st.dictionaries(
            st.sampled_from(["@a", "@a and not (b or @c)", "not @mock.up", "@d or", "(@a", "~@a", "@a\tor @b", ""]),
            st.none() | st.fixed_dictionaries({}, optional={"sets": st.lists(st.sampled_from(["down", "up"]), max_size=2),
                                                            "state": _state, "settings": _settings}),
            max_size=3,
        ),
        "namespaces": st.sampled_from([
            {"default": {}}, {"smoke": {"seed": 7, "labels": {"a": "b"}}}, {"smoke": {"tags": ["@a", "b", "@mock.up"]}},
        ]),
        "server": st.sampled_from([{"on_missing": "reject"}, {"limits": {"body": 5000}}, {"seed": 1}]),
    },
)  # fmt: skip

_SECTIONS: Final = sorted({*PROJECT_KEYS, "include"})
_odd_names = st.sampled_from(
    [
        "*.yaml",
        "../*.yaml",
        "/etc/hostname",
        "mocks.yaml",
        "",
        ".",
        "nosuch.yaml",
        "a\nb",
        "**",
        "[",
        "~/x",
    ]
)
_odd_sections: Made = st.dictionaries(
    st.sampled_from(_SECTIONS),
    st.one_of(
        wild_json,
        st.lists(_odd_names, max_size=3),
        _odd_names.map(lambda name: [{"response": {"file": name}}]),
    ),
    max_size=3,
).map(lambda sections: {"version": 1, **sections})
odd_configs: Made = st.one_of(spoiled(configs), spoiled(configs), _odd_sections)


def as_yaml(data: Any, flow: bool | None = False) -> str:
    return yaml.safe_dump(
        data, default_flow_style=flow, allow_unicode=True, sort_keys=False, width=60
    )


def as_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def _valid_json(data: Any) -> str:
    """As JSON; what is no JSON (NaN, infinity) is written as Python does."""
    return json.dumps(data)


def _aliases(levels: int) -> str:
    """Aliases of aliases: nine times as many values on each level."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, levels)]
    return "version: 1\nstate:\n  " + "\n  ".join(lines)


_PIECES: Final = [
    "\n", "\t", "- ", ": ", "? ", "{", "}", "[", "]", ",", "&a ", "*a", "!!python/object:os.system ", "!!binary ", "!x ",
    "|\n", ">-\n", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "#", "'", '"', "\\u0000", "\x00", "\ufeff", "\x85", "\u2028",
    ".inf", ".nan", "1e999", "0x" + "f" * 50, "9" * 5000, "\\ud800", "`", "@", "=", "  ", "\r", "\x7f", "\U0010ffff",
]  # fmt: skip
_raw: st.SearchStrategy[str] = st.one_of(
    st.lists(st.sampled_from([*_PIECES, *_SECTIONS, "a", "1"]), max_size=14).map("".join),
    st.text(max_size=40),
    st.builds(str.__mul__, st.sampled_from(["[", "{a: ", '{"a":', "- ", "? ", "!!map ", "[[{", "&a [*a,"]),
              st.sampled_from([3, 50, 99, 101, 400, 3000])),
    st.integers(3, 40).map(_aliases),
)  # fmt: skip


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    text: str = draw(st.sampled_from([as_yaml, as_json]))(draw(configs))
    for _ in range(draw(st.integers(1, 3))):
        at = int(draw(st.floats(0, 1)) * len(text))
        size = draw(st.integers(0, 8))
        text = text[:at] + draw(st.sampled_from([*_PIECES, ""])) + text[at + size :]
    return text


texts: st.SearchStrategy[str] = st.one_of(
    _mutated(), _mutated(), _raw, odd_configs.map(_valid_json), odd_configs.map(as_yaml)
)
contents: st.SearchStrategy[bytes] = st.one_of(
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=60),
    texts.map(lambda text: text.encode("utf-16", "surrogatepass")),
)
