"""Of a company only what was published counts, ratios are those of their definitions, the rest abstains."""

from dataclasses import replace

import numpy as np
import orjson
import pandas as pd
import pytest

from stockwidget import jobs
from stockwidget.analysis.fundamentals import EXPECTED, fundamentals
from stockwidget.analysis.known import known, series
from stockwidget.analysis.ratios import STALE_DAYS, Quote, ratios
from stockwidget.analysis.report import report
from stockwidget.analysis.study import Study
from stockwidget.bars import COLUMNS
from stockwidget.declared import OwnFactor
from stockwidget.facts import FIGURES, ITEMS, Fact
from stockwidget.params import AnalysisParams
from stockwidget.parts import judging, unpacking
from stockwidget.sources import registry
from stockwidget.sources.base import Bars, Provenance


def fact(item, value, period_end, published, currency="", source="10-K"):
    return Fact(item=item, value=value, period_end=period_end, published=published,
                currency=currency, source=source)  # fmt: skip


def bars(n=300, *, close=50.0, kept=None, rescaled=False):
    """Business days from 2020-01-01; ``kept`` is the part of the price left after a day, by row."""
    closes = np.full(n, close)
    factor = np.ones(n)
    for row, part in (kept or {}).items():
        factor[:row] *= part
        closes[row:] *= part if part <= 0.6 else 1.0
    table = dict.fromkeys(("open", "high", "low", "close"), closes)
    table |= {"volume": np.full(n, 2_000.0), "adj_close": closes * factor}
    index = pd.DatetimeIndex(pd.bdate_range("2020-01-01", periods=n).to_numpy(), name="date")
    origin = Provenance(source="given", synthetic=False, first="2020-01-01", last=str(index[-1].date()), origin="test",
                        licence="none", note="", raw_is_split_adjusted=rescaled)  # fmt: skip
    frame = pd.DataFrame(table, index=index)[COLUMNS]
    return Bars(symbol="XYZ", name="", market="US", currency="USD", frame=frame, provenance=origin)


LAST = "2021-02-23"
"""The last of 300 business days from 2020-01-01."""


def figures(found):
    return {each["key"]: each for each in found["figures"]}


def reasons(found):
    return {each["key"]: each["reason"]["key"] for each in found["abstained"]}


def notes(found):
    return [each["key"] for each in found["notes"]]


def test_ratios_are_those_of_a_worked_example():
    """50 USD; 2.50 earned, 10 of book, 1 000 shares of which 800 float, sales of 40 000, 2 000 traded."""
    given = [
        fact("eps", 2.5, "2020-12-31", "2021-02-01", "USD"),
        fact("book_value_per_share", 10.0, "2020-12-31", "2021-02-15", "USD"),
        fact("shares_outstanding", 1_000.0, "2020-12-31", "2021-02-01"),
        fact("float_shares", 800.0, "2020-12-31", "2021-02-01"),
        fact("revenue", 40_000.0, "2020-12-31", "2021-02-01", "USD"),
    ]
    found = fundamentals(bars(), given, None)
    value = {key: each["value"] for key, each in figures(found).items()}
    assert value["pe_ttm"] == 20.0
    assert value["pb"] == 5.0
    assert value["market_cap"] == 50_000.0
    assert value["ps_ttm"] == 1.25
    assert value["turnover_rate"] == value["turnover_rate_20"] == 2.5
    made = figures(found)["pb"]
    assert (made["of"], made["date"], made["published"]) == (
        ["book_value_per_share"],
        LAST,
        "2021-02-15",
    )
    assert figures(found)["market_cap"]["currency"] == "USD"
    assert list(figures(found)) == [name for name in ITEMS if name in value], "in the table's order"
    assert found["abstained"] == []
    assert set(found["lacking"]) == set(EXPECTED) - set(value)


def test_what_the_source_states_is_not_reckoned_again():
    given = [fact("pe_ttm", 19.0, None, "2021-02-20"), fact("eps", 2.5, "2020-12-31", "2021-02-01")]
    found = figures(fundamentals(bars(), given, None))["pe_ttm"]
    assert (found["value"], found["of"], found["published"]) == (19.0, [], "2021-02-20")


@pytest.mark.parametrize("day", ["2021-02-01", "2021-02-02", "2021-02-15"])
def test_a_fact_counts_from_its_publication_not_from_its_period(day):
    given = [
        fact("roe", 0.1, "2019-12-31", "2020-02-20"),
        fact("roe", 0.2, "2020-12-31", "2021-02-02"),
        fact("roe", 0.3, "2020-12-31", "2021-02-15"),  # restated
    ]
    expected = {"2021-02-01": 0.1, "2021-02-02": 0.2, "2021-02-15": 0.3}[day]
    assert known(given, day, past=True).figures["roe"].value == expected
    assert known(given[::-1], day, past=True).figures["roe"].value == expected


def test_an_undated_fact_is_for_the_present_only():
    given = [fact("roe", 0.1, "2020-12-31", None), fact("pb", 3.0, "2020-12-31", "2021-02-01")]
    now = fundamentals(bars(), given, None)
    assert figures(now)["roe"]["published"] is None
    assert "undated_used" in notes(now)
    then = fundamentals(bars(), given, "2021-02-22")
    assert set(figures(then)) == {"pb"}
    assert {"key": "undated_left", "params": {"count": 1}} in then["notes"]
    alone = fundamentals(bars(), given[:1], LAST)
    assert alone == {"available": False, "reason": {"key": "undated_left", "params": {"count": 1}}}


def test_what_came_out_after_the_last_bar_is_left_out_and_said():
    given = [fact("roe", 0.1, "2020-12-31", "2021-02-24"), fact("pb", 3.0, None, "2021-02-01")]
    found = fundamentals(bars(), given, None)
    assert set(figures(found)) == {"pb"}
    assert {"key": "later_facts", "params": {"count": 1, "date": LAST}} in found["notes"]
    assert "later_facts" not in notes(fundamentals(bars(), given, LAST)), "the past knows of none"


@pytest.mark.parametrize(
    ("given", "kept", "reason"),
    [
        (fact("eps", -1.0, "2020-12-31", "2021-02-01", "USD"), {}, "not_positive"),
        (fact("eps", 2.5, "2020-12-31", "2021-02-01", "CNY"), {}, "other_currency"),
        (fact("eps", 2.5, "2019-06-30", "2019-08-01", "USD"), {}, "stale"),
        (fact("eps", 2.5, "2020-06-30", "2020-08-03", "USD"), {200: 0.25}, "split_between"),
    ],
)
def test_a_ratio_of_what_cannot_be_compared_abstains(given, kept, reason):
    found = fundamentals(bars(kept=kept), [given, fact("roe", 0.1, None, LAST)], None)
    assert "pe_ttm" not in figures(found)
    assert reasons(found) == {"pe_ttm": reason}
    assert "pe_ttm" not in found["lacking"], "told already"


def test_a_report_after_a_split_counts_the_new_shares():
    after = fact("eps", 0.5, "2020-06-30", "2020-10-20", "USD")  # 2020-10-07 is row 200
    found = fundamentals(bars(kept={200: 0.25}), [after], None)
    assert figures(found)["pe_ttm"]["value"] == pytest.approx(12.5 / 0.5)


def test_prices_that_later_splits_divided_give_no_ratio_of_the_past():
    given = [fact("eps", 2.5, "2020-12-31", "2021-02-01", "USD")]
    assert reasons(fundamentals(bars(rescaled=True), given, LAST)) == {"pe_ttm": "rescaled"}
    assert figures(fundamentals(bars(rescaled=True), given, None))["pe_ttm"]["value"] == 20.0


def test_an_old_figure_is_marked():
    given = [
        fact("roe", 0.1, "2019-06-30", "2019-08-01"),
        fact("pb", 3.0, "2020-12-31", "2021-02-01"),
    ]
    found = fundamentals(bars(), given, None)
    assert (pd.Timestamp(LAST) - pd.Timestamp("2019-06-30")).days > STALE_DAYS
    assert {key: each["stale"] for key, each in figures(found).items()} == {
        "roe": True,
        "pb": False,
    }
    assert {"key": "old_figures", "params": {"count": 1}} in found["notes"]


def test_stated_events_stand_for_implied_ones_of_their_kind():
    given = [
        fact("dividend", 0.5, "2020-03-02", "2020-02-10", "USD"),
        fact("dividend", 0.6, "2020-12-01", "2020-11-10", "USD"),
        fact("dividend", 0.7, "2021-03-01", "2021-02-10", "USD"),  # announced, ahead
        fact("earnings", None, "2021-04-20", "2021-02-01"),
        fact("earnings", 1.1, "2021-02-01", "2021-02-01", "USD"),
    ]
    found = fundamentals(bars(kept={100: 0.97, 200: 0.5}), given, None)
    told = [(e["key"], e["date"], e["value"]) for e in found["events"]]
    assert told == [
        ("dividend", "2020-03-02", 0.5),
        ("split", "2020-10-07", 2.0),  # read from adjusted closes: nobody states a split
        ("dividend", "2020-12-01", 0.6),
        ("earnings", "2021-02-01", 1.1),
        ("dividend", "2021-03-01", 0.7),
        ("earnings", "2021-04-20", None),
    ]
    by_day = {e["date"]: e for e in found["events"]}
    assert by_day["2020-12-01"]["fraction"] == pytest.approx(0.6 / 25.0)
    assert by_day["2021-03-01"]["fraction"] is None
    assert by_day["2020-10-07"]["source"] is None
    before = fundamentals(bars(), given, "2021-01-29")
    assert [e["date"] for e in before["events"]] == ["2020-03-02", "2020-12-01"], (
        "as announced by then"
    )


def test_the_dividend_yield_is_of_a_year_that_is_known():
    paid = [fact("dividend", amount, day, day, "USD") for day, amount in
            (("2020-02-03", 9.0), ("2020-03-02", 0.5), ("2020-12-01", 0.6), ("2021-03-01", 7.0))]  # fmt: skip
    found = figures(fundamentals(bars(), paid, None))["dividend_yield"]
    assert found["value"] == pytest.approx((0.5 + 0.6) / 50.0), "365 days before, none ahead"
    assert "dividend_yield" not in figures(
        fundamentals(bars(), [*paid[1:3], fact("pb", 1.0, None, LAST)], None)
    ), "no whole year"
    other = [replace(each, currency="CNY") for each in paid]
    assert "dividend_yield" not in figures(
        fundamentals(bars(), [*other, fact("pb", 1.0, None, LAST)], None)
    )


def test_a_source_without_facts_says_so_and_invents_nothing():
    assert fundamentals(bars(), None, None) == {
        "available": False,
        "reason": {"key": "no_events", "params": {"source": "given"}},
    }
    implied = fundamentals(bars(kept={100: 0.97}), None, None)
    assert notes(implied) == ["implied", "only_events"]
    assert implied["lacking"] == [], "one sentence says it"
    assert {each["source"] for each in implied["events"]} == {None}
    none = fundamentals(bars(), (), LAST)
    assert none["reason"] == {
        "key": "none_known",
        "params": {"source": "given", "symbol": "XYZ", "date": LAST},
    }


def test_a_market_value_needs_no_currency_of_its_own():
    quote = Quote(date=LAST, close=2.0, volume=0.0, mean_volume=None, currency="", splits=(), rescaled=False)  # fmt: skip
    found = ratios({"shares_outstanding": fact("shares_outstanding", 10.0, None, LAST)}, quote)
    assert {ratio.key: ratio.value for ratio in found} == {"market_cap": 20.0, "turnover_rate": 0.0}


class WithFacts:
    """The sample with made facts, as it was on a day: neither later bars nor later publications."""

    name = "sample"

    def __init__(self, day=None):
        self.day = day
        self.sample = registry.get_source("sample")

    def symbols(self):
        return self.sample.symbols()

    def bars(self, symbol, start=None, end=None):
        return self.sample.bars(symbol, start, min(end or self.day, self.day) if self.day else end)

    def facts(self, symbol):
        ends = pd.date_range("2004-12-31", "2012-12-31", freq="QE")
        rows = [
            fact(
                item,
                1.0 + 0.01 * number,
                str(end.date()),
                str((end + pd.Timedelta(days=40)).date()),
            )
            for number, end in enumerate(ends)
            for item in ("eps", "roe", "shares_outstanding", "gross_margin", "revenue")
        ]
        rows += [
            fact("dividend", 0.5, str(e.date()), str((e - pd.Timedelta(days=30)).date()), "USD")
            for e in ends
        ]
        rows += [fact("net_margin", 0.1, "2010-12-31", None)]
        return [
            r for r in rows if self.day is None or r.published is None or r.published <= self.day
        ]


def document(source, monkeypatch, **params):
    monkeypatch.setattr(registry, "get_source", lambda _name: source)
    *_, last = jobs.analysis({"symbol": "IBM", **params})
    return last.data


@pytest.mark.parametrize("day", ["2010-11-08", "2010-11-09", "2012-01-01"])
def test_as_of_is_truncation_with_facts_too(day, monkeypatch):
    whole, cut = WithFacts(), WithFacts(day)
    asked = document(whole, monkeypatch, as_of=day)
    assert orjson.dumps(asked) == orjson.dumps(document(cut, monkeypatch, as_of=day))
    held = figures(asked["fundamentals"])
    assert held["roe"]["published"] <= day
    assert (
        held["roe"]["period_end"]
        == {"2010-11-08": "2010-06-30", "2010-11-09": "2010-09-30", "2012-01-01": "2011-09-30"}[day]
    )
    assert held["pe_ttm"]["value"] == pytest.approx(
        asked["summary"]["last_close"] / held["eps"]["value"]
    )
    for paragraphs in asked["report"].values():
        said = [line for each in paragraphs for line in each["lines"]]
        assert not [line for line in said if "nan" in line or "None" in line or "{" in line]


def test_the_report_names_each_figure_with_its_days(monkeypatch):
    found = document(WithFacts(), monkeypatch, as_of="2012-01-01")
    texts = {
        locale: next(p["lines"] for p in found["report"][locale] if p["key"] == "fundamentals")
        for locale in ("en", "zh")
    }
    for lines in texts.values():
        assert sum("2011-09-30" in line and "2011-11-09" in line for line in lines) >= 5
    said = " ".join(texts["en"])
    assert (
        "Return on equity: 127.0 % (period to 2011-09-30, published 2011-11-09, source “10-K”)."
        in said
    )
    assert "from Earnings per share (TTM)" in said
    assert "Facts without a date of publication: 1. Not used" in said
    assert (
        "净资产收益率 (ROE)：127.0%（报告期截至 2011-09-30，2011-11-09 公布，数据源“10-K”）。"
        in texts["zh"]
    )


def test_all_figures_of_the_table_can_be_stated():
    given = [fact(name, 0.5, "2020-12-31", "2021-02-01") for name in FIGURES]
    assert list(figures(fundamentals(bars(), given, None)))[: len(FIGURES)] == list(FIGURES)


def test_what_was_published_since_is_told(monkeypatch):
    then, now = (
        document(WithFacts(), monkeypatch, as_of=day) for day in ("2011-11-08", "2011-11-09")
    )
    said = {locale: next(p["lines"] for p in report(now, locale, earlier=then) if p["key"] == "changes") for locale in ("en", "zh")}  # fmt: skip
    assert "Return on equity: 127.0 %, published 2011-11-09; it was 126.0 %." in said["en"]
    assert "净资产收益率 (ROE)：2011-11-09 公布 127.0%，此前为 126.0%。" in said["zh"]
    assert sum("published" in line for line in said["en"]) == 5
    first = document(WithFacts(), monkeypatch, as_of="2005-02-08")
    new = [line for p in report(now, earlier=first) if p["key"] == "changes" for line in p["lines"]]
    assert "Return on equity: 127.0 %, published 2011-11-09." in new


def test_a_series_is_what_was_known_on_each_day():
    rng = np.random.default_rng(5)
    ends = pd.date_range("2015-03-31", periods=30, freq="QE")
    given = [
        fact(item, float(n), str(end.date()), str((end + pd.Timedelta(days=int(rng.integers(1, 300)))).date()))
        for n, end in enumerate(ends) for item in ("roe", "pb") for _ in range(2)
    ]  # fmt: skip
    given = [replace(each, value=each.value + 0.1 * n) for n, each in enumerate(given)]
    given += [
        fact("roe", 99.0, "2016-03-31", None),
        fact("dividend", 1.0, "2016-03-31", "2016-03-01"),
    ]
    days = pd.bdate_range("2015-01-01", "2022-12-30").to_numpy()
    found = series(given, days)
    assert list(found) == ["pb", "roe"]
    for name, values in found.items():
        for day, value in zip(days[::13], values[::13], strict=True):
            then = known(given, str(day)[:10], past=True).figures.get(name)
            assert value == then.value if then else np.isnan(value), (name, day)


def test_a_factor_of_the_user_reads_them_and_knows_no_later_one():
    seen = []

    def profitable(bars):
        seen.append(bars.columns.tolist())
        return (bars.roe - 1.0).clip(0, 1)

    own = OwnFactor(
        name="profitable",
        title="Profitable",
        title_zh="",
        about="",
        weight=0.2,
        family="profitable",
    )
    params = AnalysisParams.from_dict({"symbol": "IBM", "as_of": "2012-01-01"})
    study = Study(WithFacts(), params)
    judged = judging.judges(
        replace(params, factors=(own,), code="0" * 32),
        unpacking.Functions(factors={"profitable": profitable}),
    )
    findings, ahead = judged.examine(study.lines)
    assert (findings, ahead) == ([], frozenset())
    assert seen[0][:5] == ["open", "high", "low", "close", "volume"]
    assert set(seen[0][5:]) == {"eps", "roe", "shares_outstanding", "gross_margin", "revenue"}
    study.card, study.table = judged.card, judged.table
    rows = {
        row["key"]: row for family in study.part("score")["families"] for row in family["factors"]
    }
    assert rows["profitable"]["points"] == pytest.approx(20.0 * 0.27)
