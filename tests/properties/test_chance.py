"""What chance decides: keyed, paired, and distributed as asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import DAY, HOUR, Hand, closure, crossing, document, facility, flow, leg, route, shares

from sim.chance import reuse
from sim.chance.arrivals import Curve, first_reached, unit_process
from sim.chance.blocks import Blocks
from sim.chance.calendars import Intervals, closed_times, merged
from sim.chance.draws import draw
from sim.chance.reuse import forget
from sim.chance.seeding import stream_keys
from sim.chance.shapes import factors, size_biased
from sim.chance.streams import _keys, generator
from sim.model.closures import Closure
from sim.model.compile import compile_model
from sim.model.network import FIXED, Shape
from sim.model.times import months_between
from sim.scenario.document import Amount, Choice, Outages, PoolUse, Random, Timetable

SHAPES = [
    Shape("gamma", 0.3),
    Shape("gamma", 1.4),
    Shape("lognormal", 0.5),
    Shape("exponential", 1.0),
    Shape("weibull", 0.6),
    Shape("weibull", 1.5),
    Shape("erlang", 0.5),
    Shape("triangular", 0.0, (0.6, 0.9, 1.5)),
    Shape("uniform", 0.0, (0.4, 1.6)),
    Shape("empirical", 0.0, (0.5, 0.75, 1.75)),
]
SPREAD = {"triangular": np.sqrt((0.9**2 - 0.6 * 0.9 - 0.6 * 1.5 - 0.9 * 1.5 + 0.6**2 + 1.5**2) / 18)}
SPREAD |= {"uniform": 1.2 / np.sqrt(12), "empirical": float(np.std([0.5, 0.75, 1.75]))}


def drawn(doc, *, replication=0, seed=7):
    return draw(compile_model(Hand(doc)), seed=seed, replication=replication)


def same(one, other):
    return (one is None and other is None) or np.array_equal(one, other)


# -- streams ------------------------------------------------------------------------------------------------


def test_a_stream_depends_on_its_name_and_not_on_when_it_is_asked_for():
    first = generator(1, 0, "a", "b").random(5)
    generator(1, 0, "c").random(100)
    assert np.array_equal(generator(1, 0, "a", "b").random(5), first)


def test_streams_of_other_names_replications_and_seeds_differ():
    keys = [
        (1, 0, "a", "b"),
        (1, 0, "ab"),
        (1, 0, "a", "b", ""),
        (1, 1, "a", "b"),
        (2, 0, "a", "b"),
        (1, 0, "b", "a"),
    ]
    values = [generator(*key).random() for key in keys]
    assert len(set(values)) == len(keys)


@given(
    st.integers(0, 2**200),
    st.integers(0, 2**70),
    st.lists(st.tuples(*[st.integers(0, 2**32 - 1)] * 4), min_size=1, max_size=5),
)
def test_streams_seeded_together_are_those_that_numpy_seeds_one_by_one(seed, replication, words):
    keys = stream_keys(seed, replication, np.array(words, dtype=np.uint32))
    for key, each in zip(keys, words, strict=True):
        sequence = np.random.SeedSequence(seed, spawn_key=(replication, *each))
        assert key.tolist() == sequence.generate_state(2, np.uint64).tolist()


def test_a_stream_is_the_same_the_first_time_its_name_is_heard_and_later():
    first = [generator(5, number, "never heard before").random() for number in range(2)]
    generator(5, 8, "never heard before")
    assert generator(5, 9, "never heard before").random() not in first
    _keys.cache_clear()
    assert [generator(5, number, "never heard before").random() for number in range(2)] == first


def test_neighbouring_streams_are_not_correlated():
    rows = np.stack([generator(1, 0, "flow", str(number)).random(2000) for number in range(20)])
    off = np.corrcoef(rows)[np.triu_indices(20, 1)]
    assert np.abs(off).max() < 0.1


def test_blocks_are_the_same_whoever_asks_and_whenever():
    shape = Shape("gamma", 0.5)
    one = Blocks(1, 0, "ship", "sailing", shape=shape, size=16)
    other = Blocks(1, 0, "ship", "sailing", shape=shape, size=16)
    far = one(40)
    near = [other(index) for index in range(41)]
    assert near[40] == far
    assert one.upto(20)[:41].tolist() == near
    assert len(one.upto(1)) == 48
    assert Blocks(1, 0, "ship", shape=FIXED, size=4)(1000) == 1.0
    assert Blocks(1, 0, "ship", shape=FIXED, size=4).upto(5).tolist() == [1.0] * 8


# -- laws ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.family}-{shape.cv}")
def test_factors_have_mean_one_and_the_spread_asked_for(shape):
    values = factors(shape, generator(3, 0, shape.family), 200_000)
    spread = SPREAD.get(shape.family, shape.cv)
    assert values.min() >= 0
    assert values.mean() == pytest.approx(1, abs=5 * spread / np.sqrt(200_000))
    assert values.std() == pytest.approx(spread, rel=0.03)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.family}-{shape.cv}")
def test_a_length_biased_factor_has_mean_one_plus_squared_spread(shape):
    spread = SPREAD.get(shape.family, shape.cv)
    stream = generator(4, 0, shape.family)
    values = np.array([size_biased(shape, stream) for _ in range(20_000)])
    assert values.mean() == pytest.approx(1 + spread**2, rel=0.05)


def test_a_fixed_factor_draws_nothing():
    stream = generator(1, 0, "x")
    assert factors(FIXED, stream, 3).tolist() == [1, 1, 1]
    assert size_biased(FIXED, stream) == 1.0
    assert stream.random() == generator(1, 0, "x").random()


# -- pairing ------------------------------------------------------------------------------------------------


def full():
    doc = crossing(length=2000.0)
    ferry = doc.lines["ferry"]
    spread = Random(5 * HOUR, "gamma", 0.3)
    ferry = replace(
        ferry,
        sailing=Random(20.0 * HOUR, "triangular", 0.0, (0.8, 0.95, 1.25)),
        load=replace(ferry.load, time=spread),
        unload=replace(ferry.unload, time=spread),
        outages=Outages(Random(40.0 * DAY, "exponential", 1.0), Random(5.0 * DAY, "exponential", 1.0)),
    )
    gauge = replace(
        doc.facilities["gauge"],
        buffer=Amount(1e6, "t"),
        level=Random(5e5, "uniform", 0.0, (0.5, 1.5)),
        outages=Outages(Random(60.0 * DAY, "exponential", 1.0), Random(DAY, "exponential", 1.0)),
    )
    west = replace(doc.routes["west"], uses=(PoolUse("wagons", "a-b", "c-d"),))
    return replace(
        doc,
        lines={"ferry": ferry},
        facilities={"gauge": gauge},
        routes={**doc.routes, "west": west, "direct": route("a", "a-b", "gauge")},
        flows={
            **doc.flows,
            "priced": flow(
                per_hour=5.0,
                measure="TEU",
                consignment={"TEU": 20.0},
                arrivals="poisson",
                choice=Choice("logit", options=("west", "direct"), scale=0.01, memory=30.0 * DAY),
            ),
        },
    )


def test_two_draws_of_a_replication_are_the_same_and_of_two_replications_are_not():
    one, again, other = drawn(full()), drawn(full()), drawn(full(), replication=1)
    assert same(one.arrivals[1], again.arrivals[1])
    assert same(one.gumbel[2], again.gumbel[2])
    assert one.level == again.level
    assert one.vessel(0, 3).load(17) == again.vessel(0, 3).load(17)
    assert not same(one.arrivals[1], other.arrivals[1])
    assert one.level != other.level
    assert one.vessel(0, 3).load(17) != other.vessel(0, 3).load(17)
    assert one.facility_outage(0, 0).every(2) != other.facility_outage(0, 0).every(2)


def test_vessels_servers_and_kinds_of_draw_are_apart():
    draws = drawn(full())
    values = [draws.vessel(0, number).load(5) for number in range(5)]
    values += [draws.vessel(0, 0).unload(5)]
    values += [draws.vessel_outage(0, number).every(5) for number in range(5)]
    values += [draws.facility_outage(0, number).every(5) for number in range(3)]
    values += [draws.facility_outage(0, 0).lasts(5)]
    assert len(set(values)) == len(values)


def test_a_changed_mean_leaves_the_factors():
    doc = full()
    slower = replace(
        doc,
        facilities={
            "gauge": replace(doc.facilities["gauge"], service=Random(9 * HOUR, "gamma", 0.3), servers=4)
        },
        legs={**doc.legs, "a-b": replace(doc.legs["a-b"], distance=999.0)},
    )
    one, other = drawn(doc), drawn(slower)
    assert one.factors[1][0][1] is not None
    assert all(same(a, b) for a, b in zip(one.factors[1][0], other.factors[1][0], strict=True))


def test_an_added_flow_element_and_option_leave_all_other_draws():
    doc = full()
    more = replace(
        doc,
        legs={**doc.legs, "a-c": leg("a", "c", cv=0.3), "0-first": leg("a", "b", cv=0.1)},
        facilities={**doc.facilities, "customs": facility("b", service=Random(HOUR, "gamma", 0.5))},
        routes={**doc.routes, "around": route("a", "a-c", "c-d")},
        closures={**doc.closures, "fog": closure(ports=("west-port",), share=0.1, lasts=Random(DAY))},
        flows={
            **doc.flows,
            "another": replace(doc.flows["boxes"]),
            "priced": replace(
                doc.flows["priced"],
                choice=replace(doc.flows["priced"].choice, options=("around", "west", "direct")),
            ),
        },
    )
    one, other = drawn(doc), drawn(more)
    before = {flow.id: index for index, flow in enumerate(one.model.flows)}
    after = {flow.id: index for index, flow in enumerate(other.model.flows)}
    for key, index in before.items():
        assert same(one.arrivals[index], other.arrivals[after[key]])
        assert same(one.choice_uniform[index], other.choice_uniform[after[key]])
    assert same(one.gumbel[before["priced"]], other.gumbel[after["priced"]][:, 1:])
    boxes = one.factors[before["boxes"]][0], other.factors[after["boxes"]][0]
    assert all(same(a, b) for a, b in zip(*boxes, strict=True))
    assert list(one.level.values()) == list(other.level.values())
    assert same(one.calendars[0].starts, other.calendars[0].starts)
    assert one.vessel(0, 4).sailing(9) == other.vessel(0, 4).sailing(9)
    returns = one.pool_returns[before["boxes"], 0], other.pool_returns[after["boxes"], 0]
    assert same(*returns)


def test_the_order_of_keys_leaves_everything():
    doc = full()
    turned = replace(
        doc,
        **{
            name: dict(reversed(getattr(doc, name).items()))
            for name in ("legs", "facilities", "ports", "closures", "routes", "flows", "places")
        },
    )
    one, other = drawn(doc), drawn(turned)
    for a, b in zip(one.arrivals, other.arrivals, strict=True):
        assert same(a, b)
    for a, b in zip(one.calendars, other.calendars, strict=True):
        assert same(a.starts, b.starts)
        assert same(a.ends, b.ends)


def test_routes_of_a_flow_share_the_factors_of_a_step_and_occurrences_do_not():
    doc = full()
    doc = replace(doc, routes={**doc.routes, "direct": route("a", "a-b", "gauge", "gauge")})
    draws = drawn(doc)
    options = draws.factors[2]
    assert options[0][0] is options[1][0]
    assert options[0][1] is options[1][1]
    assert not same(options[1][1], options[1][2])
    assert options[0][2] is None
    assert options[0][3] is None
    assert draws.gumbel[2].shape == (len(draws.arrivals[2]), 2)
    assert draws.choice_uniform[2].shape == (0,)


# -- arrivals -----------------------------------------------------------------------------------------------


def one_flow(*, length=4000.0, **more):
    given = {"per_hour": 1.0, "consignment": {"t": 1.0}, "choice": shares(r=1), **more}
    return document(
        length=length,
        facilities={"gate": facility("a")},
        routes={"r": route("a", "gate")},
        flows={"f": flow(**given)},
    )


def test_regular_arrivals_of_a_kilotonne_an_hour():
    times = drawn(one_flow(per_hour=1e6, consignment={"t": 1e6})).arrivals[0]
    assert times.tolist() == [hour * HOUR for hour in range(1, 4000)]


def test_a_higher_volume_is_the_same_unit_process_run_faster():
    slow = drawn(one_flow(arrivals="poisson")).arrivals[0]
    fast = drawn(one_flow(arrivals="poisson", per_hour=2.0)).arrivals[0]
    assert len(fast) == pytest.approx(2 * len(slow), rel=0.1)
    assert np.abs(fast[: len(slow)] - slow / 2).max() <= 1
    assert slow.min() >= 0
    assert slow.max() < 4000 * HOUR
    assert np.all(np.diff(slow) >= 0)
    assert len(slow) == pytest.approx(4000, abs=5 * np.sqrt(4000))


def test_a_longer_run_begins_with_the_shorter():
    short = drawn(one_flow(arrivals="poisson", length=500.0)).arrivals[0]
    long = drawn(one_flow(arrivals="poisson")).arrivals[0]
    assert np.array_equal(long[: len(short)], short)


def test_the_unit_process_does_not_depend_on_how_far_it_is_drawn():
    near = unit_process(generator(1, 0, "x"), upto=10.0)
    far = unit_process(generator(1, 0, "x"), upto=1e5)
    assert np.array_equal(far[: len(near)], near)
    assert len(unit_process(generator(1, 0, "x"), upto=0.0)) == 0


def test_poisson_arrivals_follow_the_season():
    season = (0.0,) * 6 + (1.0,) * 6
    times = drawn(one_flow(arrivals="poisson", length=8784.0, season=season)).arrivals[0]
    half = (datetime(2024, 7, 1, tzinfo=UTC) - datetime(2024, 1, 1, tzinfo=UTC)).total_seconds()
    assert times.min() > half
    assert len(times) == pytest.approx(8766, abs=5 * np.sqrt(8766))


def test_a_value_is_reached_at_the_begin_of_a_level_stretch():
    times = np.array([0, 100, 200, 300])
    curve = np.array([0.0, 1.0, 1.0, 2.0])
    level, steep = Curve.of(times, curve), Curve.of(times[:2], curve[:2])
    targets = [np.array([0.5, 1.0, 1.0 + 1e-15, 1.5]), np.zeros(0), np.array([0.25, 1.0])]
    assert first_reached(targets, [level, level, steep]).tolist() == [50, 100, 100, 250, 25, 100]


def test_a_timetable_is_taken_as_it_stands():
    timetable = Timetable(None, 0.0, False, (0.0, 0.0, HOUR, 5e9))
    times = drawn(one_flow(arrivals="timetable", timetable=timetable, volume=None)).arrivals[0]
    assert times.tolist() == [0, 0, HOUR]


# -- weather ------------------------------------------------------------------------------------------------


def weather(share, *, mean=2.0 * DAY, shape=None, years=1, stops=False):
    start, end = datetime(2001, 1, 1, tzinfo=UTC), round(years * 365.2425) * DAY
    since, month = months_between(start, begin=0, end=end)
    shares_closed = np.array(share, dtype=float)[month] if np.ndim(share) else np.full(len(since), share)
    law = np.zeros(len(since), dtype=np.int64)
    made = Closure(
        "storm",
        since,
        shares_closed,
        np.full(len(since), mean),
        law,
        (shape or Shape("exponential", 1.0),),
        stops,
    )
    return made, end


def closed_within(intervals, begin, end):
    return np.maximum(0, np.minimum(intervals.ends, end) - np.maximum(intervals.starts, begin)).sum()


def test_half_of_november_is_closed_over_a_thousand_years():
    share = [0.08] * 12
    share[10] = 0.50
    storm, end = weather(share, years=1000)
    intervals = closed_times(storm, seed=1, replication=0, until=end)
    since = np.append(storm.since, end)
    november = [(since[k], since[k + 1]) for k in range(10, len(since) - 1, 12)]
    closed = sum(closed_within(intervals, begin, stop) for begin, stop in november)
    assert closed / sum(stop - begin for begin, stop in november) == pytest.approx(0.50, abs=0.02)
    summer = [(since[k], since[k + 3]) for k in range(5, len(since) - 4, 12)]
    closed = sum(closed_within(intervals, begin, stop) for begin, stop in summer)
    assert closed / sum(stop - begin for begin, stop in summer) == pytest.approx(0.08, abs=0.01)


@pytest.mark.parametrize("shape", [FIXED, Shape("gamma", 0.5), Shape("lognormal", 1.5)])
def test_the_share_closed_is_kept_under_any_law_of_length(shape):
    storm, end = weather(0.3, shape=shape, years=200)
    intervals = closed_times(storm, seed=1, replication=0, until=end)
    assert closed_within(intervals, 0, end) / end == pytest.approx(0.3, abs=0.02)


def test_mean_weather_wait_of_open_twenty_and_closed_five_hours():
    storm, end = weather(0.2, mean=5.0 * HOUR, years=100)
    starts, ends = closed_times(storm, seed=2, replication=0, until=end)
    lengths = (ends - starts) / HOUR
    assert (lengths**2).sum() / 2 / (end / HOUR) == pytest.approx(1.0, rel=0.05)
    assert np.mean(starts[1:] - ends[:-1]) / HOUR == pytest.approx(20, rel=0.05)


def test_weather_is_in_equilibrium_when_the_run_begins():
    storm, end = weather(0.4, mean=10.0 * HOUR, shape=Shape("gamma", 0.5), years=0.1)
    opening = [closed_times(storm, seed=3, replication=k, until=end) for k in range(3000)]
    closed = np.array([len(one.starts) > 0 and one.starts[0] == 0 for one in opening])
    assert closed.mean() == pytest.approx(0.4, abs=0.04)
    left = [one.ends[0] / HOUR for one, shut in zip(opening, closed, strict=True) if shut]
    # What is left of a closure under way: mean × (1 + cv²) / 2, a little more where another follows at once.
    assert np.mean(left) == pytest.approx(10 * 1.25 / 2, rel=0.06)
    later = [closed_within(one, 20 * HOUR, 20 * HOUR + 60) / 60 for one in opening]
    assert np.mean(later) == pytest.approx(0.4, abs=0.04)


def test_a_scaled_share_keeps_lengths_and_gaps_paired():
    whole, end = weather(0.2, years=3)
    half, _ = weather(0.1, years=3)
    one = closed_times(whole, seed=5, replication=2, until=end)
    other = closed_times(half, seed=5, replication=2, until=end)
    skip = [int(each.starts[0] == 0) for each in (one, other)]
    lengths = [(each.ends - each.starts)[k:] for each, k in zip((one, other), skip, strict=True)]
    count = min(len(each) for each in lengths)
    assert count > 10
    assert np.abs(lengths[0][:count] - lengths[1][:count]).max() <= 1
    gaps = [
        (each.starts[k + 1 :] - each.ends[k:-1])[: count - 1]
        for each, k in zip((one, other), skip, strict=True)
    ]
    assert gaps[1] / gaps[0] == pytest.approx((0.9 / 0.1) / (0.8 / 0.2), rel=1e-3)


def test_no_share_no_closure():
    calm, end = weather(0.0, years=5)
    assert len(closed_times(calm, seed=1, replication=0, until=end).starts) == 0
    instant, _ = weather(0.2, mean=0.0, years=5)
    assert len(closed_times(instant, seed=1, replication=0, until=end).starts) == 0


def test_only_months_with_a_share_have_closures():
    share = [0.0] * 12
    share[10] = 0.3
    storm, end = weather(share, years=20)
    starts = closed_times(storm, seed=1, replication=0, until=end).starts
    month = storm.since.searchsorted(starts, side="right") - 1
    assert set((month % 12).tolist()) == {10}


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), max_size=6).map(sorted),
        min_size=0,
        max_size=4,
    )
)
def test_a_port_is_closed_while_any_closure_lasts(processes):
    given_intervals = [
        Intervals(
            np.array([start for start, _ in one], dtype=np.int64),
            np.array([start + length for start, length in one], dtype=np.int64),
        )
        for one in processes
    ]
    together = merged(given_intervals)
    closed = np.zeros(100, dtype=bool)
    for one in given_intervals:
        for start, end in zip(*one, strict=True):
            closed[start:end] = True
    rebuilt = np.zeros(100, dtype=bool)
    for start, end in zip(*together, strict=True):
        rebuilt[start:end] = True
    assert np.array_equal(closed, rebuilt)
    assert np.all(together.starts[1:] > together.ends[:-1])


def test_handling_stands_still_only_while_a_closure_says_so():
    doc = full()
    doc = replace(
        doc,
        closures={
            **doc.closures,
            "gale": closure(ports=("east-port",), share=0.1, lasts=Random(DAY), stops_handling=True),
        },
    )
    draws = drawn(doc)
    assert [one.subject for one in draws.model.calendars] == ["port/east-port", "port/west-port"]
    gales = closed_times(
        draws.model.closures[0], seed=7, replication=0, until=draws.model.clock.end + 90 * DAY
    )
    assert same(draws.standstills[0].starts, gales.starts)
    assert len(draws.standstills[1].starts) == 0
    closed = draws.calendars[0]
    inside = closed.starts.searchsorted(gales.starts, side="right") - 1
    assert np.all(closed.ends[inside] >= gales.ends)
    assert max(closed.ends, default=-inf) > draws.model.clock.end + 30 * DAY


def test_what_another_model_has_drawn_of_a_replication_is_taken_and_is_the_same(monkeypatch):
    legs = {"a-b": leg("a", "b", cv=0.2), "c-d": leg("c", "d", cv=0.2)}
    one = compile_model(Hand(crossing(length=500.0, legs=legs)))
    gauge = {"gauge": facility("b", servers=2)}
    other = compile_model(Hand(crossing(length=500.0, legs=legs, facilities=gauge)))

    def drawn_by(model, replication):
        found = draw(model, seed=3, replication=replication).factors
        return [each for options in found for steps in options for each in steps if each is not None]

    forget()
    alone = drawn_by(other, 1)
    forget()
    first, second = drawn_by(one, 1), drawn_by(other, 1)
    assert {id(each) for each in first} & {id(each) for each in second}
    assert all(same(*pair) for pair in zip(alone, second, strict=True))
    # Another replication is drawn anew, and no more is remembered than was said.
    assert not any(same(*pair) for pair in zip(drawn_by(one, 2), first, strict=True))
    monkeypatch.setattr(reuse, "MOST", 0)
    assert all(same(*pair) for pair in zip(drawn_by(one, 1), first, strict=True))
