"""Words of the reference that stand nowhere in the code: units of keys, columns of tables, findings of runs.

Only words: `make_reference` joins them with the schema, and stops where one is missing or too many.
"""

from __future__ import annotations

from typing import Final

from sim.scenario import kinds
from sim.scenario.kinds import Kind

UNITS: Final[dict[str, tuple[Kind, str | None]]] = {
    "Clock.length": (kinds.WINDOW, None),
    "Clock.warmup": (kinds.DURATION, "0 d"),
    "Leg.distance": (kinds.DISTANCE, None),
    "Leg.speed": (kinds.SPEED, None),
    "Leg.cv": (kinds.SPREAD, "0"),
    "Leg.train_paths": (kinds.PATHS, "no limit"),
    "Leg.tariff": (kinds.TARIFF, "0"),
    "Leg.emissions": (kinds.EMISSION, "0 gCO2/t/km"),
    "Outages.every": (kinds.SPAN, None),
    "Outages.lasts": (kinds.DURATION, None),
    "Facility.servers": (kinds.COUNT, "1"),
    "Facility.service": (kinds.HANDLING, "`rate`"),
    "Facility.rate": (kinds.RATE, "`service`"),
    "Facility.buffer": (kinds.AMOUNT, "no limit"),
    "Facility.level": (kinds.AMOUNT, "0"),
    "Facility.changes": (kinds.FACTOR, "1"),
    "Facility.charge": (kinds.PRICE, "0"),
    "Facility.emissions": (kinds.EMISSION_HERE, "0 gCO2/t"),
    "Facility.selector": (kinds.COUNT, "none"),
    "Port.berths": (kinds.COUNT, None),
    "Port.yard": (kinds.AMOUNT, "no limit"),
    "Closure.share_closed": (kinds.CLOSED, None),
    "Closure.lasts": (kinds.SPAN, None),
    "Vessels.count": (kinds.COUNT, None),
    "Vessels.capacity": (kinds.CAPACITY, None),
    "Vessels.payload_share": (kinds.PAYLOAD, "1"),
    "Timetable.every": (kinds.SPAN, "`at`"),
    "Timetable.at": (kinds.OFFSET, "`every`"),
    "Leaves.full": (kinds.SHARE, "1"),
    "Leaves.after": (kinds.DURATION, "for ever"),
    "Line.distance": (kinds.LENGTH_OR_NONE, "0 km"),
    "Line.sailing": (kinds.DURATION, None),
    "Line.unload": (kinds.HANDLING, "0 h"),
    "Line.load": (kinds.HANDLING, "0 h"),
    "Line.look_ahead": (kinds.DURATION, "0 h"),
    "Line.charge": (kinds.PRICE, "0"),
    "Line.emissions": (kinds.EMISSION, "0 gCO2/t/km"),
    "Pool.size": (kinds.AMOUNT, None),
    "Pool.returns": (kinds.DURATION, "0 h"),
    "Outside.time": (kinds.DURATION, None),
    "Outside.cost": (kinds.OUTSIDE_COST, None),
    "Route.promise": (kinds.SPAN, "none"),
    "Renegotiated.to": (kinds.RATE, None),
    "Renegotiated.after": (kinds.DURATION, None),
    "Cascade.at_most": (kinds.RATE, "no limit"),
    "Logit.scale": (kinds.PER_USD, None),
    "Logit.memory": (kinds.SPAN, "30 d"),
    "Choice.shares": (kinds.WEIGHT, "one of the three"),
    "Cut.after": (kinds.DURATION, None),
    "Cut.ramp": (kinds.DURATION, "0 d"),
    "Flow.volume": (kinds.RATE, "the timetable"),
    "Flow.consignment": (kinds.AMOUNT, None),
    "Flow.season": (kinds.WEIGHT, "even"),
    "Flow.value": (kinds.VALUE, "0"),
    "Flow.value_of_time": (kinds.VALUE_OF_TIME, "0"),
    "Intervention.lasts": (kinds.SPAN, "it stays"),
    "Intervention.ramp": (kinds.DURATION, "at once"),
    "Target.observed": (kinds.ANYTHING, None),
    "Target.tolerance": (kinds.ANYTHING, None),
    "Expect.below": (kinds.ANYTHING, "none"),
    "Expect.above": (kinds.ANYTHING, "none"),
    "Defaults.distance": (kinds.LENGTH_OR_NONE, "none"),
    "Defaults.speed": (kinds.SPEED, "none"),
    "Defaults.cv": (kinds.SPREAD, "none"),
    "Defaults.tariff": (kinds.TARIFF, "none"),
    "Defaults.charge": (kinds.PRICE, "none"),
    "Defaults.emissions": (kinds.EMISSION, "none"),
    "Defaults.look_ahead": (kinds.DURATION, "none"),
    "Defaults.load": (kinds.HANDLING, "none"),
    "Defaults.unload": (kinds.HANDLING, "none"),
    "Scenario.levers": (kinds.FACTOR, "none"),
}
"""Kind of every quantity of a scenario file, and what holds where it is left out (None: it must be given)."""

SECTIONS: Final = (
    (
        "A file",
        "ScenarioFile",
        "The keys at the top of a file. `parts`, `extends`, `add` and `remove` compose files.",
    ),
    ("clock", "ClockModel", ""),
    ("experiment", "ExperimentModel", "None of these is part of a scenario's hash but `seed`."),
    ("levers", None, "`levers: {name: 1.0}`. A quantity follows a lever by `{…, scale: name}`."),
    ("defaults.MODE", "DefaultsModel", "MODE is `rail`, `road`, `sea` or `pipe`."),
    ("places.ID", "PlaceModel", ""),
    ("legs.ID", "LegModel", ""),
    ("facilities.ID", "FacilityModel", ""),
    ("facilities.ID.outages, lines.ID.outages", "OutagesModel", ""),
    ("ports.ID", "PortModel", ""),
    ("closures.ID", "ClosureModel", ""),
    ("lines.ID", "LineModel", ""),
    ("lines.ID.vessels, lines.ID.vessels.CLASS", "VesselsModel", ""),
    (
        "lines.ID.leaves",
        "BothLeavesModel",
        "With `from` and `to`, each end has its own rule, of the keys below.",
    ),
    ("lines.ID.leaves.from, lines.ID.leaves.to", "LeavesModel", ""),
    ("timetable", "TimetableModel", "Of a line's `leaves`, or of a flow's `arrivals`."),
    ("pools.ID", "PoolModel", ""),
    ("routes.ID", "RouteModel", ""),
    ("routes.ID.uses.POOL", "UseModel", "One span, or a list of spans."),
    ("routes.ID.outside", "OutsideModel", ""),
    ("flows.ID", "FlowModel", ""),
    ("flows.ID.arrivals", "ArrivalsModel", "Short: `poisson` or `regular`."),
    ("flows.ID.choice", "ChoiceModel", ""),
    ("flows.ID.choice.cascade[]", "CascadeModel", "Short: the route's id alone."),
    ("flows.ID.choice.cascade[].renegotiated", "RenegotiatedModel", ""),
    ("flows.ID.choice.logit", "LogitModel", ""),
    ("flows.ID.cut", "CutModel", ""),
    ("timeline[]", "InterventionModel", ""),
    ("targets[]", "TargetModel", ""),
    ("expect[]", "ExpectModel", ""),
)
"""Headings of the page on scenarios, in its order: path, model, a remark."""

MORE_FINDINGS: Final = {
    "seed-id": "an id of a figure is not kebab-case",
    "seed-repeated": "two figures of a file have one id",
    "seed-unit": "the unit of a figure is unknown",
    "seed-range": "a figure lies outside its own range, or the range is upside down",
    "seed-group": "parts of a group do not agree",
    "seed-rival": "rivals do not name each other, or do not exist",
    "seed-schema": "a key of a figure is missing, unknown or of the wrong kind",
    "seed-unreadable": "a file of figures cannot be read",
    "zero-measure": "as `nothing-to-measure`, found when the model is built",
    "not-stationary": "the backlog of a flow grows: its means depend on how long the run is",
    "standstill": "a set of consignments, servers and vessels each of which waits for another of the set",
}
"""Findings given outside the scenario language: on figures, on the compiled model, in a run."""

_WHO: Final = {
    "run": "name of the run's folder; only in SQL",
    "scenario": "name of the scenario",
    "replication": "number, from 0",
    "kpi": "name, with its statistic",
    "subject": "what it is of, such as `route/xian-poti`",
    "unit": "unit of the numbers in the row",
    "value": "the value",
    "time": "hours since the clock's start, negative in the warm-up",
    "route": "id",
    "ordinal": "place of the step in its route, from 0",
    "step": "id of the leg, facility or line",
    "flow": "id",
    "consignment": "number in its flow, from 0",
    "line": "id",
    "vessel": "class and number",
    "trip": "number of the vessel's trip, from 0",
    "amount": "what is aboard, in the line's measure",
    "point": "number of the point; 0 is the scenario as it stands",
}
"""Words of columns that mean the same in every table."""

TABLES: Final[dict[str, tuple[str, str, dict[str, str]]]] = {
    "kpis": ("kpis.parquet", "Every KPI of every replication.", {}),
    "series": (
        "series.parquet",
        "Values over time: backlogs, levels, closures, monthly volumes.",
        {
            "series": "which series",
            "value": "the value, in the unit of its series (see [KPIs](kpis.md#series))",
        },
    ),
    "breakdown": (
        "breakdown.parquet",
        "Where the time of delivered consignments went, mean hours by route and step.",
        {
            "route": "`route/…`",
            "step": "`leg/…`, `facility/…` or `line/…`",
            "waiting": "h, before the step starts",
            "service": "h, in service",
            "running": "h, under way",
            "blocked": "h, finished and not admitted by the next step",
        },
    ),
    "steps": (
        "steps.parquet",
        "With `--records`: one row for each step of each consignment. waiting = started − asked; "
        "blocked = left − ended. What has not happened is null.",
        {
            "asked": "h, reached the step",
            "started": "h, service, running or first loading began",
            "ended": "h, service, running or last unloading was done",
            "left": "h, admitted by the next step; at the end of the route = ended",
            "kg": "weight",
            "teu": "size",
        },
    ),
    "sailings": (
        "sailings.parquet",
        "With `--records`: one row for each trip of each vessel, laden or empty. Times are hours.",
        {
            "origin": "port",
            "destination": "port",
            "called": "called over by the other port",
            "ready": "ready to load",
            "loading": "loading began",
            "loaded": "loading was done",
            "sailed": "left the port",
            "arrived": "reached the other port",
            "berthed": "got a berth to unload",
            "landed": "unloading was done",
            "capacity": "what it could have taken, in the line's measure",
        },
    ),
    "aboard": (
        "aboard.parquet",
        "With `--records`: which part of which consignment sailed on which trip.",
        {"part": "number of the part, from 0"},
    ),
    "levels": (
        "levels.parquet",
        "With `--records`: what lies in buffers, yards and pools; one row for each subject and instant.",
        {"value": "what lies there, in the measure of the buffer, yard or pool: t, TEU, wagons, …"},
    ),
    "runs": (
        "(only in SQL)",
        "One row for each run in the folder of results.",
        {
            "title": "title of the scenario",
            "hash": "first eight digits of what was asked",
            "seed": "of the simulation",
            "engine": "which engine",
            "state": "`finished`, `interrupted`, `failed`, `running`; `killed` where its process is gone",
            "asked": "replications asked for",
            "finished": "replications when it was last finished",
            "stored": "replications stored",
            "wall_time_s": "s",
        },
    ),
    "points": (
        "points.csv",
        "In a study's folder: where each point lies; a column for each parameter. In SQL a row for each "
        "parameter of each point: `factor`, `value` as text, `number`.",
        {},
    ),
    "values": (
        "values.parquet",
        "In a study's folder: every KPI of every replication of every point. In SQL `results`.",
        {},
    ),
}
"""Parquet and SQL tables: file, what it holds, words of its own columns."""

ROWS: Final = (
    (
        "summary",
        "summary.csv",
        "Every KPI over the replications of a run.",
        "sim.study.summary",
        "SummaryRow",
    ),
    (
        "comparison",
        "comparison.csv",
        "In a comparison's folder. The file has `scenario` only with more than one other scenario, and never "
        "`headline`.",
        "sim.study.compare",
        "ComparisonRow",
    ),
    (
        "why",
        "why.csv",
        "In a comparison's folder: what the differences of mean transit times are made of.",
        "sim.study.why",
        "WhyRow",
    ),
    (
        "certainty",
        "certainty.csv",
        "In a comparison's folder: how sure the headline differences are, all together.",
        "sim.study.certainty",
        "Certainty",
    ),
    (
        "selection",
        "selection.csv",
        "In the folder of a comparison with `--select`: the scenarios, the chosen first.",
        "sim.study.contenders",
        "Contender",
    ),
    ("sweep", "sweep.csv", "In a sweep's folder.", "sim.study.sweep", "SweepRow"),
    ("morris", "sensitivity.csv", "In the folder of a study by Morris.", "sim.study.sensitivity", "Effect"),
    ("sobol", "sensitivity.csv", "In the folder of a study by Sobol'.", "sim.study.sensitivity", "Index"),
    ("parameters", "parameters.csv", "In a calibration's folder.", "sim.study.fit", "FreeParameter"),
    ("fit", "fit.csv", "In a calibration's folder: targets.", "sim.study.fit", "FitRow"),
)
"""CSV tables whose columns are told in the docstring of their row: name, file, remark, module, class."""


def column(table: str, name: str) -> str:
    """Give the words of a column.

    Raises:
        KeyError: there are none.
    """
    own = TABLES[table][2]
    return own[name] if name in own else _WHO[name]


VALUES: Final = (
    ("quantity", '`"18 h"`, a text with a [unit](units.md); a bare number has none'),
    (
        "",
        "`seeds/land/rail-km-baku-boyukkesik`: a figure, by file and id. An amount whose period is one year "
        "may stand for a rate per year",
    ),
    (
        "",
        '`{assume: "12 h", range: ["6 h", "24 h"], because: a sentence}`: an assumption; `calibrated: study` '
        "where a calibration found it",
    ),
    (
        "",
        '`{seed: seeds/…, scale: 0.8}`, `{value: "225 TEU", scale: lever}`, `{scale: lever}`, '
        "`{…, scale: [0.4, lever]}`: times numbers and levers",
    ),
    ("random quantity", "a quantity: fixed (exponential for `outages`)"),
    ("", '`"10 h ± 30 %"`: gamma with that coefficient of variation; `"~exp 10 h"`: exponential'),
    ("", '`"20 h .. 23 h .. 30 h"`: triangular; also `{triangular: [low, mode, high]}`'),
    (
        "",
        "`{mean: …, cv: 0.4, shape: SHAPE}`: `gamma` (by default), `lognormal`, `exponential`, `weibull`, "
        "`erlang` (with `k`) or `fixed`",
    ),
    ("", "`{uniform: [low, high]}`; `{empirical: file.csv, unit: h}`"),
    ("", "`per: TEU` (or `wagon`, `truck`, `t`, `train`, `consignment`) beside them scales by size"),
    ("monthly", "one value, twelve in a list, or by name: `{jan: 0.3, nov: 0.5, else: 0.05}`"),
    ("price", "one quantity, or by measure `{FEU: …, t: …}`: the first measure that the consignment has"),
    (
        "rate as a table",
        '`rate: {by: moorings, table: {0: "0 Mt/yr", 1: "36 Mt/yr"}}`, with `moorings: 1` beside it',
    ),
    ("hours of the day", '`["21:00-02:00"]`, UTC'),
    ("date", "ISO 8601, UTC: `2024-05-20`, `2024-05-20T06:00`"),
)
"""Forms in which values are written."""
