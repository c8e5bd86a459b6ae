"""Composition: parts, extends, add and remove, overrides from outside, points of a study."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from corridor_words import FULL, write

from sim.errors import InputError, Level
from sim.scenario import check, load
from sim.scenario.document import Amount, Leaves, Random
from sim.scenario.yaml_nodes import compose

DAY = 86_400.0
YEAR = 8766 * 3600.0


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return load(write(tmp_path_factory.mktemp("small")))


def overlay(folder, text):
    write(folder)
    return write(folder, f"extends: small.yaml\n{text}", name="over")


def test_parts_join_to_the_same_scenario(small, tmp_path):
    root = compose(FULL, file="x").root
    assert root is not None
    whole = root.data()
    (tmp_path / "network").mkdir()
    for name in ("places", "legs", "flows", "levers", "timeline"):
        (tmp_path / "network" / f"{name}.yaml").write_text(json.dumps({name: whole.pop(name)}))
    whole["parts"] = [f"network/{name}.yaml" for name in ("places", "legs", "flows", "levers", "timeline")]
    made = load(write(tmp_path, json.dumps(whole)))
    assert made.document == small.document
    assert made.digest("1") == small.digest("1")


def test_an_overlay_merges_by_key_and_replaces_lists_and_alternatives(tmp_path):
    text = """
lines: {ship: {vessels: {big: {count: 5}}, leaves: {to: {full: 0.5}}}}
flows:
  back: {season: [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], choice: {shares: {west: 2}}}
  boxes: {choice: {shares: {west: 1}}}
facilities: {gauge: {rate: {mean: 760 TEU/d, cv: 0.3}, servers: null, per: null, hours: null}}
"""
    made = load(overlay(tmp_path, text))
    document = made.document
    big = document.lines["ship"].vessels["big"]
    assert (big.count, big.capacity) == (5, Amount(225, "TEU"))
    assert document.lines["ship"].leaves[1] == Leaves(0.5, None)
    assert document.flows["back"].choice.shares == {"east": 1, "west": 2}
    assert document.flows["boxes"].choice.kind == "shares"
    gauge = document.facilities["gauge"]
    assert (gauge.service, gauge.servers, gauge.per, gauge.hours) == (None, 1, "TEU", ())
    assert gauge.rate == pytest.approx(760 / DAY)
    assert gauge.rate_shape == Random(1.0, "gamma", 0.3)
    assert made.base is not None
    assert made.base.name == "small"
    assert made.differences()["lines.ship.vessels.big.count"] == (4, 5)
    assert made.differences()["facilities.gauge.service"] == ("55 min ± 30 %", None)
    assert not any(path.startswith("legs") for path in made.differences())


@pytest.mark.parametrize(
    ("section", "was", "now"),
    [
        (
            "flows.back.volume",
            "{seed: seeds/land/titr-teu-china-2024}",
            "{2024: 10 kTEU/yr, 2030: 1 kTEU/yr}",
        ),
        ("flows.back.volume", "{2024: 10 kTEU/yr}", "{seed: seeds/land/titr-teu-china-2024, scale: 2}"),
        ("flows.back.volume", "{value: 9 kTEU/yr, scale: draught}", "{2024: 10 kTEU/yr}"),
        ("flows.back.season", "{value: 2, scale: draught}", "{jan: 2, else: 1}"),
        ("flows.back.season", "{jan: 2, else: 1}", "{assume: 1, range: [1, 2], because: so}"),
        ("closures.storm.lasts", "{jan: 2 d, else: 1 d}", "{mean: 2 d, cv: 0.5}"),
        ("closures.storm.lasts", "{mean: 2 d, cv: 0.5}", "{jan: 2 d, else: 1 d}"),
        ("lines.ship.sailing", "{value: 9 h, scale: draught, cv: 0.3}", "{triangular: [1 h, 2 h, 3 h]}"),
        ("lines.ship.sailing", "{value: 9 h, scale: draught}", "{mean: 9 h, cv: 0.3}"),
        ("lines.ship.load", "{value: 9 h, scale: draught}", "{uniform: [1 h, 3 h]}"),
        ("facilities.gauge.charge", "{FEU: 60 USD/FEU, t: 1 USD/t}", "{TEU: 30 USD/TEU, t: 2 USD/t}"),
        ("facilities.gauge.charge", "{value: 60 USD/FEU, scale: draught}", "{FEU: 30 USD/FEU}"),
        ("facilities.gauge.charge", "{FEU: 30 USD/FEU}", "{value: 60 USD/FEU, scale: draught}"),
        ("legs.rail.speed", "{seed: seeds/land/ktz-container-train-speed-2020}", "{value: 900 km/d}"),
    ],
)
def test_a_quantity_in_another_form_replaces_the_base_s_wholly(section, was, now, tmp_path):
    one, key, last = section.split(".")

    def spread(quantity):
        return f"extends: small.yaml\n{one}: {{{key}: {{{last}: {quantity}}}}}\n"

    write(tmp_path)
    null = f"extends: small.yaml\n{one}: {{{key}: {{{last}: null}}}}\n"
    write(tmp_path, null, name="bare")
    write(tmp_path, spread(was).replace("small", "bare"), name="was")
    over = load(write(tmp_path, spread(now).replace("small", "was"), name="over"))
    alone = load(write(tmp_path, spread(now).replace("small", "bare"), name="alone"))
    assert over.document == replace(alone.document, title=over.document.title)
    assert over.digest("1") == alone.digest("1")


@pytest.mark.parametrize(
    ("given", "share", "dropped"),
    [
        ("{scale: 0.5}", 0.4, "warning"),
        ("{scale: [draught, 0.5]}", 0.2, ""),
        ("{range: [0.6, 1]}", 0.4, ""),
        ("{assume: 0.9, range: [0.7, 1], because: so}", 0.9, "note"),
        ("{assume: 0.9}", 0.9, "note"),
        ("{value: 0.9}", 0.9, "note"),
        ("0.9", 0.9, "note"),
        ("{value: 0.9, scale: draught}", 0.45, ""),
        ("{value: 0.9, scale: null}", 0.9, ""),
    ],
)
def test_a_value_given_anew_goes_without_the_base_s_scale(given, share, dropped, tmp_path):
    text = f"levers: {{draught: 0.5}}\nlines: {{ship: {{vessels: {{big: {{payload_share: {given}}}}}}}}}\n"
    made = load(overlay(tmp_path, text))
    assert made.document.lines["ship"].vessels["big"].payload_share == pytest.approx(share)
    notes = [each for each in made.findings if each.code == "scale-dropped"]
    assert [each.level.value for each in notes] == ([dropped] if dropped else [])
    for each in notes:
        assert each.path == "lines.ship.vessels.big.payload_share"
        assert "draught" in each.message
        assert each.where.file.endswith("over.yaml")
    there = "ship.vessels.big.payload_share"
    same = load(write(tmp_path), overrides=["draught=0.5", f"{there}={given}"])
    assert same.document.lines["ship"].vessels["big"].payload_share == pytest.approx(share)
    assert [each.level.value for each in same.findings if each.code == "scale-dropped"] == (
        [dropped] if dropped else []
    )


def test_an_element_may_be_called_like_a_key_of_a_value(tmp_path):
    write(tmp_path, FULL.replace("levers: {", "levers: {scale: 1, seed: 1, "))
    made = load(
        write(tmp_path, "extends: small.yaml\nlevers: {mean: 2}\n".replace("mean", "seed"), name="over")
    )
    assert set(made.source.parsed.levers) == {"scale", "seed", "draught", "spread"}


def test_an_overlay_adds_removes_and_appends(tmp_path):
    text = """
title: Without oil
remove: [flows.crude, routes.oil, timeline.1, facilities.gauge.outages]
add:
  legs: {second: {from: inland, to: coast, distance: 1 km, speed: 1 km/h}}
  levers: {tide: 2}
timeline: [{title: later, at: 3 d, add: {legs.rail.speed: 10 km/d}}]
expect: [{kpi: throughput, above: 1 kt/yr}]
"""
    made = load(overlay(tmp_path, text))
    document = made.document
    assert document.title == "Without oil"
    assert set(document.flows) == {"back", "boxes"}
    assert "second" in document.legs
    assert document.facilities["gauge"].outages is None
    assert [entry.title for entry in document.timeline] == ["one mooring", "dredging", "later"]
    assert len(document.expect) == 2
    assert made.document_at([0, 0, 1]).legs["rail"].speed == pytest.approx(810 / DAY)


DOZEN = "timeline:\n" + "".join(
    f"  - {{title: e{n}, at: {n + 1} d, set: {{legs.rail.speed: {n + 1}00 km/d}}}}\n" for n in range(12)
)


@pytest.mark.parametrize(
    ("removed", "gone"),
    [
        ("timeline.0, timeline.1", (0, 1)),
        ("timeline.1, timeline.0, timeline.1", (0, 1)),
        ("timeline.2, timeline.11, timeline.10", (2, 10, 11)),
        ("timeline.3.title, timeline.3, timeline.4", (3, 4)),
        ("timeline", range(12)),
    ],
)
def test_what_is_removed_goes_by_the_numbers_of_the_base(removed, gone, tmp_path):
    write(tmp_path, FULL.split("timeline:")[0] + DOZEN)
    path = write(tmp_path, f"extends: small.yaml\nremove: [{removed}]\n", name="over")
    left = [entry.title for entry in load(path).document.timeline]
    assert left == [f"e{n}" for n in range(12) if n not in gone]


def test_a_section_is_removed_with_what_is_claimed_of_its_elements(tmp_path):
    text = FULL.split("timeline:")[0] + "expect: [{kpi: throughput, of: pool/flats, above: 1 kt/yr}]\n"
    write(tmp_path, text)
    found = check(write(tmp_path, "extends: small.yaml\nremove: [pools]\n", name="over"))
    assert [each.code for each in found if each.level is Level.NOTE][:1] == ["claim-removed"]
    assert {each.code for each in found if each.level is Level.ERROR} == {"dangling-id"}


@pytest.mark.parametrize(
    ("item", "code", "told"),
    [
        ("timelin", "nothing-to-remove", "did you mean 'timeline'?"),
        ("title", "nothing-to-remove", "write another title"),
        ("timeline.²", "nothing-to-remove", "the base has no 'timeline.²'"),
        ("[legs.rail]", "wrong-type", "a path is a text"),
    ],
)
def test_what_cannot_be_removed_is_told(item, code, told, tmp_path):
    found = [each for each in check(overlay(tmp_path, f"remove: [{item}]\n")) if each.path == "remove.0"]
    assert [each.code for each in found] == [code]
    assert told in f"{found[0].message} {found[0].hint}"


@pytest.mark.parametrize("value", ["[a.yaml, b.yaml]", "{a: b}", "", "3"])
def test_one_file_is_extended(value, tmp_path):
    found = [each for each in check(write(tmp_path, f"extends: {value}\n")) if each.path == "extends"]
    assert "Node" not in str(found)
    assert ["one file" in each.expected for each in found] == ([True] if value else [])


def test_an_unused_element_that_is_added_is_only_noted(tmp_path):
    path = overlay(tmp_path, "add: {pools: {spare: {size: 3 wagons}}}\n")
    found = [each for each in check(path) if each.path == "pools.spare"]
    assert [(each.code, each.level) for each in found] == [("unused", Level.NOTE)]


# overrides


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("facilities.cpc.moorings=1", "facilities.cpc.moorings", 36e9 / YEAR),
        ("cpc.moorings=1", "facilities.cpc.moorings", 36e9 / YEAR),
        ("moorings=1", "facilities.cpc.moorings", 36e9 / YEAR),
    ],
)
def test_an_override_takes_any_unambiguous_tail(text, path, value, tmp_path):
    made = load(write(tmp_path), overrides=[text])
    assert made.document.facilities["cpc"].rate == pytest.approx(value)
    assert made.provenance[path].value == 1
    assert load(write(tmp_path), overrides={path: 1}).digest("1") == made.digest("1")


def test_an_override_may_give_a_legal_key_that_nobody_wrote(small):
    made = small.override(["clock.warmup=3 d", "ship.look_ahead=6 h", "rail.single_track=true"], name="x")
    assert made.document.clock.warmup == 3 * DAY
    assert made.document.lines["ship"].look_ahead == 6 * 3600
    assert made.document.legs["rail"].single_track
    assert (made.name, made.base) == ("x", small)


def test_an_override_is_like_an_overlay(small):
    more = [{"title": "cut", "at": "5 d", "set": {"legs.rail.open": False}}]
    made = small.override(
        {"timeline": more, "lines": {"ship": {"vessels": {"old": {"count": 3}}}}}, name="cut"
    )
    assert len(made.interventions) == len(small.interventions) + 1
    assert made.document_at([0, 0, 0, 1]).legs["rail"].open is False
    assert made.document.lines["ship"].vessels["old"].count == 3
    with pytest.raises(InputError):
        small.override({"legs": {"raill": {"speed": "3 km/d"}}}, name="x")


def test_varied_keeps_the_law_of_a_random_quantity(small):
    made = small.varied(
        {
            "ship.sailing": {"scale": 1.5},
            "gauge.service": "110 min",
            "storm.share_closed": {"scale": 0.5},
            "back.volume": {"scale": 2},
        },
        name="slow",
    )
    was, now = small.document.lines["ship"].sailing, made.document.lines["ship"].sailing
    assert now == replace(was, mean=was.mean * 1.5)
    assert made.document.facilities["gauge"].service == Random(6600.0, "gamma", 0.3)
    assert made.document.closures["storm"].share_closed[0] == pytest.approx(0.1)
    assert made.document.flows["back"].volume == {
        2024: pytest.approx(2e4 / YEAR),
        2030: pytest.approx(4e4 / YEAR),
    }
    assert made.digest("1") != small.digest("1")
    with pytest.raises(InputError):
        small.varied({"rail.speed": {"scale": -1}}, name="x")
