"""Why two scenarios differ: the parts add up to the whole; and how sure all differences are at once."""

import little
import numpy as np
import pytest

import sim
from sim.scenario.vocabulary import better
from sim.study.certainty import typical_reduction
from sim.study.outcome import Names, Outcome
from sim.study.why import BOXES, PARTS, why


def outcome(number, routes, *, boxes=None):
    """A replication with these routes: {route: (consignments, {step: hours of each part})}."""
    rows = [(route, step, hours) for route, (_, steps) in routes.items() for step, hours in steps.items()]
    breakdown = {
        "route": Names.of([f"route/{route}" for route, _, _ in rows]),
        "step": Names.of([step for _, step, _ in rows]),
        **{part: np.array([hours[place] for _, _, hours in rows]) for place, part in enumerate(PARTS)},
    }
    used = [(route, count) for route, (count, _) in routes.items() if count]
    series = {
        "series": Names.of(["transit_count"] * len(used)),
        "subject": Names.of([f"route/{route}" for route, _ in used]),
        "time": np.zeros(len(used)),
        "value": np.array([count for _, count in used], dtype=float),
    }
    kpis = {"kpi": ["throughput"], "subject": ["total"], "unit": ["Mt/yr"], "value": [1.0]}
    if boxes is not None:
        kpis["kpi"] += ["transit_time.mean", *["throughput"] * len(used)]
        kpis["subject"] += [BOXES, *(f"route/{route}" for route, _ in used)]
        kpis["unit"] += ["h", *["TEU/yr"] * len(used)]
        kpis["value"] += [boxes, *(10.0 * count for _, count in used)]
    table = {name: Names.of(values) for name, values in kpis.items() if name != "value"}
    table["value"] = np.array(kpis["value"], dtype=float)
    return Outcome(number, table, series, breakdown, {}, {}, (), str(number))


def made(number, *, wait, share=0.5, run=10.0):
    """Two routes from one origin: a slow one that waits at a border and a fast one."""
    return outcome(
        number,
        {
            "slow": (100 * share, {"border": (wait, 2.0, 0.0, 0.0), "rail": (0.0, 0.0, 40.0, 0.5)}),
            "fast": (100 * (1 - share), {"road": (0.0, 0.0, run, 0.0)}),
        },
    )


def parts(rows, subject):
    return {(row.element, row.component): row.difference for row in rows if row.subject == subject}


def test_an_element_has_one_interval_for_all_that_happens_there():
    base = [made(k, wait=5.0) for k in range(6)]
    other = [
        outcome(
            k,
            {
                # What is saved in waiting is lost in blocking but for an hour, and a little by chance.
                "slow": (50, {"border": (2.0 - k, 2.0, 0.0, 2.0 + k), "rail": (0.0, 0.0, 40.0, 0.5)}),
                "fast": (50, {"road": (0.0, 0.0, 10.0, 0.0)}),
            },
        )
        for k in range(6)
    ]
    rows = [row for row in why(base, other, scenario="x", confidence=0.95) if row.subject == "route/slow"]
    assert {(row.element, row.component) for row in rows} == {("border", "waiting"), ("border", "blocked")}
    for row in rows:
        assert (row.element_difference, row.element_low, row.element_high) == pytest.approx((-1, -1, -1))
        assert row.high - row.low > 3


def test_the_parts_of_a_route_are_where_its_time_changed():
    base = [made(k, wait=5.0 + k) for k in range(6)]
    other = [made(k, wait=2.0 + 0.9 * k) for k in range(6)]
    rows = why(base, other, scenario="x", confidence=0.95)
    assert parts(rows, "route/slow") == {("border", "waiting"): pytest.approx(-3.25)}
    assert parts(rows, "route/fast") == {}
    (row,) = [row for row in rows if row.subject == "route/slow"]
    assert row.low < row.difference < row.high
    assert (row.base, row.n) == (pytest.approx(7.5), 6)


def test_cargo_that_goes_another_way_is_a_part_of_its_own():
    base = [made(k, wait=5.0, share=0.5) for k in range(4)]
    other = [made(k, wait=5.0, share=0.3) for k in range(4)]
    rows = why(base, other, scenario="x", confidence=0.95)
    found = parts(rows, "total")
    # A slow route of 47.5 h loses a fifth of all cargo to a fast one of 10 h.
    assert sum(found.values()) == pytest.approx(-0.2 * 37.5)
    assert {component for _, component in found} == {"another way"}
    assert found["route/slow", "another way"] < 0
    assert found["route/fast", "another way"] < 0


def test_both_at_once_add_up_to_the_whole():
    base = [made(k, wait=5.0 + k, share=0.5) for k in range(5)]
    other = [made(k, wait=9.0 - k, share=0.7, run=12.0) for k in range(5)]
    rows = why(base, other, scenario="x", confidence=0.95)

    def mean(wait, share, run):
        return share * (wait + 42.5) + (1 - share) * run

    whole = np.mean([mean(9.0 - k, 0.7, 12.0) - mean(5.0 + k, 0.5, 10.0) for k in range(5)])
    assert sum(parts(rows, "total").values()) == pytest.approx(whole)


def test_a_route_that_only_one_has_is_told_by_its_share():
    base = [made(k, wait=5.0, share=1.0) for k in range(3)]
    other = [made(k, wait=5.0, share=0.6) for k in range(3)]
    found = parts(why(base, other, scenario="x", confidence=0.95), "total")
    assert sum(found.values()) == pytest.approx(0.6 * 47.5 + 0.4 * 10 - 47.5)
    assert {component for _, component in found} == {"another way"}


def test_background_is_no_part_of_the_totals():
    base = [made(k, wait=5.0) for k in range(3)]
    other = [made(k, wait=6.0) for k in range(3)]
    rows = why(base, other, scenario="x", confidence=0.95, background={"route/slow"})
    assert parts(rows, "total") == {}
    assert parts(rows, "route/slow") == {("border", "waiting"): pytest.approx(1.0)}


def test_boxes_add_up_to_their_own_mean():
    steps = {"border": (4.0, 1.0, 0.0, 0.0)}
    base = [outcome(k, {"r": (10, steps)}, boxes=5.5) for k in range(3)]
    slower = {"border": (6.0, 1.0, 0.0, 0.0)}
    other = [outcome(k, {"r": (10, slower)}, boxes=8.0) for k in range(3)]
    found = parts(why(base, other, scenario="x", confidence=0.95), BOXES)
    assert found == {("border", "waiting"): pytest.approx(2.0), (BOXES, "another way"): pytest.approx(0.5)}


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("little")
    little.write(folder)
    return sim.compare(
        [folder / "little.yaml", folder / "faster.yaml"],
        out=folder / "results",
        engine="simpy",
        replications=5,
    )


def test_a_comparison_says_why(comparison):
    time = comparison.table.query("kpi == 'transit_time.mean' and subject == 'route/west'").iloc[0]
    rows = comparison.why.query("subject == 'route/west'")
    assert rows["difference"].sum() == pytest.approx(time["difference"])
    first = rows.iloc[0]
    assert (first["element"], first["component"]) == ("facility/customs", "waiting")
    assert first["high"] < 0
    assert (
        (comparison.path / "why.csv").read_text().startswith("scenario,subject,element,component,base,other,")
    )
    assert comparison.plot("why") is not None


def test_a_comparison_says_how_sure_it_is_of_all_at_once(comparison):
    sure = comparison.sure.set_index(["kpi", "subject", "unit"])
    table = comparison.table.set_index(["kpi", "subject", "unit"])
    time = ("transit_time.mean", "route/west", "h")
    assert sure.loc[time, "low_together"] < table.loc[time, "low"]
    assert sure.loc[time, "high_together"] > table.loc[time, "high"]
    assert sure.loc[time, "better"] == "lower"
    assert sure.loc[time, "probability_better"] > 0.95
    assert sure.loc[time, "variance_reduction"] > 1
    assert comparison.manifest["together"] == "Bonferroni over the headline figures"
    assert comparison.manifest["variance_reduction"] == pytest.approx(typical_reduction(comparison.certainty))


def test_which_direction_is_welcome():
    assert better("transit_time.p90") == better("running.mean") == better("extra_cost") == "lower"
    assert better("throughput") == "higher"
    assert better("on_promise") == "higher"
