"""Growth of a backlog: saturated systems are flagged, stable and seasonal ones are not."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.statistics.queueing import lindley
from sim.statistics.stationarity import growing_stretches, growth, growth_of

DAYS = np.arange(367.0)


def backlogs(load, replications, *, seed, warmup=90):
    """Hours of work ahead of a single server, day by day over a year, one row per replication."""
    generator = np.random.default_rng(seed)
    customers = int((367 + warmup) * 24 * 1.2)
    gaps = generator.exponential(1.0, size=(replications, customers))
    waits = lindley(gaps, generator.exponential(load, size=gaps.shape))
    arrivals = np.cumsum(gaps, axis=1)
    at = (DAYS + warmup) * 24.0
    return np.array([w[np.searchsorted(a, at) - 1] for w, a in zip(waits, arrivals, strict=True)])


@pytest.mark.parametrize("replications", [1, 2, 20])
def test_a_saturated_server_is_flagged_at_its_surplus(replications):
    found = growth(backlogs(1.2, replications, seed=1), DAYS, floor=0.01 * 24)
    assert found.growing
    assert found.n == replications
    assert found.slope == pytest.approx(0.2 * 24, rel=0.2)
    assert found.low <= found.slope <= found.high


@pytest.mark.parametrize("replications", [1, 5, 20])
@pytest.mark.parametrize("load", [0.5, 0.9, 0.95])
def test_a_stable_server_is_not(load, replications):
    for seed in range(20):
        assert not growth(backlogs(load, replications, seed=seed), DAYS, floor=0.01 * 24).growing


def test_at_the_floor_the_false_alarms_are_as_stated():
    generator = np.random.default_rng(3)
    walks = np.cumsum(generator.normal(0.5, 1.0, size=(2000, 10, 100)), axis=2)
    alarms = np.mean([growth(one, np.arange(100.0), confidence=0.9, floor=0.5).growing for one in walks])
    assert alarms <= 0.05 + 3.3 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_straight_line_is_read_exactly():
    rows = np.add.outer([0.0, 5.0, 9.0], 2.0 * DAYS)
    for series in (rows, rows[0]):
        found = growth(series, DAYS)
        assert (found.slope, found.rise) == pytest.approx((2.0, 2.0))
        assert found.growing
    assert not growth(rows, DAYS, floor=2.1).growing


def test_a_constant_backlog_stands_still():
    found = growth(np.full((4, 50), 0.1), np.arange(50.0))
    assert (found.slope, found.low, found.high, found.growing) == (0.0, 0.0, 0.0, False)


def test_a_wave_of_the_seasons_is_not_growth():
    generator = np.random.default_rng(4)
    wave = 50.0 - 50.0 * np.sin(2 * np.pi * DAYS / 366)
    found = growth(wave + generator.normal(size=(10, DAYS.size)), DAYS, floor=0.05)
    assert not found.growing
    tilted = growth(100.0 - wave + generator.normal(size=(10, DAYS.size)), DAYS, floor=0.05)
    assert not tilted.growing


def test_a_stretch_overrun_each_winter_is_found_though_the_year_shows_nothing():
    generator = np.random.default_rng(5)
    ramp = np.where(DAYS < 60, 12 * (60 - DAYS), np.where(DAYS > 305, 12 * (DAYS - 305), 0.0))
    series = ramp + generator.normal(0, 20, size=(20, DAYS.size))
    assert not growth(series, DAYS, floor=1.0).growing
    found = growing_stretches(series, DAYS, floor=1.0)
    assert [(round(part.start), round(part.end)) for part in found] == [(305, 366)]
    assert found[0].growth.slope == pytest.approx(12, rel=0.05)


def test_no_stretch_of_a_stable_server_is_flagged():
    for seed in range(20):
        assert growing_stretches(backlogs(0.9, 20, seed=seed), DAYS, floor=0.02 * 24) == ()


@pytest.mark.parametrize(
    ("series", "times"),
    [
        (np.ones((2, 9)), np.arange(9)),
        (np.ones((2, 20)), np.arange(19)),
        (np.ones((2, 20)), np.zeros(20)),
        (np.full((2, 20), np.nan), np.arange(20)),
        (np.ones((0, 20)), np.arange(20)),
    ],
)
def test_what_cannot_be_read_is_refused(series, times):
    with pytest.raises(UsageError):
        growth(series, times)


def test_a_negative_floor_is_refused():
    with pytest.raises(UsageError, match="floor"):
        growth(np.ones((2, 20)), np.arange(20), floor=-1.0)


@pytest.mark.parametrize("replications", [1, 20, 200])
def test_a_line_that_opens_in_mid_year_and_keeps_its_level_does_not_grow(replications):
    generator = np.random.default_rng(6)
    level = np.where(DAYS < 150, 0.0, 1.4)
    series = level + generator.normal(0, 0.3, size=(replications, DAYS.size)) * (DAYS >= 150)
    found = growth(series, DAYS, floor=0.5 / 366)
    assert not found.growing
    assert min(found.slope, found.rise) > found.floor > found.later_low


def test_a_line_that_opens_in_mid_year_and_is_overrun_grows():
    generator = np.random.default_rng(7)
    level = np.where(DAYS < 150, 0.0, 0.2 * (DAYS - 150))
    found = growth(level + generator.normal(0, 3, size=(20, DAYS.size)), DAYS, floor=0.01)
    assert found.growing
    assert found.later == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_a_rate_without_an_interval_is_no_growth(lacking):
    rates = [[5.0, 5.1]] * 3
    assert growth_of(*rates).growing
    rates[lacking] = [5.0]
    assert not growth_of(*rates).growing
