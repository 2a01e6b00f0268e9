"""Random stubs and requests from a small world, so that they meet often."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.engine.worlds import request_of

from pymockapi.model.request import Request
from pymockapi.model.stub import Json

_WORDS = ["a", "b", ""]
_methods = st.sampled_from(["GET", "POST", "HEAD"])
_values = st.sampled_from(["1", "2"])
_numbers: st.SearchStrategy[Json] = st.sampled_from([1, 1.0, True, "1", 2, None])

_segments = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3)
_paths = _segments.map(lambda parts: "/" + "/".join(parts))
_templates = st.lists(st.sampled_from([*_WORDS, "{x}"]), min_size=1, max_size=3).map(
    lambda parts: (
        "/" + "/".join(f"{{x{n}}}" if part == "{x}" else part for n, part in enumerate(parts))
    )
)
_path_matchers = st.one_of(
    _paths,
    _templates,
    _paths.map(lambda path: {"prefix": path}),
    _paths.map(lambda path: {"equals": path}),
    st.just({"matches": "/a.*"}),
)

_patterns: st.SearchStrategy[dict[str, Json]] = st.fixed_dictionaries(
    {},
    optional={
        "method": st.one_of(_methods, st.lists(_methods, min_size=1, max_size=2, unique=True)),
        "path": _path_matchers,
        "query": st.fixed_dictionaries(
            {},
            optional={
                "q": _values,
                "r": st.sampled_from(["1", {"present": True}, {"absent": True}]),
            },
        ),
        "headers": st.fixed_dictionaries({}, optional={"X-H": _values}),
        "body": st.one_of(
            _numbers.map(lambda value: {"json_contains": {"k": value}}),
            _numbers.map(lambda value: {"json": {"k": value}}),
        ),
    },
)

stub_parts: st.SearchStrategy[dict[str, Json]] = st.fixed_dictionaries(
    {"request": _patterns},
    optional={
        "priority": st.sampled_from([1, 5, 9]),
        "times": st.just(2),
        "when": st.sampled_from([{"s": 1}, {"s": {"absent": True}}]),
        "responses": st.sampled_from(
            [[{"status": 200, "times": 1}], [{"status": 200}], [{"status": 200}, {"times": 2}]]
        ),
    },
)


def _request(
    method: str, path: str, query: list[tuple[str, str]], header: str | None, body: list[Json]
) -> Request:
    target = path + ("?" + "&".join(f"{key}={value}" for key, value in query) if query else "")
    headers = {"x-h": header} if header is not None else None
    return request_of(method, target, headers, *([{"k": body[0]}] if body else []))


requests: st.SearchStrategy[Request] = st.builds(
    _request,
    _methods,
    st.one_of(_paths, st.just("*")),
    st.lists(st.tuples(st.sampled_from(["q", "r"]), _values), max_size=3),
    st.one_of(st.none(), _values),
    st.lists(_numbers, max_size=1),
)
