"""Two replications must never be the same: ten that are one would give intervals of width zero.

Compares fingerprints of records as replications come in. A model in which chance decides nothing is exempt.
"""

from __future__ import annotations

import numpy as np

from sim.errors import RunError
from sim.model.model import Model
from sim.model.network import Outage, Shape


def is_random(model: Model) -> bool:
    """Tell whether chance decides anything in a model."""
    if any(flow.arrivals == "poisson" for flow in model.flows):
        return True
    if any(flow.choice == "logit" or _drawn(flow) for flow in model.flows):
        return True
    if any((closure.share > 0).any() for closure in model.closures):
        return True
    return any(shape.family != "fixed" for shape in _shapes(model))


def _drawn(flow: object) -> bool:
    choice, options = getattr(flow, "choice", ""), getattr(flow, "options", ())
    return choice == "shares" and len(options) > 1


def _shapes(model: Model) -> list[Shape]:
    shapes = [leg.shape for leg in model.legs]
    outages: list[Outage | None] = []
    for facility in model.facilities:
        shapes.append(facility.shape)
        outages.append(facility.outage)
        if facility.level is not None:
            shapes.append(facility.level[1])
    for line in model.lines:
        shapes += [line.sailing_shape, line.load.shape, line.unload.shape]
        outages.append(line.outage)
    shapes += [pool.shape for pool in model.pools]
    for outage in outages:
        if outage is not None:
            shapes += [outage.every_shape, outage.lasts_shape]
    return shapes


class Distinct:
    """Watches the fingerprints of one run."""

    def __init__(self, model: Model, seed: int) -> None:
        self._model = model
        self._seed = seed
        self._random = is_random(model)
        self._seen: dict[str, int] = {}
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: that nothing is random, or that chance touched nothing in two runs."""
        if not self._random:
            return ("nothing in this scenario is random: every replication is the same",)
        return tuple(self._notes)

    def add(self, number: int, fingerprint: str) -> None:
        """Take one more replication.

        Raises:
            RunError: its records are those of another although the arrivals drawn for the two differ, or
                the two were given the same draws.
        """
        first = self._seen.setdefault(fingerprint, number)
        if first == number or not self._random:
            return
        arrivals = [_poisson_arrivals(self._model, self._seed, replication=each) for each in (first, number)]
        if arrivals[0].size == 0 and arrivals[1].size == 0:
            # Few arrivals, a storm that does not come: chance may have had no occasion to differ.
            self._notes.append(
                f"replications {first} and {number} are alike: "
                "nothing that chance decided touched a consignment"
            )
            return
        message = (
            f"replications {first} and {number} have the same records, though consignments arrive at random; "
            "their random numbers were not used, or not drawn apart"
        )
        raise RunError(message)


def _poisson_arrivals(model: Model, seed: int, *, replication: int) -> np.ndarray:
    """Give the arrival times that chance decided, all flows one after the other."""
    from sim.chance.draws import draw

    draws = draw(model, seed=seed, replication=replication)
    random = [
        np.asarray(times)
        for flow, times in zip(model.flows, draws.arrivals, strict=True)
        if flow.arrivals == "poisson"
    ]
    return np.concatenate([np.zeros(0, dtype=np.int64), *random])
