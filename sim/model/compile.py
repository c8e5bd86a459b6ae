"""From the resolved scenario to the model: a pure function that touches no file and draws nothing.

Here stands only the order of work; what each part means is written where it is compiled.
"""

from __future__ import annotations

from sim.model.choices import FlowCompiler
from sim.model.demand import register_demand
from sim.model.elements import ElementCompiler, ranks
from sim.model.itineraries import compile_routes
from sim.model.model import Clock, Model
from sim.model.paths import Paths, ScenarioLike, Timeline
from sim.model.times import utc, whole_seconds
from sim.model.weather import BEYOND, compile_calendars, compile_closures, register_closures

__all__ = ["ScenarioLike", "compile_model"]


def compile_model(scenario: ScenarioLike) -> Model:
    """Compile a scenario with its timeline into the model that engines and measures read.

    Args:
        scenario: a resolved scenario, its interventions, and what it is while they are in force.

    Returns:
        The model; every tuple is in order of id, whatever the order of keys in the files.

    Raises:
        InputError: where steps do not join or a volume is in a measure that its consignment lacks.
    """
    document = scenario.document
    begin, end = -whole_seconds(document.clock.warmup), whole_seconds(document.clock.length)
    timeline = Timeline(scenario, begin=begin, until=end + BEYOND)
    rank = ranks(document)
    parameters, prices, laws = Paths(timeline), Paths(timeline), Paths(timeline)

    elements = ElementCompiler(document, timeline=timeline, paths=parameters, ranks=rank)
    places, legs, facilities = elements.places(), elements.legs(), elements.facilities()
    groups, lines, pools = elements.groups(), elements.lines(), elements.pools()
    routes = compile_routes(document, paths=parameters, ranks=rank)
    flows = FlowCompiler(document, timeline=timeline, paths=parameters, prices=prices, ranks=rank)
    flows.register(routes)
    weather = register_closures(document, laws=laws)
    demand = register_demand(document, laws=laws, begin=begin, end=end)

    timeline.refine((parameters, prices, laws))
    law_table = laws.table(end=end + BEYOND)
    return Model(
        clock=Clock(utc(document.clock.start), begin, end),
        places=places,
        legs=legs,
        facilities=facilities,
        groups=groups,
        lines=lines,
        pools=pools,
        routes=routes,
        flows=flows.flows(demand, laws=law_table, begin=begin, end=end),
        closures=compile_closures(document, registered=weather, laws=law_table, begin=begin, end=end),
        calendars=compile_calendars(document, ranks=rank),
        parameters=parameters.table(end=end),
        prices=prices.table(end=end),
    )
