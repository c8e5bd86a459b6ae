"""How often do intervals cover the truth? 95 % intervals on M/M/1, whose truth is known.

    python benchmarks/interval_coverage.py [--experiments 1000] [--figure coverage.svg] [--page] [--seed 1]

Each experiment is a small study: n replications of M/M/1 by Lindley's recursion, one figure per replication,
one interval. An honest 95 % interval covers the exact mean in 950 of 1,000 experiments, give or take 14
(two standard errors). Skewed figures of few replications fall short of it, and a start from an empty
system that is not cut off falls short however many replications there are: more of them only make a
wrong answer surer.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.statistics.intervals import Intervals, bootstrap_interval, t_intervals
from sim.statistics.queueing import lindley, mm1, mm1_first_delays
from sim.statistics.samples import FloatArray
from sim.statistics.warmup import mser5

CONFIDENCE = 0.95
SIZES = (5, 10, 20, 40)


@dataclass(frozen=True)
class Case:
    """One figure of M/M/1 with service rate 1: the mean wait of some customers of each replication."""

    name: str
    load: float
    customers: int
    truth: float
    cut: int | Callable[[FloatArray], int]


@dataclass(frozen=True)
class Row:
    """What one case came to at one number of replications."""

    case: str
    method: str
    n: int
    coverage: float
    half_width: float
    bias: float


def mser_cut(waits: FloatArray) -> int:
    """Cut by MSER-5 on the mean over the replications of a study, as a study would."""
    return mser5(waits.mean(axis=0)).cut


def cases() -> tuple[Case, ...]:
    """The cases, mildest first."""
    first = float(mm1_first_delays(0.9, 1.0, customers=25).mean())
    half, ninety = mm1(0.5, 1.0).wait, mm1(0.9, 1.0).wait
    return (
        Case("load .5, 2,000 customers, 200 cut", 0.5, 2000, half, 200),
        Case("load .9, 2,000 customers, 500 cut", 0.9, 2000, ninety, 500),
        Case("load .9, 2,000 customers, MSER-5", 0.9, 2000, ninety, mser_cut),
        Case("load .9, 2,000 customers, none cut", 0.9, 2000, ninety, 0),
        Case("load .9, first 25 customers", 0.9, 25, first, 0),
    )


def figures(case: Case, replications: int, *, experiments: int, seed: int) -> FloatArray:
    """Draw one figure per replication and experiment, shape (replications, experiments)."""
    generator = np.random.Generator(np.random.Philox(seed))
    found = np.empty((replications, experiments))
    for experiment in range(experiments):
        shape = (replications, case.customers)
        gaps = generator.exponential(1.0 / case.load, size=shape)
        waits = lindley(gaps, generator.exponential(1.0, size=shape))
        cut = case.cut(waits) if callable(case.cut) else case.cut
        found[:, experiment] = waits[:, cut:].mean(axis=1)
    return found


def covered(intervals: Intervals, truth: float) -> float:
    """Share of the intervals that hold the truth."""
    return float(np.mean((intervals.low <= truth) & (truth <= intervals.high)))


def rows(case: Case, *, experiments: int, seed: int) -> list[Row]:
    """Run a case at every number of replications; smaller studies are the first of the larger."""
    if callable(case.cut):
        # A cut chosen from the study's own curve must be chosen anew at each size.
        samples = {n: figures(case, n, experiments=experiments, seed=seed) for n in SIZES}
    else:
        most = figures(case, max(SIZES), experiments=experiments, seed=seed)
        samples = {n: most[:n] for n in SIZES}
    found = []
    for n, sample in samples.items():
        intervals = t_intervals(sample, CONFIDENCE)
        share = covered(intervals, case.truth)
        bias = float(sample.mean()) / case.truth - 1.0
        width = float(intervals.half_width.mean()) / case.truth
        found.append(Row(case.name, "t", n, share, width, bias))
    return found


def bootstrap_rows(case: Case, *, experiments: int, seed: int) -> list[Row]:
    """The same by BCa bootstrap."""
    most = figures(case, max(SIZES), experiments=experiments, seed=seed)
    found = []
    for n in SIZES:
        bounds = np.array(
            [
                (interval.low, interval.high)
                for interval in (
                    bootstrap_interval(most[:n, e], np.mean, confidence=CONFIDENCE, resamples=999, seed=e)
                    for e in range(experiments)
                )
            ]
        )
        share = float(np.mean((bounds[:, 0] <= case.truth) & (case.truth <= bounds[:, 1])))
        width = float(np.mean(bounds[:, 1] - bounds[:, 0])) / 2.0 / case.truth
        found.append(Row(case.name, "BCa", n, share, width, float(most[:n].mean()) / case.truth - 1.0))
    return found


def draw(table: list[Row], path: Path, *, experiments: int) -> None:
    """Draw coverage against the number of replications, one line per case and method."""
    from sim.report import style

    with style.in_style():
        figure = style.new_figure(5.4)
        axes = figure.subplots()
        axes.axhspan(93, 97, color=style.IDLE.colour)
        axes.axhline(100 * CONFIDENCE, color=style.SOFT, linewidth=0.8)
        legend: list[tuple[Any, str]] = []
        kinds = dict.fromkeys((row.case, row.method) for row in table)
        for look, (name, method) in zip(style.LOOKS, kinds, strict=True):
            line = [row for row in table if (row.case, row.method) == (name, method)]
            (drawn,) = axes.plot(
                [row.n for row in line],
                [100 * row.coverage for row in line],
                color=look.colour,
                linestyle=look.line,
                marker=look.marker,
                markeredgecolor=style.INK,
                markersize=5.5,
            )
            legend.append((drawn, f"{name}, {method}"))
        legend.append((style.swatch(style.IDLE, edge=style.SOFT), "93 % to 97 %"))
        axes.set_ylim(76, 100)
        axes.set_xscale("log")
        axes.set_xticks(SIZES, [str(n) for n in SIZES])
        axes.minorticks_off()
        style.grid(axes, "y")
        style.label_axes(axes, x="replications in a study", y="studies whose interval covers the truth (%)")
        style.finish(
            figure,
            title="95 % intervals cover 95 % where figures are near normal and the start is cut off",
            subtitle=f"Mean wait in M/M/1 with service rate 1, {experiments:,} studies at each point",
            caption="t: Student's interval; BCa: bootstrap. Skewed figures of few replications fall short; "
            "a start that is not cut off falls short the more the more replications there are.",
            legend=legend,
            columns=2,
        )
        path.write_bytes(style.render(figure, "svg" if path.suffix == ".svg" else "png"))


def write_page(table: list[Row]) -> None:
    """Put the table between its marks in docs/validation.md."""
    page = Path(__file__).resolve().parents[1] / "docs" / "validation.md"
    lines = [
        "| mean wait in M/M/1, service rate 1 | interval | replications | coverage | half-width | bias |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in table:
        cells = f"{row.coverage:.1%} | {row.half_width:.1%} | {row.bias:+.1%}"
        lines.append(f"| {row.case} | {row.method} | {row.n} | {cells} |")
    begin, end = "<!-- coverage -->", "<!-- end of coverage -->"
    text = page.read_text(encoding="utf-8")
    before, after = text.partition(begin)[0], text.partition(end)[2]
    page.write_text("\n".join([before + begin, "", *lines, "", end + after]), encoding="utf-8")


def main() -> None:
    """Print the table; draw it when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--experiments", type=int, default=1000)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--page", action="store_true", help="write table and figure into docs/validation.md")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()

    start = time.perf_counter()
    table: list[Row] = []
    for number, case in enumerate(cases()):
        table += rows(case, experiments=asked.experiments, seed=asked.seed + number)
        if case.customers < 100:
            table += bootstrap_rows(case, experiments=asked.experiments, seed=asked.seed + number)
    print(f"{'mean wait in M/M/1':<36}{'interval':>9}{'n':>4}{'coverage':>10}{'half-width':>12}{'bias':>8}")
    for row in table:
        head = f"{row.case:<36}{row.method:>9}{row.n:>4}"
        print(f"{head}{row.coverage:>10.3f}{row.half_width:>11.1%} {row.bias:>+7.1%}")
    print(f"\n{asked.experiments:,} studies each, {time.perf_counter() - start:.0f} s")
    if asked.page:
        write_page(table)
        asked.figure = Path(__file__).resolve().parents[1] / "docs" / "coverage.svg"
    if asked.figure:
        draw(table, asked.figure, experiments=asked.experiments)


if __name__ == "__main__":
    main()
