"""Overrides from outside a file: `--set PATH=VALUE`, mappings given in Python, points of a study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from sim.errors import Where
from sim.scenario.composition import LISTS, SECTIONS, TEXTS, Body, Composer
from sim.scenario.files import Tree
from sim.scenario.findings import Findings, listed, nearest
from sim.scenario.merge import with_path
from sim.scenario.nodes import Node, from_data
from sim.scenario.reading import Change
from sim.scenario.refusals import model_in
from sim.scenario.schema import VesselsModel
from sim.scenario.schema_demand import ScenarioFile
from sim.scenario.yaml_nodes import compose

FILE = "--set"
"""What findings call the place of an override from outside a file."""

_OWN = ("add", "remove")


def apply_overrides(body: Body, overrides: Mapping[str, Any] | Sequence[str], *, findings: Findings) -> Body:
    """Apply overrides to a composed scenario.

    Args:
        body: its sections.
        overrides: `PATH=VALUE` texts; or a mapping of sections, laid over like a file that extends, and of
            values by path.
        findings: gets what names nothing or too much.
    """
    if isinstance(overrides, str):
        overrides = [overrides]
    if not isinstance(overrides, Mapping):
        for number, text in enumerate(overrides, start=1):
            path, equals, raw = str(text).partition("=")
            where = Where(f"{FILE} {path.strip()}", number, 1)
            if not equals or not path.strip():
                findings.add("bad-value", where, "", f"'{text}' is no override", expected="PATH=VALUE")
                continue
            value = _value(raw, where, path.strip(), findings)
            if value is not None:
                body = set_value(body, path.strip(), value, findings=findings)
        return body
    whole = {str(key): value for key, value in overrides.items() if key in SECTIONS or key in _OWN}
    if whole:
        root = from_data(whole, file="override")
        composer = Composer(Tree((), None), findings)
        body = composer.overlay(body, composer.sections(root), root=root)
    for key, value in overrides.items():
        if str(key) not in whole:
            body = set_value(body, str(key), from_data(value, file=f"override {key}"), findings=findings)
    return body


def _value(raw: str, where: Where, path: str, findings: Findings) -> Node | None:
    composed = compose(raw, file=where.file)
    for finding in composed.findings:
        findings.add(finding.code, where, path, finding.message, expected=finding.expected, hint=finding.hint)
    if composed.findings:
        return None
    data = None if composed.root is None else composed.root.data()
    return from_data(data, file=where.file, line=where.line)


def set_value(body: Body, path: str, value: Node, *, findings: Findings) -> Body:
    """Put a value at the one parameter that a path, or a tail of one, names."""
    parts = find(body, path, value, findings=findings, written=True)
    if parts is None:
        return body
    root = Node(body, value.file, 1, 1, 1, 1)
    composer = Composer(Tree((), None), findings)
    made = with_path(root, parts, value, path=".".join(parts), rescaled=composer.rescaled)
    if made is not None:
        if parts[0] == "ports":
            composer.invented_groups(body["ports"], made.value["ports"], "ports")
        return composer.sections(made)
    message = f"'{path}' leads through a value that has no keys"
    findings.add("unknown-path", value, path, message, expected="section.id.key")
    return body


def find(
    body: Body, path: str, value: Node, *, findings: Findings, written: bool = False
) -> tuple[str, ...] | None:
    """Find the one parameter that a path or its tail names.

    Args:
        body: the composed sections.
        path: a dotted path, or the end of one.
        value: where findings are placed.
        findings: gets a path that names nothing, or several parameters.
        written: whether what an entry of the timeline sets may be named too. It is text of the file, and no
            parameter that can be turned for a whole run.
    """
    known = [
        (parts, form)
        for parts, form in known_paths(body)
        if written or not any("." in part for part in parts)
    ]
    inner: set[tuple[str, ...]] = set()
    outer: set[tuple[str, ...]] = set()
    for parts, form in known:
        if _ends(parts, path):
            (inner if form else outer).add(parts)
    for parts in (*outer, *inner):
        if ".".join(parts) == path:
            return parts
    found = outer or inner
    if len(found) == 1:
        return next(iter(found))
    if found:
        names = [".".join(parts) for parts in found]
        message = f"'{path}' fits {len(found)} parameters: {listed(names, most=6)}"
        findings.add("ambiguous-path", value, path, message, expected="a longer path")
        return None
    findings.add(
        "unknown-path",
        value,
        path,
        f"there is no parameter '{path}'",
        expected="section.id.key, or the end of it",
        hint=_nearest(path, [parts for parts, _ in known]),
    )
    return None


def _ends(parts: tuple[str, ...], path: str) -> bool:
    """Tell whether a path ends in another, key by key.

    What the timeline sets stands under one key with dots in it. Such a key alone is no tail: it names the
    parameter itself, not what an entry of the timeline sets it to.
    """
    if not ".".join(parts).endswith(path):
        return False
    return any(".".join(parts[n:]) == path for n, part in enumerate(parts) if "." not in part)


def _nearest(path: str, known: Sequence[tuple[str, ...]]) -> str:
    """Say which path looks most like this one, among those that share the most keys and ids with it."""
    wanted = path.split(".")
    words = set(wanted)
    shared = [len(words.intersection(".".join(parts).split("."))) for parts in known]
    most = max(shared, default=0)
    close = [parts for parts, count in zip(known, shared, strict=True) if count == most]
    whole = nearest(path, {".".join(parts) for parts in close} - {path}) if most else ""
    return whole or nearest(path, {".".join(parts[-len(wanted) :]) for parts in close} - {path})


def known_paths(body: Body) -> Iterator[tuple[tuple[str, ...], bool]]:
    """List every path that is written or legal, and whether it lies inside the form of a value."""
    fields = {info.alias or name: info.annotation for name, info in ScenarioFile.model_fields.items()}
    for section in SECTIONS:
        if section in TEXTS:
            yield (section,), False
        if section in (*TEXTS, "varied"):
            continue
        node = body.get(section)
        model = model_in(fields[section])
        if section in ("clock", "experiment"):
            yield (section,), False
            yield from _below((section,), node, model)
            continue
        if node is None:
            continue
        yield (section,), False
        items = enumerate(node.value) if section in LISTS else sorted(node.value.items())
        for key, child in items:
            at = (section, str(key))
            yield at, False
            if section == "levers":
                yield from ((path, True) for path in _written(at, child))
            elif section == "defaults":
                yield from ((path, len(path) > 3) for path in _written(at, child))
            else:
                yield from _below(at, child, model)


def _below(
    at: tuple[str, ...], node: Node | None, model: type[BaseModel] | None
) -> Iterator[tuple[tuple[str, ...], bool]]:
    """List legal and written keys below a node that a model describes."""
    if model is None:
        return
    names = {info.alias or name: info for name, info in model.model_fields.items() if name != "selector"}
    written = dict(node.value) if node is not None and isinstance(node.value, dict) else {}
    for name in sorted({*names, *written}):
        path = (*at, name)
        yield path, False
        child = written.get(name)
        inner = model_in(names[name].annotation) if name in names else None
        if inner is None:
            if child is not None:
                named = name in ("berths", "yard", "consignment", "shares", "table", "changes")
                yield from (
                    (below, not (named and len(below) == len(path) + 1)) for below in _written(path, child)
                )
            continue
        if inner is VesselsModel or name == "uses":
            single = child is not None and child.get("count") is not None
            if single:
                yield from _below(path, child, inner)
            elif child is not None and isinstance(child.value, dict):
                for key, one in sorted(child.value.items()):
                    yield (*path, key), False
                    yield from _below((*path, key), one, inner)
        elif child is not None and isinstance(child.value, list):
            for number, one in enumerate(child.value):
                yield from _below((*path, str(number)), one, inner)
        else:
            yield from _below(path, child, inner) if len(at) < 5 else ()


def _written(at: tuple[str, ...], node: Node) -> Iterator[tuple[str, ...]]:
    if isinstance(node.value, dict):
        for key, child in sorted(node.value.items()):
            yield (*at, key)
            yield from _written((*at, key), child)
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield (*at, str(number))
            yield from _written((*at, str(number)), child)


def changes_of(body: Body, values: Mapping[str, Any] | Node, *, findings: Findings) -> tuple[Change, ...]:
    """Make the changes that are in force for a whole run.

    Args:
        body: the composed sections.
        values: by path or tail, a new value, `{"set": value}`, `{"scale": factor}` or `{"add": amount}`.
        findings: gets what names nothing or too much.
    """
    if isinstance(values, Node):
        given = dict(values.value)
    else:
        given = {str(path): from_data(value, file=f"vary {path}") for path, value in values.items()}
    made: list[Change] = []
    for path in sorted(given):
        node, kind = given[path], "set"
        form = set(node.value) if isinstance(node.value, dict) else set()
        if len(form) == 1 and form <= {"set", "scale", "add"}:
            kind, node = next(iter(node.value.items()))
        parts = find(body, path, node, findings=findings)
        if parts is not None:
            dotted = ".".join(parts)
            made.append(Change(dotted, kind, node, 1.0, dotted))  # type: ignore[arg-type]
    return tuple(made)
