"""Memory that is freed is kept, where the C library can: what is made again costs no page fault."""

import subprocess
import sys

import pytest

from sim.study.heap import keep_freed_memory

FAULTS = """
import resource, sys
import numpy as np
from sim.study.heap import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(3):
        together = [np.ones(1 << 18) for _ in range(20)]
        del together
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
print(faults())
"""


def faults(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_what_is_made_again_costs_no_page_fault_where_the_c_library_is_gnu():
    if not keep_freed_memory():
        pytest.skip("only the GNU C library has this setting")
    # Three times twenty blocks of 512 pages, all of them free in between.
    assert faults("kept") < 512
    assert faults("kept") <= faults("as it is")


def test_asking_twice_changes_nothing():
    assert keep_freed_memory() is keep_freed_memory()
