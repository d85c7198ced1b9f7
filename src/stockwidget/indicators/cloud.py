"""Ichimoku Kinko Hyo, as far as it can be known on the day."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple

import numpy as np

from stockwidget.indicators.arrays import Floats, Numbers, columns, like, whole
from stockwidget.kernels import kernel


class Cloud(NamedTuple, Generic[Numbers]):
    """Conversion line, base line and the two edges of the cloud over each bar, quote currency."""

    tenkan: Numbers
    kijun: Numbers
    senkou_a: Numbers
    senkou_b: Numbers


def ichimoku(
    high: Numbers,
    low: Numbers,
    tenkan: int = 9,
    kijun: int = 26,
    senkou: int = 52,
    shift: int = 26,
) -> Cloud[Numbers]:
    """Ichimoku cloud (Hosoda 1969): middles of the range of 9, 26 and 52 bars.

    senkou_a = (tenkan + kijun) / 2 and senkou_b stand ``shift`` bars after the bar they are
    computed on, which is where charts draw them. There is no chikou: a close drawn 26 bars back
    would be known before its day. high, low: float64 (n,), quote currency. Returns four (n,); NaN
    are the first tenkan − 1, kijun − 1, max(tenkan, kijun) − 1 + shift and senkou − 1 + shift. A
    gap starts the shifted lines anew too. Raises InvalidRequest if a window is below 1, shift
    below 0 or lengths differ.
    """
    t = whole(tenkan, "tenkan", least=1)
    k = whole(kijun, "kijun", least=1)
    s = whole(senkou, "senkou", least=1)
    later = whole(shift, "shift", least=0)
    h, lo = columns(high=high, low=low)
    found = _ichimoku(h, lo, t, k, s, later)
    return Cloud(*(like(high, out) for out in found))


@kernel
def _ichimoku(high: Floats, low: Floats, tenkan: int, kijun: int, senkou: int, shift: int) -> Any:
    n = high.shape[0]
    middles = np.full((3, n), np.nan)
    edge_a = np.full(n, np.nan)
    edge_b = np.full(n, np.nan)
    run = 0
    for i in range(n):
        run = run + 1 if np.isfinite(high[i]) and np.isfinite(low[i]) else 0
        for line, window in enumerate((tenkan, kijun, senkou)):
            if run >= window:
                top = high[i - window + 1 : i + 1].max()
                bottom = low[i - window + 1 : i + 1].min()
                middles[line, i] = (top + bottom) / 2.0
        if run > shift:
            edge_a[i] = (middles[0, i - shift] + middles[1, i - shift]) / 2.0
            edge_b[i] = middles[2, i - shift]
    return middles[0], middles[1], edge_a, edge_b
