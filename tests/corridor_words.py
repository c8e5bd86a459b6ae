"""A small scenario that uses every section of the language, for tests of the language."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

FULL = """\
title: A small corridor
summary: Every section once.
clock: {start: 2024-01-01, length: 366 d, warmup: 90 d}
experiment: {replications: 20, seed: 2024, confidence: 0.95}
levers: {draught: 1.0, spread: 0.3}
defaults: {rail: {emissions: "20 gCO2/t/km", cv: 0.1}, sea: {emissions: "40 gCO2/t/km"}}
places:
  inland: {name: Inland yard, country: KZ, lat: 44.22, lon: 80.27}
  coast: {name: Aktau, country: KZ, lat: 43.6, lon: 51.2}
  shore: {country: AZ}
  field: {}
legs:
  rail: {from: inland, to: coast, distance: seeds/land/rail-km-baku-boyukkesik, speed: "800 km/d",
         train_paths: "12 trains/day", tariff: "0.24 USD/FEU/km"}
  pipe: {from: field, to: coast, mode: pipe, distance: 10 km, open: false,
         speed: {seed: seeds/land/ktz-container-train-speed-2020, scale: 0.5}}
facilities:
  gauge: {at: inland, task: gauge change, servers: 3, service: "55 min ± 30 %", per: train, buffer: 40 trains,
          charge: "60 USD/FEU", hours: ["21:00-02:00"], outages: {every: 60 d, lasts: 12 h}}
  customs: {at: inland, service: {assume: "12 h ± 60 %", range: [6 h, 24 h], because: no dwell is published},
            changes: {trains: 0.667}}
  cpc: {at: field, rate: {by: moorings, table: {0: 0 Mt/yr, 1: 36 Mt/yr, 3: 72 Mt/yr}}, moorings: 3,
        buffer: 850 kt, level: {uniform: [200 kt, 700 kt]}}
ports:
  near: {at: coast, berths: {box: 2}, yard: {box: 3000 TEU}}
  far: {at: shore, berths: {box: 2}}
closures:
  storm: {ports: [near, far], share_closed: {jan: 0.2, nov: 0.35, else: 0.08}, lasts: "~exp 2 d"}
lines:
  ship:
    from: near/box
    to: far/box
    distance: 265 nmi
    sailing: 20 h .. 23 h .. 30 h
    vessels:
      big: {count: 4, capacity: 225 TEU,
            payload_share: {assume: 0.8, range: [0.7, 1], because: so, scale: draught}}
      old: {count: 2, capacity: 100 TEU, start: split}
    leaves: {from: {full: 0.9, after: 48 h}, to: {timetable: {every: 24 h, first: "06:00"}}}
    unload: {mean: 10 h, cv: {scale: spread}}
    load: {mean: 2.3 min, per: TEU, shape: erlang, k: 4}
    charge: {FEU: 400 USD/FEU, t: 3 USD/t}
pools:
  flats: {size: 2500 wagons, returns: 9 d}
routes:
  west: {title: Inland – shore, from: inland, direction: west, promise: 16 d,
         steps: [gauge, customs, rail, ship], uses: {flats: {from: rail, to: ship}}}
  east: {reverse: west}
  around: {title: Another way, outside: {time: 16 d, cost: 6500 USD/FEU}}
  oil: {from: field, direction: west, steps: [cpc, pipe]}
flows:
  boxes:
    commodity: containers
    volume: seeds/land/titr-teu-china-2024
    consignment: {TEU: 100, wagons: 50, t: 1400, trains: 1}
    value: 40000 USD/TEU
    value_of_time: 1.35 %/d
    choice: {logit: {options: [west, around], scale: 0.004 /USD}}
  back:
    volume: {2024: 10 kTEU/yr, 2030: 20 kTEU/yr}
    consignment: {TEU: 50, wagons: 25, t: 10, trains: 1}
    season: {jan: 2, else: 1}
    choice: {shares: {east: 1, west: 1}}
  crude:
    volume: 1 Mt/yr
    consignment: {t: 5000}
    arrivals: regular
    choice: {cascade: [{route: oil, at_most: 1.5 Mt/yr, renegotiated: {to: 4 Mt/yr, after: 30 d}}]}
    cut: {after: 1 d, ramp: 35 d}
timeline:
  - {title: one mooring, at: 2024-11-29, lasts: 57 d, set: {facilities.cpc.moorings: 1}}
  - {title: pipe opens, at: 2024-12-01, set: {legs.pipe.open: true, flows.back.choice.shares: {east: 3}}}
  - {title: dredging, at: 100 d, ramp: 90 d, scale: {levers.draught: 1.2}}
targets:
  - {kpi: transit_time.mean, of: route/west, observed: seeds/land/transit-altynkol-poti-schedule,
     tolerance: 10 %}
expect:
  - {kpi: transit_time.p90, of: route/west, below: 25 d, above: 2 d, at: 0.9}
"""


def write(folder: Path, text: str = FULL, name: str = "small") -> Path:
    """Write a scenario file."""
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def shuffled(value: Any, seed: int) -> Any:
    """Give plain values with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = list(value)
        random.Random(seed).shuffle(keys)
        return {key: shuffled(value[key], seed + 1) for key in keys}
    return [shuffled(item, seed + 1) for item in value] if isinstance(value, list) else value
