"""A scan and a study of an index look at those who were in it on the day, not at today's list.

Whether a store, a folder of files or frames say who was in it.
"""

import pandas as pd
import pytest
from made_up_market import DAYS, market

from stockwidget.errors import InvalidRequest
from stockwidget.notebook.universes import source_of
from stockwidget.params import ScanParams, StudyParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.universe import label, resolve
from stockwidget.store.barstore import BarStore
from stockwidget.store.places import VARIABLE
from stockwidget.study.engine import Study

NAMES = [f"S{k:02}" for k in range(8)]
DATES = [str(day.date()) for day in DAYS[40:400:45]]


def rows():
    """An index that the first four left on the 200th day, when the next three and one without bars came."""
    day = [str(each.date()) for each in DAYS]
    found = [("Eight", name, day[0], day[199]) for name in NAMES[:4]]
    found += [("Eight", name, day[200], None) for name in (*NAMES[4:7], "GONE")]
    return pd.DataFrame(found, columns=["index", "symbol", "from", "to"])


def placed(kind, place):
    """Bars of all, and who was in the index, as a source of the kind; a request for it."""
    bars = market(NAMES, 0, 400)
    if kind == "store":
        store = BarStore(place)
        store.append(bars)
        store.put_members(rows())
        source = f"store:{place}"
    elif kind == "folder":
        for name, frame in bars.groupby("symbol"):
            frame.to_csv(place / f"{name}.csv")
        rows().to_csv(place / "members.csv", index=False)
        source = f"folder:{place}"
    else:
        source = source_of(bars, rows().drop(columns="index"), "index:Eight")
    return {"universe": "index:eight", "source": source, "rule": "rank(ret(20)) > 40"}


@pytest.fixture(scope="module", autouse=True)
def data_dir(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="module", params=["store", "folder", "frames"])
def asked(request, tmp_path_factory):
    return placed(request.param, tmp_path_factory.mktemp("bars"))


def scanned(asked, **more):
    params = ScanParams.from_dict({**asked, **more})
    work = Scan(params=params, universe=resolve(params))
    list(work.run())
    return work.document()


def test_a_scan_takes_the_members_of_its_day(asked):
    before, after = (scanned(asked, as_of=DATES[k], rule="close > 0") for k in (0, -1))
    assert {row[0] for row in before["rows"]} == set(NAMES[:4])
    assert {row[0] for row in after["rows"]} == set(NAMES[4:7])
    assert [each["symbol"] for each in after["failures"]] == ["GONE"]
    assert [row[0] for row in scanned(asked)["rows"]] == [
        row[0] for row in scanned(asked, as_of=str(DAYS[399].date()))["rows"]
    ]


def test_a_study_is_the_scan_of_each_day_and_knows_no_survivors(asked):
    work = Study(params=StudyParams.from_dict({**asked, "dates": DATES}))
    list(work.run())
    document = work.document()
    assert document["warnings"] == []
    assert document["days"]["members"] == [4] * len(DATES)
    events = document["events"]
    for place, day in enumerate(DATES):
        hits = [s for d, s in zip(events["day"], events["symbol"], strict=True) if d == place]
        assert sorted(hits) == sorted(row[0] for row in scanned(asked, as_of=day)["rows"])
    assert {each["symbol"] for each in document["failures"]} == {"GONE"}
    early = Study(params=StudyParams.from_dict({**asked, "dates": DATES[:2]}))
    assert early.universe.symbols == tuple(NAMES[:4]), "the others are not read at all"


def test_todays_list_is_warned_of(asked):
    work = Study(params=StudyParams.from_dict({**asked, "universe": NAMES[4:7], "dates": DATES}))
    list(work.run())
    document = work.document()
    assert document["warnings"] == ["survivors"]
    assert "survivorship bias" in document["words"]["en"][-1]
    assert "幸存者偏差" in document["words"]["zh"][-1]


def test_an_index_needs_a_store_that_knows_it(asked):
    with pytest.raises(
        InvalidRequest, match=r"Who knows the members .*members\.csv, or a DataFrame"
    ):
        resolve(ScanParams.from_dict({"universe": "index:Eight"}))
    with pytest.raises(InvalidRequest, match="Did you mean 'Eight'"):
        resolve(ScanParams.from_dict({**asked, "universe": "index:Eigth"}))
    with pytest.raises(InvalidRequest, match="Nobody is a member"):
        Study(params=StudyParams.from_dict({**asked, "dates": ["2019-01-31"]}))
    assert label(ScanParams.from_dict(asked)).startswith("eight · ")


@pytest.mark.parametrize("kind", ["folder", "frames"])
def test_members_who_come_later_change_no_day_before(kind, tmp_path):
    """As the file is written anew, or the frame passed with a row more."""
    bars, members = market(NAMES[:4], 0, 300), rows()[:2]
    later = pd.DataFrame([("Eight", "S02", DATES[4], None)], columns=members.columns)
    dates = [DATES[1], DATES[3], DATES[5]]

    def studied(members):
        source = f"folder:{tmp_path}"
        if kind == "folder":
            bars.to_csv(tmp_path / "bars.csv")
            members.to_csv(tmp_path / "members.csv", index=False)
        else:
            source = source_of(bars, members, "index:Eight")
        asked = {"universe": "index:Eight", "source": source, "rule": "close > 0"}
        work = Study(params=StudyParams.from_dict({**asked, "dates": dates}))
        list(work.run())
        days = work.document()["days"]
        return days["members"], days["hits"], len(scanned(asked, as_of=DATES[3])["rows"])

    assert studied(members) == ([2, 2, 0], [2, 2, 0], 2)
    assert studied(pd.concat([members, later])) == ([2, 2, 1], [2, 2, 1], 2)


def test_what_is_wrong_about_them_is_said_with_the_file_and_the_row(tmp_path):
    market(["A"], 0, 30).to_csv(tmp_path / "bars.csv")
    asked = ScanParams.from_dict({"universe": "index:Few", "source": f"folder:{tmp_path}"})
    with pytest.raises(InvalidRequest, match=r"no members of an index 'Few'.*members\.csv"):
        resolve(asked)
    file = tmp_path / "members.csv"
    file.write_text("index,symbol,from,to\nFew,A,2020-01-02,\nFew,A,2020-02-03,\n")
    with pytest.raises(InvalidRequest, match=r"members\.csv: Row 1 .*A is in it already") as caught:
        resolve(asked)
    assert caught.value.data["field"] == "members"
    file.write_text("index,symbol,from,to\n000300,A,20200102,\n")
    with pytest.raises(InvalidRequest, match="Known: 000300"):
        resolve(asked)
    file.with_suffix(".csv.gz").write_bytes(b"")
    with pytest.raises(InvalidRequest, match=r"Two files .*members\.csv and members\.csv\.gz"):
        resolve(asked)
    for wrong in ("sample", tmp_path):
        with pytest.raises(InvalidRequest, match="Members go beside bars of your own"):
            source_of(wrong, rows(), "index:Eight")
    with pytest.raises(InvalidRequest, match="not as str"):
        source_of(market(["A"], 0, 30), "members.csv", "index:Eight")
    with pytest.raises(InvalidRequest, match="no column 'index'"):
        source_of(market(["A"], 0, 30), rows().drop(columns="index"), "sample")


def test_who_was_not_traded_while_it_was_a_member_is_a_failure(tmp_path):
    """Though it was traded on other days of the study, and passed no filter on those of its own."""
    store = BarStore(tmp_path / "bars")
    store.append(pd.concat([market(["S0", "S1"], 0, 400), market(["LEFT"], 0, 100)]))
    days = [str(DAYS[k].date()) for k in (50, 300)]
    rows = [("S0", days[0], None), ("S1", days[0], days[0]), ("LEFT", days[1], None)]
    store.put_members(pd.DataFrame(rows, columns=["symbol", "from", "to"]), index="Few")
    asked = {"universe": "index:Few", "source": f"store:{store.path}", "dates": days}
    work = Study(params=StudyParams.from_dict({**asked, "rule": "close > 0", "min_bars": 60}))
    list(work.run())
    document = work.document()
    (failure,) = document["failures"]
    assert failure["symbol"] == "LEFT"
    assert "traded on no day that it is a member on" in failure["message"]
    assert document["excluded"]["filters"] == 1, "S1 had 51 bars on its only day, and 301 later"
    assert document["days"]["traded"] == [0, 1]
