"""A symbol has one spelling, and its suffix tells the market."""

import pytest

from stockwidget.errors import InvalidRequest
from stockwidget.symbols import looks_synthetic, market, normalize


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        (" aapl ", "AAPL"),
        ("brk.b", "BRK.B"),
        ("0700.hk", "0700.HK"),
        ("700.HK", "0700.HK"),
        ("00700.HK", "0700.HK"),
        ("80700.HK", "80700.HK"),
        ("9988.HK", "9988.HK"),
        ("600519.ss", "600519.SS"),
        ("000001.SZ", "000001.SZ"),
        ("^gspc", "^GSPC"),
        ("syn00001", "SYN00001"),
    ],
)
def test_normalize(text, symbol):
    assert normalize(text) == symbol
    assert normalize(symbol) == symbol


@pytest.mark.parametrize(
    "text", ["", "   ", "AA PL", "../etc", "A" * 25, ".HK", "苹果", None, 7, ["A"]]
)
def test_what_is_no_symbol_is_refused_with_its_field(text):
    with pytest.raises(InvalidRequest) as caught:
        normalize(text, field="universe")
    assert caught.value.data["field"] == "universe"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("symbol", "code", "currency"),
    [
        ("AAPL", "US", "USD"),
        ("BRK.B", "US", "USD"),
        ("0700.HK", "HK", "HKD"),
        ("600519.SS", "CN", "CNY"),
        ("000001.SZ", "CN", "CNY"),
        ("830799.BJ", "CN", "CNY"),
        ("BRK-B", "US", "USD"),
        ("VOD.L", "", ""),
        ("600519", "", ""),
        ("SH600519", "", ""),
        ("^HSI", "", ""),
        ("EURUSD=X", "", ""),
        ("SYN00001", "US", "USD"),
    ],
)
def test_market(symbol, code, currency):
    assert (market(symbol).code, market(symbol).currency) == (code, currency)


def test_looks_synthetic():
    assert looks_synthetic("SYN00001")
    assert not looks_synthetic("SYN1")
    assert not looks_synthetic("SYNA")
