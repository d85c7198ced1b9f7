"""Compiling plain loops: one decorator, so that every kernel is cached and runs without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

P = ParamSpec("P")
R = TypeVar("R")
D = TypeVar("D", bound=np.generic)


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` into the loops of the kernels that call it: one bar of a recursion.

    What an average remembers from bar to bar is a tuple that goes in and comes out, so that a
    series in one go, many symbols side by side and tomorrow's bar alone do the same arithmetic.
    """
    return cast("Callable[P, R]", njit(forceinline=True)(function))


def routine(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only kernels call; its machine code is kept with theirs."""
    return cast("Callable[P, R]", njit(function))


def woven(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` as if its lines stood where it is called.

    Each level of calls would have everything below it optimised once more.
    """
    return cast("Callable[P, R]", njit(inline="always")(function))


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` at its first call and keep the machine code on disk.

    Numba keeps it beside the module, or in the user's cache folder if that is read-only
    (``NUMBA_CACHE_DIR`` names another). If nothing can be written, as in a locked-down container,
    numba refuses to cache; each process then compiles anew (about 5 s) instead of failing.
    """
    try:
        compiled = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        compiled = njit(nogil=True)(function)
    return cast("Callable[P, R]", compiled)


def locked(array: npt.NDArray[D]) -> npt.NDArray[D]:
    """Return a view that cannot be written to, as mapped files are: a type of its own for numba."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
