"""What is compiled only to be made part of something else gets no machine code of its own.

Numba turns every function into machine code as soon as it has been compiled, the engine's hundred functions
too, though all of them are made part of the entry and called nowhere else. Here it stops at the intermediate
code that is linked. This rests on names inside Numba; where a version has others, everything is compiled as
Numba does it, which takes longer and gives the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba import _dynfunc, config
from numba.core.codegen import JITCodeLibrary
from numba.core.cpu import CPUContext

STEPS = ("_finalize_dynamic_globals", "_verify_declare_only_symbols", "_finalize_final_module")
"""What Numba does to a library of code at last, but for the machine code."""


def _finish(library: Any) -> None:
    """Make a library ready to be linked."""
    library._finalize_dynamic_globals()
    library._verify_declare_only_symbols()
    library._finalized = True


def _executable(context: Any, library: Any, description: Any, environment: Any) -> Any:
    """Give what stands for a function that nobody can call."""
    library._ensure_finalized()
    name = description.qualname.split(".")[-1]
    return _dynfunc.make_function(description.lookup_module(), name, "", 0, environment, (library,))


@contextmanager
def only_linked() -> Iterator[None]:
    """Compile what is compiled meanwhile no further than to be linked."""
    is_known = all(hasattr(JITCodeLibrary, name) for name in STEPS) and hasattr(CPUContext, "get_executable")
    # Checks of indices report by way of the function's own environment.
    if not is_known or config.BOUNDSCHECK:
        yield
        return
    before = JITCodeLibrary._finalize_final_module, CPUContext.get_executable
    JITCodeLibrary._finalize_final_module, CPUContext.get_executable = _finish, _executable
    try:
        yield
    finally:
        JITCodeLibrary._finalize_final_module, CPUContext.get_executable = before
