"""Reads the text of a seed file into entries with line numbers; knows YAML, not figures.

A seed file is a list of mappings, one value a line. That layout is read here line by line, thirty times
faster than by a YAML parser written in Python; any line outside it hands the whole file to `yaml_nodes`,
so the layout is a habit and not a dialect. Scalars follow the core schema of YAML 1.2 either way.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import Finding, InputError, Level
from sim.scenario.yaml_nodes import Node, plain, read

_KEY = re.compile(r"(- |  |    )([a-z_]+):(?: (.*))?")
_ITEM = re.compile(r"    - (.*)")
_SINGLE = re.compile(r"'(?:[^']|'')*'")
_ODD = re.compile(r"[^\n -~\xa0-\u2027\u202a-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_PLAIN_START = re.compile(r"[^\W_]|[(+./-]")


@dataclass
class Entry:
    """One mapping of a seed file.

    Attributes:
        line: line of its first key, from 1.
        values: value by key: a scalar, a list of scalars or a mapping of scalars.
        lines: line by key.
    """

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, value: Any, *, line: int) -> None:
        """Set a key and remember its line."""
        self.values[key] = value
        self.lines[key] = line


class _IrregularError(Exception):
    """The text leaves the one-value-a-line layout."""


def read_entries(path: Path, *, shown: str) -> list[Entry]:
    """Read a seed file.

    Args:
        path: the file.
        shown: its name in findings.

    Returns:
        The entries in the order of the file.

    Raises:
        InputError: the file cannot be read, is not YAML, or is not a list of mappings.
    """
    try:
        return _read_lines(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, _IrregularError):
        return _read_yaml(path, shown)


def _read_lines(text: str) -> list[Entry]:
    if _ODD.search(text):
        raise _IrregularError
    entries: list[Entry] = []
    opened: Any = None  # what a key without a value on its line turned out to hold
    parent = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip(" ")[:1] in ("", "#"):
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
        elif not entries or key in entries[-1].values:
            raise _IrregularError
        entries[-1].put(key, _scalar(rest or ""), line=number)
        parent, opened = ("" if rest else key), None
    return entries


def _scalar(text: str) -> Any:
    first = text[:1]
    if first == '"' and "\\u" not in text:
        try:
            return json.loads(text)
        except ValueError:
            raise _IrregularError from None
    if first == "'" and _SINGLE.fullmatch(text):
        return text[1:-1].replace("''", "'")
    if first and text != "~" and not _PLAIN_START.match(text):
        raise _IrregularError
    if ": " in text or " #" in text or "\t" in text or text != text.strip() or text[-1:] == ":":
        raise _IrregularError
    if first == "-" and text[1:2] in ("", " ", "-"):
        raise _IrregularError
    return plain(text)


def _read_yaml(path: Path, shown: str) -> list[Entry]:
    root, found = read(path, shown=shown)
    if found:
        raise InputError(found)
    if root is None:
        return []
    if not isinstance(root.value, list):
        raise _unreadable(root, "the file is not a list of figures")
    entries = []
    for node in root.value:
        if not isinstance(node.value, dict):
            raise _unreadable(node, "a figure is not a mapping")
        entry = Entry(node.line)
        for key, value in node.value.items():
            entry.put(key, value.data(), line=value.key_line)
        entries.append(entry)
    return entries


def _unreadable(node: Node, message: str) -> InputError:
    expected = "a list of figures, each a mapping (seeds/README.md)"
    return InputError([Finding("seed-unreadable", Level.ERROR, node.where, "", message, expected=expected)])
