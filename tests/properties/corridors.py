"""Small random corridors with every mechanism, as a hypothesis strategy: for properties and for two engines.

A corridor is the plain tree of a scenario file; `text` writes it down. Four places in a row, a-b-c-d: rail
from a to b and from c to d, the sea (and a road) between b and c, desks everywhere, both directions. Times
are whole and half hours, so that many events fall on the same instant.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

Tree = dict[str, Any]

LARGEST = 12
"""TEU of the largest consignment, of half as many wagons and ten times the tonnes: no limit is below it."""
BUFFERS = ("0 TEU", f"{LARGEST} TEU", f"{2 * LARGEST} TEU", "8 wagons", "300 t", "3 consignments")

HOURS = st.sampled_from(["30 min", "1 h", "1 h", "1.5 h", "2 h", "3 h", "5 h"])
TIMES = st.one_of(
    HOURS,
    st.sampled_from(["~exp 1 h", "2 h ± 50 %", "1 h .. 2 h .. 6 h"]),
    st.sampled_from(
        [
            {"mean": "1 h", "cv": 0.4, "shape": "lognormal"},
            {"mean": "2 h", "shape": "erlang", "k": 3},
            {"uniform": ["1 h", "4 h"]},
        ]
    ),
)
OPENING = st.sampled_from([None, None, None, ["21:00-02:00"], ["06:00-09:00", "12:00-20:00"]])
ENDS = {
    "rail-ab": ("a", "b"),
    "rail-cd": ("c", "d"),
    "road": ("b", "c"),
    "ferry": ("b", "c"),
    "z-ferry": ("b", "c"),
}


def text(corridor: Tree) -> str:
    """Write a corridor as YAML (JSON is YAML too)."""
    return json.dumps(corridor, indent=1, ensure_ascii=False)


def given_only(**values: Any) -> Tree:
    """Leave out what is None."""
    return {key: value for key, value in values.items() if value is not None}


def maybe(draw: st.DrawFn, strategy: st.SearchStrategy[Any], *, one_in: int = 3) -> Any:
    """Draw from a strategy, or None."""
    return draw(strategy) if draw(st.integers(0, one_in - 1)) == 0 else None


@st.composite
def outages(draw: st.DrawFn) -> Tree:
    """Failures of servers."""
    return given_only(
        every=draw(st.sampled_from(["8 h", "20 h", {"mean": "6 h", "shape": "fixed"}])),
        lasts=draw(st.sampled_from(["2 h", {"mean": "3 h", "shape": "fixed"}])),
        clock=draw(st.sampled_from([None, "working", "calendar"])),
        job=draw(st.sampled_from([None, "finished", "resumed"])),
    )


@st.composite
def leg(draw: st.DrawFn, ends: tuple[str, str]) -> Tree:
    """A leg of 100 km."""
    return given_only(
        **{"from": ends[0]},
        to=ends[1],
        distance="100 km",
        speed=draw(st.sampled_from(["100 km/h", "50 km/h", "20 km/h"])),
        cv=draw(st.sampled_from([None, 0.0, 0.3])),
        train_paths=draw(st.sampled_from([None, None, "12 trains/day", "24 trains/day"])),
        single_track=draw(st.sampled_from([None, True])),
        hours=draw(OPENING),
        tariff=draw(st.sampled_from([None, "1 USD/TEU/km", "100 USD/TEU"])),
    )


@st.composite
def facility(draw: st.DrawFn, place: str) -> Tree:
    """Servers with a queue, or a rate."""
    made = given_only(
        at=place,
        buffer=draw(st.sampled_from([None, None, *BUFFERS])),
        hours=draw(OPENING),
        outages=maybe(draw, outages()),
    )
    if draw(st.integers(0, 4)) == 0:
        table = {"0": "0 TEU/h", "1": "3 TEU/h", "2": "9 TEU/h"}
        made |= {"rate": {"by": "moorings", "table": table}, "moorings": 2, "per": "TEU"}
        if made.get("buffer", "").endswith("TEU") and made["buffer"] != "0 TEU":
            made |= {"level": draw(st.sampled_from(["3 TEU", "7 TEU"]))}
        return made
    per = draw(st.sampled_from([None, None, "TEU", "wagon", "t", "train"]))
    scaled = {"TEU": "15 min", "wagon": "20 min", "t": "90 s", "train": "1 h"}
    made |= given_only(
        servers=draw(st.sampled_from([None, 1, 2, 3])),
        service=draw(TIMES) if per is None else scaled[per],
        per=per,
        changes=draw(st.sampled_from([None, None, {"trains": 0.667}, {"wagons": 0.5}])),
        charge=draw(st.sampled_from([None, "50 USD/TEU"])),
    )
    return made


@st.composite
def leaves(draw: st.DrawFn) -> Tree:
    """When a vessel leaves one end."""
    if draw(st.integers(0, 3)) == 0:
        every = draw(st.sampled_from(["6 h", "8 h", "12 h"]))
        return {"timetable": {"every": every, "first": draw(st.sampled_from(["0 h", "2 h", "03:00"]))}}
    return given_only(
        full=draw(st.sampled_from([None, 0.5, 1.0])),
        after=draw(st.sampled_from([None, "0 h", "4 h", "12 h"])),
    )


@st.composite
def vessels(draw: st.DrawFn, measure: str) -> Tree:
    """Vessels of one class."""
    scale = {"TEU": 1, "wagons": 0.6, "t": 10}[measure]
    return given_only(
        count=draw(st.integers(1, 4)),
        capacity=f"{scale * draw(st.sampled_from([5, 10, 20]))} {measure}",
        payload_share=draw(st.sampled_from([None, 0.75, 1.0])),
        start=draw(st.sampled_from([None, "from", "to", "split"])),
    )


@st.composite
def line(draw: st.DrawFn) -> Tree:
    """A line over the sea."""
    handling = st.sampled_from(
        [None, "1 h", "~exp 2 h", {"mean": "10 min", "per": "TEU"}, {"mean": "1 min", "per": "t"}]
    )
    both = {"from": draw(leaves()), "to": draw(leaves())}
    measure = draw(st.sampled_from(["TEU", "TEU", "wagons", "t"]))
    return given_only(
        **{"from": "port-b/box"},
        to="port-c/box",
        sailing=draw(TIMES),
        vessels={"large": draw(vessels(measure)), "small": draw(vessels(measure))}
        if draw(st.booleans())
        else draw(vessels(measure)),
        leaves=draw(st.one_of(leaves(), st.just(both))),
        load=draw(handling),
        unload=draw(handling),
        look_ahead=draw(st.sampled_from([None, "2 h", "10 h"])),
        outages=maybe(
            draw,
            st.sampled_from(
                [
                    {"every": "30 h", "lasts": "6 h"},
                    {"every": {"mean": "20 h", "shape": "fixed"}, "lasts": "4 h"},
                ]
            ),
        ),
        charge=draw(st.sampled_from([None, "100 USD/TEU"])),
    )


@st.composite
def port(draw: st.DrawFn, place: str) -> Tree:
    """A port with one berth group."""
    yard = maybe(draw, st.sampled_from([f"{LARGEST} TEU", f"{3 * LARGEST} TEU", "10 wagons"]))
    return given_only(at=place, berths={"box": draw(st.integers(1, 3))}, yard=yard and {"box": yard})


@st.composite
def closures(draw: st.DrawFn, facilities: list[str]) -> Tree:
    """Weather: a common storm, a port's own, a facility's."""
    lasts = st.sampled_from(["~exp 6 h", "3 h", "4 h ± 50 %"])
    share = st.sampled_from([0.1, 0.3, {"jan": 0.4, "else": 0.1}])
    made = {}
    if draw(st.booleans()):
        made["storm"] = {"ports": ["port-b", "port-c"], "share_closed": draw(share), "lasts": draw(lasts)}
        made["storm"]["stops_handling"] = draw(st.booleans())
    if draw(st.integers(0, 2)) == 0:
        made["swell"] = {"ports": ["port-c"], "share_closed": draw(share), "lasts": draw(lasts)}
    if facilities and draw(st.integers(0, 2)) == 0:
        closed = draw(st.sampled_from(facilities))
        made["wind"] = {"facilities": [closed], "share_closed": draw(share), "lasts": draw(lasts)}
        made["wind"]["stops_handling"] = draw(st.booleans())
    return made


@st.composite
def steps(draw: st.DrawFn, facilities: dict[str, Tree], moves: list[str], *, desk_first: bool) -> list[str]:
    """Steps of a westbound route over some legs and lines, with desks on its way."""
    place = ENDS[moves[0]][0]
    found: list[str] = []

    def desks(where: str, *, at_least: int) -> list[str]:
        here = sorted(key for key, one in facilities.items() if one["at"] == where)
        return (
            draw(st.lists(st.sampled_from(here), min_size=at_least, max_size=2, unique=True)) if here else []
        )

    found += desks(place, at_least=int(desk_first))
    for move in moves:
        place = ENDS[move][1]
        found += [move, *desks(place, at_least=0)]
    return found


@st.composite
def flow(draw: st.DrawFn, *, routes: dict[str, Tree], direction: str) -> Tree:
    """Demand of one direction."""
    teu = draw(st.integers(1, LARGEST))
    size = {"TEU": teu, "wagons": max(1, teu // 2), "t": 10 * teu, "trains": draw(st.sampled_from([0.5, 1]))}
    mine = sorted(key for key, route in routes.items() if route.get("direction") == direction)
    made: Tree = {"commodity": "boxes", "consignment": size, "value_of_time": "2 USD/TEU/h"}
    every = draw(st.sampled_from([2, 3, 5, 8]))
    kind = draw(st.integers(0, 2))
    if kind == 0:
        made |= {"arrivals": {"timetable": {"every": f"{every} h", "first": "1 h"}}}
    else:
        made |= {"volume": f"{teu / every} TEU/h", "arrivals": ["poisson", "regular"][kind - 1]}
    first = {key: routes[key]["steps"][0] for key in mine}
    by_desk = [key for key in mine if first[key].startswith("desk")]
    choice = draw(st.integers(0, 3))
    if choice == 0 and by_desk:
        entries: list[Any] = draw(st.lists(st.sampled_from(by_desk), min_size=1, max_size=3, unique=True))
        if draw(st.booleans()):
            cap = {"route": entries[0], "at_most": f"{teu * 6} TEU/yr"}
            if draw(st.booleans()):
                cap["renegotiated"] = {"to": f"{teu * 12} TEU/yr", "after": "20 h"}
            entries[0] = cap
        made["choice"] = {"cascade": entries}
        if draw(st.booleans()):
            made["cut"] = {"after": "5 h", "ramp": "20 h"}
    elif choice == 1:
        options = draw(st.lists(st.sampled_from([*mine, "outside"]), min_size=1, max_size=3, unique=True))
        made["choice"] = {"logit": {"options": options, "scale": "0.02 /USD", "memory": "2 d"}}
    else:
        chosen = draw(st.lists(st.sampled_from(mine), min_size=1, max_size=3, unique=True))
        made["choice"] = {"shares": {key: draw(st.sampled_from([1, 2, 3])) for key in chosen}}
    return made


def changeable(tree: Tree) -> list[tuple[str, list[Any]]]:
    """List what may be set in mid-run, with values."""
    found: list[tuple[str, list[Any]]] = []
    for key, one in tree["legs"].items():
        found += [(f"legs.{key}.open", [False]), (f"legs.{key}.speed", ["10 km/h", "80 km/h"])]
        if "train_paths" in one:
            found.append((f"legs.{key}.train_paths", ["8 trains/day", "48 trains/day"]))
    for key, one in tree["facilities"].items():
        if "rate" in one:
            found.append((f"facilities.{key}.moorings", [0, 1, 2]))
        else:
            found.append((f"facilities.{key}.servers", [0, 1, 2, 4]))
        if one.get("buffer", "").endswith("TEU"):
            found.append((f"facilities.{key}.buffer", ["0 TEU", f"{3 * LARGEST} TEU"]))
    for key, one in tree["lines"].items():
        if "count" in one["vessels"]:
            found.append((f"lines.{key}.vessels.count", [0, 1, 3, 5]))
            if one["vessels"]["capacity"].endswith("TEU"):
                found.append((f"lines.{key}.vessels.capacity", ["8 TEU", "15 TEU"]))
        else:
            found.append((f"lines.{key}.vessels.small.count", [0, 1, 3]))
            found.append((f"lines.{key}.vessels.large.payload_share", [0.0, 0.4, 0.9]))
        found.append((f"lines.{key}.sailing", ["1 h", "4 h"]))
        if isinstance(one.get("load"), str):
            found.append((f"lines.{key}.load", ["10 min", "7 h"]))
        if "full" in one["leaves"]:
            found.append((f"lines.{key}.leaves.full", [0.2, 0.8]))
    for key in tree["ports"]:
        found.append((f"ports.{key}.berths.box", [1, 2, 4]))
    for key in tree.get("pools", {}):
        found.append((f"pools.{key}.size", ["12 wagons", "40 wagons"]))
    return found


RAMPED = (
    "servers",
    "count",
    "capacity",
    "payload_share",
    "full",
    "load",
    "box",
    "size",
    "speed",
    "train_paths",
    "buffer",
)


@st.composite
def timeline(draw: st.DrawFn, tree: Tree) -> list[Tree]:
    """Up to four interventions on what may change."""
    entries = []
    for number in range(draw(st.integers(0, 4))):
        path, values = draw(st.sampled_from(changeable(tree)))
        entry: Tree = {"title": f"entry {number}", "at": f"{draw(st.integers(0, 60))} h"}
        entry |= given_only(lasts=maybe(draw, st.sampled_from(["5 h", "24 h"]), one_in=2))
        if path.endswith(RAMPED) and not entry.get("lasts") and draw(st.integers(0, 2)) == 0:
            entry["ramp"] = "6 h"
        entry["set"] = {path: draw(st.sampled_from(values))}
        if isinstance(tree_value(tree, path), dict):
            continue
        entries.append(entry)
    return entries


def tree_value(tree: Tree, path: str) -> Any:
    """Read a value by its dotted path, None where it is not written."""
    value: Any = tree
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


@st.composite
def corridors(draw: st.DrawFn) -> Tree:
    """Draw a corridor that loads without a finding of level error."""
    places = "abcd"
    facilities: dict[str, Tree] = {}
    for place in places:
        for number in range(draw(st.integers(int(place in "ad"), 2))):
            facilities[f"desk-{place}{number}"] = draw(facility(place))
    tree: Tree = {
        "title": "a corridor",
        "clock": {
            "start": "2024-01-01",
            "length": f"{draw(st.sampled_from([72, 120]))} h",
            "warmup": draw(st.sampled_from(["0 h", "24 h"])),
        },
        "experiment": {"seed": draw(st.integers(0, 99))},
        "places": {place: {} for place in places},
        "legs": {key: draw(leg(ENDS[key])) for key in ("rail-ab", "rail-cd", "road")},
        "facilities": facilities,
        "ports": {"port-b": draw(port("b")), "port-c": draw(port("c"))},
        "lines": {"ferry": draw(line())},
    }
    if draw(st.booleans()):
        tree["lines"]["z-ferry"] = draw(line())
    tree["closures"] = draw(closures(sorted(facilities)))
    routes: dict[str, Tree] = {"outside": {"outside": {"time": "30 h", "cost": "300 USD/TEU"}}}
    crossings = ["ferry", "road", *(["z-ferry"] if "z-ferry" in tree["lines"] else [])]
    for number in range(draw(st.integers(1, 3))):
        crossing = draw(st.sampled_from(crossings))
        moves = draw(
            st.sampled_from(
                [["rail-ab", crossing, "rail-cd"], [crossing], ["rail-ab", crossing], [crossing, "rail-cd"]]
            )
        )
        way = draw(steps(facilities, moves, desk_first=draw(st.booleans())))
        routes[f"west-{number}"] = {"from": ENDS[moves[0]][0], "direction": "west", "steps": way}
        routes[f"east-{number}"] = {"from": ENDS[moves[-1]][1], "direction": "east", "steps": way[::-1]}
    if draw(st.booleans()):
        tree["pools"] = {
            "platforms": {"size": "15 wagons", "returns": draw(st.sampled_from(["2 h", "~exp 6 h"]))}
        }
        for route in routes.values():
            if "steps" in route and draw(st.booleans()):
                known = route["steps"]
                first, last = sorted(draw(st.tuples(*[st.integers(0, len(known) - 1)] * 2)))
                if known.count(known[first]) == known.count(known[last]) == 1:
                    route["uses"] = {"platforms": {"from": known[first], "to": known[last]}}
    tree["routes"] = routes
    tree["flows"] = {
        f"flow-{number}": draw(flow(routes=routes, direction=["west", "east"][number % 2]))
        for number in range(draw(st.integers(1, 4)))
    }
    tree["timeline"] = draw(timeline(tree))
    return tree
