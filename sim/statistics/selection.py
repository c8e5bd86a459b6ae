"""Selection: which of several systems is best, with no more replications than that takes.

Holds ranking and selection: the fully sequential procedure of Kim and Nelson, which guarantees a
probability of choosing right, and OCBA, which spends a fixed budget where it tells most. Systems are
known here by number alone; building and running them is the business of a study.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import UsageError
from sim.statistics.samples import FloatArray, IntArray, as_sample, checked_confidence

Goal = Literal["max", "min"]
Sampler = Callable[[int, int], float]
"""`sample(system, replication)`: the figure of one replication of one system, both from 0."""
Ahead = Callable[[Sequence[tuple[int, int]]], None]
"""Told which (system, replication) will be sampled next, so that they can be run at once."""


@dataclass(frozen=True)
class Selection:
    """The system chosen, and what it took.

    Attributes:
        best: number of the system chosen, from 0.
        decided: whether the guarantee holds; False when the limit on replications ended it.
        survivors: systems not ruled out, in order; only the best when decided.
        replications: of each system, shape (systems,).
        mean: of each system over its own replications, shape (systems,).
        eliminated_at: replications after which each was ruled out; 0 for those never ruled out.
    """

    best: int
    decided: bool
    survivors: tuple[int, ...]
    replications: IntArray
    mean: FloatArray
    eliminated_at: IntArray


def kim_nelson(
    sample: Sampler,
    systems: int,
    *,
    indifference: float,
    confidence: float = 0.95,
    first: int = 10,
    goal: Goal = "max",
    at_most: int = 10_000,
    budget: int | None = None,
    ahead: Ahead | None = None,
) -> Selection:
    """Choose the best system by the fully sequential procedure KN (Kim and Nelson, 2001).

    All systems run `first` replications; from the variances of their *differences* follows how far one
    may fall behind before it is ruled out; then one replication at a time of those still in. Because
    it is differences that count, common random numbers (the same replication number meaning the same
    draws) cut the work as they cut those variances. For figures that are near normal.

    Args:
        sample: runs a replication of a system; a finite number.
        systems: how many there are, at least 2.
        indifference: the smallest difference worth detecting, in the unit of the figure, above 0.
        confidence: wanted probability of choosing the best when it leads by the indifference or more;
            above 1/systems, else it is no demand.
        first: replications of the first stage, at least 2; 10 to 20 do well.
        goal: whether the best is the highest or the lowest mean.
        at_most: replications per system after which the best so far is taken, undecided.
        budget: replications of all systems together after which it is, too; at least the first stage.
        ahead: told what is sampled next, stage by stage.

    Returns:
        The choice. Probability of choosing right at least `confidence` when `decided`; should no system
        lead by the indifference, one within it of the best is chosen (approximately as surely).

    Raises:
        UsageError: an argument out of range, or a figure that is not finite.
    """
    sign = _sign(goal)
    level = checked_confidence(confidence)
    if systems < 2 or first < 2 or at_most < first:
        message = (
            f"{systems} systems, {first} first replications, at most {at_most}; "
            "at least 2, at least 2 and at least the first stage expected"
        )
        raise UsageError(message)
    if not (indifference > 0.0 and math.isfinite(indifference)) or level <= 1.0 / systems:
        message = (
            f"indifference is {indifference} and confidence {confidence}; "
            f"above 0 and above 1/{systems} expected"
        )
        raise UsageError(message)

    if budget is not None and budget < systems * first:
        message = f"a budget of {budget}; the first stage takes {systems} × {first} replications"
        raise UsageError(message)

    tell = ahead if ahead is not None else _nobody
    tell([(i, r) for r in range(first) for i in range(systems)])
    drawn = np.array([[sign * _figure(sample, i, r) for r in range(first)] for i in range(systems)])
    # The paper's c = 1, its advice where nothing is known: (1 + 2η)^(−(first − 1)/2) / 2 = α / (k − 1), the
    # right side by Bonferroni, for on common random numbers the systems are not independent.
    eta = 0.5 * ((2.0 * (1.0 - level) / (systems - 1)) ** (-2.0 / (first - 1)) - 1.0)
    h_squared = 2.0 * eta * (first - 1)
    variance = np.var(drawn[:, np.newaxis, :] - drawn[np.newaxis, :, :], axis=2, ddof=1)
    reach = h_squared * variance / indifference**2

    totals = drawn.sum(axis=1)
    replications = np.full(systems, first, dtype=np.int64)
    eliminated_at = np.zeros(systems, dtype=np.int64)
    alive = np.arange(systems)
    r = first
    last = math.floor(float(reach.max())) + 1
    while True:
        among = np.ix_(alive, alive)
        width = np.maximum(0.0, indifference / (2.0 * r) * (reach[among] - r))
        mean = totals[alive] / r
        keep = (mean[:, np.newaxis] >= mean[np.newaxis, :] - width).all(axis=1)
        eliminated_at[alive[~keep]] = r
        alive = alive[keep]
        spent = budget is not None and int(replications.sum()) + alive.size > budget
        if alive.size == 1 or r >= last or r >= at_most or spent:
            break
        tell([(i, r) for i in alive.tolist()])
        totals[alive] += [sign * _figure(sample, i, r) for i in alive.tolist()]
        replications[alive] += 1
        r += 1
    best = int(alive[np.argmax(totals[alive])])
    decided = alive.size == 1 or r >= last
    if decided:
        eliminated_at[alive[alive != best]] = r
    return Selection(
        best=best,
        decided=decided,
        survivors=(best,) if decided else tuple(alive.tolist()),
        replications=replications,
        mean=sign * totals / replications,
        eliminated_at=eliminated_at,
    )


def ocba(
    mean: ArrayLike,
    sd: ArrayLike,
    budget: int,
    *,
    goal: Goal = "max",
    spent: ArrayLike | None = None,
) -> IntArray:
    """Divide a budget of replications so that the best is told apart best (Chen, Lin, Yücesan, Chick, 2000).

    Asymptotically optimal for independent normal figures:
    N_i / N_j = (sd_i / gap_i)² / (sd_j / gap_j)² among the others, gap being the distance from the best,
    and N_best = sd_best √Σ (N_i / sd_i)².

    Args:
        mean: of each system so far, shape (systems,).
        sd: of each system so far, at least 0, shape (systems,).
        budget: replications in all, those spent included.
        goal: whether the best is the highest or the lowest mean.
        spent: replications already run of each, shape (systems,); none is taken back.

    Returns:
        Total replications of each system, shape (systems,), none below `spent`, adding up to the budget.

    Raises:
        UsageError: shapes that differ, fewer than 2 systems, NaN, or a budget below what is spent.
    """
    sign = _sign(goal)
    means, sds = sign * as_sample(mean, "mean"), as_sample(sd, "sd")
    done = np.zeros(means.size, dtype=np.int64) if spent is None else np.asarray(spent, dtype=np.int64)
    if means.size < 2 or sds.shape != means.shape or done.shape != means.shape:
        message = (
            f"{means.size} means, {sds.size} sds, {done.size} spent; equal numbers of at least 2 expected"
        )
        raise UsageError(message)
    if np.isnan(means).any() or np.isnan(sds).any() or (sds < 0.0).any() or (done < 0).any():
        message = "means and sds must be numbers, sds and spent not negative"
        raise UsageError(message)
    if budget < done.sum():
        message = f"the budget is {budget} replications and {done.sum()} are spent already"
        raise UsageError(message)
    return _divided(_ocba_weights(means, sds), budget, done)


def _divided(weights: FloatArray, budget: int, done: IntArray) -> IntArray:
    """Divide a budget by weights; what was spent is not taken back."""
    # A system that has had more than its share keeps it, and the others share what is left.
    open_ = np.ones(weights.size, dtype=bool)
    while True:
        left = budget - int(done[~open_].sum())
        share = np.where(open_, weights, 0.0)
        total = share.sum()
        wanted = left * (share / total if total > 0.0 else open_ / open_.sum())
        over = open_ & (wanted < done)
        if not over.any():
            break
        open_ &= ~over
    allocation = np.where(open_, np.floor(wanted).astype(np.int64), done)
    allocation = np.maximum(allocation, done)
    # Largest remainders first, ties to the lowest number.
    remainder = np.where(open_, wanted - np.floor(wanted), -1.0)
    order = np.argsort(-remainder, kind="stable")
    allocation[order[: budget - int(allocation.sum())]] += 1
    return allocation


def ocba_select(
    sample: Sampler,
    systems: int,
    *,
    budget: int,
    first: int = 5,
    step: int | None = None,
    goal: Goal = "max",
    ahead: Ahead | None = None,
) -> Selection:
    """Choose the best system within a budget, spending it step by step by OCBA.

    Replications of one number share their random numbers, so that only pairs tell: who leads, by how much and
    with what spread is read from differences over the replications that two systems both have. The ratios are
    those of Chen et al. with these spreads; who leads is run as often as the closest of the others.

    Args:
        sample: runs a replication of a system; a finite number.
        systems: how many there are, at least 2.
        budget: replications of all systems together, at least `systems` × `first`.
        first: replications of each before the first division, at least 2; Chen et al. advise 5 to 20.
        step: replications between divisions; the number of systems unless given.
        goal: whether the best is the highest or the lowest mean.
        ahead: told what is sampled next, step by step.

    Returns:
        The choice when the budget is spent; `decided` is False, for OCBA guarantees no probability.

    Raises:
        UsageError: an argument out of range, or a figure that is not finite.
    """
    sign = _sign(goal)
    step = systems if step is None else step
    if systems < 2 or first < 2 or step < 1 or budget < systems * first:
        message = (
            f"{systems} systems, {first} first replications, steps of {step}, budget {budget}; at least 2, "
            "2, 1 and what the first stage takes expected"
        )
        raise UsageError(message)
    tell = ahead if ahead is not None else _nobody
    tell([(i, r) for r in range(first) for i in range(systems)])
    values = [[_figure(sample, i, r) for r in range(first)] for i in range(systems)]
    spent = systems * first
    while spent < budget:
        spent = min(budget, spent + step)
        plan = _divided(_paired_weights(values, sign), spent, np.array([len(v) for v in values]))
        tell([(i, r) for i, n in enumerate(plan.tolist()) for r in range(len(values[i]), n)])
        for i, wanted in enumerate(plan.tolist()):
            values[i].extend(_figure(sample, i, r) for r in range(len(values[i]), wanted))
    means = np.array([np.mean(v) for v in values])
    return Selection(
        best=_leader(values, sign),
        decided=False,
        survivors=tuple(range(systems)),
        replications=np.array([len(v) for v in values], dtype=np.int64),
        mean=means,
        eliminated_at=np.zeros(systems, dtype=np.int64),
    )


def _leader(values: Sequence[Sequence[float]], sign: float) -> int:
    """Give the system that no other is ahead of, over the replications that two have in common.

    Over different replications three may each be ahead of the next: then it is one of them.
    """
    shared = min(map(len, values))
    leader = int(np.argmax([sign * float(np.mean(each[:shared])) for each in values]))
    been: set[int] = set()
    while leader not in been:
        been.add(leader)
        ahead = [float(_differences(values, other, leader, sign).mean()) for other in range(len(values))]
        if max(ahead) > 0.0:
            leader = int(np.argmax(ahead))
    return leader


def _differences(values: Sequence[Sequence[float]], one: int, other: int, sign: float) -> FloatArray:
    """Give by how much one system is ahead of another in each replication that both have."""
    shared = min(len(values[one]), len(values[other]))
    ahead: FloatArray = np.array(values[one][:shared]) - np.array(values[other][:shared])
    return sign * ahead


def _paired_weights(values: Sequence[Sequence[float]], sign: float) -> FloatArray:
    leader = _leader(values, sign)
    rivals = [other for other in range(len(values)) if other != leader]
    behind = [_differences(values, leader, other, sign) for other in rivals]
    gap, sd = np.array([each.mean() for each in behind]), np.array([each.std(ddof=1) for each in behind])
    weights = np.zeros(len(values))
    weights[rivals] = (sd / np.maximum(gap, _smallest(gap, sd))) ** 2
    weights[leader] = weights.max()
    return weights


def _smallest(gap: FloatArray, sd: FloatArray) -> float:
    """Give the least gap that counts: two systems exactly level would ask for all there is."""
    return 1e-3 * max(float(gap.max()), float(sd.max()), float(np.finfo(np.float64).tiny))


def _ocba_weights(means: FloatArray, sds: FloatArray) -> FloatArray:
    best = int(np.argmax(means))
    gap = means[best] - means
    others = np.arange(means.size) != best
    gap = np.maximum(gap, _smallest(gap, sds))
    weights = np.where(others, (sds / gap) ** 2, 0.0)
    known = others & (sds > 0.0)
    weights[best] = sds[best] * math.sqrt(float(((weights[known] / sds[known]) ** 2).sum()))
    if sds[best] > 0.0 and not known.any():
        weights[best] = 1.0
    return weights


def _figure(sample: Sampler, system: int, replication: int) -> float:
    value = float(sample(system, replication))
    if not math.isfinite(value):
        message = f"replication {replication} of system {system} gave {value}; a finite number expected"
        raise UsageError(message)
    return value


def _nobody(_: Sequence[tuple[int, int]]) -> None:
    """Tell nobody."""


def _sign(goal: Goal) -> float:
    if goal not in ("max", "min"):
        message = f"goal is {goal!r}; legal are 'max' and 'min'"
        raise UsageError(message)
    return 1.0 if goal == "max" else -1.0
