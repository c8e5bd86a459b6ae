"""From files to one tree: `parts` joined, `extends` laid over its base, `add` and `remove`.

Whether what stands in the tree has a meaning is asked later; only who may give which id is asked here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sim.errors import Level
from sim.scenario.files import Tree, follow, read_mapping, shown
from sim.scenario.findings import Findings, closest, listed, nearest
from sim.scenario.merge import Rescaled, mapping, merged, merged_section, without_path
from sim.scenario.nodes import Node
from sim.scenario.removed_claims import without_claims

ELEMENTS: Final = (
    "levers",
    "places",
    "legs",
    "facilities",
    "ports",
    "closures",
    "lines",
    "pools",
    "routes",
    "flows",
)
"""Sections whose ids a file that extends another may not invent."""
MAPPINGS: Final = ("clock", "experiment", "defaults", "varied")
LISTS: Final = ("timeline", "targets", "expect")
TEXTS: Final = ("title", "summary")
SECTIONS: Final = (*TEXTS, *MAPPINGS, *ELEMENTS, *LISTS)
OWN: Final = ("parts", "extends", "add", "remove", "provenance")
"""Keys about the file itself; `provenance` is what `show` writes beside a resolved scenario."""

Body = dict[str, Node]


class Composer:
    """Reads a scenario file with all that it joins and extends.

    Attributes:
        tree: where files may be read.
        findings: gets what is wrong.
        base: the file that the scenario extends, once it has been composed.
        lost: whether a base, or the base of a base, could not be read.
    """

    def __init__(self, tree: Tree, findings: Findings) -> None:
        self.tree, self.findings = tree, findings
        self.base: Path | None = None
        self.lost = False
        self._joining: frozenset[Path] = frozenset()

    def compose(self, path: Path, *, chain: tuple[Path, ...] = ()) -> tuple[Body, Body | None]:
        """Read one file.

        Args:
            path: the file.
            chain: the files that led here.

        Returns:
            Its sections, and those of the base that it extends, if it does.
        """
        root = read_mapping(path, findings=self.findings)
        if root is None:
            return {}, None
        here = path.resolve()
        body = self.sections(root)
        parts = self._parts(root, here, (*chain, here))
        extends = root.get("extends")
        if extends is None or extends.value is None:
            for key in ("add", "remove"):
                node = root.get(key)
                if node is not None and node.value:
                    message = f"'{key}' in a file that extends nothing"
                    self.findings.add("misplaced-key", node.key_where, key, message, expected="extends: …")
            return self.join(parts, body), None
        if chain and chain[-1] in self._joining:
            self.findings.add(
                "misplaced-key", extends.key_where, "extends", "a part extends", expected="only parts"
            )
            return self.join(parts, body), None
        base = self._base(extends, here, chain)
        if base is None:
            return self.join(parts, body), {}
        return self.overlay(base, body, root=root, added=parts), base

    def sections(self, root: Node) -> Body:
        """Take the known sections of a file; unknown keys are findings."""
        body: Body = {}
        for key, node in root.value.items():
            if key in SECTIONS:
                if self._typed(key, node):
                    body[key] = node
            elif key not in OWN:
                known = (*SECTIONS, *OWN[:-1])
                hint = nearest(key, known)
                if key == "study":
                    hint = "this file is a study, not a scenario"
                self.findings.add(
                    "unknown-key",
                    node.key_where,
                    key,
                    f"unknown key '{key}'",
                    expected=listed(known, most=30),
                    hint=hint,
                )
                # It is looked at as what was meant, or all that refers to it would be wrong too.
                meant = "" if key == "study" else closest(key, SECTIONS)
                if meant and root.get(meant) is None and self._typed(meant, node):
                    body.setdefault(meant, node)
        return body

    def _typed(self, key: str, node: Node) -> bool:
        if node.value is None:
            return False
        wanted, word = (
            (list, "a list") if key in LISTS else (str, "a text") if key in TEXTS else (dict, "a mapping")
        )
        if isinstance(node.value, wanted):
            return True
        self.findings.add("wrong-type", node, key, f"'{key}' is not {word}", expected=word)
        return False

    def _parts(self, root: Node, here: Path, chain: tuple[Path, ...]) -> Body:
        parts = root.get("parts")
        if parts is None or parts.value is None:
            return {}
        if not isinstance(parts.value, list):
            self.findings.add("wrong-type", parts, "parts", "'parts' is not a list", expected="file names")
            return {}
        result: Body = {}
        for number, name in enumerate(parts.value):
            path = follow(name, here, self.tree, path=f"parts.{number}", findings=self.findings)
            if path is None or self._cycle(path, name, chain, f"parts.{number}"):
                continue
            held, self._joining = self._joining, self._joining | {here}
            part, _ = self.compose(path, chain=chain)
            self._joining = held
            result = self.join(result, {key: part[key] for key in part if key not in TEXTS})
        return result

    def join(self, one: Body, two: Body) -> Body:
        """Join two files; an id in both is a finding."""
        result = dict(one)
        for key, node in two.items():
            first = result.get(key)
            if first is None or key in TEXTS:
                result[key] = node
            elif key in LISTS:
                result[key] = node._replace(value=[*first.value, *node.value])
            else:
                result[key] = self._union(first, node, key)
        return result

    def _union(self, one: Node, two: Node, path: str) -> Node:
        both = dict(one.value)
        for key, node in two.value.items():
            first = both.get(key)
            if first is None:
                both[key] = node
            elif path == "defaults" and isinstance(first.value, dict) and isinstance(node.value, dict):
                both[key] = self._union(first, node, f"{path}.{key}")
            else:
                self.findings.add(
                    "duplicate-id",
                    node.key_where,
                    f"{path}.{key}",
                    f"'{key}' is given in two parts, first in {first.key_where}",
                    expected="each id in one part",
                )
        return mapping(both, two)

    def _base(self, extends: Node, here: Path, chain: tuple[Path, ...]) -> Body | None:
        path = follow(extends, here, self.tree, path="extends", findings=self.findings)
        if path is None or self._cycle(path, extends, (*chain, here), "extends"):
            self.lost = True
            return None
        base, _ = self.compose(path, chain=(*chain, here))
        self.base = path
        self.lost = self.lost or not base
        return None if self.lost else base

    def _cycle(self, path: Path, name: Node, chain: tuple[Path, ...], at: str) -> bool:
        if path not in chain:
            return False
        circle = " → ".join(shown(link) for link in (*chain[chain.index(path) :], path))
        self.findings.add("cycle", name, at, f"files lead in a circle: {circle}", expected="no circle")
        return True

    def overlay(self, base: Body, over: Body, *, root: Node, added: Body | None = None) -> Body:
        """Lay a file over its base.

        Args:
            base: sections of the base.
            over: sections that change what the base has.
            root: the file, for its `add` and `remove`.
            added: sections of its parts, new like what stands under `add`.
        """
        result = self._remove(base, root.get("remove"))
        present: dict[str, set[str]] = {key: set(result[key].value) for key in ELEMENTS if key in result}
        for key, node in over.items():
            old = result.get(key)
            if old is None and key not in ELEMENTS:
                result[key] = node
            elif key in LISTS and old is not None:
                result[key] = node._replace(value=[*old.value, *node.value])
            elif key in ELEMENTS:
                changed = self._known(key, node, present.get(key, set()))
                if old is not None:
                    result[key] = merged_section(old, changed, key, self.rescaled)
                    self.invented_groups(old, result[key], key)
            elif old is not None:
                result[key] = merged(old, node)
        result = self._insert(result, added or {})
        return self._insert(result, self._new_groups(result, self._added(root.get("add"))))

    def invented_groups(self, base: Node, over: Node, section: str) -> None:
        """Note every berth group that a port of the base has got without `add`.

        No line of the base ends at such a group: it would change nothing, and nobody would be told.

        Args:
            base: the elements before, by id.
            over: the elements after.
            section: which they are; only ports have groups.
        """
        if section != "ports" or not isinstance(base.value, dict) or not isinstance(over.value, dict):
            return
        for key, port in over.value.items():
            here, there = _groups(base.value.get(key)), _groups(port)
            for name in there if here else ():
                if name in here:
                    continue
                self.findings.add(
                    "unknown-element",
                    there[name].key_where,
                    f"ports.{key}.berths.{name}",
                    f"the port '{key}' of the base has no berth group '{name}'",
                    expected=f"{listed(here)}; a new one goes under add:",
                    hint=nearest(name, here),
                )

    def rescaled(self, value: Rescaled) -> None:
        """Note that a value, or a scale, was given anew over one with a scale."""
        was = ", ".join(value.scale) if len(value.scale) == 1 else f"[{', '.join(value.scale)}]"
        message = f"a new value stands in place of one with scale: {was}, and goes without it"
        expected = f"scale: {was} beside it where it is still to follow"
        if value.by:
            by = ", ".join(value.by)
            message = f"scale: {by} stands in place of scale: {was}, and does not multiply it"
            expected = f"scale: [{', '.join((*value.scale, *value.by))}] to multiply"
        level = Level.WARNING if value.by else Level.NOTE
        self.findings.add("scale-dropped", value.node, value.path, message, expected=expected, level=level)

    def _known(self, section: str, node: Node, present: set[str]) -> Node:
        kept: Body = {}
        for key, child in node.value.items():
            if key in present:
                kept[key] = child
                continue
            self.findings.add(
                "unknown-element",
                child.key_where,
                f"{section}.{key}",
                f"the base has no '{key}' in {section}",
                expected="an id of the base; new ones go under add:",
                hint=nearest(key, present),
            )
        return mapping(kept, node)

    def _added(self, add: Node | None) -> Body:
        if add is None or add.value is None:
            return {}
        if not isinstance(add.value, dict):
            self.findings.add("wrong-type", add, "add", "'add' is not a mapping", expected="sections")
            return {}
        body = self.sections(add)
        for key in (*TEXTS, "clock", "experiment"):
            if key in body:
                message = f"'{key}' cannot be added"
                self.findings.add("misplaced-key", body.pop(key).key_where, f"add.{key}", message)
        return body

    def _insert(self, base: Body, new: Body) -> Body:
        result = dict(base)
        for key, node in new.items():
            old = result.get(key)
            if old is None:
                result[key] = node
            elif key in LISTS:
                result[key] = node._replace(value=[*old.value, *node.value])
            else:
                for name, child in node.value.items():
                    if name in old.value:
                        self.findings.add(
                            "already-exists",
                            child.key_where,
                            f"add.{key}.{name}",
                            f"the base already has '{name}' in {key}",
                            expected="a new id, or a change outside add:",
                        )
                result[key] = mapping({**node.value, **old.value}, node)
        return result

    def _new_groups(self, base: Body, new: Body) -> Body:
        """Give what is added, each port of the base that only gets new berth groups with all that it has."""
        ports, known = new.get("ports"), base.get("ports")
        if ports is None or known is None:
            return new
        base_ports, made = dict(known.value), dict(ports.value)
        for key, port in ports.value.items():
            old, groups = _groups(base_ports.get(key)), _groups(port)
            if not old or not groups or not set(port.value) <= {"berths", "yard"}:
                continue
            del made[key]
            for name in groups:
                if name in old:
                    self.findings.add(
                        "already-exists",
                        groups[name].key_where,
                        f"add.ports.{key}.berths.{name}",
                        f"the port '{key}' of the base already has a berth group '{name}'",
                        expected="a new group, or a change outside add:",
                    )
            base_ports[key] = merged(port, base_ports[key])
        base["ports"] = mapping(base_ports, known)
        return {**new, "ports": mapping(made, ports)}

    def _remove(self, base: Body, remove: Node | None) -> Body:
        result = dict(base)
        if remove is None or remove.value is None:
            return result
        if not isinstance(remove.value, list):
            self.findings.add("wrong-type", remove, "remove", "'remove' is not a list", expected="paths")
            return result
        whole = Node(base, remove.file, 1, 1, 1, 1)
        removed: dict[tuple[str, ...], Node] = {}
        for number, item in enumerate(remove.value):
            parts = tuple(item.value.split(".")) if isinstance(item.value, str) else ()
            if parts[1:] and whole.get(*parts) is not None:
                removed[parts] = item
            elif parts and not parts[1:] and parts[0] in base and parts[0] not in TEXTS:
                held = base[parts[0]].value
                names = range(len(held)) if isinstance(held, list) else held
                removed |= {(parts[0], str(name)): item for name in names}
            else:
                self._nothing(item, number, base)
        # All paths are of the base: what stands last in a list goes first, what lies in an entry before it.
        for parts in sorted(removed, key=_last_first, reverse=True):
            whole = without_path(whole, parts) or whole
        gone = {".".join(parts): item for parts, item in removed.items()}
        return without_claims(whole.value, gone, self.findings)

    def _nothing(self, item: Node, number: int, base: Body) -> None:
        """Note that an item of `remove` names nothing of the base, or what cannot be removed."""
        if not isinstance(item.value, str):
            message = "a path is a text"
            self.findings.add("wrong-type", item, f"remove.{number}", message, expected="legs.x")
            return
        known = [f"{key}.{name}" for key in ELEMENTS if key in base for name in base[key].value]
        known += [f"{key}.{n}" for key in LISTS if key in base for n in range(len(base[key].value))]
        message, hint = (
            f"the base has no '{item.value}'",
            nearest(item.value, known if "." in item.value else base),
        )
        if item.value in TEXTS and item.value in base:
            message, hint = f"'{item.value}' cannot be removed", f"write another {item.value}"
        expected = "a path of the base, such as legs.x, or one of its sections"
        self.findings.add(
            "nothing-to-remove", item, f"remove.{number}", message, expected=expected, hint=hint
        )


def _last_first(parts: tuple[str, ...]) -> list[tuple[int, str]]:
    """Order paths by keys and by indices as numbers."""
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


def _groups(port: Node | None) -> Body:
    """Give the berth groups of a port by name; none where they are not a mapping."""
    berths = None if port is None else port.get("berths")
    return dict(berths.value) if berths is not None and isinstance(berths.value, dict) else {}
