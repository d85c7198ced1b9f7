"""``score`` in a scan is the score that an analysis gives the same bars, to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.score import history, judge
from stockwidget.analysis.scorecard import RULES, Scorecard
from stockwidget.bars import OHLCV, adjusted
from stockwidget.params import ScanParams
from stockwidget.scan.engine import Scan
from stockwidget.scan.rules import compile_rule
from stockwidget.scan.rules.explain import explain
from stockwidget.scan.rules.scorecard import LEAST_COVERAGE, QUESTIONS, points
from stockwidget.scan.universe import resolve
from stockwidget.scan.vm import empty, evaluate
from stockwidget.sources.registry import get_source

pytestmark = pytest.mark.timeout(400)  # the first one may have to compile the interpreter
PLAN = compile_rule(rank="score")


def scanned(frames: list[pd.DataFrame]) -> list[float]:
    offsets = np.concatenate([[0], np.cumsum([len(frame) for frame in frames])]).astype(np.int64)
    whole = pd.concat(frames)
    columns = [np.ascontiguousarray(whole[name].to_numpy()) for name in OHLCV]
    out = empty(PLAN, len(frames))
    dates = np.zeros(len(whole), np.int32)
    evaluate(PLAN, *columns, dates, offsets, 0, len(frames), out)  # type: ignore[arg-type]
    found: list[float] = out[:, 0].tolist()
    return found


def analysed(frame: pd.DataFrame) -> float:
    score = judge(Lines(frame)).score
    return np.nan if score is None else score


def bars(symbol: str) -> pd.DataFrame:
    source = get_source("synthetic" if symbol.startswith("SYN") else "sample")
    return adjusted(source.bars(symbol).frame)


def test_the_questions_are_those_of_the_scorecard() -> None:
    card = Scorecard()
    asked = [(rule.name, rule.family, card.points(rule), rule.above) for rule in RULES]
    told = [(q.name, q.family, points(q), " < " not in q.text.rpartition(")")[2] and not (
        q.text.startswith("natr"))) for q in QUESTIONS]  # fmt: skip
    assert told == asked
    assert card.least_coverage == LEAST_COVERAGE


def test_it_is_the_score_of_the_analysis_whatever_the_bars() -> None:
    rng = np.random.default_rng(3)
    frames = []
    symbols = [*get_source("sample").symbols(), *(f"SYN{k:05d}" for k in range(1, 25))]
    for symbol in symbols:
        whole = bars(symbol)
        ends = [*rng.integers(1, min(400, len(whole)), 6).tolist(), len(whole) // 2, len(whole)]
        frames += [whole.iloc[:end] for end in ends]
    still = bars("AAPL").iloc[:300].copy()
    for name in ("open", "high", "low", "close"):
        still[name] = 37.123
    halted = bars("MSFT").iloc[:300].copy()
    halted.iloc[-30:, 4] = 0.0
    idle = halted.assign(volume=0.0)
    frames += [still, still.assign(volume=0.0), halted, idle]
    theirs = [analysed(frame) for frame in frames]
    ours = scanned(frames)
    assert np.array(ours).tobytes() == np.array(theirs).tobytes()
    known = np.isfinite(theirs)
    assert 0 < known.sum() < len(frames)  # some abstain
    assert len(set(np.array(theirs)[known])) > 40


def test_it_has_a_past() -> None:
    frame = bars("IBM").iloc[-700:]
    line = history(Lines(frame))
    ends = range(400, 700, 20)
    assert scanned([frame.iloc[:end] for end in ends]) == [line[end - 1] for end in ends]


def test_bars_until_enough_is_known() -> None:
    needed = explain("score").bars
    frame = bars("AAPL")
    assert np.isnan(analysed(frame.iloc[: needed - 1]))
    assert np.isfinite(analysed(frame.iloc[:needed]))


def test_who_has_no_score_is_a_failure_with_its_reason() -> None:
    params = ScanParams.from_dict({"universe": "sample", "rank": "score", "columns": ["score"]})
    work = Scan(params=params, universe=resolve(params))
    list(work.run())
    document = work.document()
    assert document["columns"][-1] == document["sort"] == "score"
    assert len(document["rows"]) + len(document["failures"]) == document["counters"]["total"]
    for row in document["rows"]:
        assert row[-1] == analysed(bars(row[0]))
    young = pd.DataFrame(bars("AAPL").iloc[:30])
    assert np.isnan(scanned([young])[0])
