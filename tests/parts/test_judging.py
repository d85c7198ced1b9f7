"""Functions of the user stand among the usual signals and families, and are counted alike."""

import numpy as np
import pytest

from stockwidget.analysis import record, signals
from stockwidget.analysis.score import history, judge
from stockwidget.declared import OwnFactor, OwnSignal
from stockwidget.errors import InvalidRequest
from stockwidget.params import AnalysisParams
from stockwidget.parts.judging import judges
from stockwidget.parts.unpacking import Functions

CODE = "0" * 32


def params(**own):
    data = {kind: [each.plain() for each in some] for kind, some in own.items()}
    return AnalysisParams.from_dict({"symbol": "AAPL", "code": CODE, **data})


def signal(name, **more):
    return OwnSignal.read({"name": name, **more}, "signals")


def factor(name, weight, **more):
    return OwnFactor.read({"name": name, "weight": weight, **more}, "factors")


def breakout(bars):
    """The usual 20-bar breakout once more, by pandas."""
    above = bars.close > bars.high.rolling(20).max().shift()
    return above & ~above.shift(fill_value=False)


def test_a_signal_that_says_what_a_usual_one_says_has_its_record(lines):
    own = signal("mine", direction="up")
    judged = judges(params(signals=[own]), Functions(signals={"mine": breakout}))
    masks = signals.masks(lines, judged.table)
    assert masks["mine"].tolist() == masks["breakout_20"].tolist()
    assert masks["mine"].sum() > 5
    rows = record.signal_records(lines, masks, by_name=signals.by_name(judged.table))
    for mine, usual in zip(
        [r for r in rows if r.name == "mine"],
        [r for r in rows if r.name == "breakout_20"],
        strict=True,
    ):
        counted = ("horizon", "n", "independent", "hit_rate", "base_hit_rate", "median", "edge")
        assert [getattr(mine, c) for c in counted] == [getattr(usual, c) for c in counted]
        assert mine.edge_low <= mine.edge <= mine.edge_high
        assert "few" in mine.warnings


def test_usual_families_share_what_the_own_ones_leave(lines):
    half = Functions(factors={"calm": lambda b: b.close * 0 + 0.5, "still": lambda b: b.close * 0})
    wanted = params(factors=[factor("calm", 0.2), factor("still", 0.05, family="quiet")])
    judged = judges(wanted, half)
    assert judged.card.weights["trend"] == pytest.approx(0.30 * 0.75)
    assert sum(judged.card.weights.values()) == pytest.approx(1.0)
    assert judged.card.kept == pytest.approx(0.75)
    rows = {row.name: row for row in judge(lines, judged.card).rows}
    assert (rows["calm"].points, rows["calm"].possible) == pytest.approx((10.0, 20.0))
    assert (rows["still"].points, rows["still"].family) == (0.0, "quiet")
    expected = 0.75 * history(lines) + 100 * 0.2 * 0.5
    known = np.isfinite(expected)
    full = judge(lines).coverage == 1.0
    assert full
    last = history(lines, judged.card)[-1]
    assert last == pytest.approx(expected[-1])
    assert known[-1]


def test_a_factor_that_is_missing_abstains(lines):
    judged = judges(
        params(factors=[factor("calm", 0.2)]),
        Functions(factors={"calm": lambda b: b.close * np.nan}),
    )
    found = judge(lines, judged.card)
    assert found.coverage == pytest.approx(0.8)
    assert found.score == pytest.approx(judge(lines).score)


def test_a_factor_may_be_the_whole_score(lines):
    judged = judges(
        params(factors=[factor("all", 1.0)]),
        Functions(factors={"all": lambda b: b.close * 0 + 0.3}),
    )
    found = judge(lines, judged.card)
    assert (found.score, [row.name for row in found.rows]) == (pytest.approx(30.0), ["all"])


def test_a_function_is_called_once_for_the_same_bars(lines, bars):
    from stockwidget.analysis.lines import Lines

    calls = []

    def counts(b):
        calls.append(len(b))
        return b.close * 0

    judged = judges(params(factors=[factor("mine", 0.2)]), Functions(factors={"mine": counts}))
    fresh = Lines(bars)
    judge(fresh, judged.card)
    history(fresh, judged.card)
    assert calls == [400]


@pytest.mark.parametrize(
    ("own", "field"),
    [
        ({"signals": [signal("golden_cross")]}, "signals"),
        ({"factors": [factor("rsi_50", 0.1)]}, "factors"),
        ({"factors": [factor("mine", 0.1, family="trend")]}, "factors"),
    ],
)
def test_names_that_are_taken_are_refused(own, field):
    with pytest.raises(InvalidRequest) as caught:
        judges(params(**own), Functions())
    assert caught.value.data["field"] == field
