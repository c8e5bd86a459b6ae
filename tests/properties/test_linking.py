"""Functions that are only parts of an entry: no machine code of their own, and the same results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba import njit
from numba.core.codegen import JITCodeLibrary
from numba.core.cpu import CPUContext

from sim.engine.compiled_engine import jit, linking
from sim.engine.compiled_engine.jit import compiled


def summed():
    """An entry with a part, both made anew."""

    @compiled
    def part(number: int) -> int:
        if number < 0:
            return -number
        return number * number

    @njit
    def whole(numbers: np.ndarray) -> int:
        total = 0
        for number in numbers:
            total += part(number)
        return total

    return whole, part


@pytest.mark.parametrize("is_known", [True, False])
def test_an_entry_gives_the_same_whether_its_parts_have_code_of_their_own(monkeypatch, is_known):
    if not is_known:
        monkeypatch.setattr(linking, "STEPS", ("a name that Numba does not have",))
    whole, part = summed()
    assert whole(np.array([3, -4, 5])) == 9 + 4 + 25
    (made,) = part.overloads.values()
    has_code = made.library.codegen._engine.is_symbol_defined(made.fndesc.llvm_func_name)
    assert has_code != is_known


def test_numba_is_left_as_it_was():
    before = JITCodeLibrary._finalize_final_module, CPUContext.get_executable

    def stumble():
        with linking.only_linked():
            assert before[1] is not CPUContext.get_executable
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert (JITCodeLibrary._finalize_final_module, CPUContext.get_executable) == before


@pytest.mark.parametrize(
    ("changed", "which"), [("quantiles.py", {"measure"}), ("rules.py", {"engine", "measure"})]
)
def test_a_change_to_what_code_depends_on_has_it_compiled_anew(monkeypatch, changed, which):
    before = {package: jit.sources(package) for package in ("engine", "measure")}
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + (b"#" if path.name == changed else b""))
    assert {package for package, digest in before.items() if jit.sources(package) != digest} == which
