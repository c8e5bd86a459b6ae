"""What can still be read of an element that its model refused, so that one fault hides no other.

Unknown keys are taken for the nearest legal one or left out; a field that cannot be read is filled with what
its model takes. What is said of such a field afterwards is to be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Final, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from sim.scenario.findings import closest
from sim.scenario.forms import Value
from sim.scenario.refusals import legal_keys

M = TypeVar("M", bound=BaseModel)

_ROUNDS: Final = 40
_ONE: Final = Value(literal=1.0)
_FILLINGS: Final[tuple[Any, ...]] = (
    _ONE,
    "?",
    "2024-01-01",
    "west",
    ["?"],
    {"?": _ONE},
    {"count": _ONE, "capacity": _ONE},
    {"shares": {"?": _ONE}},
)
"""What is tried for a field that cannot be read; then it is left out."""

_FOLLOW: Final[Mapping[str, tuple[str, ...]]] = {
    "buffer": ("level",),
    "berths": ("yard",),
    "steps": ("uses",),
}
"""Fields that have no meaning where another one is not known."""


class Salvaged(NamedTuple, Generic[M]):
    """What is left of an element.

    Attributes:
        model: the element, what could not be read filled in.
        lost: its fields of which nothing is known, or that depend on such a one.
    """

    model: M
    lost: frozenset[str]


def salvage(model: type[M], data: Mapping[str, Any]) -> Salvaged[M] | None:
    """Read what can be read.

    Args:
        model: what refused the element.
        data: the element as plain values.

    Returns:
        The element and what of it is lost; None where nothing can be said of it.
    """
    given: dict[str, Any] = dict(data)
    tried: dict[str, int] = {}
    for _ in range(_ROUNDS):
        try:
            made = model.model_validate(given)
        except ValidationError as errors:
            found = errors.errors(include_url=False)
        else:
            lost = {*tried, *(other for key in tried for other in _FOLLOW.get(key, ()))}
            return Salvaged(made, frozenset(lost))
        unknown = [error["loc"] for error in found if error["type"] == "extra_forbidden"]
        for loc in unknown:
            given = _renamed(given, [str(part) for part in loc], model)
        if unknown:
            continue
        top = {str(error["loc"][0]) for error in found if error["loc"]}
        if not top:
            return None
        for key in sorted(top):
            _fill(given, key, tried)
    return None


def _fill(given: dict[str, Any], key: str, tried: dict[str, int]) -> None:
    number = tried.get(key, 0)
    tried[key] = number + 1
    if number < len(_FILLINGS):
        given[key] = _FILLINGS[number]
    else:
        given.pop(key, None)


def _renamed(given: dict[str, Any], loc: list[str], model: type[BaseModel]) -> dict[str, Any]:
    """Copy an element with one unknown key renamed to the nearest legal one that is free, or left out."""
    made = copy(given)
    here: Any = made
    walked: list[str] = []
    for part in loc[:-1]:
        if isinstance(here, list) and part.isdigit():
            here[int(part)] = copy(here[int(part)])
            here = here[int(part)]
        elif isinstance(here, dict) and part in here:
            here[part] = copy(here[part])
            here = here[part]
        walked.append(part)
    if isinstance(here, dict) and loc[-1] in here:
        value = here.pop(loc[-1])
        near = closest(loc[-1], [key for key in legal_keys(model, walked) if key not in here])
        if near:
            here[near] = value
    return made
