"""The kinds of values that keys of a scenario may hold, as pydantic sees them.

Each turns what YAML gave into one frozen form and refuses what is no such form. Units, figures, levers and
ids are looked up later, in `reading`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import PlainValidator, WithJsonSchema

from sim.scenario.findings import nearest
from sim.scenario.forms import Law, Value, read_law, read_value, refuse

T = TypeVar("T")

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
KEBAB: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PRICE_KEYS: Final = (
    "TEU",
    "FEU",
    "wagon",
    "wagons",
    "truck",
    "trucks",
    "t",
    "train",
    "trains",
    "consignment",
)

_LIKE_A_DATE = re.compile(rf"^\s*\d{{4}}-|\d+[./]\d+[./]\d+|\b(?:{'|'.join(MONTHS)})[a-z]*\b", re.IGNORECASE)
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_DAY = 86_400


@dataclass(frozen=True)
class Monthly(Generic[T]):
    """Twelve values, each with the part of the path that it stands under ('' for the whole)."""

    values: tuple[T, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True)
class PriceForm:
    """Prices as written: (measure key or '', value)."""

    items: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class VolumeForm:
    """A volume, or one by year; year 0 where it does not depend on the year."""

    by_year: tuple[tuple[int, Value], ...]


@dataclass(frozen=True)
class RateForm:
    """A rate, or a table of rates read by a selector.

    Attributes:
        law: the rate with its spread of service times; None for a table.
        by: name of the selector key beside `rate`.
        table: rate by the selector's value as written.
    """

    law: Law | None
    by: str = ""
    table: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class Moment:
    """A date, or a duration after the clock's start."""

    date: datetime | None
    after: Value | None


def read_monthly(raw: Any, read: Callable[[Any], T], *, simple: Callable[[Any], bool]) -> Monthly[T]:
    """Read twelve values, months by name, or one value for all.

    Args:
        raw: as written.
        read: reader of one value.
        simple: tells whether a mapping is one value rather than months.
    """
    if isinstance(raw, list):
        if len(raw) != 12:
            refuse("bad-months", f"{len(raw)} monthly values", expected="twelve, January first")
        return Monthly(tuple(read(item) for item in raw), tuple(str(i) for i in range(12)))
    if not isinstance(raw, Mapping) or simple(raw):
        return Monthly((read(raw),) * 12, ("",) * 12)
    legal = (*MONTHS, "else")
    for key in raw:
        if key not in legal:
            refuse(
                "bad-months",
                f"no month '{key}'",
                expected="jan … dec, else",
                hint=nearest(key, legal),
                at=key,
            )
    missing = [month for month in MONTHS if month not in raw]
    if missing and "else" not in raw:
        refuse("bad-months", f"no value for {', '.join(missing)}", expected="every month, or else: …")
    parts = tuple(month if month in raw else "else" for month in MONTHS)
    values = {part: read(raw[part]) for part in sorted(set(parts))}
    return Monthly(tuple(values[part] for part in parts), parts)


def _is_months(raw: Mapping[str, Any]) -> bool:
    return "else" in raw or any(month in raw for month in MONTHS)


def read_months_of_values(raw: Any) -> Monthly[Value]:
    """Read monthly quantities."""
    return read_monthly(raw, read_value, simple=lambda found: "seed" in found or "assume" in found)


def read_months_of_laws(raw: Any) -> Monthly[Law]:
    """Read monthly random quantities."""
    return read_monthly(raw, read_law, simple=lambda found: not _is_months(found))


def read_prices(raw: Any) -> PriceForm:
    """Read one price or prices by measure."""
    if isinstance(raw, Mapping) and any(key in PRICE_KEYS or _near_price(key) for key in raw):
        for key in raw:
            if key not in PRICE_KEYS:
                hint = nearest(key, PRICE_KEYS)
                refuse(
                    "unknown-key", f"no measure '{key}'", expected=", ".join(PRICE_KEYS), hint=hint, at=key
                )
        for one, two in (("TEU", "FEU"), ("wagon", "wagons"), ("truck", "trucks"), ("train", "trains")):
            if one in raw and two in raw:
                refuse("exactly-one", f"a price per {one} and one per {two}", expected="one of them")
        return PriceForm(tuple((key, read_value(raw[key])) for key in PRICE_KEYS if key in raw))
    return PriceForm((("", read_value(raw)),))


def _near_price(key: str) -> bool:
    return key.rstrip("s").lower() in {"teu", "feu", "wagon", "truck", "t", "train", "consignment"}


def read_volume(raw: Any) -> VolumeForm:
    """Read a volume, or volumes by year."""
    if isinstance(raw, Mapping) and raw and all(re.fullmatch(r"\d+", key) for key in raw):
        for key in raw:
            if not 1900 <= int(key) <= 2200:
                refuse("out-of-range", f"the year {key}", expected="a year from 1900 to 2200", at=key)
        return VolumeForm(tuple((int(key), read_value(raw[key])) for key in sorted(raw)))
    return VolumeForm(((0, read_value(raw)),))


def read_rate(raw: Any) -> RateForm:
    """Read a rate, or a table of rates."""
    if not isinstance(raw, Mapping) or not ("by" in raw or "table" in raw):
        return RateForm(read_law(raw))
    for key in raw:
        if key not in ("by", "table"):
            hint = nearest(key, ("by", "table"))
            refuse("unknown-key", f"unknown key '{key}' in a rate", expected="by, table", hint=hint, at=key)
    by, table = raw.get("by"), raw.get("table")
    if not isinstance(by, str) or not KEBAB.fullmatch(by):
        refuse("missing-key", "a table of rates without its selector", expected="by: moorings")
    if not isinstance(table, Mapping) or not table:
        refuse("missing-key", "a table of rates without rates", expected='table: {0: "0 Mt/yr", 1: …}')
    return RateForm(None, by, tuple((key, read_value(table[key])) for key in sorted(table)))


def read_hours(raw: Any) -> tuple[tuple[int, int], ...]:
    """Read opening hours; () is always open."""
    if raw is None:
        return ()
    intervals: list[tuple[int, int]] = []
    for item in raw if isinstance(raw, list) else [raw]:
        ends = item.split("-") if isinstance(item, str) else []
        clocks = [_CLOCK.fullmatch(end.strip()) for end in ends]
        seconds = [int(c[1]) * 3600 + int(c[2]) * 60 for c in clocks if c is not None]
        if len(ends) != 2 or len(seconds) != 2 or max(seconds) > _DAY or seconds[0] == _DAY:
            refuse(
                "bad-hours",
                f"'{item}' are no opening hours",
                expected='"21:00-02:00", from 00:00 to 24:00, UTC',
            )
        intervals.append((seconds[0], seconds[1]))
    if not intervals:
        refuse("bad-hours", "no hour is open", expected='["21:00-02:00"], or null for always')
    whole = any(end == start or end - start == _DAY for start, end in intervals)
    return () if whole else tuple(sorted(intervals))


def like_clock_time(text: str) -> bool:
    """Tell whether a text is written like a time of the day, right or wrong."""
    return re.fullmatch(r"\s*\d+:\d*\s*", text) is not None


def clock_time(text: str) -> int | None:
    """Read a time of the day in seconds, or None."""
    found = _CLOCK.fullmatch(text.strip())
    return (
        None if found is None or text.strip().startswith("24") else int(found[1]) * 3600 + int(found[2]) * 60
    )


def read_date(raw: Any) -> datetime:
    """Read an ISO date or date and time, in UTC."""
    text = raw.strip() if isinstance(raw, str) else ""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        refuse("bad-date", f"'{raw}' is no date", expected="an ISO date such as 2024-01-01, UTC")
    if not 1900 <= made.year <= 2200:
        refuse("bad-date", f"the year {made.year}", expected="a year from 1900 to 2200")
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)


def read_moment(raw: Any) -> Moment:
    """Read a date, or a duration after the start."""
    if isinstance(raw, str) and _LIKE_A_DATE.search(raw):
        return Moment(read_date(raw), None)
    return Moment(None, read_value(raw))


def read_country(raw: Any) -> str:
    """Read a country code."""
    if not isinstance(raw, str) or not re.fullmatch(r"[A-Z]{2}", raw):
        refuse("bad-country", f"'{raw}' is no country", expected="two capital letters, such as KZ")
    return raw


def _degrees(limit: int) -> Callable[[Any], float]:
    def read(raw: Any) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            refuse("wrong-type", f"'{raw}' is no number of degrees", expected="decimal degrees")
        if not -limit <= raw <= limit:
            refuse("out-of-range", f"{raw} degrees", expected=f"from -{limit} to {limit}")
        return float(raw)

    return read


_QUANTITY_JSON: Final[dict[str, Any]] = {
    "description": 'A quantity: "18 h", a figure "seeds/…", an assumption, or a lever.',
    "anyOf": [
        {"type": ["string", "number"]},
        {
            "type": "object",
            "properties": {
                "seed": {"type": "string", "pattern": "^seeds/"},
                "assume": {"type": ["string", "number"]},
                "range": {"type": "array", "minItems": 2, "maxItems": 2},
                "because": {"type": "string"},
                "calibrated": {"type": "string"},
                "scale": {"type": ["string", "number", "array"]},
                "value": {"type": ["string", "number"]},
            },
            "additionalProperties": False,
        },
    ],
}
_ANY_JSON: Final[dict[str, Any]] = {"type": ["string", "number", "object"]}
_LIST_JSON: Final[dict[str, Any]] = {"type": ["string", "number", "object", "array"]}

Q = Annotated[Value, PlainValidator(read_value), WithJsonSchema(_QUANTITY_JSON)]
R = Annotated[Law, PlainValidator(read_law), WithJsonSchema(_ANY_JSON)]
MonthlyQ = Annotated[Monthly[Value], PlainValidator(read_months_of_values), WithJsonSchema(_LIST_JSON)]
MonthlyR = Annotated[Monthly[Law], PlainValidator(read_months_of_laws), WithJsonSchema(_LIST_JSON)]
PricesForm = Annotated[PriceForm, PlainValidator(read_prices), WithJsonSchema(_ANY_JSON)]
Volume = Annotated[VolumeForm, PlainValidator(read_volume), WithJsonSchema(_ANY_JSON)]
Rate = Annotated[RateForm, PlainValidator(read_rate), WithJsonSchema(_ANY_JSON)]
Hours = Annotated[
    tuple[tuple[int, int], ...],
    PlainValidator(read_hours),
    WithJsonSchema({"type": ["array", "string", "null"], "items": {"type": "string"}}),
]
DateText = Annotated[
    datetime, PlainValidator(read_date), WithJsonSchema({"type": "string", "format": "date"})
]
MomentText = Annotated[Moment, PlainValidator(read_moment), WithJsonSchema(_ANY_JSON)]
Country = Annotated[
    str, PlainValidator(read_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})
]
Latitude = Annotated[float, PlainValidator(_degrees(90)), WithJsonSchema({"type": "number"})]
Longitude = Annotated[float, PlainValidator(_degrees(180)), WithJsonSchema({"type": "number"})]
