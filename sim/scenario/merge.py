"""How two mappings of a scenario become one: by key, with what excludes each other replaced.

Works on nodes, so that every value keeps the place where it was written. No file is read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sim.scenario.nodes import Node


class Rescaled(NamedTuple):
    """A value, or a scale, that was given anew over one with a scale, which went with it.

    Attributes:
        path: dotted path of the value, below where the merge began.
        node: the new value or scale.
        scale: the scale that is gone.
        by: the new scale, where only that was given.
    """

    path: str
    node: Node
    scale: tuple[str, ...]
    by: tuple[str, ...] = ()


_ALTERNATIVES: Final[tuple[tuple[frozenset[str], ...], ...]] = (
    (
        frozenset({"assume", "range", "because", "calibrated"}),
        frozenset({"seed"}),
        frozenset({"value"}),
        frozenset({"mean"}),
        frozenset({"triangular"}),
        frozenset({"uniform"}),
        frozenset({"empirical", "unit"}),
        frozenset({"by", "table"}),
        frozenset({"a year"}),
        frozenset({"a month"}),
        frozenset({"a price per measure"}),
    ),
    (
        frozenset({"cv", "shape", "k"}),
        frozenset({"triangular"}),
        frozenset({"uniform"}),
        frozenset({"empirical"}),
        frozenset({"by", "table"}),
        frozenset({"a month"}),
    ),
    *((frozenset({one}), frozenset({two})) for one, two in (("TEU", "FEU"), ("wagon", "wagons"))),
    *((frozenset({one}), frozenset({two})) for one, two in (("truck", "trucks"), ("train", "trains"))),
    (frozenset({"shares"}), frozenset({"cascade"}), frozenset({"logit"})),
    (frozenset({"service"}), frozenset({"rate"})),
    (frozenset({"every", "first"}), frozenset({"at"})),
    (frozenset({"steps"}), frozenset({"reverse"}), frozenset({"outside"})),
    (frozenset({"full", "after"}), frozenset({"timetable"})),
)
"""Keys of one group replace those of the others: a file that gives a rate drops the base's service."""

_GIVES: Final = frozenset().union(*_ALTERNATIVES[0]) - {"range", "because", "calibrated", "unit", "by"}
"""Keys that give a quantity, by kind; a quantity that is given anew goes without the scale of the old one."""

_KINDS: Final = (
    (re.compile(r"\d+"), "a year"),
    (re.compile("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|else"), "a month"),
    (re.compile("TEU|FEU|t|wagons?|trucks?|trains?"), "a price per measure"),
)


def _kinds(key: str) -> set[str]:
    """Give a key with the kind of keys that it belongs to."""
    return {key, *(kind for pattern, kind in _KINDS if pattern.fullmatch(key))}


def mapping(children: dict[str, Node], like: Node) -> Node:
    """Make a mapping node at the place of another."""
    size = 1 + sum(child.size for child in children.values())
    return like._replace(value=children, size=size)


def merged(
    base: Node, over: Node, *, path: str = "", rescaled: Callable[[Rescaled], None] | None = None
) -> Node:
    """Merge one value over another: mappings by key, all else replaced.

    Args:
        base: the value that was there.
        over: the value that goes over it; a key set to null is not given any more.
        path: dotted path of the value, for what is told.
        rescaled: is told of every value that replaces one with a scale.
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        _tell(base, over, path, rescaled)
        return over
    kept = dict(base.value)
    gone = _driven_out(set(over.value), set(kept))
    if "scale" in gone:
        _tell(base, over, path, rescaled)
    for key in gone:
        del kept[key]
    for key, child in over.value.items():
        below = f"{path}.{key}" if path else key
        if key == "scale" and key in kept and not _gives(over):
            _tell(base, over, path, rescaled)
        kept[key] = merged(kept[key], child, path=below, rescaled=rescaled) if key in kept else child
    return mapping(kept, over if over.value else base)


def merged_section(base: Node, over: Node, path: str, rescaled: Callable[[Rescaled], None]) -> Node:
    """Merge a section element by element: ids are no keys of a value, whatever they are called.

    Args:
        base: the elements by id.
        over: those that change.
        path: name of the section.
        rescaled: is told of every value that replaces one with a scale.
    """
    kept = dict(base.value)
    for key, child in over.value.items():
        kept[key] = (
            merged(kept[key], child, path=f"{path}.{key}", rescaled=rescaled) if key in kept else child
        )
    return mapping(kept, over if over.value else base)


def _gives(value: Node) -> bool:
    return any(_kinds(key) & _GIVES for key in value.value)


def _tell(base: Node, over: Node, path: str, rescaled: Callable[[Rescaled], None] | None) -> None:
    """Tell that the scale of a base's quantity is gone, unless the new one holds all of it."""
    if rescaled is None or over.value is None or not isinstance(base.value, dict):
        return
    was, given = _factors(base), _factors(over)
    if was and not set(was) <= set(given) and (_gives(base) or set(base.value) == {"scale"}):
        anew = not isinstance(over.value, dict) or _gives(over)
        rescaled(Rescaled(path, over, was, () if anew else given))


def _factors(value: Node) -> tuple[str, ...]:
    scale = value.get("scale")
    if scale is None or scale.value is None:
        return ()
    written = scale.data()
    return tuple(map(str, written)) if isinstance(written, list) else (str(written),)


def _driven_out(given: set[str], present: set[str]) -> set[str]:
    kinds = {key: _kinds(key) for key in given | present}
    wanted = set().union(*(kinds[key] for key in given))
    gone: set[str] = set()
    for groups in _ALTERNATIVES:
        chosen = [group for group in groups if group & wanted]
        for group in groups:
            if chosen and group not in chosen:
                gone |= {key for key in present if kinds[key] & group}
    if "scale" in present and wanted & _GIVES:
        gone |= {"scale"}
    return gone - given


def with_path(
    root: Node,
    parts: tuple[str, ...],
    value: Node,
    *,
    path: str = "",
    rescaled: Callable[[Rescaled], None] | None = None,
) -> Node | None:
    """Put a value at a path, merging mappings; None where the path leads through a scalar.

    Args:
        root: the tree.
        parts: keys and indices.
        value: what goes there.
        path: the whole path, for what is told.
        rescaled: is told of every value that replaces one with a scale.
    """
    if not parts:
        return merged(root, value, path=path, rescaled=rescaled)
    head, rest = parts[0], parts[1:]
    if isinstance(root.value, dict):
        below = root.value.get(head)
        if below is None or below.value is None:
            nested = _nest(rest, value)
        else:
            inner = with_path(below, rest, value, path=path, rescaled=rescaled)
            if inner is None:
                return None
            nested = inner
        placed = nested._replace(key_line=value.key_line, key_column=value.key_column)
        if rest and below is not None:
            placed = nested._replace(key_line=below.key_line, key_column=below.key_column, file=below.file)
        if below is None:
            return merged(root, mapping({head: placed}, root))
        kept = dict(root.value)
        for key in _driven_out({head}, set(kept)):
            del kept[key]
        kept[head] = placed
        return mapping(kept, root)
    if isinstance(root.value, list) and head.isdecimal() and int(head) < len(root.value):
        inner = with_path(root.value[int(head)], rest, value, path=path, rescaled=rescaled)
        if inner is None:
            return None
        items = list(root.value)
        items[int(head)] = inner
        return root._replace(value=items)
    return None


def _nest(parts: tuple[str, ...], value: Node) -> Node:
    node = value
    for part in reversed(parts):
        node = mapping({part: node}, value)
    return node


def without_path(root: Node, parts: tuple[str, ...]) -> Node | None:
    """Take away what stands at a path; None where nothing does."""
    head, rest = parts[0], parts[1:]
    below = root.get(head)
    if below is None:
        return None
    inner = without_path(below, rest) if rest else None
    if rest and inner is None:
        return None
    if isinstance(root.value, list):
        items: list[Any] = list(root.value)
        items[int(head) : int(head) + 1] = [inner] if inner is not None else []
        return root._replace(value=items)
    kept = {key: child for key, child in root.value.items() if key != head}
    if inner is not None:
        kept[head] = inner
    return mapping(kept, root)
