"""The words of the rule language: every function with its settings, and what each one needs.

Names only, without numpy: the server checks rules by this table. ``stockwidget.scan.vm`` computes
what the operations mean; those of indicators are the ones of ``stockwidget.indicators.table``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "condition"]
MAX_WINDOW = 10_000

COLUMNS: Mapping[str, tuple[str, str]] = {
    "open": ("open", "开盘价"),
    "high": ("high", "最高价"),
    "low": ("low", "最低价"),
    "close": ("close", "收盘价"),
    "volume": ("volume", "成交量"),
}
"""Columns of a bar, with their words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting of a function; whole numbers count bars."""

    name: str
    default: float
    least: float = 1
    whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """A word of the language. ``text`` instead of ``op`` says it by other words."""

    name: str
    en: str
    zh: str
    op: str = ""
    part: int = 0
    series: tuple[str, ...] = ()
    """Columns it looks at. With ``takes``, other series may be given instead."""
    takes: int = 0
    """Series that are arguments."""
    must: bool = False
    """Whether these must be given."""
    of: Kind = "number"
    """What its series have to be."""
    settings: tuple[Setting, ...] = ()
    gives: Kind = "number"
    convention: str = ""
    """Default of the setting ``convention``, "talib" or "tdx"; empty if it has none."""
    text: str = ""
    """The same in other words, in which settings stand in braces and ``x`` is the series."""
    group: str = ""


def _w(default: int, name: str = "window", least: int = 1) -> Setting:
    return Setting(name=name, default=default, least=least)


def _f(default: float, name: str) -> Setting:
    return Setting(name=name, default=default, least=0.0, whole=False)


HL = ("high", "low")
HLC = (*HL, "close")
HLCV = (*HLC, "volume")
C = ("close",)
_ROWS: list[Function] = []


def _add(group: str, name: str, en: str, zh: str, **rest: object) -> None:
    _ROWS.append(Function(name=name, en=en, zh=zh, group=group, **rest))  # type: ignore[arg-type]


def _many(  # noqa: PLR0917
    group: str, names: str, en: str, zh: str, ens: str, zhs: str, **rest: object
) -> None:
    for part, (name, each, jede) in enumerate(
        zip(names.split(), ens.split(","), zhs.split(","), strict=True)
    ):
        _add(group, name, f"{en}{each}", f"{zh}{jede}", part=part, **rest)


_MACD = (_w(12, "fast", 2), _w(26, "slow", 2), _w(9, "signal"))
_BOLL = (_w(20, least=2), _f(2.0, "width"))
_KDJ = (_w(9), _w(3, "smooth"), _w(3, "signal"))

# fmt: off
_add("averages", "sma", "simple moving average", "简单均线", op="sma", series=C, takes=1, settings=(_w(20),))
_add("averages", "ema", "exponential moving average", "指数均线", op="ema", series=C, takes=1, settings=(_w(20),), convention="talib")
_add("averages", "wma", "linearly weighted moving average", "加权均线", op="wma", series=C, takes=1, settings=(_w(20),))
_many("averages", "macd_dif macd_dea macd_hist", "MACD", "MACD", " line, signal line, bar".replace(",", ","), " 快线 DIF, 慢线 DEA, 柱", op="macd", series=C, takes=1, settings=_MACD, convention="talib")
_many("bands", "boll_upper boll_mid boll_lower", "", "布林", "upper Bollinger band,middle Bollinger band,lower Bollinger band", "上轨,中轨,下轨", op="boll", series=C, takes=1, settings=_BOLL)
_add("bands", "percent_b", "place between the Bollinger bands, 0 to 1", "布林 %B", op="percent_b", series=C, takes=1, settings=_BOLL)
_add("bands", "bandwidth", "width of the Bollinger bands, a fraction", "布林带宽", op="bandwidth", series=C, takes=1, settings=_BOLL)
_many("bands", "donchian_upper donchian_mid donchian_lower", "", "唐奇安", "upper Donchian channel,middle of the Donchian channel,lower Donchian channel", "上轨,中轨,下轨", op="donchian", series=HL, settings=(_w(20),))
_many("bands", "keltner_upper keltner_mid keltner_lower", "", "肯特纳", "upper Keltner channel,middle of the Keltner channel,lower Keltner channel", "上轨,中轨,下轨", op="keltner", series=HLC, settings=(_w(20), _w(10, "atr_window"), _f(2.0, "width")))
_add("oscillators", "rsi", "relative strength index, 0 to 100", "相对强弱指数 RSI", op="rsi", series=C, takes=1, settings=(_w(14, least=2),), convention="talib")
_add("oscillators", "cci", "commodity channel index", "顺势指标 CCI", op="cci", series=HLC, settings=(_w(20, least=2),))
_add("oscillators", "williams_r", "Williams %R, −100 to 0", "威廉指标 %R", op="williams_r", series=HLC, settings=(_w(14),))
_many("oscillators", "kdj_k kdj_d kdj_j", "KDJ's ", "KDJ 的 ", "K,D,J", "K 值,D 值,J 值", op="kdj", series=HLC, settings=_KDJ, convention="tdx")
_many("oscillators", "stoch_k stoch_d", "slow stochastic ", "慢速随机指标 ", "%K,%D", "%K,%D", op="stoch", series=HLC, settings=(_w(14), _w(3, "smooth"), _w(3, "signal")))
_many("trend", "adx plus_di minus_di", "", "", "average directional index ADX,+DI of the directional movement,−DI of the directional movement", "平均趋向指数 ADX,上升动向 +DI,下降动向 −DI", op="adx", series=HLC, settings=(_w(14, least=2),))
_many("trend", "aroon_up aroon_down aroon_oscillator", "Aroon ", "阿隆", "up,down,oscillator", "上升线,下降线,震荡值", op="aroon", series=HL, settings=(_w(14, least=2),))
_add("trend", "sar", "parabolic stop and reverse", "抛物线转向 SAR", op="sar", series=HL, settings=(_f(0.02, "acceleration"), _f(0.2, "maximum")))
_many("trend", "ichimoku_tenkan ichimoku_kijun ichimoku_senkou_a ichimoku_senkou_b", "Ichimoku ", "一目均衡", "conversion line,base line,first edge of the cloud,second edge of the cloud", "转换线,基准线,先行带 A,先行带 B", op="ichimoku", series=HL, settings=(_w(9, "tenkan"), _w(26, "kijun"), _w(52, "senkou"), _w(26, "shift", 0)))
_add("ranges", "atr", "average true range", "平均真实波幅 ATR", op="atr", series=HLC, settings=(_w(14),))
_add("ranges", "natr", "average true range in percent of the close", "归一化 ATR", series=HLC, settings=(_w(14),), text="100 * atr({window}) / close")
_add("ranges", "volatility", "annualised volatility, a fraction", "年化波动率", op="volatility", series=C, takes=1, settings=(_w(252, least=2),))
_add("ranges", "stdev", "standard deviation of the window", "标准差", op="stdev", series=C, takes=1, settings=(_w(20, least=2),))
_add("changes", "ret", "return, a fraction", "收益率", op="ret", series=C, takes=1, settings=(_w(1, "bars"),))
_add("changes", "roc", "rate of change, percent", "变动率 ROC", series=C, takes=1, settings=(_w(10, "bars"),), text="100 * ret(x, {bars})")
_add("changes", "momentum", "change of the price", "动量", op="momentum", series=C, takes=1, settings=(_w(10, "bars"),))
_add("changes", "drawdown", "fall from the highest close, a fraction", "回撤", op="drawdown", series=C, takes=1)
_add("volume", "obv", "on-balance volume", "能量潮 OBV", op="obv", series=("close", "volume"))
_add("volume", "mfi", "money flow index, 0 to 100", "资金流量指数 MFI", op="mfi", series=HLCV, settings=(_w(14, least=2),))
_add("volume", "vwap", "volume-weighted average price", "成交量加权均价", op="vwap", series=HLCV, settings=(_w(20),))
_add("volume", "volume_ratio", "volume in multiples of the mean before", "量比", op="volume_ratio", series=("volume",), settings=(_w(5),))
_add("windows", "highest", "highest", "最高", op="highest", series=("high",), takes=1, settings=(_w(20),))
_add("windows", "lowest", "lowest", "最低", op="lowest", series=("low",), takes=1, settings=(_w(20),))
_add("windows", "sum", "sum", "总和", op="sum", takes=1, must=True, settings=(_w(20),))
_add("windows", "percentile", "percentile of its last values, 0 to 100", "历史分位", op="percentile", takes=1, must=True, settings=(_w(252, least=2),))
_add("windows", "shift", "value of so many bars before", "前值", op="shift", takes=1, must=True, settings=(_w(1, "bars", 0),))
_add("conditions", "cross_up", "comes to lie above", "上穿", op="cross", part=0, takes=2, must=True, settings=(_w(1, "within"),), gives="condition")
_add("conditions", "cross_down", "comes to lie below", "下穿", op="cross", part=1, takes=2, must=True, settings=(_w(1, "within"),), gives="condition")
_add("conditions", "rising", "rose on each of the last bars", "连续上升", op="rising", takes=1, must=True, settings=(_w(1, "bars"),), gives="condition")
_add("conditions", "falling", "fell on each of the last bars", "连续下降", op="falling", takes=1, must=True, settings=(_w(1, "bars"),), gives="condition")
_add("conditions", "within", "held on one of the last bars", "近期成立", op="within", takes=1, must=True, of="condition", settings=(_w(5, "bars"),), gives="condition")
_add("conditions", "count", "bars on which it held", "成立次数", op="count", takes=1, must=True, of="condition", settings=(_w(20, "bars"),))
_add("conditions", "bars_since", "bars since it last held", "距上次成立的交易日数", op="bars_since", takes=1, must=True, of="condition")
_add("conditions", "days_since", "calendar days since it last held", "距上次成立的日历天数", op="days_since", takes=1, must=True, of="condition")
_add("market", "rank", "rank among all symbols of the scan, 0 to 100", "全市场排名", op="rank", takes=1, must=True)
_add("market", "zscore", "z-score, among all symbols of the scan or, with a window, among its own last values", "标准分", op="zscore", takes=1, must=True, settings=(Setting(name="window", default=0, least=2),))
# fmt: on
for _name, _en, _zh, _count in (
    ("abs", "size without sign", "绝对值", 1), ("log", "natural logarithm", "自然对数", 1),
    ("sqrt", "square root", "平方根", 1), ("sign", "−1, 0 or 1", "符号", 1),
    ("min", "smaller of two", "较小者", 2), ("max", "larger of two", "较大者", 2),
):  # fmt: skip
    _add("arithmetic", _name, _en, _zh, op=_name, takes=_count, must=True)

FUNCTIONS: Mapping[str, Function] = {row.name: row for row in _ROWS}
