"""Does a calibration find what made the numbers? Eight parameters, other seeds, 90 % intervals.

A small corridor is simulated with parameters drawn within their ranges; its figures become targets; a
calibration that starts elsewhere, with another seed, has to find them again. Prints what was found, and how
often the intervals hold over several such experiments.

    python benchmarks/calibration.py [experiments]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

import sim
from sim.study.points import Simulated
from sim.study.ranges import ranged
from sim.study.space import Space

CONFIDENCE = 0.9
TRUTH_REPLICATIONS = 40

CORRIDOR = """\
title: A corridor to be found again
clock: {start: 2024-01-01, length: 120 d, warmup: 20 d}
experiment: {replications: 6, seed: 101}
levers:
  storms: {assume: 1, range: [0.4, 1.6], because: a prior}
places: {a: {country: KZ}, p: {country: KZ}, q: {country: AZ}, b: {country: GE}}
legs:
  a-p: {from: a, to: p, mode: rail, distance: "900 km", cv: 0.2,
        speed: {assume: "500 km/day", range: ["300 km/day", "700 km/day"], because: a prior}}
  q-b: {from: q, to: b, mode: rail, distance: "600 km", cv: 0.2,
        speed: {assume: "400 km/day", range: ["250 km/day", "550 km/day"], because: a prior}}
facilities:
  customs: {at: q, task: customs, servers: 2,
            service: {mean: {assume: "5 h", range: ["3 h", "7.5 h"], because: a prior}, cv: 0.6}}
  terminal: {at: p, task: terminal, servers: 1,
             service: {mean: {assume: "2.5 h", range: ["1 h", "3.5 h"], because: a prior}, cv: 0.5}}
ports:
  p: {at: p, berths: {box: 1}, yard: {box: "2000 TEU"}}
  q: {at: q, berths: {box: 1}, yard: {box: "2000 TEU"}}
closures:
  storm: {ports: [p, q], share_closed: {else: {value: 0.15, scale: storms}}, lasts: "~exp 1 d"}
lines:
  p-q:
    from: p/box
    to: q/box
    distance: "200 nmi"
    sailing: {mean: {assume: "20 h", range: ["14 h", "30 h"], because: a prior}, cv: 0.15}
    vessels: {count: 4, capacity: "120 TEU"}
    leaves: {full: 1.0, after: {assume: "36 h", range: ["12 h", "72 h"], because: a prior}}
    load: {mean: {assume: "9 h", range: ["5 h", "14 h"], because: a prior}, cv: 0.3}
    unload: "8 h ± 30 %"
routes:
  west: {title: West, from: a, direction: west, steps: [a-p, terminal, p-q, customs, q-b]}
flows:
  boxes:
    commodity: containers
    volume: "26000 TEU/yr"
    consignment: {TEU: 10, t: 140}
    choice: {shares: {west: 1.0}}
"""

FREE = [
    "levers.storms",
    "legs.a-p.speed",
    "legs.q-b.speed",
    "facilities.customs.service",
    "facilities.terminal.service",
    "lines.p-q.sailing",
    "lines.p-q.leaves.after",
    "lines.p-q.load",
]

TARGETS = [
    ("transit_time.mean", "route/west"),
    ("transit_time.p90", "route/west"),
    ("running.mean", "leg/a-p"),
    ("running.mean", "leg/q-b"),
    ("utilisation", "facility/customs"),
    ("wait.mean", "facility/customs"),
    ("utilisation", "facility/terminal"),
    ("wait.mean", "facility/terminal"),
    ("weather_wait.mean", "line/p-q"),
    ("fill_wait.mean", "line/p-q"),
    ("round_trip.mean", "line/p-q"),
    ("load_factor.mean", "line/p-q"),
    ("berth_wait.mean", "line/p-q"),
    ("wait.mean", "line/p-q"),
]


def experiment(number: int, folder: Path, *, jobs: int) -> tuple[int, int]:
    """Make a truth, hide it, look for it; give how many of how many parameters were found."""
    file = folder / "corridor.yaml"
    file.write_text(CORRIDOR, encoding="utf-8")
    prior = sim.load(file)
    factors = tuple(factor for path in FREE for factor in ranged(prior, [path]))
    truth = np.random.default_rng(1000 + number).uniform(0.15, 0.85, len(factors))
    watch = tuple(f"{kpi} of {subject}" for kpi, subject in TARGETS)
    generator = Simulated(
        Space(prior, factors), truth[np.newaxis], TRUTH_REPLICATIONS, 777_000 + number, watch=watch
    )
    seen = generator.compute(0)
    mean = seen.values.mean(axis=0)
    error = seen.values.std(axis=0, ddof=1) / np.sqrt(len(seen.values))
    targets = [
        {
            "kpi": key.kpi,
            "of": key.subject,
            "observed": _quantity(value, key.unit),
            # What was generated is only known to within its own error.
            "tolerance": _quantity(max(float(spread), 1e-3 * abs(value)), key.unit),
        }
        for key, value, spread in zip(seen.keys, mean.tolist(), error, strict=True)
    ]
    given = prior.override({"targets": targets}, name=f"corridor-{number}")
    begun = perf_counter()
    result = sim.calibrate(
        given,
        FREE,
        trials=150,
        replications=6,
        confidence=CONFIDENCE,
        seed=5000 + number,
        jobs=jobs,
        out=folder / "results",
    )
    result.figures()
    found = 0
    print(f"\nexperiment {number}: {perf_counter() - begun:.0f} s, loss {result.fit.loss:.1f}")
    for factor, place, row in zip(factors, truth.tolist(), result.fit.parameters, strict=True):
        value = factor.dials[0].at(place)
        inside = row.low <= value <= row.high
        found += inside
        print(
            f"  {row.factor:34} true {value:8.3f}  found {row.value:8.3f} "
            f"[{row.low:8.3f}, {row.high:8.3f}] {row.unit:7} {row.verdict:18} {'in' if inside else 'OUT'}"
        )
    print(f"  {found} of {len(factors)} inside their {CONFIDENCE:.0%} interval; {result.path}")
    return found, len(factors)


def _quantity(value: float, unit: str) -> str | float:
    return value if unit in ("", "share") else f"{value:.8g} {unit}"


def main() -> None:
    """Run the experiments."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    folder = Path(tempfile.mkdtemp(prefix="calibration-"))
    results = [experiment(number, folder, jobs=2) for number in range(count)]
    found = sum(each for each, _ in results)
    asked = sum(each for _, each in results)
    print(f"\n{found} of {asked} parameters inside their {CONFIDENCE:.0%} interval")
    enough = sum(each >= 7 for each, _ in results)
    print(f"{enough} of {count} experiments found at least 7 of 8")


if __name__ == "__main__":
    main()
