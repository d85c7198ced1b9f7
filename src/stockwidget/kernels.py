"""Compiling plain loops: one decorator, so that every kernel is cached and runs without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


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
