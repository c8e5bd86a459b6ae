"""What things are called: from a subject like `line/aktau-alat-feeder` to words on a figure.

Read from the resolved scenario that lies beside every run; where it gives no name, the id is spelt out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from sim.report.words import GAP, capital

Tree = Mapping[str, Any]

_UPPER: Final = {"btc", "cpc", "btk", "kz", "ru", "uz", "tkm", "az", "tr", "kcp", "teu"}
_TAILS: Final = {"west": "westward", "east": "eastward", "roro": "ro-ro"}
_CARGO: Final = {"containers": "Containers", "dry": "Dry cargo", "crude": "Crude oil"}
_VESSELS: Final = {"rail": "rail ferry", "roro": "ro-ro"}
"""What berths and lines are called where their id names only what they carry."""


def plain(value: Any) -> Any:
    """Give a value of the resolved tree without its provenance."""
    while isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    return value


def hours(value: object) -> float:
    """Read a duration of the resolved tree; NaN where none is given."""
    from sim.units import parse, to_base

    if isinstance(value, Mapping) and isinstance(value.get("unit"), str) and value["unit"]:
        number = plain(value)
        return to_base(float(number), value["unit"]).value / 3600 if number is not None else math.nan
    given = plain(value)
    return parse(given).value / 3600 if isinstance(given, str) else math.nan


def section(tree: Tree, name: str) -> Tree:
    """Give a section of the resolved tree, empty where there is none."""
    found = tree.get(name)
    return found if isinstance(found, Mapping) else {}


def short_place(name: str) -> str:
    """Give the shortest usual form of a place's name: `Altynkol / Khorgos` is `Altynkol`."""
    return name.split(" / ")[0].split(" (")[0].removesuffix(" port").removesuffix(" port station")


class Names:
    """Titles of all subjects of one scenario.

    Args:
        tree: the resolved scenario.
        base: titles of the scenario before it in a comparison. A route of both is called as there, so that
            it is known again; another route is never called as one of those.
    """

    def __init__(self, tree: Tree, *, base: Names | None = None) -> None:
        self._tree = tree
        self._base = base
        self._places = {
            key: short_place(str(plain(place.get("name", capital(key)))))
            for key, place in section(tree, "places").items()
            if isinstance(place, Mapping)
        }
        self._routes = Counter(
            str(plain(route.get("title")))
            for route in section(tree, "routes").values()
            if isinstance(route, Mapping)
        )

    def title(self, subject: str) -> str:
        """Give the title of a subject; unknown kinds are spelt out from their id."""
        kind, _, key = subject.partition("/")
        if kind == "total":
            return "Whole corridor"
        if kind == "country":
            return key
        if kind == "cargo":
            return _CARGO.get(key, capital(key))
        if kind == "port":
            port, _, group = key.partition("/")
            return (
                f"{self.spelt(port)} port, {_VESSELS.get(group, group)} berths" if group else self.spelt(port)
            )
        entry = section(self._tree, f"{kind}s" if kind != "facility" else "facilities").get(key)
        given = entry if isinstance(entry, Mapping) else {}
        if kind == "route":
            return self._route(key, given)
        if kind == "leg":
            return self._leg(key, given)
        if kind == "line":
            return self._line(key, given)
        return self.spelt(key)

    def _route(self, key: str, given: Tree) -> str:
        if self._base is not None and self._base._knows(key):
            return self._base.title(f"route/{key}")
        title = str(plain(given.get("title")) or "")
        if not title:
            return self.spelt(key)
        # Two ways between the same places are naturally called alike.
        return f"{title} ({key})" if self._alike(title) > 1 else title

    def _knows(self, route: str) -> bool:
        known = route in section(self._tree, "routes")
        return known or (self._base is not None and self._base._knows(route))

    def _alike(self, title: str) -> int:
        return self._routes[title] + (self._base._alike(title) if self._base is not None else 0)

    def place(self, key: str) -> str:
        """Give the short name of a place."""
        return self._places.get(key, self.spelt(key))

    def spelt(self, key: str) -> str:
        """Spell an id out: the places in it by their names, known short forms in capitals."""
        words: list[str] = []
        rest = key.split("-")
        while rest:
            for size in range(len(rest), 0, -1):
                name = self._places.get("-".join(rest[:size]))
                if name is not None:
                    words.append(name)
                    rest = rest[size:]
                    break
            else:
                word = rest.pop(0)
                words.append(word.upper() if word in _UPPER else _TAILS.get(word, word) if words else word)
        return capital(" ".join(words))

    def _leg(self, key: str, given: Tree) -> str:
        origin, end = plain(given.get("from")), plain(given.get("to"))
        if not (isinstance(origin, str) and isinstance(end, str)):
            return self.spelt(key)
        twins = sum(1 for leg in section(self._tree, "legs").values() if _ends(leg) == {origin, end})
        tail = f" ({plain(given.get('mode'))})" if twins > 1 else ""
        return f"{self.place(origin)}{GAP}– {self.place(end)}{tail}"

    def _line(self, key: str, given: Tree) -> str:
        ends = [plain(given.get(end)) for end in ("from", "to")]
        if not all(isinstance(end, str) for end in ends):
            return self.spelt(key)
        ports = [str(end).partition("/")[0] for end in ends]
        name = f"{self.spelt(ports[0])}{GAP}– {self.spelt(ports[1])}"
        tail = key.removeprefix("-".join(port.removesuffix("-port") for port in ports)).strip("-")
        return f"{name} {_VESSELS.get(tail, tail)}".rstrip() if tail != key else self.spelt(key)


def _ends(leg: object) -> set[object]:
    return {plain(leg.get("from")), plain(leg.get("to"))} if isinstance(leg, Mapping) else set()
