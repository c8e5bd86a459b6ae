"""Designs cover what they promise, and come from their own seed."""

import numpy as np
import pytest

from sim.errors import UsageError
from sim.study.designs import latin, lay_out, sobol
from sim.study.factors import Dial, Factor, Level

SPAN = Factor("a", (Dial("a", 5.0, 0.0, 10.0, "h"),), count=3)
VALUES = Factor("b", levels=tuple(Level(str(number), number) for number in (4.0, 6.0, 8.0, 12.0)))


def test_grid_takes_every_combination_the_last_factor_fastest():
    made = lay_out([SPAN, VALUES], "grid")
    assert made.shape == (12, 2)
    told = [(SPAN.number(one), VALUES.number(other)) for one, other in made.tolist()]
    assert told[:5] == [(0.0, 4.0), (0.0, 6.0), (0.0, 8.0), (0.0, 12.0), (5.0, 4.0)]
    assert told[-1] == (10.0, 12.0)


def test_latin_hypercube_covers_every_slice_of_every_factor_once():
    made = latin(40, 3, seed=5)
    assert np.array_equal(np.sort((made * 40).astype(int), axis=0), np.tile(np.arange(40)[:, None], 3))


def test_sobol_points_are_even():
    made = sobol(64, 2, seed=5)
    counts, _, _ = np.histogram2d(*made.T, bins=8, range=[[0, 1], [0, 1]])
    assert (counts == 1).all()


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_a_design_follows_its_seed_and_nothing_else(design):
    made = []
    for state in (1, 2):
        np.random.seed(state)  # noqa: NPY002 - the global state is set to show that it has no part
        made.append(lay_out([SPAN, VALUES], design, points=8, seed=3))
    one, again = made
    assert np.array_equal(one, again)
    assert not np.array_equal(one, lay_out([SPAN, VALUES], design, points=8, seed=4))


def test_levels_are_reached_evenly():
    made = lay_out([VALUES], "lhs", points=40, seed=1)
    found = [VALUES.number(each) for each in made[:, 0].tolist()]
    assert {value: found.count(value) for value in (4.0, 6.0, 8.0, 12.0)} == dict.fromkeys(found, 10)


@pytest.mark.parametrize(
    ("factors", "design", "points", "text"),
    [
        ([], "grid", None, "nothing is varied"),
        ([SPAN], "grid", 7, "has 3 points"),
        ([SPAN], "lhs", None, "needs --points"),
        ([SPAN], "random", 3, "no design random"),
        ([Factor("x", (Dial("x", 1, 0, 1),), count=2000)] * 2, "grid", None, "4,000,000 points"),
    ],
)
def test_what_makes_no_design_is_refused(factors, design, points, text):
    with pytest.raises(UsageError, match=text):
        lay_out(factors, design, points=points)
