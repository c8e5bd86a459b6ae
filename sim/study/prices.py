"""What a unit of capacity costs, where the published figures know a project that adds it.

Few do: prices of ships, berths and wagons are not published for this corridor. A price that is not here is
told as unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sim.measure.bottleneck import OneMore
from sim.measure.view import HOUR, YEAR_HOURS
from sim.measure.volumes import MILLION_TONNES
from sim.model.model import Model
from sim.model.times import DAY

INTEREST: Final = 0.08
"""A year, on what is built."""
YEARS: Final = 25
"""Over which it is paid back."""


@dataclass(frozen=True)
class Project:
    """A published project that enlarges an element.

    Attributes:
        subject: the element.
        price: figure of its cost, million USD.
        before: figure of the element's capacity before it, Mt/yr.
        after: figure of its capacity after it, Mt/yr.
    """

    subject: str
    price: str
    before: str
    after: str


PROJECTS: Final = (
    Project(
        "facility/kars-divrigi-line",
        "seeds/west/tr-divrigi-cost",
        "seeds/west/tr-divrigi-cap",
        "seeds/west/tr-divrigi-new",
    ),
    Project(
        "leg/marabda-akhalkalaki",
        "seeds/west/btk-invest",
        "seeds/west/btk-cap-old",
        "seeds/west/btk-cap-new",
    ),
)


def annuity(price: float, *, interest: float = INTEREST, years: int = YEARS) -> float:
    """Spread a price evenly over years with interest (capital recovery factor)."""
    return price * interest / (1.0 - (1.0 + interest) ** -years)


def unit_prices(
    model: Model, units: Iterable[OneMore], figure: Callable[[str], float | None]
) -> dict[str, tuple[float, str]]:
    """Give what one more unit costs a year, where a project's price is known.

    A project is taken as divisible: a unit costs the share of it that the unit is of the capacity it adds.
    A tenth of a rate is a tenth of it; a train path is the capacity before the project over today's paths.

    Args:
        model: the corridor.
        units: what is priced.
        figure: gives the number of a figure by reference, None where there is none.

    Returns:
        USD a year and the figure of the price, by subject.
    """
    found: dict[str, tuple[float, str]] = {}
    for one in units:
        project = next((each for each in PROJECTS if each.subject == one.subject), None)
        if project is None:
            continue
        price, before, after = (figure(ref) for ref in (project.price, project.before, project.after))
        if price is None or before is None or after is None or after <= before:
            continue
        now = float(model.parameters.base[one.parameter])
        if one.how == "scale":
            unit = (one.by - 1.0) * now * HOUR * YEAR_HOURS / MILLION_TONNES
        else:
            unit = before / (now * DAY) if now > 0 else float("nan")
        found[one.subject] = (annuity(1e6 * price * unit / (after - before)), project.price)
    return found
