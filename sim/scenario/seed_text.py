"""Reads the text of a seed file into entries with line numbers; knows YAML, not figures.

A seed file is a list of mappings, one value a line. That layout is read here line by line, thirty times
faster than a YAML parser written in Python; any line outside it hands the whole file to that parser, so
the layout is a habit and not a dialect. Scalars follow the core schema of YAML 1.2 either way.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Finding, InputError, Level, Where

_KEY = re.compile(r"(- |  |    )([a-z_]+):(?: (.*))?")
_ITEM = re.compile(r"    - (.*)")
_SINGLE = re.compile(r"'(?:[^']|'')*'")
_PLAIN_START = re.compile(r"[^\W_]|[(+./-]")
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"": None, "~": None}
_WORDS |= dict.fromkeys(("null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)


@dataclass
class Entry:
    """One mapping of a seed file.

    Attributes:
        line: line of its first key, from 1.
        values: value by key: a scalar, a list of scalars or a mapping of scalars.
        lines: line by key.
        repeated: keys given more than once.
    """

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)

    def put(self, key: str, value: Any, *, line: int) -> None:
        """Set a key, remembering its line and whether it was there before."""
        if key in self.values:
            self.repeated.append(key)
        self.values[key] = value
        self.lines[key] = line


class _IrregularError(Exception):
    """The text leaves the one-value-a-line layout."""


def read_entries(text: str, path: Path) -> list[Entry]:
    """Read a seed file.

    Args:
        text: what the file holds.
        path: its path, named in findings.

    Returns:
        The entries in the order of the file.

    Raises:
        InputError: the text is not YAML, or not a list of mappings.
    """
    try:
        return _read_lines(text)
    except _IrregularError:
        return _read_yaml(text, path)


def _read_lines(text: str) -> list[Entry]:
    entries: list[Entry] = []
    opened: Any = None  # what a key without a value on its line turned out to hold
    parent = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip()[:1] in ("", "#"):
            continue
        found = _KEY.fullmatch(line)
        if found is None:
            item = _ITEM.fullmatch(line)
            if item is None or not parent or not (opened is None or isinstance(opened, list)):
                raise _IrregularError
            if opened is None:
                opened = entries[-1].values[parent] = []
            opened.append(_scalar(item[1]))
            continue
        indent, key, rest = found.groups()
        if indent == "    ":
            if not parent or not (opened is None or isinstance(opened, dict)):
                raise _IrregularError
            if opened is None:
                opened = entries[-1].values[parent] = {}
            if key in opened or not rest:
                raise _IrregularError
            opened[key] = _scalar(rest)
            continue
        if indent == "- ":
            entries.append(Entry(number))
        elif not entries:
            raise _IrregularError
        entries[-1].put(key, _scalar(rest or ""), line=number)
        parent, opened = ("" if rest else key), None
    return entries


def _scalar(text: str) -> Any:
    first = text[:1]
    if first == '"':
        try:
            value, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            raise _IrregularError from None
        if end != len(text):
            raise _IrregularError
        return value
    if first == "'" and _SINGLE.fullmatch(text):
        return text[1:-1].replace("''", "'")
    if first and text != "~" and not _PLAIN_START.match(text):
        raise _IrregularError
    if ": " in text or " #" in text or "\t" in text or text != text.strip() or text[-1:] == ":":
        raise _IrregularError
    if first == "-" and text[1:2] in ("", " ", "-"):
        raise _IrregularError
    return core_scalar(text)


def core_scalar(text: str) -> str | float | bool | None:
    """Return what a plain scalar means in the core schema of YAML 1.2.

    Octal, hexadecimal and infinite numbers mean nothing in a figure and stay text.

    Args:
        text: the scalar without quotes.

    Returns:
        None, a truth value, a number, or the text itself.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _read_yaml(text: str, path: Path) -> list[Entry]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

    def value_of(node: Any) -> Any:
        if isinstance(node, ScalarNode):
            return node.value if node.style else core_scalar(node.value)
        if isinstance(node, SequenceNode):
            return [value_of(item) for item in node.value]
        return {str(value_of(key)): value_of(value) for key, value in node.value}

    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        raise _unreadable(path, line, column, message=f"not YAML: {error.problem}") from None
    if root is None:
        return []
    if not isinstance(root, SequenceNode):
        raise _unreadable(path, 0, 0, message="the file is not a list of figures")
    entries = []
    for node in root.value:
        if not isinstance(node, MappingNode):
            mark = node.start_mark
            raise _unreadable(path, mark.line, mark.column, message="a figure is not a mapping")
        entry = Entry(node.start_mark.line + 1)
        for key, value in node.value:
            entry.put(str(value_of(key)), value_of(value), line=key.start_mark.line + 1)
        entries.append(entry)
    return entries


def _unreadable(path: Path, line: int, column: int, *, message: str) -> InputError:
    where = Where(str(path), line + 1, column + 1)
    expected = "a list of figures, each a mapping (seeds/README.md)"
    return InputError([Finding("seed-unreadable", Level.ERROR, where, "", message, expected=expected)])
