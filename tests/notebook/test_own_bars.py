"""Bars of the user's own are analysed from a frame, a store or a folder alike; what is bad is named alike."""

import pandas as pd
import pytest
from made_up_market import bars, market

from stockwidget import jobs
from stockwidget.errors import InvalidFacts, InvalidRequest
from stockwidget.notebook.own_bars import place_of
from stockwidget.notebook.results import AnalysisResult
from stockwidget.store.barstore import BarStore
from stockwidget.store.places import VARIABLE

LONG = market(["A", "B"], 0, 120)
FACTS = pd.DataFrame(
    {"symbol": "A", "item": "eps", "value": [2.0], "period_end": "2019-12-31", "published": "2020-02-20"}
)  # fmt: skip


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    return tmp_path


def analysed(symbol, source="sample", facts=None, **params):
    symbol, name = place_of(symbol, source, facts)
    *_, last = jobs.analysis({"symbol": symbol, "source": name, **params})
    return AnalysisResult(last.data)


def test_every_place_of_the_same_bars_gives_the_same_analysis(place):
    folder, store = place / "files", BarStore(place / "bars")
    folder.mkdir()
    for symbol in ("A", "B"):
        bars(symbol, 0, 120).to_csv(folder / f"{symbol}.csv")
    store.append(LONG)
    found = [analysed("A", each) for each in (LONG, store, store.path, f"store:{store.path}", folder, f"folder:{folder}")]  # fmt: skip
    found.append(analysed(bars("A", 0, 120).assign(symbol="A")))
    found.append(analysed("A", bars("A", 0, 120)))
    for each in found:
        pd.testing.assert_frame_equal(each.bars, found[0].bars)
        assert each.score.value == found[0].score.value
    assert [each.provenance["source"] for each in found] == ["frame", *["store"] * 3, *["folder"] * 2, *["frame"] * 2]  # fmt: skip
    fetched = [each.provenance["fetched_at"] for each in found]
    assert fetched[1] == store.snapshot.manifest.fetched_at
    assert fetched[0] is fetched[4] is None, "nobody said when"
    quality = {paragraph["key"]: paragraph["lines"] for paragraph in found[1].report().paragraphs}[
        "quality"
    ]
    assert f"These data came on {fetched[1][:10]} at {fetched[1][11:16]} UTC." in quality


def test_a_folder_is_read_anew_when_a_file_has_changed(place):
    folder = place / "files"
    folder.mkdir()
    bars("A", 0, 100).to_csv(folder / "A.csv")
    assert len(analysed("A", folder).bars) == 100
    bars("A", 0, 120).to_csv(folder / "A.csv")
    assert len(analysed("A", folder).bars) == 120


def test_facts_go_beside_a_frame(place):
    found = analysed("A", LONG, FACTS)
    close = found.summary["last_close"]
    assert found.fundamentals.loc["pe_ttm", "value"] == pytest.approx(close / 2.0)
    assert found.fundamentals.loc["eps", "published"] == pd.Timestamp("2020-02-20")
    other = place_of("A", LONG, FACTS.assign(value=3.0))[1]
    assert other not in {place_of("A", LONG, FACTS)[1], place_of("A", LONG, None)[1]}
    assert place_of("A", LONG, FACTS) == place_of("A", LONG, FACTS.copy()), "the content names it"
    with pytest.raises(InvalidFacts, match="row 0: 'ebs' is no item"):
        place_of("A", LONG, FACTS.assign(item="ebs"))
    with pytest.raises(InvalidRequest, match="Facts go beside bars of your own"):
        place_of("AAPL", "sample", FACTS)


@pytest.mark.parametrize(
    ("symbol", "source", "says"),
    [
        (LONG, "sample", "has bars of 2 symbols. Write sw.analyze\\('A', source=frame\\)"),
        (bars("A", 0, 40), "sample", "does not say whose bars it has"),
        (bars("A", 0, 40).assign(symbol="A"), "synthetic", "given twice"),
    ],
)
def test_a_frame_that_does_not_say_whose_it_is(symbol, source, says):
    with pytest.raises(InvalidRequest, match=says):
        place_of(symbol, source, None)
