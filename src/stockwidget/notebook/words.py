"""The words of the static card. The live card's catalogues are in ``js/i18n``; same terms here."""

from __future__ import annotations

from typing import Literal

# ruff: noqa: E501 - a catalogue reads better as a table

Language = Literal["en", "zh"]

_EN = {
    "analysis": "Analysis", "scan": "Scan",
    "queued": "queued", "running": "running", "cancelling": "cancelling", "completed": "completed",
    "failed": "failed", "cancelled": "cancelled", "interrupted": "interrupted", "expired": "expired",
    "live": "This is the state when the notebook was saved. In a running notebook it is live; "
            "run the cell again to see the result.",
    "rerun": "Run the cell again.",
    "last_close": "Last close", "return_1d": "1 day", "return_20d": "20 days", "return_1y": "1 year",
    "volatility_1y": "Volatility, 1 y", "max_drawdown": "Max drawdown", "range_52w": "52-week range",
    "bars": "{bars} daily bars, {first} to {last}", "adjusted": "adjusted", "raw": "unadjusted",
    "synthetic": "Synthetic data: generated prices, no real market.", "source": "Source",
    "found": "{found} of {total} found, {failed} not counted", "none": "No symbol fits the conditions.",
    "more": "and {n} more rows", "chart": "Daily candles of {symbol}, {first} to {last}",
    "bars_chart": "{sort} of the first {n} symbols", "symbol": "Symbol", "name": "Name",
    "last_date": "Date", "close": "Close",
}  # fmt: skip
_ZH = {
    "analysis": "个股分析", "scan": "条件选股",
    "queued": "排队中", "running": "运行中", "cancelling": "正在取消", "completed": "已完成",
    "failed": "失败", "cancelled": "已取消", "interrupted": "已中断", "expired": "已过期",
    "live": "这是保存笔记本时的状态。在运行中的笔记本里会实时更新；重新运行单元格可查看结果。",
    "rerun": "请重新运行单元格。",
    "last_close": "收盘价", "return_1d": "日涨跌幅", "return_20d": "20 日涨跌幅",
    "return_1y": "近一年涨跌幅", "volatility_1y": "年化波动率", "max_drawdown": "最大回撤",
    "range_52w": "52 周高低",
    "bars": "{bars} 根日 K，{first} 至 {last}", "adjusted": "复权", "raw": "不复权",
    "synthetic": "模拟数据：随机生成的价格，并非真实行情。", "source": "数据来源",
    "found": "共 {total} 只，选出 {found} 只，{failed} 只未计入", "none": "没有符合条件的股票。",
    "more": "另有 {n} 行", "chart": "{symbol} 日 K 线，{first} 至 {last}",
    "bars_chart": "前 {n} 只的 {sort}", "symbol": "代码", "name": "名称",
    "last_date": "日期", "close": "收盘价",
}  # fmt: skip
CATALOGUES: dict[Language, dict[str, str]] = {"en": _EN, "zh": _ZH}


def say(locale: str, key: str, **values: object) -> str:
    """``key`` in the language of ``locale``, English unless ``zh``; an unknown key stands for itself."""
    text = CATALOGUES["zh" if locale == "zh" else "en"].get(key, key)
    return text.format(**values) if values else text
