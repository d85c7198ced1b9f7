"""Made-up bars are kept on disk as long as there is room for them, and are the same bars if there is none."""

import numpy as np
import pytest

from stockwidget.scan import made_up
from stockwidget.scan.made_up import SyntheticSupply

SYMBOLS = ("SYN00001", "SYN00002")


@pytest.fixture
def kept(tmp_path):
    supply = SyntheticSupply(tmp_path / "kept")
    supply.prepare(SYMBOLS)
    return supply


def test_what_is_asked_for_is_kept_in_whole_partitions(kept):
    assert kept._store.symbols[:2] == SYMBOLS
    assert len(kept._store.symbols) == made_up.STORE_CHUNK


@pytest.mark.parametrize(
    ("name", "value"), [("ROOM", 1 << 62), ("KEPT", 0)], ids=["disk full", "too many"]
)
def test_without_room_nothing_is_written_and_the_bars_are_the_same(
    kept, tmp_path, monkeypatch, name, value
):
    monkeypatch.setattr(made_up, name, value)
    supply = SyntheticSupply(tmp_path / "not yet" / "there")
    supply.prepare(SYMBOLS)
    assert not (tmp_path / "not yet").exists()
    one, other = kept.load(SYMBOLS).block, supply.load(SYMBOLS).block
    for column in ("offsets", "dates", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column))
