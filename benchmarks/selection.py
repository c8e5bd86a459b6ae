"""Does KN choose right as often as it promises, and what does it cost?

    python benchmarks/selection.py [--trials 1000] [--seed 1]

Gaussian slippage configuration, the hardest for the guarantee: the best leads all others, which are level,
by exactly the indifference. `shared` is the correlation that common random numbers bring.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from sim.statistics.selection import kim_nelson, ocba_select


def trial(
    systems: int, *, shared: float, indifference: float, seed: tuple[int, ...]
) -> tuple[bool, int, bool]:
    """Run KN once, and OCBA on the same budget: KN right, replications in all, OCBA right."""
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    length = 2000
    noise = np.sqrt(1.0 - shared) * generator.normal(size=(systems, length))
    noise += np.sqrt(shared) * generator.normal(size=length)
    noise[-1] += indifference
    values = noise.tolist()
    choice = kim_nelson(lambda i, r: values[i][r], systems, indifference=indifference, at_most=length)
    spent = int(choice.replications.sum())
    rival = ocba_select(lambda i, r: values[i][r], systems, budget=spent, first=10, step=10 * systems)
    return choice.best == systems - 1, spent, rival.best == systems - 1


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    start = time.perf_counter()
    print(f"{'systems':>7}{'shared':>8}{'KN right':>10}{'replications':>14}{'OCBA right, same budget':>25}")
    for systems in (2, 5, 10):
        for shared in (0.0, 0.8):
            found = [
                trial(systems, shared=shared, indifference=0.5, seed=(asked.seed, systems, k))
                for k in range(asked.trials)
            ]
            right, spent, rival = np.mean(found, axis=0).tolist()
            print(f"{systems:>7}{shared:>8.1f}{right:>10.3f}{spent:>14.1f}{rival:>25.3f}")
    print(f"\npromised .950; {asked.trials:,} trials each, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
