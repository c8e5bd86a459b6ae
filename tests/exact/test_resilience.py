"""A run against its undisturbed twin, and one more unit of everything. Times in hours."""

from __future__ import annotations

import numpy as np
import pytest
from hand_records import at, journeys, records
from harness import scenario
from little import LITTLE

from sim.chance.draws import draw
from sim.engine import run
from sim.errors import UsageError
from sim.measure.bottleneck import candidates, enlarged
from sim.measure.resilience import recovery, resilience
from sim.model.compile import compile_model
from sim.study.bottleneck import gains
from sim.study.executor import InProcess
from sim.study.replicate import Simulation

DAY = 24
PIPE = """
clock: {start: 2024-01-01, length: 1344 h}
places: {a: {}, b: {}, c: {}}
facilities:
  gate: {at: a, task: check, servers: 5, service: 1 h, charge: 2 USD/t}
  other: {at: a, task: check, servers: 5, service: 1 h, charge: 5 USD/t}
routes:
  first: {from: a, direction: west, steps: [gate]}
  second: {from: a, direction: west, steps: [other]}
flows:
  crude: {consignment: {t: 1000}, arrivals: {timetable: {at: [1 h]}}, choice: {cascade: [first, second]},
          cut: {after: 1 d, ramp: 10 d}}
"""


def crude(arrived, finished, route="first", server=0):
    return ("crude", arrived, route, ((arrived, finished - 1, finished, finished, server),))


def test_a_disturbance_against_its_twin():
    model = compile_model(scenario(PIPE))
    # One parcel of 1 kt a day for eight weeks, each on its way an hour.
    twin = [crude(k * DAY + 1, k * DAY + 2) for k in range(56)]
    # From day 10 on: three pile up till day 13, 20 h; one goes the other way; one is turned away.
    late = {10: 13 * DAY + 17, 11: 13 * DAY + 18, 12: 13 * DAY + 19}
    disturbed = [crude(k * DAY + 1, late.get(k, k * DAY + 2)) for k in range(56) if k not in (14, 15)]
    disturbed += [crude(14 * DAY + 1, 14 * DAY + 2, "second"), ("crude", 15 * DAY + 1, None, ())]
    found = resilience(
        model,
        records(**journeys(model, *disturbed)),
        records(**journeys(model, *twin)),
        twin_model=model,
        disturbed=at(10 * DAY),
    )
    kpis = found.kpis
    for subject in ("flow/crude", "total"):
        assert kpis.get("lost", subject) == 1000
        assert kpis.get("peak_backlog", subject) == 3000
        assert kpis.get("shut_in", subject) == 1000
        # 70 t are a hundredth of a week: the last of the pile goes at day 13, 19 h.
        assert kpis.get("time_to_recover", subject) == 3 * DAY + 19
    assert kpis.get("diverted", "route/second") == 1000
    assert kpis.get("diverted", "route/first") == -2000
    assert kpis.get("extra_cost", "flow/crude") == pytest.approx((54 * 2 + 5) / 55 - 2)
    weeks, performance = found.series.get("performance", "total")
    assert weeks.tolist() == [k * 168 for k in range(8)]
    assert performance.tolist() == pytest.approx([1, 1, 6 / 7, 1, 1, 1, 1, 1])
    days, gap = found.series.get("backlog_gap", "flow/crude")
    assert gap[days == 13 * DAY] == 3000
    assert gap[days == 14 * DAY] == 0
    assert found.series.get("delivered_gap", "total")[1].max() == 3000


def test_a_twin_of_another_corridor_is_refused():
    model = compile_model(scenario(PIPE))
    other = compile_model(scenario(PIPE.replace("length: 1344 h", "length: 1345 h")))
    with pytest.raises(UsageError, match="same flows"):
        resilience(model, records(), records(), twin_model=other)


@pytest.mark.parametrize(
    ("steps", "hours"),
    [
        ([(0, 0)], 0),
        ([(10, 5), (200, 0)], 0),
        ([(100, 50), (300, 5)], 200),
        # It comes back after four days: not yet recovered; then for good.
        ([(100, 50), (300, 5), (396, 20), (500, 0)], 400),
        # Seven days to the hour; an hour less; none left in the run.
        ([(100, 50), (832, 5)], 732),
        ([(100, 50), (833, 5)], float("nan")),
        ([(100, 50)], float("nan")),
    ],
)
def test_time_to_recover(steps, hours):
    time = np.array([at(time) for time, _ in steps])
    gap = np.array([float(gap) for _, gap in steps])
    found = recovery(time, gap, limit=10.0, since=at(100), end=at(1000))
    assert found / 3600 == pytest.approx(hours, nan_ok=True)


def test_one_more_of_everything():
    model = compile_model(scenario(LITTLE))
    units = candidates(model)
    assert [(one.subject, one.path) for one in units] == [
        ("facility/customs", "facilities.customs.servers"),
        ("line/p-q", "lines.p-q.vessels.count"),
        ("port/p/box", "ports.p.berths.box"),
        ("port/q/box", "ports.q.berths.box"),
    ]
    replaced = (
        ("servers: 2", "servers: 3"),
        ("count: 3", "count: 4"),
        ("p: {at: p, berths: {box: 1}", "p: {at: p, berths: {box: 2}"),
        ("q: {at: q, berths: {box: 1}", "q: {at: q, berths: {box: 2}"),
    )
    for one, (old, new) in zip(units, replaced, strict=True):
        larger, written = enlarged(model, one), compile_model(scenario(LITTLE.replace(old, new)))
        assert larger.lines == written.lines
        found, wanted = (run(each, draw(each, seed=3, replication=0)) for each in (larger, written))
        assert found.digest() == wanted.digest()


def test_the_ranking_names_the_narrowest_place():
    text = """
    clock: {start: 2024-01-01, length: 400 h}
    places: {a: {}}
    facilities:
      narrow: {at: a, task: check, servers: 1, service: 2 h}
      wide: {at: a, task: check, servers: 1, service: 0.5 h}
    routes:
      west: {from: a, direction: west, steps: [wide, narrow]}
    flows:
      f: {consignment: {t: 10}, arrivals: {timetable: {every: 1 h, first: 1 h}}, choice: {shares: {west: 1}}}
    """
    simulation = Simulation(compile_model(scenario(text)), seed=1)
    ranking = gains(simulation, [simulation(0)], candidates(simulation.model), InProcess())
    assert [(gain.one.subject, gain.one.words) for gain in ranking] == [
        ("facility/narrow", "a server"),
        ("facility/wide", "a server"),
    ]
    assert ranking[0].more.mean == pytest.approx(199 * 10e-6 * 8766 / 400, rel=0.02)
    assert ranking[1].more.mean == 0
    assert [gain.waiting for gain in ranking] == [1, 0]
