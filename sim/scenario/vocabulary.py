"""The names of KPIs and what they mean: the closed vocabulary of model.md 4.

For the reference and for whoever must know a name before there is a run. A KPI with a statistic reads
`name.statistic`; quantiles are of type 7, sd has n - 1. Nothing is measured here.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from sim.scenario.findings import closest
from sim.units import Dimension, unit

Better = Literal["higher", "lower"]
HIGHER: Final = "higher"
LOWER: Final = "lower"


class Meaning(NamedTuple):
    """What a KPI is.

    Attributes:
        of: kinds of subject that have it.
        units: its units.
        better: whether a planner would have it higher or lower.
        words: what it means.
        statistics: those that it comes with; empty for a plain number.
    """

    of: tuple[str, ...]
    units: tuple[str, ...]
    better: Better
    words: str
    statistics: tuple[str, ...] = ()


_FLOW: Final = ("flow", "total")
_ELEMENT: Final = ("leg", "facility", "line")
_COUNT: Final = ("consignments", "t", "TEU")
_MONEY: Final = ("USD/TEU", "USD/t")
_PRICED: Final = ("flow", "route", *_ELEMENT)
_SPLIT: Final = ("route", *_ELEMENT)
_LATE: Final = ("mean", "sd", "p10", "p50", "p90", "p95")

KPIS: Final[dict[str, Meaning]] = {
    "offered": Meaning(_FLOW, _COUNT, HIGHER, "arrived at the origin in the window"),
    "delivered": Meaning(_FLOW, _COUNT, HIGHER, "left the last step in the window"),
    "turned_away": Meaning(_FLOW, _COUNT, LOWER, "admitted by no route of a cascade in the window"),
    "gone_outside": Meaning(_FLOW, _COUNT, LOWER, "chose an outside option in the window"),
    "under_way": Meaning(_FLOW, _COUNT, LOWER, "offered and not finished at the window's end"),
    "throughput": Meaning(
        ("flow", "route", "cargo", *_ELEMENT, "port", "country", "total"),
        ("Mt/yr", "TEU/yr"),
        HIGHER,
        "delivered (flow, route, cargo, country), passed (leg, facility), landed (line), both ways (port)",
    ),
    "transit_time": Meaning(
        ("flow", "route", "cargo"), ("h",), LOWER, "from offer to delivery, of what is delivered", _LATE
    ),
    "waiting": Meaning(_SPLIT, ("h",), LOWER, "part of transit time before a step starts", ("mean",)),
    "service": Meaning(("route", "facility"), ("h",), LOWER, "part of transit time in service", ("mean",)),
    "running": Meaning(("route", "leg", "line"), ("h",), LOWER, "part of transit time under way", ("mean",)),
    "blocked": Meaning(
        _SPLIT, ("h",), LOWER, "part of transit time after a step, not admitted by the next", ("mean",)
    ),
    "on_promise": Meaning(("flow", "route"), ("share",), HIGHER, "delivered within the route's promise"),
    "buffer_index": Meaning(("flow", "route"), ("share",), LOWER, "(p95 - mean) / mean of transit time"),
    "queue": Meaning(_ELEMENT, ("consignments",), LOWER, "how many wait, over time", ("mean", "max")),
    "wait": Meaning(
        (*_ELEMENT, "port"),
        ("h",),
        LOWER,
        "from reaching a step to its start; in a port for a vessel, its mean only",
        ("mean", "p50", "p90", "p95", "max"),
    ),
    "utilisation": Meaning(
        (*_ELEMENT, "port", "pool"),
        ("share",),
        HIGHER,
        "of headways (leg), server time (facility), vessel time (line), berth time (port), units (pool) used",
    ),
    "blocked_share": Meaning(
        ("facility",), ("share",), LOWER, "of server time held by who is not admitted further"
    ),
    "down_share": Meaning(("facility",), ("share",), LOWER, "of server time in repair"),
    "closed_share": Meaning(("port", "facility"), ("share",), LOWER, "of the window closed by weather"),
    "sailings": Meaning(("line",), ("sailings",), HIGHER, "departures in the window, laden and empty"),
    "load_factor": Meaning(
        ("line",),
        ("share",),
        HIGHER,
        "aboard / capacity, of all sailings or of the laden ones",
        ("mean", "laden"),
    ),
    "berth_wait": Meaning(
        ("line",),
        ("h",),
        LOWER,
        "a laden trip's waits for berths at open ports",
        ("mean",),
    ),
    "weather_wait": Meaning(
        ("line",),
        ("h",),
        LOWER,
        "a trip's waits for closed ports",
        ("mean",),
    ),
    "fill_wait": Meaning(
        ("line",), ("h",), LOWER, "a ready vessel's wait for cargo, a call or its slot", ("mean",)
    ),
    "round_trip": Meaning(
        ("line",), ("h",), LOWER, "between departures of a vessel from the same port", ("mean",)
    ),
    "cancelled": Meaning(("line",), ("sailings",), LOWER, "timetabled departures without a vessel"),
    "level": Meaning(
        ("facility", "port", "pool"),
        ("t", "TEU", "wagons", "trucks", "trains", "consignments"),
        LOWER,
        "what lies in a buffer or yard; units of a pool at home",
        ("mean", "max", "min"),
    ),
    "cost": Meaning(_PRICED, _MONEY, LOWER, "tariffs, charges and the value of time"),
    "cost_tariff": Meaning(_PRICED, _MONEY, LOWER, "tariffs of legs"),
    "cost_charge": Meaning(_PRICED, _MONEY, LOWER, "charges of facilities and lines"),
    "cost_time": Meaning(_PRICED, _MONEY, LOWER, "value of the time spent"),
    "co2": Meaning(
        ("flow", "route", *_ELEMENT, "total"),
        ("gCO2e/t/km", "t/yr"),
        LOWER,
        "emissions; of elements t/yr only",
    ),
    "transport_work": Meaning(
        ("flow", "route", "total"), ("Mt km/yr",), HIGHER, "delivered mass times distance"
    ),
    "backlog_growth": Meaning(_FLOW, ("consignments/yr", "t/yr"), LOWER, "slope of what is under way"),
    "shut_in": Meaning(_FLOW, ("t/yr",), LOWER, "production turned away, flows with a cut"),
    "diverted": Meaning(
        ("route",), ("Mt/yr",), HIGHER, "delivered by a route that is not its cascade's first"
    ),
}
"""Every KPI of one replication, by name without the statistic."""


COUNTED: Final = ("throughput", "offered", "delivered", "turned_away", "gone_outside", "under_way")
"""KPIs of flows that a target may give in wagons, trucks or trains, which follow from consignments."""

CARGO: Final = ("containers", "dry", "crude")
"""Kinds of cargo, subjects `cargo/…`: boxes (also part of dry), all but crude, crude."""

OF_WHOLE_PORTS: Final = ("closed_share",)
"""KPIs of a port as a whole, `port/…`; all others of ports are of a berth group, `port/…/…`."""

COMPARED: Final = ("lost", "peak_backlog", "time_to_recover", "extra_cost", "backlog", "bottleneck")
"""Names of what only a comparison or a ranking tells, of which one run has no figure; less is better."""


def known(kpi: str) -> bool:
    """Tell whether a name, with its statistic where it has one, is in the vocabulary."""
    name, dot, statistic = kpi.partition(".")
    meaning = KPIS.get(name)
    return meaning is not None and (statistic in meaning.statistics if dot else not meaning.statistics)


def told_of(kpi: str, subject: str) -> bool:
    """Tell whether a KPI of the vocabulary is measured of subjects of this kind."""
    name = kpi.partition(".")[0]
    kind, _, rest = subject.partition("/")
    if kind == "port" and ("/" in rest) == (name in OF_WHOLE_PORTS):
        return False
    return kind in KPIS[name].of


def subjects_of(kpi: str) -> str:
    """Write down of what kinds of subject a KPI of the vocabulary is measured."""
    name = kpi.partition(".")[0]
    forms = {"total": "total", "port": "port/…" if name in OF_WHOLE_PORTS else "port/…/…"}
    return ", ".join(forms.get(kind, f"{kind}/…") for kind in KPIS[name].of)


def better(kpi: str) -> Better:
    """Tell whether more or less of a KPI is better; of one that is not in the vocabulary more."""
    name = kpi.partition(".")[0]
    if name in COMPARED:
        return LOWER
    return KPIS[name].better if name in KPIS else HIGHER


def likeliest(kpi: str) -> str:
    """Give the KPI, with its statistic, that looks most like a name, or ''."""
    name, _, statistic = kpi.partition(".")
    near = name if name in KPIS else closest(name, (*KPIS, *COMPARED))
    if near not in KPIS or not KPIS[near].statistics:
        return near
    its = KPIS[near].statistics
    return f"{near}.{closest(statistic, its) or its[0]}"


def dimensions(kpi: str) -> frozenset[Dimension]:
    """Give the dimensions in which a KPI is measured; none where it is not in the vocabulary."""
    meaning = KPIS.get(kpi.partition(".")[0])
    return frozenset() if meaning is None else frozenset(unit(each).dimension for each in meaning.units)
