"""Moments of rows that come one after the other are those of the whole matrix, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.running import RunningMoments
from sim.statistics.samples import moments


def gathered(matrix, order):
    """Give the rows one after the other, each with its columns in some order."""
    running = RunningMoments()
    for take in (running.add, running.add_spread):
        for row in matrix:
            take(order, row[order])
    return running.moments()


@pytest.mark.parametrize("rows", [1, 2, 3, 70])
def test_they_are_those_of_the_matrix(rows):
    stream = np.random.default_rng(rows)
    matrix = stream.normal(1e6, 1.0, (rows, 40))
    matrix[stream.random(matrix.shape) < 0.2] = np.nan
    matrix[:, 3] = 7.25
    matrix[:, 4] = np.nan
    matrix[0, 5:8] = np.nan
    found, wanted = gathered(matrix, stream.permutation(40)), moments(matrix)
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine.tobytes() == theirs.tobytes() or np.array_equal(mine, theirs, equal_nan=True)
    assert found.sd[3] == 0.0 or rows == 1


def test_a_column_may_be_met_late():
    running = RunningMoments()
    for take in (running.add, running.add_spread):
        take(np.array([0]), np.array([1.0]))
        take(np.array([0, 1]), np.array([3.0, 5.0]))
    assert running.moments().n.tolist() == [2, 1]
    assert running.moments().mean.tolist() == [2.0, 5.0]
    assert np.isnan(running.moments().sd[1])
