"""The handbook of the analysis, ``docs/analysis.md``, made from its tables.

``python -m stockwidget.analysis.handbook`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stockwidget.analysis import events, ratios, report, risk, signals
from stockwidget.analysis.quality import FINDINGS
from stockwidget.analysis.record import DRAWS, HORIZONS, LEVEL, SMALL
from stockwidget.analysis.scorecard import BANDS, RULES, Scorecard
from stockwidget.analysis.universe import MOST
from stockwidget.bars import HINTS
from stockwidget.facts import ITEMS

INTRODUCTION = """\
# What an analysis says, and how it knows

This page is made from the tables of `stockwidget.analysis`: `python -m
stockwidget.analysis.handbook > docs/analysis.md`. The indicators are in
[indicators.md](indicators.md). Nothing here looks ahead: on bars cut off at a day, each answer
is the one of that day. What cannot be said is missing, never zero.

`sw.analyze("AAPL", as_of="2020-03-23")` is that answer: bars end on that day, and adjusted prices
are scaled so that the last one is the close that was seen, since later dividends were not known.
The document is, byte for byte, the one that data cut off at that day give.
"""
SCORE = """\
## Score

100 times the points given, by the points judged. A rule whose value or threshold is not known
abstains; below a coverage of {least:.0%} of the points there is no score, and the reason is
said. Other weights: `sw.analyze("AAPL", weights={{"trend": 0.5, "momentum": 0.5}})`; they must
sum to one. Scorecards, factors and signals of your own: [own_parts.md](own_parts.md). Where
nothing was traded, or no price moved, rules about volume or strength abstain.
`r.score.explain()` shows all of it as text, a table (`.frame`) or a picture (`.figure()`).
"""
RECORD = """\
## Record

Each signal, and each band of the score, stands beside what followed on the same bars, after
{horizons} bars: from the open after the signal to the close that many bars later. Returns that
overlap count once. The edge is the median less the median of all bars; its {level:.0%} interval
comes from {draws} seeded bootstrap samples. Warnings: `few` (under {small} independent events),
`spans_zero` (the interval holds no sign).

The same is counted across all symbols of a source that has at most {most}, as the sample: symbols
move together, so days are cut into blocks as long as the horizon, and each block counts once, with
the median of its events' returns, beside the median of all bars in each block. A list of today's
symbols leaves out those that vanished (`survivors`).
"""
RISK = """\
## Risk

r is the simple return from close to close; a year has 252 of them. The numbers are empyrical's
where it has them, and those of QuantStats 0.0.86 but for VaR and CVaR: it takes these from a normal
distribution fitted to r, whose tails are thinner than those of prices.
"""
COMPANY = """\
## Fundamentals and events

A source may state figures and events of a company, each with the day of its publication
([store.md](store.md#facts-on-the-companies)); `sw.analyze("AAPL", source=bars, facts=facts)` takes
them from frames. An analysis as of a day uses what was published on or before it; that the period
had ended is not enough. A fact without such a day is used for the present only, and the result says
so. Of several facts on one item counts the newest period, as it was published last. Without `as_of`
and `end`, facts that came out after the last bar wait for newer bars.

A ratio that the source does not state is reckoned from the last close, as the table says, unless a
split, another currency, a loss or more than {stale} days lie between: then it abstains with the
reason. `r.fundamentals` and `r.events` have all of it, the page and the report too. The usual
scorecard does not count it.

"""
EVENTS = """\
Dividends and splits that no source states are read from adjusted closes. The day before an event,
the ratio of adjusted close to close is lower by the part of the price that was paid out, or by a
split's ratio. A change of that ratio is an event if it exceeds {least:g} and {noise:g} times what
nine tenths of all days show. Amounts are right to a few percent of themselves. The sample has
nothing else of companies; the result says so.
"""
REPORT = """\
## Report

`r.report("en" | "zh")` says all of this in words: templates filled with the numbers of the
result, no model. A signal counts as a case for or against within {recent} bars. `since=`
adds what changed: `"last"` since the newest result of the symbol that is kept and was made before,
`"2023-06-30"` since the same analysis as of that day, or a result at hand. Where the two were asked
differently, what rests on that is not compared.

`sw.compare("AAPL", "MSFT", "IBM")` puts 2 to 12 analyses side by side: closes on the days that all
have, from 100; the correlation of their daily log returns, from 20 common ones on; scores and key
figures. `.table` has both the figures of each own range and, as `common_…`, those of the common
days. A symbol whose analysis failed is a row of `.failures`. It returns at once; shown, it is a
card that follows each analysis by itself: a row a symbol while they run, with the reason where one
fails, then one chart whose range buttons begin at 100 anew (the figures and correlations below it
are of the days shown), a log scale, and a press on a symbol opens its analysis below. It takes
handles and results as well, `benchmark=` for beta, and `.cancel()` stops what still runs.

![Three analyses and one that failed](images/compare-en-light.png)
"""
VIEWS = """\
## In a cell

The result page of an analysis, 1200 and 480 px wide, with every part open, with too little history
for a score, and of one that failed; in the colours and the language of the page or of the call.
Marks of signals that would cover each other give way to the more important ones, and the chart
says how many are shown. `?` over the chart lists its keys.

| | light | dark |
| --- | --- | --- |
| English | [wide](images/finished-en-light.png), [narrow](images/finished-narrow-en-light.png) | [wide](images/finished-en-dark.png), [narrow](images/finished-narrow-en-dark.png) |
| 中文 | [wide](images/finished-zh-light.png), [narrow](images/finished-narrow-zh-light.png) | [wide](images/finished-zh-dark.png), [narrow](images/finished-narrow-zh-dark.png) |
| comparison | [English](images/compare-en-light.png) | [中文, narrow](images/compare-zh-dark.png) |
| other states | [all parts open](images/finished-parts-light.png), [few bars](images/finished-few-bars-light.png), [failed](images/failed-light.png) | |
"""  # noqa: E501 - a table's row is a line
QUALITY = """\
## Data

Bars that break a rule are refused with the rule, the row and its date. What is lawful but odd is
said, and nothing is repaired.
"""


def markdown() -> str:
    """Return the whole page."""
    card = Scorecard()
    horizons = ", ".join(map(str, HORIZONS))
    parts = [
        INTRODUCTION,
        SCORE.format(least=card.least_coverage),
        _table(
            ("Family", "Rule", "规则", "Points"),
            ([r.family, r.rule, r.rule_zh, f"{card.points(r):g}"] for r in RULES),
        ),
        _table(
            ("Band", "评级", "From"),
            ([band.title, band.title_zh, f"{band.least:g}"] for band in BANDS),
        ),
        "## Signals\n",
        _table(
            ("Signal", "信号", "Said to announce", "Rule"),
            ([s.title, s.title_zh, _side(s.direction), s.rule] for s in signals.TABLE),
        ),
        RECORD.format(horizons=horizons, level=LEVEL, draws=DRAWS, small=SMALL, most=MOST),
        RISK,
        _table(
            ("Number", "数值", "Definition"),
            (
                [f"`{name}`", risk.TITLES[name][1], text.replace("|", "\\|")]
                for name, text in risk.DEFINITIONS.items()
            ),
        ),
        COMPANY.format(stale=ratios.STALE_DAYS),
        _table(
            ("Item", "Name", "名称", "Unit", "Definition"),
            (
                [f"`{i.name}`", i.title, i.title_zh, i.unit.replace("_", " "), i.rule]
                for i in ITEMS.values()
            ),
        ),
        EVENTS.format(least=events.LEAST, noise=events.NOISE),
        REPORT.format(recent=report.RECENT),
        VIEWS,
        QUALITY,
        _table(("Rule of a bar", "What to do"), ([f"`{n}`", text] for n, text in HINTS.items())),
        _table(
            ("Finding", "Said as", "中文"),
            ([f"`{name}`", *texts] for name, texts in FINDINGS.items()),
        ),
    ]
    return "\n".join(parts)


def _side(direction: int) -> str:
    return {1: "a rise", -1: "a fall", 0: "neither"}[direction]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
