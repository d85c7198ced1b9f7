"""The copying loops meet the same kinds of arrays in every use, so that they are compiled once."""

from made_up_market import market

from stockwidget.store.barstore import BarStore
from stockwidget.store.gather import compile_both, copy_adjusted, copy_raw


def test_what_is_compiled_beforehand_is_what_a_store_uses(tmp_path):
    compile_both()
    store = BarStore(tmp_path / "bars")
    store.append(market(["A", "B", "C"], 0, 50))
    store.append(market(["A", "B"], 48, 90, dividend=80))
    store.bars("A")
    store.snapshot.block(["C", "A"])
    store.snapshot.newest(["A", "B"], 30, {"low": 3})
    assert (len(copy_raw.signatures), len(copy_adjusted.signatures)) == (1, 1)
