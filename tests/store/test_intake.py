"""Files and folders are taken in like frames, and what a store holds can leave it again."""

import pandas as pd
import pytest
from made_up_market import bars, market

from stockwidget.errors import InvalidBars, InvalidRequest
from stockwidget.store import intake
from stockwidget.store.barstore import BarStore
from stockwidget.store.manifest import PARTITION

SYMBOLS = [f"S{k}" for k in range(PARTITION + 3)]


def check(store, symbols=("S0", "S7", f"S{PARTITION + 2}")):
    for symbol in symbols:
        assert (store.bars(symbol).to_numpy() == bars(symbol, 0, 20).to_numpy()).all()


def test_one_parquet_file_of_all_and_back(tmp_path):
    one = BarStore(tmp_path / "one")
    seen = []
    market(SYMBOLS, 0, 20).to_parquet(tmp_path / "all.parquet")
    one.append(tmp_path / "all.parquet", progress=seen.append)
    assert seen[-1] == len(SYMBOLS) * 20
    check(one)
    two = BarStore(tmp_path / "two")
    two.append(one.to_parquet(tmp_path / "out.parquet"))
    assert two.symbols == one.symbols
    check(two)
    frame = two.to_frame(["S7", "S0"])
    assert frame.index.names == ["symbol", "date"]
    assert (frame.loc["S7"].to_numpy() == bars("S7", 0, 20).to_numpy()).all()


@pytest.mark.parametrize("by", ["symbol", "date"])
@pytest.mark.parametrize("category", [False, True])
def test_a_large_file_is_read_in_batches_whatever_its_order(tmp_path, monkeypatch, by, category):
    monkeypatch.setattr(intake, "BATCH", 130)
    symbols = [f"S{k}" for k in range(30)]
    frame = market(symbols, 0, 20).reset_index()
    if by == "date":
        frame = frame.sort_values(["date", "symbol"])
    if category:
        frame["symbol"] = frame["symbol"].astype("category")
    frame.to_parquet(tmp_path / "all.parquet", row_group_size=77)
    store, seen = BarStore(tmp_path / "bars"), []
    store.append(tmp_path / "all.parquet", progress=seen.append)
    assert len(seen) > 4
    assert seen[-1] == 600
    assert set(store.symbols) == set(symbols)
    check(store, ("S0", "S7", "S29"))


def test_a_large_file_whose_days_do_not_rise_is_refused(tmp_path):
    frame = market([f"S{k}" for k in range(30)], 0, 20).reset_index()
    frame.sample(frac=1, random_state=1).to_parquet(tmp_path / "all.parquet")
    with pytest.raises(InvalidBars, match=r"all\.parquet: .* unsorted"):
        BarStore(tmp_path / "bars").append(tmp_path / "all.parquet")


def test_a_folder_of_a_file_a_symbol(tmp_path):
    folder = tmp_path / "csv"
    folder.mkdir()
    for symbol in ("S0", "S7"):
        bars(symbol, 0, 20).to_csv(folder / f"{symbol}.csv")
    bars("S9", 0, 20).to_parquet(folder / "S9.parquet")
    store = BarStore(tmp_path / "bars")
    store.append(folder)
    check(store, ("S0", "S7", "S9"))


def test_a_folder_of_a_file_a_month(tmp_path):
    folder = tmp_path / "months"
    folder.mkdir()
    market(["S0", "S7"], 0, 12).to_csv(folder / "2020-01.csv.gz")
    market(["S0", "S7"], 12, 20).to_parquet(folder / "2020-02.parquet")
    store = BarStore(tmp_path / "bars")
    assert store.append(folder) == 1, "all of it is one version"
    check(store, ("S0", "S7"))


def test_a_code_in_a_csv_file_keeps_its_zeros(tmp_path):
    """pandas reads 000001 as 1, which is another symbol."""
    place = tmp_path / "bars.csv"
    market(["S0"], 0, 12).assign(symbol="000001").rename(columns={"symbol": "Code"}).to_csv(place)
    store = BarStore(tmp_path / "store")
    store.append(place)
    assert store.symbols == ("000001",)


def test_a_parquet_file_whose_symbols_are_numbers_is_refused(tmp_path):
    market(["S0"], 0, 12).assign(symbol=700).to_parquet(tmp_path / "bars.parquet")
    with pytest.raises(InvalidBars, match=r"bars\.parquet: The symbol of row 0 is a number, 700"):
        BarStore(tmp_path / "store").append(tmp_path / "bars.parquet")


def test_a_bad_file_is_named_with_its_row(tmp_path):
    folder = tmp_path / "csv"
    folder.mkdir()
    bars("S0", 0, 20).to_csv(folder / "S0.csv")
    bad = bars("S1", 0, 20)
    bad.iloc[4, 1] = 0.5
    bad.to_csv(folder / "S1.csv")
    store = BarStore(tmp_path / "bars")
    with pytest.raises(InvalidBars, match="of S1 break the rule high_low in row 4"):
        store.append(folder)
    assert not store.exists


@pytest.mark.parametrize(
    ("path", "says"), [("none.csv", "There is no"), (".", "no Parquet or CSV")]
)
def test_what_is_no_file_of_bars(tmp_path, path, says):
    with pytest.raises(InvalidRequest, match=says):
        BarStore(tmp_path / "bars").append(tmp_path / path)


def test_a_csv_of_one_symbol_is_named_after_its_file_or_by_hand(tmp_path):
    bars("S0", 0, 20).to_csv(tmp_path / "S0.csv")
    store = BarStore(tmp_path / "bars")
    store.append(tmp_path / "S0.csv")
    store.append(str(tmp_path / "S0.csv"), symbol="S5")
    assert store.symbols == ("S0", "S5")
    assert isinstance(store.bars("S5").index, pd.DatetimeIndex)
