"""Parameters are validated with the field named, and equal requests have one canonical form."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.errors import InvalidRequest, UnknownParameter
from stockwidget.params import OPS, WEIGHTS, AnalysisParams, Condition, ScanParams
from stockwidget.params.reading import day_of


def refused(cls, **data):
    with pytest.raises(InvalidRequest) as caught:
        cls.from_dict(data)
    assert caught.value.hint, "an error says what to do"
    return caught.value


def test_an_analysis_of_defaults_is_its_symbol():
    params = AnalysisParams.from_dict({"symbol": " aapl", "source": "sample", "adjust": "adjusted"})
    assert params == AnalysisParams(symbol="AAPL")
    assert params.to_dict() == {"symbol": "AAPL"}


@pytest.mark.parametrize(
    "start", ["2020-01-31", "20200131", date(2020, 1, 31), pd.Timestamp("2020-01-31 15:00")]
)
def test_dates_take_one_form(start):
    params = AnalysisParams.from_dict({"symbol": "AAPL", "start": start})
    assert params.to_dict() == {"symbol": "AAPL", "start": "2020-01-31"}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "symbol"),
        ({"symbol": ""}, "symbol"),
        ({"symbol": "AAPL", "start": "yesterday"}, "start"),
        ({"symbol": "AAPL", "end": 20200131}, "end"),
        ({"symbol": "AAPL", "start": "2020-02-01", "end": "2020-01-01"}, "start"),
        ({"symbol": "AAPL", "adjust": "qfq"}, "adjust"),
        ({"symbol": "AAPL", "source": None}, "source"),
        ({"symbol": "AAPL", "commentary_locale": [[]]}, "commentary_locale"),
    ],
)
def test_a_bad_analysis_names_its_field(data, field):
    assert refused(AnalysisParams, **data).data["field"] == field


def test_an_unknown_key_names_the_nearest():
    error = refused(AnalysisParams, symbol="AAPL", simbol="MSFT")
    assert isinstance(error, UnknownParameter)
    assert error.data == {"field": "simbol", "nearest": ["symbol"]}
    assert "Did you mean symbol?" in error.hint


def test_a_scan_of_defaults():
    assert ScanParams.from_dict({}) == ScanParams(universe="sample")
    assert ScanParams.from_dict({}).to_dict() == {"universe": "sample"}


def test_where_takes_pairs_in_any_order():
    a = ScanParams.from_dict({"where": {"rsi_14": ("<", 70), "close": [">", 5]}})
    b = ScanParams.from_dict({"where": {"close": (">", 5.0), "rsi_14": ["<", 70]}})
    assert a == b
    assert json.dumps(a.to_dict()) == json.dumps(b.to_dict())
    assert a.where[0] == Condition(column="close", op=">", value=5.0)
    assert str(a.where[1]) == "rsi_14 < 70"


def test_a_list_of_symbols_is_spelt_once():
    params = ScanParams.from_dict({"universe": ["aapl", "MSFT", "AAPL "]})
    assert params.universe == ("AAPL", "MSFT")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"universe": "nasdaq"}, "universe"),
        ({"universe": "synthetic"}, "universe"),
        ({"universe": "synthetic:0"}, "universe"),
        ({"universe": "synthetic:100000"}, "universe"),
        ({"universe": "synthetic:-5"}, "universe"),
        ({"universe": "synthetic:" + "9" * 5000}, "universe"),
        ({"universe": []}, "universe"),
        ({"universe": ["AAPL", 5]}, "universe"),
        ({"universe": {"AAPL": 1}}, "universe"),
        ({"where": ["rsi_14", "<", 70]}, "where"),
        ({"where": {"rsi_14": 70}}, "where.rsi_14"),
        ({"where": {"rsi_14": "<7"}}, "where.rsi_14"),
        ({"where": {"rsi_14": ("=<", 70)}}, "where.rsi_14"),
        ({"where": {"rsi_14": ("<", "70")}}, "where.rsi_14"),
        ({"where": {"rsi_14": ("<", True)}}, "where.rsi_14"),
        ({"where": {"rsi_14": ("<", float("nan"))}}, "where.rsi_14"),
        ({"where": {"rsi_14": (["<"], 70)}}, "where.rsi_14"),
        ({"sort": 3}, "sort"),
        ({"descending": "yes"}, "descending"),
        ({"top": 0}, "top"),
        ({"top": 2.5}, "top"),
        ({"top": True}, "top"),
        ({"rule": 3}, "rule"),
        ({"rank": ""}, "rank"),
        ({"market": "MOON"}, "market"),
        ({"min_bars": 0}, "min_bars"),
        ({"min_turnover": -1.0}, "min_turnover"),
        ({"universe": "store:bars"}, "universe"),
        ({"columns": "close"}, "columns"),
        ({"columns": [1]}, "columns"),
        ({"cluster": "local:0"}, "cluster"),
        ({"cluster": "local:" + "9" * 5000}, "cluster"),
        ({"cluster": f"local:{1:020}00000"}, "cluster"),
        ({"cluster": "http://127.0.0.1:1"}, "cluster"),
    ],
)
def test_a_bad_scan_names_its_field(data, field):
    assert refused(ScanParams, **data).data["field"] == field


COLUMNS = ["close", "rsi_14", "sma(20)", "ret_20", "drawdown(252)"]
scans = st.fixed_dictionaries(
    {},
    optional={
        "universe": st.sampled_from(
            ["sample", "synthetic:7", "store:/a/Bars", ["AAPL"], ["0700.HK", "BRK.B"]]
        ),
        "where": st.dictionaries(
            st.sampled_from(sorted(COLUMNS)),
            st.tuples(st.sampled_from(OPS), st.floats(allow_nan=False, allow_infinity=False)),
            max_size=3,
        ),
        "sort": st.sampled_from(sorted(COLUMNS)),
        "rule": st.sampled_from(["close > 1", "rsi(14) < 30 or close > sma(200)"]),
        "rank": st.sampled_from(["ret(5)", "close / sma(20)"]),
        "market": st.sampled_from(["CN", "US"]),
        "min_bars": st.integers(1, 500),
        "min_turnover": st.floats(1, 1e9),
        "descending": st.booleans(),
        "top": st.none() | st.integers(1, 500),
        "columns": st.none() | st.lists(st.sampled_from(sorted(COLUMNS)), unique=True),
    },
)


@given(scans)
def test_a_scan_survives_json_and_back(data):
    params = ScanParams.from_dict(data)
    plain = params.to_dict()
    again = ScanParams.from_dict(json.loads(json.dumps(plain)))
    assert again == params
    assert again.to_dict() == plain


@pytest.mark.parametrize(
    ("data", "words", "field"),
    [
        ({"end": "2020-01-01", "as_of": "2020-01-01"}, "both say where", "as_of"),
        ({"start": "2020-01-02", "as_of": "2020-01-01"}, "after as_of", "start"),
        ({"as_of": "yesterday"}, "must be a date", "as_of"),
        ({"benchmark": ""}, "", "benchmark"),
        ({"risk_free": 3}, "0.03", "risk_free"),
        ({"risk_free": True}, "0.03", "risk_free"),
        ({"weights": [1.0]}, "must map", "weights"),
        ({"weights": {"trend": 0.6, "volume": 0.5}}, "sum to 1.1", "weights"),
        ({"weights": {"trnd": 1}}, "Did you mean trend", "weights.trnd"),
        ({"weights": {"trend": "1"}}, "a number from 0", "weights.trend"),
    ],
)
def test_how_an_analysis_is_judged_is_checked(data, words, field):
    error = refused(AnalysisParams, symbol="AAPL", **data)
    assert words in f"{error.message} {error.hint}"
    assert error.data["field"] == field


def test_weights_have_one_form():
    given = {"momentum": 0.5, "volume": 0, "trend": 0.5}
    params = AnalysisParams.from_dict({"symbol": "AAPL", "weights": given})
    assert params.to_dict() == {"symbol": "AAPL", "weights": {"trend": 0.5, "momentum": 0.5}}
    assert AnalysisParams.from_dict(params.to_dict()) == params
    usual = AnalysisParams.from_dict({"symbol": "AAPL", "weights": dict(WEIGHTS)})
    assert usual == AnalysisParams(symbol="AAPL")


def test_as_of_is_the_last_day():
    params = AnalysisParams.from_dict({"symbol": "AAPL", "as_of": "2020-01-01"})
    assert (params.last, params.to_dict()["as_of"]) == ("2020-01-01", "2020-01-01")
    assert AnalysisParams(symbol="AAPL", end="2020-01-02").last == "2020-01-02"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-01-31", date(2024, 1, 31)),
        (" 2024/1/31 ", date(2024, 1, 31)),
        ("20240131", date(2024, 1, 31)),
        (20240131.0, date(2024, 1, 31)),
        ("2024-01-31 00:00:00", date(2024, 1, 31)),
        (pd.Timestamp(2024, 1, 31), date(2024, 1, 31)),
        (np.datetime64("2024-01-31", "ns"), date(2024, 1, 31)),
        (np.int64(20240131), date(2024, 1, 31)),
        *((cell, None) for cell in ("2024-01", "2024", 2024, "2024Q1", "31/01/2024", "01/02/2024")),
        *(
            (cell, None)
            for cell in ("today", "2024-02-30", "2024-1/31", "2024131", True, 1e300, "")
        ),
        (pd.Timestamp(2024, 1, 31, 16), None),
        (pd.Timestamp(2024, 1, 31, tz="UTC"), None),
    ],
)
def test_a_cell_names_a_day_or_none_is_guessed(cell, day):
    assert day_of(cell) == day
