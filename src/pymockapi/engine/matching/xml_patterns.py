"""What ``xml`` and ``xpath`` ask of a body.

A body that is no XML fits nothing here, not even ``absent``; no body is a missing value.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from pymockapi.engine.checks import Check, settle
from pymockapi.engine.expressions.xml_documents import Document, Kind, Node, NoXml, parse_xml
from pymockapi.engine.expressions.xpath import Expression, Scope, plain_text
from pymockapi.engine.expressions.xpath_reading import read_xpath
from pymockapi.engine.json_values import shown, spend
from pymockapi.engine.matching.matchers import ValueMatcher
from pymockapi.engine.matching.values import Domain, read_matcher
from pymockapi.model.errors import ExpressionLimit
from pymockapi.model.reader import Findings, below, kind_of, read_asked
from pymockapi.model.request import Request
from pymockapi.model.stub import Context, Difference, Json

MAX_SHOWN: Final = 10  # differences of one document


def document_of(request: Request, context: Context) -> Document | NoXml:
    """Return the body as XML, read once for all stubs. Raises ``ExpressionLimit``."""
    if request.xml is None:
        if request.undecoded:
            request.xml = NoXml(request.undecoded)
        else:
            content = request.read_body()
            settle(request, context)
            try:
                request.xml = parse_xml(content, context)
            except NoXml as problem:
                request.xml = problem
    document: Document | NoXml = request.xml
    return document


class XmlCheck:
    """The body is this document, however it is written."""

    __slots__ = ("_expected", "_text", "cost", "literals")

    def __init__(self, expected: Document, text: str) -> None:
        self._expected = expected
        self._text = text
        self.cost = 30
        self.literals: Sequence[tuple[str, Hashable]] = ()

    def accepts(self, request: Request, context: Context) -> bool:
        return next(self._misfits(request, context), None) is None

    def differences(self, request: Request, context: Context) -> list[Difference]:
        found = []
        for each in self._misfits(request, context):
            found.append(each)
            if len(found) == MAX_SHOWN:
                break
        return found

    def _misfits(self, request: Request, context: Context) -> Iterator[Difference]:
        if not request.content:
            yield Difference("body", f"XML equal to {shown(self._text)}", "missing")
            return
        document = document_of(request, context)
        if isinstance(document, NoXml):
            yield _no_xml(f"XML equal to {shown(self._text)}", document, request)
            return
        yield from _Comparison(self._expected, document, context).misfits()


class _Comparison:
    def __init__(self, expected: Document, actual: Document, context: Context) -> None:
        self._expected = expected
        self._actual = actual
        self._context = context

    def misfits(self) -> Iterator[Difference]:
        one = self._parts(self._expected, self._expected.root)[0]
        other = self._parts(self._actual, self._actual.root)[0]
        yield from self._elements(one, other, f"body.xml./{other.local}")

    def _elements(self, one: Node, other: Node, place: str) -> Iterator[Difference]:
        spend(self._context, 4)
        if (one.namespace, one.local) != (other.namespace, other.local):
            yield Difference(place, _element(one), _element(other))
            return
        yield from self._attributes(one, other, place)
        ones, others = self._parts(self._expected, one), self._parts(self._actual, other)
        counts: dict[str, int] = {}
        for mine, theirs in zip_longest(ones, others):
            name = _name(theirs, mine)
            counts[name] = counts.get(name, 0) + 1
            at = f"{place}/{name}[{counts[name]}]"
            if mine and theirs and mine.kind is theirs.kind is Kind.ELEMENT:
                yield from self._elements(mine, theirs, at)
            elif mine is None or theirs is None or _text(mine) != _text(theirs):
                yield Difference(at, _told(mine, "absent"), _told(theirs, "missing"))

    def _attributes(self, one: Node, other: Node, place: str) -> Iterator[Difference]:
        ones = {(each.namespace, each.local): each for each in self._expected.attributes(one)}
        others = {(each.namespace, each.local): each for each in self._actual.attributes(other)}
        spend(self._context, len(ones) + len(others))
        for name in {**ones, **others}:
            mine, theirs = ones.get(name), others.get(name)
            if mine is None or theirs is None or mine.text != theirs.text:
                at = f"{place}/@{name[1]}"
                yield Difference(at, _told(mine, "absent"), _told(theirs, "missing"))

    def _parts(self, document: Document, node: Node) -> list[Node]:
        """Return elements and texts; what is blank beside elements means nothing."""
        parts = list(document.children(node))
        spend(self._context, len(parts))
        if any(each.kind is Kind.ELEMENT for each in parts):
            return [each for each in parts if each.kind is Kind.ELEMENT or each.text.strip()]
        return parts


def _name(*nodes: Node | None) -> str:
    """Return how the first of ``nodes`` that is there is called in a path."""
    node = next(each for each in nodes if each is not None)
    return "text()" if node.kind is Kind.TEXT else node.local


def _text(node: Node) -> str | None:
    return node.text if node.kind is Kind.TEXT else None


def _element(node: Node) -> str:
    of = f" of the namespace {node.namespace}" if node.namespace else " of no namespace"
    return f"the element {node.local}{of}"


def _told(node: Node | None, none: str) -> str:
    if node is None:
        return none
    return _element(node) if node.kind is Kind.ELEMENT else shown(node.text)


class XPathCheck:
    """What an expression yields fits a matcher: of nodes the text of each, else the one value."""

    __slots__ = ("_expression", "_field", "_matcher", "cost", "literals")

    def __init__(self, text: str, expression: Expression, matcher: ValueMatcher) -> None:
        self._expression = expression
        self._field = f"body.xpath.{text}"
        self._matcher = matcher
        self.cost = 30
        self.literals: Sequence[tuple[str, Hashable]] = ()

    def accepts(self, request: Request, context: Context) -> bool:
        values = self._values(request, context)
        return not isinstance(values, NoXml) and self._matcher.holds(values, context)

    def differences(self, request: Request, context: Context) -> list[Difference]:
        values = self._values(request, context)
        if isinstance(values, NoXml):
            return [
                _no_xml(
                    f"XML in which {self._field[11:]} is {self._matcher.describe()}",
                    values,
                    request,
                )
            ]
        return self._matcher.differences(self._field, values, context)

    def _values(self, request: Request, context: Context) -> Sequence[Json] | NoXml:
        if not request.content:
            return ()
        document = document_of(request, context)
        if isinstance(document, NoXml):
            return document
        scope = Scope(document, context, document.root)
        value = self._expression(scope)
        if isinstance(value, list):
            return scope.texts(value)
        return (value if isinstance(value, str) else plain_text(value),)


def _no_xml(expected: str, problem: NoXml, request: Request) -> Difference:
    actual = request.undecoded or f"no XML: {problem}: {shown(request.text)}"
    return Difference("body", expected, actual)


def read_xml(data: object, at: str, found: Findings) -> Iterator[Check]:
    """Read ``xml``, a document as a text."""
    if not isinstance(data, str):
        found.add(at, f"expected an XML document as a string, got {kind_of(data)}")
        return
    try:
        expected = parse_xml(data.encode("utf-8", "surrogateescape"))
    except (NoXml, ExpressionLimit) as problem:
        found.add(at, f"this is no XML that is read: {problem}")
        return
    yield XmlCheck(expected, data)


def read_xpaths(data: object, at: str, found: Findings, namespaces: object) -> Iterator[Check]:
    """Read ``xpath``; each expression is one check."""
    prefixes = _read_namespaces(namespaces, below(at, "namespaces"), found)
    for text, item in read_asked(data, below(at, "xpath"), found).items():
        place = below(below(at, "xpath"), str(text))
        expression = read_xpath(text, place, found, prefixes)
        matcher = read_matcher(item, place, found, Domain.TEXT)
        if expression is not None:
            yield XPathCheck(str(text), expression, matcher)


def _read_namespaces(data: object, at: str, found: Findings) -> Mapping[str, str]:
    prefixes: dict[str, str] = {}
    for prefix, uri in read_asked(data, at, found).items():
        if not isinstance(uri, str) or not uri:
            found.add(
                below(at, str(prefix)), f"expected a namespace name (a URI), got {kind_of(uri)}"
            )
        prefixes[str(prefix)] = str(uri)
    return prefixes
