"""One scenario file: every form of every quantity, the order of keys, and what leaves the hash."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest
from corridor_words import FULL, shuffled, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import check, load
from sim.scenario.document import Amount, Leaves, Price, Random
from sim.scenario.yaml_nodes import compose

DAY = 86_400.0
YEAR = 8766 * 3600.0


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return load(write(tmp_path_factory.mktemp("small")))


def test_every_number_is_in_base_units(small):
    document = small.document
    rail, gauge, ship = document.legs["rail"], document.facilities["gauge"], document.lines["ship"]
    assert rail.distance == 504
    assert rail.speed == pytest.approx(800 / DAY, rel=1e-15)
    assert rail.train_paths == pytest.approx(12 / DAY, rel=1e-15)
    assert rail.tariff == (Price("TEU", 0.12, per_km=True),)
    assert document.legs["pipe"].speed == pytest.approx(1100 * 0.5 / DAY, rel=1e-15)
    assert gauge.service == Random(3300.0, "gamma", 0.3)
    assert (gauge.per, gauge.buffer, gauge.hours) == ("trains", Amount(40, "trains"), ((75_600, 7_200),))
    assert gauge.outages is not None
    assert gauge.outages.every == Random(60 * DAY, "exponential", 1.0)
    assert document.facilities["customs"].service == Random(43_200.0, "gamma", 0.6)
    assert document.facilities["cpc"].rate == pytest.approx(72e9 / YEAR)
    level = document.facilities["cpc"].level
    assert level is not None
    assert level.mean == 450e6
    assert level.points == pytest.approx((200 / 450, 700 / 450))
    assert ship.sailing.mean == pytest.approx(73 / 3 * 3600)
    assert ship.leaves == (Leaves(0.9, 48 * 3600.0), replace(ship.leaves[1], full=1.0, after=None))
    assert ship.leaves[1].timetable is not None
    assert (ship.leaves[1].timetable.first, ship.leaves[1].timetable.clock_time) == (21_600, True)
    assert ship.load.time == Random(138.0, "erlang", 0.5)
    assert ship.charge == (Price("TEU", 200.0), Price("t", 0.003))
    assert [each.count for each in ship.vessels.values()] == [4, 2]


def test_demand_is_in_base_units(small):
    flows = small.document.flows
    assert flows["boxes"].volume == {0: pytest.approx(27_000 / YEAR)}
    assert flows["boxes"].consignment == {"t": 1.4e6, "TEU": 100, "wagons": 50, "trucks": 0, "trains": 1}
    assert flows["boxes"].value_of_time == pytest.approx(0.0135 * 40_000 / DAY)
    assert flows["boxes"].choice.memory == 30 * DAY
    assert flows["back"].volume == {2024: pytest.approx(1e4 / YEAR), 2030: pytest.approx(2e4 / YEAR)}
    assert flows["back"].season == (2.0, *(1.0,) * 11)
    entry = flows["crude"].choice.cascade[0]
    assert entry.at_most is not None
    assert entry.at_most.value == pytest.approx(1.5e9 / YEAR)
    assert entry.renegotiated_after == 30 * DAY
    assert (flows["crude"].cut_after, flows["crude"].cut_ramp) == (DAY, 35 * DAY)


def test_a_reverse_turns_steps_direction_and_uses(small):
    east = small.document.routes["east"]
    assert east.steps == ("ship", "rail", "customs", "gauge")
    assert (east.origin, east.direction, east.promise) == ("shore", "east", 16 * DAY)
    assert [(use.pool, use.first, use.last) for use in east.uses] == [("flats", "ship", "rail")]


def test_defaults_by_mode_reach_legs_and_lines_that_say_nothing(small):
    assert small.document.legs["rail"].emissions == pytest.approx(0.02)
    assert small.document.legs["rail"].cv == 0.1
    assert small.document.legs["pipe"].emissions == 0
    assert small.document.lines["ship"].emissions == pytest.approx(0.04)


def test_provenance_says_where_each_number_comes_from(small):
    notes = small.provenance
    assert notes["legs.rail.distance"].source == "seeds/land/rail-km-baku-boyukkesik"
    assert notes["legs.rail.distance"].kind == "figure"
    assert notes["legs.rail.speed"].kind == "literal"
    service = notes["facilities.customs.service"]
    assert (service.kind, service.value, service.unit, service.low, service.high) == (
        "assumption",
        12,
        "h",
        6,
        24,
    )
    assert service.because == "no dwell is published"
    assert notes["lines.ship.vessels.big.payload_share"].levers == ("draught",)
    assert notes["lines.ship.unload.cv"].kind == "lever"
    assert notes["lines.ship.look_ahead"].kind == "default"
    where = notes["facilities.gauge.buffer"].where
    assert where is not None
    assert FULL.splitlines()[where.line - 1][where.column - 1 :].startswith("40 trains")


def test_the_first_time_of_a_timetable_is_a_default_only_where_nobody_wrote_it(small, tmp_path):
    assert small.document.lines["ship"].leaves[1].timetable.clock_time
    text = FULL.replace('timetable: {every: 24 h, first: "06:00"}', "timetable: {every: 24 h, first: 30 h}")
    path = "lines.ship.leaves.to.timetable.first"
    note = load(write(tmp_path, text)).provenance[path]
    assert (note.kind, note.value, note.unit, note.where is None) == ("literal", 30, "h", False)
    note = load(write(tmp_path, text.replace(", first: 30 h", ""))).provenance[path]
    assert (note.kind, note.value, note.where) == ("default", 0, None)


BROUGHT = """
  - title: all forms
    at: 2024-06-01
    set:
      flows.crude.volume: seeds/sea/kuryk-throughput-2023
      closures.storm.share_closed: {jan: 0.3, else: {assume: 0.1, range: [0.05, 0.2], because: a guess}}
      closures.storm.lasts: {jan: "~exp 3 d", else: "2 d"}
      facilities.customs.service: {mean: {assume: 9 h, range: [6 h, 12 h], because: a guess}, cv: 0.6}
      lines.ship.leaves: {from: {full: 0.5}}
    scale: {legs.rail.speed: {assume: 1.1, range: [1, 1.2], because: a guess}}
    add: {lines.ship.vessels.old.count: 1}
"""


def test_what_the_timeline_brings_has_a_source_too(tmp_path):
    text = FULL.replace("\ntargets:", f"{BROUGHT}targets:")
    notes = load(write(tmp_path, text)).provenance
    assert notes["timeline.0.set.facilities.cpc.moorings"].value == 1
    assert notes["timeline.1.set.flows.back.choice.shares.east"].value == 3
    assert notes["timeline.2.scale.levers.draught"].value == 1.2
    brought = {path: note for path, note in notes.items() if path.startswith("timeline.3.")}
    told = {path.partition(".3.")[2]: (note.value, note.unit, note.kind) for path, note in brought.items()}
    assert told == {
        "set.flows.crude.volume": (2.0, "Mt/yr", "figure"),
        "set.closures.storm.share_closed.jan": (0.3, "", "literal"),
        "set.closures.storm.share_closed.else": (0.1, "", "assumption"),
        "set.closures.storm.lasts.jan": (3.0, "d", "literal"),
        "set.closures.storm.lasts.else": (2.0, "d", "literal"),
        "set.facilities.customs.service.mean": (9.0, "h", "assumption"),
        "set.facilities.customs.service.cv": (0.6, "", "literal"),
        "set.lines.ship.leaves.from.full": (0.5, "", "literal"),
        "scale.legs.rail.speed": (1.1, "", "assumption"),
        "add.lines.ship.vessels.old.count": (1.0, "", "literal"),
    }
    assert brought["timeline.3.set.flows.crude.volume"].source == "seeds/sea/kuryk-throughput-2023"
    where = brought["timeline.3.set.flows.crude.volume"].where
    assert where is not None
    assert text.splitlines()[where.line - 1][where.column - 1 :].startswith("seeds/sea/")
    assert notes["facilities.customs.service"].value == 12


def test_what_the_timeline_brings_is_read_again_from_the_resolved_scenario(tmp_path):
    made = load(write(tmp_path, FULL.replace("\ntargets:", f"{BROUGHT}targets:")))
    again = load(write(tmp_path, json.dumps(made.resolved(), default=str), name="again"))
    was, now = made.document_at([1, 1, 1, 1]), again.document_at([1, 1, 1, 1])
    crude = now.flows["crude"]
    # A year's amount is divided by a year here, read as a rate there: the last digit may differ.
    assert crude.volume == pytest.approx(was.flows["crude"].volume, rel=1e-15)
    flows = {**now.flows, "crude": replace(crude, volume=was.flows["crude"].volume)}
    assert replace(now, flows=flows) == was


def test_an_amount_whose_period_is_one_year_stands_for_a_rate(tmp_path):
    text = FULL.replace("volume: 1 Mt/yr", "volume: seeds/sea/baku-throughput-2024-teu").replace(
        "{t: 5000}", "{t: 1, TEU: 1}"
    )
    made = load(write(tmp_path, text))
    assert made.document.flows["crude"].volume == {0: pytest.approx(76_775 / YEAR)}
    assert made.provenance["flows.crude.volume"].unit == "TEU/yr"


def test_a_dozen_lines_are_enough(tmp_path):
    text = """
clock: {start: 2024-01-01, length: 24 h}
places: {a: {}}
facilities: {desk: {at: a, service: 1.5 h, buffer: 0 TEU}}
routes: {only: {from: a, direction: west, steps: [desk]}}
flows:
  f: {consignment: {TEU: 1}, arrivals: {timetable: {at: ["0 h", "0.3 h"]}}, choice: {shares: {only: 1}}}
"""
    path = write(tmp_path, text)
    assert check(path) == []
    document = load(path).document
    assert document.title == "small"
    assert document.facilities["desk"].servers == 1
    assert document.flows["f"].timetable is not None
    assert document.flows["f"].timetable.at == (0.0, 1080.0)


def test_observed_times_come_from_a_file_of_the_tree(tmp_path):
    (tmp_path / "times.csv").write_text("# hours\n1\n2\n\n6\n")
    path = write(tmp_path, FULL.replace("20 h .. 23 h .. 30 h", "{empirical: times.csv, unit: h}"))
    sailing = load(path).document.lines["ship"].sailing
    assert (sailing.family, sailing.mean) == ("empirical", 3 * 3600.0)
    assert sailing.points == pytest.approx((1 / 3, 2 / 3, 2))


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("10 h", Random(36_000.0)),
        ("10 h +- 30 %", Random(36_000.0, "gamma", 0.3)),
        ("~exp 10 h", Random(36_000.0, "exponential", 1.0)),
        ("{mean: 10 h, cv: 0.4}", Random(36_000.0, "gamma", 0.4)),
        ("{mean: 10 h, cv: 0.4, shape: lognormal}", Random(36_000.0, "lognormal", 0.4)),
        ("{mean: 10 h, cv: 0.4, shape: weibull}", Random(36_000.0, "weibull", 0.4)),
        ("{mean: 10 h, shape: exponential}", Random(36_000.0, "exponential", 1.0)),
        ("{mean: 10 h, shape: fixed}", Random(36_000.0)),
        ("{mean: 10 h, cv: 0}", Random(36_000.0)),
        ("{uniform: [5 h, 15 h]}", Random(36_000.0, "uniform", 0.0, (0.5, 1.5))),
        ("{triangular: [5 h, 10 h, 15 h]}", Random(36_000.0, "triangular", 0.0, (0.5, 1.0, 1.5))),
        ("5 .. 10 .. 15 h", Random(36_000.0, "triangular", 0.0, (0.5, 1.0, 1.5))),
    ],
)
def test_random_quantities_long_and_short(text, law, tmp_path):
    path = write(tmp_path, FULL.replace("20 h .. 23 h .. 30 h", text))
    assert load(path).document.lines["ship"].sailing == law


@given(st.integers(0, 10_000))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_order_of_keys_leaves_everything(small, tmp_path, seed):
    root = compose(FULL, file="x").root
    assert root is not None
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(shuffled(root.data(), seed)))
    made = load(path)
    assert made.document == small.document
    assert list(made.document.legs) == list(small.document.legs)
    assert made.digest("1") == small.digest("1")
    assert dict(made.resolved(), provenance=0) == dict(small.resolved(), provenance=0)


SAME = {
    "title": ("A small corridor", "Another title"),
    "summary": ("Every section once.", "Other words."),
    "place name": ("Inland yard", "Yard"),
    "route title": ("Inland – shore", "West"),
    "intervention title": ("title: one mooring", "title: another"),
    "replications": ("replications: 20", "replications: 30"),
    "confidence": ("confidence: 0.95", "confidence: 0.9"),
    "targets": ("tolerance: 10 %", "tolerance: 20 %"),
    "claims": ("below: 25 d", "below: 26 d"),
    "another unit": ("1 Mt/yr", "1000 kt/yr"),
    "another reason": ("because: so", "because: of that"),
    "another range": ("range: [0.7, 1]", "range: [0.6, 1]"),
}
OTHER = {
    "seed": ("seed: 2024", "seed: 1"),
    "number": ("800 km/d", "801 km/d"),
    "law": ("± 30 %", "± 31 %"),
    "lever": ("draught: 1.0", "draught: 0.99"),
    "timeline value": ("moorings: 1", "moorings: 0"),
    "timeline date": ("2024-11-29", "2024-11-30"),
    "timeline kind": ("scale: {levers.draught: 1.2}", "add: {levers.draught: 0.2}"),
    "timeline lever": ("scale: {levers.draught", "scale: {levers.spread"),
    "country": ("country: AZ", "country: TM"),
}


@pytest.mark.parametrize("name", SAME)
def test_words_and_accounts_leave_the_hash(small, name, tmp_path):
    old, new = SAME[name]
    assert old in FULL
    assert load(write(tmp_path, FULL.replace(old, new, 1))).digest("1") == small.digest("1")


@pytest.mark.parametrize("name", OTHER)
def test_what_decides_a_run_changes_the_hash(small, name, tmp_path):
    old, new = OTHER[name]
    assert old in FULL
    assert load(write(tmp_path, FULL.replace(old, new, 1))).digest("1") != small.digest("1")


def test_the_hash_is_of_the_meaning_and_the_seed_too(small):
    assert small.digest("1") != small.digest("2")
    assert small.digest("1") != small.digest("1", seed=5)
    assert small.digest("1") == small.digest("1", seed=2024)
    assert len(small.digest("1")) == 8


def test_a_scenario_is_the_same_in_another_process(small):
    again = pickle.loads(pickle.dumps(small))
    assert again.document == small.document
    assert again.document_at([1, 1, 0.5]) == small.document_at([1, 1, 0.5])


def test_the_resolved_scenario_is_the_same_scenario(small, tmp_path):
    tree = json.loads(json.dumps(small.resolved(), default=str))
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(tree))
    again = load(path)
    assert again.document == small.document
    assert again.digest("1") == small.digest("1")
    assert again.document_at([1, 1, 0.3]) == small.document_at([1, 1, 0.3])
    assert "seeds/" not in json.dumps({key: value for key, value in tree.items() if key != "provenance"})
