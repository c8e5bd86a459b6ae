"""The forms in which a quantity may be written, read into two small dataclasses.

`Value` is one number: a literal, a figure, an assumption or a lever, times its scales. `Law` is a random
quantity. Only the form is looked at here; units, figures and levers are looked up in `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final, Literal, NoReturn, get_args

from pydantic_core import PydanticCustomError

from sim.scenario.findings import nearest

Family = Literal["fixed", "gamma", "lognormal", "exponential", "weibull", "erlang"]
FAMILIES: Final = get_args(Family)

_SPREAD = re.compile(r"^(?P<mean>.+?)\s*(?:±|\+-|\+/-)\s*(?P<spread>.+)$")
_PERCENT = re.compile(r"^([0-9.eE+-]+)\s*(?:%|percent)$")
_LONGEST: Final = 200
_VALUE_KEYS = ("seed", "assume", "range", "because", "calibrated", "scale", "value")
_LAW_KEYS = ("mean", "cv", "shape", "k", "triangular", "uniform", "empirical", "unit", "per")


@dataclass(frozen=True)
class Value:
    """One number as written.

    Attributes:
        literal: text with a unit, or a bare number; None for a figure or a lever.
        seed: reference of a figure.
        range: low and high of an assumption, as written.
        because: why the assumption is what it is.
        calibrated: the study that found the value and its range, where one did.
        scale: lever names, numbers and quantities that multiply it.
        default: True where nobody wrote it.
    """

    literal: str | float | None = None
    seed: str | None = None
    range: tuple[str | float, str | float] | None = None
    because: str | None = None
    calibrated: str | None = None
    scale: tuple[str | float, ...] = ()
    default: bool = False


@dataclass(frozen=True)
class Law:
    """A random quantity as written.

    Attributes:
        mean: its mean, where the form gives one.
        family: law of the spread, None where it is not stated.
        cv: coefficient of variation.
        k: shape of an erlang law.
        kind: which form it is; `bare` is a mean without a spread.
        points: low, mode and high, or low and high.
        file: path of a file of observed values.
        unit: unit of the values in the file.
        per: measure that scales it, as written.
    """

    kind: Literal["bare", "spread", "triangular", "uniform", "empirical"]
    mean: Value | None = None
    family: Family | None = None
    cv: Value | None = None
    k: int | None = None
    points: tuple[Value, ...] = ()
    file: str | None = None
    unit: str | None = None
    per: str | None = None


def refuse(code: str, message: str, *, expected: str = "", hint: str = "", at: str = "") -> NoReturn:
    """Raise what becomes a finding.

    Args:
        code: a code of `FINDINGS`.
        message: what is wrong.
        expected: what would have been right.
        hint: the nearest legal name.
        at: the path below the value.

    Raises:
        PydanticCustomError: always.
    """
    context = {"message": message, "expected": expected, "hint": hint, "at": at}
    raise PydanticCustomError(code, "{message}", context)


def default(text: str | float) -> Value:
    """Make the value of a key that nobody wrote."""
    return Value(literal=text, default=True)


def is_figure(text: str) -> bool:
    """Tell whether a text refers to a figure."""
    return text.startswith("seeds/")


def read_value(raw: Any) -> Value:
    """Read one number in any of its forms."""
    if isinstance(raw, Value):
        return raw
    if isinstance(raw, bool) or raw is None or isinstance(raw, list):
        shown = "nothing" if raw is None else "a list" if isinstance(raw, list) else str(raw).lower()
        refuse("wrong-type", f"{shown} is no quantity", expected='a quantity such as "18 h"')
    if isinstance(raw, int | float):
        return Value(literal=_held(raw))
    if isinstance(raw, str):
        text = _bounded(raw)
        return Value(seed=text) if is_figure(text) else Value(literal=text)
    return _mapping(raw)


def _held(number: float) -> float:
    """Give a number as a float; a whole number may be larger than any."""
    try:
        return float(number)
    except OverflowError:
        refuse("bad-quantity", "a whole number beyond 1e308 is no quantity", expected='"18 h"')


def _bounded(text: str) -> str:
    """Refuse a text too long for a quantity before anything searches in it."""
    if len(text) > _LONGEST:
        refuse("bad-quantity", f"a text of {len(text):,} characters is no quantity", expected='"18 h"')
    return text.strip()


def _mapping(raw: Mapping[str, Any]) -> Value:
    for key in raw:
        if key not in _VALUE_KEYS:
            refuse(
                "unknown-key",
                f"unknown key '{key}' in a quantity",
                expected=", ".join(_VALUE_KEYS),
                hint=nearest(key, _VALUE_KEYS),
                at=key,
            )
    kinds = [key for key in ("seed", "assume", "value") if raw.get(key) is not None]
    if len(kinds) > 1 or not (kinds or raw.get("scale") is not None):
        given = " and ".join(kinds) or "neither"
        refuse("exactly-one", f"{given} in a quantity", expected="one of seed, assume, value, scale")
    scale = _scale(raw.get("scale"))
    kind = kinds[0] if kinds else "scale"
    if kind != "assume":
        for key in ("range", "because", "calibrated"):
            if raw.get(key) is not None:
                refuse("misplaced-key", f"'{key}' belongs to an assumption", expected="assume", at=key)
    if kind == "scale":
        return Value(scale=scale)
    base = raw[kind]
    if kind == "seed":
        if not isinstance(base, str) or not is_figure(base.strip()):
            refuse("unknown-figure", f"'{base}' names no figure", expected="seeds/<file>/<id>", at="seed")
        return Value(seed=base.strip(), scale=scale)
    literal = _literal(base, kind)
    if kind == "value":
        return Value(literal=literal, scale=scale)
    return Value(
        literal=literal,
        range=_range(raw),
        because=_reason(raw),
        calibrated=_study(raw.get("calibrated")),
        scale=scale,
    )


def _study(given: Any) -> str | None:
    if given is not None and (not isinstance(given, str) or not given.strip()):
        refuse("wrong-type", "'calibrated' names no study", expected="the name of a study", at="calibrated")
    return given


def _literal(raw: Any, at: str) -> str | float:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        refuse("wrong-type", f"'{at}' is no quantity", expected='a quantity such as "18 h"', at=at)
    return _bounded(raw) if isinstance(raw, str) else float(raw)


def _range(raw: Mapping[str, Any]) -> tuple[str | float, str | float]:
    given = raw.get("range")
    if given is None:
        refuse("missing-range", "an assumption without a range", expected="range: [low, high]")
    if not isinstance(given, list) or len(given) != 2:
        refuse("missing-range", "a range is not two values", expected="[low, high]", at="range")
    low, high = (_literal(end, "range") for end in given)
    return low, high


def _reason(raw: Mapping[str, Any]) -> str:
    because = raw.get("because")
    if not isinstance(because, str) or not because.strip():
        refuse("missing-reason", "an assumption without a reason", expected="because: a sentence")
    return because.strip()


def _scale(raw: Any) -> tuple[str | float, ...]:
    if raw is None:
        return ()
    items = raw if isinstance(raw, list) else [raw]
    made: list[str | float] = []
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | int | float):
            refuse("wrong-type", "a scale is a lever or a number", expected="lever or number", at="scale")
        if isinstance(item, float) and not isfinite(item):
            refuse("bad-quantity", f"{item} is no scale", expected="a lever or a finite number", at="scale")
        made.append(_bounded(item) if isinstance(item, str) else _held(item))
    if not made:
        refuse("wrong-type", "an empty scale", expected="lever or number", at="scale")
    return tuple(made)


def read_law(raw: Any) -> Law:
    """Read a random quantity in any of its forms."""
    if isinstance(raw, Law):
        return raw
    if isinstance(raw, str):
        return _short(_bounded(raw))
    if isinstance(raw, Mapping):
        return _long(raw)
    return Law("bare", mean=read_value(raw))


def _short(text: str) -> Law:
    if text.startswith("~"):
        name, _, rest = text[1:].partition(" ")
        if name not in ("exp", "exponential") or not rest.strip():
            refuse("bad-random", f"'{text}' is no random quantity", expected='"~exp 10 h"')
        return Law("spread", mean=read_value(rest), family="exponential")
    if ".." in text:
        parts = [part.strip() for part in text.split("..")]
        if len(parts) != 3 or not all(parts):
            refuse(
                "bad-random",
                f"'{text}' is no triangle",
                expected='"20 h .. 23 h .. 30 h": low, mode, high',
                hint="two ends are written {uniform: [low, high]}" if len(parts) == 2 else "",
            )
        return Law("triangular", points=tuple(read_value(part) for part in parts))
    spread = _SPREAD.match(text)
    if spread is None:
        return Law("bare", mean=read_value(text))
    percent = _PERCENT.match(spread["spread"].strip())
    try:
        cv = float(percent[1]) / 100 if percent else None
    except ValueError:
        cv = None
    if cv is None:
        refuse("bad-random", f"the spread of '{text}' is no percentage", expected='"10 h ± 30 %"')
    return Law("spread", mean=read_value(spread["mean"]), family="gamma", cv=Value(literal=cv))


def _long(raw: Mapping[str, Any]) -> Law:
    legal = (*_VALUE_KEYS, *_LAW_KEYS)
    for key in raw:
        if key not in legal:
            refuse(
                "unknown-key",
                f"unknown key '{key}' in a random quantity",
                expected=", ".join(_LAW_KEYS),
                hint=nearest(key, legal),
                at=key,
            )
    given = {key: value for key, value in raw.items() if value is not None}
    quantity = {key: given[key] for key in _VALUE_KEYS if key in given}
    forms = [key for key in ("triangular", "uniform", "empirical") if key in given]
    means = [key for key in ("mean",) if key in given] + (["a quantity"] if quantity else [])
    if len(forms) + len(means) != 1:
        expected = "one of mean, triangular, uniform, empirical"
        refuse("exactly-one", "not one form of a random quantity", expected=expected)
    per = given.get("per")
    if per is not None and not isinstance(per, str):
        refuse(
            "wrong-type", "'per' is no measure", expected="TEU, wagon, truck, t, train, consignment", at="per"
        )
    if forms:
        return replace(_by_points(forms[0], given), per=per)
    if quantity:
        law = _assumed(quantity)
    else:
        law = read_law(given["mean"]) if not isinstance(given["mean"], Mapping) else _assumed(given["mean"])
    family, k, cv = given.get("shape"), given.get("k"), given.get("cv")
    if family is None and k is None and cv is None:
        return replace(law, per=per)
    if law.kind != "bare":
        refuse("bad-random", "a spread is given twice", expected="a mean without a spread", at="mean")
    return replace(_spread(law, family, k, cv), per=per)


def _assumed(quantity: Mapping[str, Any]) -> Law:
    """Read an assumption whose text may itself have a spread, such as `assume: 12 h ± 60 %`."""
    text = quantity.get("assume", quantity.get("value"))
    if isinstance(text, str) and _SPREAD.match(_bounded(text)):
        law = _short(text.strip())
        key = "assume" if "assume" in quantity else "value"
        inner = law.mean.literal if law.mean is not None else None
        return replace(law, mean=_mapping({**quantity, key: inner}))
    return Law("bare", mean=_mapping(quantity))


def _spread(law: Law, family: Any, k: Any, cv: Any) -> Law:
    if family is not None and family not in FAMILIES:
        hint = nearest(str(family), FAMILIES)
        refuse("bad-value", f"no law '{family}'", expected=", ".join(FAMILIES), hint=hint, at="shape")
    if k is not None and (isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= 1000):
        refuse("out-of-range", f"k is {k}", expected="a whole number from 1 to 1000", at="k")
    if (k is not None) != (family == "erlang"):
        refuse("bad-random", "k and the erlang law go together", expected="{shape: erlang, k: 3}")
    if cv is None and family in ("gamma", "lognormal", "weibull"):
        refuse("bad-random", f"a {family} law without a cv", expected="cv: 0.4", at="shape")
    if cv is not None and family in ("erlang", "fixed"):
        refuse("bad-random", f"a cv beside a {family} law", expected="no cv", at="cv")
    spread = None if cv is None else read_value(cv)
    return replace(law, kind="spread", family=family or "gamma", k=k, cv=spread)


def _by_points(form: str, given: Mapping[str, Any]) -> Law:
    for key in given:
        if key not in (form, "per", "unit") or (key == "unit" and form != "empirical"):
            refuse("bad-random", f"'{key}' beside '{form}'", expected=f"{form} alone", at=key)
    points = given[form]
    if form == "empirical":
        unit = given.get("unit")
        if not isinstance(points, str) or not (unit is None or isinstance(unit, str)):
            refuse("wrong-type", "empirical is not a file name", expected="file.csv", at=form)
        return Law("empirical", file=points, unit=unit)
    count = 3 if form == "triangular" else 2
    if not isinstance(points, list) or len(points) != count:
        expected = "[low, mode, high]" if count == 3 else "[low, high]"
        refuse("bad-random", f"{form} is not {count} values", expected=expected, at=form)
    values = tuple(read_value(point) for point in points)
    return Law("triangular" if form == "triangular" else "uniform", points=values)
