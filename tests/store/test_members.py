"""A store knows who was in an index on a day; what is wrong about a row is named, and nothing is stored."""

import pandas as pd
import pytest
from made_up_market import market

from stockwidget.errors import InvalidRequest
from stockwidget.store.barstore import BarStore

ROWS = pd.DataFrame(
    [
        ("CSI300", "AAA", "2020-01-02", "2020-03-31"),
        ("CSI300", "AAA", "2020-07-01", None),
        ("CSI300", "BBB", "2020-01-02", ""),
        ("Other", "CCC", 20200102, 20200110),
    ],
    columns=["index", "symbol", "from", "to"],
)


@pytest.fixture
def store(tmp_path):
    store = BarStore(tmp_path / "bars")
    store.append(market(["AAA", "BBB", "CCC"], 0, 60))
    store.put_members(ROWS)
    return store


@pytest.mark.parametrize(
    ("day", "symbols"),
    [
        ("2020-01-01", ()),
        ("2020-01-02", ("AAA", "BBB")),
        ("2020-03-31", ("AAA", "BBB")),
        ("2020-04-01", ("BBB",)),
        ("2020-07-01", ("AAA", "BBB")),
        ("2031-01-01", ("AAA", "BBB")),
    ],
)
def test_members_of_a_day_both_ends_included(store, day, symbols):
    assert store.members("csi300", on=pd.Timestamp(day)) == symbols


def test_a_version_keeps_them_and_appending_bars_does_not_lose_them(store):
    assert store.version == 2
    assert store.put_members(ROWS) == 2, "nothing new"
    store.append(market(["AAA", "BBB", "CCC"], 60, 61))
    again = BarStore(store.path)
    assert again.version == 3
    found = again.members()
    assert found["symbol"].tolist() == ["AAA", "AAA", "BBB", "CCC"]
    assert found["from"].dt.strftime("%Y%m%d").tolist() == [
        "20200102",
        "20200701",
        "20200102",
        "20200102",
    ]
    assert found["to"].isna().tolist() == [False, True, True, False]
    assert again.verify() == []


def test_the_rows_of_an_index_replace_what_was_known_of_it_alone(store):
    store.put_members(pd.DataFrame({"ticker": ["bbb"], "in_date": ["2020-02-03"]}), index="CSI300")
    assert store.members("CSI300", on="2020-01-02") == ()
    assert store.members("CSI300", on="2020-02-03") == ("BBB",)
    assert store.members("other", on="2020-01-10") == ("CCC",)


def test_an_index_is_the_same_however_it_is_spelt(store):
    more = pd.DataFrame({"index": ["csi300", "CSI300"], "symbol": ["A", "B"], "from": "2020-02-03"})
    store.put_members(more)
    assert store.members("CSI300", on="2020-02-03") == ("A", "B")
    assert store.members()["index"].tolist() == ["Other", "csi300", "csi300"]


def test_a_file_says_it_too_alone_or_in_a_folder_of_bars_that_is_taken_in(store, tmp_path):
    """Its codes are text, whatever they look like; bars and members come as one version."""
    folder = tmp_path / "files"
    folder.mkdir()
    market(["AAA"], 60, 61).to_csv(folder / "bars.csv")
    file = folder / "Members.csv"
    file.write_text("index,code,in_date,out_date\n000905,AAA,20200102,\n")
    assert store.append(folder) == 3
    assert store.members("000905", on="2020-05-05") == ("AAA",)
    assert store.append(folder) == 3, "nothing new"
    file.write_text("code,in_date\nBBB,20200102\n")
    store.put_members(file, index="CSI300")
    assert store.members("CSI300", on="2020-05-05") == ("BBB",)
    file.write_text("code,in_date\nBBB,soon\n")
    with pytest.raises(InvalidRequest, match=r"Members\.csv: Row 0 of the members: from is 'soon'"):
        store.put_members(file, index="CSI300")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"from": None}, "Row 1 of the members: from is missing"),
        ({"from": "soon"}, "Row 1 of the members: from is 'soon'"),
        ({"from": "2020-04"}, "from is '2020-04', no plain date"),
        ({"to": "31/03/2020"}, "to is '31/03/2020', no plain date"),
        ({"to": "2019-01-01"}, "to .2019-01-01. is before from"),
        ({"from": "2020-03-31"}, "AAA is in it already on 2020-03-31"),
        ({"index": "../x"}, "index is '../x'"),
        ({"symbol": ""}, "Row 1 of the members"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_stored(store, change, said):
    rows = ROWS.astype(object).copy()
    for name, value in change.items():
        rows.loc[1, name] = value
    with pytest.raises(InvalidRequest, match=said) as caught:
        store.put_members(rows)
    assert caught.value.data["row"] == 1
    assert store.version == 2


def test_what_nobody_told_is_not_guessed(store, tmp_path):
    with pytest.raises(InvalidRequest, match="Did you mean 'CSI300'"):
        store.members("CSI30", on="2020-01-02")
    with pytest.raises(InvalidRequest, match="put_members"):
        BarStore(tmp_path / "empty").members("CSI300")
    with pytest.raises(InvalidRequest, match="no column 'from'"):
        store.put_members(pd.DataFrame({"index": ["X"], "symbol": ["AAA"]}))
    with pytest.raises(InvalidRequest, match="Two columns of the members are a 'symbol'"):
        store.put_members(ROWS.assign(ticker="AAA"))
