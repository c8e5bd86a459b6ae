"""From checked models to the resolved document, at any moment of the timeline.

Elements are resolved one by one, so that a moment at which few of them change costs little.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import nan
from typing import Any

from sim.scenario import resolve_claims, resolve_demand, resolve_fleet, resolve_network
from sim.scenario.composition import Body
from sim.scenario.data_files import DataFiles
from sim.scenario.document import Clock, Document
from sim.scenario.findings import Findings
from sim.scenario.nodes import Node
from sim.scenario.reading import Change, Reader, touched
from sim.scenario.seeds import SeedBook
from sim.scenario.validate import Parsed
from sim.scenario.walk import Walk, walk

SECTIONS = ("places", "legs", "facilities", "ports", "closures", "lines", "pools", "routes", "flows")


@dataclass(frozen=True)
class Source:
    """All that a scenario is resolved from.

    Attributes:
        title: title, or the file's name.
        body: the composed sections, defaults filled in.
        root: the same as one tree.
        parsed: their models.
        seeds: the book of figures.
        files: the files of values that it may name.
        varied: changes that are in force all the time.
    """

    title: str
    body: Body
    root: Node
    parsed: Parsed
    seeds: SeedBook | None
    files: DataFiles
    varied: tuple[Change, ...] = ()

    def reader(self, findings: Findings, changes: Iterable[Change] = ()) -> Reader:
        """Make a reader of the parameters at one moment."""
        return Reader(
            self.root,
            findings=findings,
            levers=self.parsed.levers,
            seeds=self.seeds,
            files=self.files,
            changes=(*self.varied, *changes),
        )


def resolve(source: Source, reader: Reader) -> Document:
    """Resolve everything.

    Args:
        source: what is resolved.
        reader: the parameters of the moment; keeps provenance and findings.
    """
    parsed = source.parsed
    clock = (
        Clock(datetime(2000, 1, 1, tzinfo=UTC), nan, nan)
        if parsed.clock is None
        else resolve_network.clock(reader, parsed.clock)
    )
    for name in parsed.levers:
        reader.lever(name, reader.node(f"levers.{name}"), f"levers.{name}")
    made = {section: _section(source, reader, section, None) for section in SECTIONS}
    entries = [
        resolve_claims.intervention(reader, number, model, clock)
        for number, model in sorted(parsed.timeline.items())
    ]
    targets = [resolve_claims.target(reader, n, model) for n, model in sorted(parsed.targets.items())]
    claims = [resolve_claims.expectation(reader, n, model) for n, model in sorted(parsed.expect.items())]
    summary = source.body.get("summary")
    return Document(
        title=source.title,
        summary="" if summary is None else str(summary.value).strip(),
        clock=clock,
        experiment=resolve_network.experiment(parsed.experiment),
        timeline=tuple(entry for entry in entries if entry is not None),
        targets=tuple(target for target in targets if target is not None),
        expect=tuple(claim for claim in claims if claim is not None),
        **made,
    )


def again(source: Source, reader: Reader, document: Document, changes: Iterable[Change]) -> Document:
    """Resolve anew what some changes touch.

    Args:
        source: what is resolved.
        reader: the parameters of the moment, with those changes.
        document: the document without them.
        changes: what has changed.
    """
    by_section: dict[str, set[str]] = {}
    for section, key in touched(changes):
        if section not in SECTIONS:
            return resolve(source, reader)
        by_section.setdefault(section, set()).add(key)
    return elements(source, reader, document, by_section)


def elements(
    source: Source, reader: Reader, document: Document, by_section: Mapping[str, Collection[str]]
) -> Document:
    """Resolve some elements anew.

    Args:
        source: what is resolved.
        reader: the parameters of the moment.
        document: the document that holds all others.
        by_section: ids of those.
    """
    changed: dict[str, Any] = {}
    for section, keys in by_section.items():
        one = _section(source, reader, section, keys)
        changed[section] = {**getattr(document, section), **one}
    return replace(document, **changed)


def resolve_one(source: Source, reader: Reader, section: str, key: str, model: Any) -> Any:
    """Resolve one element by its model.

    Args:
        source: what else there is.
        reader: reads its parameters; gets the findings.
        section: where it stands.
        key: its id.
        model: what is resolved.
    """
    return _maker(reader, section, source.parsed)(key, model)


def _section(source: Source, reader: Reader, section: str, only: Collection[str] | None) -> dict[str, Any]:
    parsed = source.parsed
    models: Mapping[str, Any] = getattr(parsed, section)
    make = _maker(reader, section, parsed)
    return {key: make(key, models[key]) for key in sorted(models) if only is None or key in only}


def _maker(reader: Reader, section: str, parsed: Parsed) -> Callable[[str, Any], Any]:
    if section == "places":
        return resolve_network.place
    if section == "legs":
        return lambda key, model: resolve_network.leg(reader, key, model)
    if section == "facilities":
        return lambda key, model: resolve_network.facility(reader, key, model)
    if section == "ports":
        return lambda key, model: resolve_network.port(reader, key, model)
    if section == "closures":
        ports, facilities = set(parsed.ids["ports"]), set(parsed.ids["facilities"])
        return lambda key, model: resolve_network.closure(
            reader, key, model, ports=ports, facilities=facilities
        )
    if section == "lines":
        return lambda key, model: resolve_fleet.line(reader, key, model)
    if section == "pools":
        return lambda key, model: resolve_fleet.pool(reader, key, model)
    if section == "routes":
        walked = walker(parsed)
        return lambda key, model: resolve_demand.route(
            reader, key, model, models=parsed.routes, walked=walked
        )
    return lambda key, model: resolve_demand.flow(reader, key, model)


@dataclass(frozen=True)
class _Leg:
    origin: str
    destination: str


@dataclass(frozen=True)
class _Line:
    origin: tuple[str, str]
    destination: tuple[str, str]


def walker(parsed: Parsed) -> Callable[[str, tuple[str, ...]], Walk | None]:
    """Make a function that follows (origin, steps) over the models."""
    legs = {key: _Leg(model.from_, model.to) for key, model in parsed.legs.items()}
    lines = {key: _Line(_end(model.from_), _end(model.to)) for key, model in parsed.lines.items()}

    def follow(origin: str, steps: tuple[str, ...]) -> Walk | None:
        return walk(origin, steps, legs=legs, facilities=parsed.facilities, lines=lines, ports=parsed.ports)

    return follow


def _end(text: str) -> tuple[str, str]:
    port, _, group = text.partition("/")
    return port, group
