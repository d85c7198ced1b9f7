import numpy as np
import pandas as pd
import pytest

from stockwidget.analysis.lines import Lines


@pytest.fixture(scope="session")
def bars():
    """A seeded walk of 400 bars; OHLCV by date."""
    rng = np.random.default_rng(7)
    close = 50 * np.exp(np.cumsum(rng.normal(0.0005, 0.02, 400)))
    opening = close * np.exp(rng.normal(0, 0.004, 400))
    high = np.maximum(opening, close) * 1.004
    low = np.minimum(opening, close) * 0.996
    columns = {"open": opening, "high": high, "low": low, "close": close}
    columns["volume"] = rng.integers(1_000, 9_000, 400).astype(float)
    return pd.DataFrame(columns, index=pd.bdate_range("2020-01-01", periods=400, name="date"))


@pytest.fixture
def lines(bars):
    return Lines(bars)
