"""YAML text as JSON values, with the meaning of YAML 1.2.2's core schema (chapter 10.3).

``yes``, ``on``, ``12:30`` and dates are strings, ``010`` is ten. Keys are taken as they are
written. Built from the parser's events by a loop, so that no nesting overflows the stack;
depth and aliases are bounded. It knows nothing of what the values mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from pymockapi.config.flaws import Flaw, UnreadableText
from pymockapi.config.places import MAX_DEPTH, Token, TokenKind
from pymockapi.config.yaml_problems import unreadable_character, unreadable_yaml
from pymockapi.model.stub import Json

MAX_ALIASES: Final = 10_000  # far more than hand-written files have
MAX_ALIASED_VALUES: Final = 1_000_000  # what all aliases may stand for: about 100 MB once copied

_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml: 8 times as fast
_INT: Final = re.compile(r"[-+]?[0-9]{1,4000}")
_OTHER_INT: Final = re.compile(r"0o[0-7]{1,1000}|0x[0-9a-fA-F]{1,1000}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_JSON: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NOT_PLAIN_STARTS: Final = frozenset("-+.0123456789ntfNTF~")
_TAG: Final = "tag:yaml.org,2002:"
_SCALAR_TAGS: Final = {_TAG + name for name in ("str", "null", "bool", "int", "float")}
_NO_KEY: Final = object()


def parse(text: str, flaws: list[Flaw]) -> tuple[Json, bool]:
    """Return the value of the one document in ``text``, and whether a key comes twice in it.

    An empty text is null. What can be passed over goes to ``flaws``. Raises ``UnreadableText``.
    """
    builder = _Builder(flaws)
    for event in _events(text):
        builder.take(event)
    return builder.root, builder.has_duplicates


def tokens(text: str) -> Iterator[Token]:
    """Yield the places of a text that ``parse`` accepts; of its first document only."""
    named: dict[str, str] = {}
    for event in _events(text):
        kind = _TOKEN_KINDS.get(type(event))
        if kind is not None:
            mark = event.start_mark
            anchor = getattr(event, "anchor", None)
            content = getattr(event, "value", None)
            if content is None:
                content = named.get(anchor or "", "")
            elif anchor is not None:
                named[anchor] = content
            yield Token(kind, mark.line + 1, mark.column + 1, content, anchor)
        elif type(event) is yaml.DocumentEndEvent:
            return


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.reader.ReaderError:
        raise unreadable_character(text) from None
    except yaml.MarkedYAMLError as error:
        raise unreadable_yaml(error) from None


_TOKEN_KINDS: Final = {
    yaml.MappingStartEvent: TokenKind.OPEN_OBJECT,
    yaml.SequenceStartEvent: TokenKind.OPEN_LIST,
    yaml.MappingEndEvent: TokenKind.CLOSE,
    yaml.SequenceEndEvent: TokenKind.CLOSE,
    yaml.ScalarEvent: TokenKind.SCALAR,
    yaml.AliasEvent: TokenKind.ALIAS,
}


class _Open:
    """A list or object whose end has not come. ``size`` counts the values in it, aliases
    expanded; ``height`` how deep they nest; ``key`` waits for its value."""

    __slots__ = ("anchor", "height", "key", "size", "value")

    def __init__(self, value: Any, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: Any = None
        self.size = 1
        self.height = 1


class _Builder:
    """Values out of parser events."""

    def __init__(self, flaws: list[Flaw]) -> None:
        self.root: Json = None
        self.has_duplicates = False
        self._flaws = flaws
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Json, int, int] | None] = {}
        self._documents = 0
        self._aliases = 0
        self._aliased = 0
        self._takers: Final[dict[type, Any]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }

    def take(self, event: Any) -> None:
        taker = self._takers.get(type(event))
        if taker is not None:
            taker(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _stop(event, "a second document starts here; one file holds one document")

    def _scalar(self, event: Any) -> None:
        value = event.value
        if self._awaits_key():
            if event.anchor is not None:
                self._anchors[event.anchor] = (value, 1, 0)
            self._key(event, value)
            return
        if event.tag is None:
            if event.implicit[0] and (not value or value[0] in _NOT_PLAIN_STARTS):
                value = self._resolved(event)
        else:
            value = self._tagged(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1, 0)
        self._put(value, 1, 0)

    def _start(self, event: Any) -> None:
        is_map = type(event) is yaml.MappingStartEvent
        if event.tag not in (None, "!", _TAG + ("map" if is_map else "seq")):
            self._flaw(event, f"the tag {_shown_tag(event.tag)} is not supported; leave it out")
        if len(self._open) >= MAX_DEPTH:
            raise _stop(event, f"nested more than {MAX_DEPTH} levels deep")
        if self._awaits_key():
            self._flaw(event, "a key must be plain text, not a list or an object")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open({} if is_map else [], event.anchor))

    def _end(self, _: Any) -> None:
        done = self._open.pop()
        if done.anchor is not None:
            self._anchors[done.anchor] = (done.value, done.size, done.height)
        if self._awaits_key():
            self._open[-1].key = _NO_KEY
        else:
            self._put(done.value, done.size, done.height)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise _stop(event, f"*{event.anchor} names no anchor; &{event.anchor} must come before")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise _stop(event, f"*{event.anchor} stands inside what it names")
        value, size, height = anchored
        self._count_alias(event, size)
        if len(self._open) + height > MAX_DEPTH:
            raise _stop(event, f"nested more than {MAX_DEPTH} levels deep")
        if self._awaits_key():
            self._key(event, value)
        else:
            self._put(value, size, height)

    def _count_alias(self, event: Any, size: int) -> None:
        self._aliases += 1
        self._aliased += size
        if self._aliases > MAX_ALIASES or self._aliased > MAX_ALIASED_VALUES:
            allowed = f"at most {MAX_ALIASES:,} aliases and {MAX_ALIASED_VALUES:,} values in all"
            raise _stop(event, f"aliases stand for too much: {allowed}")

    def _key(self, event: Any, key: Json) -> None:
        holder = self._open[-1]
        if not isinstance(key, str):
            self._flaw(event, "a key must be plain text, not a list or an object")
            holder.key = _NO_KEY
            return
        if key == "<<" and getattr(event, "implicit", (False,))[0]:
            self._flaw(event, 'merge keys (<<) are not part of YAML 1.2; write "<<" for the text')
            holder.key = _NO_KEY
            return
        self.has_duplicates = self.has_duplicates or key in holder.value
        holder.key = key

    def _awaits_key(self) -> bool:
        if not self._open:
            return False
        holder = self._open[-1]
        return holder.key is None and type(holder.value) is dict

    def _put(self, value: Json, size: int, height: int) -> None:
        if not self._open:
            self.root = value
            return
        holder = self._open[-1]
        holder.size += size
        holder.height = max(holder.height, height + 1)
        if holder.key is None:
            holder.value.append(value)
            return
        if holder.key is not _NO_KEY:
            holder.value[holder.key] = value
        holder.key = None

    def _resolved(self, event: Any) -> Json:
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        if _OTHER_INT.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            return self._float(event, text)
        if _NO_JSON.fullmatch(text):
            self._flaw(event, f"{text} is no JSON number; quote it if text is meant")
        return text

    def _float(self, event: Any, text: str) -> float:
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self._flaw(event, f"{text[:40]} is too large a number; quote it if text is meant")
            return 0.0
        return value

    def _tagged(self, event: Any) -> Json:
        tag, text = event.tag, event.value
        if tag in ("!", _TAG + "str"):
            return text
        if tag not in _SCALAR_TAGS:
            self._flaw(event, f"the tag {_shown_tag(tag)} is not supported; leave it out")
            return text
        value = self._resolved(event)
        if tag == _TAG + "float" and _INT.fullmatch(text):
            return self._float(event, text)
        wanted = {"null": type(None), "bool": bool, "int": int, "float": float}
        if type(value) is not wanted[tag.removeprefix(_TAG)]:
            self._flaw(event, f"'{text[:60]}' does not fit its tag {_shown_tag(tag)}")
        return value

    def _flaw(self, event: Any, message: str) -> None:
        mark = event.start_mark
        self._flaws.append(Flaw(mark.line + 1, mark.column + 1, message))


def _stop(event: Any, message: str) -> UnreadableText:
    return UnreadableText(event.start_mark.line + 1, event.start_mark.column + 1, message)


def _shown_tag(tag: str) -> str:
    return "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
