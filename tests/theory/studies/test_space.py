"""What a study turns: ranges from the scenario, values given by hand, and what a point of the space is."""

import math

import pytest
import tiny

import sim
from sim.errors import InputError, UsageError
from sim.scenario import parse_vary
from sim.scenario.points import change, turned
from sim.study.ranges import ranged, useful
from sim.study.space import Space, spanned


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return sim.load(tiny.write(tmp_path_factory.mktemp("tiny")))


def test_every_range_is_found_and_shared_ones_move_together(scenario):
    found = {factor.name: factor for factor in ranged(scenario)}
    assert set(found) == {
        "closures.storm.share_closed",
        "facilities.customs.servers",
        "facilities.customs.service.mean",
        "legs.a-p.speed",
        "levers.slow",
        "levers.unused",
        "lines.p-q.sailing",
    }
    months = [dial.path for dial in found["closures.storm.share_closed"].dials]
    assert months == ["closures.storm.share_closed.feb", "closures.storm.share_closed.jan"]
    sailing = found["lines.p-q.sailing"].dials[0]
    assert (sailing.base, sailing.low, sailing.high) == pytest.approx((21.0, 19.0, 74 / 3))
    assert found["legs.a-p.speed"].source == "assumption, tiny.yaml:10"


def test_what_nothing_depends_on_is_left_out_by_name(scenario):
    kept, notes = useful(scenario, ranged(scenario))
    assert "levers.unused" not in {factor.name for factor in kept}
    assert notes == ("levers.unused is left out: nothing in the scenario depends on it",)


def test_over_takes_paths_tails_elements_and_sections(scenario):
    assert [f.name for f in ranged(scenario, ["speed"])] == ["legs.a-p.speed"]
    assert [f.name for f in ranged(scenario, ["facilities.customs.service"])] == [
        "facilities.customs.service.mean"
    ]
    assert len(ranged(scenario, ["facilities.customs"])) == 2
    assert len(ranged(scenario, ["levers", "legs"])) == 3


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("legs.q-b.speed", "has no range"),
        ("facilities.custom.servers", "did you mean facilities.customs.servers"),
        ("lines.p-q.vessels.count", "has no range"),
    ],
)
def test_what_has_no_range_is_refused(scenario, path, text):
    with pytest.raises(UsageError, match=text):
        ranged(scenario, [path])


def test_an_end_without_meaning_is_left_out_by_name(scenario):
    from dataclasses import replace

    speed = ranged(scenario, ["speed"])[0]
    wrong = replace(speed, dials=(replace(speed.dials[0], low=0.0),))
    kept, notes = useful(scenario, [wrong])
    assert kept == ()
    assert "an end of its range makes no sense" in notes[0]


def test_home_is_the_scenario_itself(scenario):
    space = Space(scenario, ranged(scenario))
    assert space.at(space.home().tolist()).document == scenario.document


def test_a_lever_still_scales_what_is_turned_beside_it(scenario):
    space = Space(scenario, ranged(scenario, ["facilities.customs.service", "levers.slow"]))
    made = space.at([1.0, 1.0])
    assert made.document.facilities["customs"].service.mean == pytest.approx(9 * 3600 * 1.5)
    assert made.document.facilities["customs"].service.cv == 0.5


def test_counts_are_whole(scenario):
    servers = ranged(scenario, ["servers"])[0]
    assert [servers.number(share) for share in (0.0, 0.2, 0.5, 1.0)] == [1.0, 2.0, 2.0, 4.0]


def test_the_law_of_a_random_quantity_is_kept(scenario):
    before = scenario.document.lines["p-q"].sailing
    made = Space(scenario, ranged(scenario, ["lines.p-q.sailing"])).at([1.0])
    after = made.document.lines["p-q"].sailing
    assert after.mean == pytest.approx(74 / 3 * 3600)
    assert (after.family, after.points) == (before.family, before.points)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("lines.p-q.vessels.count=2,3", ["2", "3"]),
        ("vessels.count=scale:1,2", ["× 1", "× 2"]),
        ("customs.servers=1..3/3", ["1", "2", "3"]),
        ("legs.q-b.speed=400 km/day..600 km/day/3", ["400 km/day", "500 km/day", "600 km/day"]),
        ("legs.a-p.speed=range/2", ["400 km/day", "700 km/day"]),
        ("legs.q-b.mode=rail,road", ["rail", "road"]),
        ("legs.q-b.open=true", ["true"]),
    ],
)
def test_values_may_be_given_in_many_forms(scenario, text, labels):
    factor = spanned(scenario, [parse_vary(text)]).factors[0]
    assert [factor.label(each) for each in factor.coordinates()] == labels


@pytest.mark.parametrize(
    ("text", "base", "label"),
    [
        ("legs.a-p.speed=400 km/d..700 km/d/3", 500.0, "500 km/d"),
        ("legs.a-p.speed=10 km/h..30 km/h/3", 500 / 24, "20.8333 km/h"),
        ("customs.service=3 hours..12 hours", 6.0, "6 hours"),
        ("customs.service.mean=180 min..720 min", 360.0, "360 min"),
        ("share_closed.else=5 %..45 %/3", 10.0, "10 %"),
        ("vessels.count=2 vessels..4 vessels/3", 3.0, "3 vessels"),
        ("vessels.count=2..4/3", 3.0, "3"),
        ("vessels.count=scale:0.5..2/3", 1.0, "1"),
        ("a-p.emissions=1 gCO2/t/km..3 gCO2/t/km/3", 0.0, "0 gCO2/t/km"),
        ("storm.share_closed=5 %..45 %/3", 25.0, "as it stands"),
    ],
)
def test_a_span_knows_the_scenarios_own_value_in_whatever_unit(scenario, text, base, label):
    factor = spanned(scenario, [parse_vary(text)]).factors[0]
    assert factor.dials[0].base == pytest.approx(base, rel=1e-12)
    assert factor.standing == label


def test_a_value_in_the_very_unit_is_the_very_number(scenario):
    own = scenario.provenance["legs.a-p.speed"].value
    for unit in ("km/day", "km/d"):
        factor = spanned(scenario, [parse_vary(f"a-p.speed=400 {unit}..700 {unit}/3")]).factors[0]
        assert factor.dials[0].base == own


def test_static_parameters_are_written_over(scenario):
    space = spanned(scenario, [parse_vary("legs.q-b.mode=rail,road")])
    assert space.at([0.9]).document.legs["q-b"].mode == "road"
    assert math.isnan(space.factors[0].levels[0].number)


def test_values_without_meaning_are_findings(scenario):
    with pytest.raises(InputError, match="out-of-range"):
        spanned(scenario, [parse_vary("legs.q-b.speed=0 km/day")])
    with pytest.raises(InputError, match="unknown-path"):
        spanned(scenario, [parse_vary("legs.q-x.speed=1 km/day")])
    with pytest.raises(UsageError, match="varied twice"):
        spanned(scenario, [parse_vary("legs.q-b.speed=1..2 km/day/2"), parse_vary("q-b.speed=9 km/day")])


def test_turning_is_the_same_as_varying(scenario):
    made = turned(
        scenario, [change("legs.a-p.speed", "450 km/day"), change("levers.slow", 1.2, kind="scale")]
    )
    same = scenario.varied({"legs.a-p.speed": "450 km/day", "levers.slow": {"scale": 1.2}}, name="x")
    assert made.document == same.document
    from sim.model.model import MEANING

    assert made.digest(MEANING) == same.digest(MEANING)
