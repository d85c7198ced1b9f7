"""A universe is all of one source, and made-up symbols never stand among real ones."""

import pytest

from stockwidget.errors import InvalidRequest
from stockwidget.scan.universe import resolve


def test_sample():
    found = resolve("sample")
    assert found.source.name == "sample"
    assert len(found.symbols) == 9


def test_synthetic():
    found = resolve("synthetic:3")
    assert found.source.name == "synthetic"
    assert found.symbols == ("SYN00001", "SYN00002", "SYN00003")
    assert found.label == "synthetic:3"


def test_lists():
    assert resolve(("AAPL", "MSFT")).source.name == "sample"
    assert resolve(("SYN00007",)).source.name == "synthetic"
    assert resolve(("A", "B", "C", "D", "E")).label == "A, B, C +2"


def test_mixtures_are_refused():
    with pytest.raises(InvalidRequest, match="mixes synthetic") as caught:
        resolve(("AAPL", "SYN00001"))
    assert caught.value.data["field"] == "universe"
