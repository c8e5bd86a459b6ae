"""Targets that sum subjects or count trains, and targets that a run leaves without a value."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import tiny

import sim
from sim.calibration import Calibrating
from sim.cli.main import invoke
from sim.errors import InputError, UsageError
from sim.plan import Settings
from sim.scenario.yaml_nodes import compose
from sim.study.calibrate import schedule

HOURS_PER_YEAR = 8766

SUMS = """\
extends: tiny.yaml
title: A tiny corridor with a second flow
facilities: {customs: {changes: {trains: 0.5}}}
flows:
  boxes: {consignment: {TEU: 10, t: 140, trains: 2, wagons: 5}}
add:
  flows:
    more:
      commodity: containers
      volume: "5000 TEU/yr"
      consignment: {TEU: 5, t: 70, trains: 1, wagons: 3}
      choice: {shares: {west: 1.0}}
targets:
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scenario(*targets: str):
    Path("sums.yaml").write_text(SUMS + "".join(f"  - {{{each}}}\n" for each in targets))
    return sim.load("sums.yaml")


def fitted(loaded):
    return sim.calibrate(loaded, ["legs.a-p.speed"], trials=8, replications=2, engine="simpy", out="out")


BOTH = "of: [flow/boxes, flow/more], title: all boxes"


def test_a_target_may_sum_subjects_and_count_what_no_figure_counts(folder):
    loaded = scenario(
        f'kpi: throughput, {BOTH}, observed: "25 kTEU", tolerance: "5 %"',
        f'kpi: throughput, {BOTH}, observed: "2000 trains/yr", tolerance: "5 %"',
        f'kpi: delivered, {BOTH}, observed: "800 wagons", tolerance: "5 %"',
        'kpi: offered, of: [flow/boxes], observed: "230 trains", tolerance: "5 %"',
    )
    found = fitted(loaded)
    rows = [row for row in found.fit.targets if row.kpi not in ("running.mean", "utilisation")][1:]
    assert [(row.kpi, row.subject, row.unit) for row in rows] == [
        ("throughput", "all boxes", "TEU/yr"),
        ("throughput", "all boxes", "trains/yr"),
        ("delivered", "all boxes", "wagons"),
        ("offered", "flow/boxes", "trains"),
    ]
    assert [row.observed for row in rows] == pytest.approx([25_000, 2000, 800, 230])
    one = sim.simulate(loaded, replication=0, engine="simpy").kpis
    counts = one[one.unit == "consignments"].set_index(["kpi", "subject"])["value"]
    boxes = {name: counts["delivered", f"flow/{name}"] for name in ("boxes", "more")}
    years = 20 * 24 / HOURS_PER_YEAR
    # Two trains leave for one of boxes, and one arrives: what is passed on is counted as it arrives.
    values = found.values.query("point == 0 and replication == 0").set_index(["kpi", "subject", "unit"])
    assert values.loc[("delivered", "flow/boxes", "consignments"), "value"] == boxes["boxes"]
    from sim.study.claims import claimed
    from sim.study.headline import Key

    keys = [Key(*row) for row in one[["kpi", "subject", "unit"]].itertuples(index=False)]
    document = loaded.document
    figures = dict(zip(keys, one["value"], strict=True))
    made = [claimed(target, keys, document) for target in document.targets[3:]]
    sums = [sum(factor * figures[key] for key, factor in each.parts) for each in made]
    assert sums[1] == pytest.approx((boxes["boxes"] * 1 + boxes["more"] * 0.5) / years)
    assert sums[2] == pytest.approx(boxes["boxes"] * 5 + boxes["more"] * 3)
    assert sums[3] == pytest.approx(2 * counts["offered", "flow/boxes"])


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        (
            f'kpi: transit_time.mean, {BOTH}, observed: "5 d", tolerance: "1 d"',
            "bad-value",
            "does not add up",
        ),
        (f"kpi: on_promise, {BOTH}, observed: 0.5, tolerance: 0.1", "bad-value", "does not add up"),
        ('kpi: throughput, of: [], observed: "5 kTEU", tolerance: "5 %"', "bad-value", "a sum of nothing"),
        (
            'kpi: throughput, of: [flow/more, flow/more], observed: "5 kTEU", tolerance: "5 %"',
            "bad-value",
            "counted 2 times",
        ),
        (
            'kpi: throughput, of: [flow/boxes, flow/moer], observed: "5 kTEU", tolerance: "5 %"',
            "dangling-id",
            "no flow 'moer'",
        ),
        (
            'kpi: throughput, of: flow/boxes, title: boxes, observed: "5 kTEU", tolerance: "5 %"',
            "misplaced-key",
            "beside the one subject",
        ),
    ],
)
def test_what_does_not_add_up_is_a_finding(folder, target, code, words):
    with pytest.raises(InputError) as caught:
        scenario(target)
    assert [(each.code, words in each.message) for each in caught.value.findings] == [(code, True)]


def test_the_order_of_a_sum_and_its_name_leave_the_scenarios_hash(folder):
    one = scenario(f'kpi: throughput, {BOTH}, observed: "25 kTEU", tolerance: "5 %"')
    other = scenario('kpi: throughput, of: [flow/more, flow/boxes], observed: "9 kTEU", tolerance: "5 %"')
    assert one.digest("1") == other.digest("1")
    assert other.document.targets[-1].of == "flow/more + flow/boxes"


def test_a_sum_that_no_flow_can_give_is_refused_before_it_costs_anything(folder, monkeypatch):
    loaded = scenario(f'kpi: throughput, {BOTH}, observed: "200 trucks/yr", tolerance: "5 %"')

    def nothing(*_, **__):
        message = "no point is computed"
        raise AssertionError(message)

    monkeypatch.setattr("sim.study.points.Simulated.compute", nothing)
    with pytest.raises(UsageError, match="flow/boxes has no trucks"):
        fitted(loaded)


SHORT = ("--set", 'clock.length="1 d"', "--set", 'clock.warmup="0 d"', "--engine", "simpy", "-n", "2")


def test_a_target_without_a_value_is_left_out_by_name(folder, capsys):
    text = Path("tiny.yaml").read_text().replace(
        "kpi: running.mean, of: leg/a-p", "kpi: transit_time.mean, of: route/west"
    )  # fmt: skip
    Path("tiny.yaml").write_text(text)
    given = ["calibrate", "tiny.yaml", "--free", "legs.a-p.speed", "--trials", "8", "--no-figures", *SHORT]
    assert invoke(given) == 0
    told = capsys.readouterr()
    assert "transit_time.mean of route/west is left out: it has no value at 9 of 9 points" in told.err
    assert "transit_time.mean route/west" not in told.out
    assert "throughput route/west" in told.out


def test_with_no_target_left_all_are_named(folder, capsys):
    text = Path("tiny.yaml").read_text().replace(
        "kpi: running.mean, of: leg/a-p", "kpi: transit_time.mean, of: route/west"
    )  # fmt: skip
    Path("tiny.yaml").write_text(text)
    given = ["calibrate", "tiny.yaml", "--free", "legs.a-p.speed", "--trials", "8", *SHORT]
    assert invoke([*given, "--hold-out", "throughput", "--hold-out", "utilisation"]) == 2
    told = capsys.readouterr().err
    assert "no target is left to calibrate to: transit_time.mean of route/west" in told
    assert "Traceback" not in told


def test_one_value_among_two_replications_is_a_value():
    """The spread of one number is none: the error is then taken from the points that have two."""
    import numpy as np

    from sim.study.calibrate import surrogate
    from sim.study.designs import sobol
    from sim.study.factors import Dial, Factor
    from sim.study.headline import Key
    from sim.study.targets import Aim

    places = sobol(12, 1, seed=1)
    chance = np.random.default_rng(1)
    values = 5 * places[:, None, :] + 0.1 * chance.normal(size=(12, 2, 1))
    values[3, 0] = np.nan
    made = surrogate(
        [Aim(Key("k", "s", "h"), 2.0, 0.1)], [Factor("x", (Dial("x", 0.5, 0.0, 1.0, "h"),))], places, values
    )
    mean, sd = made.emulators[0].predict(places)
    assert np.isfinite(mean).all()
    assert np.isfinite(sd).all()
    assert np.isfinite(made.noise).all()
    values[:, 0] = np.nan
    alone = surrogate(made.aims, made.factors, places, values)
    assert np.isfinite(alone.noise).all()


def test_a_figure_kept_for_validation_is_never_fitted(folder):
    """Its target is predicted and reported, whatever is held out by hand."""
    loaded = scenario(
        f'kpi: throughput, {BOTH}, observed: seeds/land/titr-teu-2024, tolerance: "5 %"',
        "kpi: offered, title: sent, of: [flow/boxes], observed: seeds/land/block-trains-2024, tolerance: 5 %",
    )
    found = fitted(loaded)
    roles = {row.subject: (row.role, row.unit) for row in found.fit.targets}
    assert roles["all boxes"] == ("fitted", "TEU/yr")
    assert roles["sent"] == ("held out", "trains/yr")


@pytest.mark.parametrize("name", ["baseline"])
def test_every_figure_behind_a_target_is_of_2021_to_2024(name):
    from sim.scenario.seeds import load_seeds

    book, scenario = load_seeds(), sim.load(name)
    cited = set()
    for path, note in scenario.provenance.items():
        if path.startswith("targets."):
            cited |= {note.source} if note.source else set(re.findall(r"seeds/[\w/-]+", note.because or ""))
    assert len(cited) >= 12
    for reference in sorted(cited):
        period = book.figure(reference).period or ""
        years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", period)]
        assert years, reference
        assert all(2021 <= year <= 2024 for year in years), (reference, period)


def test_a_study_file_may_free_a_figure_and_a_range_of_its_own(folder, capsys):
    Path("fit.yaml").write_text(
        "study: calibrate\nof: tiny.yaml\ntrials: 8\n"
        "free: [legs.a-p.speed=450 km/d..600 km/d, facilities.customs.service]\n"
        "replications: 2\nengine: simpy\nfigures: false\n"
    )
    assert invoke(["calibrate", "fit.yaml"]) == 0
    told = capsys.readouterr()
    assert "legs.a-p.speed" in told.out
    (path,) = Path("results").iterdir()
    runs = 2 * len(list((path / "points").iterdir()))
    assert f"2 parameters, 8 trials in 3 rounds, {runs} replications in all" in told.err
    Path("screen.yaml").write_text(
        "study: sensitivity\nof: tiny.yaml\nover: [legs, levers.slow, seeds/sea/none]\n"
    )
    assert invoke(["check", "screen.yaml"]) == 1
    assert "no parameter with a range is named seeds/sea/none" in capsys.readouterr().out
    assert invoke(["sensitivity", "screen.yaml", "--engine", "simpy"]) == 1
    assert "no parameter with a range is named seeds/sea/none" in capsys.readouterr().err


def test_what_is_claimed_of_a_removed_element_goes_with_it(folder, capsys):
    scenario(f'kpi: throughput, {BOTH}, observed: "25 kTEU", tolerance: "5 %"')
    Path("fewer.yaml").write_text("extends: sums.yaml\ntitle: Fewer boxes\nremove: [flows.more]\n")
    fewer = sim.load("fewer.yaml").document
    assert [target.of for target in fewer.targets] == ["leg/a-p", "facility/customs", "route/west"]
    assert len(fewer.expect) == 3
    assert invoke(["check", "fewer.yaml"]) == 0
    told = capsys.readouterr().out
    assert "claim-removed" in told
    assert "flow/more is removed, and with it what is claimed of its throughput" in told


def test_an_overlay_says_of_what_is_not_identified_that_its_value_is_the_fits(folder):
    fitted = "targets: [{kpi: utilisation, of: facility/customs, observed: 0.75, tolerance: 0.02}]"
    Path("one.yaml").write_text(Path("tiny.yaml").read_text().partition("targets:")[0] + fitted)
    found = sim.calibrate(
        "one.yaml", ["legs.a-p.speed", "facilities.customs.service"], trials=8, engine="simpy", replications=6
    )
    speed = found.fit.parameters[0]
    assert speed.verdict == "not identified"
    overlay = compose(found.overlay.read_text(), file="overlay").root.data()
    assert "Not identified: legs.a-p.speed. What is not identified is drawn to" in overlay["summary"]
    assert "near the base" not in overlay["summary"]
    assert overlay["legs"]["a-p"]["speed"]["assume"] == f"{speed.value:.10g} km/day"
    assert "not identified" in overlay["legs"]["a-p"]["speed"]["because"]


def test_a_target_kept_aside_since_makes_another_study(folder):
    loaded = sim.load("tiny.yaml")
    first, *others = loaded.document.targets
    aside = replace(loaded.document, targets=(replace(first, kept_aside=True), *others))
    plans = [
        Calibrating(each, (), Settings())._plan(schedule(8, 1)).digest
        for each in (loaded, replace(loaded, document=aside))
    ]
    assert plans[0] != plans[1]


def test_one_replication_of_each_point_is_said_to_know_no_noise(folder):
    asked = ["legs.a-p.speed", "facilities.customs.service"]
    one, more = (
        sim.calibrate("tiny.yaml", asked, trials=8, engine="simpy", replications=count) for count in (1, 6)
    )
    assert any("one replication of each point" in note for note in one.fit.notes)
    assert not any("one replication" in note for note in more.fit.notes)
    # The service is told by its utilisation, as far as chance lets it be.
    assert one.fit.parameters[1].narrowed > more.fit.parameters[1].narrowed
