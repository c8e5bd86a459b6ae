"""What a cascade heeds besides room: contracts that cap an entry, production that is cut and returns."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engine.simpy_engine.world import World
    from sim.model import flows


class Contract:
    """A cap on what an entry lets in per calendar year, renegotiated a lag after it first refused."""

    def __init__(self, world: World, cap: flows.Cap | None, flow: flows.Flow) -> None:
        self.world = world
        self.cap = cap
        # The sixth measure counts each consignment as one.
        self.amount = (*flow.amounts, 1)[cap.measure] if cap is not None else 0
        self.year = -1
        self.used = 0
        self.refused_at: int | None = None

    def allows(self, now: int) -> bool:
        """Tell whether one more consignment is within the contract."""
        cap = self.cap
        if cap is None:
            return True
        year = bisect_right(self.world.years, now)
        if year != self.year:
            self.year, self.used = year, 0
        limit = cap.at_most
        if cap.then is not None and self.refused_at is not None and now - self.refused_at >= cap.lag:
            limit = cap.then
        if self.used + self.amount <= limit:
            return True
        if self.refused_at is None:
            self.refused_at = now
        return False

    def use(self, _: int) -> None:
        """A consignment goes under this contract."""
        self.used += self.amount


class Production:
    """Production behind a cascade: cut when the cascade has been full for a lag, back by a ramp.

    Each arrival is a parcel that full production would offer. `level` is the share of them produced. The
    cascade is full from its first refusal until it has refused none for `after` seconds, whatever it takes
    between. Parcels refused in the first `after` seconds are still produced and wait at the field; then a
    refused parcel is not produced (shut in), and the level falls to the share admitted of late (a mean with
    memory `after`). It rises by 1/ramp per second.
    """

    def __init__(self, cut: flows.Cut, begin: int) -> None:
        self.cut = cut
        self.level = 1.0
        self.taken = 1.0
        self.due = 0.0
        self.seen = begin
        self.full_since: int | None = None
        self.refused_last = begin
        self.step = 0

    def produces(self, now: int) -> bool:
        """Tell whether the parcel that is due now is produced at the present level."""
        self.step = now - self.seen
        self.seen = now
        if self.level < 1.0:
            self.level = min(1.0, self.level + self.step / self.cut.ramp) if self.cut.ramp > 0 else 1.0
        self.due += self.level
        if self.due >= 1.0 - 1e-9:
            self.due -= 1.0
            return True
        self.remember(0.0)
        return False

    def admitted(self, now: int) -> None:
        """The cascade took the parcel; it is full no longer when it has refused none for the lag."""
        if now - self.refused_last >= self.cut.after:
            self.full_since = None
        self.remember(1.0)

    def refused(self, now: int) -> bool:
        """The cascade took it nowhere; tell whether production is cut by it."""
        self.remember(0.0)
        if self.full_since is None:
            self.full_since = now
        self.refused_last = now
        if now - self.full_since < self.cut.after:
            return False
        self.level = min(self.level, self.taken)
        return True

    def remember(self, taken: float) -> None:
        """Update the share admitted of late."""
        span = self.step + self.cut.after
        self.taken += (taken - self.taken) * (self.step / span if span > 0 else 1.0)
