"""The figures of a run and of a comparison, in the order in which a reader wants them.

Each is drawn when it is asked for and left out where there is nothing to show. How one is drawn is the
business of its own module.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sim.report.adapter import Results
from sim.report.contrast import asked, differences, transit_changes
from sim.report.inputs import Source, Span
from sim.report.tables import RunLike
from sim.report.words import distinct

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.study.compare import Contrast

Named = tuple[str, "Figure"]


class ComparisonLike(Protocol):
    """What is read of a comparison."""

    @property
    def runs(self) -> Sequence[RunLike]:
        """The runs, the base first."""
        ...

    @property
    def contrast(self) -> Contrast:
        """The differences, row by row."""
        ...

    @property
    def twins(self) -> Mapping[str, RunLike]:
        """Undisturbed twins that are not the base, by the name of the disturbed scenario."""
        ...


def run_figures(run: RunLike) -> Iterator[Named]:
    """Draw the figures of a run.

    Args:
        run: a finished run.

    Yields:
        Name (kebab-case, of the file) and figure, one after the other.
    """
    from sim.report.geography import links_and_spots
    from sim.report.map import corridor_map
    from sim.report.oil import export_layers
    from sim.report.transit import transit_distribution, where_time_goes
    from sim.report.volumes import throughput_by_month, utilisation, worst_queues

    results = Results(run)
    source = results.source
    if times := results.route_times():
        yield "transit-times", transit_distribution(times, source=source)
    if journeys := results.journeys():
        yield "where-time-goes", where_time_goes(journeys, source=source)
    months = results.months()
    if months and months[0].hours.size > 1:
        yield "throughput-by-month", throughput_by_month(months, source=source)
    if queues := results.queues():
        yield "queues", worst_queues(queues, source=source, closed=results.closed())
    if loads := results.loads():
        yield "utilisation", utilisation(loads, source=source)
    links, spots = links_and_spots(run.resolved, results.kpis, results.names)
    if any(link.volume > 0 for link in links):
        yield "map", corridor_map(links, spots, source=source)
    exports = results.exports()
    if len(exports) > 1:
        yield "oil-exports", export_layers(exports, source=source, outages=results.outages())


def comparison_figures(comparison: ComparisonLike) -> Iterator[Named]:
    """Draw the figures of a comparison.

    Args:
        comparison: runs on common random numbers, the base first.

    Yields:
        Name (kebab-case, of the file) and figure, one after the other; with more than two scenarios one
        forest for each other scenario, named after it.
    """
    from dataclasses import replace

    from sim.report.differences import forest
    from sim.report.oil import export_layers
    from sim.report.side_by_side import transit_side_by_side

    every = [Results(comparison.runs[0])]
    for run in comparison.runs[1:]:
        every.append(Results(run, base=every[-1].names))
    titles = distinct([run.title for run in comparison.runs], [run.name for run in comparison.runs])
    contrast = comparison.contrast
    base = every[0].source
    for name, title, results in zip(contrast.others, titles[1:], every[1:], strict=True):
        rows = differences(contrast, name, results)
        source = replace(
            base,
            scenario=f"{title} against {titles[0]}",
            replications=contrast.replications,
            confidence=contrast.confidence,
        )
        tail = f"-{name}" if len(every) > 2 else ""
        if rows:
            every_row = asked(contrast, name)
            yield (
                f"differences{tail}",
                forest(
                    rows,
                    base=titles[0],
                    other=title,
                    source=source,
                    asked=len(every_row),
                    differ=sum(row.p_adjusted < 0.05 for row in every_row),
                ),
            )
        twin = every[0]
        if name in comparison.twins:
            twin = Results(comparison.twins[name], base=results.names)
            source = replace(source, scenario=f"{title} against itself undisturbed")
        if (curve := _resilience(twin, results, contrast, name=name, source=source)) is not None:
            yield f"resilience{tail}", curve
        if (shift := _oil_shift(twin, results, source=source)) is not None:
            yield f"oil-shift{tail}", shift
            yield (
                f"oil-exports{tail}",
                export_layers(results.exports(), source=results.source, outages=results.outages()),
            )
    times = {title: results.route_times() for title, results in zip(titles, every, strict=True)}
    if np.all([len(routes) > 0 for routes in times.values()]):
        together = replace(base, scenario=f"{len(titles)} scenarios", replications=contrast.replications)
        changes = {
            title: transit_changes(contrast, name, every[0], results)
            for name, title, results in zip(contrast.others, titles[1:], every[1:], strict=True)
        }
        yield "transit-times", transit_side_by_side(times, changes, source=together)


def _resilience(
    base: Results, other: Results, contrast: Contrast, *, name: str, source: Source
) -> Figure | None:
    """Draw what a passing disturbance does to what is delivered, of the cargo that loses most."""
    from sim.report.petroleum import performance
    from sim.report.resilience import resilience_curve

    spans = [
        Span(event.title, event.begin, event.over)
        for event in contrast.events.get(name, ())
        if event.over is not None and event.begin < source.length and event.over > 0
    ]
    rows = contrast.of(name)
    lost = {
        kind: rows["lost", kind, "t"].difference
        for kind in ("cargo/crude", "cargo/dry")
        if ("lost", kind, "t") in rows and base.delivered(kind).hours.size > 1
    }
    if not spans or not lost:
        return None
    # Tonnes of crude outweigh all else, so the share lost decides.
    share = {
        kind: amount / max(1.0, float(np.nanmean(base.delivered(kind).values[:, -1])))
        for kind, amount in lost.items()
    }
    kind = max(share, key=lambda one: (share[one], one))
    before, after = base.delivered(kind), other.delivered(kind)
    if not np.array_equal(before.hours, after.hours):
        return None
    recovery = rows.get(("time_to_recover", kind, "h"))
    return resilience_curve(
        performance(before, after),
        source=source,
        disturbances=spans,
        # Of what may as well be nothing no amount is told.
        lost=lost[kind] if rows["lost", kind, "t"].low > 0 else math.nan,
        recovery=None if recovery is None or recovery.n < contrast.replications else recovery.other,
    )


def _oil_shift(base: Results, other: Results, *, source: Source) -> Figure | None:
    """Draw how an outage on a route of crude moves the oil, against the run without it."""
    from sim.report.oil import flow_shift
    from sim.report.petroleum import during

    spans = [span for span in other.outages() if span not in base.outages()]
    before, after = base.exports(), other.exports()
    if not spans or not before or not after or not np.array_equal(before[0].hours, after[0].hours):
        return None
    amounts = []
    for results, curves in ((base, before), (other, after)):
        stopped = results.shut_in()
        every = [*curves, *([stopped] if stopped is not None else [])]
        amounts.append(during(every, spans, end=source.length))
    if not amounts[0] or not amounts[1]:
        return None
    longest = max(spans, key=lambda span: (span.end - span.begin, span.title))
    return flow_shift(
        amounts[0],
        amounts[1],
        unit="Mt/yr",
        event=longest.title,
        columns=("undisturbed", "disturbed"),
        source=source,
    )
