"""Comparing runs: paired by replication, corrected for how much was asked."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.measure.backlog import Unsteady
from sim.statistics.intervals import t_intervals
from sim.statistics.multiplicity import holm
from sim.study.compare import contrast
from sim.study.headline import Key, headline
from sim.study.summary import Matrix, summary_rows

A = np.array([126.97, 124.31, 126.68, 122.66, 127.23])
B = np.array([118.21, 120.22, 122.45, 122.68, 119.40])
TRANSIT = Key("transit_time.mean", "route/west", "h")
WAIT = Key("wait.mean", "facility/customs", "h")
COUNT = Key("throughput", "total", "Mt/yr")


def figures(**columns: np.ndarray) -> Matrix:
    known = {"transit": TRANSIT, "wait": WAIT, "count": COUNT}
    keys = sorted(known[name] for name in columns)
    named = {known[name]: values for name, values in columns.items()}
    return Matrix(tuple(keys), np.array([named[key] for key in keys]).T)


def test_a_pair_of_runs_gives_the_paired_interval():
    # Law (2015): mean difference 4.978, 90 % interval 1.6491 to 8.3069, p .0332808.
    found = contrast([("a", figures(transit=B)), ("b", figures(transit=A))], confidence=0.9)
    row = found.rows[0]
    assert row.n == 5
    assert row.difference == pytest.approx(4.978)
    assert (row.low, row.high) == pytest.approx((1.6491, 8.3069), abs=5e-5)
    assert row.p == pytest.approx(0.0332808, abs=5e-8)
    assert row.p_adjusted == row.p
    assert row.base == pytest.approx(B.mean())
    assert row.other == pytest.approx(A.mean())


def test_only_shared_figures_and_shared_replications_are_compared():
    base = figures(transit=np.arange(8.0), wait=np.arange(8.0))
    other = figures(transit=np.arange(5.0) + 1, count=np.arange(5.0))
    found = contrast([("a", base), ("b", other)])
    assert [row.key for row in found.rows] == [TRANSIT]
    assert found.replications == found.rows[0].n == 5
    assert found.rows[0].difference == 1.0
    assert found.rows[0].p == 0.5**4


def test_a_replication_without_a_value_is_no_pair():
    gap = A.copy()
    gap[2] = np.nan
    row = contrast([("a", figures(transit=gap)), ("b", figures(transit=B))]).rows[0]
    assert row.n == 4
    assert row.base == pytest.approx(np.nanmean(gap))
    assert row.other == pytest.approx(np.delete(B, 2).mean())


def test_the_headline_family_is_corrected_by_itself_and_the_rest_over_all():
    rng = np.random.default_rng(5)
    base = figures(transit=rng.normal(0, 1, 20), wait=rng.normal(0, 1, 20), count=rng.normal(0, 1, 20))
    others = [("b", rng.normal(0.5, 1, (20, 3))), ("c", rng.normal(0.2, 1, (20, 3)))]
    found = contrast([("a", base), *((name, Matrix(base.keys, base.values + d)) for name, d in others)])
    p = {(row.scenario, row.key): row.p for row in found.rows}
    family = [key for key in p if key[1] in (TRANSIT, COUNT)]
    expected = dict(zip(family, holm([p[key] for key in family]), strict=True))
    everything = dict(zip(p, holm(list(p.values())), strict=True))
    for row in found.rows:
        key = (row.scenario, row.key)
        assert row.headline == (key in expected)
        assert row.p_adjusted == (expected if row.headline else everything)[key]
        assert row.p_adjusted >= row.p
    assert [row.key for row in found.headline()] == [COUNT, TRANSIT, COUNT, TRANSIT]


def test_identical_runs_differ_in_nothing():
    found = contrast([("a", figures(transit=A)), ("b", figures(transit=A))])
    assert (found.rows[0].difference, found.rows[0].p) == (0.0, 1.0)


def test_one_run_or_one_name_twice_is_refused():
    with pytest.raises(UsageError, match="at least one other"):
        contrast([("a", figures(transit=A))])
    with pytest.raises(UsageError, match="two scenarios of one name"):
        contrast([("a", figures(transit=A)), ("a", figures(transit=B))])


def test_one_unit_speaks_for_a_headline_figure():
    keys = [Key("throughput", "total", unit) for unit in ("TEU/yr", "Mt/yr", "wagons/yr")]
    assert headline([*keys, WAIT, TRANSIT]) == [Key("throughput", "total", "Mt/yr"), TRANSIT]


def test_summary_marks_what_belongs_to_a_saturated_flow():
    both = figures(transit=A, wait=B)
    rows = summary_rows(
        both.keys, t_intervals(both.values, 0.95), touched=Unsteady(frozenset({"route/west"}))
    )
    assert {row.kpi: row.stationary for row in rows} == {"transit_time.mean": False, "wait.mean": True}
    assert rows[0].half_width == pytest.approx((rows[0].high - rows[0].low) / 2)
