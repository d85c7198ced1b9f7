"""Price series that every indicator is tried on: the whole sample, and seeded random walks."""

import numpy as np
import pytest

from stockwidget.sources.sample import SampleSource

SAMPLE = SampleSource()


def walk(seed, n, scale):
    rng = np.random.default_rng(seed)
    close = scale * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    high = close * np.exp(np.abs(rng.normal(0, 0.01, n)))
    low = close * np.exp(-np.abs(rng.normal(0, 0.01, n)))
    return {"high": high, "low": low, "close": close}


def columns(name):
    if name in SAMPLE.symbols():
        frame = SAMPLE.bars(name).frame
        return {c: frame[c].to_numpy(copy=True) for c in ("high", "low", "close")}
    seed, n, scale = (float(part) for part in name.split("-")[1:])
    return walk(int(seed), int(n), scale)


NAMES = [
    *SAMPLE.symbols(),
    "walk-1-3000-100",
    "walk-2-500-0.01",
    "walk-3-300-50000",
    "walk-4-26-10",
]


@pytest.fixture(params=NAMES)
def ohlc(request):
    """Columns high, low and close of one series, float64."""
    return columns(request.param)


@pytest.fixture
def ibm():
    return columns("IBM")
