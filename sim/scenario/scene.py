"""What a check sees: the resolved document, the models, and where to put a finding."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import Level
from sim.scenario.document import Document, Facility, Leg, Line, Measure
from sim.scenario.findings import Findings
from sim.scenario.nodes import Node
from sim.scenario.validate import Parsed

UNITS: dict[Measure, tuple[str, float]] = {
    "t": ("t", 1000.0),
    "TEU": ("TEU", 1.0),
    "wagons": ("wagons", 1.0),
    "trucks": ("trucks", 1.0),
    "trains": ("trains", 1.0),
    "consignment": ("consignments", 1.0),
}


@dataclass(frozen=True)
class Scene:
    """A document at one moment, for checks.

    Attributes:
        document: the document.
        parsed: the models it was resolved from; their ids are complete.
        root: the composed tree, for places.
        findings: gets what is wrong.
        used_levers: the levers that something is scaled by.
        moment: whether entries of the timeline are in force.
    """

    document: Document
    parsed: Parsed
    root: Node
    findings: Findings
    used_levers: frozenset[str] = frozenset()
    moment: bool = False

    def add(
        self,
        code: str,
        path: str,
        message: str,
        *,
        expected: str = "",
        hint: str = "",
        level: Level = Level.ERROR,
        key: bool = False,
        about: tuple[str, ...] = (),
    ) -> None:
        """Note a finding at a path; see `Findings.add`."""
        node = self.root.nearest(*path.split("."))
        where = node.key_where if key else node.where
        self.findings.add(code, where, path, message, expected=expected, hint=hint, level=level, about=about)

    def has(self, section: str, key: str) -> bool:
        """Tell whether an id was written, right or wrong."""
        return key in self.parsed.ids.get(section, ())

    def step(self, key: str) -> Leg | Facility | Line | None:
        """Give a step's element, or None where it is unknown or wrong."""
        document = self.document
        return document.legs.get(key) or document.facilities.get(key) or document.lines.get(key)


def told(value: float, measure: Measure) -> str:
    """Write an amount in the unit of its measure."""
    unit, factor = UNITS[measure]
    return f"{value / factor:g} {unit}"
