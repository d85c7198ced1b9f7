"""Values of earlier bars, so that a rule can speak of the bar before."""

from __future__ import annotations

import numpy as np

from stockwidget.indicators.arrays import Floats


def before(values: Floats, bars: int = 1) -> Floats:
    """``values`` (n,) of ``bars`` bars earlier, NaN where there is none."""
    out = np.full(len(values), np.nan)
    out[bars:] = values[: max(len(values) - bars, 0)]
    return out
