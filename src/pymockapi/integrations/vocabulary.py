"""The ready-made steps: what each says, and what it does with a namespace; ``docs/steps.md``.

A framework takes ``STEPS`` and registers them in its own way, all for any keyword. It gives a step
the values of its placeholders, and its doc string or table if it ``takes`` one. Knows no framework.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from pymockapi.client.namespace import Namespace
from pymockapi.client.values import Json
from pymockapi.integrations.step_tables import (
    Rows,
    read_answers,
    read_count,
    read_expected,
    read_json,
    read_pairs,
    read_state,
    read_value,
)

TEXT: Final = "a doc string"
TABLE: Final = "a table"


class Step(NamedTuple):
    """One step; ``pattern`` has placeholders as the library parse reads them."""

    pattern: str
    run: Callable[..., None]
    takes: str | None = None

    @property
    def patterns(self) -> tuple[str, ...]:
        """The pattern, and with a colon at its end, too, if something follows."""
        return (self.pattern, f"{self.pattern}:") if self.takes else (self.pattern,)

    def __call__(
        self, namespace: Namespace, values: dict[str, Any], argument: Json = None, after: int = 0
    ) -> None:
        """Do it. Raises ``AssertionError`` with a report, or a sentence on what is wrong with it.

        ``argument`` is the doc string as a text, or the table as lists of texts, its head first. Of
        requests those count that came after number ``after``: in a scope, those of the scope.
        """
        __tracebackhide__ = True
        has, takes = _kind_of(argument), self.takes
        if has != takes:
            wanted = f"{takes} after it" if takes else "nothing after it"
            raise AssertionError(f"The step '{self.pattern}' has {wanted}; got {has or 'nothing'}.")
        since: Any = _Since(namespace, after) if after else namespace
        self.run(since, *([] if takes is None else [argument]), **values)


class _Since:
    """A namespace whose verifications leave out what came up to number ``after``."""

    def __init__(self, namespace: Namespace, after: int) -> None:
        self._namespace = namespace
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._namespace, name)

    def verify(self, *expected: Any, **options: Any) -> None:
        __tracebackhide__ = True
        self._namespace.verify(*expected, after=self._after, **options)


def _kind_of(argument: Json) -> str | None:
    if argument is None:
        return None
    return TEXT if isinstance(argument, str) else TABLE


# Before the system is asked


def _answers(namespace: Namespace, method: str, path: str, status: int) -> None:
    namespace.request(_method(method), path).respond(status)


def _answers_json(namespace: Namespace, text: str, method: str, path: str, status: int) -> None:
    namespace.request(_method(method), path).respond(status, json=read_json(text))


def _answers_text(namespace: Namespace, text: str, method: str, path: str, status: int) -> None:
    namespace.request(_method(method), path).respond(status, text=text)


def _answers_in_turn(namespace: Namespace, rows: Rows, method: str, path: str) -> None:
    namespace.request(_method(method), path).respond_with(read_answers(rows))


def _answers_late(
    namespace: Namespace, method: str, path: str, status: int, seconds: float
) -> None:
    namespace.request(_method(method), path).respond(status, delay=seconds)


def _answers_never(namespace: Namespace, method: str, path: str, status: int) -> None:
    namespace.request(_method(method), path).respond(status, expect=0)


def _is_down(namespace: Namespace) -> None:
    _is_down_with(namespace, 503)


def _is_down_with(namespace: Namespace, status: int) -> None:
    namespace.any().respond(status, priority=1)


def _is_down_below(namespace: Namespace, path: str) -> None:
    namespace.any({"prefix": path}).respond(503, priority=1)


def _takes(namespace: Namespace, seconds: float) -> None:
    namespace.apply({"settings": {"delay": f"{round(seconds * 1000)}ms"}})


def _behaves(namespace: Namespace, name: str) -> None:
    namespace.apply({"settings": {"behaviour": name}})


def _uses_set(namespace: Namespace, name: str) -> None:
    applied = namespace.describe()["applied"]["sets"]
    namespace.apply({"sets": [*(each["set"] for each in applied), name]})


def _has_state(namespace: Namespace, rows: Rows) -> None:
    namespace.state.update(read_state(rows))


def _clock_stands(namespace: Namespace, time: str) -> None:
    namespace.clock.freeze(time)


def _forgets(namespace: Namespace) -> None:
    namespace.forget_requests()


# After it was asked


def _received(namespace: Namespace, method: str, path: str) -> None:
    __tracebackhide__ = True
    namespace.verify(namespace.request(_method(method), path))


def _received_once(namespace: Namespace, method: str, path: str) -> None:
    __tracebackhide__ = True
    _received_times(namespace, method, path, 1)


def _received_never(namespace: Namespace, method: str, path: str) -> None:
    __tracebackhide__ = True
    _received_times(namespace, method, path, 0)


def _received_times(namespace: Namespace, method: str, path: str, count: int) -> None:
    __tracebackhide__ = True
    namespace.verify(namespace.request(_method(method), path).times(read_count(count)))


def _received_at_least(namespace: Namespace, method: str, path: str, count: int) -> None:
    __tracebackhide__ = True
    pattern = namespace.request(_method(method), path)
    namespace.verify(pattern.times(at_least=read_count(count)))


def _received_at_most(namespace: Namespace, method: str, path: str, count: int) -> None:
    __tracebackhide__ = True
    pattern = namespace.request(_method(method), path)
    namespace.verify(pattern.times(at_most=read_count(count)))


def _received_within(namespace: Namespace, method: str, path: str, seconds: float) -> None:
    __tracebackhide__ = True
    namespace.verify(namespace.request(_method(method), path), within=seconds)


def _received_times_within(
    namespace: Namespace, method: str, path: str, count: int, seconds: float
) -> None:
    __tracebackhide__ = True
    pattern = namespace.request(_method(method), path).times(read_count(count))
    namespace.verify(pattern, within=seconds)


def _received_json(namespace: Namespace, text: str, method: str, path: str) -> None:
    __tracebackhide__ = True
    contained = read_json(text)
    namespace.verify(namespace.request(_method(method), path, json_contains=contained))


def _received_headers(namespace: Namespace, rows: Rows, method: str, path: str) -> None:
    __tracebackhide__ = True
    namespace.verify(namespace.request(_method(method), path, headers=read_pairs(rows)))


def _received_query(namespace: Namespace, rows: Rows, method: str, path: str) -> None:
    __tracebackhide__ = True
    namespace.verify(namespace.request(_method(method), path, query=read_pairs(rows)))


def _received_in_order(namespace: Namespace, rows: Rows) -> None:
    __tracebackhide__ = True
    namespace.verify(_expected(namespace, rows), order="strict")


def _received_only(namespace: Namespace, rows: Rows) -> None:
    __tracebackhide__ = True
    namespace.verify(_expected(namespace, rows), nothing_else=True)


def _received_nothing(namespace: Namespace) -> None:
    __tracebackhide__ = True
    namespace.verify(namespace.any().times(0))


def _state_is(namespace: Namespace, key: str, value: str) -> None:
    __tracebackhide__ = True
    wanted, state = read_value(value), namespace.state.all()
    if key not in state:
        keys = ", ".join(state) or "none"
        raise AssertionError(f"The state has no key '{key}'; its keys: {keys}.")
    if state[key] != wanted or type(state[key]) is not type(wanted):
        raise AssertionError(f"The state '{key}' is {state[key]!r}, not {wanted!r}.")


def _no_problem(namespace: Namespace) -> None:
    __tracebackhide__ = True
    verdict = namespace.verdict()
    if not verdict.passed:
        raise AssertionError(verdict.report)


def _expected(namespace: Namespace, rows: Rows) -> Sequence[Any]:
    return [
        namespace.request(_method(method), path).times(times)
        for method, path, times in read_expected(rows)
    ]


def _method(text: str) -> str | None:
    return None if text == "ANY" else text


STEPS: Final = (
    Step('the API answers {method:w} "{path}" with {status:d}', _answers),
    Step('the API answers {method:w} "{path}" with {status:d} and the JSON', _answers_json, TEXT),
    Step('the API answers {method:w} "{path}" with {status:d} and the text', _answers_text, TEXT),
    Step('the API answers {method:w} "{path}" in turn with', _answers_in_turn, TABLE),
    Step('the API answers {method:w} "{path}" with {status:d} after {seconds:g} seconds', _answers_late),
    Step('the API must not be asked for {method:w} "{path}", and answers {status:d}', _answers_never),
    Step("the API is down", _is_down),
    Step("the API is down with {status:d}", _is_down_with),
    Step('the API is down below "{path}"', _is_down_below),
    Step("the API takes {seconds:g} seconds to answer", _takes),
    Step('the API behaves as "{name}"', _behaves),
    Step('the API uses the set "{name}"', _uses_set),
    Step("the API has the state", _has_state, TABLE),
    Step('the clock of the API stands at "{time}"', _clock_stands),
    Step("the API forgets what it received", _forgets),
    Step('the API received {method:w} "{path}"', _received),
    Step('the API received {method:w} "{path}" once', _received_once),
    Step('the API received {method:w} "{path}" {count:d} times', _received_times),
    Step('the API received {method:w} "{path}" at least {count:d} times', _received_at_least),
    Step('the API received {method:w} "{path}" at most {count:d} times', _received_at_most),
    Step('the API received {method:w} "{path}" within {seconds:g} seconds', _received_within),
    Step(
        'the API received {method:w} "{path}" {count:d} times within {seconds:g} seconds',
        _received_times_within,
    ),
    Step('the API received {method:w} "{path}" with the JSON', _received_json, TEXT),
    Step('the API received {method:w} "{path}" with the headers', _received_headers, TABLE),
    Step('the API received {method:w} "{path}" with the query', _received_query, TABLE),
    Step('the API never received {method:w} "{path}"', _received_never),
    Step("the API received in this order", _received_in_order, TABLE),
    Step("the API received only", _received_only, TABLE),
    Step("the API received nothing", _received_nothing),
    Step('the state "{key}" of the API is {value}', _state_is),
    Step("nothing is wrong with the requests to the API", _no_problem),
)  # fmt: skip
