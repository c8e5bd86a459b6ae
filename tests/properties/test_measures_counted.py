"""Measures against a plain count of the same records, row by row, on a corridor with everything in it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from small import DAY, Amount, Hand, Random, crossing, facility, leg

from sim.chance.draws import draw
from sim.engine import run
from sim.engine.records import NULL
from sim.measure import measure
from sim.model.compile import compile_model
from sim.scenario.document import Outages
from sim.scenario.vocabulary import KPIS, dimensions, known, likeliest
from sim.units import parse

HOURS = 40 * 24


@pytest.fixture(scope="module", params=[0, 1, 2])
def ran(request):
    document = crossing(
        length=HOURS,
        warmup=10 * 24.0,
        facilities={
            "gauge": facility(
                "b",
                service=Random(4 * 3600.0, "gamma", 0.5),
                servers=2,
                buffer=Amount(100.0, "TEU"),
                outages=Outages(Random(2.0 * DAY), Random(0.3 * DAY)),
            )
        },
        legs={"a-b": leg("a", "b", cv=0.2), "c-d": leg("c", "d", cv=0.2)},
    )
    model = compile_model(Hand(document))
    draws = draw(model, seed=5, replication=request.param)
    records = run(model, draws)
    return model, records, measure(model, records, draws.calendars)


def rows(model, records):
    """Every step row with its element and its times in the run."""
    end = model.clock.end
    steps = records.steps
    columns = (steps.flow, steps.consignment, steps.route, steps.ordinal)
    times = (steps.asked, steps.started, steps.ended, steps.left)
    for k in range(len(steps.flow)):
        flow, number, route, ordinal = (int(column[k]) for column in columns)
        step = model.routes[route].steps[ordinal]
        yield (
            flow,
            number,
            route,
            model.subject(step),
            *(end if int(time[k]) == NULL else int(time[k]) for time in times),
        )


def test_waits_and_queues(ran):
    model, records, found = ran
    end = model.clock.end
    waits, spans = defaultdict(list), defaultdict(list)
    for _, _, _, subject, asked, started, _, _ in rows(model, records):
        if 0 <= started < end:
            waits[subject].append((started - asked) / 3600)
        if started > max(asked, 0):
            spans[subject].append((max(asked, 0), started))
    assert sum(map(len, spans.values())) > 100
    for subject, values in waits.items():
        for name, number in (
            ("mean", np.mean(values)),
            ("p50", np.quantile(values, 0.5)),
            ("p90", np.quantile(values, 0.9)),
            ("p95", np.quantile(values, 0.95)),
            ("max", max(values)),
        ):
            assert found.kpis.get(f"wait.{name}", subject) == pytest.approx(number)
    for subject, intervals in spans.items():
        # Little's law, exactly.
        total = sum(until - since for since, until in intervals)
        assert found.kpis.get("queue.mean", subject) * end == pytest.approx(total, rel=1e-12)
        instants = sorted({since for since, _ in intervals})
        most = max(sum(since <= t < until for since, until in intervals) for t in instants)
        assert found.kpis.get("queue.max", subject) == most
        weekly = found.series.get("queue", subject)
        lengths = np.diff(np.append(weekly[0], HOURS))
        assert (weekly[1] * lengths).sum() == pytest.approx(total / 3600)


def test_a_journey_is_the_sum_of_its_parts(ran):
    model, records, found = ran
    parts = ("waiting", "service", "running", "blocked")
    spent = defaultdict(list)
    for k in range(len(records.consignments.flow)):
        finished, arrived = int(records.consignments.finished[k]), int(records.consignments.arrived[k])
        if 0 <= finished < model.clock.end:
            spent[int(records.consignments.route[k])].append((finished - arrived) / 3600)
    for route, values in spent.items():
        subject = f"route/{model.routes[route].id}"
        assert found.kpis.get("transit_time.mean", subject) == pytest.approx(np.mean(values))
        assert found.kpis.get("transit_time.sd", subject) == pytest.approx(np.std(values, ddof=1))
        assert found.kpis.get("transit_time.p90", subject) == pytest.approx(np.quantile(values, 0.9))
        total = sum(found.kpis.get(f"{part}.mean", subject) for part in parts)
        assert total == pytest.approx(np.mean(values))
        inside = [sum(row[3:]) for row in found.breakdown if row[0] == subject]
        assert sum(inside) == pytest.approx(np.mean(values))
        counts = found.series.get("transit_count", subject)
        assert counts[1].sum() == len(values)


def test_servers(ran):
    model, records, found = ran
    end, steps, servers = model.clock.end, records.steps, records.servers
    cut = lambda time: end if int(time) == NULL else min(max(int(time), 0), end)  # noqa: E731
    # One second is one cell: what a server does, later states over earlier ones.
    seconds = np.zeros((2, end), dtype=np.int8)
    for state, first, last in ((1, steps.ended, steps.left), (2, steps.started, steps.ended)):
        for k in np.flatnonzero(steps.server >= 0):
            seconds[steps.server[k], cut(first[k]) : cut(last[k])] = state
    for state, kind in ((3, 0), (4, 1)):
        for k in np.flatnonzero(servers.state == kind):
            seconds[servers.server[k], cut(servers.begin[k]) : cut(servers.end[k])] = state
    for number, server in enumerate(found.closing.servers):
        counted = np.bincount(seconds[number], minlength=5) / 3600
        names = (server.idle, server.blocked, server.busy, server.down, server.withdrawn)
        assert names == pytest.approx(tuple(counted))
        assert sum(names) == pytest.approx(server.window)
    assert found.kpis.get("down_share", "facility/gauge") > 0


def test_levels(ran):
    model, records, found = ran
    end = model.clock.end
    first = dict(
        zip(
            zip(records.consignments.flow.tolist(), records.consignments.number.tolist(), strict=True),
            records.consignments.admitted.tolist(),
            strict=True,
        )
    )
    level = np.zeros(end)
    for flow, number, route, subject, asked, started, _, _ in rows(model, records):
        if subject != "facility/gauge":
            continue
        at_origin = model.routes[route].steps[0].kind.name == "FACILITY"
        since = first[flow, number] if at_origin else asked
        since = end if since == NULL else max(since, 0)
        level[since : max(started, since)] += model.flows[flow].amounts[1] / 1000
    assert found.kpis.get("level.mean", "facility/gauge") == pytest.approx(level.mean())
    assert found.kpis.get("level.max", "facility/gauge") == level.max() > 0
    assert found.kpis.get("level.min", "facility/gauge") == level.min()
    times, values = found.series.get("level", "facility/gauge")
    inside = times < HOURS
    assert values[inside] == pytest.approx(level[np.rint(times[inside] * 3600).astype(int)])


def test_monthly_throughput_adds_up_to_the_window_s(ran):
    _, _, found = ran
    for unit, series in (("Mt/yr", "throughput"), ("TEU/yr", "throughput_teu")):
        times, values = found.series.get(series, "total")
        lengths = np.diff(np.append(times, HOURS))
        mean = (values * lengths).sum() / HOURS
        assert found.kpis.get("throughput", "total", unit) == pytest.approx(mean)


def test_the_same_records_give_the_same_measures(ran):
    model, records, found = ran
    again = measure(model, records)
    # Without calendars nobody knows of a closed port: no share of it, and waits there are told as for berths.
    weather = ("closed_share", "weather_wait.mean", "berth_wait.mean")
    kept, left = (~np.isin(each.kpis.kpi, weather) for each in (found, again))
    assert again.kpis.value[left].tobytes() == found.kpis.value[kept].tobytes()


def test_the_vocabulary_is_closed(ran):
    _, _, found = ran
    for kpi, subject, unit in zip(found.kpis.kpi, found.kpis.subject, found.kpis.unit, strict=True):
        meaning = KPIS[kpi.partition(".")[0]]
        assert known(kpi)
        assert subject.partition("/")[0] in meaning.of
        assert unit in meaning.units
    assert not known("wait")
    assert not known("cost.mean")
    assert not known("speed")
    emitted = {kpi.partition(".")[0] for kpi in found.kpis.kpi}
    assert set(KPIS) - emitted == {"shut_in", "diverted", "on_promise"}


def test_claims_may_be_about_every_kpi_in_each_of_its_units():
    for name, meaning in KPIS.items():
        for each in meaning.units:
            assert parse(f"1 {each}").dimension in dimensions(name)
        for kpi in [f"{name}.{each}" for each in meaning.statistics] or [name]:
            assert known(kpi)
            assert likeliest(kpi) == kpi
