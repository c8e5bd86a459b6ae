"""What only a model tells, made once for all replications of it.

Beside the model, not in it: what is made so belongs to the package that makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar
from weakref import ReferenceType, ref

from sim.model.model import Model

T = TypeVar("T")
KEPT: Final = 8
"""Models of which is remembered what only they tell."""


def of_model(make: Callable[[Model], T]) -> Callable[[Model], T]:
    """Make what only a model tells once, for the replications of a few models that follow each other."""
    known: list[tuple[ReferenceType[Model], T]] = []

    @wraps(make)
    def remembered(model: Model) -> T:
        for one, made in known:
            if one() is model:
                return made
        made = make(model)
        known[:] = [(ref(model), made), *(each for each in known if each[0]() is not None)][:KEPT]
        return made

    return remembered
