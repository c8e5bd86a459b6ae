"""Two outages of a crude terminal, worked out by hand to the hour and the tonne.

The first fills a tank farm, sends parcels the other way within its room, turns two away and works its backlog
off; the second cuts production at once and brings it back by a ramp. Each is run beside its undisturbed twin,
and measured both from the records and, as a comparison does it, from what is stored, read every hour.
"""

from __future__ import annotations

import pytest
from harness import simulate

from sim.measure import measure
from sim.measure.resilience import resilience
from sim.study.disturbance import Disturbance, disturbances
from sim.study.headline import Key
from sim.study.tabulate import tabulate

FARM = """
clock: {start: 2024-01-01, length: 500 h}
places: {a: {}}
facilities:
  terminal:
    at: a
    rate: {by: moorings, table: {0: 0 kt/h, 1: 1.25 kt/h}}
    moorings: 1
    buffer: 10 kt
    charge: 38 USD/t
  pipe: {at: a, rate: 0.5 kt/h, buffer: 5 kt, charge: 50 USD/t}
routes:
  sea: {from: a, direction: west, steps: [terminal]}
  land: {from: a, direction: west, steps: [pipe]}
flows:
  crude:
    commodity: crude
    consignment: {t: 5000}
    arrivals: {timetable: {every: 5 h, first: 5 h}}
    choice: {cascade: [sea, land]}
"""
OUT = "timeline: [{title: outage, at: 50 h, lasts: 40 h, set: {facilities.terminal.moorings: 0}}]\n"


def test_an_outage_fills_the_farm_and_is_worked_off():
    # A parcel of 5 kt every 5 h, pumped in 4 h. The farm takes those of 50 and 55; the pipe, at 10 h a
    # parcel and one waiting, takes those of 60, 65, 70 and 80; those of 75 and 85 find no room. From 90 on
    # the terminal pumps without a pause, a parcel every 4 h against one every 5 h that comes, until that
    # of 130 finds it idle.
    run = simulate(FARM + OUT)
    crude = run.offered("crude")
    assert crude.arrived == [5.0 * k for k in range(1, 100)]
    way = dict(zip(crude.arrived, crude.route, strict=True))
    assert [at for at, route in way.items() if route == "land"] == [60, 65, 70, 80]
    away = [at for at, what in zip(crude.arrived, crude.outcome, strict=True) if what == "turned_away"]
    assert away == [75, 85]
    done = {
        at: finished
        for at, finished, what in zip(crude.arrived, crude.finished, crude.outcome, strict=True)
        if what == "delivered"
    }
    through_sea = [90, 95, 100, 105, 110, 115, 120, 125]
    assert [done[at] for at in (50, 55)] == [94, 98]
    assert [done[at] for at in (60, 65, 70, 80)] == [70, 80, 90, 100]
    assert [done[at] for at in through_sea] == [102, 106, 110, 114, 118, 122, 126, 130]
    assert all(done[at] == at + 4 for at in done if at < 50 or at >= 130)

    twin = simulate(FARM)
    kpis = resilience(run.model, run.records, twin.records, twin_model=twin.model, disturbed=50 * 3600).kpis
    assert kpis.get("lost", "total") == 10_000
    # At 69 h: two in the farm, two at the pipe, and none of the twin's under way.
    assert kpis.get("peak_backlog", "flow/crude") == 20_000
    assert kpis.get("time_to_recover", "flow/crude") == 80
    assert kpis.get("diverted", "route/land") == 20_000
    assert kpis.get("diverted", "route/sea") == -30_000
    assert kpis.get("extra_cost", "flow/crude") == pytest.approx((93 * 38 + 4 * 50) / 97 - 38)


CUT = """
clock: {start: 2024-01-01, length: 480 h}
places: {a: {}}
facilities:
  terminal:
    at: a
    rate: {by: moorings, table: {0: 0 kt/h, 1: 5 kt/h}}
    moorings: 1
    buffer: 10 kt
routes:
  sea: {from: a, direction: west, steps: [terminal]}
flows:
  crude:
    commodity: crude
    consignment: {t: 5000}
    arrivals: {timetable: {every: 2 h, first: 0 h}}
    choice: {cascade: [sea]}
    cut: {after: 0 h, ramp: 20 h}
"""
STOP = "timeline: [{title: stop, at: 20 h, lasts: 9 h, set: {facilities.terminal.moorings: 0}}]\n"


def outcome(ran, number=0):
    return tabulate(number, ran.model, measures=measure(ran.model, ran.records), records=ran.records)


def test_production_is_shut_in_and_comes_back_by_its_ramp():
    # A parcel every 2 h, pumped in 1 h. The farm takes those of 20 and 22; that of 24 is refused and cuts
    # production to nothing. It comes back by a tenth every 2 h: 0.1 + 0.2 + 0.3 + 0.4 make the parcel of
    # 32; 0.5 + 0.6 that of 36, with 0.1 over; 0.7 and 0.8 that of 40; 0.9 that of 42; full from 44 on.
    run, twin = simulate(CUT + STOP), simulate(CUT)
    crude = run.offered("crude")
    away = [at for at, what in zip(crude.arrived, crude.outcome, strict=True) if what == "turned_away"]
    assert away == [24, 26, 28, 30, 34, 38]
    done = dict(zip(crude.arrived, crude.finished, strict=True))
    assert (done[20], done[22], done[32]) == (30, 31, 33)

    exact = resilience(run.model, run.records, twin.records, twin_model=twin.model, disturbed=20 * 3600).kpis
    assert exact.get("shut_in", "flow/crude") == exact.get("lost", "flow/crude") == 30_000
    assert exact.get("peak_backlog", "total") == 10_000
    # The parcel of 20 leaves as the twin's of 30 comes.
    assert exact.get("time_to_recover", "total") == 10

    pair = (outcome(twin), outcome(run))
    found = disturbances([pair], Disturbance(20, 480, crude=frozenset({"flow/crude"})))
    stored = dict(zip(found.keys, found.values[0].tolist(), strict=True))
    for subject in ("flow/crude", "cargo/crude", "total"):
        assert stored[Key("lost", subject, "t")] == 30_000
        assert stored[Key("shut_in", subject, "t")] == 30_000
        # Read every hour, of what was before it: what leaves at 30 h is seen at 31 h.
        assert stored[Key("peak_backlog", subject, "t")] == 10_000
        assert stored[Key("time_to_recover", subject, "h")] == 11


def test_the_balance_of_an_outage_closes():
    for text, offered, turned in ((FARM + OUT, 99, 2), (CUT + STOP, 240, 6)):
        run = simulate(text)
        kpis = measure(run.model, run.records).kpis
        flow = "flow/crude"
        assert kpis.get("offered", flow, "t") == 5000 * offered
        assert kpis.get("turned_away", flow, "t") == 5000 * turned
        ends = sum(kpis.get(name, flow, "t") for name in ("delivered", "turned_away", "under_way"))
        assert ends == 5000 * offered
        assert set(run.at("terminal").t) == {5000.0}
