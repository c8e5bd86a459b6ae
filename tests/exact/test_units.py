"""Units: every conversion against an independent oracle (pint), and what is no unit."""

from __future__ import annotations

from contextlib import suppress
from math import isclose

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.units import (
    NAMES,
    YEAR_HOURS,
    Unit,
    UnitError,
    base_unit,
    dimension,
    parse,
    product,
    to_base,
    to_display,
    unit,
)

_KNOWN = pint.UnitRegistry()
for line in (
    "TEU = [box]",
    "FEU = 2 * TEU",
    "wagon = [wagon]",
    "truck = [truck]",
    "train = [train]",
    "consignment = [consignment]",
    "USD = [money]",
    "gCO2 = [carbon]",
    "bbl = [barrel]",
    "corridor_year = 8766 * hour",
):
    _KNOWN.define(line)

BASE = {
    "time": "second",
    "length": "kilometer",
    "mass": "kilogram",
    "TEU": "TEU",
    "wagon": "wagon",
    "truck": "truck",
    "train": "train",
    "USD": "USD",
    "CO2": "gCO2",
    "barrel": "bbl",
}

PAIRS = {
    "s": "second",
    "min": "minute",
    "h": "hour",
    "hours": "hour",
    "d": "day",
    "days": "day",
    "week": "week",
    "month": "corridor_year / 12",
    "yr": "corridor_year",
    "years": "corridor_year",
    "m": "meter",
    "km": "kilometer",
    "nmi": "nautical_mile",
    "mm": "millimeter",
    "m2": "meter ** 2",
    "m3": "meter ** 3",
    "ha": "hectare",
    "kg": "kilogram",
    "t": "metric_ton",
    "kt": "1000 * metric_ton",
    "Mt": "1e6 * metric_ton",
    "TEU": "TEU",
    "FEU": "FEU",
    "kTEU": "1000 * TEU",
    "wagons": "wagon",
    "trucks": "truck",
    "trains": "train",
    "USD": "USD",
    "million USD": "1e6 * USD",
    "bn USD": "1e9 * USD",
    "gCO2": "gCO2",
    "kgCO2": "1000 * gCO2",
    "bbl": "bbl",
    "mb/d": "1e6 * bbl / day",
    "knots": "knot",
    "km/h": "kilometer / hour",
    "m/s": "meter / second",
    "km/day": "kilometer / day",
    "Mt/yr": "1e6 * metric_ton / corridor_year",
    "kTEU/yr": "1000 * TEU / corridor_year",
    "kt/month": "12000 * metric_ton / corridor_year",
    "trains/day": "train / day",
    "TEU/h": "TEU / hour",
    "min/train": "minute / train",
    "h/kt": "hour / (1000 * metric_ton)",
    "t/train": "metric_ton / train",
    "FEU/train": "FEU / train",
    "USD/FEU": "USD / FEU",
    "USD/t": "USD / metric_ton",
    "USD/FEU/km": "USD / FEU / kilometer",
    "USD/t/km": "USD / metric_ton / kilometer",
    "USD/TEU/d": "USD / TEU / day",
    "gCO2/t/km": "gCO2 / metric_ton / kilometer",
    "gCO2/tkm": "gCO2 / metric_ton / kilometer",
    "tkm": "metric_ton * kilometer",
    "USD/m": "USD / meter",
    "bbl/t": "bbl / metric_ton",
    "/USD": "1 / USD",
    "1/USD": "1 / USD",
    "km^2": "kilometer ** 2",
}


def _expected(name):
    """Give the factor to base units that pint finds."""
    wanted = _KNOWN.Quantity(1.0, "dimensionless")
    for part, power in unit(name).dimension:
        wanted = wanted * _KNOWN.Quantity(1.0, BASE[part]) ** power
    return float((_KNOWN.parse_expression(PAIRS[name]) * _KNOWN.Quantity(1.0)).to(wanted.units).magnitude)


@pytest.mark.parametrize("name", PAIRS)
def test_each_unit_is_what_an_independent_library_finds(name):
    assert isclose(unit(name).factor, _expected(name), rel_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "value", "of"),
    [
        ("18 h", 64_800.0, {"time": 1}),
        ("18h", 64_800.0, {"time": 1}),
        ("90 d", 7_776_000.0, {"time": 1}),
        ("1 yr", 8766 * 3600.0, {"time": 1}),
        ("253 nmi", 253 * 1.852, {"length": 1}),
        ("1 FEU", 2.0, {"TEU": 1}),
        ("0.24 USD/FEU/km", 0.12, {"USD": 1, "TEU": -1, "length": -1}),
        ("-3.5e2 km", -350.0, {"length": 1}),
        (".5 share", 0.5, {}),
        ("80 %", 0.8, {}),
        ("1.35 %/d", 0.0135 / 86_400, {"time": -1}),
        ("0.004 /USD", 0.004, {"USD": -1}),
        ("3", 3.0, {}),
        ("2 berths", 2.0, {"berth": 1}),
        ("4 ships", 4.0, {"vessel": 1}),
        ("1500 railcars", 1500.0, {"wagon": 1}),
    ],
)
def test_quantities(text, value, of):
    read = parse(text)
    assert isclose(read.value, value, rel_tol=1e-14)
    assert read.dimension == dimension(**of)


def test_a_year_has_8766_hours_in_every_rate():
    assert YEAR_HOURS == 8766
    assert isclose(parse("8.766 Mt/yr").value, 1e9 * 8.766 / (8766 * 3600), rel_tol=1e-15)
    assert isclose(parse("12 kt/month").value, parse("144 kt/yr").value, rel_tol=1e-15)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("18 hh", "did you mean 'h'?"),
        ("3 teu", "did you mean 'TEU'?"),
        ("50 kmh", "did you mean 'km/h'?"),
        ("3 trans/day", "did you mean 'trains'?"),
        ("1,200 km", "write 1200"),
        ("10,000 TEU/yr", "write 10000"),
        ("1,5 d", "write 1.5"),
        ("0,125 d", "write 0.125"),
        ("1.234,5 t", "write 1234.5"),
        ("1,234.5 t", "write 1234.5"),
        ("1,234,567 t", "write 1234567"),
        ("1_200 km", "write 1200"),
        ("10 000 TEU", "write 10000"),
        ("3, h", ""),
        ("1 d 12 h", 'write "36 h"'),
        ("1h 30min", 'write "90 min"'),
        ("1 d 3 km", ""),
        ("1 d 3 kmm", ""),
        ("12:30", 'a duration is written "12.5 h"'),
    ],
)
def test_what_is_no_unit_names_the_nearest(text, hint):
    with pytest.raises(UnitError) as raised:
        parse(text)
    assert raised.value.hint == hint


@pytest.mark.parametrize(
    "text", ["", "h", "x 3", "3 h/", "3 //h", "3 /", "1e400 h", "nan h", "inf", "3 h^", "--3 h", "3 h^h"]
)
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(UnitError):
        parse(text)


@given(st.sampled_from(sorted(NAMES)), st.floats(-1e6, 1e6))
def test_display_undoes_base(name, value):
    assert isclose(to_display(to_base(value, name).value, name), value, rel_tol=1e-12, abs_tol=1e-300)


@given(
    st.lists(
        st.tuples(st.sampled_from(["km", "h", "t", "TEU", "USD", "train"]), st.sampled_from("/*")), max_size=4
    )
)
def test_a_product_of_units_is_the_product_of_its_parts(parts):
    text, factor, of = "Mt", 1e9, unit("Mt").dimension
    for name, sign in parts:
        power = -1 if sign == "/" else 1
        text += f"{sign}{name}"
        factor *= unit(name).factor ** power
        of = product((of, 1), (unit(name).dimension, power))
    assert isclose(unit(text).factor, factor, rel_tol=1e-12)
    assert unit(text).dimension == of


@given(st.text(max_size=12))
def test_no_text_breaks_the_parser(text):
    with suppress(UnitError):
        assert -1e300 < parse(text).value < 1e300


def test_base_units_are_written_as_units():
    for name in PAIRS:
        of = unit(name).dimension
        assert unit(base_unit(of)) == Unit(1.0, of)
    assert base_unit(unit("USD/FEU/km").dimension) == "USD/TEU/km"
    assert base_unit(unit("/USD").dimension) == "1/USD"
    assert base_unit(()) == ""
