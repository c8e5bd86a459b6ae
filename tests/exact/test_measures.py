"""Measures of records made by hand: every number worked out on paper. Times in hours."""

from __future__ import annotations

import numpy as np
import pytest
from hand_records import at, changed, journeys, records
from harness import scenario

from sim.engine.records import NULL, Outcome, ServerState
from sim.errors import BalanceError
from sim.measure import measure
from sim.measure.counted import reading_step
from sim.model.compile import compile_model

YEAR = 8766

DESK = """
clock: {start: 2024-01-01, length: 10 h, warmup: 2 h}
places: {a: {country: KZ}, b: {country: AZ}}
facilities:
  desk: {at: a, task: customs, servers: 2, service: 1 h, buffer: 10 t, charge: 3 USD/t}
legs:
  run: {from: a, to: b, mode: rail, distance: 100 km, speed: 50 km/h, tariff: 0.1 USD/t/km,
        emissions: 20 gCO2/t/km}
routes:
  west: {from: a, direction: west, steps: [desk, run], promise: 4 h}
flows:
  ore: {consignment: {t: 5, TEU: 2}, arrivals: {timetable: {at: [1 h]}}, value_of_time: 2 USD/t/h,
        choice: {shares: {west: 1}}}
"""


@pytest.fixture(scope="module")
def desk():
    return compile_model(scenario(DESK))


def ore(arrived, *steps):
    return ("ore", arrived, "west", steps)


# One before the window, delivered in it; one all inside; one blocked nowhere that waits; one still there.
TRIPS = (
    ore(-1, (-1, -1, 0, 0, 0), (0, 0, 2, 2, -1)),
    ore(1, (1, 1, 2, 2, 0), (2, 3, 5, 5, -1)),
    ore(1, (1, 1, 3, 4, 1), (4, 4, 6, 6, -1)),
    ore(2, (2, 4, 5, 5, 1), (5, 5, 7, 7, -1)),
    ore(8, (8, 8, 9, 9, 0), (9, 9, None, None, -1)),
    ore(9, (9, 9, None, None, 0)),
    ("ore", 9.5, None, ()),
)


@pytest.fixture(scope="module")
def found(desk):
    return measure(desk, records(**journeys(desk, *TRIPS)))


def test_counts_and_closing(found):
    kpis = found.kpis
    ore = "flow/ore"
    for name, count in (
        ("offered", 6),
        ("delivered", 4),
        ("turned_away", 1),
        ("gone_outside", 0),
        ("under_way", 2),
    ):
        assert kpis.get(name, ore, "consignments") == kpis.get(name, "total", "consignments") == count
        assert kpis.get(name, ore, "t") == 5 * count
        assert kpis.get(name, ore, "TEU") == 2 * count
    flow = found.closing.flows[0]
    assert flow == ("ore", "consignments", 1, 6, 4, 1, 0, 2)
    assert found.closing.flows[1] == ("ore", "t", 5, 30, 20, 5, 0, 10)
    assert [server[2:] for server in found.closing.servers] == [(3, 7, 0, 0, 0, 10), (3, 6, 0, 1, 0, 10)]


def test_throughput(found):
    kpis = found.kpis
    delivered = 4 * 5e-6 * YEAR / 10
    for subject in ("flow/ore", "route/west", "country/KZ", "country/AZ", "total", "leg/run"):
        assert kpis.get("throughput", subject, "Mt/yr") == pytest.approx(delivered)
    assert kpis.get("throughput", "facility/desk", "Mt/yr") == pytest.approx(5 * 5e-6 * YEAR / 10)
    assert kpis.get("throughput", "leg/run", "TEU/yr") == pytest.approx(8 * YEAR / 10)
    times, values = found.series.get("throughput", "route/west")
    assert times.tolist() == [0]
    assert values.tolist() == pytest.approx([delivered])


def test_transit_times_are_of_type_7_with_n_minus_1(found):
    kpis = found.kpis
    spent = [3, 4, 5, 5]
    for subject in ("flow/ore", "route/west"):
        assert kpis.get("transit_time.mean", subject) == 4.25
        assert kpis.get("transit_time.sd", subject) == pytest.approx(np.std(spent, ddof=1))
        for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9), ("p95", 0.95)):
            assert kpis.get(f"transit_time.{name}", subject) == pytest.approx(np.quantile(spent, share))
        assert kpis.get("buffer_index", subject) == pytest.approx((np.quantile(spent, 0.95) - 4.25) / 4.25)
        assert kpis.get("on_promise", subject) == 0.5
    assert dict(zip(*found.series.get("transit_count", "route/west"), strict=True)) == {0: 4}


def test_where_the_time_goes(found):
    kpis = found.kpis
    # Delivered: waits 2 and 1, blocked 1; the parts add up to the transit time.
    parts = {"waiting": 0.75, "service": 5 / 4, "running": 2, "blocked": 0.25}
    for name, hours in parts.items():
        assert kpis.get(f"{name}.mean", "route/west") == hours
    assert sum(parts.values()) == kpis.get("transit_time.mean", "route/west")
    assert list(found.breakdown) == [
        ("route/west", 0, "facility/desk", 0.5, 1.25, 0.0, 0.25),
        ("route/west", 1, "leg/run", 0.25, 0.0, 2.0, 0.0),
    ]
    # Left the desk in the window: five, the one that left at 0 among them.
    assert kpis.get("service.mean", "facility/desk") == pytest.approx(6 / 5)
    assert kpis.get("waiting.mean", "facility/desk") == pytest.approx(2 / 5)
    assert kpis.get("blocked.mean", "facility/desk") == pytest.approx(1 / 5)
    assert kpis.get("running.mean", "leg/run") == 2


def test_waits_and_queues(found):
    kpis = found.kpis
    # Started at the desk in the window: 1, 1, 4, 8, 9.
    waits = [0, 0, 2, 0, 0]
    assert kpis.get("wait.mean", "facility/desk") == pytest.approx(0.4)
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95)):
        assert kpis.get(f"wait.{name}", "facility/desk") == pytest.approx(np.quantile(waits, share))
    assert kpis.get("wait.max", "facility/desk") == 2
    assert kpis.get("queue.mean", "facility/desk") == pytest.approx(2 / 10)
    assert kpis.get("queue.max", "facility/desk") == 1
    assert kpis.get("queue.mean", "leg/run") == pytest.approx(1 / 10)
    assert found.series.get("queue", "facility/desk")[1].tolist() == pytest.approx([0.2])


def test_servers(found):
    kpis = found.kpis
    # Busy 3 h each (before 0 does not count), blocked 1 h, of 20 server hours.
    assert kpis.get("utilisation", "facility/desk") == pytest.approx(6 / 20)
    assert kpis.get("blocked_share", "facility/desk") == pytest.approx(1 / 20)
    assert kpis.get("down_share", "facility/desk") == 0


def test_levels_of_a_buffer(found):
    kpis = found.kpis
    assert kpis.get("level.mean", "facility/desk") == pytest.approx(5 * 2 / 10)
    assert kpis.get("level.max", "facility/desk") == 5
    assert kpis.get("level.min", "facility/desk") == 0


def test_cost_and_emissions(found):
    kpis = found.kpis
    # Per t: tariff 0.1 x 100, charge 3, time 4.25 h x 2.
    for name, value in (("cost_tariff", 10), ("cost_charge", 3), ("cost_time", 8.5), ("cost", 21.5)):
        assert kpis.get(name, "route/west", "USD/t") == pytest.approx(value)
        assert kpis.get(name, "flow/ore", "USD/TEU") == pytest.approx(value * 5 / 2)
    assert kpis.get("cost_time", "leg/run", "USD/t") == pytest.approx(2 * (2 + 3 + 2 + 2) / 4)
    assert kpis.get("cost_charge", "facility/desk", "USD/t") == pytest.approx(3)
    assert kpis.get("co2", "route/west", "gCO2e/t/km") == pytest.approx(20)
    emitted = 4 * 5 * 100 * 20e-6 * YEAR / 10
    for subject in ("flow/ore", "route/west", "total", "leg/run"):
        assert kpis.get("co2", subject, "t/yr") == pytest.approx(emitted)


def test_backlog(found):
    times, under_way = found.series.get("backlog", "flow/ore")
    assert len(times) == 101
    # One from before; at 2 two more, one gone and one come; the last two stay.
    assert dict(zip(times.round(6), under_way, strict=True)) | {
        0: 1,
        1: 3,
        2: 3,
        5: 2,
        7: 0,
        8: 1,
        10: 2,
    } == dict(zip(times.round(6), under_way, strict=True))
    assert found.series.get("waiting", "flow/ore")[1].sum() == 30


@pytest.mark.parametrize(
    ("table", "columns", "words"),
    [
        ("consignments", {"outcome": [1, 1, 1, 1, 0, 0, 1]}, "does not balance"),
        ("consignments", {"outcome": [1, 1, 1, 1, 1, 0, 2]}, "delivered without being over"),
        ("consignments", {"finished": [at(2.5)] + [NULL] * 6}, "another time than delivered"),
        ("steps", {"server": [0, -1, 0, -1, 0, -1, 1, -1, 0, -1, 0]}, "starts a second service"),
        ("steps", {"kg": [5000] * 10 + [4999]}, "another amount of kg"),
    ],
)
def test_records_that_contradict_themselves_are_refused(desk, table, columns, words):
    whole = records(**journeys(desk, *TRIPS))
    with pytest.raises(BalanceError, match=words):
        measure(desk, changed(whole, table, **columns))


@pytest.mark.parametrize(
    ("column", "row", "time", "words"),
    [
        ("started", 1, -0.5, "started before it was asked"),
        ("ended", 3, 2.5, "ended before it was started"),
        ("asked", 5, 3.5, "asked at another time than the step before was left"),
        ("asked", 2, 0.5, "asked at another time than it was offered"),
    ],
)
def test_no_time_travel(desk, column, row, time, words):
    whole = records(**journeys(desk, *TRIPS))
    values = getattr(whole.steps, column).copy()
    values[row] = at(time)
    with pytest.raises(BalanceError, match=words):
        measure(desk, changed(whole, "steps", **{column: values}))


def test_an_event_at_the_start_is_in_the_window_and_one_at_the_end_is_not(desk):
    trips = (ore(-3 + 1, (-2, -2, -1, -1, 0), (-1, -1, 0, 0, -1)), ore(0, (0, 0, 1, 1, 0), (1, 1, 3, 3, -1)))
    found = measure(desk, records(**journeys(desk, *trips)))
    assert found.kpis.get("delivered", "flow/ore", "consignments") == 2
    assert found.kpis.get("offered", "flow/ore", "consignments") == 1
    assert found.closing.flows[0][2:] == (1, 1, 2, 0, 0, 0)


def test_down_and_withdrawn_go_before_busy_and_blocked(desk):
    trips = (ore(1, (1, 1, 6, 8, 0), (8, 8, 9, 9, -1)),)
    servers = [
        (0, 0, ServerState.DOWN, at(2), at(3)),
        (0, 0, ServerState.DOWN, at(7), at(8.5)),
        (0, 1, ServerState.DOWN, at(-1), at(1)),
        (0, 1, ServerState.WITHDRAWN, at(-2), at(0.5)),
        (0, 1, ServerState.WITHDRAWN, at(9), NULL),
    ]
    found = measure(desk, records(**journeys(desk, *trips), servers=servers))
    # busy, idle, down, blocked, withdrawn
    assert [server[2:7] for server in found.closing.servers] == [(4, 2.5, 2.5, 1, 0), (0, 8, 0.5, 0, 1.5)]
    assert found.kpis.get("down_share", "facility/desk") == pytest.approx(3 / 18.5)


def test_a_server_blocked_one_way_may_serve_the_other(desk):
    # Both on server 0: the second is served while the first holds the server.
    trips = (ore(0, (0, 0, 1, 5, 0), (5, 5, 7, 7, -1)), ore(2, (2, 2, 4, 4, 0), (4, 4, 6, 6, -1)))
    found = measure(desk, records(**journeys(desk, *trips)))
    assert found.closing.servers[0][2:7] == (3, 5, 0, 2, 0)


def test_who_waits_at_the_origin_is_in_the_queue_but_not_in_the_buffer(desk):
    whole = journeys(desk, ("ore", 1, "west", ((1, None, None, None, -1),)))
    whole["consignments"] = [(0, 0, at(1), Outcome.UNDER_WAY, 0, NULL, NULL)]
    for steps in (whole["steps"], []):
        found = measure(desk, records(consignments=whole["consignments"], steps=steps))
        assert found.kpis.get("queue.mean", "facility/desk") == pytest.approx(0.9)
        assert found.kpis.get("level.max", "facility/desk") == 0
        assert found.kpis.get("under_way", "flow/ore", "consignments") == 1


def test_opening_stock_is_served_and_lies_in_the_buffer(desk):
    opening = [
        (0, 0, 4000, at(-2), at(1), 0),
        (0, 0, 4000, at(1), at(4), 0),
        (0, 0, 2000, at(4), at(5), 0),
    ]
    found = measure(desk, records(opening=opening))
    assert [server[2] for server in found.closing.servers] == [5, 0]
    assert found.kpis.get("level.mean", "facility/desk") == pytest.approx((6 * 1 + 2 * 3) / 10)
    assert found.kpis.get("level.max", "facility/desk") == 6


def test_nothing_at_all(desk):
    found = measure(desk, records())
    assert found.kpis.get("delivered", "total", "consignments") == 0
    assert np.isnan(found.kpis.get("transit_time.mean", "route/west"))
    assert np.isnan(found.kpis.get("cost", "flow/ore", "USD/t"))
    assert found.stationary == {"ore": True}
    assert found.findings == ()


def test_the_rows_are_the_model_s(desk, found):
    empty = measure(desk, records()).kpis
    for name in ("kpi", "subject", "unit"):
        assert getattr(empty, name).tolist() == getattr(found.kpis, name).tolist()
    rows = list(zip(empty.kpi, empty.subject, empty.unit, strict=True))
    assert len(set(rows)) == len(rows)


def test_a_saturated_flow_is_flagged_and_a_growing_season_is_not():
    model = compile_model(scenario(DESK.replace("length: 10 h", "length: 1000 h")))
    flooded = [ore(k, (k, 2 * k, 2 * k + 2, 2 * k + 2, 0), (2 * k + 2,) * 4 + (-1,)) for k in range(499)]
    flooded += [ore(k, (k, None, None, None, -1)) for k in range(500, 1000)]
    found = measure(model, records(**journeys(model, *flooded)))
    assert found.stationary == {"ore": False}
    assert [finding.code for finding in found.findings] == ["not-stationary"]
    assert found.kpis.get("backlog_growth", "flow/ore", "consignments/yr") == pytest.approx(
        YEAR / 2, rel=0.01
    )
    times = np.sqrt(np.arange(1, 901) / 900) * 990
    calm = [
        ore(t, (t, t, t + 0.5, t + 0.5, k % 2), (t + 0.5, t + 0.5, t + 8, t + 8, -1))
        for k, t in enumerate(times)
    ]
    assert measure(model, records(**journeys(model, *calm))).stationary == {"ore": True}


@pytest.mark.parametrize(
    ("days", "hours"),
    [(3653, 24), (366, 24), (360, 24), (359, 12), (180, 12), (100, 6), (60, 4), (30, 2), (15, 1), (2, 1)],
)
def test_a_short_window_is_read_more_often(days, hours):
    assert reading_step(days * 86400) == hours * 3600


def test_few_flows_are_each_read_over_time(found):
    hours, under_way = found.series.get("under_way_t", "flow/ore")
    assert hours.tolist() == list(range(11))
    # Counted before each hour: two of 5 t from before the window till 2 h; the two of 1 h, the one of 2 h.
    assert under_way.tolist() == found.series.get("under_way_t", "total")[1].tolist()
    assert under_way[-1] == 10
    assert found.series.get("delivered_t", "flow/ore")[1].tolist() == [0, 0, 0, 5, 5, 5, 10, 15, 20, 20, 20]
