"""A tiny corridor whose parameters carry ranges and whose figures are aimed at, as a file."""

from pathlib import Path

TINY = """\
title: A tiny corridor with ranges
clock: {start: 2024-01-01, length: 20 d, warmup: 4 d}
experiment: {replications: 3, seed: 7}
levers:
  slow: {assume: 1, range: [0.8, 1.5], because: a prior}
  unused: {assume: 1, range: [0.8, 1.5], because: nothing reads it}
places: {a: {country: KZ}, p: {country: KZ}, q: {country: AZ}, b: {country: AZ}}
legs:
  a-p: {from: a, to: p, mode: rail, distance: "500 km", cv: 0.2,
        speed: {assume: "500 km/day", range: ["400 km/day", "700 km/day"], because: a prior}}
  q-b: {from: q, to: b, mode: rail, distance: "500 km", speed: "500 km/day", cv: 0.2}
facilities:
  customs: {at: q, task: customs, servers: {assume: 2, range: [1, 4], because: a prior},
            service: {mean: {assume: "6 h", range: ["3 h", "9 h"], because: a prior, scale: slow}, cv: 0.5}}
ports:
  p: {at: p, berths: {box: 1}, yard: {box: "1000 TEU"}}
  q: {at: q, berths: {box: 1}, yard: {box: "1000 TEU"}}
closures:
  storm:
    ports: [p, q]
    share_closed: {jan: &often {assume: 0.2, range: [0.1, 0.3], because: a prior}, feb: *often, else: 0.1}
    lasts: "~exp 1 d"
lines:
  p-q:
    from: p/box
    to: q/box
    distance: "200 nmi"
    sailing:
      triangular:
        - {assume: "15 h", range: ["14 h", "16 h"], because: a prior}
        - "18 h"
        - {assume: "30 h", range: ["25 h", "40 h"], because: a prior}
    vessels: {count: 3, capacity: "100 TEU"}
    leaves: {full: 1.0, after: "24 h"}
    load: "8 h ± 30 %"
    unload: "8 h ± 30 %"
routes:
  west: {title: West, from: a, direction: west, steps: [a-p, p-q, customs, q-b], promise: "6 d"}
flows:
  boxes:
    commodity: containers
    volume: "20000 TEU/yr"
    consignment: {TEU: 10, t: 140}
    choice: {shares: {west: 1.0}}
targets:
  - {kpi: running.mean, of: leg/a-p, observed: "1.25 d", tolerance: "1 h"}
  - {kpi: utilisation, of: facility/customs, observed: 0.75, tolerance: 0.02}
  - {kpi: throughput, of: route/west, observed: "20000 TEU/yr", tolerance: "10 %"}
expect:
  - {kpi: transit_time.mean, of: route/west, below: "40 d"}
  - {kpi: on_promise, of: route/west, above: 0.99}
  - {kpi: transit_time.mean, of: route/west, below: "150 h", above: "1 d"}
"""


def write(folder: Path) -> Path:
    """Write the tiny corridor; give its path."""
    file = folder / "tiny.yaml"
    file.write_text(TINY, encoding="utf-8")
    return file
