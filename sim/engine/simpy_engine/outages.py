"""Outages of servers: working time or calendar time to a failure, the job in hand finished or resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.engine.records import ServerState
from sim.engine.rules import Turn, order, seconds
from sim.engine.simpy_engine.calendar import Alarm
from sim.engine.simpy_engine.journey import Consignment

if TYPE_CHECKING:
    from sim.engine.simpy_engine.facility import Facility
    from sim.engine.simpy_engine.world import World


class ServerOutages:
    """The failure clocks of a facility's servers, each with its own stream.

    Attributes:
        jobs: the consignment that each server serves.
        left: working seconds to the next failure (clock `working`).
        due: servers that go down when the job in hand is finished.
    """

    def __init__(self, world: World, facility: Facility) -> None:
        assert facility.data.outage is not None
        self.world = world
        self.facility = facility
        self.data = facility.data.outage
        self.jobs: dict[int, Consignment] = {}
        self.left: dict[int, int] = {}
        self.due: set[int] = set()
        self.failures: dict[int, int] = {}
        self.commission(world.begin)

    def commission(self, now: int) -> None:
        """Start the clock of servers that are new."""
        for server in range(len(self.failures), self.facility.servers.number):
            self.failures[server] = 0
            self.set_clock(server, now)

    def set_clock(self, server: int, now: int) -> None:
        """Draw the time to the next failure of a server that works from now on."""
        factor = self.world.draws.facility_outage(self.facility.rank, server).every(self.failures[server])
        time = seconds(self.world.value(self.data.every) * factor)
        if self.data.clock == "working":
            self.left[server] = time
        else:
            alarm = Alarm(self.world.env, lambda _: self.strike(server))
            alarm.ring(now + time, order(Turn.OUTAGE, self.facility.rank, server))

    def repair_time(self, server: int) -> int:
        """Give the length of the repair that begins, and count the failure."""
        factor = self.world.draws.facility_outage(self.facility.rank, server).lasts(self.failures[server])
        self.failures[server] += 1
        return seconds(self.world.value(self.data.lasts) * factor)

    def used(self, server: int, work: int, now: int) -> int:
        """Use up working time by a job that starts now.

        Work is done while the server is up and does not stand still; a repair takes its time in any weather.

        Returns:
            When the job ends: later than `work` alone would where it is interrupted and resumed.
        """
        still = self.facility.standstill
        if self.data.clock == "calendar":
            return still.after(now, work)
        if not self.data.resumed:
            if self.left[server] <= work:
                self.due.add(server)
            else:
                self.left[server] -= work
            return still.after(now, work)
        at = now
        while self.left[server] <= work:
            work -= self.left[server]
            at = still.after(at, self.left[server])
            up = at + self.repair_time(server)
            self.world.server_rows.append((self.facility.rank, server, int(ServerState.DOWN), at, up))
            at = up
            self.set_clock(server, at)
        self.left[server] -= work
        return still.after(at, work)

    def strike(self, server: int) -> None:
        """A failure on the calendar: now, after the job in hand, or interrupting it."""
        now = self.world.env.instant
        job = self.jobs.get(server)
        if job is None:
            self.fail(server, now)
        elif self.data.resumed:
            # What is left is done from the repair on, but for the times at which the server stands still.
            still = self.facility.standstill
            left = still.work_between(now, job.ends)
            job.ends = still.after(now + self.fail(server, now), left)
        else:
            self.due.add(server)

    def fail(self, server: int, now: int) -> int:
        """A server goes down; give the length of its repair."""
        repair = self.repair_time(server)
        self.facility.servers.fail(server, now)
        alarm = Alarm(self.world.env, lambda _: self.repaired(server))
        alarm.ring(now + repair, order(Turn.REPAIR, self.facility.rank, server))
        return repair

    def repaired(self, server: int) -> None:
        """A server is up again: its clock starts anew, work may start."""
        now = self.world.env.instant
        self.facility.servers.repair(server, now)
        self.set_clock(server, now)
        self.facility.fill(now)

    def after_job(self, server: int, now: int) -> None:
        """The job in hand is finished: a failure that fell due in it takes effect."""
        del self.jobs[server]
        if server in self.due:
            self.due.remove(server)
            self.fail(server, now)

    def put_off(self, job: Consignment, now: int) -> None:
        """The job was interrupted meanwhile: its end comes later."""
        job.callbacks = self.facility.ends
        self.world.env.post(job, job.stop.key + job.tie, job.ends)
