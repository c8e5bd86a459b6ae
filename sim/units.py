"""Units: "18 h" and "0.24 USD/FEU/km" to base units and back; the only place that knows a conversion.

Base units are s, km, kg, TEU, wagon, truck, train, consignment, USD and gCO2e; a share is a plain number.
A unit is a product of names joined by `/`, `*` or a space, `/` binding the one name that follows it, each
name with an optional whole exponent (`m^2`). Nothing here knows a figure, a file or a scenario.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from sim.errors import CorridorError

Dimension = tuple[tuple[str, int], ...]
"""Exponents by base dimension, sorted by name, none of them 0; () is dimensionless."""

NONE: Final[Dimension] = ()

YEAR_HOURS: Final = 8766
"""Hours in every year of a rate: 365.25 days."""

_HOUR = 3600.0
_YEAR = YEAR_HOURS * _HOUR
_NMI = 1.852
_COUNTS = (
    "consignment vessel ship berth container locomotive crane mooring tanker voyage sailing call trip unit "
    "visit country structure tunnel ferry vehicle pair slot barge worker shift gauge event"
)
"""Things that are only counted, each a dimension of its own (a ship is a vessel, a vehicle is a truck)."""

_SAME = {"ship": "vessel", "ferry": "vessel", "tanker": "vessel", "barge": "vessel", "vehicle": "truck"}
_PLURALS = {"country": "countries", "ferry": "ferries"}


class UnitError(CorridorError, ValueError):
    """A text that is no quantity or no unit; `expected` and `hint` say what would have been one."""

    exit_code = 1

    def __init__(self, message: str, *, expected: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.hint = message, expected, hint


@dataclass(frozen=True)
class Unit:
    """A unit: how many base units it is, and of which dimension."""

    factor: float
    dimension: Dimension


@dataclass(frozen=True)
class Quantity:
    """A number in base units with its dimension."""

    value: float
    dimension: Dimension


def dimension(**exponents: int) -> Dimension:
    """Make a dimension, e.g. `dimension(length=1, time=-1)`."""
    return tuple(sorted((name, power) for name, power in exponents.items() if power))


def product(*parts: tuple[Dimension, int]) -> Dimension:
    """Multiply dimensions, each raised to a whole power."""
    total: dict[str, int] = {}
    for part, power in parts:
        for name, exponent in part:
            total[name] = total.get(name, 0) + exponent * power
    return tuple(sorted((name, exponent) for name, exponent in total.items() if exponent))


def _scaled(table: dict[str, float], base: str, power: int = 1) -> dict[str, Unit]:
    return {
        name: Unit(factor, dimension(**{base: power}) if base else NONE)
        for text, factor in table.items()
        for name in text.split()
    }


def _names() -> dict[str, Unit]:
    """List every unit name with its factor to base units."""
    names: dict[str, Unit] = {}
    names |= _scaled(
        {
            "s sec second seconds": 1.0,
            "min minute minutes": 60.0,
            "h hr hrs hour hours": _HOUR,
            "d day days": 24 * _HOUR,
            "wk week weeks": 168 * _HOUR,
            "month months mo": _YEAR / 12,
            "quarter quarters": _YEAR / 4,
            "half-year half-years": _YEAR / 2,
            "yr yrs year years a": _YEAR,
        },
        "time",
    )
    names |= _scaled(
        {
            "mm": 1e-6,
            "cm": 1e-5,
            "m metre metres meter meters": 1e-3,
            "km": 1.0,
            "nmi NM": _NMI,
            "mi mile miles": 1.609344,
        },
        "length",
    )
    names |= _scaled({"m2": 1e-6, "ha": 1e-2, "km2": 1.0}, "length", 2)
    names |= _scaled({"m3": 1e-9, "mcm": 1e-3, "bcm": 1.0}, "length", 3)
    names |= _scaled(
        {
            "g gram grams": 1e-3,
            "kg": 1.0,
            "t tonne tonnes ton tons dwt": 1e3,
            "kt": 1e6,
            "Mt": 1e9,
            "Gt": 1e12,
        },
        "mass",
    )
    names |= _scaled(
        {"TEU TEUs": 1.0, "FEU FEUs": 2.0, "kTEU": 1e3, "MTEU": 1e6, "kFEU": 2e3, "MFEU": 2e6}, "TEU"
    )
    names |= _scaled({"wagon wagons car cars railcar railcars platform platforms": 1.0}, "wagon")
    names |= _scaled({"truck trucks": 1.0}, "truck")
    names |= _scaled({"train trains": 1.0}, "train")
    names |= _scaled({"bbl barrel barrels": 1.0, "kbbl kb": 1e3, "Mbbl mb": 1e6}, "barrel")
    names |= _scaled({"USD $": 1.0, "kUSD": 1e3, "MUSD": 1e6, "cent cents": 0.01}, "USD")
    names |= _scaled(
        {
            "gCO2 gCO2e": 1.0,
            "kgCO2 kgCO2e": 1e3,
            "tCO2 tCO2e": 1e6,
            "ktCO2 ktCO2e": 1e9,
            "MtCO2 MtCO2e": 1e12,
        },
        "CO2",
    )
    for currency in ("EUR", "RUB", "KZT", "AZN", "GEL", "TRY", "CNY", "CHF", "GBP"):
        names |= _scaled({currency: 1.0}, currency)
    names |= _scaled({"kW": 1e3, "MW": 1e6, "GW": 1e9}, "power")
    names |= _scaled({"MWh": 3.6e9, "GWh": 3.6e12, "TWh": 3.6e15}, "energy")
    for thing in _COUNTS.split():
        plural = _PLURALS.get(thing, thing + "s")
        names |= _scaled({f"{thing} {plural}": 1.0}, _SAME.get(thing, thing))
    names |= _scaled(
        {"% percent": 0.01, "permille": 1e-3, "share fraction ratio factor multiplier dimensionless": 1.0}, ""
    )
    names |= _scaled({"thousand k": 1e3, "million mn": 1e6, "billion bn": 1e9, "1": 1.0}, "")
    knot = Unit(_NMI / _HOUR, dimension(length=1, time=-1))
    freight = Unit(1e3, dimension(length=1, mass=1))
    names |= {"knot": knot, "knots": knot, "kn": knot, "km/h": Unit(1 / _HOUR, knot.dimension)}
    return names | {"tkm": freight, "t-km": freight, "tonne-km": freight}


NAMES: Final = _names()
"""Every unit name that the language knows."""

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_SEPARATED = re.compile(r"[-+]?\d+(?:[.,_']\d+|\s\d{3}(?!\d))+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:\s\d{3}(?!\d))+")
_CLOCK = re.compile(r"\d{1,6}:\d{1,6}")
_SEVERAL = re.compile(r"[^\s\d/*·^-]\s+[-+]?\d+(?:\.\d*)?\s*[^\W\d]")
_PART = re.compile(rf"({_NUMBER.pattern})\s*([^\s\d]+)")
_TERM = re.compile(r"\s*([/*·]|(?=\s)|^)\s*([^\s/*·^]+)(?:\^(-?\d))?")


@lru_cache(maxsize=4096)
def unit(text: str) -> Unit:
    """Read a unit such as `gCO2/t/km`.

    Raises:
        UnitError: a name in it is unknown; `hint` has the nearest known one.
    """
    known = NAMES.get(text)
    if known is not None:
        return known
    factor, parts, position = 1.0, [], 0
    stripped = text.strip()
    while position < len(stripped):
        term = _TERM.match(stripped, position)
        if term is None or term.end() == position:
            message = f"'{text}' is not a unit"
            raise UnitError(message, expected="names joined by '/', like USD/FEU/km")
        sign, name, exponent = term.groups()
        known = NAMES.get(name)
        if known is None:
            message = f"unknown unit '{name}'"
            raise UnitError(message, expected="a unit that is known", hint=nearest(name))
        power = int(exponent or 1) * (-1 if sign == "/" else 1)
        factor *= known.factor**power
        parts.append((known.dimension, power))
        position = term.end()
    return Unit(factor, product(*parts))


def split(text: str) -> tuple[float, str]:
    """Part a quantity into its number and its unit's text.

    Raises:
        UnitError: it does not begin with a number.
    """
    stripped = text.strip()
    number = _NUMBER.match(stripped)
    if number is None:
        message = f"'{text}' does not begin with a number"
        raise UnitError(message, expected='a quantity such as "18 h"')
    rest = stripped[number.end() :]
    if rest[:1] in {",", "_", "'"} or _THOUSANDS.match(stripped):
        message = f"'{text}' has a digit separator"
        raise UnitError(message, expected="digits and a point", hint=_plainly(stripped))
    if _CLOCK.fullmatch(stripped):
        hours, _, minutes = stripped.partition(":")
        hint = f'a duration is written "{int(hours) + int(minutes) / 60:.6g} h"'
        message = f"'{text}' is like a time of the day"
        raise UnitError(message, expected='a quantity such as "18 h"', hint=hint)
    return float(number.group()), rest.strip()


def _plainly(text: str) -> str:
    """Say how a number is written without separators: 10,000 as 10000, 1,5 as 1.5; '' where it is none."""
    run = _SEPARATED.match(text)
    if run is None:
        return ""
    digits = re.sub(r"[_'\s]", "", run.group())
    whole, comma, part = digits.rpartition(",")
    if "." in whole or (comma and "." not in part and (len(part) != 3 or whole in ("", "0"))):
        digits = f"{whole.replace('.', '').replace(',', '')}.{part}"
    digits = digits.replace(",", "")
    points = digits.count(".")
    return f"write {float(digits.replace('.', '') if points > 1 else digits):.15g}"


def _summed(text: str) -> str:
    """Say how "1 d 12 h" is written with one unit; '' where its parts cannot be added."""
    parts = _PART.findall(text)
    if "".join(map("".join, parts)) != re.sub(r"\s", "", text):
        return ""
    try:
        units = [unit(name) for _, name in parts]
    except UnitError:
        return ""
    if len({each.dimension for each in units}) != 1:
        return ""
    total = sum(float(number) * each.factor for (number, _), each in zip(parts, units, strict=True))
    return f'write "{total / units[-1].factor:.10g} {parts[-1][1]}"'


def parse(text: str) -> Quantity:
    """Read a quantity such as `4.1 Mt/yr`; a bare number is dimensionless.

    Raises:
        UnitError: no number, an unknown unit, or a number that is not finite.
    """
    number, name = split(text)
    if not name:
        return _finite(number, 1.0, NONE, text)
    if _SEVERAL.search(name):
        message = f"'{text}' has several numbers"
        raise UnitError(message, expected="one number with one unit", hint=_summed(text))
    known = unit(name)
    return _finite(number, known.factor, known.dimension, text)


def _finite(number: float, factor: float, dimension_: Dimension, text: str) -> Quantity:
    value = number * factor
    if not -1e300 < value < 1e300:
        message = f"'{text}' is not a finite number"
        raise UnitError(message, expected="a finite number")
    return Quantity(value, dimension_)


def to_base(value: float, unit_text: str) -> Quantity:
    """Turn a number in a unit into base units."""
    known = unit(unit_text)
    return Quantity(value * known.factor, known.dimension)


def to_display(value: float, unit_text: str) -> float:
    """Turn a number of base units into the given unit."""
    return value / unit(unit_text).factor


def nearest(name: str) -> str:
    """Give the known unit name that looks most like this one, or ''."""
    lowered: dict[str, str] = {}
    for known in NAMES:
        lowered.setdefault(known.lower(), known)
    close = get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.5)
    return f"did you mean '{lowered[close[0]]}'?" if close else ""


_BASE = {
    "time": "s",
    "length": "km",
    "mass": "kg",
    "CO2": "gCO2",
    "barrel": "bbl",
}


def base_unit(of: Dimension) -> str:
    """Write the base unit of a dimension, e.g. `km/s`; '' when dimensionless."""
    up = [(_BASE.get(name, name), power) for name, power in of if power > 0]
    down = [(_BASE.get(name, name), -power) for name, power in of if power < 0]
    top = " ".join(name if power == 1 else f"{name}^{power}" for name, power in up)
    tail = "".join(f"/{name}" if power == 1 else f"/{name}^{power}" for name, power in down)
    return (top or ("1" if tail else "")) + tail
