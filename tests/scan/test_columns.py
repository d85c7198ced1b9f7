"""The light table of column names says the same as the indicators that compute them."""

import pytest

from stockwidget.errors import InvalidRequest
from stockwidget.indicators.table import BY_OUTPUT
from stockwidget.params import ScanParams
from stockwidget.scan.columns import COLUMNS, check, check_params, needed, shown


def test_every_column_is_a_price_or_an_indicator():
    assert set(COLUMNS) <= {"close", "volume", *BY_OUTPUT}


@pytest.mark.parametrize("name", sorted(set(COLUMNS) - {"close", "volume"}))
def test_history_needed_is_the_indicators(name):
    assert COLUMNS[name].bars == BY_OUTPUT[name].lookback + 1


def test_a_wrong_name_gives_the_nearest():
    with pytest.raises(InvalidRequest, match="Did you mean rsi_14") as caught:
        check("rsi14", "sort")
    assert caught.value.data["field"] == "sort"
    assert caught.value.data["nearest"][0] == "rsi_14"
    with pytest.raises(InvalidRequest, match="Known: close, volume"):
        check("zzzz", "sort")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"where": {"rsi": ["<", 3]}}, "where.rsi"),
        ({"sort": "rank"}, "sort"),
        ({"columns": ["close", "pe"]}, "columns"),
    ],
)
def test_params_are_checked_everywhere(data, field):
    with pytest.raises(InvalidRequest) as caught:
        check_params(ScanParams.from_dict(data))
    assert caught.value.data["field"] == field


def test_shown_columns():
    usual = ScanParams.from_dict({"where": {"sma_50": [">", 1]}, "sort": "ret_252"})
    assert needed(usual) == ("sma_50", "ret_252")
    assert shown(usual) == ("close", "ret_20", "rsi_14", "sma_50", "ret_252")
    chosen = ScanParams.from_dict({"columns": ["symbol", "atr_14", "ret_20"]})
    check_params(chosen)
    assert shown(chosen) == ("atr_14", "ret_20")
