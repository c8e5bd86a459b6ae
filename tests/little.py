"""A small corridor with everything in it that matters here, as a file; and the command line as a process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

LITTLE = """\
title: A little corridor
clock: {start: 2024-01-01, length: 90 d, warmup: 10 d}
experiment: {replications: 4, seed: 7}
places: {a: {country: KZ}, p: {country: KZ}, q: {country: AZ}, b: {country: AZ}}
legs:
  a-p: {from: a, to: p, mode: rail, distance: "500 km", speed: "500 km/day", cv: 0.2}
  q-b: {from: q, to: b, mode: rail, distance: "500 km", speed: "500 km/day", cv: 0.2}
facilities:
  customs: {at: q, task: customs, servers: 2, service: "6 h ± 50 %"}
ports:
  p: {at: p, berths: {box: 1}, yard: {box: "1000 TEU"}}
  q: {at: q, berths: {box: 1}, yard: {box: "1000 TEU"}}
closures:
  storm: {ports: [p, q], share_closed: {jan: 0.2, else: 0.1}, lasts: "~exp 1 d"}
lines:
  p-q:
    from: p/box
    to: q/box
    distance: "200 nmi"
    sailing: "15 h .. 18 h .. 30 h"
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
"""

FASTER = """\
title: Faster customs
extends: little.yaml
facilities: {customs: {servers: 3}}
"""


def write(folder: Path) -> Path:
    """Write the little corridor and one that extends it; give the path of the first."""
    (folder / "faster.yaml").write_text(FASTER, encoding="utf-8")
    file = folder / "little.yaml"
    file.write_text(LITTLE, encoding="utf-8")
    return file


def arguments(*given: object) -> list[str]:
    """Give the command line of `corridor` as a process."""
    return [sys.executable, "-m", "sim", *map(str, given)]


def environment() -> dict[str, str]:
    """Give the environment of such a process: the checkout's own package, and no terminal."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}


def corridor(*given: object, folder: Path, **more: object) -> subprocess.CompletedProcess[str]:
    """Run `corridor` in a folder and wait for it."""
    return subprocess.run(
        arguments(*given), cwd=folder, env=environment(), capture_output=True, text=True, check=False, **more
    )
