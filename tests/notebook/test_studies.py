"""From ``sw.study`` to tables, words and files, by a real runner and its workers; and attached again."""

import json

import pandas as pd
import pytest

import stockwidget as sw
from stockwidget.jobs import study as job
from stockwidget.notebook.arrow import META

ASKED = {"rule": "rsi(14) < 45", "start": "2012-07-01", "end": "2013-03-01"}


@pytest.mark.usefixtures("local_runner")
def test_a_study_is_a_task_like_others():
    task = sw.study("sample", name="lows", **ASKED)
    found = task.result(100)
    assert (task.kind, task.status) == ("study", "completed")
    assert sw.attach("lows").result(10).document == found.document
    assert task.partial()["hits"].tolist() == found.hits["hits"].tolist()
    assert task.failures.equals(found.failures)
    assert sw.tasks(kind="study").frame["title"].tolist() == [
        "sample · rsi(14) < 45 · 2012-07-01 → 2013-03-01"
    ]
    day = found.events["date"].iloc[-1]
    one = sw.scan("sample", rule=ASKED["rule"], as_of=day, columns=[]).result(100)
    assert sorted(one.index) == sorted(found.events.loc[found.events["date"] == day, "symbol"])


@pytest.mark.usefixtures("local_runner")
def test_a_function_of_the_kernel_judges_on_each_day():
    @sw.rule(title="Above its first close", title_zh="高于首日收盘")
    def above(bars):
        return bool(bars.close.iloc[-1] > bars.close.iloc[0])

    found = sw.study("sample", above, dates=["2013-02-20", "2012-08-01"]).result(100)
    for day in found.document["dates"]:
        one = sw.scan("sample", rule=above, as_of=day).result(100)
        mine = found.events.loc[found.events["date"] == day, "symbol"]
        assert sorted(mine) == sorted(one.index)
    assert found.summary.startswith("Above its first close on sample: 2 days")
    assert "高于首日收盘" in found.report("zh")
    assert "code" not in found.document["params"]


@pytest.fixture(scope="module")
def found():
    (*_, last) = job({"universe": "sample", **ASKED})
    return sw.StudyResult(json.loads(json.dumps(last.data)))


def test_its_tables_agree(found):
    assert len(found) == len(found.hits) == 9
    assert found.hits["hits"].sum() == len(found.events) == found.counters["found"]
    each = found.events.groupby("date")["after_20"].mean()
    pd.testing.assert_series_equal(
        found.hits["after_20"].dropna(), each.dropna(), check_names=False, check_freq=False
    )
    row = found.forward.loc[20]
    assert row["mean"] == pytest.approx(found.hits["after_20"].mean())
    known = found.hits["after_20"].notna()
    assert row["base_mean"] == pytest.approx(found.hits.loc[known, "base_20"].mean())
    assert "few" in row["warnings"]
    assert found.turnover["new"].isna().tolist() == [True] + [False] * 8


def test_its_words_come_in_both_languages(found):
    assert found.summary == found.report("en") == str(found).partition("\n")[2]
    assert "幸存者偏差" in found.report("zh")
    assert found.warnings[0] == "survivors"
    assert "rsi(14)" in found._repr_html_()
    assert found._repr_markdown_().startswith("#### sample")


def test_as_a_table_for_other_programs(found):
    made = found.to_arrow()
    assert made.num_rows == 9
    assert made.column_names[:5] == ["date", "members", "traded", "judged", "hits"]
    assert made["after_20"].to_pylist() == found.document["after"]["20"]["hits"]
    assert json.loads(made.schema.metadata[META])["forward"] == found.document["forward"]


def test_dates_may_be_any_list_of_days_and_bad_ones_are_refused_at_once():
    with pytest.raises(sw.InvalidRequest, match="needs a rule"):
        sw.study("sample", dates=pd.to_datetime(["2020-01-31"]))
    with pytest.raises(sw.InvalidRequest, match="must be a date"):
        sw.study("sample", "close > 1", dates=["yesterday"])
    with pytest.raises(sw.InvalidRequest, match="list of days"):
        sw.study("sample", "close > 1", dates="2020-01-31")
    with pytest.raises(sw.InvalidRequest, match=r"sw\.study"):
        sw.scan("sample", rule="close > 1", as_of=pd.to_datetime(["2020-01-31", "2020-02-28"]))
