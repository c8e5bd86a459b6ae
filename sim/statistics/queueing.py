"""Queueing: systems whose answer is known, to hold a simulation against.

Holds closed formulas and exact embedded chains of small systems: no sampling, no scenario. Rates and times
may be in any unit of time so long as it is one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.errors import UsageError
from sim.statistics.samples import FloatArray


@dataclass(frozen=True)
class Queue:
    """The long-run means of a queue.

    Attributes:
        wait: time before service, of those admitted.
        time: in the system, of those admitted.
        waiting: mean number before service.
        number: mean number in the system.
        utilisation: share of the servers busy.
        refused: share of arrivals turned away.
    """

    wait: float
    time: float
    waiting: float
    number: float
    utilisation: float
    refused: float = 0.0


@dataclass(frozen=True)
class Ferry:
    """The long-run means of a timetabled vessel.

    Attributes:
        wait: from arrival in the port to departure.
        left_behind: mean number left ashore at a departure.
        not_full: share of departures with room to spare.
    """

    wait: float
    left_behind: float
    not_full: float


@dataclass(frozen=True)
class Failing:
    """The long-run means of a single server that fails while it works.

    Attributes:
        time: in the system.
        down: share of all time under repair.
    """

    time: float
    down: float


def erlang_b(servers: int, load: float) -> float:
    """Give the share turned away by servers without waiting room (Erlang, 1917).

    Args:
        servers: at least 0.
        load: arrival rate × mean service time, in erlangs; any service law.

    Returns:
        The blocking probability, by the recursion in the number of servers.
    """
    _positive(load=load)
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Give the share of arrivals that wait in M/M/c (Erlang, 1917).

    Args:
        servers: at least 1.
        load: arrival rate × mean service time, in erlangs, below the number of servers.

    Returns:
        The probability of waiting.
    """
    _stable(load / servers)
    blocked = erlang_b(servers, load)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def mm1(rate: float, service_rate: float) -> Queue:
    """Give the means of M/M/1: Poisson arrivals, exponential service, one server (Erlang, 1917).

    Args:
        rate: of arrival.
        service_rate: of the server, above `rate`.
    """
    return mmc(rate, service_rate, servers=1)


def mmc(rate: float, service_rate: float, *, servers: int) -> Queue:
    """Give the means of M/M/c (Erlang, 1917).

    Args:
        rate: of arrival.
        service_rate: of each server; all together above `rate`.
        servers: c, at least 1.
    """
    _positive(rate=rate, service_rate=service_rate)
    wait = erlang_c(servers, rate / service_rate) / (servers * service_rate - rate)
    return _by_little(rate, wait=wait, service=1.0 / service_rate, servers=servers)


def mg1(rate: float, mean: float, *, cv: float) -> Queue:
    """Give the means of M/G/1 (Pollaczek, 1930; Khinchine, 1932).

    Args:
        rate: of arrival.
        mean: of service.
        cv: coefficient of variation of service: 0 fixed, 1/√k Erlang-k, 1 exponential.
    """
    _positive(rate=rate, mean=mean)
    _stable(rate * mean)
    wait = _pollaczek_khinchine(rate, mean, mean**2 * (1.0 + cv**2))
    return _by_little(rate, wait=wait, service=mean, servers=1)


def mmck(rate: float, service_rate: float, *, servers: int, capacity: int) -> Queue:
    """Give the means of M/M/c/K: an arrival that finds K in the system is turned away.

    Args:
        rate: of arrival; no bound.
        service_rate: of each server.
        servers: c, at least 1.
        capacity: K, in service and waiting together, at least c.

    Returns:
        The means, from the birth-and-death chain (Gross et al., 2008, 3.5).
    """
    _positive(rate=rate, service_rate=service_rate)
    if not 1 <= servers <= capacity:
        message = f"{servers} servers and {capacity} places; 1 <= servers <= capacity expected"
        raise UsageError(message)
    states = np.arange(capacity + 1)
    # In logarithms: a load of hundreds would overflow the products.
    ratio = np.log(rate / (service_rate * np.minimum(states[1:], servers)))
    log_p = np.concatenate(([0.0], np.cumsum(ratio)))
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    refused, number = float(p[-1]), float(p @ states)
    waiting = float(p @ np.maximum(states - servers, 0))
    admitted = rate * (1.0 - refused)
    return Queue(
        wait=waiting / admitted,
        time=number / admitted,
        waiting=waiting,
        number=number,
        utilisation=admitted / (servers * service_rate),
        refused=refused,
    )


def tandem(rate: float, service_rates: Sequence[float]) -> tuple[Queue, ...]:
    """Give the means of single exponential servers in a row, room enough between (Jackson, 1957).

    Args:
        rate: of the Poisson arrivals at the first.
        service_rates: of each, all above `rate`.

    Returns:
        Each station as if it stood alone (Burke, 1956); the total time is the sum of their times.
    """
    return tuple(mm1(rate, service_rate) for service_rate in service_rates)


def ferry(rate: float, period: float, *, room: int | None = None) -> Ferry:
    """Give the means of a ferry that leaves by the clock, taking at most `room` of those waiting.

    Args:
        rate: of Poisson arrivals in the port.
        period: between departures.
        room: places; None for as many as come.

    Returns:
        The means, from the chain of those left behind, X' = max(0, X + A − room) with A Poisson, solved on
        as many states as matter (Bailey, 1954, treats the same queue by transforms). The wait follows by
        Little's law: on average X + A/2 wait in a cycle.
    """
    _positive(rate=rate, period=period)
    if room is None:
        return Ferry(wait=period / 2.0, left_behind=0.0, not_full=1.0)
    load = rate * period
    _stable(load / room)
    # The tail of X falls at least as a geometric law whose root is bounded by this (heavy-traffic) scale.
    states = math.ceil(room + load + 20.0 * math.sqrt(load) + 40.0 * load / (room - load))
    arrivals = _poisson(load, states + room)
    step = np.zeros((states, states))
    for left in range(states):
        step[left, 0] = arrivals[: max(0, room - left + 1)].sum()
        after = np.arange(max(1, left - room), states)
        step[left, after] = arrivals[after - left + room]
    step[:, -1] += 1.0 - step.sum(axis=1)
    balance = np.vstack([(step.T - np.eye(states))[:-1], np.ones(states)])
    left_behind = np.linalg.solve(balance, np.append(np.zeros(states - 1), 1.0))
    mean = float(left_behind @ np.arange(states))
    spare = np.array([arrivals[: max(0, room - left)].sum() for left in range(states)])
    return Ferry(
        wait=(mean + load / 2.0) / rate,
        left_behind=mean,
        not_full=float(np.minimum(left_behind @ spare, 1.0)),
    )


def fill_wait(full: int, rate: float) -> float:
    """Give the mean wait for a vessel that leaves with `full` on board, vessels always at hand.

    Args:
        full: how many make it leave, at least 1.
        rate: of arrival.

    Returns:
        (full − 1) / (2 rate): the k-th to come waits for full − k more.
    """
    _positive(rate=rate)
    return (full - 1) / (2.0 * rate)


def weather_wait(open_mean: float, closed_mean: float) -> float:
    """Give the mean wait for a port that opens and closes at random, no queue counted.

    Args:
        open_mean: mean length of open times, any law.
        closed_mean: mean length of closures, exponential.

    Returns:
        Share of time closed × mean rest of a closure, closed² / (open + closed).
    """
    _positive(open_mean=open_mean, closed_mean=closed_mean)
    return closed_mean**2 / (open_mean + closed_mean)


def mm1_resumed(rate: float, service_rate: float, *, failure_rate: float, repair_rate: float) -> Failing:
    """Give the means of M/M/1 whose server fails only while busy and then resumes the job.

    Args:
        rate: of arrival.
        service_rate: of the server at work.
        failure_rate: per unit of working time, exponential.
        repair_rate: exponential.

    Returns:
        The means, by Pollaczek–Khinchine on the completion time, service with its repairs (Gaver, 1962).
    """
    _positive(rate=rate, service_rate=service_rate, failure_rate=failure_rate, repair_rate=repair_rate)
    mean, second = 1.0 / service_rate, 2.0 / service_rate**2
    stretch = 1.0 + failure_rate / repair_rate
    completion = mean * stretch
    _stable(rate * completion)
    completion_second = second * stretch**2 + mean * failure_rate * 2.0 / repair_rate**2
    return Failing(
        time=_pollaczek_khinchine(rate, completion, completion_second) + completion,
        down=rate * mean * failure_rate / repair_rate,
    )


def mm1_after_job(rate: float, service_rate: float, *, failure_rate: float, repair_rate: float) -> Failing:
    """Give the means of M/M/1 whose failing server finishes the job in hand and is then repaired.

    Args:
        rate: of arrival.
        service_rate: of the server at work.
        failure_rate: per unit of working time, exponential; it runs anew after a repair.
        repair_rate: exponential.

    Returns:
        The means. A job is followed by a repair with probability failure / (failure + service); the
        customer leaves before it, those behind wait for it, so Pollaczek–Khinchine holds for the time
        a job keeps the server, and the time in the system adds the service alone.
    """
    _positive(rate=rate, service_rate=service_rate, failure_rate=failure_rate, repair_rate=repair_rate)
    mean, second = 1.0 / service_rate, 2.0 / service_rate**2
    fails = failure_rate / (failure_rate + service_rate)
    # E[S; a failure in S] for exponential S: E[S] − E[S exp(−failure S)].
    long_jobs = mean - service_rate / (service_rate + failure_rate) ** 2
    held = mean + fails / repair_rate
    _stable(rate * held)
    held_second = second + 2.0 * long_jobs / repair_rate + fails * 2.0 / repair_rate**2
    return Failing(time=_pollaczek_khinchine(rate, held, held_second) + mean, down=rate * fails / repair_rate)


def mm1_first_delays(rate: float, service_rate: float, *, customers: int) -> FloatArray:
    """Give the mean delay in queue of each of the first customers of M/M/1 that starts empty.

    Args:
        rate: of arrival; no bound.
        service_rate: of the server.
        customers: how many, at least 1.

    Returns:
        Mean delays of customers 1, 2, …, shape (customers,), exact, from the chain of the number found
        at arrivals: between two arrivals each departure comes first with probability
        service / (rate + service) (Kelton and Law, 1985, treat the general case).
    """
    _positive(rate=rate, service_rate=service_rate)
    departs = service_rate / (rate + service_rate)
    found = np.zeros(customers + 1)
    found[0] = 1.0
    numbers = np.arange(customers + 1)
    delays = np.empty(customers)
    for customer in range(customers):
        delays[customer] = found @ numbers / service_rate
        nexts = np.zeros_like(found)
        for number in range(customer + 1):
            present = number + 1
            gone = np.arange(present)
            nexts[present - gone] += found[number] * (1.0 - departs) * departs**gone
            nexts[0] += found[number] * departs**present
        found = nexts
    return delays


def lindley(interarrivals: ArrayLike, services: ArrayLike) -> FloatArray:
    """Give the wait of each customer of a first-come-first-served single server (Lindley, 1952).

    Args:
        interarrivals: time from the customer before (from the start, for the first), shape (…, n).
        services: service times, the same shape.

    Returns:
        Waits, shape (…, n), of W' = max(0, W + service − interarrival') from an empty start, as the
        distance of a random walk from its running minimum.
    """
    gaps, work = np.asarray(interarrivals, dtype=np.float64), np.asarray(services, dtype=np.float64)
    walk = np.zeros(np.broadcast_shapes(gaps.shape, work.shape))
    np.cumsum(work[..., :-1] - gaps[..., 1:], axis=-1, out=walk[..., 1:])
    return np.asarray(walk - np.minimum.accumulate(walk, axis=-1), dtype=np.float64)


def _by_little(rate: float, *, wait: float, service: float, servers: int) -> Queue:
    return Queue(
        wait=wait,
        time=wait + service,
        waiting=rate * wait,
        number=rate * (wait + service),
        utilisation=rate * service / servers,
    )


def _pollaczek_khinchine(rate: float, mean: float, second: float) -> float:
    return rate * second / (2.0 * (1.0 - rate * mean))


def _poisson(mean: float, terms: int) -> FloatArray:
    counts = np.arange(terms)
    log_factorial = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, terms)))))
    return np.asarray(np.exp(counts * math.log(mean) - mean - log_factorial), dtype=np.float64)


def _positive(**named: float) -> None:
    for name, value in named.items():
        if not (value > 0.0 and math.isfinite(value)):
            message = f"{name} is {value}; a finite number above 0 expected"
            raise UsageError(message)


def _stable(load: float) -> None:
    if not load < 1.0:
        message = f"the load is {load:g} of capacity; below 1 expected, else there is no long run"
        raise UsageError(message)
