"""What a scenario file may say about routes, flows, its timeline and what is expected of it.

Pydantic models, used at this edge only; see `schema` for the network.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from sim.scenario.forms import refuse
from sim.scenario.schema import (
    ClockModel,
    ClosureModel,
    ExperimentModel,
    FacilityModel,
    LegModel,
    LineModel,
    PlaceModel,
    PoolModel,
    PortModel,
    Strict,
    TimetableModel,
)
from sim.scenario.schema_types import MomentText, MonthlyQ, PricesForm, Q, R, Volume


class UseModel(Strict):
    """A pool held from one step to another."""

    from_: str = Field(alias="from")
    """Step before which the assets are taken."""
    to: str
    """Last step on which they are held."""


class OutsideModel(Strict):
    """A way around the corridor, known only by its time and cost."""

    time: Q
    """Door to door."""
    cost: Q
    """Per TEU, FEU or t."""


def _as_list(raw: Any) -> Any:
    return [raw] if isinstance(raw, dict) else raw


class RouteModel(Strict):
    """An ordered list of steps, the reverse of another route, or an outside option."""

    title: str | None = None
    """Name in figures and tables; the id by default."""
    from_: str | None = Field(default=None, alias="from")
    """Place where it starts."""
    direction: Literal["west", "east"] | None = None
    """By which buffers, yards and train paths are counted."""
    promise: Q | None = None
    """Transit time promised."""
    steps: list[str] | None = None
    """Legs, facilities and lines by id."""
    uses: dict[str, Annotated[list[UseModel], BeforeValidator(_as_list)]] | None = None
    """Pools held, from step to step."""
    reverse: str | None = None
    """Route of which this is the reverse."""
    outside: OutsideModel | None = None
    """Time and cost of an outside option."""

    @model_validator(mode="after")
    def _one_of(self) -> RouteModel:
        given = [key for key in ("steps", "reverse", "outside") if getattr(self, key) is not None]
        if len(given) != 1:
            shown = " and ".join(given) or "none"
            refuse("exactly-one", f"{shown} of steps, reverse, outside", expected="one of them")
        own = [key for key in ("from_", "direction") if getattr(self, key) is not None]
        if given == ["steps"]:
            for key, name in (("from_", "from"), ("direction", "direction")):
                if getattr(self, key) is None:
                    expected = "a place" if name == "from" else "west or east"
                    refuse("missing-key", f"no '{name}' in a route with steps", expected=expected)
            if not self.steps:
                refuse("missing-key", "a route without a step", expected="at least one step", at="steps")
        elif own or (given == ["outside"] and self.uses):
            name = own[0].rstrip("_") if own else "uses"
            refuse("misplaced-key", f"'{name}' beside '{given[0]}'", expected=f"no {name}", at=name)
        return self


class RenegotiatedModel(Strict):
    """A cap after renegotiation."""

    to: Q
    """The new cap per year."""
    after: Q
    """Time from the first refusal to the new cap."""


class CascadeModel(Strict):
    """One entry of a cascade."""

    route: str
    """The route."""
    at_most: Q | None = None
    """Contract: amount per calendar year."""
    renegotiated: RenegotiatedModel | None = None
    """What the contract becomes when it has been refused."""


class LogitModel(Strict):
    """Choice by generalised cost."""

    options: list[str] = Field(min_length=1)
    """Routes, ties to the first."""
    scale: Q
    """Sensitivity per USD."""
    memory: Q | None = None
    """Memory of experienced transit time; 30 d by default."""


def _as_entry(raw: Any) -> Any:
    return {"route": raw} if isinstance(raw, str) else raw


class ChoiceModel(Strict):
    """How a flow chooses among routes."""

    shares: dict[str, Q] | None = None
    """Weight by route."""
    cascade: list[Annotated[CascadeModel, BeforeValidator(_as_entry)]] | None = None
    """Routes in order; the first whose first step admits."""
    logit: LogitModel | None = None
    """Generalised cost."""

    @model_validator(mode="after")
    def _one_of(self) -> ChoiceModel:
        given = [key for key in ("shares", "cascade", "logit") if getattr(self, key) is not None]
        if len(given) != 1:
            shown = " and ".join(given) or "none"
            refuse("exactly-one", f"{shown} of shares, cascade, logit", expected="one of them")
        if not getattr(self, given[0]):
            refuse("missing-key", f"'{given[0]}' names no route", expected="at least one route", at=given[0])
        return self


class ArrivalsModel(Strict):
    """How consignments arrive."""

    kind: Literal["poisson", "regular"] | None = None
    """At random, or evenly."""
    timetable: TimetableModel | None = None
    """At given times."""


def _as_arrivals(raw: Any) -> Any:
    if isinstance(raw, str):
        return {"kind": raw}
    if isinstance(raw, dict) and raw.get("timetable") is None:
        known = "poisson, regular, or {timetable: …}"
        refuse("bad-value", "no way of arriving", expected=known)
    return raw


class CutModel(Strict):
    """Production that is cut while it is refused."""

    after: Q
    """Lag before it is cut."""
    ramp: Q | None = None
    """How long it takes to come back."""


class FlowModel(Strict):
    """Demand."""

    commodity: str = ""
    """What is carried."""
    volume: Volume | None = None
    """Amount per time, or by year."""
    consignment: dict[str, Q]
    """Size of one consignment in each measure."""
    arrivals: Annotated[ArrivalsModel, BeforeValidator(_as_arrivals)] = ArrivalsModel(kind="poisson")
    """How they arrive."""
    season: MonthlyQ | None = None
    """Weight of each month."""
    value: Q | None = None
    """What the goods are worth; goods without, where others have a value, count as background traffic."""
    value_of_time: Q | None = None
    """Worth of time, or the share of the value lost per day."""
    choice: ChoiceModel
    """How it chooses its route."""
    cut: CutModel | None = None
    """Production that is cut while it is turned away."""


class InterventionModel(Strict):
    """One entry of the timeline."""

    title: str | None = None
    """What happens; its number by default."""
    at: MomentText
    """When it begins: a date, or a duration after the start."""
    lasts: Q | None = None
    """How long; neither this nor `until`: it stays."""
    until: MomentText | None = None
    """When it ends."""
    ramp: Q | None = None
    """How long it takes to come into force."""
    set: dict[str, Any] = Field(default_factory=dict)
    """New values by path."""
    scale: dict[str, Any] = Field(default_factory=dict)
    """Factors by path."""
    add: dict[str, Any] = Field(default_factory=dict)
    """What is added, by path."""

    @model_validator(mode="after")
    def _complete(self) -> InterventionModel:
        if self.lasts is not None and self.until is not None:
            refuse("exactly-one", "both lasts and until", expected="one of them, or neither", at="until")
        if not (self.set or self.scale or self.add):
            refuse("missing-key", "an intervention that changes nothing", expected="set, scale or add")
        return self


class TargetModel(Strict):
    """What calibration is held to."""

    kpi: str
    """Name of the KPI, with its statistic."""
    title: str = ""
    """What a sum over several subjects is called where it is shown."""
    of: str | list[str] = "total"
    """Subject, such as route/china-poti, or a list of subjects whose figures are summed."""
    observed: Q
    """What was observed."""
    tolerance: Q
    """How far the model may be from it; a percentage is of `observed`."""


class ExpectModel(Strict):
    """A claim that is answered holds, fails or undecided."""

    kpi: str
    """Name of the KPI, with its statistic."""
    of: str = "total"
    """Subject, such as route/china-poti."""
    below: Q | None = None
    """It lies below this."""
    above: Q | None = None
    """It lies above this."""
    at: float = Field(default=0.95, gt=0, lt=1)
    """Level of confidence."""

    @model_validator(mode="after")
    def _bounded(self) -> ExpectModel:
        if self.below is None and self.above is None:
            refuse("missing-key", "a claim without a bound", expected="below, above, or both")
        return self


class DefaultsModel(Strict):
    """Values for every leg (and, for sea, every line) of a mode that does not give its own."""

    distance: Q | None = None
    """Length."""
    speed: Q | None = None
    """Mean speed."""
    cv: Q | None = None
    """Spread of the running time."""
    tariff: PricesForm | None = None
    """What a leg costs."""
    charge: PricesForm | None = None
    """What a line costs."""
    emissions: Q | None = None
    """CO2 equivalents per tonne and km."""
    look_ahead: Q | None = None
    """How far ahead a line knows the weather."""
    load: R | None = None
    """Time of loading."""
    unload: R | None = None
    """Time of unloading."""


class ScenarioFile(Strict):
    """A scenario file."""

    title: str | None = None
    """Title of every figure and table; the file's name by default."""
    summary: str = ""
    """What a reader of the results needs to know."""
    parts: list[str] = Field(default_factory=list)
    """Files that are joined to this one."""
    extends: str | None = None
    """The one base whose elements this file changes."""
    add: dict[str, Any] = Field(default_factory=dict)
    """New elements, by section."""
    remove: list[str] = Field(default_factory=list)
    """Paths of the base, or whole sections of it, that are taken away; indices are those of the base."""
    clock: ClockModel | None = None
    """The run's calendar."""
    experiment: ExperimentModel = ExperimentModel()
    """How often and how surely."""
    levers: dict[str, Q] = Field(default_factory=dict)
    """Named factors that several quantities share."""
    defaults: dict[Literal["rail", "road", "sea", "pipe"], DefaultsModel] = Field(default_factory=dict)
    """Values by mode."""
    places: dict[str, PlaceModel] = Field(default_factory=dict)
    """Points on the map."""
    legs: dict[str, LegModel] = Field(default_factory=dict)
    """Journeys."""
    facilities: dict[str, FacilityModel] = Field(default_factory=dict)
    """Servers with queues."""
    ports: dict[str, PortModel] = Field(default_factory=dict)
    """Ports."""
    closures: dict[str, ClosureModel] = Field(default_factory=dict)
    """Weather."""
    lines: dict[str, LineModel] = Field(default_factory=dict)
    """Vessel services."""
    pools: dict[str, PoolModel] = Field(default_factory=dict)
    """Reusable assets."""
    routes: dict[str, RouteModel] = Field(default_factory=dict)
    """Routes."""
    flows: dict[str, FlowModel] = Field(default_factory=dict)
    """Demand."""
    timeline: list[InterventionModel] = Field(default_factory=list)
    """What changes, and when."""
    targets: list[TargetModel] = Field(default_factory=list)
    """What calibration is held to."""
    expect: list[ExpectModel] = Field(default_factory=list)
    """Claims to be answered."""
    varied: dict[str, Any] = Field(default_factory=dict)
    """Parameters set, or {scale: …} or {add: …}, for the whole run; a random quantity keeps its law."""
