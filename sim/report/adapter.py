"""From a run's tables to what its figures are drawn from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np

from sim.measure.series import BIN
from sim.report.inputs import Curve, Journey, JourneyStep, Load, RouteTimes, Source, Span
from sim.report.names import Names, hours, section
from sim.report.petroleum import exports, is_crude, outages, routes_of, turned_away
from sim.report.tables import KpiTable, RunLike, SeriesTable
from sim.report.words import listed, plural
from sim.study.headline import main_routes
from sim.study.outline import Outline

_CLASSES: Final = 40
"""Most classes in which transit times are drawn."""

BIN_HOURS: Final = BIN / 3600
"""Width of a class in the series `transit_count`."""

_KINDS: Final[dict[str, Literal["facility", "line", "leg", "berths", "pool"]]] = {
    "facility/": "facility",
    "line/": "line",
    "leg/": "leg",
    "port/": "berths",
    "pool/": "pool",
}


class Results:
    """One run, read for its figures.

    Args:
        run: the run.
        base: titles of the run that it is compared with.
    """

    def __init__(self, run: RunLike, *, base: Names | None = None) -> None:
        self._run = run
        self.names = Names(run.resolved, base=base)

    @cached_property
    def kpis(self) -> KpiTable:
        """The KPIs of all replications."""
        return KpiTable(self._run.kpis, confidence=self._run.confidence)

    @cached_property
    def series(self) -> SeriesTable:
        """The series of all replications."""
        return SeriesTable(self._run.series, replications=self._run.replications)

    @cached_property
    def source(self) -> Source:
        """What every figure of the run says of itself."""
        run = self._run
        clock = run.manifest["clock"]
        start = datetime.fromisoformat(str(clock["start"]))
        saturated = [self.names.title(f"flow/{flow}") for flow in _ids(run.manifest.get("saturated_flows"))]
        some = [*saturated[:3], f"{len(saturated) - 3} more"] if len(saturated) > 4 else saturated
        warning = f"Not stationary, so that no mean holds for longer: {listed(some)}." if saturated else ""
        return Source(
            scenario=run.title,
            replications=run.replications,
            confidence=run.confidence,
            start=start if start.tzinfo else start.replace(tzinfo=UTC),
            length=float(clock["length_h"]),
            sources=source_words(run.resolved),
            warning=warning,
        )

    @cached_property
    def outline(self) -> Outline:
        """What the scenario says of itself."""
        return Outline.of_facts(self._run.manifest.get("outline"))

    @cached_property
    def routes(self) -> list[str]:
        """Subjects of the routes that deliver, the most important first.

        As the headline family ranks them; those that targets and expectations name themselves lead.
        """
        figures = self.kpis.figures(("throughput", "transport_work"))
        ranked = main_routes(self.outline, figures, most=len(figures))
        return sorted(ranked, key=lambda route: route not in self.outline.asked)

    @cached_property
    def flows(self) -> list[str]:
        """Subjects of the corridor's own flows that deliver, those with most under way first.

        What passes times how long it takes (Little, 1961), as a share of all tonnes or of all boxes.
        """
        weight: dict[str, float] = {}
        for unit in ("TEU/yr", "Mt/yr"):
            volumes = {f: self.kpis.mean("throughput", f, unit) for f in self._own_flows}
            whole = float(np.nansum(list(volumes.values()))) or 1.0
            for flow, volume in volumes.items():
                under_way = volume / whole * self.kpis.mean("transit_time.mean", flow)
                weight[flow] = weight.get(flow, 0.0) + float(np.nan_to_num(under_way))
        ranked = sorted(weight, key=lambda flow: (-weight[flow], flow))
        return [flow for flow in ranked if weight[flow] > 0]

    @cached_property
    def _own_flows(self) -> list[str]:
        every = self.kpis.subjects("throughput", "flow/")
        return [flow for flow in every if flow not in self.outline.background] or every

    @cached_property
    def unsteady(self) -> frozenset[str]:
        """Subjects of the routes that a flow may take whose backlog grows without end."""
        flows = _ids(self._run.manifest.get("saturated_flows"))
        return frozenset(f"route/{route}" for route in routes_of(self._run.resolved, flows))

    def route_times(self) -> list[RouteTimes]:
        """Give the transit times of all routes that deliver, the most important first."""
        found = []
        for subject in self.routes:
            mean = self.kpis.estimate("transit_time.mean", subject)
            if not math.isfinite(mean.mean):
                continue
            edges, share = self._distribution(subject)
            found.append(
                RouteTimes(
                    title=self.names.title(subject),
                    mean=mean,
                    p10=self.kpis.mean("transit_time.p10", subject),
                    p50=self.kpis.mean("transit_time.p50", subject),
                    p90=self.kpis.mean("transit_time.p90", subject),
                    edges=edges,
                    share=share,
                    promise=self._promise(subject),
                )
            )
        return found

    def _distribution(self, subject: str) -> tuple[Any, Any]:
        """Pool the histogram of a route's transit times over the replications."""
        times, counts = self.series.matrix("transit_count", subject, missing=0.0)
        total = counts.sum(axis=0)
        if total.sum() <= 0:
            return np.empty(0), np.empty(0)
        # Classes without a consignment have no row: they are empty, not missing.
        place = np.rint((times - times[0]) / BIN_HOURS).astype(np.int64)
        joined = -(-(int(place[-1]) + 1) // _CLASSES)
        share = np.bincount(place // joined, weights=total / total.sum())
        return times[0] + joined * BIN_HOURS * np.arange(share.size + 1), share

    def _promise(self, subject: str) -> float:
        route = subject.removeprefix("route/")
        # The provenance knows what levers make of it.
        noted = section(self._run.resolved, "provenance").get(f"routes.{route}.promise")
        entry = section(self._run.resolved, "routes").get(route)
        return hours(noted if noted is not None else section({"": entry}, "").get("promise"))

    def journeys(self) -> list[Journey]:
        """Give the routes that deliver as steps with their mean times, the most important first."""
        frame = self._run.breakdown
        kinds = ["waiting", "service", "running", "blocked"]
        means = frame.groupby(["route", "ordinal", "step"], observed=True, sort=True)[kinds].mean()
        steps: dict[str, list[JourneyStep]] = {}
        for (route, _, step), row in zip(means.index, means.to_numpy(dtype=np.float64), strict=True):
            if np.isfinite(row).all():
                steps.setdefault(str(route), []).append(
                    JourneyStep(self.names.title(str(step)), *row.tolist())
                )
        return [
            Journey(self.names.title(route), tuple(steps[route])) for route in self.routes if steps.get(route)
        ]

    def months(self, most: int = 6) -> list[Curve]:
        """Give what was delivered by month: the corridor's cargo by kind, then its main flows."""
        crude = [flow for flow in self._own_flows if is_crude(self._run.resolved, flow.removeprefix("flow/"))]
        dry = [flow for flow in self._own_flows if flow not in crude]
        whole = "Cargo, background apart" if self.outline.background else "All cargo"
        kinds = [
            self._sum("Dry cargo" if crude else whole, dry, boxes=False),
            self._sum("Containers", dry, boxes=True),
            self._sum("Crude oil", crude, boxes=False),
        ]
        # One flow alone is its kind over again.
        flows = self.flows if len(self.flows) > 1 else []
        single = [self._month(flow, boxes=self._in_boxes(flow)) for flow in flows]
        told = [curve for curve in [*kinds, *single] if curve.values.size and np.nansum(curve.values) > 0]
        return [_readable(curve) for curve in told[:most]]

    def _in_boxes(self, subject: str) -> bool:
        return self.series.matrix("throughput_teu", subject)[0].size > 0

    def _sum(self, title: str, subjects: list[str], *, boxes: bool) -> Curve:
        every = [self._month(subject, boxes=boxes) for subject in subjects]
        curves = [curve for curve in every if curve.values.size]
        if not curves:
            return Curve(title, "kt/month", np.empty(0), np.empty((self._run.replications, 0)))
        return Curve(
            title, curves[0].unit, curves[0].hours, np.sum([curve.values for curve in curves], axis=0)
        )

    def _month(self, subject: str, *, boxes: bool) -> Curve:
        """Give a subject's deliveries in amounts per average month."""
        times, values = self.series.matrix("throughput_teu" if boxes else "throughput", subject)
        scale = 1 / 12 if boxes else 1000 / 12
        return Curve(self.names.title(subject), "TEU/month" if boxes else "kt/month", times, scale * values)

    def queues(self, most: int = 5) -> list[Curve]:
        """Give the queues of the places where most consignments wait, the worst first."""
        known = self.series.subjects("queue")
        ranked = sorted(known, key=lambda at: (-np.nan_to_num(self.kpis.mean("queue.mean", at)), at))
        found = []
        for subject in ranked[:most]:
            times, values = self.series.matrix("queue", subject)
            if np.nansum(values) > 0:
                found.append(Curve(self.names.title(subject), "consignments waiting", times, values))
        return found

    def closed(self) -> list[Curve]:
        """Give the share of time in which weather closes a port, mean over the ports, by month."""
        ports = self.series.subjects("closed_share", lambda subject: subject.startswith("port/"))
        if not ports:
            return []
        found = [self.series.matrix("closed_share", port) for port in ports]
        values = np.mean([matrix for _, matrix in found], axis=0)
        return [Curve("ports closed by weather", "share", found[0][0], values)] if values.any() else []

    def exports(self) -> list[Curve]:
        """Give what the routes of crude deliver by month."""
        return exports(self._run.resolved, self.series, self.names, apart=self.outline.background)

    def shut_in(self) -> Curve | None:
        """Give the crude that found no way, by month."""
        return turned_away(self._run.resolved, self.series, apart=self.outline.background)

    def delivered(self, kind: str) -> Curve:
        """Give what was delivered since the window's start, over time, of a kind of cargo or in all."""
        times, values = self.series.matrix("delivered_t", kind)
        return Curve(self.names.title(kind), "t", times, values)

    def outages(self) -> list[Span]:
        """Give the interventions with an end on routes of crude."""
        return outages(self._run.resolved, self.source)

    def loads(self) -> list[Load]:
        """Give how the time of every element with a capacity is spent."""
        found = []
        for prefix, kind in _KINDS.items():
            for subject in self.kpis.subjects("utilisation", prefix):
                busy = self.kpis.estimate("utilisation", subject)
                parts = [np.nan_to_num(self.kpis.mean(f"{k}_share", subject)) for k in ("blocked", "down")]
                if math.isfinite(busy.mean):
                    found.append(
                        Load(self.names.title(subject), kind, busy, float(parts[0]), float(parts[1]))
                    )
        return found


def _readable(curve: Curve) -> Curve:
    """Give amounts in Mt where kt, and in kTEU where TEU, would be many thousands."""
    for unit, larger, least in (("kt/month", "Mt/month", 2e3), ("TEU/month", "kTEU/month", 1e5)):
        if curve.unit == unit and np.nanmax(curve.values) >= least:
            return replace(curve, unit=larger, values=curve.values / 1000)
    return curve


def source_words(tree: Mapping[str, Any]) -> str:
    """Say how many figures and assumptions a resolved scenario rests on."""
    figures: set[str] = set()
    assumptions = _count(tree, figures)
    if not figures and not assumptions:
        return ""
    files = sorted({figure.split("/")[1] for figure in figures})
    parts = []
    if figures:
        parts.append(f"{plural(len(figures), 'published figure')} ({listed(files)})")
    if assumptions:
        parts.append(plural(assumptions, "assumption"))
    return f"Numbers rest on {' and '.join(parts)}, listed by corridor show --sources."


def _count(node: object, figures: set[str]) -> int:
    """Gather figures and count assumptions in a tree."""
    if isinstance(node, str):
        if node.startswith("seeds/") and node.count("/") == 2 and " " not in node:
            figures.add(node)
        return 0
    if isinstance(node, Mapping):
        mine = int(node.get("kind") == "assumption" or "assume" in node)
        return mine + sum(_count(inner, figures) for inner in node.values())
    if isinstance(node, (list, tuple)):
        return sum(_count(inner, figures) for inner in node)
    return 0


def _ids(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []
