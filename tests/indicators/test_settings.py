"""At other settings than the table's the functions still equal their references; wrong ones fail."""

import numpy as np
import pytest
from other_answers import answer

from stockwidget import indicators as ind
from stockwidget.errors import InvalidRequest
from stockwidget.indicators.table import TABLE

INPUTS = {row.function.__name__: row.inputs for row in TABLE}
SETTINGS = [
    ("wma", {"window": 5}),
    ("ema", {"window": 50, "convention": "tdx"}),
    ("macd", {"fast": 5, "slow": 35, "signal": 5, "convention": "tdx"}),
    ("rsi", {"window": 6, "convention": "tdx"}),
    ("percent_b", {"window": 10, "width": 1.5}),
    ("bandwidth", {"window": 50, "width": 3.0}),
    ("natr", {"window": 5}),
    ("stochastic", {"window": 5, "smooth": 3, "signal": 3}),
    ("stochastic", {"window": 21, "smooth": 1, "signal": 5}),
    ("kdj", {"window": 14, "smooth": 5, "signal": 4, "convention": "tdx"}),
    ("kdj", {"window": 14, "smooth": 5, "signal": 4, "convention": "talib"}),
    ("adx", {"window": 2}),
    ("adx", {"window": 7}),
    ("cci", {"window": 14}),
    ("williams_r", {"window": 5}),
    ("roc", {"bars": 1}),
    ("momentum", {"bars": 1}),
    ("mfi", {"window": 5}),
    ("vwap", {"window": 5}),
    ("volume_ratio", {"window": 20}),
    ("donchian", {"window": 55}),
    ("keltner", {"window": 10, "atr_window": 20, "width": 1.5}),
    ("keltner", {"window": 20, "atr_window": 20, "width": 1.0}),
    ("ichimoku", {"tenkan": 7, "kijun": 22, "senkou": 44, "shift": 0}),
    ("parabolic_sar", {"acceleration": 0.05, "maximum": 0.1}),
    ("aroon", {"window": 25}),
    ("beta", {"window": 5}),
    ("correlation", {"window": 5}),
    ("highest", {"window": 5}),
    ("lowest", {"window": 252}),
    ("zscore", {"window": 60}),
]


@pytest.mark.parametrize(("name", "settings"), SETTINGS, ids=str)
def test_other_settings(name, settings, ibm):
    found = getattr(ind, name)(*(ibm[column] for column in INPUTS[name]), **settings)
    parts = found if isinstance(found, tuple) else (found,)
    for ours, theirs in zip(parts, answer(name, ibm, settings), strict=True):
        top = np.nanmax(np.abs(theirs))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * top)


WRONG = [
    ("wma", {"window": 0}, "window"),
    ("ema", {"convention": "tongdaxin"}, "convention"),
    ("kdj", {"smooth": 0}, "smooth"),
    ("stochastic", {"signal": 1.5}, "signal"),
    ("adx", {"window": 1}, "window"),
    ("aroon", {"window": 1}, "window"),
    ("cci", {"window": 1}, "window"),
    ("mfi", {"window": 1}, "window"),
    ("keltner", {"width": float("nan")}, "width"),
    ("keltner", {"atr_window": 0}, "atr_window"),
    ("percent_b", {"width": "2"}, "width"),
    ("ichimoku", {"shift": -1}, "shift"),
    ("parabolic_sar", {"acceleration": 0.3}, "acceleration"),
    ("parabolic_sar", {"maximum": 0}, "maximum"),
    ("beta", {"window": 1}, "window"),
    ("volume_ratio", {"window": 0}, "window"),
]


@pytest.mark.parametrize(("name", "settings", "field"), WRONG, ids=str)
def test_wrong_settings(name, settings, field, ibm):
    with pytest.raises(InvalidRequest) as caught:
        getattr(ind, name)(*(ibm[column] for column in INPUTS[name]), **settings)
    assert caught.value.data["field"] == field


@pytest.mark.parametrize("name", sorted(name for name, used in INPUTS.items() if len(used) > 1))
def test_columns_of_different_lengths(name, ibm):
    first, *others = (ibm[column] for column in INPUTS[name])
    with pytest.raises(InvalidRequest, match="differ in length"):
        getattr(ind, name)(first[1:], *others)
