"""Time this product's engines beside what else there is, on the same work in one run.

    python benchmarks/run.py            # a quarter of an hour on two cores
    python benchmarks/run.py --full     # all that is slow too: hours
    python benchmarks/run.py --write docs/benchmarks.md

Every row is a process of its own; its time is processor time, the least of as many runs as take three
seconds; its memory is the process's peak. What others are asked is pre-drawn by this product, so their times
of delivery are compared with its own. Others are optional: `pip install -e '.[bench]'`; one that is missing
is named and left out.
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import scaling
from rows import ENGINES, WORKLOADS, Measured, measure

HEADER = ("engine", "s", "events/s", "MB", "compile s", "x SimPy", "x C", "times of delivery")
SIMPY, C, OWN, HEAPQ = "idiomatic SimPy", "C loop", "compiled engine, loop", "heapq loop"
REFERENCE = "SimPy engine, to record tables"
Line = Sequence[str]


def workload_table(
    workload: str, *, folder: Path, size: float | None, full: bool, first: float
) -> list[Line]:
    """Time every engine on a workload; give the lines of its table. `first`: what first use costs."""
    found: dict[str, Measured] = {}
    for engine in ENGINES:
        if workload in engine.sizes:
            found[engine.name] = measure(engine, workload, folder=folder, size=size, full=full)
            if engine.name == OWN and found[OWN].compiled:
                found[OWN] = replace(found[OWN], compiled=first)
            tell(f"  {workload}: {engine.name}")
    events = next(
        (each.events / each.scale for name, each in found.items() if name == HEAPQ and each.events), 0.0
    )
    return [line(each, found, events) for each in found.values()]


def line(one: Measured, found: dict[str, Measured], events: float) -> Line:
    """Write one row; `events` are those of the whole workload as the plain loop counts them, 0: its own."""
    if one.why:
        return (one.engine.name, *[""] * (len(HEADER) - 2), one.why)
    share = one.scale if events else 1.0
    seconds = one.seconds / share
    about = "≈" if share != 1 and one.engine.sizes.get(one.workload, 1.0) != 1 else ""
    happened = events or one.events
    return (
        one.engine.name,
        about + digits(seconds),
        digits(happened / seconds),
        f"{one.megabytes:.0f}",
        digits(one.compiled) if one.compiled else "",
        ratio(found, SIMPY, seconds=seconds, inverse=True),
        ratio(found, C, seconds=seconds, inverse=False),
        same_times(one, found),
    )


def ratio(found: dict[str, Measured], other: str, *, seconds: float, inverse: bool) -> str:
    """Give how many times as fast as SimPy (idiomatic, or else our engine), or how many times C's seconds."""
    there = found.get(other) or (found.get(REFERENCE) if other == SIMPY else None)
    if there is None or there.why:
        return ""
    theirs = there.seconds / there.scale
    return digits(theirs / seconds if inverse else seconds / theirs)


def same_times(one: Measured, found: dict[str, Measured]) -> str:
    """Say how many consignments were delivered in the same second as by the engines of this product.

    Raises:
        SystemExit: a time differs that should not.
    """
    note = one.engine.note.get(one.workload, "")
    own, asking = found.get(OWN), found.get(SIMPY)
    if note or one.delivered is None or own is None or own.delivered is None:
        return note
    mine, theirs = np.load(one.delivered), np.load(own.delivered)
    if len(mine) != len(theirs):
        return f"{one.scale:g} of it, scaled up"
    if np.array_equal(mine, theirs):
        return "equal"
    if one.engine.like == "own":
        message = f"{one.engine.name} on {one.workload}: {np.mean(mine != theirs):.2%} of the times differ"
        raise SystemExit(message)
    alike = f"{np.mean(mine == theirs):.2%} equal"
    if asking is None or asking.delivered is None or one.engine.name == SIMPY:
        return f"{alike}; ties in order of asking"
    return f"{alike}; {np.mean(mine == np.load(asking.delivered)):.2%} as SimPy's"


def digits(value: float) -> str:
    """Write a number with three digits."""
    if not math.isfinite(value) or value == 0:
        return ""
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}".replace(",", " ")


def tell(text: str) -> None:
    """Say how far it is, beside the answer."""
    print(text, file=sys.stderr, flush=True)


def markdown(title: str, header: Line, lines: Sequence[Line]) -> str:
    """Write a table that can be read as it is and as Markdown."""
    widths = [max(len(each[k]) for each in (header, *lines)) for k in range(len(header))]
    rows = [header, ["-" * width for width in widths], *lines]
    cells = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([f"## {title}", "", *(f"| {each} |" for each in cells), ""])


NOTES = """\
`python benchmarks/run.py --write docs/benchmarks.md` makes this page. Every row is a process of its own; its
time is processor time, the least of several runs; its memory is the process's peak,
with the interpreter, its libraries and the numbers drawn.

- All engines read the same numbers, drawn beforehand; only *draw + move + measure* includes the drawing.
- *times of delivery*: in which share of consignments the second of delivery is the compiled engine's. Plain
  SimPy, salabim and cimba take what falls due at one second in the order of asking, this product by a
  canonical key; with a consignment a minute ties are many, and one shifts all that comes behind. Among
  themselves they agree.
- The C loop (`benchmarks/engines/loop.c`, cc -O3) and the heapq loop know this one chain, nothing else, and
  keep a start and an end per step. The product's engines run a scenario, with all its mechanisms looked for
  at every step, and write full record tables.
- cimba and salabim are written as they run soonest: in cimba no process per consignment, in salabim no
  monitors.
"""

TITLES = {
    "corridor": "corridor: 9,240 consignments × 16 steps, a ferry line with 7 vessels, weather",
    "corridor50": "corridor50: the same cargo in 50 times as many consignments",
    "station": "station: M/M/1, a million customers",
    "baseline": "baseline: the year 2024 with warm-up and oil; × SimPy is × the SimPy engine",
    "baseline, wagons and boxes": "baseline with every train cut into wagons and boxes",
    "baseline, all cut by 50": "baseline with every consignment cut into 50",
}


def compare(arguments: argparse.Namespace) -> str:
    """Make all the tables."""
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        first, again = scaling.first_use(Path(folder))
        for workload in arguments.only or WORKLOADS:
            lines = workload_table(
                workload, folder=Path(folder), size=arguments.size, full=arguments.full, first=first
            )
            tables.append(markdown(TITLES[workload], HEADER, lines))
            print(tables[-1], flush=True)
        if not arguments.only:
            for title, header, lines in scaling.tables(
                Path(folder), size=arguments.size or 1.0, full=arguments.full
            ):
                tables.append(markdown(title, header, lines))
                print(tables[-1], flush=True)
    about = (
        f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}. "
        f"First use: the compiled engine compiles for {first:.1f} s, once; "
        f"later processes load it in {again:.2f} s."
    )
    print(about)
    return "\n".join(["# Benchmarks", "", NOTES, about, "", *tables])


def main() -> None:
    """Read the arguments, make the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="run what is slow too, and nothing by shares")
    parser.add_argument("--only", nargs="*", choices=WORKLOADS, help="these workloads, and no scaling")
    parser.add_argument("--size", type=float, help="share of each workload, for a quick look")
    parser.add_argument("--write", type=Path, help="file for the tables, in Markdown")
    arguments = parser.parse_args()
    text = compare(arguments)
    if arguments.write:
        arguments.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
