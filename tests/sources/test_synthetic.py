"""Synthetic bars are labelled, valid, the same on every call, and move like real ones."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from stockwidget.bars import validate
from stockwidget.errors import UnknownSymbol
from stockwidget.sources.synthetic import BARS, LAST, SyntheticSource, generate, universe

SOURCE = SyntheticSource()
SOME = [1, 2, 3, 57, 999, 12_345, 99_999]


@pytest.mark.parametrize("number", SOME)
def test_bars_are_valid_and_labelled(number):
    bars = SOURCE.bars(f"SYN{number:05d}")
    validate(bars.frame, symbol=bars.symbol)
    assert bars.provenance.synthetic
    assert "Synthetic" in bars.name
    assert "Made up" in bars.provenance.note
    assert len(bars.frame) == BARS
    assert bars.frame.index[-1].date().isoformat() == LAST
    assert np.is_busday(bars.frame.index.to_numpy().astype("datetime64[D]")).all()


def test_a_symbol_does_not_depend_on_its_company():
    alone = SOURCE.bars("SYN00057").frame
    for symbol in universe(60):
        again = SOURCE.bars(symbol).frame
        if symbol == "SYN00057":
            assert again.equals(alone)
    assert generate(56)[:, 3].tolist() != generate(57)[:, 3].tolist()


def test_another_process_makes_the_same_bars():
    code = (
        "import hashlib; from stockwidget.sources.synthetic import generate;"
        "print(hashlib.sha256(generate(7).tobytes()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(generate(7).tobytes()).hexdigest()


def test_returns_are_heavy_tailed_and_cluster():
    """Facts of daily returns (Cont 2001): kurtosis above 0, squares correlated, returns not."""
    kurtosis, squares, plain, deviation = [], [], [], []
    for number in range(1, 101):
        r = np.diff(np.log(generate(number)[:, 3]))
        z = (r - r.mean()) / r.std()
        kurtosis.append((z**4).mean() - 3)
        squares.append(np.corrcoef(z[1:] ** 2, z[:-1] ** 2)[0, 1])
        plain.append(np.corrcoef(z[1:], z[:-1])[0, 1])
        deviation.append(r.std() * 252**0.5)
    assert np.median(kurtosis) > 0.5
    assert np.median(squares) > 0.08
    assert abs(np.median(plain)) < 0.03
    assert 0.15 < np.median(deviation) < 0.60


def test_prices_are_cents_and_volumes_lots():
    bars = np.concatenate([generate(n) for n in SOME])
    np.testing.assert_allclose(bars[:, :4] * 100, np.round(bars[:, :4] * 100), atol=1e-6)
    assert (bars[:, 4] % 100 == 0).all()
    assert (bars[:, 4] > 0).all()


@pytest.mark.parametrize("symbol", ["SYN00000", "SYN1", "AAPL", "SYN100000"])
def test_unknown_symbols(symbol):
    with pytest.raises(UnknownSymbol, match="SYN00001 to SYN99999"):
        SOURCE.bars(symbol)


def test_the_universe():
    assert universe(3) == ("SYN00001", "SYN00002", "SYN00003")
    assert len(SOURCE.symbols()) == 99_999
