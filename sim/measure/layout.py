"""Where everything lies: the model's flows, routes and steps as flat arrays for counting.

A *cell* is one flow at one step of one of its routes; a *pair* is one flow on one route. Every consignment
of a cell is alike, so most measures are counts or sums by cell, folded to elements, routes, flows and
countries afterwards. Only the model is read here, never records.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import floor

import numpy as np

from sim.measure.folds import Bools, Floats, Ints, total
from sim.model.measures import AMOUNTS
from sim.model.model import Model
from sim.model.network import Direction, Kind, Route
from sim.model.once import of_model
from sim.model.parameters import NONE


@dataclass(frozen=True)
class Layout:
    """The model as flat arrays.

    Attributes:
        elements: subjects of legs, facilities and lines, in this order.
        facility: first facility among the elements.
        line: first line among the elements.
        flows: subjects of flows.
        flow_amounts: amounts of a flow's consignment when offered, shape (flows, 5).
        routes: subjects of routes.
        groups: subjects of berth groups, `port/aktau/ferry`.
        pair: index of a flow on a route, -1 where the flow cannot take it, shape (flows, routes).
        first: first cell of a flow on a route, -1 likewise, shape (flows, routes).
        pair_flow: flow of each pair, shape (P,).
        pair_route: route of each pair, shape (P,).
        pair_last: last cell of each pair, shape (P,).
        cell_pair: pair of each cell, shape (C,).
        cell_ordinal: place of the step in its route, shape (C,).
        cell_kind: a `Kind`, shape (C,).
        cell_index: index among its kind, shape (C,).
        cell_element: index among the elements, shape (C,).
        cell_way: way of the step, shape (C,).
        cell_direction: direction of the route, shape (C,).
        cell_last: True at a route's last step, shape (C,).
        cell_amounts: amounts with which a consignment reaches the step, shape (C, 5).
        cell_price: parameter of `Model.prices` for the step, -1 without a price, shape (C,).
        step_route: route of each step of each route, shape (S,).
        step_ordinal: its place in the route, shape (S,).
        step_element: its element, shape (S,).
        cell_step: step of each cell, shape (C,).
        countries: codes, ascending.
        country_pairs: which pairs touch each country, shape (countries, P).
    """

    elements: tuple[str, ...]
    facility: int
    line: int
    flows: tuple[str, ...]
    flow_amounts: Ints
    routes: tuple[str, ...]
    groups: tuple[str, ...]
    pair: Ints
    first: Ints
    pair_flow: Ints
    pair_route: Ints
    pair_last: Ints
    cell_pair: Ints
    cell_ordinal: Ints
    cell_kind: Ints
    cell_index: Ints
    cell_element: Ints
    cell_way: Ints
    cell_direction: Ints
    cell_last: Bools
    cell_amounts: Ints
    cell_price: Ints
    step_route: Ints
    step_ordinal: Ints
    step_element: Ints
    cell_step: Ints
    countries: tuple[str, ...]
    country_pairs: Bools

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.cell_pair)

    @property
    def pairs(self) -> int:
        """Number of pairs."""
        return len(self.pair_flow)

    @cached_property
    def cell_flow(self) -> Ints:
        """Flow of each cell, shape (C,)."""
        return self.pair_flow[self.cell_pair]

    @cached_property
    def cell_route(self) -> Ints:
        """Route of each cell, shape (C,)."""
        return self.pair_route[self.cell_pair]

    def by_element(self, values: Floats) -> Floats:
        """Sum values of cells to elements."""
        return total(self.cell_element, values, size=len(self.elements))

    def by_flow(self, values: Floats) -> Floats:
        """Sum values of pairs to flows."""
        return total(self.pair_flow, values, size=len(self.flows))

    def by_route(self, values: Floats) -> Floats:
        """Sum values of pairs to routes."""
        return total(self.pair_route, values, size=len(self.routes))

    def by_pair(self, values: Floats) -> Floats:
        """Sum values of cells to pairs."""
        return total(self.cell_pair, values, size=self.pairs)


def amounts_along(amounts: tuple[int, ...], model: Model, route: Route) -> list[tuple[int, ...]]:
    """Give the amounts with which a consignment reaches each step of a route.

    Args:
        amounts: amounts of the flow's consignment.
        model: the model.
        route: the route.
    """
    reached = []
    now = amounts
    for step in route.steps:
        reached.append(now)
        if step.kind is Kind.FACILITY:
            changes = model.facilities[step.index].changes
            if changes is not None:
                # Rounded down; the allowance keeps a product that is whole on paper.
                now = tuple(
                    floor(amount * factor + 1e-6) for amount, factor in zip(now, changes, strict=True)
                )
    return reached


@of_model
def lay_out(model: Model) -> Layout:
    """Lay the model out as flat arrays."""
    legs = [f"leg/{leg.id}" for leg in model.legs]
    facilities = [f"facility/{facility.id}" for facility in model.facilities]
    lines = [f"line/{line.id}" for line in model.lines]
    bases = (0, len(legs), len(legs) + len(facilities))
    shape = (len(model.flows), len(model.routes))
    pair = np.full(shape, -1, dtype=np.int64)
    first = np.full(shape, -1, dtype=np.int64)
    pairs: list[tuple[int, int]] = []
    last: list[int] = []
    cells: list[tuple[int, ...]] = []
    amounts: list[tuple[int, ...]] = []
    for f, flow in enumerate(model.flows):
        for option in flow.options:
            route = model.routes[option.route]
            if route.is_outside or pair[f, option.route] >= 0:
                continue
            pair[f, option.route] = len(pairs)
            first[f, option.route] = len(cells)
            amounts += amounts_along(flow.amounts, model, route)
            for ordinal, step in enumerate(route.steps):
                price = option.prices[ordinal] if ordinal < len(option.prices) else NONE
                cells.append(
                    (
                        len(pairs),
                        ordinal,
                        step.kind,
                        step.index,
                        bases[step.kind] + step.index,
                        step.way,
                        route.direction,
                        ordinal == len(route.steps) - 1,
                        price,
                    )
                )
            pairs.append((f, option.route))
            last.append(len(cells) - 1)
    column = np.ascontiguousarray(np.array(cells, dtype=np.int64).reshape(-1, 9).T)
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    steps = np.array(
        [
            (r, ordinal, bases[step.kind] + step.index)
            for r, route in enumerate(model.routes)
            for ordinal, step in enumerate(route.steps)
        ],
        dtype=np.int64,
    )
    steps = steps.reshape(-1, 3).T
    begin = np.searchsorted(steps[0], np.arange(len(model.routes)))
    countries = tuple(sorted({place.country for place in model.places}))
    return Layout(
        elements=(*legs, *facilities, *lines),
        facility=bases[1],
        line=bases[2],
        flows=tuple(f"flow/{flow.id}" for flow in model.flows),
        flow_amounts=np.array([flow.amounts for flow in model.flows], dtype=np.int64).reshape(
            -1, len(AMOUNTS)
        ),
        routes=tuple(f"route/{route.id}" for route in model.routes),
        groups=tuple(f"port/{group.id}" for group in model.groups),
        pair=pair,
        first=first,
        pair_flow=both[0],
        pair_route=both[1],
        pair_last=np.array(last, dtype=np.int64),
        cell_pair=column[0],
        cell_ordinal=column[1],
        cell_kind=column[2],
        cell_index=column[3],
        cell_element=column[4],
        cell_way=column[5],
        cell_direction=column[6],
        cell_last=column[7].astype(np.bool_),
        cell_amounts=np.array(amounts, dtype=np.int64).reshape(-1, len(AMOUNTS)),
        cell_price=column[8],
        step_route=steps[0],
        step_ordinal=steps[1],
        step_element=steps[2],
        cell_step=begin[both[1][column[0]]] + column[1],
        countries=countries,
        country_pairs=_touch(model, countries, both[1]),
    )


def directions_used(layout: Layout) -> Ints:
    """Count the directions in which each element is used by any flow, shape (elements,)."""
    used: Ints = np.zeros((len(layout.elements), len(Direction)), dtype=np.int64)
    used[layout.cell_element, layout.cell_direction] = 1
    out: Ints = used.sum(axis=1)
    return out


def _touch(model: Model, countries: tuple[str, ...], pair_route: Ints) -> Bools:
    by_route: Bools = np.zeros((len(countries), len(model.routes)), dtype=np.bool_)
    rank = {country: k for k, country in enumerate(countries)}
    for r, route in enumerate(model.routes):
        for step in route.steps:
            for place in step.places:
                by_route[rank[model.places[place].country], r] = True
    touched: Bools = by_route[:, pair_route]
    return touched


def counted(model: Model) -> Ints:
    """Give the number of servers of each facility as the scenario begins; those that come later have rows."""
    base = model.parameters.base
    numbers = [
        1 if facility.servers == NONE else floor(float(base[facility.servers]) + 1e-9)
        for facility in model.facilities
    ]
    return np.array(numbers, dtype=np.int64)


def most_counted(model: Model) -> int:
    """Give the largest of them."""
    return int(counted(model).max(initial=1))
