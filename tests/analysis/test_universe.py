"""The record across symbols counts blocks of days, and equals a count done by pandas."""

import numpy as np
import pandas as pd
import pytest

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.scorecard import Scorecard
from stockwidget.analysis.signals import BY_NAME
from stockwidget.analysis.universe import MOST, block_medians, pooled
from stockwidget.bars import adjusted
from stockwidget.sources.sample import SampleSource
from stockwidget.sources.synthetic import SyntheticSource

SAMPLE = SampleSource()


@pytest.fixture(scope="module")
def found():
    return pooled(SAMPLE, Scorecard(), "adjusted", None)


def test_all_symbols_of_the_sample_are_in_it(found):
    assert (found["symbols"], found["missing"]) == (list(SAMPLE.symbols()), [])
    assert found["last"] == "2023-09-21"
    assert found["warnings"] == ["survivors"]
    assert len(found["signals"]) == 3 * len(BY_NAME)
    assert len(found["score"]) == 3 * 5


@pytest.mark.parametrize(("name", "horizon"), [("macd_up", 5), ("breakout_252", 20), ("doji", 60)])
def test_a_row_is_what_pandas_counts(found, name, horizon):
    """Blocks of days as long as the horizon; the median in each, then the median of those."""
    parts = []
    for symbol in SAMPLE.symbols():
        frame = adjusted(SAMPLE.bars(symbol).frame)
        # Equal adjusted prices differ by a rounding: no move.
        after = (frame["close"].shift(-horizon) / frame["open"].shift(-1) - 1).round(12)
        event = BY_NAME[name].mask(Lines(frame))
        parts.append(pd.DataFrame({"after": after, "event": event}).dropna())
    table = pd.concat(parts)
    days = (table.index - pd.Timestamp("1970-01-01")).days
    table["block"] = days // round(horizon * 7 / 5)
    events = table[table["event"]].groupby("block")["after"].median()
    base = table.groupby("block")["after"].median()
    (row,) = (r for r in found["signals"] if (r["key"], r["horizon"]) == (name, horizon))
    side = row["direction"] or 1
    assert row["n"] == table["event"].sum()
    assert row["independent"] == len(events)
    assert row["median"] == pytest.approx(events.median())
    assert row["base_median"] == pytest.approx(base.median())
    assert row["hit_rate"] == pytest.approx((side * events > 0).mean())
    assert row["base_hit_rate"] == pytest.approx((side * base > 0).mean())
    assert row["edge_low"] <= row["edge"] <= row["edge_high"]


def test_nothing_after_the_day_is_known():
    early = pooled(SAMPLE, Scorecard(), "adjusted", "2012-06-29")
    assert early["last"] == "2012-06-29"
    assert early["missing"] == ["AAPL", "AMZN", "GOOG", "META", "NFLX", "NVDA"], (
        "FB: Facebook, from 2012"
    )


def test_a_large_source_is_no_universe_at_hand():
    assert len(SyntheticSource().symbols()) > MOST
    found = pooled(SyntheticSource(), Scorecard(), "adjusted", None)
    assert found == {"available": False, "reason": {"key": "no_universe", "params": {}}}


def test_data_that_changed_are_read_again():
    class Growing(SampleSource):
        end = "2012-01-31"

        def symbols(self):
            return ("IBM", "MSFT")

        def bars(self, symbol, start=None, end=None):
            return super().bars(symbol, start, self.end)

    source = Growing()

    def last(version):
        return pooled(source, Scorecard(), "adjusted", None, version)["last"]

    assert [last("1"), last(None)] == ["2012-01-31"] * 2
    source.end = "2012-02-29"
    assert last("1") == "2012-01-31", "kept while the version is the same"
    assert [last("2"), last(None)] == ["2012-02-29"] * 2


def test_medians_of_blocks():
    values = np.array([1.0, 2.0, 3.0, 10.0, 20.0, 5.0])
    blocks = np.array([1, 1, 1, 4, 4, 9])
    np.testing.assert_array_equal(block_medians(values, blocks), [2.0, 15.0, 5.0])
    assert block_medians(np.empty(0), np.empty(0, dtype=int)).shape == (0,)
