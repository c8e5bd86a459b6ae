"""The baseline holds the totals of 2024: scopes A, P and R, boxes, ways of oil, and honest sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import Level
from sim.scenario import check, load
from sim.scenario.seeds import load_seeds

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))
YEAR = 8766 * 3600

# Which flows each published total counts; the same table stands in docs/baseline-2024.md.
EVERYWHERE = [
    "china-xian-west",
    "china-chengdu-altynkol-west",
    "china-chengdu-dostyk-west",
    "kz-containers-west",
    "caucasus-containers-east",
    "baku-xian-east",
    "empties-east",
    "kz-products-wagons-west",
    "kz-metals-wagons-west",
    "kz-general-wagons-west",
    "wagons-east-loaded",
    "wagons-east-empty",
    "kz-metals-dry-west",
    "kz-fertiliser-dry-west",
    "kz-grain-dry-west",
    "dry-east",
    "crude-tengiz-aktau-btc",
]
PORTS_ONLY = ["trucks-west", "trucks-east", "crude-pipe-aktau-btc"]
RAIL_ONLY = ["kz-bolashak-wagons-west", "kz-overland-west", "kz-overland-east"]
ROUTE_ONLY = ["uz-containers-west", "uz-containers-east", "uz-wagons-west"]
SCOPES = {
    "A": (EVERYWHERE + PORTS_ONLY + RAIL_ONLY + ROUTE_ONLY, 4.484),
    "P": (EVERYWHERE + PORTS_ONLY, 3.307),
    "R": (EVERYWHERE + RAIL_ONLY, 3.618),
}
PUBLISHED = {
    "A": "seeds/land/titr-volume-2024",
    "P": "seeds/land/titr-caspian-ports-volume-2024",
    "R": "seeds/documents/seed-transit-2024",
}
OIL = {
    "seeds/oil/cpc-2024": ["crude-cpc-kz", "crude-cpc-ru"],
    "seeds/oil/route-samara-2024": ["crude-samara"],
    "seeds/oil/route-btc-2024": ["crude-tengiz-aktau-btc", "crude-pipe-aktau-btc"],
    "seeds/oil/route-china-2024": ["crude-china"],
    "seeds/oil/route-russia-transit-china": ["crude-kcp-ru"],
    "seeds/oil/btc-flow-2024": ["crude-tengiz-aktau-btc", "crude-pipe-aktau-btc", "crude-btc-other"],
    "seeds/oil/kz-exp-2024": [
        "crude-cpc-kz",
        "crude-samara",
        "crude-tengiz-aktau-btc",
        "crude-pipe-aktau-btc",
        "crude-makhachkala",
        "crude-china",
    ],
}

# What needs no source: the run's frame, one consignment's size, the shape of a season, the only route of a
# flow, and levers that are one in 2024.
FRAME = ("clock.", "experiment.", "targets.")


@pytest.fixture(scope="module")
def baseline():
    return load(SCENARIOS / "baseline.yaml")


def yearly(baseline, name, measure):
    """Give a flow's volume of a year in t or TEU."""
    flow = baseline.document.flows[name]
    size = flow.consignment[flow.volume_measure]
    consignments = flow.volume[0] * YEAR / size
    return consignments * flow.consignment[measure] / (1000 if measure == "t" else 1)


@pytest.mark.parametrize("scope", SCOPES)
def test_scopes_sum_to_the_published_tonnes(baseline, scope):
    flows, million = SCOPES[scope]
    total = sum(yearly(baseline, name, "t") for name in flows) / 1e6
    assert total == pytest.approx(million, rel=0.005)
    published = load_seeds().figure(PUBLISHED[scope])
    assert total == pytest.approx(published.value, rel=0.006)


def test_boxes_of_the_route(baseline):
    flows, _ = SCOPES["A"]
    boxes = {name: yearly(baseline, name, "TEU") for name in flows}
    published = load_seeds().figure("seeds/land/titr-teu-2024").value
    assert sum(boxes.values()) == pytest.approx(published, rel=0.005)
    china = sum(boxes[name] for name in flows if name.startswith("china-"))
    assert china == pytest.approx(load_seeds().figure("seeds/land/titr-teu-china-2024").value, rel=0.005)


@pytest.mark.parametrize("figure", OIL)
def test_ways_of_oil(baseline, figure):
    total = sum(yearly(baseline, name, "t") for name in OIL[figure]) / 1e6
    assert total == pytest.approx(load_seeds().figure(figure).value, rel=0.03)


def test_wagons_and_trucks_at_alat(baseline):
    seeds = load_seeds()
    document = baseline.document
    for measure, lines, figure in (
        ("wagons", ("kuryk-alat-rail", "turkmenbashi-alat-rail"), "seeds/sea/baku-units-2024-wagons"),
        ("trucks", ("kuryk-alat-roro", "turkmenbashi-alat-roro"), "seeds/sea/baku-units-2024-trucks"),
    ):
        total = 0.0
        for flow in document.flows.values():
            first = next(iter(flow.choice.shares), "")
            steps = document.routes[first].steps if first else ()
            if any(line in steps for line in lines):
                size = flow.consignment
                total += flow.volume[0] * YEAR / size[flow.volume_measure] * size[measure]
        assert total == pytest.approx(seeds.figure(figure).value, rel=0.005), figure


def test_every_parameter_has_a_source(baseline):
    bare = []
    notes = baseline.provenance
    for path, note in notes.items():
        if any(below.startswith(f"{path}.") for below in notes if below != path):
            continue  # a law of several numbers, each with a source of its own
        if note.kind == "figure":
            assert note.source, path
        elif note.kind == "assumption":
            assert note.because, path
            assert note.low is not None, path
            assert note.low <= note.value <= note.high, path
        elif path.startswith("timeline.") and note.value == 0:
            pass  # an entry that stops what there is claims no number
        elif note.kind == "literal" and not structural(path):
            bare.append(path)
    assert bare == []


def structural(path):
    """Tell whether a literal is part of the model's structure rather than a claim about the world."""
    parts = path.split(".")
    if path.startswith(FRAME) or parts[0] == "levers":
        return True
    if path.endswith(".timetable.first"):
        return True  # where in its turn a timetable begins
    if parts[0] != "flows":
        return False
    return parts[2] in ("consignment", "season") or path.split(".shares.")[0].endswith("choice")


def test_a_share_without_a_source_is_the_only_one(baseline):
    for name, flow in baseline.document.flows.items():
        notes = [baseline.provenance[f"flows.{name}.choice.shares.{route}"] for route in flow.choice.shares]
        assert len(notes) < 2 or all(note.kind != "literal" for note in notes), name


def test_levers_without_a_source_are_one(baseline):
    for path, note in baseline.provenance.items():
        if path.startswith("levers.") and note.kind == "literal":
            assert note.value == 1, path


def test_no_target_is_later_than_2024(baseline):
    seeds = load_seeds()
    assert baseline.document.targets
    for path, note in baseline.provenance.items():
        if path.startswith("targets.") and note.kind == "figure":
            assert "2025" not in (seeds.figure(note.source).period or ""), path


@pytest.mark.parametrize("name", FILES)
def test_scenario_checks_clean(name):
    bad = [each for each in check(SCENARIOS / f"{name}.yaml") if each.level is not Level.NOTE]
    assert bad == []


@pytest.mark.parametrize("name", [name for name in FILES if name != "baseline"])
def test_scenario_says_what_it_asks(name):
    scenario = load(SCENARIOS / f"{name}.yaml")
    base = load(SCENARIOS / "baseline.yaml")
    assert scenario.document.title != base.document.title
    assert len(scenario.document.summary) > 60
    assert scenario.document.summary != base.document.summary


def test_scenarios_are_told_in_the_readme():
    text = (SCENARIOS / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"`{name}`" not in text and f"`{name}.yaml`" not in text] == []
