"""JUnit XML, as CI servers read it: the cases of one namespace as one test suite.

There is no standard. This keeps to what the schemas of the Ant task and of Jenkins' xUnit plugin
both allow: the suite's own children in the order properties, cases, ``system-out``, ``system-err``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from pymockapi.formats.cases import Case, cases
from pymockapi.formats.summary import listing

MAX_IDS: Final = 20  # correlation ids of each sort among the properties
MAX_OUT: Final = 100  # requests in ``system-out``
_PACKAGE: Final = "pymockapi"
_HOST: Final = "localhost"  # which machine ran it is not told
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) cannot hold, not even escaped."""

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;",
     "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)  # fmt: skip

Document = dict[str, Any]


def junit(bundle: Document, requests: Sequence[Document]) -> Iterator[str]:
    """Yield the document part by part; ``bundle`` has none of its requests, of which the newest are given in short."""
    suite = name_of(bundle)
    found: list[Case] = []
    for case in cases(bundle):
        found.append(case)
        yield ""  # thousands take a while
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    yield _tag(
        "testsuite",
        name=suite, package=_PACKAGE, id="0", hostname=_HOST, timestamp=bundle["created_at"][:19],
        tests=len(found), failures=sum(1 for each in found if each.kind), errors=0, skipped=0,
        time=f"{_lasted_s(bundle):.3f}",
    )  # fmt: skip
    yield "<properties>\n"
    for name, value in _properties(bundle, requests):
        yield _tag("property", "/", name=name, value=value)
    yield "</properties>\n"
    for each in found:
        yield _case(each, suite)
    yield "<system-out>"
    yield from (escaped(line + "\n") for line in _out(bundle, requests))
    yield "</system-out>\n<system-err></system-err>\n"
    yield "</testsuite>\n</testsuites>\n"


def name_of(bundle: Document) -> str:
    """Return what groups the cases in a report: the test, if it is known, else the namespace."""
    test: str = bundle["labels"].get("test", "").strip()
    return test or str(bundle["namespace"])


def _lasted_s(bundle: Document) -> float:
    end = bundle["made_at"] if bundle["finished"] is None else bundle["finished"]["at"]
    lasted = datetime.fromisoformat(end) - datetime.fromisoformat(bundle["created_at"])
    return max(0.0, lasted.total_seconds())


def _properties(bundle: Document, requests: Sequence[Document]) -> Iterator[tuple[str, object]]:
    yield "namespace", bundle["namespace"]
    yield "namespace.id", bundle["id"]
    yield "seed", bundle["seed"]
    for name, value in bundle["labels"].items():
        yield f"label.{name}", value
    if bundle["finished"] is not None and bundle["finished"]["status"] is not None:
        yield "status", bundle["finished"]["status"]
    yield "requests", bundle["total"]
    yield "pymockapi", bundle["versions"]["pymockapi"]
    ids: dict[str, dict[str, None]] = {}
    for each in requests:
        for name, value in each["correlation"].items():
            ids.setdefault(name, {})[value] = None
    for name, values in sorted(ids.items()):
        yield from ((name, value) for value in list(values)[-MAX_IDS:])


def _case(case: Case, suite: str) -> str:
    facts = {"classname": suite, "name": case.name, "time": f"{case.took_s:.3f}"}
    if not case.kind:
        return _tag("testcase", "/", **facts)
    failure = _tag("failure", "", type=case.kind, message=case.message).rstrip("\n")
    return f"{_tag('testcase', **facts)}{failure}{escaped(case.text)}</failure>\n</testcase>\n"


def _out(bundle: Document, requests: Sequence[Document]) -> Iterator[str]:
    yield from (bundle["verdict"]["report"], "")
    yield from listing(bundle, requests[-MAX_OUT:])


def _tag(tag: str, end: str = "", /, **attributes: object) -> str:
    told = "".join(f' {name}="{_attribute(value)}"' for name, value in attributes.items())
    return f"<{tag}{told}{end}>\n"


def _attribute(value: object) -> str:
    return _legal(str(value)).translate(_IN_ATTRIBUTES)


def escaped(text: str) -> str:
    """Return ``text`` as the text of an element."""
    return _legal(text).translate(_ESCAPES)


def _legal(text: str) -> str:
    """Return ``text`` with ``\\x1b`` written out for what XML cannot hold."""
    return _ILLEGAL.sub(lambda found: repr(found[0])[1:-1], text)
