"""Small resolved documents made by hand, and a scenario that is a plain function of its fractions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sim.scenario.document import (
    Amount,
    Choice,
    Clock,
    Closure,
    Document,
    Experiment,
    Facility,
    Flow,
    Handling,
    Intervention,
    Leaves,
    Leg,
    Line,
    Place,
    Pool,
    Port,
    Random,
    Route,
    Vessels,
)

HOUR = 3600
DAY = 86400


@dataclass(frozen=True)
class Hand:
    """A scenario made by hand: `change` applies interventions at their fractions."""

    document: Document
    interventions: tuple[Intervention, ...] = ()
    change: Callable[[Document, Sequence[float]], Document] | None = None

    def document_at(self, fractions: Sequence[float]) -> Document:
        assert self.change is not None
        return self.change(self.document, fractions)


def leg(origin, destination, *, distance=100.0, hours=1.0, **more):
    base = Leg(
        origin, destination, "rail", distance, distance / (hours * HOUR), 0.0, None, False, (), (), True, 0.0
    )
    return replace(base, **more)


def facility(at, *, hours=1.0, **more):
    base = Facility(at, "task", 1, Random(hours * HOUR), None, "consignment", None, None, (), None, {}, ())
    return replace(base, **more)


def vessels(count, capacity, *, measure="TEU", payload_share=1.0, start="from"):
    return Vessels(count, Amount(capacity, measure), payload_share, start)


def line(origin, destination, *, classes, sailing=1.0, **more):
    handling = Handling(Random(0.0), "consignment")
    base = Line(
        origin,
        destination,
        100.0,
        Random(sailing * HOUR),
        classes,
        (Leaves(), Leaves()),
        handling,
        handling,
        0.0,
        None,
        (),
        0.0,
    )
    return replace(base, **more)


def route(origin, *steps, direction="west", **more):
    return replace(Route("", origin, direction, None, tuple(steps), ()), **more)


def flow(*, per_hour, consignment, measure="t", choice, arrivals="regular", **more):
    base = Flow(
        "boxes",
        {0: per_hour / HOUR},
        measure,
        consignment,
        arrivals,
        None,
        (1.0,) * 12,
        0.0,
        "t",
        0.0,
        "t",
        choice,
    )
    return replace(base, **more)


def closure(*, ports=(), facilities=(), share, lasts, stops_handling=False):
    shares = tuple(share) if isinstance(share, Sequence) else (share,) * 12
    laws = tuple(lasts) if isinstance(lasts, Sequence) else (lasts,) * 12
    return Closure(tuple(ports), tuple(facilities), shares, laws, stops_handling)


def shares(**weights):
    return Choice("shares", {key.replace("_", "-"): value for key, value in weights.items()})


def document(*, length=100.0, warmup=0.0, start=datetime(2024, 1, 1, tzinfo=UTC), **sections):
    """A document of `length` hours; what is not given is empty."""
    names = ("places", "legs", "facilities", "ports", "closures", "lines", "pools", "routes", "flows")
    given = {name: sections.pop(name, {}) for name in names}
    assert not sections, sections
    if not given["places"]:
        given["places"] = {key: Place(key, "", 0.0, 0.0) for key in "abcd"}
    return Document(
        "",
        "",
        Clock(start, length * HOUR, warmup * HOUR),
        Experiment(),
        **given,
        timeline=(),
        targets=(),
        expect=(),
    )


def crossing(**more):
    """A corridor with one of everything: leg, facility, crossing with closures, pool, both ways."""
    sections = {
        "legs": {"a-b": leg("a", "b", cv=0.2), "c-d": leg("c", "d")},
        "facilities": {"gauge": facility("b", service=Random(2 * HOUR, "gamma", 0.3))},
        "ports": {
            "east-port": Port("b", {"box": 1}, {"box": Amount(500.0, "TEU")}),
            "west-port": Port("c", {"box": 2}, {}),
        },
        "closures": {
            "storm": closure(
                ports=("east-port", "west-port"), share=0.2, lasts=Random(48 * HOUR, "exponential", 1.0)
            ),
            "wind": closure(ports=("east-port",), share=0.1, lasts=Random(24 * HOUR, "gamma", 0.5)),
        },
        "lines": {
            "ferry": line(
                ("east-port", "box"),
                ("west-port", "box"),
                sailing=20.0,
                classes={"large": vessels(2, 225.0, payload_share=0.8), "coaster": vessels(3, 100.0)},
            )
        },
        "pools": {"wagons": Pool(Amount(200.0, "wagons"), Random(9 * DAY, "gamma", 0.4))},
        "routes": {
            "west": route("a", "a-b", "gauge", "ferry", "c-d"),
            "east": route("d", "c-d", "ferry", "gauge", "a-b", direction="east"),
        },
        "flows": {
            "boxes": flow(
                per_hour=10.0,
                measure="TEU",
                consignment={"TEU": 50.0, "t": 700_000.0, "wagons": 25.0},
                choice=shares(west=1.0),
                arrivals="poisson",
            ),
            "back": flow(per_hour=5.0, measure="TEU", consignment={"TEU": 50.0}, choice=shares(east=1.0)),
        },
    }
    return document(**{**sections, **more})
