"""The timeline is checked in the states that occur; what is wrong stands at what brings it about."""

from __future__ import annotations

import pytest
from bad_words import GOOD

from sim.errors import InputError, Level
from sim.model.compile import compile_model
from sim.scenario import check, load
from sim.scenario.document import Intervention
from sim.scenario.states import fraction_of, turns

COUNT, BERTHS = "lines.ship.vessels.count", "ports.pa.berths.box"


def spoilt(folder, *entries, text=GOOD):
    path = folder / "case.yaml"
    path.write_text(text + "timeline:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries), "utf-8")
    return path


def errors_of(path, **more):
    return [found for found in check(path, **more) if found.level is Level.ERROR]


def line_of(path, found):
    return path.read_text("utf-8").splitlines()[found.where.line - 1][found.where.column - 1 :]


@pytest.mark.parametrize(
    "entries",
    [
        (f"at: 2 h, set: {{{COUNT}: 4}}", f"at: 3 h, add: {{{COUNT}: -3}}"),
        (f"at: 3 h, add: {{{COUNT}: -3}}", f"at: 2 h, add: {{{COUNT}: 4}}"),
        (f"at: 2 h, lasts: 1 h, add: {{{BERTHS}: -1}}", f"at: 3 h, lasts: 1 h, add: {{{BERTHS}: -1}}"),
        (f"at: 2 h, ramp: 2 h, add: {{{COUNT}: 2}}", f"at: 4 h, add: {{{COUNT}: -3}}"),
        (
            "at: 2 h, ramp: 2 h, set: {facilities.gate.buffer: 0}",
            "at: 5 h, ramp: 2 h, set: {facilities.gate.buffer: 9 TEU}",
        ),
        ("at: 2 h, set: {ports.pa.yard.box: 0, lines.ship.vessels.capacity: 0, flows.boxes.volume: 0}",),
        ("at: 2 h, set: {facilities.gate.buffer: , ports.pa.yard.box: null, legs.ab.train_paths: null}",),
    ],
)
def test_what_is_right_when_it_occurs_is_no_finding_and_can_be_run(entries, tmp_path):
    path = spoilt(tmp_path, *entries)
    assert errors_of(path) == []
    compile_model(load(path))


@pytest.mark.parametrize(
    ("entries", "number", "told"),
    [
        # The one that begins last brings it about, wherever it stands in the file.
        ((f"at: 2 h, add: {{{BERTHS}: -1}}", f"at: 3 h, add: {{{BERTHS}: -1}}"), 1, "becomes -1"),
        ((f"at: 3 h, add: {{{BERTHS}: -1}}", f"at: 2 h, add: {{{BERTHS}: -1}}"), 0, "becomes -1"),
        # Or the one that ends.
        (
            (f"title: more, at: 2 h, lasts: 4 h, add: {{{COUNT}: 2}}", f"at: 3 h, add: {{{COUNT}: -2}}"),
            0,
            "becomes -1, when 'more' ends",
        ),
        # What it becomes in full is told, not what it was when it left its range.
        (("at: 2 h, ramp: 9 h, scale: {levers.draught: 1.5}",), 0, "becomes 1.2: 0.8 × levers.draught (1.5)"),
        ((f"at: 2 h, scale: {{{COUNT}: -1}}",), 0, "-1 is out of range"),
        (("at: 2 h, ramp: 2 h, add: {legs.ab.speed: -50 km/h}",), 0, "legs.ab.speed becomes 0 km/s"),
        ((f"at: 30 d, add: {{{COUNT}: -2}}",), 0, "becomes -1"),
    ],
)
def test_what_goes_wrong_stands_once_at_the_entry_that_brings_it_about(entries, number, told, tmp_path):
    text = GOOD.replace("capacity: 20 TEU", "capacity: 20 TEU, payload_share: {value: 0.8, scale: draught}")
    path = spoilt(tmp_path, *entries, text=text)
    (found,) = errors_of(path)
    assert (found.code, told in found.message) == ("out-of-range", True)
    assert found.path.startswith(f"timeline.{number}")
    assert found.where.line == text.count("\n") + 2 + number


def test_a_mistake_that_lasts_is_told_once_and_one_that_comes_again_at_each_that_brings_it(tmp_path):
    gone = f"add: {{{COUNT}: -2}}"
    path = spoilt(tmp_path, f"at: 2 h, {gone}", "at: 3 h, lasts: 1 h, set: {legs.ab.speed: 10 km/h}")
    assert [found.path for found in errors_of(path)] == [f"timeline.0.add.{COUNT}"]
    path = spoilt(tmp_path, f"at: 2 h, lasts: 1 h, {gone}", f"at: 5 h, lasts: 1 h, {gone}")
    assert [found.path for found in errors_of(path)] == [f"timeline.{n}.add.{COUNT}" for n in (0, 1)]


def test_an_entry_whose_begin_is_not_known_makes_no_other_wrong(tmp_path):
    path = spoilt(tmp_path, f"at: never, add: {{{COUNT}: 4}}", f"at: 3 h, add: {{{COUNT}: -3}}")
    assert [found.path for found in errors_of(path)] == ["timeline.0.at"]


@pytest.mark.parametrize(
    "path",
    [
        COUNT,
        "lines.ship.vessels.capacity",
        "lines.ship.sailing",
        "lines.ship.leaves.full",
        "facilities.gate.servers",
        "flows.boxes.volume",
        "flows.boxes.choice.shares.west",
        "levers.draught",
        "pools.flats.size",
    ],
)
def test_nothing_is_no_quantity_where_it_lifts_no_limit(path, tmp_path):
    text = GOOD.replace("capacity: 20 TEU", "capacity: 20 TEU, payload_share: {value: 0.8, scale: draught}")
    file = spoilt(tmp_path, f"at: 2 h, set: {{{path}: }}", text=text)
    found = errors_of(file)
    assert [(each.code, each.path) for each in found] == [("wrong-type", f"timeline.0.set.{path}")]
    assert "nothing is no quantity" in found[0].message


@pytest.mark.parametrize("path", ["facilities.gate.servers", COUNT])
def test_nothing_is_no_quantity_for_a_whole_run_either(path, tmp_path):
    made = load(spoilt(tmp_path, "at: 2 h, set: {legs.ab.speed: 5 km/h}"))
    with pytest.raises(InputError, match="nothing is no quantity"):
        made.varied({path: None}, name="none")


def test_a_lever_that_drives_values_out_of_range_is_told_once_where_it_is_turned(tmp_path):
    shares = "payload_share: {value: 0.8, scale: draught}"
    text = GOOD.replace(
        "{count: 1, capacity: 20 TEU}",
        f"{{one: {{count: 1, capacity: 20 TEU, {shares}}}, two: {{count: 1, capacity: 20 TEU, {shares}}}}}",
    )
    path = spoilt(tmp_path, "at: 2 h, set: {legs.ab.speed: 5 km/h}", text=text)
    (found,) = errors_of(path, overrides=["levers.draught=1.5"])
    assert found.where.file.startswith("--set levers.draught")
    assert found.path == "lines.ship.vessels.one.payload_share"
    assert "becomes 1.2: 0.8 × levers.draught (1.5)" in found.message
    assert "1 more leave their range: lines.ship.vessels.two.payload_share" in found.message
    path = spoilt(tmp_path, "at: 2 h, lasts: 1 h, scale: {levers.draught: 2}", text=text)
    (found,) = errors_of(path)
    assert found.path == "timeline.0.scale.levers.draught"
    assert line_of(path, found).startswith("2}")
    with pytest.raises(InputError) as caught:
        load(spoilt(tmp_path, "at: 2 h, set: {legs.ab.speed: 5 km/h}", text=text)).varied(
            {"levers.draught": {"scale": 1.5}}, name="deep"
        )
    assert "vary levers.draught" in str(caught.value)


def test_servers_of_a_rate_are_told_at_the_entry_that_scales_them(tmp_path):
    text = GOOD.replace("service: 1 h", "rate: 1 TEU/h")
    path = spoilt(tmp_path, "at: 2 h, scale: {facilities.gate.servers: 0.5}", text=text)
    (found,) = errors_of(path)
    assert (found.code, found.path) == ("rate-with-servers", "timeline.0.scale.facilities.gate.servers")


def test_the_states_of_a_timeline_are_those_that_the_model_reads():
    entries = {
        0: Intervention("a", 10, 40, 20),
        1: Intervention("b", 20, None, 0),
        2: Intervention("c", 15, 25, 30),
        3: Intervention("d", 20, 40, 0),
    }
    now: dict[int, float] = {}
    seen = []
    for turn in turns(entries):
        now |= turn.moved
        seen.append((turn.time, {n: round(share, 2) for n, share in now.items() if share > 0.05}))
    assert seen[-1] == (40, {1: 1.0})
    assert {time for time, _ in seen} == {10, 15, 20, 25, 30, 40}
    assert (25, {0: 0.75, 1: 1.0, 2: 0.33, 3: 1.0}) in seen
    for time, state in seen:
        shares = [
            {n: round(fraction_of(entry, time, before=before), 2) for n, entry in entries.items()}
            for before in (True, False)
        ]
        assert state in [{n: share for n, share in each.items() if share > 0.05} for each in shares]
