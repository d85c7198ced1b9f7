"""Charts to analyse: the sample's, and seeded ones."""

import numpy as np
import pandas as pd
import pytest

from stockwidget.bars import OHLCV, adjusted
from stockwidget.sources.sample import SampleSource

SAMPLE = SampleSource()


@pytest.fixture(scope="session")
def chart():
    """Adjusted OHLCV of a sample symbol."""
    return lambda symbol: adjusted(SAMPLE.bars(symbol).frame)


@pytest.fixture(scope="session")
def made():
    """OHLCV of a seeded walk, or of given closes with a range of one percent."""

    def make(seed=1, n=600, *, close=None):
        rng = np.random.default_rng(seed)
        if close is None:
            close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
        close = np.asarray(close, dtype=float)
        opening = np.concatenate([close[:1], close[:-1]])
        table = {
            "open": opening,
            "high": np.maximum(opening, close) * 1.01,
            "low": np.minimum(opening, close) * 0.99,
            "close": close,
            "volume": np.round(rng.uniform(1e5, 1e6, len(close))),
        }
        index = pd.bdate_range("2015-01-01", periods=len(close), name="date")
        return pd.DataFrame(table, index=index)[OHLCV]

    return make
