"""Parameters at one moment of the timeline: what is written, and what changes it.

Applies what interventions and studies do to a parameter while it is read; everything that follows from it
is then derived anew. Knows no section of a scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import nan
from typing import Literal

from pydantic_core import PydanticCustomError

from sim.scenario.data_files import DataFiles
from sim.scenario.findings import Findings
from sim.scenario.forms import Value, read_value
from sim.scenario.kinds import FACTOR, Kind
from sim.scenario.nodes import Node
from sim.scenario.refusals import report
from sim.scenario.seeds import SeedBook
from sim.scenario.sources import Found, Sources, short
from sim.units import Dimension, base_unit


@dataclass(frozen=True)
class Change:
    """What one intervention, or one point of a study, does to one parameter.

    Attributes:
        path: dotted path of the parameter.
        kind: whether it sets, scales or adds.
        operand: by what, as written.
        fraction: how far it is in force, from 0 to 1.
        origin: dotted path of the entry, for findings.
        passing: True for what the timeline does in mid-run, False for what holds for the whole run.
    """

    path: str
    kind: Literal["set", "scale", "add"]
    operand: Node
    fraction: float
    origin: str
    passing: bool = False


Element = tuple[str, str]
"""Section and id; of a lever `levers` and its name."""


def element_of(path: str) -> Element:
    """Give the element that a dotted path leads to, or into."""
    section, _, rest = path.partition(".")
    return section, rest.partition(".")[0]


def touched(changes: Iterable[Change]) -> set[Element]:
    """List the elements that changes are about."""
    return {element_of(change.path) for change in changes}


class Reader(Sources):
    """Reads the parameters of one scenario at one moment.

    Attributes:
        files: the files of values that it may name.
        applied: the changes that met their parameter.
        used_levers: the levers that something is scaled by.
        scaled: the paths of what each of them scales.
    """

    def __init__(
        self,
        root: Node,
        *,
        findings: Findings,
        levers: Mapping[str, Value],
        seeds: SeedBook | None,
        files: DataFiles,
        changes: Iterable[Change] = (),
    ) -> None:
        super().__init__(root, findings=findings, levers=levers, seeds=seeds)
        self.files = files
        self.applied: set[int] = set()
        self.used_levers: set[str] = set()
        self.scaled: dict[str, set[str]] = {}
        self._lever_values: dict[str, float | None] = {}
        self._being_read: set[str] = set()
        self._changes: dict[str, list[tuple[int, Change]]] = {}
        self._in_mid_run = False
        for number, change in enumerate(changes):
            self._in_mid_run |= change.passing
            self._changes.setdefault(change.path, []).append((number, change))

    def lever(self, name: str, node: Node, path: str) -> float | None:
        """Read a lever by its name, with what changes it."""
        self.used_levers.add(name)
        self.scaled.setdefault(name, set()).add(path)
        if name not in self.levers:
            return super().lever(name, node, path)
        if name in self._being_read:
            self.findings.add(
                "cycle", node, path, f"the lever '{name}' is scaled by itself", expected="no circle"
            )
            return None
        if name not in self._lever_values:
            self._being_read.add(name)
            self._lever_values[name] = self.maybe(f"levers.{name}", self.levers[name], FACTOR)
            self._being_read.discard(name)
        return self._lever_values[name]

    def written(self, path: str) -> Node:
        """Give what was said last of a parameter: what changes it, or what stands in the file."""
        changes = self._changes.get(path)
        return changes[-1][1].operand if changes else super().written(path)

    def changed(self, *paths: str) -> list[Change]:
        """Give the changes of a parameter in the order of the file, and note that they met it."""
        if not self._changes:
            return []
        found = sorted(pair for path in set(paths) for pair in self._changes.get(path, ()))
        self.applied.update(number for number, _ in found)
        return [change for _, change in found]

    def number(
        self, path: str, value: Value | None, kind: Kind, *, also: tuple[str, ...] = (), shown: str = ""
    ) -> float:
        """Read a number that must be given; NaN where it cannot be read.

        Args:
            path: its dotted path.
            value: as written, or a default.
            kind: what it must be.
            also: other paths by which it may be changed.
            shown: path of its provenance, where that is not `path`.
        """
        found = self.quantity(path, value, kind, also=also, shown=shown)
        return nan if found is None else found[0]

    def maybe(
        self, path: str, value: Value | None, kind: Kind, *, also: tuple[str, ...] = ()
    ) -> float | None:
        """Read a number that need not be given."""
        found = self.quantity(path, value, kind, also=also)
        return None if found is None else found[0]

    def quantity(
        self, path: str, value: Value | None, kind: Kind, *, also: tuple[str, ...] = (), shown: str = ""
    ) -> tuple[float, Dimension] | None:
        """Read a number with the one of the kind's dimensions that it has, changes applied.

        Args:
            path: its dotted path.
            value: as written; None where nothing is.
            kind: what it must be.
            also: other paths by which it may be changed.
            shown: path of its provenance and findings, where that is not `path`.
        """
        at = shown or path
        if kind.closes and self._in_mid_run:
            kind = replace(kind, above=False)
        found = self.plain(at, value, kind) if value is not None else None
        if found is not None and not kind.allows(found.value):
            self.out_of_range(at, value, kind, self.node(at), found)
            found = None
        if value is not None and found is None:
            self.changed(path, *also)
            return None
        current = None if found is None else (found.value, found.dimension)
        return self.altered(current, kind, path, *also)

    def altered(
        self,
        current: tuple[float, Dimension] | None,
        kind: Kind,
        *paths: str,
        operand: Callable[[Change], Found | None] | None = None,
    ) -> tuple[float, Dimension] | None:
        """Apply to a value what changes it.

        Args:
            current: the value without changes.
            kind: what it must stay.
            paths: the paths by which it may be changed.
            operand: reads what a change sets it to, where that is more than a quantity.
        """
        was, last = current, None
        for change in self.changed(*paths):
            now = self.apply(change, current, kind, operand=operand)
            if now is not current:
                current, last = now, change
        return current if last is None else self.within(last, was, current, kind)

    def within(
        self,
        last: Change,
        was: tuple[float, Dimension] | None,
        now: tuple[float, Dimension] | None,
        kind: Kind,
    ) -> tuple[float, Dimension] | None:
        """Give what changes have made of a value, or what it was where they drive it out of its range.

        Only what all of them make of it counts: they apply in the order of the file, not in that of time.

        Args:
            last: the last of them.
            was: the value without them.
            now: the value with them.
            kind: what it must stay.
        """
        if now is None or kind.allows(now[0]):
            return now
        message = f"{last.path} becomes {short(now[0])} {base_unit(now[1])}".rstrip()
        self.findings.add("out-of-range", last.operand, last.path, message, expected=kind.bounds)
        return was

    def paths_below(self, path: str) -> tuple[str, ...]:
        """Give the paths of changes to what lies below a path."""
        return tuple(found for found in self._changes if found.startswith(f"{path}."))

    def apply(
        self,
        change: Change,
        current: tuple[float, Dimension] | None,
        kind: Kind,
        *,
        operand: Callable[[Change], Found | None] | None = None,
    ) -> tuple[float, Dimension] | None:
        """Apply one change to a value, which may leave its range until others are applied too."""
        wanted = FACTOR if change.kind == "scale" else kind
        if change.operand.value is None:
            if change.kind == "set" and kind.lifts:
                return None if change.fraction > 0 else current
            message, expected = "nothing is no quantity", wanted.words
            self.findings.add("wrong-type", change.operand, change.origin, message, expected=expected)
            return current
        read = operand if operand is not None and change.kind == "set" else None
        found = read(change) if read else self.operand(change, wanted)
        if found is None or change.fraction <= 0:
            return current
        if current is not None and found.value == 0 and not found.note.unit:
            found = replace(found, dimension=current[1])  # nothing of any measure is nothing of its own
        if current is None:
            return (found.value, found.dimension) if change.kind == "set" else None
        if change.kind == "scale":
            return current[0] * (1 + (found.value - 1) * change.fraction), current[1]
        if current[1] != found.dimension:
            self._other_measure(change, current[1], found.dimension)
            return current
        if change.kind == "set" and change.fraction >= 1:
            return found.value, current[1]
        step = found.value - current[0] if change.kind == "set" else found.value
        return current[0] + step * change.fraction, current[1]

    def operand(self, change: Change, kind: Kind) -> Found | None:
        """Read what a change sets, scales by or adds."""
        try:
            value = read_value(change.operand.data())
        except PydanticCustomError as error:
            report(error.type, dict(error.context or {}), change.operand, change.origin, self.findings)
            return None
        found = self.brought(value, change, kind)
        if found is not None and change.kind != "add" and not kind.allows(found.value):
            self.out_of_range(change.origin, value, kind, change.operand, found)
            return None
        return found

    def brought(
        self, value: Value, change: Change, kind: Kind, *, node: Node | None = None, part: str = ""
    ) -> Found | None:
        """Read a value that a change brings, and note where it came from if the timeline does.

        Args:
            value: as written.
            change: what brings it.
            kind: what it must be.
            node: where it is written, if that is a part of what the change holds.
            part: its key there.
        """
        node = change.operand if node is None else node
        origin = f"{change.origin}.{part}" if part else change.origin
        found = self.fit(self.raw(value, node, origin), kind, node, origin)
        if found is not None and change.passing:
            self.provenance[origin] = replace(found.note, where=node.where)
        return found

    def _other_measure(self, change: Change, was: Dimension, now: Dimension) -> None:
        self.findings.add(
            "measure-change",
            change.operand,
            change.origin,
            f"{change.path} is counted in {base_unit(was) or 'plain numbers'}, not in {base_unit(now)}",
            expected=f"an amount in {base_unit(was)}",
        )
