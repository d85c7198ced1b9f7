"""Facts are taken in whatever frame users have; what is wrong is named with its row, nothing is mended."""

import pandas as pd
import pytest

from stockwidget.errors import InvalidFacts, InvalidRequest
from stockwidget.facts import EVENTS, FIGURES, ITEMS, Fact
from stockwidget.facts.table import COLUMNS, facts_of, nothing, read

ROWS = pd.DataFrame(
    [
        ("AAPL", "eps", 5.96, "2023-06-30", "2023-08-03", "USD", "10-Q"),
        ("AAPL", "roe", 1.6, "2023-06-30", "2023-08-03", None, "10-Q"),
        ("AAPL", "dividend", 0.24, "2023-08-11", "2023-08-03", "USD", ""),
        ("AAPL", "earnings", None, "2023-11-02", "2023-10-05", None, ""),
        ("0700.HK", "split", 5.0, "2014-05-15", None, None, ""),
    ],
    columns=["symbol", "item", "value", "period_end", "published", "currency", "source"],
)


def test_one_form():
    found = read(ROWS)
    assert tuple(found.columns) == COLUMNS
    assert found["symbol"].tolist() == ["0700.HK", *["AAPL"] * 4], "sorted"
    assert facts_of(found[found["item"] == "eps"]) == (
        Fact(item="eps", value=5.96, period_end="2023-06-30", published="2023-08-03",
             currency="USD", source="10-Q"),
    )  # fmt: skip
    ahead = facts_of(found[found["item"] == "earnings"])[0]
    assert (ahead.value, ahead.published) == (None, "2023-10-05")
    assert facts_of(found[found["item"] == "split"])[0].published is None


@pytest.mark.parametrize(
    "frame",
    [
        ROWS.sample(frac=1, random_state=1),
        ROWS.set_index(["symbol", "item"]),
        ROWS.rename(columns={"symbol": "Ticker", "period_end": "End Date", "published": "ann_date"}),
        ROWS.assign(period_end=pd.to_datetime(ROWS["period_end"]), symbol=ROWS["symbol"].str.lower()),
        ROWS.assign(published=ROWS["published"].str.replace("-", "")),
        ROWS.assign(published=ROWS["published"].str.replace("-", "").astype(float)),
        ROWS.assign(extra=1),
    ],
)  # fmt: skip
def test_forms(frame):
    pd.testing.assert_frame_equal(read(frame), read(ROWS))


def test_no_rows_are_no_facts():
    pd.testing.assert_frame_equal(read(ROWS.iloc[:0]), nothing())


def test_percent_is_said_not_guessed():
    frame = ROWS.iloc[[1]].assign(value=160.0, unit="percent")
    assert read(frame)["value"].tolist() == pytest.approx([1.6])
    assert read(frame.drop(columns="unit"))["value"].tolist() == [160.0], "sixteen thousand percent"


def test_a_symbol_that_the_frame_does_not_say():
    assert set(read(ROWS.drop(columns="symbol").iloc[:2], symbol="msft")["symbol"]) == {"MSFT"}
    with pytest.raises(InvalidRequest, match="no column symbol"):
        read(ROWS.drop(columns="symbol"))


def spoil(row, column, value):
    frame = ROWS.astype({column: object}) if column in ROWS else ROWS.assign(**{column: None})
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "rule", "row", "says"),
    [
        (spoil(1, "item", "roa"), "item", 1, "'roa' is no item"),
        (spoil(0, "item", "ep"), "item", 0, "did you mean eps"),
        (spoil(2, "symbol", None), "symbol", 2, "it has none"),
        (spoil(0, "value", "n/a"), "value", 0, "AAPL|eps"),
        (spoil(1, "value", float("inf")), "value", 1, "roe: inf is no number"),
        (spoil(1, "value", None), "value", 1, "roe"),
        (spoil(2, "value", -0.24), "value", 2, "not above zero"),
        (spoil(1, "unit", "amount"), "unit", 1, "its unit is fraction, not 'amount'"),
        (spoil(1, "item", "gross_margin"), "unit", 1, "1.6 is more than the whole"),
        (spoil(0, "currency", "dollars"), "currency", 0, "'dollars' is no code"),
        (spoil(0, "published", "soon"), "date", 0, "published 'soon' is no plain date"),
        (spoil(0, "published", "2023-08-03 16:30"), "date", 0, "is no plain date"),
        (spoil(0, "published", pd.Timestamp("2023-08-03", tz="America/New_York")), "date", 0, "plain date"),
        (spoil(1, "symbol", "A B"), "symbol", 1, "'A B' is not a symbol"),
        (spoil(1, "published", "2023-08"), "date", 1, "published '2023-08' is no plain date"),
        (spoil(1, "published", 2023), "date", 1, "published 2023 is no plain date"),
        (spoil(1, "published", "03/08/2023"), "date", 1, "no plain date"),
        (spoil(1, "published", "today"), "date", 1, "no plain date"),
        (spoil(2, "period_end", None), "date", 2, "an event has a day"),
        (spoil(0, "published", "2023-05-04"), "order", 0, "before its period ends on 2023-06-30"),
        (spoil(3, "value", 1.4), "order", 3, "published 2023-10-05, before"),
        (pd.concat([ROWS, ROWS.iloc[[1]]], ignore_index=True), "duplicate", 5, "the same stands in row 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(frame, rule, row, says):
    with pytest.raises(InvalidFacts, match=says) as caught:
        read(frame)
    assert (caught.value.data["rule"], caught.value.data["row"]) == (rule, row)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (ROWS.drop(columns="item"), "no column item"),
        (ROWS.drop(columns="value"), "no column value"),
        ({"eps": 1.0}, "DataFrame, not as dict"),
        (ROWS.assign(date="2023-06-30"), "Two columns of the facts are a period_end"),
    ],
)
def test_what_is_no_frame_of_facts(frame, says):
    with pytest.raises(InvalidRequest, match=says):
        read(frame)


def test_every_item_is_named_in_both_languages():
    assert {*FIGURES, *EVENTS} <= set(ITEMS)
    for item in ITEMS.values():
        assert item.title
        assert item.rule
        assert any("\u4e00" <= letter <= "\u9fff" for letter in item.title_zh + item.rule_zh)
