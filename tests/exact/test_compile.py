"""The compiler against answers worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from small import (
    DAY,
    HOUR,
    Hand,
    closure,
    crossing,
    document,
    facility,
    flow,
    leg,
    line,
    route,
    shares,
    vessels,
)

from sim.chance.draws import draw
from sim.errors import InputError
from sim.model.compile import compile_model
from sim.model.measures import Measure, integer_amount
from sim.model.network import Direction, Kind
from sim.scenario.document import (
    Amount,
    CascadeEntry,
    Choice,
    Intervention,
    Leaves,
    PoolUse,
    Port,
    Price,
    Random,
    Route,
    Timetable,
)


def of(model, name, table="parameters"):
    return getattr(model, table).names.index(name)


def read(model, name, *hours, table="parameters"):
    chosen = getattr(model, table)
    return list(chosen.at(chosen.names.index(name), np.array([round(hour * HOUR) for hour in hours])))


def with_leg(doc, **changes):
    return replace(doc, legs={**doc.legs, "a-b": replace(doc.legs["a-b"], **changes)})


def test_steps_know_their_way_by_position():
    model = compile_model(Hand(crossing()))
    east, west = model.routes
    assert [(step.kind, step.way) for step in west.steps] == [
        (Kind.LEG, 0),
        (Kind.FACILITY, 0),
        (Kind.LINE, 0),
        (Kind.LEG, 0),
    ]
    assert [step.way for step in east.steps] == [1, 1, 0, 1]
    assert [step.places for step in east.steps] == [(3, 2), (2, 1), (1, 1), (1, 0)]
    assert east.direction is Direction.EAST
    assert west.direction is Direction.WEST


def test_elements_stand_in_order_of_id_whatever_the_order_of_keys():
    forward = crossing()
    backward = replace(
        forward,
        legs=dict(reversed(forward.legs.items())),
        routes=dict(reversed(forward.routes.items())),
        flows=dict(reversed(forward.flows.items())),
        lines={
            "ferry": replace(
                forward.lines["ferry"], vessels=dict(reversed(forward.lines["ferry"].vessels.items()))
            )
        },
    )
    one, other = compile_model(Hand(forward)), compile_model(Hand(backward))
    assert one.parameters.names == other.parameters.names
    assert one.prices.names == other.prices.names
    assert one.routes == other.routes
    assert one.legs == other.legs
    assert one.lines == other.lines
    assert np.array_equal(one.parameters.base, other.parameters.base)


def test_vessels_are_named_and_numbered_over_their_classes():
    ferry = compile_model(Hand(crossing())).lines[0]
    assert ferry.vessels == (
        "ferry/coaster-1",
        "ferry/coaster-2",
        "ferry/coaster-3",
        "ferry/large-1",
        "ferry/large-2",
    )
    assert ferry.vessel_class == (0, 0, 0, 1, 1)


def test_more_vessels_later_are_counted_from_the_start():
    def change(doc, fractions):
        ferry = doc.lines["ferry"]
        large = replace(ferry.vessels["large"], count=2 + 3 * fractions[0])
        return replace(doc, lines={"ferry": replace(ferry, vessels={**ferry.vessels, "large": large})})

    model = compile_model(Hand(crossing(), (Intervention("ships", 10 * HOUR, None, 0),), change))
    assert model.lines[0].classes[1].most == 5
    assert len(model.lines[0].vessels) == 8
    assert read(model, "lines.ferry.vessels.large.count", 9, 10) == [2, 5]


def test_an_unnamed_class_gives_plain_numbers():
    doc = crossing(
        lines={"ferry": line(("east-port", "box"), ("west-port", "box"), classes={"": vessels(2, 10.0)})}
    )
    model = compile_model(Hand(doc))
    assert model.lines[0].vessels == ("ferry/1", "ferry/2")
    assert "lines.ferry.vessels.count" in model.parameters.names


def test_an_element_may_stand_twice_in_a_route():
    doc = document(
        legs={"a-b": leg("a", "b")},
        facilities={"gate": facility("b")},
        routes={"r": route("a", "a-b", "gate", "gate", "a-b", uses=(PoolUse("p", "gate", "a-b"),))},
        pools=crossing().pools | {"p": crossing().pools["wagons"]},
    )
    chosen = compile_model(Hand(doc)).routes[0]
    assert [step.occurrence for step in chosen.steps] == [0, 0, 1, 1]
    assert [step.way for step in chosen.steps] == [0, 0, 0, 1]
    assert chosen.uses[0].first == 1
    assert chosen.uses[0].last == 3


def test_steps_that_do_not_join_are_a_finding():
    doc = document(legs={"a-b": leg("a", "b"), "c-d": leg("c", "d")}, routes={"r": route("a", "a-b", "c-d")})
    with pytest.raises(InputError) as caught:
        compile_model(Hand(doc))
    assert caught.value.findings[0].code == "steps-do-not-join"
    assert caught.value.findings[0].path == "routes.r.steps.1"


def test_a_step_change_lasts_and_goes_back():
    def change(doc, fractions):
        return with_leg(doc, open=fractions[0] == 0)

    model = compile_model(Hand(crossing(), (Intervention("shut", 5 * HOUR, 9 * HOUR, 0),), change))
    table = model.parameters
    assert read(model, "legs.a-b.open", 0, 4.99, 5, 8.99, 9) == [1, 1, 0, 0, 1]
    assert table.time.tolist() == [5 * HOUR, 9 * HOUR]
    assert table.slope.tolist() == [0, 0]


def test_a_ramp_is_straight_and_ends_at_once_with_its_intervention():
    def change(doc, fractions):
        return with_leg(doc, distance=100 + 80 * fractions[0])

    entry = Intervention("detour", 10 * HOUR, 50 * HOUR, 20 * HOUR)
    model = compile_model(Hand(crossing(), (entry,), change))
    assert read(model, "legs.a-b.distance", 10, 20, 30, 40, 50) == pytest.approx([100, 140, 180, 180, 100])
    since, values, slopes = model.parameters.path(of(model, "legs.a-b.distance"))
    assert since.tolist() == [10 * HOUR, 30 * HOUR, 50 * HOUR]
    assert values.tolist() == [100, 180, 100]
    assert slopes == pytest.approx([80 / (20 * HOUR), 0, 0])
    assert not model.parameters.varies(of(model, "legs.c-d.distance"))


def test_a_ramp_under_another_step_is_one_straight_line():
    def change(doc, fractions):
        return replace(with_leg(doc, distance=100 + 80 * fractions[0], speed=0.01 if fractions[1] else 0.02))

    entries = (Intervention("detour", 10 * HOUR, None, 20 * HOUR), Intervention("slow", 15 * HOUR, None, 0))
    model = compile_model(Hand(crossing(), entries, change))
    assert len(model.parameters.path(of(model, "legs.a-b.distance"))[0]) == 2
    assert read(model, "legs.a-b.speed", 14.9, 15) == [0.02, 0.01]


def test_an_intervention_before_the_run_is_in_force_at_its_begin():
    def change(doc, fractions):
        return with_leg(doc, distance=100 + 80 * fractions[0])

    entry = Intervention("detour", -30 * HOUR, None, 40 * HOUR)
    model = compile_model(Hand(crossing(warmup=10.0), (entry,), change))
    assert model.clock.begin == -10 * HOUR
    assert model.parameters.base[of(model, "legs.a-b.distance")] == pytest.approx(140)
    assert read(model, "legs.a-b.distance", -10, 0, 10, 90) == pytest.approx([140, 160, 180, 180])


def test_a_switch_in_a_ramp_is_thrown_when_the_ramp_begins():
    def change(doc, fractions):
        return with_leg(doc, open=fractions[0] == 0, distance=100 + fractions[0])

    model = compile_model(Hand(crossing(), (Intervention("x", 10 * HOUR, None, 20 * HOUR),), change))
    assert read(model, "legs.a-b.open", 9.9, 10, 20, 40) == [1, 0, 0, 0]


def test_a_step_inside_a_ramp_is_found_to_the_hour():
    def change(doc, fractions):
        rate = 81.5 if 3 - 3 * fractions[0] >= 2 else 40.75 if 3 - 3 * fractions[0] >= 1 else 0.0
        return replace(doc, facilities={"gauge": replace(doc.facilities["gauge"], rate=rate, service=None)})

    doc = change(crossing(length=4000.0), (0.0,))
    model = compile_model(Hand(doc, (Intervention("moorings", 0, None, 90 * DAY),), change))
    at = read(
        model, "facilities.gauge.rate", 0, 29 * 24, 30 * 24 + 1, 59 * 24, 60 * 24 + 1, 89.9 * 24, 90 * 24
    )
    assert at == pytest.approx([81.5, 81.5, 40.75, 40.75, 0, 0, 0])
    assert model.facilities[0].rate


def test_a_product_of_two_ramps_stays_within_a_thousandth():
    def change(doc, fractions):
        return with_leg(doc, distance=100 * (1 + fractions[0]) * (1 + fractions[1]))

    entries = tuple(Intervention(name, 0, None, 80 * HOUR) for name in "xy")
    model = compile_model(Hand(crossing(), entries, change))
    hours = np.linspace(0, 80, 33)
    assert read(model, "legs.a-b.distance", *hours) == pytest.approx(100 * (1 + hours / 80) ** 2, rel=1e-3)


def test_a_limit_that_comes_later_is_no_limit_before():
    def change(doc, fractions):
        buffer = Amount(40.0, "trains") if fractions[0] else None
        return replace(doc, facilities={"gauge": replace(doc.facilities["gauge"], buffer=buffer)})

    model = compile_model(Hand(crossing(), (Intervention("x", 10 * HOUR, None, 0),), change))
    assert read(model, "facilities.gauge.buffer", 10) == [40]
    assert read(model, "facilities.gauge.buffer", 9)[0] > 1e12
    assert model.facilities[0].buffer_measure is Measure.TRAINS
    assert compile_model(Hand(crossing())).facilities[0].buffer == -1


def test_regular_demand_of_a_consignment_an_hour():
    doc = document(
        length=4000.0,
        facilities={"gate": facility("a")},
        routes={"r": route("a", "gate")},
        flows={"f": flow(per_hour=1e6, consignment={"t": 1e6}, choice=shares(r=1.0))},
    )
    one = compile_model(Hand(doc)).flows[0]
    assert one.demand_time.tolist() == [0, 4000 * HOUR]
    assert one.demand[-1] == pytest.approx(4000)
    assert one.amounts == (1_000_000, 0, 0, 0, 0)
    assert one.unit_measure is Measure.KG


def demand_of(doc):
    return compile_model(Hand(doc)).flows[0]


def yearly(length_days, **more):
    return document(
        length=length_days * 24.0,
        facilities={"gate": facility("a")},
        routes={"r": route("a", "gate")},
        flows={
            "f": flow(
                per_hour=100 / 8766, measure="TEU", consignment={"TEU": 1.0}, choice=shares(r=1), **more
            )
        },
    )


def test_a_season_keeps_the_years_total():
    season = (0.46, 0.46, 0.46, 1.15, 1.15, 1.15, 1.15, 1.21, 1.21, 1.21, 1.21, 1.21)
    four_years = demand_of(yearly(1461, season=season))
    assert four_years.demand[-1] == pytest.approx(400, rel=1e-3)
    flat = demand_of(yearly(366))
    assert flat.demand[-1] == pytest.approx(100 * 8784 / 8766)
    january = np.interp(31 * DAY, four_years.demand_time, four_years.demand)
    mean = np.dot(season, [31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / 365.25
    assert january == pytest.approx(100 / 365.25 * 31 * 0.46 / mean)


def test_growth_is_straight_between_the_middles_of_years():
    one = demand_of(yearly(731, volume={2024: 100 / (8766 * HOUR), 2025: 200 / (8766 * HOUR)}))
    middle = int((datetime(2024, 7, 2, 12, tzinfo=UTC) - datetime(2024, 1, 1, tzinfo=UTC)).total_seconds())
    rate = 100 / (8766 * HOUR)
    assert np.interp(middle, one.demand_time, one.demand) == pytest.approx(rate * middle, rel=1e-4)
    later = middle + 365 * DAY
    grown = np.interp(later, one.demand_time, one.demand) - np.interp(middle, one.demand_time, one.demand)
    assert grown == pytest.approx(1.5 * rate * 365 * DAY, rel=1e-4)
    assert one.demand[-1] - np.interp(later, one.demand_time, one.demand) == pytest.approx(
        2 * rate * (731 * DAY - later), rel=1e-4
    )


def test_a_timeline_doubles_demand_from_its_instant():
    def change(doc, fractions):
        one = doc.flows["f"]
        return replace(doc, flows={"f": replace(one, volume={0: one.volume[0] * (1 + fractions[0])})})

    rate = 100 / (8766 * HOUR)
    doubled = compile_model(Hand(yearly(20), (Intervention("x", 10 * DAY, None, 0),), change)).flows[0]
    assert doubled.demand_time.tolist() == [0, 10 * DAY, 20 * DAY]
    assert doubled.demand == pytest.approx([0, rate * 10 * DAY, rate * 30 * DAY])
    ramped = compile_model(Hand(yearly(20), (Intervention("x", 10 * DAY, None, 10 * DAY),), change)).flows[0]
    assert ramped.demand[-1] == pytest.approx(rate * (10 + 15) * DAY)


def slots_of(timetable, **clock):
    doc = replace(crossing(**clock), lines={})
    ferry = replace(crossing().lines["ferry"], leaves=(Leaves(timetable=timetable), Leaves()))
    rules = compile_model(Hand(replace(doc, lines={"ferry": ferry}))).lines[0].rules
    assert rules[1].slots is None
    return [time / HOUR for time in rules[0].slots]


def test_a_timetable_from_a_duration_after_the_start():
    every = Timetable(24 * HOUR, 6 * HOUR, False)
    assert slots_of(every, length=60.0) == [6, 30, 54]
    assert slots_of(every, length=30.0, warmup=48.0) == [-42, -18, 6]
    assert slots_of(Timetable(10 * HOUR, 100 * HOUR, False), length=60.0) == []


def test_a_timetable_by_the_clock():
    daily = Timetable(24 * HOUR, 6 * HOUR, True)
    noon = datetime(2024, 3, 5, 12, tzinfo=UTC)
    assert slots_of(daily, length=60.0, start=noon) == [18, 42]
    assert slots_of(daily, length=60.0, start=noon, warmup=24.0) == [-6, 18, 42]
    assert slots_of(daily, length=31.0) == [6, 30]


def test_listed_times_are_sorted_and_cut_to_the_run():
    assert slots_of(Timetable(None, 0.0, False, (5 * HOUR, 2 * HOUR, 99 * HOUR, 2 * HOUR)), length=10.0) == [
        2,
        2,
        5,
    ]


def test_prices_take_the_first_measure_and_what_the_consignment_has_become():
    doc = crossing()
    per_km = (Price("TEU", 0.12, per_km=True), Price("t", 1e-5, per_km=True))
    doc = replace(
        doc,
        legs={"a-b": replace(doc.legs["a-b"], tariff=per_km), "c-d": replace(doc.legs["c-d"], tariff=per_km)},
        facilities={
            "gauge": replace(
                doc.facilities["gauge"], changes={"TEU": 0.0}, charge=(Price("consignment", 297.0),)
            )
        },
        lines={"ferry": replace(doc.lines["ferry"], charge=(Price("wagons", 600.0),))},
    )
    model = compile_model(Hand(doc))
    boxes = model.flows[1]
    assert [model.prices.base[param] for param in boxes.options[0].prices] == pytest.approx(
        [0.12 * 50 * 100, 297, 600 * 25, 1e-5 * 700_000 * 100]
    )
    assert model.prices.names[boxes.options[0].prices[2]] == "flows.boxes.west.2.ferry"


def test_a_price_follows_the_timeline():
    def change(doc, fractions):
        return with_leg(doc, tariff=(Price("TEU", 1.0 + fractions[0]),))

    model = compile_model(Hand(crossing(), (Intervention("x", 10 * HOUR, None, 20 * HOUR),), change))
    assert read(model, "flows.boxes.west.0.a-b", 0, 20, 40, table="prices") == pytest.approx([0, 75, 100])


def test_money_of_time_is_per_teu_or_per_tonne():
    doc = crossing()
    boxes = replace(
        doc.flows["boxes"], value=2.0, value_measure="t", value_of_time=0.001, value_of_time_measure="wagons"
    )
    bulk = flow(
        per_hour=1.0, consignment={"t": 500_000.0}, choice=shares(west=1.0), value=0.6, value_of_time=1e-6
    )
    model = compile_model(Hand(replace(doc, flows={"boxes": boxes, "bulk": bulk})))
    one, other = model.flows
    assert one.unit_measure is Measure.TEU
    assert one.value == pytest.approx(2.0 * 700_000 / 50)
    assert model.prices.base[one.value_of_time] == pytest.approx(0.0005)
    assert other.value == pytest.approx(600)
    assert model.prices.base[other.value_of_time] == pytest.approx(1e-3)


def test_shares_stand_by_id_and_name_what_comes_later():
    def change(doc, fractions):
        weights = {"east": 0.25, "west": 0.75} if fractions[0] else {"west": 1.0}
        return replace(doc, flows={"f": replace(doc.flows["f"], choice=Choice("shares", weights))})

    doc = replace(crossing(), flows={"f": replace(crossing().flows["boxes"], choice=shares(west=1.0))})
    model = compile_model(Hand(doc, (Intervention("x", 10 * HOUR, None, 0),), change))
    assert [model.routes[option.route].id for option in model.flows[0].options] == ["east", "west"]
    assert read(model, "flows.f.choice.shares.east", 0, 10) == [0, 0.25]
    assert read(model, "flows.f.choice.shares.west", 0, 10) == [1, 0.75]


def test_a_cascade_keeps_its_order_and_counts_contracts_by_the_year():
    year = 8766 * HOUR
    cascade = (
        CascadeEntry("west"),
        CascadeEntry("east", Amount(1.5e9 / year, "t"), Amount(4e9 / year, "t"), 30 * DAY),
    )
    doc = crossing()
    doc = replace(
        doc,
        flows={
            "f": replace(
                doc.flows["boxes"],
                choice=Choice("cascade", cascade=cascade),
                cut_after=DAY,
                cut_ramp=35.0 * DAY,
            )
        },
    )
    one = compile_model(Hand(doc)).flows[0]
    assert [option.route for option in one.options] == [1, 0]
    assert one.options[0].cap is None
    assert (one.options[1].cap.at_most, one.options[1].cap.then) == (1_500_000_000, 4_000_000_000)
    assert one.options[1].cap.lag == 30 * DAY
    assert (one.cut.after, one.cut.ramp) == (DAY, 35 * DAY)


def test_logit_with_an_outside_option():
    doc = crossing()
    outside = Route("", None, None, None, (), (), 16.0 * DAY, 3.5, "t")
    choice = Choice("logit", options=("north", "west"), scale=0.004, memory=30.0 * DAY)
    doc = replace(
        doc, routes={**doc.routes, "north": outside}, flows={"f": replace(doc.flows["boxes"], choice=choice)}
    )
    model = compile_model(Hand(doc))
    assert [model.routes[option.route].id for option in model.flows[0].options] == ["north", "west"]
    assert model.routes[1].is_outside
    assert not model.routes[2].is_outside
    assert read(model, "routes.north.outside.time", 0) == [16 * DAY]
    assert read(model, "routes.north.outside.cost", 0) == [3500]
    assert model.flows[0].options[0].prices == ()


def test_calendars_are_shared_by_the_berth_groups_of_a_port():
    doc = crossing(
        ports={
            "east-port": Port("b", {"box": 1, "oil": 2}, {}),
            "west-port": Port("c", {"box": 2}, {}),
            "inland": Port("a", {"box": 1}, {}),
        },
        facilities={"gauge": facility("b"), "moorings": facility("a")},
    )
    sea = closure(facilities=("moorings",), share=0.05, lasts=Random(DAY))
    model = compile_model(Hand(replace(doc, closures={**doc.closures, "sea": sea})))
    assert [one.subject for one in model.calendars] == [
        "facility/moorings",
        "port/east-port",
        "port/west-port",
    ]
    assert [one.closures for one in model.calendars] == [(0,), (1, 2), (1,)]
    assert [(one.id, one.calendar) for one in model.groups] == [
        ("east-port/box", 1),
        ("east-port/oil", 1),
        ("inland/box", -1),
        ("west-port/box", 2),
    ]
    assert [one.calendar for one in model.facilities] == [-1, 0]


def test_closures_by_month_and_by_change():
    months = [0.05] * 10 + [0.5, 0.3]
    laws = [Random(DAY)] * 10 + [Random(2.0 * DAY, "exponential", 1.0)] * 2
    doc = crossing(length=24.0 * 20, start=datetime(2024, 10, 20, tzinfo=UTC))
    doc = replace(doc, closures={"storm": closure(ports=("east-port",), share=months, lasts=laws)})
    storm = compile_model(Hand(doc)).closures[0]
    assert storm.since[:2].tolist() == [0, 12 * DAY]
    assert storm.share[:3].tolist() == [0.05, 0.5, 0.3]
    assert storm.mean[:2].tolist() == [DAY, 2 * DAY]
    assert [storm.shapes[law].family for law in storm.law[:2]] == ["fixed", "exponential"]
    assert storm.since[-1] < 110 * DAY

    def change(doc, fractions):
        scaled = tuple(share * (1 - 0.5 * fractions[0]) for share in doc.closures["storm"].share_closed)
        return replace(doc, closures={"storm": replace(doc.closures["storm"], share_closed=scaled)})

    calmer = compile_model(Hand(doc, (Intervention("x", 5 * DAY, None, 0),), change)).closures[0]
    assert calmer.since[:3].tolist() == [0, 5 * DAY, 12 * DAY]
    assert calmer.share[:3] == pytest.approx([0.05, 0.025, 0.25])
    ramped = compile_model(Hand(doc, (Intervention("x", 5 * DAY, None, 4 * DAY),), change)).closures[0]
    assert ramped.since[:6].tolist() == [0, 5 * DAY, 6 * DAY, 7 * DAY, 8 * DAY, 9 * DAY]
    assert ramped.share[1:6] == pytest.approx([0.05 * (1 - f / 8) for f in (0.5, 1.5, 2.5, 3.5, 4.0)])


def test_a_share_that_the_timeline_scales_beyond_one_stays_below_it():
    def change(doc, fractions):
        scaled = tuple(share * (1 + 9 * fractions[0]) for share in doc.closures["storm"].share_closed)
        return replace(doc, closures={"storm": replace(doc.closures["storm"], share_closed=scaled)})

    doc = replace(crossing(), closures={"storm": crossing().closures["storm"]})
    storm = compile_model(Hand(doc, (Intervention("x", DAY, None, 0),), change)).closures[0]
    assert storm.share[0] == 0.2
    assert 0.999 < storm.share[1] < 1


def test_a_flow_without_volume_has_no_arrivals():
    for arrivals in ("poisson", "regular"):
        none = demand_of(yearly(20, volume={0: 0.0}, arrivals=arrivals))
        assert none.demand.tolist() == [0, 0]
        assert (
            draw(compile_model(Hand(yearly(20, volume={0: 0.0}))), seed=1, replication=0).arrivals[0].size
            == 0
        )


def test_amounts_are_rounded_down_and_forgive_binary():
    assert integer_amount(0.3, Measure.TEU) == 300
    assert integer_amount(1400e3, Measure.KG) == 1_400_000
    assert integer_amount(0.6666, Measure.TRAINS) == 666
    assert integer_amount(2.0, Measure.CONSIGNMENT) == 2


def test_a_volume_in_a_measure_that_the_consignment_lacks_is_a_finding():
    doc = crossing(
        flows={"f": flow(per_hour=1.0, measure="TEU", consignment={"t": 1.0}, choice=shares(west=1))}
    )
    with pytest.raises(InputError, match="zero-measure"):
        compile_model(Hand(doc))
