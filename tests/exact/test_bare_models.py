"""Models that lack what most have: nothing that is measured may fail, and what is not there is empty."""

from __future__ import annotations

import numpy as np
import pytest
from harness import simulate

from sim.measure import measure
from sim.measure.resilience import resilience
from sim.measure.tables import record_tables

ELEMENTS = """
places: {a: {country: KZ}, b: {country: AZ}}
legs: {ab: {from: a, to: b, distance: 100 km, speed: 500 km/d, train_paths: 2 trains/day}}
facilities: {f: {at: a, service: 1 h, buffer: 3 consignments}}
ports: {p: {at: a, berths: {g: 1}, yard: {g: 9 t}}, q: {at: b, berths: {g: 1}}}
closures: {storm: {ports: [p, q], share_closed: 0.2, lasts: ~exp 1 d}}
lines: {v: {from: p/g, to: q/g, sailing: 3 h, vessels: {count: 1, capacity: 5 t}, leaves: {after: 1 h}}}
pools: {wagons: {size: 4 wagons, returns: 1 d}}
"""
ROUTES = "routes: {w: {from: a, direction: west, steps: [ab]}, v: {from: a, direction: west, steps: [v]}}\n"
OUTSIDE = """
routes: {sea: {outside: {time: 9 d, cost: 10 USD/t}}}
flows:
  x: {volume: 1 kt/yr, consignment: {t: 10}, value_of_time: 1 USD/t/h,
      choice: {logit: {options: [sea], scale: 0.1 /USD}}}
"""
PLACES = "places: {a: {country: KZ}}\n"
BARE = {
    "nothing": "title: nothing\n",
    "places": PLACES,
    "a facility": PLACES + "facilities: {f: {at: a, service: 1 h}}\n",
    "no flow, no route": ELEMENTS,
    "no flow": ELEMENTS + ROUTES,
    "all goes outside": OUTSIDE,
}
CLOCK = "clock: {start: 2024-01-01, length: 40 d, warmup: 5 d}\n"


@pytest.mark.parametrize("name", BARE)
@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_what_is_not_there_is_empty_and_breaks_nothing(name, engine):
    ran = simulate(CLOCK + BARE[name], engine=engine)
    found = measure(ran.model, ran.records, calendars=ran.draws.calendars)
    assert found.kpis.get("delivered", "total", "consignments") == 0
    assert np.isfinite(found.series.value[found.series.series.rows("under_way_t")]).all()
    assert not found.findings
    tables = record_tables(ran.model, ran.records)
    assert len(tables["steps"]["asked"]) == len(tables["aboard"]["amount"]) == 0
    gone = resilience(ran.model, ran.records, ran.records, twin_model=ran.model)
    assert not np.nan_to_num(gone.kpis.value).any()
