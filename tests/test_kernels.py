"""A kernel computes the same, and still compiles, where numba finds no place for its cache."""

import numpy as np
import pytest
from numba import njit

from stockwidget.kernels import kernel

SOURCE = """
def total(x):
    found = 0.0
    for i in range(x.shape[0]):
        found += x[i]
    return found
"""


def test_a_function_without_a_place_for_its_cache():
    room = {}
    exec(SOURCE, room)  # "<string>" is no file, which numba treats as a folder it cannot write to
    with pytest.raises(RuntimeError, match="no locator available"):
        njit(cache=True)(room["total"])
    total = kernel(room["total"])
    assert total(np.arange(4.0)) == 6.0
    assert total.nopython_signatures, "it is compiled, not interpreted"


def test_a_function_of_a_module_is_cached_and_free_of_the_gil():
    from stockwidget.indicators.averages import _sma

    assert _sma.targetoptions["nogil"]
    assert _sma._cache.cache_path
