"""Points: each computed once, kept at once, tried twice, named when it fails."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import tiny

import sim
from sim.errors import RunError, UsageError
from sim.store.studies import StudyFolder
from sim.study.executor import InProcess, Processes
from sim.study.headline import Key
from sim.study.points import PointOutcome, Simulated, evaluate, shared_keys, stacked
from sim.study.ranges import ranged
from sim.study.space import Space
from sim.study.watched import watched

KEYS = (Key("throughput", "total", "Mt/yr"), Key("transit_time.mean", "route/west", "h"))


@dataclass
class Counted:
    """A simulation that is a function, and counts its calls."""

    fails: dict[int, int] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)

    def __call__(self, number):
        self.calls.append(number)
        return PointOutcome(
            number, KEYS, np.array([[number, number**2], [number, number**2 + 2]], dtype=float)
        )


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    scenario = sim.load(tiny.write(tmp_path_factory.mktemp("tiny")))
    return Space(scenario, ranged(scenario, ["legs.a-p.speed", "facilities.customs.servers"]))


def test_what_is_kept_is_not_computed_again(tmp_path):
    folder = StudyFolder(tmp_path, "1")
    first = Counted()
    evaluate(first, [0, 1, 2], InProcess(), sink=folder)
    again = Counted()
    found = evaluate(again, range(5), InProcess(), sink=folder)
    assert (first.calls, again.calls) == ([0, 1, 2], [3, 4])
    assert [each.means.tolist() for each in found] == [[n, n**2 + 1] for n in range(5)]
    assert StudyFolder(tmp_path, "2").finished() == set()
    assert StudyFolder(tmp_path, "1", fresh=True).finished() == set()


def test_damaged_points_are_computed_again(tmp_path):
    folder = StudyFolder(tmp_path, "1")
    evaluate(Counted(), [0, 1], InProcess(), sink=folder)
    folder.part(1).write_bytes(folder.part(1).read_bytes()[:40])
    assert folder.finished() == {0}
    with pytest.raises(RunError, match="delete it"):
        folder.read(1)
    # Damage behind what the point says of itself.
    whole = folder.part(0).read_bytes()
    place = whole.index(b"values.npy") + 14
    folder.part(0).write_bytes(
        whole[:place] + bytes(255 - byte for byte in whole[place : place + 9]) + whole[place + 9 :]
    )
    with pytest.raises(RunError, match="delete it"):
        folder.read(0)


def test_the_same_point_is_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        evaluate(Counted(), [3], InProcess(), sink=StudyFolder(tmp_path / name, "1"))
    one, two = (StudyFolder(tmp_path / name, "1").part(3).read_bytes() for name in ("one", "two"))
    assert one == two


def simulated(space, **more):
    places = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.3]])
    watch = ("transit_time.mean of route/west", "throughput of total")
    return Simulated(space, places, 2, 7, engine="simpy", watch=watch, **more)


def test_a_point_is_the_scenario_there(space):
    call = simulated(space)
    alone = sim.simulate(space.at([1.0, 1.0]), replication=1, engine="simpy")
    value = alone.measures.kpis.get("transit_time.mean", "route/west")
    outcome = call(1)
    assert [key.kpi for key in outcome.keys] == ["transit_time.mean", "throughput"]
    assert outcome.values[1, 0] == value


def test_a_row_of_nothing_is_the_scenario_as_it_stands(space):
    from dataclasses import replace

    call = replace(simulated(space), coordinates=np.full((1, 2), np.nan))
    alone = sim.simulate(space.scenario, replication=0, engine="simpy")
    assert call(0).values[0, 0] == alone.measures.kpis.get("transit_time.mean", "route/west")


def test_workers_and_order_do_not_matter(space, tmp_path):
    found = [
        evaluate(simulated(space), range(3), executor, sink=StudyFolder(tmp_path / str(jobs), "1"))
        for jobs, executor in enumerate((InProcess(), Processes(2)))
    ]
    for one, two in zip(*found, strict=True):
        assert np.array_equal(one.values, two.values)


def test_later_points_may_meet_new_replications(space):
    call = simulated(space, apart=1)
    assert call(1).values[0, 0] == sim.simulate(
        space.at([1.0, 1.0]), replication=2, engine="simpy"
    ).measures.kpis.get("transit_time.mean", "route/west")


class Stubborn(Simulated):
    """Fails as often as the file beside it says."""

    def compute(self, number):
        file = Path(self.watch[0])
        left = json.loads(file.read_text())
        if left.get(str(number), 0):
            left[str(number)] -= 1
            file.write_text(json.dumps(left))
            message = "no luck"
            raise ValueError(message)
        return PointOutcome(number, KEYS, np.ones((2, 2)))


def test_a_failing_point_is_tried_once_more_and_then_stops_the_study_by_name(space, tmp_path):
    file = tmp_path / "fails.json"
    places = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.3]])
    call = Stubborn(space, places, 2, 7, watch=(str(file),))
    file.write_text('{"1": 1}')
    assert len(evaluate(call, range(3), InProcess(), sink=StudyFolder(tmp_path / "once", "1"))) == 3
    file.write_text('{"1": 2}')
    kept = StudyFolder(tmp_path / "twice", "1")
    text = r"^point 1 \(legs.a-p.speed = 700 km/day, facilities.customs.servers = 4\) failed twice: no luck$"
    with pytest.raises(RunError, match=text):
        evaluate(call, range(3), InProcess(), sink=kept)
    assert kept.finished() == {0}


def test_points_are_stacked_by_the_figures_they_share():
    one = PointOutcome(0, KEYS, np.ones((2, 2)))
    two = PointOutcome(1, KEYS[::-1], np.arange(4.0).reshape(2, 2))
    assert shared_keys([one, two]) == KEYS
    assert stacked([one, two], KEYS[:1]).shape == (2, 2, 1)
    assert stacked([one, two], KEYS[:1])[1].ravel().tolist() == [1.0, 3.0]
    with pytest.raises(RunError, match="one number for all"):
        stacked([one, PointOutcome(2, KEYS, np.ones((3, 2)))], KEYS)


EVERY = [
    Key("throughput", "total", "Mt/yr"),
    Key("throughput", "route/west", "Mt/yr"),
    Key("throughput", "route/west", "kt/yr"),
    Key("wait.mean", "facility/customs", "h"),
    Key("wait.mean", "leg/a-p", "h"),
]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (["throughput of total"], [0]),
        (["throughput"], [0, 1]),
        (["throughput of route/west in kt/yr"], [2]),
        (["throughput of route/* in *"], [1, 2]),
        (["wait.mean"], [3, 4]),
        (["wait.mean of leg/*", "throughput of total"], [4, 0]),
        (["throughput of total", "throughput"], [0, 1]),
    ],
)
def test_figures_are_watched_by_name(wanted, places):
    assert list(watched(EVERY, wanted)) == [EVERY[place] for place in places]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("wait.men", "did you mean wait.mean"),
        ("wait.mean of facility/custom", "did you mean facility/customs"),
        ("throughput of total in TEU", "has no subject"),
    ],
)
def test_unknown_figures_are_refused_with_the_nearest(text, hint):
    with pytest.raises(UsageError, match=hint):
        watched(EVERY, [text])
