"""The words of the static card. The live card's catalogues are in ``js/i18n``; same terms here."""

from __future__ import annotations

from typing import Literal

# ruff: noqa: E501 - a catalogue reads better as a table

Language = Literal["en", "zh"]

_EN = {
    "analysis": "Analysis", "scan": "Scan", "kind": "kind",
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
    "score": "Score", "score_line": "{score} of 100, {band}", "coverage": "coverage", "abstains": "abstains",
    "family": "Family", "points": "Points", "rule": "Rule", "value": "Value", "threshold": "Threshold", "note": "Note",
    "signals": "Latest signals and what followed their like here (* too few, or no better than any day)",
    "band_record": "After scores of “{band}”", "here": "on this symbol", "across": "on {n} symbols",
    "signal": "Signal", "record_n": "Events, {bars} bars on", "record_hits": "Right (any day)",
    "record_edge": "Median against any day (95 % interval)", "trend": "Trend", "level": "Level",
    "support": "Support", "resistance": "Resistance", "price": "Price", "distance": "From the close",
    "touches": "Touches", "last_touch": "Last touch", "risk": "Risk", "quality": "Data",
    "dividends": "Dividends", "paid": "last {amount} on {date}; in a year {share} of the last close.",
    "monitor": "stockwidget statistics", "monitor_connections": "Connections",
    "monitor_following": "Following", "monitor_tasks": "Tasks", "monitor_sent": "Sent",
    "monitor_skipped": "Spared", "monitor_delay": "Delay", "monitor_polls": "Polls",
    "monitor_changes": "Transport changes", "monitor_absent": "Not measured", "monitor_kernel": "Fed by this kernel", "monitor_none": "none",
    "on_server": "On the Jupyter server", "on_kernel": "Runner of this kernel (no Jupyter server)",
    "up": "up {time}", "not_started": "not started yet", "realtime": "realtime on",
    "polling": "polling only",
    "opened": "{open} now, {total} since the start", "followed": "{subscriptions} subscriptions to {tasks} tasks",
    "protected": "{n} protected from removal", "sent": "{transport} {frames} frames, {size}",
    "skipped": "{conflated} progress events conflated, {resyncs} resyncs, {slow} slow readers closed",
    "delay": "p50 {p50} ms, p95 {p95} ms, p99 {p99} ms ({n} deliveries in {minutes} min)",
    "no_delay": "nothing measured in {minutes} min", "polls": "{polls}, of which {useless} useless",
    "changes": "{downgrades} downgrades, {upgrades} upgrades, {recoveries} recoveries",
    "change": "{source} → {target} ({reason}) × {count}",
    "diff": "{entered} entered, {left} left, {stayed} stayed ({dates})", "entered": "Entered", "left": "Left",
    "diff_asked": "The two scans were asked differently: {names}.",
    "no_tasks": "No tasks.", "task": "task", "what": "what", "task_status": "status", "begun": "begun",
    "kept": "kept until", "pinned": "pinned",
    "kernel_only": "Polls and changes of transport are a server's numbers: this runner serves one pipe, no pages.",
}  # fmt: skip
_ZH = {
    "analysis": "个股分析", "scan": "条件选股", "kind": "类型",
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
    "score": "评分", "score_line": "{score} 分（满分 100），{band}", "coverage": "覆盖率", "abstains": "不计分",
    "family": "类别", "points": "得分", "rule": "规则", "value": "数值", "threshold": "阈值", "note": "说明",
    "signals": "近期信号及同类信号在本股的后续表现（* 样本过少，或与任意一天无可靠差别）",
    "band_record": "评级“{band}”之后", "here": "本股", "across": "{n} 只股票",
    "signal": "信号", "record_n": "次数（{bars} 日后）", "record_hits": "命中率（任意一天）",
    "record_edge": "中位数超额（95% 区间）", "trend": "趋势", "level": "价位",
    "support": "支撑", "resistance": "阻力", "price": "价格", "distance": "距收盘价",
    "touches": "触及次数", "last_touch": "最近触及", "risk": "风险", "quality": "数据",
    "dividends": "分红", "paid": "最近一次 {date}，每股 {amount}；近一年股息率 {share}。",
    "monitor": "stockwidget 统计", "monitor_connections": "连接", "monitor_following": "订阅",
    "monitor_tasks": "任务", "monitor_sent": "已发送", "monitor_skipped": "省去",
    "monitor_delay": "延迟", "monitor_polls": "轮询", "monitor_changes": "通道切换", "monitor_absent": "未统计", "monitor_kernel": "由本内核推送",
    "monitor_none": "无", "on_server": "Jupyter 服务器", "on_kernel": "本内核自带的运行器（无 Jupyter 服务器）",
    "up": "已运行 {time}", "not_started": "尚未启动", "realtime": "实时推送已开启", "polling": "仅轮询",
    "opened": "当前 {open}，启动以来 {total}", "followed": "{subscriptions} 个订阅，{tasks} 个任务",
    "protected": "{n} 个不会被清除", "sent": "{transport} {frames} 条消息，{size}",
    "skipped": "合并进度 {conflated} 条，重新同步 {resyncs} 次，断开慢读者 {slow} 个",
    "delay": "p50 {p50} 毫秒，p95 {p95} 毫秒，p99 {p99} 毫秒（{minutes} 分钟内 {n} 次推送）",
    "no_delay": "{minutes} 分钟内没有测量值", "polls": "{polls} 次，其中无效 {useless} 次",
    "changes": "降级 {downgrades} 次，升级 {upgrades} 次，恢复 {recoveries} 次",
    "change": "{source} → {target}（{reason}）× {count}",
    "diff": "新入选 {entered} 只，退出 {left} 只，保留 {stayed} 只（{dates}）", "entered": "新入选", "left": "退出",
    "diff_asked": "两次选股的条件不同：{names}。",
    "no_tasks": "暂无任务。", "task": "任务", "what": "内容", "task_status": "状态", "begun": "提交时间",
    "kept": "保留至", "pinned": "已固定",
    "kernel_only": "轮询与通道切换仅由服务器统计：此运行器只有一条管道，不服务页面。",
}  # fmt: skip
CATALOGUES: dict[Language, dict[str, str]] = {"en": _EN, "zh": _ZH}


def say(locale: str, key: str, **values: object) -> str:
    """``key`` in the language of ``locale``, English unless ``zh``; an unknown key stands for itself."""
    text = CATALOGUES["zh" if locale == "zh" else "en"].get(key, key)
    return text.format(**values) if values else text
