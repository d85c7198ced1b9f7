"""Bad bars are refused with rule, row and file wherever they come from: frame, store, folder. Nothing is mended."""

import numpy as np
import pandas as pd
import pytest
from made_up_market import bars

from stockwidget import jobs
from stockwidget.errors import InsufficientHistory, InvalidBars, InvalidRequest, StockwidgetError
from stockwidget.notebook.own_bars import place_of
from stockwidget.store.barstore import BarStore
from stockwidget.store.places import VARIABLE

GOOD = bars("A", 0, 90)


def with_cell(row, column, value):
    frame = GOOD.copy()
    frame.iloc[row, frame.columns.get_loc(column)] = value
    return frame


def with_date(row, value):
    frame = GOOD.reset_index().astype({"date": object})
    frame["date"] = [str(day.date()) for day in frame["date"]]
    frame.loc[row, "date"] = value
    return frame


def of_frame(frame, place):
    place_of("A", frame, None)


def of_store(frame, place):
    BarStore(place / "bars").append(frame, symbol="A")


def of_csv(frame, place):
    (place / "files").mkdir(exist_ok=True)
    GOOD.to_csv(place / "files" / "0.csv")
    frame.to_csv(place / "files" / "A.csv", index="date" not in frame)
    analyse(f"folder:{place / 'files'}")


def of_parquet(frame, place):
    (place / "files").mkdir(exist_ok=True)
    frame.to_parquet(place / "files" / "A.parquet")
    analyse(f"folder:{place / 'files'}")


def analyse(source, **params):
    *_, last = jobs.analysis({"symbol": "A", "source": source, **params})
    return last.data


PATHS = [of_frame, of_store, of_csv, of_parquet]
CASES = {
    "nan": (with_cell(7, "close", np.nan), "non_finite", 7),
    "infinite": (with_cell(7, "high", np.inf), "non_finite", 7),
    "zero": (with_cell(8, "open", 0.0), "non_positive", 8),
    "negative": (with_cell(8, "low", -1.0), "non_positive", 8),
    "negative volume": (with_cell(9, "volume", -5.0), "negative_volume", 9),
    "high below low": (with_cell(10, "high", 1.0), "high_low", 10),
    "twice": (GOOD.iloc[[*range(30), *range(29, 90)]], "duplicate", 30),
    "unsorted": (GOOD.iloc[[0, 2, 1, *range(3, 90)]], "unsorted", 2),
    "newest first": (GOOD.iloc[::-1], "unsorted", 1),
    "a time of day": (with_date(11, "2020-01-16 15:00"), "index", 11),
    "another time zone": (with_date(11, "2020-01-15T16:00:00+00:00"), "index", 11),
    "no date": (with_date(12, "someday"), "index", 12),
    "missing date": (with_date(12, None), "index", 12),
}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("path", PATHS)
def test_a_bad_row_is_named(path, name, place):
    frame, rule, row = CASES[name]
    before = frame.copy()
    with pytest.raises(InvalidBars) as caught:
        path(frame, place)
    error = caught.value
    assert (error.data["rule"], error.data["row"]) == (rule, row)
    assert f"row {row}" in error.message
    assert error.hint
    pd.testing.assert_frame_equal(frame, before)
    if path in {of_csv, of_parquet}:
        assert error.message.startswith(f"A.{path.__name__[3:]}: ")
        assert error.data["file"].endswith(f"A.{path.__name__[3:]}")


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (GOOD.drop(columns="open"), "no column open; there are "),
        (GOOD.rename(columns={"close": "last"}), "no column close"),
        (GOOD.assign(Close=1.0), "Two columns of the bars are a close"),
        (GOOD.reset_index(drop=True), "no column date"),
        (GOOD.astype({"volume": str}).assign(volume="many"), "volume of row 0 is no number: 'many'"),
        (GOOD.iloc[:0], "no bar"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", PATHS)
def test_what_is_no_table_of_bars(path, frame, says, place):
    if path is of_csv and "no column date" in says:
        frame = frame.rename_axis("number")
    with pytest.raises(StockwidgetError, match=says):
        path(frame, place)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b"PAR1nothing"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_that_cannot_be_read_is_named(content, suffix, place):
    (place / "files").mkdir()
    (place / "files" / f"A.{suffix}").write_bytes(content)
    with pytest.raises(InvalidRequest, match=rf"A\.{suffix}"):
        analyse(f"folder:{place / 'files'}")


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "UTC"])
def test_a_date_with_a_time_zone_is_the_day_it_names_there(zone, place):
    """As yfinance gives them; written as text, the offset changes with daylight saving."""
    frame = bars("A", 0, 120)
    local = frame.tz_localize(zone)
    local.to_csv(place / "A.csv")
    store = BarStore(place / "bars")
    store.append(place / "A.csv")
    for found in (store.bars("A"), BarStore(place_of("A", local, None)[1][6:]).bars("A")):
        assert found.index.tolist() == frame.index.tolist()
    with pytest.raises(InvalidBars, match=r"row 0 is no plain date"):
        place_of("A", local.tz_convert("Europe/Moscow"), None)


@pytest.mark.parametrize("path", [of_frame, of_store, of_csv, of_parquet])
def test_what_is_lawful_but_odd_is_said(path, place):
    split = GOOD.copy()
    split.iloc[60:, [0, 1, 2, 3, 5]] /= 4.0
    split.iloc[60, 0] = split.iloc[59, 3] / 4.0
    split.iloc[60, 1:4] = split.iloc[60, 0] * np.array([1.01, 0.99, 1.0])
    still = GOOD.assign(volume=0.0)
    for frame, key in ((split, "split_not_adjusted"), (still, "no_volume")):
        data = place / key
        data.mkdir()
        if path is of_frame:
            source = place_of("A", frame, None)[1]
        elif path is of_store:
            BarStore(data / "bars").append(frame, symbol="A")
            source = f"store:{data / 'bars'}"
        else:
            frame.to_csv(data / "A.csv") if path is of_csv else frame.to_parquet(data / "A.parquet")
            source = f"folder:{data}"
        found = analyse(source)["quality"]["findings"]
        told = {each["key"]: each["params"] for each in found}
        assert key in told
        if key == "split_not_adjusted":
            assert (told[key]["row"], told[key]["split"]) == (60, "4:1")
        with pytest.raises(InsufficientHistory, match="has 1 bar from"):
            analyse(source, end=str(frame.index[0].date()))
