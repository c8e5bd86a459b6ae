"""How time grows: with the work, with replications and with workers; and what first use costs."""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

WORK = (1, 2, 5, 10, 20, 50)
REPLICATIONS = (1, 2, 4, 8, 16, 32, 64)
WORKERS = (1, 2)
MANY = 10_000
TRIED = 200
Line = Sequence[str]


def first_use(folder: Path) -> tuple[float, float]:
    """Run and measure into an empty cache, then once more; give seconds of processor time of both."""
    return (_child("compile", folder=folder), _child("compile", folder=folder))


def tables(folder: Path, *, size: float, full: bool) -> Iterator[tuple[str, Line, list[Line]]]:
    """Give titles, headers and lines."""
    yield by_work(folder, [each for each in WORK if each <= 50 * size])
    yield by_replications([each for each in REPLICATIONS if each <= 64 * size])
    yield many(MANY if full else max(4, round(TRIED * size)))


def by_work(folder: Path, scales: Sequence[int]) -> tuple[str, Line, list[Line]]:
    """Time the compiled engine on the corridor in ever more consignments; linear is a slope of 1."""
    from rows import ENGINES, measure

    loop, _, whole = ENGINES[:3]
    lines: list[Line] = []
    first: tuple[float, float, float] | None = None
    for scale in scales:
        one, all_of_it = (
            measure(each, "corridor", folder=folder, size=float(scale)) for each in (loop, whole)
        )
        found = (float(all_of_it.events), one.seconds, all_of_it.seconds)
        first = first or found
        slopes = [slope(first, found, column) for column in (1, 2)]
        lines.append(
            (f"{scale}", f"{found[0]:.0f}", f"{found[1]:.4f}", slopes[0], f"{found[2]:.4f}", slopes[1])
        )
    header = ("times the consignments", "rows", "loop s", "slope", "draw + move + measure s", "slope")
    return "corridor in more consignments: slope of log time on log work, from the first row", header, lines


def slope(first: Sequence[float], later: Sequence[float], column: int) -> str:
    """Give the slope of log time on log work between two rows."""
    if later[0] <= first[0]:
        return ""
    return f"{math.log(later[column] / first[column]) / math.log(later[0] / first[0]):.2f}"


def by_replications(numbers: Sequence[int]) -> tuple[str, Line, list[Line]]:
    """Time runs of the baseline as a user makes them, files and all, by the clock on the wall."""
    lines: list[Line] = []
    for number in numbers:
        took = {workers: _run(number, workers) for workers in WORKERS if workers <= number}
        each = [f"{took[workers][0]:.2f}" if workers in took else "" for workers in WORKERS]
        gain = f"{took[1][0] / took[2][0]:.2f}" if 2 in took else ""
        lines.append((str(number), *each, gain, f"{took[1][1]:.0f}"))
    header = ("replications", "1 worker s", "2 workers s", "gain", "MB")
    return "baseline: runs by replications and workers, seconds on the wall, files written", header, lines


def many(number: int) -> tuple[str, Line, list[Line]]:
    """Say how long ten thousand replications of the baseline take on two cores."""
    half, most = _run(max(2, number // 4), 2), _run(number, 2)
    each = (most[0] - half[0]) / (number - max(2, number // 4))
    begin = max(0.0, most[0] - number * each)
    said = "run" if number == MANY else f"from {number}; --full runs all"
    line = (
        str(number),
        f"{most[0]:.1f}",
        f"{begin:.1f}",
        f"{each:.4f}",
        f"{(begin + MANY * each) / 60:.1f}",
        said,
    )
    header = ("replications", "s", "of it start s", "each s", "10 000 min", "how known")
    fewer = max(2, number // 4)
    memory = f"; peak memory of a process {half[1]:.0f} MB at {fewer}, {most[1]:.0f} MB at {number}"
    return f"baseline: 10,000 replications on 2 workers{memory}", header, [line]


def _run(replications: int, workers: int) -> tuple[float, float]:
    """Give seconds on the wall and peak megabytes of one process, of a run in a process of its own."""
    done = _say("run", str(replications), str(workers))
    seconds, megabytes = done.split()
    return float(seconds), float(megabytes)


def _child(what: str, *, folder: Path) -> float:
    return float(_say(what, cache=folder / "cache"))


def _say(*arguments: str, cache: Path | None = None) -> str:
    environment = dict(os.environ) if cache is None else {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.splitlines()[-1]


def main(what: str, arguments: Sequence[str]) -> None:
    """Do in this process what another measures, and print it."""
    if what == "compile":
        from sim.model.compile import compile_model
        from sim.scenario import load
        from sim.study.replicate import simulate_one

        days = compile_model(load("baseline", overrides=["clock.length=9 d", "clock.warmup=1 d"]))
        begun = time.process_time()
        simulate_one(days, 1, replication=0, engine="compiled")
        print(time.process_time() - begun)
        return
    import sim
    from sim.engine import compile_engine

    compile_engine()
    replications, workers = map(int, arguments)
    with tempfile.TemporaryDirectory() as out:
        begun = time.perf_counter()
        sim.run("baseline", replications=replications, jobs=workers, out=out)
        took = time.perf_counter() - begun
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(took, most / (1 << 20 if sys.platform == "darwin" else 1 << 10))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
