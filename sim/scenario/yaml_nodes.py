"""YAML to a tree of nodes that know where they stand in their file.

YAML 1.2 core scalars, read from the event stream (of libyaml where it can read the text), so that depth,
aliases and tags are bounded before anything is built. Keys stay the text that was written. No meaning of
a scenario or a figure is known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.errors import Finding, Level, Where
from sim.scenario.nodes import Node, Scalar

__all__ = ["Composed", "Node", "Scalar", "compose", "plain", "read"]

MAX_BYTES: Final = 8_000_000
MAX_NODES: Final = 200_000
MAX_DEPTH: Final = 60


class Composed(NamedTuple):
    """What a text held: the root (None when it is empty or cannot be read) and what is wrong with it."""

    root: Node | None
    findings: tuple[Finding, ...]


class _Refused(Exception):  # noqa: N818 - control flow of this module, never leaves it
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read(path: Path, *, shown: str | None = None) -> Composed:
    """Read and compose one file.

    Args:
        path: the file.
        shown: its name in findings; the path by default.
    """
    name = shown or str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        return Composed(None, (_finding("unreadable-file", name, f"{name}: {reason.lower()}"),))
    if len(raw) > MAX_BYTES:
        message = f"{name} is larger than {MAX_BYTES // 1_000_000} MB"
        return Composed(None, (_finding("too-large", name, message, expected="a smaller file"),))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        found = _finding("not-utf8", name, message, line=line, column=column, expected="text in UTF-8")
        return Composed(None, (found,))
    return compose(text, file=name)


def compose(text: str, *, file: str) -> Composed:
    """Read one YAML document from text.

    Args:
        text: the document.
        file: name by which findings and nodes call it.

    Returns:
        The root node and all findings; duplicate keys leave the root usable, all else does not.
    """
    from ruamel.yaml.error import YAMLError

    first: Finding | None = None
    for events in _parsers():
        findings: list[Finding] = []
        try:
            return Composed(_Builder(file, findings).build(events(text)), tuple(findings))
        except _Refused as refused:
            return Composed(None, (*findings, refused.finding))
        except YAMLError as error:
            first = first or _syntax(error, text, file)
            before = findings
            if _COLON not in str(error):
                break
        except (LookupError, ValueError, RecursionError):
            # ruamel's own parser, on what libyaml has refused already
            if first is None:
                raise
    assert first is not None
    return Composed(None, (*before, first))


_COLON: Final = "found unexpected ':'"
"""What libyaml says of a text that YAML 1.2 allows; to read all others again would take long for nothing."""


def _parsers() -> tuple[Callable[[str], Iterator[Any]], ...]:
    """Give libyaml's parser where it is installed, then ruamel's own.

    libyaml keeps to YAML 1.1 and refuses a plain scalar with a colon in flow style, such as
    `[{at: 2024-01-06T06:00}]`. What it refuses is read again, so that a file is as good on every machine.
    """
    try:
        from _ruamel_yaml import CParser  # type: ignore[import-not-found]
    except ImportError:
        try:
            from ruamel.yaml.clib._ruamel_yaml import CParser  # type: ignore[import-not-found]
        except ImportError:
            return (_slow_events,)

    def fast_events(text: str) -> Iterator[Any]:
        parser = CParser(text)
        while (event := parser.get_event()) is not None:
            yield event

    return fast_events, _slow_events


def _slow_events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    yield from YAML(typ="safe", pure=True).parse(text)


_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_NULL = {"", "~", "null", "Null", "NULL"}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(nan|NaN|NAN)")


def plain(text: str) -> Scalar:
    """Read a plain scalar by the YAML 1.2 core schema: dates, `no` and `12:30` stay text."""
    if text in _NULL:
        return None
    first = text[0]
    if first in "tTfF":
        if text in _TRUE:
            return True
        return False if text in _FALSE else text
    if first not in "0123456789+-.":
        return text
    if _INT.fullmatch(text):
        if len(text) > 300:
            return text
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    special = _SPECIAL.fullmatch(text)
    if special is None:
        return text
    return float("nan") if special[2] else float(special[1] + "inf")


class _Open:
    """A collection being read."""

    __slots__ = ("anchor", "column", "items", "key", "line", "mapping", "size")

    def __init__(self, *, mapping: bool, line: int, column: int, anchor: str | None) -> None:
        self.mapping, self.line, self.column, self.anchor = mapping, line, column, anchor
        self.items: Any = {} if mapping else []
        self.key: Node | None = None
        self.size = 1


class _Builder:
    """Builds the tree from events without recursion, so that depth cannot break the stack."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self.file, self.findings = file, findings
        self.anchors: dict[str, Node | None] = {}
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.documents = 0

    def build(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            kind = type(event).__name__
            if kind == "ScalarEvent":
                self._refuse_tag(event)
                value = plain(event.value) if event.style in (None, "") else event.value
                self._put(value, event, size=1)
            elif kind == "MappingStartEvent" or kind == "SequenceStartEvent":
                self._refuse_tag(event)
                self._open(event, mapping=kind[0] == "M")
            elif kind == "MappingEndEvent" or kind == "SequenceEndEvent":
                self._close()
            elif kind == "AliasEvent":
                self._alias(event)
            elif kind == "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    self._refuse("second-document", event, "a second YAML document", "one document a file")
        return self.root

    def _path(self, *tail: str) -> str:
        """Give the dotted path of what is being read."""
        parts: list[str] = []
        for above in self.stack:
            if not above.mapping:
                parts.append(str(len(above.items)))
            elif above.key is not None:
                parts.append(str(above.key.value))
        return ".".join([*parts, *tail])

    def _refuse(self, code: str, event: Any, message: str, expected: str) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        found = _finding(code, self.file, message, line=line, column=column, expected=expected)
        raise _Refused(replace(found, path=self._path()))

    def _refuse_tag(self, event: Any) -> None:
        tag = getattr(event, "ctag", None) or event.tag
        if tag is not None and str(tag) not in ("", "None"):
            self._refuse("tag", event, f"the tag {_shown_tag(str(tag))} is not allowed", "plain YAML")

    def _open(self, event: Any, *, mapping: bool) -> None:
        mark = event.start_mark
        if len(self.stack) >= MAX_DEPTH:
            self._refuse("too-deep", event, f"nested deeper than {MAX_DEPTH} levels", "a flat document")
        if self.stack and self.stack[-1].mapping and self.stack[-1].key is None:
            self._refuse("complex-key", event, "a key is a collection", "a key that is text")
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(
            _Open(mapping=mapping, line=mark.line + 1, column=mark.column + 1, anchor=event.anchor)
        )

    def _close(self) -> None:
        done = self.stack.pop()
        node = Node(done.items, self.file, done.line, done.column, done.line, done.column, done.size)
        if done.anchor:
            self.anchors[done.anchor] = node
        self._place(node)

    def _put(self, value: Scalar, event: Any, *, size: int) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if self.stack and self.stack[-1].mapping and self.stack[-1].key is None:
            text = event.value
            node = Node(text, self.file, line, column, line, column, size)
            if event.anchor:
                self.anchors[event.anchor] = node
            self._key(node)
            return
        node = Node(value, self.file, line, column, line, column, size)
        if event.anchor:
            self.anchors[event.anchor] = node
        self._place(node)

    def _key(self, node: Node) -> None:
        top = self.stack[-1]
        first = top.items.get(node.value)
        if first is not None:
            message = f"the key '{node.value}' stands twice, first in line {first.key_line}"
            where = Where(self.file, node.line, node.column)
            path = self._path(str(node.value))
            found = Finding("duplicate-key", Level.ERROR, where, path, message, "each key once")
            self.findings.append(found)
        top.key = node

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self._refuse("unknown-alias", event, f"no anchor '&{event.anchor}' before it", "a known anchor")
        node = self.anchors[event.anchor]
        if node is None:
            self._refuse("alias-cycle", event, f"'*{event.anchor}' stands inside itself", "no cycle")
            return
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if self.stack and self.stack[-1].mapping and self.stack[-1].key is None:
            self._refuse("complex-key", event, "a key is an alias", "a key that is text")
        self._place(node._replace(line=line, column=column, key_line=line, key_column=column), event=event)

    def _place(self, node: Node, *, event: Any = None) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.size += node.size
        if top.size > MAX_NODES:
            message = f"more than {MAX_NODES:,} values, aliases expanded"
            found = _finding(
                "too-large", self.file, message, line=node.line, column=node.column, expected="fewer values"
            )
            raise _Refused(found)
        if top.mapping:
            key = top.key
            if key is None:  # pragma: no cover - keys are taken in _put
                return
            top.items[key.value] = node._replace(key_line=key.line, key_column=key.column)
            top.key = None
        else:
            top.items.append(node)


def _shown_tag(tag: str) -> str:
    return "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org,2002:") else tag


def _finding(
    code: str, file: str, message: str, *, line: int = 1, column: int = 1, expected: str = "", hint: str = ""
) -> Finding:
    return Finding(code, Level.ERROR, Where(file, line, column), "", message, expected, hint)


def _syntax(error: Exception, text: str, file: str) -> Finding:
    """Turn a parser's or reader's exception into a finding."""
    from ruamel.yaml.error import MarkedYAMLError

    line, column, hint = 1, 1, ""
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            line, column = mark.line + 1, mark.column + 1
        message = " ".join(part for part in (error.context, error.problem) if part)
        rows = text.split("\n")
        if line <= len(rows) and "\t" in rows[line - 1]:
            hint = "indent with spaces: a tab stands in this line"
    else:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        column = position - (text.rfind("\n", 0, position) + 1) + 1
        message = str(error)
        if position < len(text):
            message = f"character #x{ord(text[position]):04x} is not allowed"
            if text[position] == "\0":
                hint = "the file is not written to its end, is damaged, or is not UTF-8 text"
    return _finding(
        "yaml-syntax", file, f"not YAML: {message}", line=line, column=column, expected="YAML 1.2", hint=hint
    )
