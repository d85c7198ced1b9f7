"""Risk of holding one symbol, by named definitions.

Returns are simple, from close to close; a year has 252 of them (``YEAR``), whatever the dates; the
risk-free rate is 0 unless given. Where empyrical has the number, the definition is the same.
None stands for "cannot be said": fewer than 20 returns, or a divisor that is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.analysis.summary import YEAR, max_drawdown
from stockwidget.errors import InvalidRequest
from stockwidget.indicators.arrays import Floats

LEAST = 20
"""Fewer returns say nothing about how a price spreads."""
TAIL = 0.05
LIQUIDITY_BARS = 20

DEFINITIONS: Mapping[str, str] = {
    "annual_return": "geometric: product of (1 + r) to the power of 252 / n, − 1",
    "volatility": "deviation of r (ddof 1) · √252",
    "downside_deviation": "root of the mean of min(r, 0)² · √252; the mean runs over all returns",
    "max_drawdown": "deepest fall of the close below an earlier close in the range",
    "var_95": "5th percentile of r, linear between neighbours (historical, one day)",
    "cvar_95": "mean of the ⌊0.05 · (n − 1)⌋ + 1 worst r (historical, one day)",
    "sharpe": "mean of r − risk-free / 252, by the deviation of the same (ddof 1), · √252",
    "sortino": "252 · mean of r − risk-free / 252, by the downside deviation of the same",
    "calmar": "annual return / −maximum drawdown",
    "tail_ratio": "|95th percentile of r| / |5th percentile|",
    "skew": "third standardised moment of r, corrected for bias",
    "excess_kurtosis": "fourth standardised moment of r − 3, corrected for bias",
    "worst_day": "smallest r",
    "beta": "covariance of r and the benchmark's r, by the benchmark's variance, on common days",
    "alpha": "mean of r − beta · benchmark's r over the risk-free rate, compounded over 252 days",
    "traded_value": "median of reported close · volume over the last 20 bars, quote currency a day",
    "halted_share": "share of bars with volume 0",
    "illiquidity": "mean of |r| / (reported close · volume in millions), halted days left out "
    "(Amihud 2002)",
}
DEFINITIONS_ZH: Mapping[str, str] = {
    "annual_return": "几何平均：(1 + r) 连乘的 252 / n 次方 − 1",
    "volatility": "r 的标准差（ddof 1）· √252",
    "downside_deviation": "min(r, 0)² 均值的平方根 · √252，均值取全部收益率",
    "max_drawdown": "收盘价自区间内此前最高收盘价的最大跌幅",
    "var_95": "r 的第 5 百分位，线性插值（历史法，一日）",
    "cvar_95": "最差 ⌊0.05 · (n − 1)⌋ + 1 个 r 的均值（历史法，一日）",
    "sharpe": "r − 无风险利率 / 252 的均值除以其标准差（ddof 1）· √252",
    "sortino": "252 · (r − 无风险利率 / 252) 的均值除以其下行波动率",
    "calmar": "年化收益率 / −最大回撤",
    "tail_ratio": "|r 的第 95 百分位| / |第 5 百分位|",
    "skew": "r 的三阶标准矩，已作偏差修正",
    "excess_kurtosis": "r 的四阶标准矩 − 3，已作偏差修正",
    "worst_day": "最小的 r",
    "beta": "共同交易日内 r 与基准 r 的协方差除以基准方差",
    "alpha": "超出无风险利率的 r − beta · 基准 r 的均值，按 252 日复利",
    "traded_value": "最近 20 根K线 未复权收盘价 · 成交量 的中位数，计价货币/日",
    "halted_share": "成交量为 0 的K线占比",
    "illiquidity": "|r| / 成交额（未复权收盘价 · 成交量，百万）的均值，不含停牌日（Amihud 2002）",
}
TITLES: Mapping[str, tuple[str, str]] = {
    "annual_return": ("Annual return", "年化收益率"),
    "volatility": ("Volatility", "年化波动率"),
    "downside_deviation": ("Downside deviation", "下行波动率"),
    "max_drawdown": ("Max drawdown", "最大回撤"),
    "var_95": ("VaR 95 %, 1 day", "VaR 95%（1 日）"),
    "cvar_95": ("CVaR 95 %, 1 day", "CVaR 95%（1 日）"),
    "sharpe": ("Sharpe ratio", "夏普比率"),
    "sortino": ("Sortino ratio", "索提诺比率"),
    "calmar": ("Calmar ratio", "卡玛比率"),
    "tail_ratio": ("Tail ratio", "尾部比率"),
    "skew": ("Skew", "偏度"),
    "excess_kurtosis": ("Excess kurtosis", "超额峰度"),
    "worst_day": ("Worst day", "最差单日"),
    "beta": ("Beta", "贝塔"),
    "alpha": ("Alpha, annual", "年化阿尔法"),
    "traded_value": ("Traded value a day", "日成交额"),
    "halted_share": ("Days without trade", "无成交日占比"),
    "illiquidity": ("Illiquidity", "非流动性"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """Fractions unless ``DEFINITIONS`` names another unit; dates in ISO form."""

    first: str
    last: str
    returns: int
    annual_return: float | None
    volatility: float | None
    downside_deviation: float | None
    max_drawdown: float
    max_drawdown_peak: str | None
    max_drawdown_trough: str | None
    max_drawdown_recovered: str | None
    """First close at or above the peak after the trough; None while still below."""
    var_95: float | None
    cvar_95: float | None
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    tail_ratio: float | None
    skew: float | None
    excess_kurtosis: float | None
    worst_day: float | None
    worst_day_date: str | None
    beta: float | None
    alpha: float | None
    benchmark_days: int | None
    """Returns both have; None without a benchmark."""
    traded_value: float | None
    halted_share: float
    illiquidity: float | None

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizing:
    """How many shares put at most a stated part of the capital at risk; a hint, no advice."""

    stop: float
    """Price ``multiple`` average true ranges below the close, quote currency."""
    shares: int
    value: float
    """Of the shares, quote currency; never above the capital."""
    at_risk: float
    """Loss if sold at the stop, quote currency."""


def assess(
    frame: pd.DataFrame,
    *,
    reported: pd.Series[float] | None = None,
    benchmark: pd.Series[float] | None = None,
    risk_free: float = 0.0,
) -> Risk:
    """Assess an OHLCV frame (see ``stockwidget.bars``) of at least one bar.

    reported: closes as reported, of the same bars, where those of ``frame`` are adjusted: times the
    volume, which is as reported, they are what was paid. benchmark: closes by date; only returns
    between two days that both series have next to each other count. risk_free: a year's rate, as a
    fraction.
    """
    close = frame["close"].to_numpy(dtype=np.float64)
    volume = frame["volume"].to_numpy(dtype=np.float64)
    moves = close[1:] / close[:-1] - 1.0
    depth, peak, trough = max_drawdown(close)
    found: dict[str, Any] = dict.fromkeys(DEFINITIONS)
    if len(moves) >= LEAST:
        found |= _of_returns(moves, risk_free)
        found["calmar"] = _by(found["annual_return"], -depth)
        found["worst_day"] = float(moves.min())
    if benchmark is not None:
        found |= _against(frame["close"], benchmark, risk_free)
    paid = frame["close"] if reported is None else reported
    found |= _liquidity(np.asarray(paid, dtype=np.float64), volume, moves)
    return Risk(
        first=_iso(frame, 0),
        last=_iso(frame, -1),
        returns=len(moves),
        max_drawdown_peak=None if peak is None else _iso(frame, peak),
        max_drawdown_trough=None if trough is None else _iso(frame, trough),
        max_drawdown_recovered=_recovered(frame, close, peak, trough),
        worst_day_date=None if found["worst_day"] is None else _iso(frame, int(moves.argmin()) + 1),
        benchmark_days=found.pop("benchmark_days", None),
        **{**found, "max_drawdown": depth},
    )


def size(
    close: float, atr: float, *, capital: float, risk: float = 0.01, multiple: float = 2.0
) -> Sizing:
    """Shares for a stop ``multiple`` average true ranges below ``close`` (Van Tharp's rule).

    close, atr, capital: quote currency; risk: part of the capital that may be lost, a fraction.
    Raises InvalidRequest for a number that is not finite and above zero.
    """
    given = {"close": close, "atr": atr, "capital": capital, "risk": risk, "multiple": multiple}
    for name, value in given.items():
        if not (np.isfinite(value) and value > 0):
            raise InvalidRequest(
                f"{name} must be a number above zero, not {value!r}.",
                hint="The hint needs a price, its average true range and a capital.",
                field=name,
            )
    distance = min(multiple * atr, close)
    shares = int(min(capital * risk / distance, capital / close))
    return Sizing(
        stop=close - distance, shares=shares, value=shares * close, at_risk=shares * distance
    )


def _of_returns(moves: Floats, risk_free: float) -> dict[str, float | None]:
    over = moves - risk_free / YEAR
    low, high = np.percentile(moves, [100 * TAIL, 100 - 100 * TAIL])
    worst = int(TAIL * (len(moves) - 1)) + 1
    downside = _downside(over)
    deviation = float(over.std(ddof=1))
    series = pd.Series(moves)
    return {
        "annual_return": float(np.prod(1.0 + moves) ** (YEAR / len(moves)) - 1.0),
        "volatility": float(moves.std(ddof=1) * np.sqrt(YEAR)),
        "downside_deviation": _downside(moves),
        "var_95": float(low),
        "cvar_95": float(np.sort(moves)[:worst].mean()),
        "sharpe": _by(float(over.mean() * np.sqrt(YEAR)), deviation),
        "sortino": _by(float(over.mean()) * YEAR, downside),
        "tail_ratio": _by(abs(float(high)), abs(float(low))),
        "skew": _known(float(series.skew())) if deviation > 0 else None,  # type: ignore[arg-type]
        "excess_kurtosis": _known(float(series.kurt())) if deviation > 0 else None,  # type: ignore[arg-type]
    }


def _downside(moves: Floats) -> float:
    return float(np.sqrt((np.minimum(moves, 0.0) ** 2).mean() * YEAR))


def _against(
    close: pd.Series[float], benchmark: pd.Series[float], risk_free: float
) -> dict[str, Any]:
    both = pd.DataFrame({"ours": close, "theirs": benchmark.reindex(close.index)})
    moves = both / both.shift() - 1.0  # NaN next to a day that the benchmark lacks
    day = pd.Series(close.index, index=close.index)
    before = pd.Series(benchmark.index, index=benchmark.index).shift().reindex(close.index)
    common = moves[day.shift() == before].dropna().to_numpy()  # no halt of ours between
    if len(common) < LEAST:
        return {"benchmark_days": len(common)}
    ours, theirs = common.T
    spread = theirs - theirs.mean()
    beta = _by(float((ours * spread).mean()), float((spread**2).mean()))
    daily = risk_free / YEAR
    alpha = None
    if beta is not None:
        excess = (ours - daily) - beta * (theirs - daily)
        alpha = float((1.0 + excess.mean()) ** YEAR - 1.0)
    return {"beta": beta, "alpha": alpha, "benchmark_days": len(common)}


def _liquidity(close: Floats, volume: Floats, moves: Floats) -> dict[str, Any]:
    traded = close * volume
    open_days = traded[1:] > 0
    impact = np.abs(moves[open_days]) / (traded[1:][open_days] / 1e6)
    return {
        "traded_value": float(np.median(traded[-LIQUIDITY_BARS:]))
        if len(traded) >= LIQUIDITY_BARS
        else None,
        "halted_share": float((volume == 0).mean()),
        "illiquidity": float(impact.mean()) if len(impact) >= LEAST else None,
    }


def _recovered(
    frame: pd.DataFrame, close: Floats, peak: int | None, trough: int | None
) -> str | None:
    if peak is None or trough is None:
        return None
    back = np.flatnonzero(close[trough:] >= close[peak])
    return _iso(frame, trough + int(back[0])) if len(back) else None


def _by(above: float | None, below: float | None) -> float | None:
    if above is None or not below or abs(below) < 1e-14:
        return None
    return _known(above / below)


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _iso(frame: pd.DataFrame, row: int) -> str:
    return pd.Timestamp(frame.index[row]).date().isoformat()
