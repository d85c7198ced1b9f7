"""A scan and a study of an index look at those who were in it on the day, not at today's list."""

import pandas as pd
import pytest
from made_up_market import DAYS, market

from stockwidget.errors import InvalidRequest
from stockwidget.params import ScanParams, StudyParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.universe import label, resolve
from stockwidget.store.barstore import BarStore
from stockwidget.study.engine import Study

NAMES = [f"S{k:02}" for k in range(8)]
DATES = [str(day.date()) for day in DAYS[40:400:45]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """An index that the first four left on the 200th day, when the next three and one without bars came."""
    store = BarStore(tmp_path_factory.mktemp("bars"))
    store.append(market(NAMES, 0, 400))
    day = [str(each.date()) for each in DAYS]
    rows = [(name, day[0], day[199]) for name in NAMES[:4]]
    rows += [(name, day[200], None) for name in (*NAMES[4:7], "GONE")]
    store.put_members(pd.DataFrame(rows, columns=["symbol", "from", "to"]), index="Eight")
    return {
        "universe": "index:eight",
        "source": f"store:{store.path}",
        "rule": "rank(ret(20)) > 40",
    }


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
    with pytest.raises(InvalidRequest, match="Which store"):
        resolve(ScanParams.from_dict({"universe": "index:Eight"}))
    with pytest.raises(InvalidRequest, match="Did you mean 'Eight'"):
        resolve(ScanParams.from_dict({**asked, "universe": "index:Eigth"}))
    with pytest.raises(InvalidRequest, match="Nobody is a member"):
        Study(params=StudyParams.from_dict({**asked, "dates": ["2019-01-31"]}))
    assert label(ScanParams.from_dict(asked)).startswith("eight · ")


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
