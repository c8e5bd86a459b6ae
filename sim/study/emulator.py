"""A fast stand-in for the simulation: a Gaussian process over the free parameters, one for each target.

Linear trend, Matérn 5/2 kernel with a length for each parameter, the known noise of every point, and a fitted
nugget (Rasmussen and Williams, 2006). Written here rather than taken from a library because each point brings
its own noise, and because a calibration asks for hundreds of thousands of predictions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TREND: Final = 10.0
"""Prior variance of intercept and slopes, in variances of what is emulated: as good as unknown."""
BOUNDS: Final = {"variance": (1e-4, 1e2), "length": (0.1, 20.0), "nugget": (1e-8, 1.0)}
STARTS: Final = (0.5, 2.0)
"""Lengths from which the search begins."""
_ROOT5: Final = 5.0**0.5


@dataclass(frozen=True)
class Emulator:
    """A fitted process.

    Attributes:
        places: where the simulation was run, shape (n, d), between 0 and 1.
        lengths: of the kernel, shape (d,).
        variance: of the kernel, standardised.
        centre: mean of what was observed.
        spread: standard deviation of what was observed.
        weights: K⁻¹ y, shape (n,).
        whitening: inverse of the Cholesky factor of K, shape (n, n).
        explained: share of the variance that it predicts of each point left out in turn.
    """

    places: Floats
    lengths: Floats
    variance: float
    centre: float
    spread: float
    weights: Floats
    whitening: Floats
    explained: float

    def predict(self, places: Floats) -> tuple[Floats, Floats]:
        """Predict at other places.

        Args:
            places: shape (m, d), between 0 and 1.

        Returns:
            Mean and standard deviation of the noiseless figure, each of shape (m,).
        """
        between = _kernel(places, self.places, self.lengths, self.variance)
        own = TREND * (1.0 + ((places - 0.5) ** 2).sum(axis=1)) + self.variance
        mean = between @ self.weights
        left = own - ((between @ self.whitening.T) ** 2).sum(axis=1)
        return self.centre + self.spread * mean, self.spread * np.sqrt(np.maximum(left, 0.0))


def fit(places: Floats, values: Floats, noise: Floats) -> Emulator:
    """Fit a process to noisy values.

    Args:
        places: shape (n, d), between 0 and 1.
        values: shape (n,), finite.
        noise: variance of each value's error, shape (n,).

    Returns:
        The process whose hyperparameters are most probable given the values.
    """
    from scipy import linalg, optimize

    centre, spread = float(values.mean()), float(values.std())
    # A figure that does not move still needs a scale.
    spread = spread if spread > 0.0 else max(abs(centre), 1.0) * 1e-9
    y, floor = (values - centre) / spread, noise / spread**2
    gaps = (places.T[:, :, np.newaxis] - places.T[:, np.newaxis, :]) ** 2
    trend = TREND * (1.0 + (places - 0.5) @ (places - 0.5).T)
    factors = places.shape[1]
    limits = [BOUNDS["variance"], *[BOUNDS["length"]] * factors, BOUNDS["nugget"]]
    bounds = [(float(np.log(low)), float(np.log(high))) for low, high in limits]
    best = None
    for start in STARTS:
        begin = np.log([1.0, *[start] * factors, 1e-3])
        found = optimize.minimize(
            _misfit,
            begin,
            args=(y, floor, gaps, trend),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 200},
        )
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    variance, lengths, nugget = _split(best.x)
    covariance = trend + _matern(gaps, lengths, variance)[0] + np.diag(floor + nugget + 1e-10)
    lower = linalg.cholesky(covariance, lower=True)
    whitening = linalg.solve_triangular(lower, np.eye(len(y)), lower=True)
    inverse = whitening.T @ whitening
    weights = inverse @ y
    missed = weights / np.diag(inverse)
    explained = 1.0 - float((missed**2).sum()) / max(float((y**2).sum()), 1e-12)
    return Emulator(
        places=places,
        lengths=lengths,
        variance=variance,
        centre=centre,
        spread=spread,
        weights=weights,
        whitening=whitening,
        explained=explained,
    )


def _split(logs: Floats) -> tuple[float, Floats, float]:
    values = np.exp(logs)
    return float(values[0]), values[1:-1], float(values[-1])


def _matern(gaps: Floats, lengths: Floats, variance: float) -> tuple[Floats, Floats]:
    """Give the kernel between all pairs, and what its derivatives by log length share."""
    distance = _ROOT5 * np.sqrt(np.einsum("kij,k->ij", gaps, lengths**-2))
    fading = variance * np.exp(-distance)
    return fading * (1.0 + distance + distance**2 / 3.0), (5.0 / 3.0) * fading * (1.0 + distance)


def _kernel(one: Floats, other: Floats, lengths: Floats, variance: float) -> Floats:
    a, b = one / lengths, other / lengths
    square = (a**2).sum(axis=1)[:, np.newaxis] + (b**2).sum(axis=1) - 2.0 * a @ b.T
    distance = _ROOT5 * np.sqrt(np.maximum(square, 0.0))
    smooth = variance * np.exp(-distance) * (1.0 + distance + distance**2 / 3.0)
    return np.asarray(smooth + TREND * (1.0 + (one - 0.5) @ (other - 0.5).T))


def _misfit(logs: Floats, y: Floats, floor: Floats, gaps: Floats, trend: Floats) -> tuple[float, Floats]:
    """Give minus the log of the probability of the hyperparameters, and its gradient.

    Lengths have a wide lognormal prior around the whole range, so that a parameter that does nothing gets a
    long one and not an arbitrary one.
    """
    from scipy import linalg

    variance, lengths, nugget = _split(logs)
    smooth, slope = _matern(gaps, lengths, variance)
    covariance = trend + smooth + np.diag(floor + nugget + 1e-10)
    try:
        factor = linalg.cho_factor(covariance, lower=True)
    except linalg.LinAlgError:
        return 1e25, np.zeros_like(logs)
    inverse = linalg.cho_solve(factor, np.eye(len(y)))
    weights = inverse @ y
    pull = np.outer(weights, weights) - inverse
    value = 0.5 * float(y @ weights) + float(np.log(np.diag(factor[0])).sum())
    by_length = np.einsum("ij,kij->k", pull * slope, gaps) / lengths**2
    gradient = -0.5 * np.concatenate(
        ([float((pull * smooth).sum())], by_length, [nugget * float(np.trace(pull))])
    )
    leaning = logs[1:-1] - np.log(2.0)
    value += 0.5 * float((leaning**2).sum()) / 1.5**2
    gradient[1:-1] += leaning / 1.5**2
    return value, gradient
