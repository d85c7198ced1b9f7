"""The sentences of the report, English and Chinese; ``{name}`` stands for a fact, already written.

No sentence asserts more than the facts put into it, and none advises.
"""

from __future__ import annotations

from collections.abc import Mapping

# ruff: noqa: E501 - a catalogue reads better as a table; Chinese has its own punctuation

TITLES: Mapping[str, tuple[str, str]] = {
    "summary": ("Summary", "摘要"),
    "changes": ("Since the analysis of {date}", "自 {date} 的分析以来"),
    "case_for": ("The case for", "看多依据"),
    "case_against": ("The case against", "看空依据"),
    "levels": ("Levels to watch", "关注价位"),
    "risk": ("Risk", "风险"),
    "fundamentals": ("Fundamentals and events", "基本面与事件"),
    "quality": ("Data quality", "数据质量"),
}
SENTENCES: Mapping[str, tuple[str, str]] = {
    "close": ("{name} closed at {close} on {date}.", "{name} {date} 收盘价 {close}。"),
    "returns": ("The close changed by {returns}.", "涨跌幅：{returns}。"),
    "return_1d": ("{value} on the day", "当日 {value}"),
    "return_20d": ("{value} over 20 bars", "20 日 {value}"),
    "return_1y": ("{value} over 252 bars", "252 日 {value}"),
    "unknown_returns": ("Too little history for: {names}.", "历史数据不足，缺少：{names}。"),
    "name_1d": ("the return of the day", "当日涨跌幅"),
    "name_20d": ("the return over 20 bars", "20 日涨跌幅"),
    "name_1y": ("the return over 252 bars", "252 日涨跌幅"),
    "score": (
        "The score is {score} on a scale of 0 to 100, named “{band}”; {coverage} of the points could be judged.",
        "评分 {score}（0 至 100），评级“{band}”；可判断的分值占 {coverage}。",
    ),
    "families": ("Points by family: {families}.", "各类得分：{families}。"),
    "family": ("{family} {points} of {max}", "{family} {points}/{max}"),
    "family_silent": ("{family} not judged", "{family} 未判断"),
    "trend": ("Trend: {state}.", "趋势：{state}。"),
    "trend_adx": (
        "Trend: {state}; ADX 14 is {adx}, where {strong_adx} and more counts as strong.",
        "趋势：{state}；ADX 14 为 {adx}（不低于 {strong_adx} 视为强）。",
    ),
    "band_record": (
        "After earlier bars of the band “{band}” the median return over {bars} bars was {median}, against {base} after any bar ({n}).",
        "此前评级为“{band}”之后 {bars} 日的收益中位数为 {median}，任意一天之后为 {base}（{n}）。",
    ),
    "band_unknown": (
        "No record of the band “{band}” over {bars} bars: it has no earlier cases with a known outcome.",
        "评级“{band}”尚无 {bars} 日后续记录：没有结果已知的先例。",
    ),
    "n": ("{n} independent cases", "独立样本 {n} 次"),
    "interval": (
        "The {level} interval of the difference is {low} to {high}.",
        "两者之差的 {level} 区间为 {low} 至 {high}。",
    ),
    "rule_holds": (
        "Holds: {rule} ({value} against {threshold}).",
        "成立：{rule}（{value}，比较值 {threshold}）。",
    ),
    "rule_fails": (
        "Fails: {rule} ({value} against {threshold}).",
        "不成立：{rule}（{value}，比较值 {threshold}）。",
    ),
    "factor_gives": (
        "{rule}: {points} of {max} points.",
        "{rule}：{max} 分得 {points} 分。",
    ),
    "signal": ("{date}: {signal}.", "{date}：{signal}。"),
    "signal_record": (
        "{date}: {signal}; {bars} bars after its like it was right in {hits} of cases, any bar in {base} ({n}).",
        "{date}：{signal}；同类信号 {bars} 日后胜率 {hits}，任意一天 {base}（{n}）。",
    ),
    "nothing_for": (
        "No rule of the score holds, and no signal of the last {bars} bars announces a rise.",
        "评分规则无一成立，近 {bars} 日也无看涨信号。",
    ),
    "nothing_against": (
        "No judged rule of the score fails, and no signal of the last {bars} bars announces a fall.",
        "可判断的评分规则全部成立，近 {bars} 日也无看跌信号。",
    ),
    "support": (
        "Support at {price} ({distance} from the close): {touches} touches, the last on {last}.",
        "支撑位 {price}（距收盘价 {distance}）：触及 {touches} 次，最近一次 {last}。",
    ),
    "resistance": (
        "Resistance at {price} ({distance} from the close): {touches} touches, the last on {last}.",
        "阻力位 {price}（距收盘价 {distance}）：触及 {touches} 次，最近一次 {last}。",
    ),
    "no_support": ("No support was found below the close.", "收盘价下方未发现支撑位。"),
    "no_resistance": ("No resistance was found above the close.", "收盘价上方未发现阻力位。"),
    "range_52w": (
        "The last 52 weeks ranged from {low} to {high}; the close lies {position} of the way up.",
        "近 52 周区间 {low} 至 {high}，收盘价位于区间的 {position} 处。",
    ),
    "range_flat": (
        "The last 52 weeks ranged from {low} to {high}.",
        "近 52 周区间 {low} 至 {high}。",
    ),
    "range_unknown": (
        "The bars do not reach back 52 weeks: no range is said.",
        "数据不足 52 周，不给出区间。",
    ),
    "stop": (
        "The average true range of 14 bars is {atr}; {multiple} times that below the close is {stop}. A gap may open below it.",
        "14 日平均真实波幅为 {atr}；收盘价下方 {multiple} 倍处为 {stop}。跳空可能越过该价位。",
    ),
    "risk_range": (
        "All of this is from {returns} daily returns, {first} to {last}.",
        "以下均依据 {first} 至 {last} 的 {returns} 个日收益。",
    ),
    "volatility": (
        "Volatility {volatility} a year, downside deviation {downside}.",
        "年化波动率 {volatility}，下行波动率 {downside}。",
    ),
    "drawdown": (
        "The deepest fall was {depth}, from {peak} to {trough}; the old high was reached again on {recovered}.",
        "最大回撤 {depth}（{peak} 至 {trough}），{recovered} 收复前高。",
    ),
    "drawdown_open": (
        "The deepest fall was {depth}, from {peak} to {trough}; the old high has not been reached again.",
        "最大回撤 {depth}（{peak} 至 {trough}），至今未收复前高。",
    ),
    "no_drawdown": ("The close never fell below an earlier close.", "收盘价从未低于此前收盘价。"),
    "tail": (
        "On one day in twenty the return was {var} or worse; the mean of those days is {cvar}. The worst day was {date} ({worst}).",
        "二十天中有一天的收益不高于 {var}，这些天的均值为 {cvar}。最差单日为 {date}（{worst}）。",
    ),
    "sharpe": (
        "Sharpe ratio {sharpe}, with {rate} a year as the risk-free rate.",
        "夏普比率 {sharpe}，无风险年利率取 {rate}。",
    ),
    "beta": (
        "Beta {beta} and alpha {alpha} a year against {benchmark}, on {days} common days.",
        "相对 {benchmark} 的贝塔 {beta}，年化阿尔法 {alpha}（{days} 个共同交易日）。",
    ),
    "risk_unknown": ("Too few returns for: {names}.", "收益数据不足，缺少：{names}。"),
    "figure": ("{name}: {value} ({said}).", "{name}：{value}（{said}）。"),
    "period_end": ("period to {date}", "报告期截至 {date}"),
    "published": ("published {date}", "{date} 公布"),
    "unpublished": ("no date of publication", "公布日期不详"),
    "close_of": ("close of {date}", "按 {date} 收盘价"),
    "made_of": ("from {names}", "由{names}计算"),
    "and": (" and ", "与"),
    "from_source": ("source “{source}”", "数据源“{source}”"),
    "from_adjusted": ("read from adjusted closes", "由复权价推算"),
    "no_figure": ("{name}: none. {reason}", "{name}：无。{reason}"),
    "lacking": ("Not known from this source: {names}.", "数据源未提供：{names}。"),
    "event": ("{name} on {date}{value} ({said}).", "{name}：{date}{value}（{said}）。"),
    "event_value": (", {value}", "，{value}"),
    "ahead": ("ahead", "未到期"),
    "bars": (
        "{bars} daily bars from {first} to {last}, {adjust}, from the source “{source}”.",
        "{first} 至 {last} 共 {bars} 根日K线，{adjust}，数据源“{source}”。",
    ),
    "fetched": (
        "These data came on {date} at {time} UTC.",
        "数据获取时间：{date} {time}（UTC）。",
    ),
    "adjusted": ("adjusted for splits and dividends", "复权"),
    "raw": ("not adjusted", "不复权"),
    "nothing_odd": ("Nothing odd was found in the bars.", "K线未见异常。"),
    "abstained": ("Rules that could not be judged: {rules}.", "无法判断的规则：{rules}。"),
    "about": (
        "Made by fixed templates from the numbers of this analysis. It describes the past and is no advice.",
        "本文由固定模板根据本次分析的数值生成，仅描述过去，不构成投资建议。",
    ),
    "same_day": ("No bar has been added since.", "此后没有新增K线。"),
    "moved": (
        "The close moved by {change}, on the adjustment of this analysis.",
        "按本次复权口径，收盘价变动 {change}。",
    ),
    "asked": (
        "Asked differently then: {names}. What rests on it is not compared.",
        "当时参数不同：{names}；受其影响的内容不作比较。",
    ),
    "score_moved": (
        "The score went from {old} (“{old_band}”) to {new} (“{new_band}”).",
        "评分由 {old}（“{old_band}”）变为 {new}（“{new_band}”）。",
    ),
    "score_same": ("The score is still {new} (“{new_band}”).", "评分仍为 {new}（“{new_band}”）。"),
    "score_found": (
        "There was no score then; now it is {new} (“{new_band}”).",
        "当时无评分，现为 {new}（“{new_band}”）。",
    ),
    "score_lost": (
        "The score was {old} (“{old_band}”); now there is none.",
        "当时评分 {old}（“{old_band}”），现无评分。",
    ),
    "gained": ("Now holds: {rules}.", "转为成立：{rules}。"),
    "lost": ("Holds no longer: {rules}.", "不再成立：{rules}。"),
    "figure_moved": (
        "{name}: {new}, published {date}; it was {old}.",
        "{name}：{date} 公布 {new}，此前为 {old}。",
    ),
    "figure_new": ("{name}: {new}, published {date}.", "{name}：{date} 公布 {new}。"),
    "rules_same": ("The same rules hold.", "成立的规则没有变化。"),
    "trend_moved": ("The trend went from “{old}” to “{new}”.", "趋势由“{old}”变为“{new}”。"),
    "new_signals": ("Signals since: {signals}.", "此后的信号：{signals}。"),
    "dated": ("{date} {signal}", "{date} {signal}"),
    "no_new_signals": ("No signal since.", "此后没有信号。"),
}
