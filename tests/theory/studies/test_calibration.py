"""Calibration: emulators predict, the posterior holds its promise, what cannot be told is not claimed."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.study.calibrate import (
    most_probable,
    next_places,
    parameters,
    posterior,
    schedule,
    surrogate,
    without_each,
)
from sim.study.designs import sobol
from sim.study.emulator import fit
from sim.study.factors import Dial, Factor
from sim.study.headline import Key
from sim.study.posterior import draw, thinned
from sim.study.targets import Aim

CHANCE = 10


def test_the_emulator_predicts_with_honest_spread():
    chance = np.random.default_rng(1)
    places = sobol(60, 3, seed=1)

    def truth(x):
        return 5 * x[:, 0] + np.sin(4 * x[:, 1]) * x[:, 2]

    values = truth(places) + 0.05 * chance.normal(size=60)
    made = fit(places, values, np.full(60, 0.05**2))
    new = chance.random((400, 3))
    mean, sd = made.predict(new)
    assert np.abs(mean - truth(new)).max() < 0.35
    score = (mean - truth(new)) / sd
    assert 0.4 < np.sqrt((score**2).mean()) < 1.6
    assert made.explained > 0.99
    # Where there is no point the process is less sure than among them.
    assert made.predict(np.full((1, 3), 0.5))[1] < made.predict(np.full((1, 3), 3.0))[1]


def test_the_gradient_of_the_emulator_is_right():
    from scipy.optimize import check_grad

    from sim.study.emulator import TREND, _misfit

    places = sobol(20, 3, seed=2)
    y = np.random.default_rng(2).normal(size=20)
    gaps = (places.T[:, :, None] - places.T[:, None, :]) ** 2
    rest = (y, np.full(20, 0.01), gaps, TREND * (1 + (places - 0.5) @ (places - 0.5).T))
    error = check_grad(
        lambda logs: _misfit(logs, *rest)[0],
        lambda logs: _misfit(logs, *rest)[1],
        np.array([0.2, -0.3, 0.1, 0.5, -2]),
    )
    assert error < 1e-3


def test_a_figure_that_never_moves_is_emulated_too():
    made = fit(sobol(16, 2, seed=3), np.full(16, 7.0), np.zeros(16))
    assert made.predict(np.array([[0.3, 0.9]]))[0] == pytest.approx([7.0])


def test_draws_follow_the_density():
    centre, spread = np.array([0.4, 0.6]), np.array([0.05, 0.1])
    found = draw(lambda u: -0.5 * (((u - centre) / spread) ** 2).sum(axis=1), 2, seed=1)
    assert found.places.mean(axis=0) == pytest.approx(centre, abs=0.01)
    assert found.places.std(axis=0) == pytest.approx(spread, rel=0.08)
    assert 0.2 < found.accepted < 0.9
    assert thinned(found.places, 9).shape == (9, 2)
    again = draw(lambda u: -0.5 * (((u - centre) / spread) ** 2).sum(axis=1), 2, seed=1)
    assert np.array_equal(found.places, again.places)


FACTORS = tuple(
    Factor(name, (Dial(name, 5.0, 0.0, 10.0, "h"),)) for name in ("told", "pair-a", "pair-b", "silent")
)


def simulate(places, chance, replications=4):
    """Three figures: one tells the first parameter, one the sum of the next two, one nothing at all."""
    told, one, other, _ = (10 * places).T
    figures = np.stack([told + 0.1 * told**2, one + other, np.full(len(places), 3.0)], axis=1)
    return figures[:, None, :] + 0.3 * chance.normal(size=(len(places), replications, 3))


def aims(truth, held=None):
    figures = simulate(truth[None], np.random.default_rng(99), 4000)[0].mean(axis=0)
    return tuple(
        Aim(Key(f"k{number}", "s", "h"), float(value), 0.2, held_out=number == held)
        for number, value in enumerate(figures)
    )


def calibrated(truth, seed, held=None, rounds=2):
    chance = np.random.default_rng(seed)
    places = sobol(30, 4, seed=seed)
    values = simulate(places, chance)
    for number in range(rounds):
        model = surrogate(aims(truth, held), FACTORS, places, values)
        more = next_places(model, 6, seed=number)
        places, values = np.vstack([places, more]), np.concatenate([values, simulate(more, chance)])
    return surrogate(aims(truth, held), FACTORS, places, values)


def test_what_the_targets_tell_is_found_and_what_they_do_not_is_not_claimed():
    truth = np.array([0.3, 0.2, 0.5, 0.7])
    model = calibrated(truth, 1)
    draws = posterior(model, seed=1)
    place = most_probable(model, draws, np.full(4, 0.5))
    rows = parameters(model, draws, place, confidence=0.9)
    by_name = {row.factor: row for row in rows}
    for row, value in zip(rows, (10 * truth).tolist(), strict=True):
        assert row.low <= value <= row.high, row
    assert by_name["told"].verdict == "identified"
    assert by_name["told"].value == pytest.approx(3.0, abs=0.3)
    assert by_name["silent"].verdict == "not identified"
    # Where nothing is told, what is found stays near the scenario as it stands.
    assert by_name["silent"].value == pytest.approx(5.0, abs=0.5)
    assert (by_name["pair-a"].traded_with, by_name["pair-b"].traded_with) == ("pair-b", "pair-a")
    assert by_name["pair-a"].correlation < -0.9


def test_intervals_hold_as_often_as_they_say():
    """80 % intervals of the parameter that is told, over experiments with other truths and other noise."""
    inside = 0
    for number in range(CHANCE):
        truth = np.random.default_rng(number).uniform(0.1, 0.9, 4)
        model = calibrated(truth, 100 + number, rounds=0)
        row = parameters(model, posterior(model, seed=number), truth, confidence=0.8)[0]
        inside += row.low <= 10 * truth[0] <= row.high
    # Fewer than 5 of 10 in less than one of a hundred such tests, if the promise is kept.
    assert inside >= 5


def test_a_held_out_target_is_predicted_not_fitted():
    truth = np.array([0.3, 0.2, 0.5, 0.7])
    model = calibrated(truth, 2, held=1)
    draws = posterior(model, seed=2)
    rows = {row.factor: row for row in parameters(model, draws, truth, confidence=0.9)}
    assert rows["pair-a"].verdict == "not identified"
    predicted = without_each(model, draws, seed=2)
    mean, sd = predicted[1]
    assert abs(mean - model.aims[1].observed) < 3 * sd
    assert sd > 2.0


def test_trials_are_shared_out():
    plan = schedule(60, 4)
    assert (plan.first, plan.rounds, plan.total) == (30, (10, 10, 10), 60)
    assert schedule(None, 8).total == 135
    with pytest.raises(UsageError, match="at least 24"):
        schedule(20, 8)


def test_an_undefined_target_is_refused():
    places = sobol(10, 4, seed=1)
    values = simulate(places, np.random.default_rng(1))
    values[3, :, 0] = np.nan
    with pytest.raises(UsageError, match="no value at 1 of 10"):
        surrogate(aims(places[0]), FACTORS, places, values)
