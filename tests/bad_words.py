"""A good scenario, and ways to spoil how it is written: files, keys, values and quantities."""

GOOD = """\
clock: {start: 2024-01-01, length: 24 h}
levers: {draught: 1.0}
places: {a: {}, b: {}, c: {}}
legs:
  ab: {from: a, to: b, distance: 100 km, speed: 50 km/h}
facilities:
  gate: {at: a, service: 1 h, buffer: 20 TEU}
ports:
  pa: {at: b, berths: {box: 1}, yard: {box: 30 TEU}}
  pb: {at: c, berths: {box: 1}}
lines:
  ship: {from: pa/box, to: pb/box, sailing: 10 h, vessels: {count: 1, capacity: 20 TEU}}
pools:
  flats: {size: 40 wagons, returns: 1 d}
routes:
  west: {from: a, direction: west, steps: [gate, ab, ship], uses: {flats: {from: ab, to: ship}}}
flows:
  boxes: {volume: 1 TEU/h, consignment: {TEU: 2, wagons: 1}, choice: {shares: {west: 1}}}
"""

BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}' if before else 'x'] * 10)}]\n"
    for before, name in [("", "k"), ("k", "l"), ("l", "m"), ("m", "n"), ("n", "o"), ("o", "p")]
)
SPEED, SAILING, SERVICE, VOLUME = "50 km/h", "sailing: 10 h", "service: 1 h", "volume: 1 TEU/h"
SHARES = "{shares: {west: 1}}"

# name: (what is replaced, by what, codes of the errors in order of place, text at the first place, its path)
CASES = {
    # reading
    "bad yaml": ("{a: {}, b", "{a: {}, b]", ["yaml-syntax"], "]", ""),
    "tab": ("  ab: {", "\tab: {", ["yaml-syntax"], "\t", ""),
    "duplicate key": ("levers: {", "levers: {}\nlevers: {", ["duplicate-key"], "levers: {d", "levers"),
    "python tag": ("24 h}", '!!python/object/apply:os.system ["x"]}', ["tag"], "!!python", "clock.length"),
    "own tag": ("24 h}", "!hours 24}", ["tag"], "!hours", "clock.length"),
    "alias bomb": ("clock:", BOMB + "clock:", ["too-large"], "*o", ""),
    "alias cycle": ("{draught: 1.0}", "&x {draught: *x}", ["alias-cycle"], "*x", "levers.draught"),
    "unknown alias": ("1.0}", "*nowhere }", ["unknown-alias"], "*nowhere", "levers.draught"),
    "key that is a list": ("levers: {", "levers: {? [a] : 1, ", ["complex-key"], "[a]", "levers"),
    "two documents": ("flows:", "---\nflows:", ["second-document"], "---", ""),
    "too deep": ("{draught: 1.0}", "[" * 70 + "]" * 70, ["too-deep"], "[" * 11, None),
    # composition
    "base outside the tree": (
        "clock:",
        "extends: ../../etc/passwd\nclock:",
        ["outside-tree"],
        "../",
        "extends",
    ),
    "part that is not there": (
        "clock:",
        "parts: [nowhere.yaml]\nclock:",
        ["unreadable-file"],
        "now",
        "parts.0",
    ),
    "extends itself": ("clock:", "extends: case.yaml\nclock:", ["cycle"], "case.yaml", "extends"),
    "add without a base": ("clock:", "add: {places: {z: {}}}\nclock:", ["misplaced-key"], "add", "add"),
    # keys
    "unknown section": ("levers:", "leavers:", ["unknown-key"], "leavers", "leavers"),
    "unknown key": ("speed: 50", "spead: 50", ["missing-key", "unknown-key"], "ab:", "legs.ab.speed"),
    "missing key": (", length: 24 h", "", ["missing-key"], "clock", "clock.length"),
    "no clock": ("clock: {start: 2024-01-01, length: 24 h}\n", "", ["missing-key"], "levers", "clock"),
    "id that is not kebab-case": (
        "flats:",
        "Flats_1:",
        ["bad-id", "dangling-id"],
        "Flats_1",
        "pools.Flats_1",
    ),
    "one id twice": (
        "  gate:",
        "  ship: {at: a, service: 1 h}\n  gate:",
        ["duplicate-id"],
        "ship",
        "lines.ship",
    ),
    "section that is a number": ("{draught: 1.0}", "3", ["wrong-type"], "3", "levers"),
    "element that is a text": (
        "{size: 40 wagons, returns: 1 d}",
        "many",
        ["wrong-type"],
        "many",
        "pools.flats",
    ),
    "text for true or false": (SPEED, "50 km/h, open: yes", ["wrong-type"], "yes", "legs.ab.open"),
    "word that is not known": (
        "west, steps",
        "north, steps",
        ["bad-value"],
        "north",
        "routes.west.direction",
    ),
    "bad date": ("2024-01-01", "2024-13-01", ["bad-date"], "2024-13", "clock.start"),
    "bad hours": (SPEED, '50 km/h, hours: ["25:00-26:00"]', ["bad-hours"], '["25', "legs.ab.hours"),
    "bad country": ("{a: {}", "{a: {country: Kaz}", ["bad-country"], "Kaz", "places.a.country"),
    "latitude": ("{a: {}", "{a: {lat: 99}", ["out-of-range"], "99", "places.a.lat"),
    "fraction of a replication": (
        "clock:",
        "experiment: {replications: 1.5}\nclock:",
        ["wrong-type"],
        "1.5",
        "experiment.replications",
    ),
    # quantities
    "unknown unit": (SPEED, "50 kmh", ["unknown-unit"], "50 kmh", "legs.ab.speed"),
    "wrong dimension": (SPEED, "50 h", ["wrong-dimension"], "50 h", "legs.ab.speed"),
    "no unit": ("buffer: 20 TEU", "buffer: 20", ["wrong-dimension"], "20}", "facilities.gate.buffer"),
    "a scale that is no number": (
        SPEED,
        "{value: 50 km/h, scale: .nan}",
        ["bad-quantity"],
        ".nan",
        "legs.ab.speed.scale",
    ),
    "a way of a million years": (SPEED, "1e-12 km/d", ["out-of-range"], "1e-12", "legs.ab.speed"),
    "a rate of next to nothing": (
        SERVICE,
        "rate: 1e-15 TEU/h",
        ["out-of-range"],
        "1e-15",
        "facilities.gate.rate",
    ),
    "rates in two measures": (
        SERVICE,
        "rate: {by: cranes, table: {1: 5 TEU/h, 2: 3 t/h}}, cranes: 1",
        ["wrong-dimension"],
        "{1: 5",
        "facilities.gate.rate.table",
    ),
    "no number": (SPEED, "fast", ["bad-quantity"], "fast", "legs.ab.speed"),
    "not finite": (SPEED, ".inf", ["bad-quantity"], ".inf", "legs.ab.speed"),
    "negative length": ("100 km", "-100 km", ["out-of-range"], "-100", "legs.ab.distance"),
    "speed of zero": (SPEED, "0 km/h", ["out-of-range"], "0 km/h", "legs.ab.speed"),
    "vessels of no capacity": (
        "capacity: 20 TEU",
        "capacity: 0 TEU",
        ["out-of-range"],
        "0 TEU}",
        "lines.ship.vessels.capacity",
    ),
    "negative time": (SERVICE, "service: -1 h", ["out-of-range"], "-1 h", "facilities.gate.service"),
    "unknown figure": (
        SPEED,
        "seeds/land/rail-km-poti-tbilizi",
        ["unknown-figure"],
        "seeds",
        "legs.ab.speed",
    ),
    "figure of the wrong dimension": (
        SPEED,
        "seeds/land/rail-km-poti-tbilisi",
        ["wrong-dimension"],
        "seeds",
        "legs.ab.speed",
    ),
    "distance of a year for a speed": (
        SPEED,
        "seeds/land/rail-km-baku-boyukkesik",
        ["wrong-dimension"],
        "seeds",
        "legs.ab.speed",
    ),
    "figure without a number": (
        SPEED,
        "seeds/documents/seed-cpc-dependence",
        ["figure-without-number"],
        "seeds",
        "legs.ab.speed",
    ),
    "unknown lever": (
        SAILING,
        "sailing: {value: 10 h, scale: drauhgt}",
        ["unknown-lever"],
        "{value",
        "lines.ship.sailing",
    ),
    "levers in a circle": ("1.0}", "{scale: tide}, tide: {scale: draught}}", ["cycle"], None, None),
    "assumption without a range": (
        SAILING,
        "sailing: {assume: 10 h, because: so}",
        ["missing-range"],
        "{assume",
        "lines.ship.sailing",
    ),
    "assumption without a reason": (
        SAILING,
        "sailing: {assume: 10 h, range: [1 h, 20 h]}",
        ["missing-reason"],
        "{assume",
        "lines.ship.sailing",
    ),
    "assumption outside its range": (
        SAILING,
        "sailing: {assume: 10 h, range: [1 h, 5 h], because: so}",
        ["outside-range"],
        "{assume",
        "lines.ship.sailing",
    ),
    "spread that is no percentage": (
        SAILING,
        "sailing: 10 h ± 3",
        ["bad-random"],
        "10 h ±",
        "lines.ship.sailing",
    ),
    "triangle that falls": (
        SAILING,
        "sailing: 3 h .. 2 h .. 1 h",
        ["bad-random"],
        "3 h",
        "lines.ship.sailing",
    ),
    "unknown law": (
        SAILING,
        "sailing: {mean: 10 h, cv: 0.2, shape: gama}",
        ["bad-value"],
        "gama",
        "lines.ship.sailing.shape",
    ),
    "unknown key in a law": (
        SAILING,
        "sailing: {mean: 10 h, vc: 0.2}",
        ["unknown-key"],
        "vc",
        "lines.ship.sailing.vc",
    ),
    "data file outside the tree": (
        SAILING,
        "sailing: {empirical: ../../etc/passwd}",
        ["outside-tree"],
        "{emp",
        "lines.ship.sailing.empirical",
    ),
    "data file that is not there": (
        SAILING,
        "sailing: {empirical: gone.csv, unit: h}",
        ["bad-data-file"],
        "{emp",
        "lines.ship.sailing.empirical",
    ),
    "months": (VOLUME, "volume: 1 TEU/h, season: [1, 2]", ["bad-months"], "[1, 2]", "flows.boxes.season"),
    "months without else": (
        VOLUME,
        "volume: 1 TEU/h, season: {jan: 1}",
        ["bad-months"],
        "{jan",
        "flows.boxes.season",
    ),
    "share above 1": (
        "20 TEU}}",
        "20 TEU, payload_share: 1.2}}",
        ["out-of-range"],
        "1.2",
        "lines.ship.vessels.payload_share",
    ),
    "always closed": (
        "pools:",
        "closures: {storm: {ports: [pa], share_closed: 1.0, lasts: 2 d}}\npools:",
        ["out-of-range"],
        "1.0, lasts",
        "closures.storm.share_closed",
    ),
    "price of another measure": (
        SPEED,
        "50 km/h, tariff: {FEU: 1 USD/t/km}",
        ["wrong-dimension"],
        "1 USD",
        "legs.ab.tariff.FEU",
    ),
    "outage of no time": (
        SAILING,
        "sailing: 10 h, outages: {every: 0 d, lasts: 1 h}",
        ["out-of-range"],
        "0 d",
        "lines.ship.outages.every",
    ),
}
