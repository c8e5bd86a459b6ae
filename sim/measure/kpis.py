"""From record tables to measures: the order of work, and what is handed over.

Every figure that is reported is a function of the records and the model, worked out here after the run.
What each one means is written where it is computed. Pure NumPy; no SimPy, no files, no data frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engine.records import Records
from sim.errors import Finding
from sim.measure import forward, little
from sim.measure.backlog import add_backlog, backlog, stationarity_findings, stationary
from sim.measure.cargo import add_cargo
from sim.measure.cascade import add_cascades
from sim.measure.closing import Closing, close
from sim.measure.collect import Breakdown, KpiRows, Kpis, Series
from sim.measure.cost import add_costs
from sim.measure.emissions import add_emissions
from sim.measure.folds import Ints
from sim.measure.levels import add_levels, build_levels
from sim.measure.lines import Trips, add_lines, add_ports
from sim.measure.parts import parts_of
from sim.measure.paths import add_paths
from sim.measure.port_waits import add_port_waits
from sim.measure.queues import add_queues, add_waits
from sim.measure.series import build_series
from sim.measure.servers import add_servers, server_times
from sim.measure.standstill import standstill_findings
from sim.measure.transit import add_splits, add_transit
from sim.measure.view import view
from sim.measure.volumes import add_throughput, add_volumes
from sim.model.model import Model

Calendars = Sequence[tuple[Ints, Ints]]
"""Closed intervals of each of the model's calendars: begins and ends in seconds."""


@dataclass(frozen=True)
class Measures:
    """All measures of one replication.

    Attributes:
        kpis: one row per KPI, subject and unit.
        series: values over time.
        breakdown: where the time of delivered consignments went, by route and step.
        closing: the closing statement.
        stationary: by flow id, False where this replication shows a growing backlog.
        findings: standstills and growing backlogs.
    """

    kpis: Kpis
    series: Series
    breakdown: Breakdown
    closing: Closing
    stationary: Mapping[str, bool]
    findings: tuple[Finding, ...]


def measure(model: Model, records: Records, calendars: Calendars | None = None) -> Measures:
    """Work out all measures of one replication.

    Args:
        model: the model that was run.
        records: what the run left.
        calendars: closed intervals by calendar, for `closed_share`; left out, there is none.

    Returns:
        The measures.

    Raises:
        BalanceError: the records contradict themselves.
    """
    seen = view(model, records)
    parts = parts_of(seen)
    forward.check(seen, parts)
    little.check(seen)
    trips = Trips(seen, parts)
    servers = server_times(seen)
    closing = close(seen, servers)
    levels = build_levels(seen, parts)
    found = backlog(seen)
    calm = stationary(seen, found)

    rows = KpiRows()
    add_volumes(rows, seen)
    add_throughput(rows, seen, parts)
    add_cargo(rows, seen)
    add_transit(rows, seen)
    breakdown = add_splits(rows, seen)
    add_waits(rows, seen)
    add_port_waits(rows, seen)
    add_queues(rows, seen)
    add_servers(rows, seen, servers)
    add_paths(rows, seen)
    add_lines(rows, seen, trips, calendars)
    add_ports(rows, seen, trips, calendars)
    add_levels(rows, seen, levels)
    add_costs(rows, seen)
    add_emissions(rows, seen)
    add_backlog(rows, seen, found)
    add_cascades(rows, seen)
    return Measures(
        kpis=rows.done(),
        series=build_series(seen, found=found, levels=levels, calendars=calendars),
        breakdown=breakdown,
        closing=closing,
        stationary={flow.id: bool(each) for flow, each in zip(model.flows, calm, strict=True)},
        findings=(*standstill_findings(trips), *stationarity_findings(seen, calm, found)),
    )


def same(one: Measures, other: Measures) -> bool:
    """Tell whether two replications gave the same KPIs to the last bit."""
    return np.array_equal(one.kpis.value, other.kpis.value, equal_nan=True)
