"""Sensitivity: the Ishigami function's known indices, effects of a linear function, and the noise floor."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.study.headline import Key
from sim.study.sensitivity import analyse, lay_out

NAMES = ["one", "two", "three"]


def ishigami(places, a=7.0, b=0.1):
    x = np.pi * (2 * places - 1)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_indices_of_the_ishigami_function():
    places = lay_out("sobol", NAMES, points=4096, seed=1)
    rows = analyse("sobol", NAMES, places, ishigami(places)[:, None], resamples=100)
    by_name = {row.factor: row for row in rows}
    for name, s1, total in zip(NAMES, (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437), strict=True):
        row = by_name[name]
        assert row.s1 == pytest.approx(s1, abs=0.01)
        assert row.total == pytest.approx(total, abs=0.01)
        assert row.s1_low <= s1 <= row.s1_high
        assert row.low <= total <= row.high
    assert [row.factor for row in rows] == ["one", "two", "three"]
    assert [row.rank for row in rows] == [1, 2, 3]


def test_morris_effects_of_a_linear_function_are_its_slopes():
    places = lay_out("morris", NAMES, points=6, seed=2)
    values = (places @ np.array([3.0, -2.0, 0.0]))[:, None]
    rows = {row.factor: row for row in analyse("morris", NAMES, places, values, key=Key("k", "s", "h"))}
    assert rows["one"].mu_star == pytest.approx(3.0)
    assert rows["two"].mu == pytest.approx(-2.0)
    assert rows["two"].sigma == pytest.approx(0.0, abs=1e-9)
    assert rows["three"].mu_star == pytest.approx(0.0)
    assert np.isnan(rows["one"].floor)
    # One replication does not tell what is noise: nothing is said to stand clear of it.
    assert not any(row.heard or row.is_noise_known for row in rows.values())
    assert (rows["one"].rank, rows["one"].unit) == (1, "h")


def test_morris_agrees_with_salib():
    from SALib.analyze import morris

    places = lay_out("morris", NAMES, points=20, seed=3)
    values = ishigami(places)
    problem = {"num_vars": 3, "names": NAMES, "bounds": [[0, 1]] * 3}
    theirs = morris.analyze(problem, places, values, num_levels=4)
    rows = {row.factor: row for row in analyse("morris", NAMES, places, values[:, None])}
    for place, name in enumerate(NAMES):
        assert rows[name].mu_star == pytest.approx(theirs["mu_star"][place])
        assert rows[name].sigma == pytest.approx(theirs["sigma"][place])


@pytest.mark.parametrize(("method", "points"), [("morris", 30), ("sobol", 128)])
def test_the_noise_floor_is_what_noise_alone_reaches(method, points):
    chance = np.random.default_rng(4)
    places = lay_out(method, NAMES, points=points, seed=4)
    noise = chance.normal(size=(len(places), 8))
    signal = 40.0 * places[:, :1]
    rows = {row.factor: row for row in analyse(method, NAMES, places, signal + noise)}
    assert rows["one"].heard
    for name in ("two", "three"):
        # Nothing but noise: the index is the floor, within sampling error.
        assert rows[name].size == pytest.approx(rows[name].floor, rel=0.45)
        assert not rows[name].heard


def test_noise_that_is_common_to_all_points_does_not_count():
    places = lay_out("morris", NAMES, points=10, seed=5)
    common = np.random.default_rng(5).normal(size=(1, 6))
    rows = analyse("morris", NAMES, places, places[:, :1] + 100 * common)
    assert rows[0].floor == pytest.approx(0.0, abs=1e-9)
    assert rows[0].mu_star == pytest.approx(1.0)


def test_bootstrap_follows_its_own_seed():
    places = lay_out("morris", NAMES, points=25, seed=6)
    values = ishigami(places)[:, None] + np.random.default_rng(6).normal(size=(len(places), 1))
    one, same, other = (analyse("morris", NAMES, places, values, seed=seed) for seed in (1, 1, 2))
    assert [row.low for row in one] == [row.low for row in same]
    assert [row.mu_star for row in one] == [row.mu_star for row in other]
    assert [row.low for row in one] != [row.low for row in other]


def test_a_figure_that_never_moves_has_no_influence():
    places = lay_out("sobol", NAMES, points=16, seed=7)
    rows = analyse("sobol", NAMES, places, np.ones((len(places), 2)))
    assert {row.total for row in rows} == {0.0}
    assert not any(row.heard for row in rows)


def test_points_that_only_differ_between_their_halves_are_analysed_without_a_warning(recwarn):
    places = lay_out("sobol", NAMES, points=4, seed=0)
    values = ((places[:, :1] > 0.5) == (places[:, 1:2] > 0.5)) * 1.0
    rows = {row.factor: row for row in analyse("sobol", NAMES, places, values)}
    assert [rows[name].total for name in NAMES] == [1.0, 1.0, 0.0]
    assert not recwarn.list


def test_undefined_figures_are_refused():
    places = lay_out("morris", NAMES, points=3, seed=8)
    values = np.where(places[:, :1] > 0.5, np.nan, 1.0)
    with pytest.raises(UsageError, match="not defined"):
        analyse("morris", NAMES, places, values)
    with pytest.raises(UsageError, match="at least 1 and 2"):
        lay_out("morris", NAMES, points=1, seed=1)


@pytest.mark.parametrize("replications", [2, 3, 5, 20])
def test_the_floor_is_what_noise_alone_gives_however_few_replications_tell_of_it(replications):
    places = lay_out("morris", NAMES, points=800, seed=8)
    noise = np.random.default_rng(8).normal(size=(len(places), replications))
    rows = analyse("morris", NAMES, places, noise, resamples=20)
    assert all(row.floor == pytest.approx(row.mu_star, rel=0.1) for row in rows)
