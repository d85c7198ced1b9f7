"""Numbers of a commentary are found however they are written, and matched to the digits shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.commentary.check import check
from stockwidget.commentary.facts import facts_of

FACTS = {
    "provenance": {"first": "2013-01-02", "last": "2023-09-21", "bars": 2699},
    "summary": {
        "last_close": 173.92999267578125,
        "last_date": "2023-09-21",
        "return_20d": -0.03969745271224312,
        "return_1y": 0.11511680199789542,
        "max_drawdown": -0.3851591704664107,
        "high_52w": 197.9626673970187,
    },
    "bars": {"volume": 63047900.0},
    "indicators": {"sma_200": 164.99547760009764, "rsi_14": 40.019079219515014},
    "risk": {"var_95": -0.0285, "market_value": 2719000000000.0},
    "score": {"value": 27.0, "coverage": 1.0},
}


@pytest.mark.parametrize(
    "text",
    [
        "It closed at 173.93.",
        "It closed at $173.9, near 174 dollars.",
        "The 20-day return is -3.97%.",
        "The 20-day return is −4.0 %.",
        "It fell 3.97% over 20 days.",
        "It is down by about 4%.",
        "It lost 4 percent and gained 11.5 per cent over the year.",
        "Up 11.5 %, or +11.51%, over a year.",
        "The year brought 0.115 as a fraction, 1151 basis points.",
        "Its drawdown of 38.5% was the deepest.",
        "A drop of 38.52 percentage points.",
        "Volume was 63,047,900 shares, 63.05 million, 63.0M, 0.063 billion.",
        "成交量为6304.79万股，约0.63亿股，即6305万。",
        "市值2.72万亿，合27190亿元。",
        "近20日下跌3.97%，一年上涨百分之11.5。",
        "最大回撤为３８．５％。",
        "收于173.93元，高于200日均线（164.995）。",
        "RSI(14) at 40.0, RSI14 at 40, RSI-14 near 40%.",
        "MA200 and SMA(200) lie at 165.00.",
        "As of 2023-09-21, 2023/9/21, September 21, 2023, 21 Sept 2023, Sep 21.",
        "截至2023年9月21日（9月21日），2023年9月。",
        "In 2019 and in September 2023 nothing of it was seen.",
        "The score is 27 of 100, with 100% of the rules judged: 27/100.",
        "The 95% VaR is a loss of 2.85%, 2.9% at worst.",
        "1. First of all\n2) then\n- 3. last",
        "Between -4.0% and 11.5%, from 173.93 to 197.96.",
        "The 52-week high is 197.96; 2,699 bars were read.",
        "No numbers at all.",
    ],
)
def test_what_stands_in_the_facts_is_matched(text: str) -> None:
    facts = {**FACTS, "windows": {"high_52w": None, "return_20d": None}}
    assert check(text, facts).said == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("It closed at 173.94.", ["173.94"]),
        ("It closed at 173.930 and 173.9301.", ["173.9301"]),
        ("ROE of 35.2% and a P/E of 28.9.", ["35.2%", "28.9"]),
        ("The 20-day return is +3.97%.", ["+3.97%"]),
        ("It rose 3.97% over 20 days.", ["3.97%"]),
        ("It returned 3.97% over 20 days.", ["3.97%"]),
        ("近20日上涨3.97%。", ["3.97%"]),
        ("It fell 11.5% over the year.", ["11.5%"]),
        ("It gained 11.5%, then fell 11.5%.", ["11.5%"]),
        ("一年下跌了11.5%。", ["11.5%"]),
        ("It closed at 173.93%.", ["173.93%"]),
        ("Up 11.5 over the year.", ["11.5"]),
        ("Volume was 63,047,901 shares, 63.1 million.", ["63,047,901", "63.1 million"]),
        ("成交量为6.3亿股。", ["6.3亿"]),
        ("On 2023-09-22, September 20, 2023 and 2023年9月22日.",
         ["2023-09-22", "September 20, 2023", "2023年9月22日"]),
        ("In 2031, or in 1999.", ["2031", "1999"]),
        ("It rose 7 days in a row.", ["7"]),
        ("RSI(21) and MA33.", ["21", "33"]),
        ("Between 11.5 and 12.9%.", ["12.9%"]),
        ("It could gain twenty percent, or five hundred million.",
         ["twenty percent", "five hundred million"]),
        ("有望上涨百分之二十。", ["百分之二十"]),
        ("目标价２００元。", ["２００"]),
        ("A target of $250 within 12 months, $1,250.00 later.", ["$250", "$1,250.00"]),
    ],
)  # fmt: skip
def test_what_does_not_is_marked_as_it_was_written(text: str, wrong: list[str]) -> None:
    assert check(text, FACTS).said == wrong


def test_pieces_join_to_the_text_and_mark_the_unmatched() -> None:
    found = check("\U0001f4c8 173.93, then 999.", FACTS)
    assert "".join(part["text"] for part in found.parts()) == found.text
    assert [part["text"] for part in found.parts() if part["unmatched"]] == ["999"]
    assert found.count == 2


def _spellings(value: float, digits: int, unit: str) -> str:
    """``value`` by Python's own formatting, correctly rounded."""
    return {
        "plain": f"{value:.{digits}f}",
        "thousands": f"{value:,.{digits}f}",
        "percent": f"{value:.{digits}%}",
        "spaced": f"{value * 100:.{digits}f} %",
        "wan": f"{value / 1e4:.{digits}f}万",
        "yi": f"{value / 1e8:.{digits}f} 亿",
        "million": f"{value / 1e6:,.{digits}f} million",
        "dollars": f"{'-' if value < 0 else ''}${abs(value):,.{digits}f}",
    }[unit]


UNITS = st.sampled_from(
    ["plain", "thousands", "percent", "spaced", "wan", "yi", "million", "dollars"]
)
SENTENCES = st.sampled_from(["It is {}.", "{}", "现为{}。", "so far ({})", "a {}, b"])


@given(
    fact=st.floats(-1e12, 1e12, allow_nan=False),
    digits=st.integers(0, 6),
    unit=UNITS,
    sentence=SENTENCES,
)
def test_a_fact_is_matched_in_every_spelling(
    fact: float, digits: int, unit: str, sentence: str
) -> None:
    said = sentence.format(_spellings(fact, digits, unit))
    found = check(said, {"figure": fact})
    assert found.count == 1
    assert found.said == []


@given(
    fact=st.floats(1.0, 1e9),
    factor=st.floats(1.2, 50.0),
    digits=st.integers(2, 6),
    unit=st.sampled_from(["plain", "thousands", "percent", "spaced", "dollars"]),
)
def test_a_number_far_from_all_facts_never_is(
    fact: float, factor: float, digits: int, unit: str
) -> None:
    value = fact * factor + 101.0
    assert len(check(f"It is {_spellings(value, digits, unit)}.", {"figure": fact}).said) == 1


@given(day=st.dates(date(1990, 1, 1), date(2035, 12, 31)), form=st.integers(0, 5))
def test_days_are_matched_and_their_neighbours_are_not(day: date, form: int) -> None:
    def said(d: date) -> str:
        return [
            f"{d:%Y-%m-%d}",
            f"{d.year}/{d.month}/{d.day}",
            f"{d:%B} {d.day}, {d.year}",
            f"{d.day} {d:%b} {d.year}",
            f"{d.year}年{d.month}月{d.day}日",
            f"{d.month}月{d.day}日",
        ][form]

    facts = {"last": day.isoformat()}
    assert check(f"On {said(day)}.", facts).said == []
    assert check(f"On {said(day + timedelta(days=1))}.", facts).said != []


@given(st.text(max_size=200))
def test_no_text_upsets_it(text: str) -> None:
    assert "".join(part["text"] for part in check(text, FACTS).parts()) == text


def test_the_series_are_no_facts() -> None:
    document = {
        "symbol": "X",
        "bars": {"date": ["2023-01-02", "2023-01-03"], "close": [55.5, 66.6]},
        "indicators": {"sma_20": [None, 61.05]},
        "score": {"value": 27.0, "band": "reduce", "history": [88.0, 27.0]},
    }
    facts = facts_of(document, "en")
    assert facts["bars"] == {"date": "2023-01-03", "close": 66.6}
    assert check("66.6 and 61.05 with 27", facts).said == []
    assert check("55.5 and 88", facts).said == ["55.5", "88"]
