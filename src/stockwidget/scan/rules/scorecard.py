"""The default scorecard in the words of the language, so that ``score`` is a number like any other.

Light. ``stockwidget.analysis.scorecard`` asks the same questions of one symbol, and explains each;
a test holds the two together, and their scores to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stockwidget.params import WEIGHTS
from stockwidget.scorecards import total

SCORE = "score"
LEAST_COVERAGE = 0.6
"""Share of the points that must be judged; with less there is no score."""
TITLE = ("score", "评分")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A condition that earns ``share`` parts of its family's points; unknown, it abstains."""

    name: str
    family: str
    share: float
    text: str


def _q(name: str, family: str, share: float, text: str) -> Question:
    return Question(name=name, family=family, share=share, text=text)


# A quotient by a condition is missing where the condition does not hold: the rule then abstains.
_RSI = "rsi(14) / (highest(close, 15) != lowest(close, 15))"
_MOVE = "(high + low + close - shift(high + low + close, 1))"
_RISES, _FALLS = "sma(volume * (ret(1) > 0), 20)", "sma(volume * (ret(1) < 0), 20)"

# fmt: off
QUESTIONS: Sequence[Question] = (
    _q("close_sma_20", "trend", 6, "close > sma(20)"),
    _q("close_sma_50", "trend", 6, "close > sma(50)"),
    _q("sma_20_50", "trend", 6, "sma(20) > sma(50)"),
    _q("sma_50_200", "trend", 6, "sma(50) > sma(200)"),
    _q("sma_50_slope", "trend", 6, "sma(50) > shift(sma(50), 20)"),
    _q("rsi_50", "technical", 6, f"{_RSI} > 50"),
    _q("rsi_70", "technical", 4, f"{_RSI} < 70"),
    _q("macd_signal", "technical", 6, "macd_dif > macd_dea"),
    _q("kdj", "technical", 5, "kdj_k > kdj_d"),
    _q("percent_b", "technical", 4, "percent_b > 0.5"),
    _q("obv", "volume", 8, "obv / (highest(volume, 20) > 0) > sma(obv, 20)"),
    _q("mfi", "volume", 6, f"mfi(14) / (highest(volume * abs({_MOVE}), 14) > 0) > 50"),
    _q("rising_volume", "volume", 6, f"{_RISES} / ({_RISES} + {_FALLS}) > 0.5"),
    _q("natr", "volatility", 8, "natr(14) < sma(natr(14), 252)"),
    _q("depth", "volatility", 7, "drawdown(252) > -0.1"),
    _q("ret_20", "momentum", 4, "ret(20) > 0"),
    _q("ret_60", "momentum", 3, "ret(60) > 0"),
    _q("ret_252", "momentum", 3, "ret(252) > 0"),
)
# fmt: on


def points(question: Question, weights: Mapping[str, float] = WEIGHTS) -> float:
    """Points of 100 that a question can earn."""
    whole = total(other.share for other in QUESTIONS if other.family == question.family)
    return 100.0 * weights.get(question.family, 0.0) * question.share / whole
