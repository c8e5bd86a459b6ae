"""What a scenario file may say about the network: the keys of places, legs, facilities, ports and fleets.

Pydantic models, used at this edge only. A docstring under a field is its line in the reference and in the
JSON schema. Units and references are not checked here.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.scenario.forms import refuse
from sim.scenario.schema_types import (
    KEBAB,
    Country,
    DateText,
    Hours,
    Latitude,
    Longitude,
    MonthlyQ,
    MonthlyR,
    PricesForm,
    Q,
    R,
    Rate,
)

Mode = Literal["rail", "road", "sea", "pipe"]
PER: Final = {
    "t": ("t", 1e3),
    "kt": ("t", 1e6),
    "kg": ("t", 1.0),
    "TEU": ("TEU", 1.0),
    "FEU": ("TEU", 2.0),
    "wagon": ("wagons", 1.0),
    "wagons": ("wagons", 1.0),
    "truck": ("trucks", 1.0),
    "trucks": ("trucks", 1.0),
    "train": ("trains", 1.0),
    "trains": ("trains", 1.0),
    "consignment": ("consignment", 1.0),
}
"""Words of `per`: the measure, and how many base units of it one is."""
Per = Literal[
    "t", "kt", "kg", "TEU", "FEU", "wagon", "wagons", "truck", "trucks", "train", "trains", "consignment"
]


class Strict(BaseModel):
    """Base of all models of a file: frozen, no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=False)


class ClockModel(Strict):
    """The run's calendar."""

    start: DateText
    """First instant that is counted, UTC."""
    length: Q
    """How long is counted."""
    warmup: Q | None = None
    """How long before `start` the run begins."""


class ExperimentModel(Strict):
    """How often and how surely."""

    replications: int = Field(default=20, ge=1, le=1_000_000)
    """How many independent runs."""
    seed: int = Field(default=1, ge=0, lt=2**63)
    """Seed of everything that chance decides."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Level of confidence of every interval."""


class PlaceModel(Strict):
    """A point on the map."""

    name: str | None = None
    """Name in figures and tables; the id by default."""
    country: Country | None = None
    """Code of the country, two letters."""
    lat: Latitude | None = None
    """Degrees north."""
    lon: Longitude | None = None
    """Degrees east."""


class LegModel(Strict):
    """A journey between two places, used both ways."""

    from_: str = Field(alias="from")
    """Place at one end."""
    to: str
    """Place at the other end."""
    mode: Mode = "rail"
    """What runs there; `defaults` are by mode."""
    distance: Q
    """Length, km."""
    speed: Q
    """Mean speed, distance / running time."""
    cv: Q | None = None
    """Lognormal spread of the running time."""
    train_paths: Q | None = None
    """Trains per day and direction; none: no limit."""
    single_track: bool = False
    """Both directions share the paths."""
    hours: Hours = ()
    """Hours of the day (UTC) in which departures are allowed; none: always."""
    tariff: PricesForm | None = None
    """What it costs, flat or per km, by measure."""
    open: bool = True
    """Whether anything may start here."""
    emissions: Q | None = None
    """CO2 equivalents per tonne and km."""


class OutagesModel(Strict):
    """Failures of each server or vessel."""

    every: R
    """Time from a repair to the next failure; exponential unless a shape is given."""
    lasts: R
    """Length of a repair; exponential unless a shape is given."""
    clock: Literal["working", "calendar"] = "working"
    """Whether `every` counts working time or all time."""
    job: Literal["finished", "resumed"] = "finished"
    """Whether the job in hand is finished first, or goes on after the repair."""


class FacilityModel(Strict):
    """Servers with a queue in front."""

    at: str
    """Its place."""
    task: str = ""
    """What is done there."""
    servers: Q | None = None
    """How many consignments are served at once; 1 by default."""
    service: R | None = None
    """Time of one service, or of one unit of `per`."""
    rate: Rate | None = None
    """Amount per time that the one server handles, in place of `service`."""
    per: Per | None = None
    """Measure by which the service is scaled."""
    buffer: Q | None = None
    """Room per direction for what waits; none: no limit."""
    level: R | None = None
    """What lies in the buffer at the start."""
    hours: Hours = ()
    """Hours of the day (UTC) in which a service may start; none: always."""
    outages: OutagesModel | None = None
    """Failures of its servers."""
    changes: dict[str, Q] = Field(default_factory=dict)
    """Factor by measure with which a consignment leaves."""
    charge: PricesForm | None = None
    """What a consignment pays, by measure."""
    emissions: Q | None = None
    """CO2 equivalents per tonne handled."""
    selector: Q | None = Field(default=None, exclude=True)
    """Value of the key that `rate.by` names; written under that name."""

    @model_validator(mode="before")
    @classmethod
    def _take_selector(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if "selector" in data:
            refuse(
                "unknown-key", "unknown key 'selector'", expected="the key that rate.by names", at="selector"
            )
        rate = data.get("rate")
        by = rate.get("by") if isinstance(rate, dict) else None
        if not isinstance(by, str) or by in cls.model_fields:
            return data
        if by not in data:
            refuse("missing-key", f"no '{by}' beside a rate by '{by}'", expected=f"{by}: 3", at="rate")
        return {("selector" if key == by else key): value for key, value in data.items()}

    @model_validator(mode="after")
    def _one_of(self) -> FacilityModel:
        if (self.service is None) == (self.rate is None):
            given = "neither" if self.service is None else "both"
            refuse("exactly-one", f"{given} of service and rate", expected="service, or rate")
        return self


class PortModel(Strict):
    """A port with its berths by group."""

    at: str
    """Its place."""
    berths: dict[str, Q]
    """How many vessels may lie there at once, by berth group."""
    yard: dict[str, Q] = Field(default_factory=dict)
    """Room per direction for what waits for a vessel, by berth group; none: no limit."""


class ClosureModel(Strict):
    """Weather that closes ports or facilities at random."""

    ports: list[str] = Field(default_factory=list)
    """Ports (or facilities) that close together."""
    facilities: list[str] = Field(default_factory=list)
    """Facilities that close together."""
    share_closed: MonthlyQ
    """Share of the time closed, by month."""
    lasts: MonthlyR
    """Length of one closure, by the month in which it begins."""
    stops_handling: bool = False
    """Whether loading and unloading stand still too."""


class VesselsModel(Strict):
    """Vessels that are alike."""

    count: Q
    """How many there are."""
    capacity: Q
    """What one carries: TEU, wagons, trucks or t."""
    payload_share: Q | None = None
    """Share of the capacity that may be loaded; 1 by default."""
    start: Literal["from", "to", "split"] = "from"
    """At which end they lie at the start; `split` alternates."""


class TimetableModel(Strict):
    """Regular or given times."""

    every: Q | None = None
    """Time from one to the next."""
    first: str | int | float = "0 h"
    """The first: a time of the day (UTC) such as "06:00", or a duration after the start."""
    at: list[Q] | None = None
    """Given times, as durations after the start."""

    @model_validator(mode="after")
    def _one_of(self) -> TimetableModel:
        if (self.every is None) == (self.at is None):
            refuse("exactly-one", "not one of every and at", expected="every (with first), or at")
        return self


class LeavesModel(Strict):
    """When a vessel leaves one end."""

    full: Q | None = None
    """Share of its capacity at which it begins to load; 1 by default."""
    after: Q | None = None
    """How long the oldest part waits at most; none: for ever."""
    timetable: TimetableModel | None = None
    """Departure times, in place of `full` and `after`."""


class BothLeavesModel(LeavesModel):
    """When vessels leave: one rule, or one for each end."""

    from_: LeavesModel | None = Field(default=None, alias="from")
    """The rule at the `from` end."""
    to: LeavesModel | None = None
    """The rule at the `to` end."""


class LineModel(Strict):
    """A vessel service between two berth groups."""

    from_: str = Field(alias="from")
    """One end: port / berth group."""
    to: str
    """The other end: port / berth group."""
    distance: Q | None = None
    """Length, for emissions."""
    sailing: R
    """Time under way."""
    vessels: dict[str, VesselsModel]
    """One class of vessels, or classes by name."""
    leaves: BothLeavesModel = BothLeavesModel()
    """When a vessel leaves."""
    unload: R | None = None
    """Time of unloading per call, or per unit of `per`."""
    load: R | None = None
    """Time of loading per call, or per unit of `per`."""
    look_ahead: Q | None = None
    """How far ahead the weather at the destination is known."""
    outages: OutagesModel | None = None
    """Failures of its vessels."""
    charge: PricesForm | None = None
    """What a consignment pays, by measure."""
    emissions: Q | None = None
    """CO2 equivalents per tonne and km."""

    @field_validator("vessels", mode="before")
    @classmethod
    def _classes(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if not data:
            refuse("missing-key", "a line without vessels", expected="count and capacity")
        own = [key for key in data if key in VesselsModel.model_fields]
        classes = sorted(key for key in data if key not in own and isinstance(data[key], dict))
        if own and classes:
            refuse(
                "misplaced-key",
                f"'{own[0]}' beside vessels by class",
                expected=f"it under one of {', '.join(classes)}",
                at=own[0],
            )
        return {"": data} if own else data


class PoolModel(Strict):
    """Reusable assets."""

    size: Q
    """How many there are, in a measure."""
    returns: R | None = None
    """Time from release to the next use; 0 by default."""


def is_kebab(text: str) -> bool:
    """Tell whether an id is kebab-case."""
    return KEBAB.fullmatch(text) is not None
