"""Levers and the timeline: every moment of a scenario, and every parameter that may change."""

from __future__ import annotations

import pytest
from corridor_words import FULL, write
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import UsageError
from sim.scenario import load
from sim.scenario.document import Amount, Random
from sim.study.events import Event, events_of

DAY = 86_400.0
YEAR = 8766 * 3600.0


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return load(write(tmp_path_factory.mktemp("small")))


def test_a_lever_reaches_all_that_follow_it(small):
    made = small.override(["levers.draught=0.9", "levers.spread=0.5"], name="low")
    assert made.document.lines["ship"].vessels["big"].payload_share == pytest.approx(0.72)
    assert made.document.lines["ship"].vessels["old"].payload_share == 1
    assert made.document.lines["ship"].unload.time.cv == 0.5


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_every_moment_of_the_timeline(small, moorings, opening, dredging):
    made = small.document_at([moorings, opening, dredging])
    value = 3 - 2 * moorings if moorings < 1 else 1
    rate = {0: 0.0, 1: 36e9, 3: 72e9}[3 if value >= 3 else 1 if value >= 1 else 0] / YEAR
    assert made.facilities["cpc"].rate == pytest.approx(rate)
    assert made.legs["pipe"].open == (opening > 0)
    shares = made.flows["back"].choice.shares
    assert shares.get("east") == pytest.approx(1 + 2 * opening)
    assert shares.get("west", 0.0) == pytest.approx(1 - opening, abs=1e-12)
    share = made.lines["ship"].vessels["big"].payload_share
    assert share == pytest.approx(0.8 * (1 + 0.2 * dredging))
    untouched = ("places", "pools", "routes", "closures", "ports")
    assert all(getattr(made, name) == getattr(small.document, name) for name in untouched)


def test_interventions_on_one_parameter_apply_in_file_order(tmp_path):
    text = (
        FULL.split("timeline:")[0]
        + """timeline:
  - {title: set, at: 1 d, set: {legs.rail.speed: 400 km/d}}
  - {title: scale, at: 2 d, scale: {legs.rail.speed: 2}}
  - {title: add, at: 3 d, add: {legs.rail.speed: 100 km/d}}
"""
    )
    made = load(write(tmp_path, text))

    def speed(*fractions):
        return made.document_at(fractions).legs["rail"].speed * DAY

    assert speed(1, 1, 1) == pytest.approx(900)
    assert speed(0.5, 0, 0) == pytest.approx(600)
    assert speed(0, 0.5, 0) == pytest.approx(1200)
    assert speed(0, 0, 0.5) == pytest.approx(850)
    assert speed(0.5, 0.5, 1) == pytest.approx(1000)
    assert made.document_at((0, 0, 0)) is made.document
    with pytest.raises(UsageError):
        made.document_at([1, 1])


@pytest.mark.parametrize(
    ("change", "read", "value"),
    [
        ("legs.rail.distance: 10 km", lambda d: d.legs["rail"].distance, 10),
        ("legs.rail.train_paths: null", lambda d: d.legs["rail"].train_paths, None),
        ("legs.rail.tariff: 0.1 USD/FEU/km", lambda d: d.legs["rail"].tariff[0].usd, 0.05),
        ("facilities.gauge.servers: 1", lambda d: d.facilities["gauge"].servers, 1),
        (
            "facilities.gauge.service: 1 h",
            lambda d: d.facilities["gauge"].service,
            Random(3600.0, "gamma", 0.3),
        ),
        ("facilities.gauge.service: 1 h ± 30 %", lambda d: d.facilities["gauge"].service.mean, 3600),
        ("facilities.gauge.buffer: 3 trains", lambda d: d.facilities["gauge"].buffer, Amount(3, "trains")),
        ("facilities.customs.buffer: 300 TEU", lambda d: d.facilities["customs"].buffer, Amount(300, "TEU")),
        ("facilities.gauge.charge: 1 USD/FEU", lambda d: d.facilities["gauge"].charge[0].usd, 0.5),
        ("facilities.gauge.outages.every: 1 d", lambda d: d.facilities["gauge"].outages.every.mean, DAY),
        ("ports.near.berths.box: 0", lambda d: d.ports["near"].berths["box"], 0),
        ("ports.near.yard.box: 9 kTEU", lambda d: d.ports["near"].yard["box"].value, 9000),
        ("ports.far.yard.box: 9 kTEU", lambda d: d.ports["far"].yard.get("box"), Amount(9000, "TEU")),
        ("closures.storm.share_closed: 0.5", lambda d: d.closures["storm"].share_closed, (0.5,) * 12),
        ("closures.storm.share_closed.nov: 0.5", lambda d: d.closures["storm"].share_closed[10], 0.5),
        ("closures.storm.lasts: 3 d", lambda d: d.closures["storm"].lasts[3].mean, 3 * DAY),
        ("lines.ship.vessels.big.count: 1", lambda d: d.lines["ship"].vessels["big"].count, 1),
        ("lines.ship.vessels.old: {count: 1}", lambda d: d.lines["ship"].vessels["old"].count, 1),
        ("lines.ship.leaves.from.full: 0.5", lambda d: d.lines["ship"].leaves[0].full, 0.5),
        ("lines.ship.leaves.after: 1 d", lambda d: d.lines["ship"].leaves[0].after, DAY),
        ("lines.ship.sailing: 30 h", lambda d: d.lines["ship"].sailing.mean, 108_000),
        ("lines.ship.load: 4.6 min", lambda d: d.lines["ship"].load.time.mean, 276),
        ("lines.ship.look_ahead: 6 h", lambda d: d.lines["ship"].look_ahead, 21_600),
        ("pools.flats.size: 100 wagons", lambda d: d.pools["flats"].size.value, 100),
        ("pools.flats.returns: 1 d", lambda d: d.pools["flats"].returns.mean, DAY),
        ("flows.back.volume: 1 TEU/h", lambda d: d.flows["back"].volume[2030], 1 / 3600),
        ("flows.back.volume.2030: 1 TEU/h", lambda d: d.flows["back"].volume[2030], 1 / 3600),
        ("flows.back.season: {jan: 0, else: 1}", lambda d: d.flows["back"].season[0], 0),
        (
            "flows.boxes.value_of_time: 2.7 %/d",
            lambda d: d.flows["boxes"].value_of_time,
            0.027 * 40_000 / DAY,
        ),
        ("flows.back.choice.shares.west: 5", lambda d: d.flows["back"].choice.shares["west"], 5),
        ("routes.around.outside.cost: 4000 USD/FEU", lambda d: d.routes["around"].outside_cost, 2000),
        ("routes.around.outside.time: 1 d", lambda d: d.routes["around"].outside_time, DAY),
        ("levers.spread: 0.5", lambda d: d.lines["ship"].unload.time.cv, 0.5),
    ],
)
def test_what_may_change_in_mid_run(change, read, value, tmp_path):
    text = FULL.split("timeline:")[0] + f"timeline:\n  - {{title: it, at: 1 d, set: {{{change}}}}}\n"
    made = load(write(tmp_path, text))
    now = read(made.document_at([1.0]))
    if isinstance(value, float | int):
        assert now == pytest.approx(value, rel=1e-12)
    else:
        assert now == value
    assert read(made.document) != value


def test_an_entry_that_stays_is_undone_when_what_it_touched_is_as_it_was(tmp_path):
    text = (
        FULL.split("timeline:")[0]
        + """timeline:
  - {title: slow, at: 1 d, set: {legs.rail.speed: 400 km/d}}
  - {title: half way back, at: 2 d, add: {legs.rail.speed: 100 km/d}}
  - {title: dredged, at: 2 d, scale: {levers.draught: 0.9}}
  - {title: silted, at: 3 d, ramp: 2 d, scale: {levers.draught: 0.5}}
  - {title: cleared, at: 6 d, until: 9 d, set: {levers.draught: 0.9}}
  - {title: as before, at: 7 d, set: {legs.rail.speed: 800 km/d}}
  - {title: no change, at: 8 d, set: {pools.flats.size: 2500 wagons}}
"""
    )
    made = load(write(tmp_path, text))
    events = events_of(made)
    assert [event.undone for event in events[:3]] == [7 * 24.0, None, None]
    # From 6 to 9 d the draught is what it was; then it is again half of it, which undoes nothing.
    assert [(event.end, event.over) for event in events[3:5]] == [(None, 6 * 24.0), (9 * 24.0, 9 * 24.0)]
    assert [event.over for event in events[5:]] == [None, None]
    assert Event("slow", 24.0) == events[0] == Event("slow", 24.0, undone=1.0)
