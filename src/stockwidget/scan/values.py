"""The numbers of a symbol's last bar, from the same indicators an analysis shows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from stockwidget.indicators.table import BY_OUTPUT

_PLAIN = ("close", "volume")


def last_values(view: pd.DataFrame, names: Iterable[str]) -> dict[str, float | None]:
    """Values of the columns ``names`` at the last row of an OHLCV frame; None where NaN.

    An indicator that is exact on its last bars is computed on those alone.
    """
    columns = {name: view[name].to_numpy() for name in ("high", "low", "close", "volume")}
    found: dict[str, float] = {}
    for name in names:
        if name in _PLAIN:
            found[name] = float(columns[name][-1])
        elif name not in found:
            indicator = BY_OUTPUT[name]
            rows = slice(None) if indicator.tail is None else slice(-indicator.tail, None)
            outputs = indicator({c: columns[c][rows] for c in indicator.inputs})
            found.update({output: float(values[-1]) for output, values in outputs.items()})
    return {name: found[name] if np.isfinite(found[name]) else None for name in names}
