"""What a comparison says on the screen: differences, new routes, and what a disturbance cost."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.answers import clean, unit_of, within
from sim.cli.output import number, table
from sim.study.compare import surest

if TYPE_CHECKING:
    from sim.results import Comparison
    from sim.study.compare import ComparisonRow, Contrast, Newcomer

MOST_DIFFERENCES = 20
MOST_NEW = 8
MOST_PARTS = 4
Rows = Mapping[tuple[str, str, str], "ComparisonRow"]


def tell_comparison(comparison: Comparison) -> None:
    """Print the headline differences of a comparison."""
    contrast = comparison.contrast
    pairs = "1 pair" if contrast.replications == 1 else f"{contrast.replications} pairs"
    click.echo(
        f"Other minus base ({contrast.base}), {pairs} of replications on common random numbers, "
        f"{contrast.confidence:.0%} intervals, p adjusted by Holm"
    )
    titles = dict(zip(contrast.others, (run.title for run in comparison.runs[1:]), strict=True))
    for name in contrast.others:
        click.echo(f"\n{name}: {titles[name]}")
        _tell_differences(contrast, name, unsteady=comparison.unsteady[name])
        _tell_newcomers(contrast.newcomers.get(name, ()), name=name)
        apart = name in comparison.twins
        told = _tell_resilience(contrast, name, apart=apart)
        if told and apart:
            click.echo(
                f"  (what its disturbance costs is taken against itself undisturbed, "
                f"{comparison.twins[name].path.name}: it differs from {contrast.base} in more)"
            )
        if told and name in comparison.unmade:
            click.echo(
                f"  (what its disturbance costs is taken against {contrast.base}, with all else in which "
                "the two differ: its run is of another version, so that it cannot be run undisturbed)"
            )


def _tell_differences(contrast: Contrast, name: str, *, unsteady: Collection[tuple[str, str, str]]) -> None:
    block = resilience_lines(contrast, name)
    rows = [row for row in contrast.headline() if row.scenario == name]
    moved = [
        row
        for row in rows
        if row.difference == row.difference and not _same(row) and not (block and row.kpi == "shut_in")
    ]
    moved.sort(key=surest)
    if not moved:
        click.echo("  no headline figure differs")
        return
    shown = moved[:MOST_DIFFERENCES]
    header = ["", "base", "other", "difference", "interval", "", "p", ""]
    # A sum over everything counts what is not the corridor's own.
    tails = [", background too" if contrast.background and row.subject == "total" else "" for row in shown]
    lines = [
        [
            *_difference(row, f"{row.kpi} {row.subject}{tail}"),
            "not stationary" if (row.kpi, row.subject, row.unit) in unsteady else "",
        ]
        for row, tail in zip(shown, tails, strict=True)
    ]
    click.echo(table(header, lines, right=(1, 2, 3, 6)))
    rest = len(moved) - len(shown)
    same = sum(_same(row) for row in rows)
    more = [f"{rest} more in comparison.csv"] if rest else []
    if same:
        more.append(
            "1 headline figure does not differ" if same == 1 else f"{same} headline figures do not differ"
        )
    if more:
        click.echo(f"  ({'; '.join(more)})")


def _same(row: ComparisonRow) -> bool:
    """Tell whether all pairs are the same, not only their means."""
    return row.difference == 0 and not (row.low < 0 or row.high > 0)


def _difference(row: ComparisonRow, name: str) -> list[str]:
    scale, unit = unit_of(row.unit, row.base, row.other)
    p = (
        ""
        if math.isnan(row.p_adjusted)
        else "< 0.001"
        if row.p_adjusted < 0.001
        else number(row.p_adjusted, 2)
    )
    low, high = (clean(bound, row.base, row.other) for bound in (row.low, row.high))
    return [
        f"  {name}",
        number(row.base * scale),
        number(row.other * scale),
        _signed(clean(row.difference, row.base, row.other) * scale),
        f"{number(low * scale, 3)} … {number(high * scale, 3)}" if low == low else "",
        unit,
        p,
    ]


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value, 3)


def _tell_newcomers(newcomers: Sequence[Newcomer], *, name: str) -> None:
    """Tell what new routes carry, and how long they take beside the route that loses most to them."""
    if not newcomers:
        return
    click.echo(f"\n  Routes that only {name} uses")
    lines = []
    for each in newcomers[:MOST_NEW]:
        row = each.volume
        cells = [f"    {each.route}", f"0 → {number(row.other)}", within((row.high - row.low) / 2, row.other)]
        cells.append(row.unit)
        time = each.time
        if time is not None and time.n:
            half = (time.high - time.low) / 48
            sure = f" {within(half, time.other)}" if half == half else ""
            change = f"{_signed(time.difference / 24)}{sure} d"
            cells.append(f"{number(time.other / 24, 3)} d, {change} against {each.rival}")
        else:
            cells.append("")
        lines.append(cells)
    click.echo(table([""] * 5, lines, right=(1, 2)))


def _tell_resilience(contrast: Contrast, name: str, *, apart: bool) -> bool:
    """Print the block on resilience, and tell whether there is one."""
    lines = resilience_lines(contrast, name, apart=apart)
    if not lines:
        return False
    events = contrast.events.get(name, ())
    click.echo(f"\n  Resilience: {', '.join(dict.fromkeys(event.title for event in events))}")
    click.echo(table([""] * 4, lines, right=(1, 2)))
    return True


def resilience_lines(contrast: Contrast, name: str, *, apart: bool = False) -> list[list[str]]:
    """Give the lines of the block on resilience: name, mean, half-width, unit and remark.

    Args:
        contrast: the comparison.
        name: of the disturbed scenario.
        apart: whether its undisturbed twin is another scenario than the base: then differences from the base
            do not tell what the disturbance does, and are left out.

    Returns:
        No lines where nothing is lost, turned away or held up.
    """
    rows = contrast.of(name)
    lost, shut = (rows.get((kpi, "total", "t")) for kpi in ("lost", "shut_in"))
    peak = rows.get(("peak_backlog", "total", "t"))
    if lost is None or not any(row is not None and row.difference for row in (lost, shut, peak)):
        return []
    if not any(event.over is not None for event in contrast.events.get(name, ())) and not _sure(lost, shut):
        # What stays and takes nothing away is no disturbance: an opening, a dredged channel.
        return []
    lines: list[list[str]] = []
    crude, dry = (rows.get(("lost", f"cargo/{kind}", "t")) for kind in ("crude", "dry"))
    parts = (("crude lost", crude), ("dry cargo lost", dry)) if crude and dry else (("lost", lost),)
    for words, row in parts:
        if row is not None:
            lines.append(_amount(words, row))
    if shut is not None and shut.difference:
        own = rows.get(("shut_in", "cargo/crude", "t")) if crude else None
        words = "shut in or turned away"
        if contrast.background:
            words += ", background too" if own is None else ", without background"
        lines.append(_amount(words, shut if own is None else own))
    lines += [_amount(f"  {row.subject}", row) for row in _largest(contrast, rows, "shut_in", "flow/")]
    lines += [
        _amount(f"diverted to {row.subject}", row) for row in _largest(contrast, rows, "diverted", "route/")
    ]
    subject, kind = "total", ""
    if crude and dry:
        felt = [crude, rows.get(("peak_backlog", "cargo/crude", "t"))]
        by_crude = any(row is not None and row.difference for row in felt)
        subject, kind = ("cargo/crude", " of crude") if by_crude else ("cargo/dry", " of dry cargo")
    peak = rows.get(("peak_backlog", subject, "t"))
    if peak is not None:
        lines.append(_amount(f"peak backlog{kind}", peak))
    lines += _recovery(rows, subject, pairs=contrast.replications)
    cost = rows.get(("extra_cost", subject, "USD/t"))
    if cost is not None and cost.n:
        lines.append(_value(f"extra cost{kind}", cost, unit="USD/t", scale=1.0))
    return lines if apart else lines + _dry_lines(contrast, rows)


def _largest(contrast: Contrast, rows: Rows, kpi: str, kind: str) -> list[ComparisonRow]:
    """Give the figures of one KPI in t that differ, the largest first, without background."""
    found = [
        row
        for (name, subject, unit), row in rows.items()
        if name == kpi
        and unit == "t"
        and subject.startswith(kind)
        and subject not in contrast.background
        and row.difference
    ]
    return sorted(found, key=lambda row: (-abs(row.difference), row.subject))[:MOST_PARTS]


def _recovery(rows: Rows, subject: str, *, pairs: int) -> list[list[str]]:
    """Tell the time to recover, and in how many replications it lies beyond the run."""
    row = rows.get(("time_to_recover", subject, "h"))
    if row is None:
        return []
    words = "time to recover"
    if row.n == 0:
        return [[f"    {words}", "–", "", f"not within the run in any of {pairs} replications"]]
    line = _value(words, row, unit="d", scale=1 / 24)
    if row.n < pairs:
        line[3] += f", where it recovers: not within the run in {pairs - row.n} of {pairs} replications"
    return [line]


def _dry_lines(contrast: Contrast, rows: Rows) -> list[list[str]]:
    """Tell what it did to dry cargo: boxes' transit time, waits at ports, tank wagons."""
    lines = []
    time = rows.get(("transit_time.mean", "cargo/containers", "h"))
    if time is not None and time.n:
        lines.append(_value("transit time of containers", time, unit="d", scale=1 / 24, sign=True))
    for port in contrast.scope.ports if contrast.scope is not None else ():
        row = rows.get(("wait.mean", port, "h"))
        if row is not None and row.n:
            lines.append(_value(f"wait at {port}", row, unit="h", scale=1.0, sign=True))
    for (kpi, subject, unit), row in rows.items():
        if (
            (kpi, unit) == ("utilisation", "share")
            and subject.startswith("pool/")
            and round(row.difference, 4)
        ):
            words = f"{subject} in use"
            lines.append(_value(words, row, unit="percentage points", scale=100.0, sign=True))
    return lines


def _sure(*rows: ComparisonRow | None) -> bool:
    return any(row is not None and row.low > 0 for row in rows)


def _amount(words: str, row: ComparisonRow) -> list[str]:
    """Tell tonnes as Mt, kt or t."""
    # A mean of whole kilotonnes may lie a rounding below one.
    size = abs(row.difference) * (1 + 1e-9)
    scale, unit = (1e-6, "Mt") if size >= 1e6 else (1e-3, "kt") if size >= 1e3 else (1.0, "t")
    return _value(words, row, unit=unit, scale=scale)


def _value(words: str, row: ComparisonRow, *, unit: str, scale: float, sign: bool = False) -> list[str]:
    value = row.difference * scale
    if sign and value == 0:
        return [f"    {words}", "same", "", ""]
    half = (row.high - row.low) / 2 * scale
    return [f"    {words}", _signed(value) if sign else number(value, 3), within(half, value), unit]
