"""Bars are taken in whatever frame users have; what is wrong is named with symbol, date and row."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from made_up_market import bars, market

from stockwidget.errors import InvalidBars, InvalidRequest
from stockwidget.store.tables import read

LONG = market(["B", "A"], 0, 5)


def alike(table):
    expected = read(LONG)
    assert table.symbols == expected.symbols
    assert (table.dates == expected.dates).all()
    assert all((a == b).all() for a, b in zip(table.columns, expected.columns, strict=True))


def wide():
    """As yfinance downloads several tickers."""
    parts = {s: bars(s, 0, 5).rename(columns=str.title) for s in ("B", "A")}
    return pd.concat(parts, axis=1, names=["Ticker", "Price"])


@pytest.mark.parametrize(
    "frame",
    [
        LONG.reset_index(),
        LONG.set_index("symbol", append=True),
        LONG.reset_index().set_index(["symbol", "date"]),
        LONG.reset_index().rename(
            columns={"symbol": "Ticker", "date": "Date", "adj_close": "Adj Close", "open": "OPEN"}
        ),
        LONG.reset_index().astype({"symbol": "category", "date": str}),
        LONG.reset_index().assign(date=lambda f: f["date"].dt.strftime("%Y%m%d").astype(int)),
        LONG.reset_index().assign(date=lambda f: f["date"].dt.tz_localize("America/New_York")),
        LONG.reset_index().assign(date=lambda f: f["date"].dt.strftime("%Y/%m/%d")),
        LONG.reset_index().assign(date=lambda f: f["date"].dt.strftime("%Y-%m-%d 00:00:00-05:00")),
        LONG.reset_index().assign(date=lambda f: f["date"].dt.date),
        LONG.reset_index().assign(date=lambda f: f["date"].dt.to_period("D")),
        LONG.reset_index().assign(volume=lambda f: f["volume"].map("{:.0f}".format)),
        LONG.reset_index().assign(volume=lambda f: f["volume"].map(Decimal)),
        LONG.reset_index().assign(extra="x"),
        LONG.reset_index().assign(symbol=lambda f: f["symbol"].str.lower()),
        wide(),
        wide().swaplevel(axis=1),
    ],
)
def test_forms(frame):
    alike(read(frame))


def test_symbols_may_be_mixed_but_dates_rise():
    by_day = LONG.reset_index().iloc[[5, 0, 1, 6, 7, 2, 8, 3, 9, 4]]
    table = read(by_day)
    assert table.symbols == ("A", "B"), "in the order of their first row"
    assert (np.diff(table.dates[:5]) > 0).all()
    with pytest.raises(InvalidBars, match="before that of row 2") as caught:
        read(by_day.iloc[[0, 1, 4, 3, 2, 5]])
    assert (caught.value.data["rule"], caught.value.data["row"]) == ("unsorted", 3)


def test_one_symbol_without_its_name():
    assert read(bars("A", 0, 5), symbol="A").symbols == ("A",)
    with pytest.raises(InvalidRequest, match="no column symbol"):
        read(bars("A", 0, 5))


def test_without_adjusted_closes():
    table = read(LONG.drop(columns="adj_close"))
    assert not table.adjusted
    assert (table.columns[5] == table.columns[3]).all()


def test_a_hole_in_a_wide_frame_is_a_missing_row():
    frame = wide()
    frame.loc[frame.index[2], "A"] = np.nan
    table = read(frame)
    assert np.diff(table.offsets).tolist() == [5, 4]


def spoil(row, column, value):
    frame = LONG.reset_index().astype({column: object})
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "rule", "row", "says"),
    [
        (spoil(7, "close", np.nan), "non_finite", 7, "of A .* row 7"),
        (spoil(3, "low", 0.0), "non_positive", 3, "of B .* row 3"),
        (spoil(6, "volume", -1), "negative_volume", 6, "of A"),
        (spoil(2, "high", 1.0), "high_low", 2, "of B"),
        (spoil(4, "open", "n/a"), "columns", 4, "'n/a'"),
        (spoil(8, "date", "soon"), "index", 8, "is no date: soon"),
        (spoil(8, "date", None), "index", 8, "no date"),
        (spoil(8, "date", "2024-05"), "index", 8, "is no date: 2024-05"),
        (spoil(8, "date", "2024"), "index", 8, "is no date: 2024"),
        (spoil(8, "date", "01/02/2024"), "index", 8, "is no date: 01/02/2024"),
        (spoil(8, "date", "13/02/2024"), "index", 8, "is no date"),
        (spoil(8, "date", "24-05-01"), "index", 8, "is no date: 24-05-01"),
        (spoil(8, "date", "2024-05-01 09:30"), "index", 8, "is no plain date"),
        (LONG.reset_index().assign(date=lambda f: f["date"].dt.year), "index", 0, "is no date"),
        (
            LONG.reset_index().assign(date=lambda f: f["date"].dt.to_period("M")),
            "index",
            0,
            "is no date",
        ),
        (LONG.reset_index().assign(volume=lambda f: f["date"]), "columns", 0, "no number"),
        (LONG.reset_index().assign(volume=True), "columns", 0, "no number: True"),
        (spoil(5, "symbol", None), "symbol", 5, "no symbol"),
        (LONG.reset_index().assign(symbol=1), "symbol", 0, "may have lost zeros"),
        (spoil(9, "date", LONG.index[3]), "duplicate", 9, "row 8 too"),
    ],
)
def test_what_is_wrong_is_named(frame, rule, row, says):
    with pytest.raises(InvalidBars, match=says) as caught:
        read(frame)
    assert (caught.value.data["rule"], caught.value.data["row"]) == (rule, row)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (LONG.drop(columns="open"), "no column open"),
        ([1, 2], "DataFrame, not as list"),
        (pd.concat({"X": LONG}, axis=1).drop(columns=("X", "low")), "No level"),
        (LONG.assign(symbol="what is this"), "is not a symbol"),
    ],
)
def test_what_is_no_frame_of_bars(frame, says):
    with pytest.raises(InvalidRequest, match=says):
        read(frame)


def test_no_bar_is_an_error():
    with pytest.raises(InvalidBars, match="no bar"):
        read(LONG.iloc[:0])
