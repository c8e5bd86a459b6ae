"""From a quantity as written to a number in base units, with where it came from.

The one place that looks up units and figures. What changes a parameter over time is in `reading`; no
section of a scenario is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeGuard

from sim.errors import InputError, Where
from sim.scenario.findings import Findings, nearest
from sim.scenario.forms import Value
from sim.scenario.kinds import ANYTHING, CARRIED, COUNTS, FACTOR, NUMBER, Kind
from sim.scenario.nodes import Node
from sim.scenario.seeds import Figure, SeedBook, UnknownFigureError
from sim.units import YEAR_HOURS, Dimension, Quantity, UnitError, base_unit, parse, product, split, to_base

YEAR = YEAR_HOURS * 3600.0
Origin = Literal["figure", "assumption", "calibrated", "lever", "literal", "default"]


@dataclass(frozen=True)
class Provenance:
    """Where a parameter's value came from.

    Attributes:
        value: the value in `unit`, scales included.
        unit: unit as written; '' for a plain number.
        kind: figure, assumption, calibrated, lever, literal, or default.
        source: reference of the figure, or None.
        low: lower end of the range, in `unit`.
        high: upper end of the range, in `unit`.
        confidence: how far the figure is to be trusted.
        because: the reason of an assumption.
        levers: levers that scale it.
        where: where it is written; None for a default.
    """

    value: float
    unit: str
    kind: Origin
    source: str | None = None
    low: float | None = None
    high: float | None = None
    confidence: str | None = None
    because: str | None = None
    levers: tuple[str, ...] = ()
    where: Where | None = None


@dataclass(frozen=True)
class Found:
    """A number in base units, the dimension in which it was given, and how it was written."""

    value: float
    dimension: Dimension
    note: Provenance
    per_year: bool = False


class Sources:
    """Reads single values of one scenario.

    Attributes:
        root: the composed tree, for places in findings.
        findings: gets what is wrong.
        provenance: filled as numbers are read.
    """

    def __init__(
        self, root: Node, *, findings: Findings, levers: Mapping[str, Value], seeds: SeedBook | None
    ) -> None:
        self.root, self.findings = root, findings
        self.provenance: dict[str, Provenance] = {}
        self.levers, self.seeds = levers, seeds

    def lever(self, name: str, node: Node, path: str) -> float | None:
        """Read a lever by its name, as it is written."""
        value = self.levers.get(name)
        found = None if value is None else self.plain(f"levers.{name}", value, FACTOR)
        if value is None and self.root.get("levers", name) is None:
            self.findings.add(
                "unknown-lever",
                node,
                path,
                f"there is no lever '{name}'",
                expected="a name under levers:",
                hint=nearest(name, self.levers),
            )
        return None if found is None else found.value

    def node(self, path: str) -> Node:
        """Give the node at a dotted path, or the nearest one above it."""
        return self.root.nearest(*path.split("."))

    def plain(self, path: str, value: Value, kind: Kind) -> Found | None:
        """Read a value as it is written, without changes, and note where it came from."""
        node = self.node(path)
        found = self.fit(self.raw(value, node, path), kind, node, path)
        if found is not None:
            note = replace(found.note, where=None if value.default else node.where)
            self.provenance[path] = note
        return found

    def raw(self, value: Value, node: Node, path: str) -> Found | None:
        """Read a value in whatever dimension it has."""
        made = self._seeded(value, node, path) if value.seed is not None else self._literal(value, node, path)
        if made is None or not value.scale:
            return made
        quantity, note = Quantity(made.value, made.dimension), made.note
        levers: list[str] = []
        times, text = 1.0, note.unit
        for factor in value.scale:
            by = self._factor(factor, node, path, levers)
            if by is None:
                return None
            quantity = Quantity(
                quantity.value * by.value, product((quantity.dimension, 1), (by.dimension, 1))
            )
            times *= by.value
            text = text if not by.dimension else base_unit(quantity.dimension)
        if text == note.unit:
            scaled = [None if each is None else each * times for each in (note.low, note.high)]
            note = replace(note, value=note.value * times, low=scaled[0], high=scaled[1])
        else:
            low, high = (
                None if each is None else to_base(each, note.unit).value * times
                for each in (note.low, note.high)
            )
            note = replace(note, value=quantity.value, unit=text, low=low, high=high)
        bare = value.literal is None and value.seed is None
        origin = "lever" if bare and levers else note.kind
        return Found(
            quantity.value,
            quantity.dimension,
            replace(note, kind=origin, levers=tuple(levers)),
            made.per_year,
        )

    def _factor(self, factor: str | float, node: Node, path: str, levers: list[str]) -> Quantity | None:
        if isinstance(factor, float):
            return Quantity(factor, ())
        if not _is_lever(factor):
            return self._parsed(factor, node, path)
        levers.append(factor)
        value = self.lever(factor, node, path)
        return None if value is None else Quantity(value, ())

    def _literal(self, value: Value, node: Node, path: str) -> Found | None:
        if value.literal is None:
            return Found(1.0, (), Provenance(1.0, "", "lever"))
        made = self._parsed(value.literal, node, path)
        if made is None:
            return None
        number, text = (value.literal, "") if isinstance(value.literal, float) else split(value.literal)
        origin: Origin = "default" if value.default else "assumption" if value.range else "literal"
        origin = "calibrated" if value.calibrated else origin
        note = Provenance(number, text, origin, because=value.because)
        if value.range is not None:
            ends = self._range(value, made, text, node, path)
            if ends is None:
                return None
            note = replace(note, low=ends[0], high=ends[1])
        return Found(made.value, made.dimension, note)

    def _range(
        self, value: Value, made: Quantity, text: str, node: Node, path: str
    ) -> tuple[float, float] | None:
        assert value.range is not None
        ends: list[float] = []
        for end in value.range:
            bare = isinstance(end, float) or _is_number(end)
            read = (
                Quantity(to_base(float(end), text).value, made.dimension)
                if bare
                else self._parsed(end, node, path)
            )
            if read is None:
                return None
            if read.dimension != made.dimension:
                message = f"the range's '{end}' is in {base_unit(read.dimension) or 'plain numbers'}"
                expected = base_unit(made.dimension) or "a plain number"
                self.findings.add("wrong-dimension", node, f"{path}.range", message, expected=expected)
                return None
            ends.append(read.value)
        slack = 1e-9 * max(abs(ends[0]), abs(ends[1]))
        if not ends[0] - slack <= made.value <= ends[1] + slack:
            self.findings.add(
                "outside-range",
                node,
                path,
                f"{_text(value.literal)} lies outside its range {value.range[0]} to {value.range[1]}",
                expected="low ≤ value ≤ high",
            )
            return None
        factor = to_base(1.0, text).value
        return ends[0] / factor, ends[1] / factor

    def _parsed(self, literal: Any, node: Node, path: str) -> Quantity | None:
        if isinstance(literal, float):
            if not -1e300 < literal < 1e300:
                self.findings.add(
                    "bad-quantity", node, path, f"{literal} is not finite", expected="a finite number"
                )
                return None
            return Quantity(literal, ())
        try:
            return parse(literal)
        except UnitError as error:
            code = "unknown-unit" if error.message.startswith("unknown unit") else "bad-quantity"
            message = error.message if code == "bad-quantity" else f"{error.message} in '{literal}'"
            hint = error.hint
            if not hint and code == "bad-quantity" and isinstance(literal, str):
                hint = nearest(literal, self.levers) and f"a lever is written {{scale: {literal}}}"
            self.findings.add(code, node, path, message, expected=error.expected, hint=hint)
            return None

    def _seeded(self, value: Value, node: Node, path: str) -> Found | None:
        ref = value.seed or ""
        figure = self._figure(ref, node, path)
        if figure is None:
            return None
        if figure.value is None:
            what = f"is a group of {len(figure.parts)}" if figure.parts else f"is the text '{figure.text}'"
            hint = f"its parts are {', '.join(figure.parts)}" if figure.parts else ""
            self.findings.add(
                "figure-without-number",
                node,
                path,
                f"'{ref}' {what}",
                expected="a figure with a number",
                hint=hint,
            )
            return None
        try:
            made = to_base(figure.value, figure.unit)
        except UnitError as error:
            self.findings.add("unknown-unit", node, path, f"{error.message} of '{ref}'", hint=error.hint)
            return None
        note = Provenance(
            figure.value,
            figure.unit,
            "figure",
            source=figure.ref,
            low=figure.low,
            high=figure.high,
            confidence=str(figure.confidence),
        )
        return Found(made.value, made.dimension, note, per_year=figure.covers_one_year)

    def _figure(self, ref: str, node: Node, path: str) -> Figure | None:
        message, hint = f"there is no figure '{ref}'", ""
        try:
            if self.seeds is not None:
                return self.seeds.figure(ref)
        except UnknownFigureError as error:
            hint = f"did you mean '{error.nearest[0]}'?" if error.nearest else ""
        except InputError as error:
            self.findings.extend(error.findings)
            return None
        except (OSError, UnicodeDecodeError) as error:
            message = f"the figures cannot be read: {error}"
        self.findings.add("unknown-figure", node, path, message, expected="a figure of seeds/", hint=hint)
        return None

    def fit(self, found: Found | None, kind: Kind, node: Node, path: str) -> Found | None:
        """Check the dimension; an amount whose period is one year may stand for a rate per year.

        Only what is carried and what carries it: a distance of a year would else be a speed.
        """
        if found is None or kind is ANYTHING:
            return found
        if kind.dimensions == COUNTS and found.dimension in COUNTS:
            # three moorings, 3 ships and 3 are one number: a change may write it either way
            return replace(found, dimension=NUMBER)
        if found.dimension in kind.dimensions:
            return found
        if found.value == 0 and not found.dimension and found.note.kind != "figure":
            return replace(found, dimension=kind.dimensions[0])
        yearly = product((found.dimension, 1), ((("time", 1),), -1))
        if found.per_year and found.dimension in CARRIED and yearly in kind.dimensions:
            note = replace(found.note, unit=f"{found.note.unit}/yr")
            return Found(found.value / YEAR, yearly, note)
        given = base_unit(found.dimension) or "a plain number"
        shown = f"{short(found.note.value)} {found.note.unit}".rstrip()
        self.findings.add(
            "wrong-dimension",
            node,
            path,
            f"'{shown}' is of the wrong dimension ({given})",
            expected=kind.words,
        )
        return None

    def written(self, path: str) -> Node:
        """Give what was said last of a parameter."""
        return self.node(path)

    def out_of_range(
        self, path: str, value: Value | None, kind: Kind, node: Node, found: Found | None = None
    ) -> None:
        """Note that a value lies outside its bounds.

        Where a lever drives it out, the finding stands at what was said of the lever.

        Args:
            path: dotted path of the parameter.
            value: as written.
            kind: what it must be.
            node: where it is written.
            found: what was read of it.
        """
        shown = _text(value.literal) if value is not None and value.literal is not None else "the value"
        if value is not None and value.seed is not None:
            shown = value.seed
        message = f"{shown} is out of range"
        levers: tuple[str, ...] = ()
        if value is not None and value.scale and found is not None:
            factors, node = self._factors(value, kind, node, path)
            levers = tuple(f"levers.{name}" for name in value.scale if _is_lever(name))
            reached = f"{short(found.note.value)} {found.note.unit}".rstrip()
            message = f"{path} becomes {reached}: {' × '.join(factors)}"
        unit = base_unit(kind.dimensions[0]) if (kind.high < 1e9 or kind.low > 0) and kind.dimensions else ""
        expected = f"{kind.words}, {kind.bounds} {unit}".rstrip()
        self.findings.add("out-of-range", node, path, message, expected=expected, about=levers)

    def _factors(self, value: Value, kind: Kind, node: Node, path: str) -> tuple[list[str], Node]:
        """Tell what is multiplied, and where what brings the product out of its range stands."""
        told: list[str] = []
        plain = self.raw(replace(value, scale=()), node, path)
        if plain is not None and (value.literal is not None or value.seed is not None):
            source = "" if value.seed is None else f" ({value.seed})"
            told.append(f"{short(plain.note.value)} {plain.note.unit}".rstrip() + source)
        for factor in value.scale:
            if not _is_lever(factor):
                told.append(factor if isinstance(factor, str) else short(factor))
                continue
            by = self.lever(factor, node, path)
            told.append(f"levers.{factor}" if by is None else f"levers.{factor} ({short(by)})")
            if by not in (None, 1.0) and plain is not None and kind.allows(plain.value):
                node = self.written(f"levers.{factor}")
        return told, node


def _is_lever(factor: str | float) -> TypeGuard[str]:
    """Tell the name of a lever from a number or a quantity."""
    return isinstance(factor, str) and not (factor[:1].isdigit() or factor[:1] in "+-.")


def _text(literal: str | float | None) -> str:
    return short(literal) if isinstance(literal, float) else f"'{literal}'"


def short(number: float) -> str:
    """Write a number for a message."""
    return f"{number:.10g}"


def _is_number(text: str | float) -> bool:
    try:
        return bool(float(text)) or True
    except ValueError:
        return False
