"""A store keeps facts beside bars: by version, checked, and none changes unnoticed."""

import pandas as pd
import pytest
from made_up_market import market

from stockwidget.errors import DamagedStore, InvalidFacts, InvalidRequest
from stockwidget.facts.table import read
from stockwidget.sources.registry import get_source, version
from stockwidget.store.barstore import KEPT, BarStore


def facts(*rows):
    return pd.DataFrame(rows, columns=["symbol", "item", "value", "period_end", "published"])


FIRST = facts(("A", "roe", 0.1, "2019-12-31", "2020-02-20"), ("B", "roe", 0.2, "2019-12-31", None))


@pytest.fixture
def store(tmp_path):
    found = BarStore(tmp_path / "bars")
    found.append(market(["A", "B"], 0, 40), fetched_at="2026-01-31T16:30:00+08:00")
    return found


def test_what_went_in_comes_out_and_bars_stay(store):
    before = store.bars("A")
    assert store.facts().empty
    assert BarStore(store.path.parent / "none").facts("A").empty
    assert store.put_facts(FIRST) == 2
    assert store.facts("A")["value"].tolist() == [0.1]
    assert store.facts("B")["published"].isna().all()
    assert store.facts("C").empty
    pd.testing.assert_frame_equal(store.facts("C"), BarStore(store.path.parent / "none").facts())
    pd.testing.assert_frame_equal(store.bars("A"), before)
    store.append(market(["A", "B"], 40, 45))
    assert len(store.facts()) == 2, "an appended day keeps them"
    assert store.verify() == []


def test_again_changes_nothing_and_a_correction_is_a_row_of_its_own(store):
    store.put_facts(FIRST)
    assert store.put_facts(FIRST) == 2
    store.put_facts(facts(("A", "roe", 0.09, "2019-12-31", "2020-06-01")))
    assert store.facts("A")["value"].tolist() == [0.1, 0.09]
    with pytest.raises(
        InvalidFacts, match=r"row 0: A roe: its value was 0\.1 and is now 0\.3"
    ) as caught:
        store.put_facts(facts(("A", "roe", 0.3, "2019-12-31", "2020-02-20")))
    assert caught.value.data["rule"] == "revised"
    store.put_facts(facts(("A", "roe", 0.3, "2019-12-31", "2020-02-20")), replace=True)
    assert store.facts("A")["value"].tolist() == [0.3]
    assert store.facts("B")["value"].tolist() == [0.2]


def test_a_reader_goes_on_with_its_version(store):
    store.put_facts(FIRST)
    reader = BarStore(store.path).snapshot
    for number in range(KEPT + 2):
        store.put_facts(facts(("A", "pb", 1.0 + number, "2019-12-31", f"2020-03-0{number + 1}")))
    assert len(reader.facts("A")) == 1
    assert len(store.facts("A")) == KEPT + 3
    kept = {path.name for path in (store.path / "segments").iterdir()}
    assert sum("facts" in name for name in kept) == KEPT


def test_a_damaged_file_of_facts_is_named_and_taken_out(store):
    store.put_facts(FIRST)
    path = store.path / "segments" / store.snapshot.manifest.facts
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedStore, match=r"00000002-facts\.parquet"):
        BarStore(store.path).facts()
    assert store.repair() == []
    assert store.facts().empty
    assert len(store.bars("A")) == 40


def test_facts_of_many_companies_are_found_in_groups(store):
    symbols = [f"S{number:04d}" for number in range(1500)]
    rows = [(s, item, 1.0, "2019-12-31", "2020-02-20") for s in symbols for item in ("pb", "roe", "ps_ttm", "eps")]  # fmt: skip
    store.put_facts(facts(*rows))
    for symbol in ("S0000", "S1023", "S1024", "S1499"):
        assert store.facts(symbol)["item"].tolist() == ["eps", "pb", "ps_ttm", "roe"]


def test_a_file_of_facts(store, tmp_path):
    FIRST.to_csv(tmp_path / "facts.csv", index=False)
    store.put_facts(tmp_path / "facts.csv")
    pd.testing.assert_frame_equal(store.facts(), read(FIRST))
    with pytest.raises(InvalidRequest, match="no Parquet or CSV file"):
        store.put_facts(tmp_path / "none.csv")


def test_the_source_of_a_store_has_the_facts_and_when_they_came(store):
    source = get_source(f"store:{store.path}")
    assert source.facts("A") is None, "a store without any"
    before = version(source.name)
    assert source.bars("A").provenance.fetched_at == "2026-01-31T08:30:00Z"
    store.put_facts(FIRST, fetched_at="2026-02-01")
    assert version(source.name) != before
    assert [fact.item for fact in source.facts("A")] == ["roe"]
    assert source.facts("ZZZ") == ()
    assert source.bars("A").provenance.fetched_at == "2026-02-01T00:00:00Z"
    with pytest.raises(InvalidRequest, match="fetched_at must be a moment, not 'yesterday'"):
        store.append(market(["A"], 40, 41), fetched_at="yesterday")
