"""Price series that every indicator is tried on: the whole sample, and seeded random walks."""

import numpy as np
import pytest

from stockwidget.sources.sample import SampleSource

SAMPLE = SampleSource()
INPUTS = ("high", "low", "close", "volume")


def with_others(found, rng):
    """Add the columns that no bars frame has: shares outstanding, and a benchmark's close."""
    n = len(found["close"])
    shares = np.full(n, 1e9)
    shares[n // 2 :] = 1.5e9
    noise = np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    return {
        **found,
        "shares": shares,
        "benchmark": noise * np.sqrt(found["close"] * found["close"][0]),
    }


def walk(seed, n, scale):
    rng = np.random.default_rng(seed)
    close = scale * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    high = close * np.exp(np.abs(rng.normal(0, 0.01, n)))
    low = close * np.exp(-np.abs(rng.normal(0, 0.01, n)))
    volume = np.round(1e6 * np.exp(rng.normal(0, 0.5, n)))
    volume[rng.random(n) < 0.02] = 0.0  # halted days
    return with_others({"high": high, "low": low, "close": close, "volume": volume}, rng)


def columns(name):
    if name in SAMPLE.symbols():
        frame = SAMPLE.bars(name).frame
        found = {c: frame[c].to_numpy(copy=True) for c in INPUTS}
        return with_others(found, np.random.default_rng(11))
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
    """All columns of one series, float64."""
    return columns(request.param)


@pytest.fixture
def ibm():
    return columns("IBM")
