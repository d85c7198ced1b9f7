"""The page of the rule language, ``docs/rules.md``, made from its tables.

``python -m stockwidget.scan.rules.handbook`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterator

from stockwidget.scan.rules.functions import FUNCTIONS, MAX_WINDOW, Function
from stockwidget.scan.rules.operations import OPS
from stockwidget.scan.rules.plan import MAX_COLUMNS, compile_rule
from stockwidget.scan.rules.presets import PRESETS
from stockwidget.scan.rules.reading import MAX_NODES
from stockwidget.scan.rules.scorecard import LEAST_COVERAGE, QUESTIONS, SCORE, points
from stockwidget.scan.rules.text import MAX_DEPTH, MAX_LETTERS
from stockwidget.scan.rules.values import example

INTRODUCTION = f"""\
# Rules

This page is made from the tables of the language:
`python -m stockwidget.scan.rules.handbook > docs/rules.md`.

```python
import stockwidget as sw

sw.scan(
    "sample",
    rule="cross_up(macd_dif, macd_dea, within=3) and close > sma(200) and rsi(14) < 70",
    rank="rank(ret(20)) - rank(volatility(60))",
    columns=["close", "rsi(14)", "drawdown(252)"],
)
print(sw.explain("golden_cross and volume_ratio > 2"))  # in words, as a plan, and its lookback
```

A rule is a condition, judged on each symbol's last bar. `rank` and `columns` are numbers (or
conditions) in the same language. Text is parsed with Python's grammar and compiled to a plan;
nothing of it is ever run as Python. A rule that cannot be read says where:

```
Unknown `smaa`. Did you mean `sma`?
    close > smaa(200)
            ^^^^
```

## How it is written

- **Columns** `open`, `high`, `low`, `close`, `volume`: prices adjusted for splits and dividends.
- **Numbers** `0.05`, `1e6`; + − × ÷ as `+ - * /`. A condition in a sum counts as 1 or 0:
  `(close > sma(20)) + (rsi(14) > 50) == 2`.
- **Comparisons** `< <= > >= == !=`, also in chains: `30 < rsi(14) < 70`. **Logic** `and`, `or`,
  `not`.
- **Settings** in brackets, by place or by name: `sma(200)`, `sma(window=200)`; a function without
  brackets has its usual ones: `rsi` is `rsi(14)`. Those that look at the close may look at
  something else, which comes first: `sma(volume, 20)`, `ema(rsi(14), 9)`.
- **Conventions**: `ema`, `macd_…`, `rsi` are TA-Lib's, `kdj_…` Tongdaxin's;
  `macd_dif(convention="tdx")` is the other one. See [indicators.md](indicators.md).
- **Column names of before** such as `rsi_14` and `sma_200` mean `rsi(14)` and `sma(200)`.
- Full-width signs are read as plain ones, 且, 或, 非 as `and`, `or`, `not`:
  `close ＞ sma（200） 且 rsi ＜ 70`.

## What is not known

A value that cannot be known is missing, never zero: before a function's lookback, in a gap of the
data, where a number is divided by zero. A comparison with it is not known either. `and` and `or`
follow Kleene: what is false whatever the missing value was is false. A symbol whose rule or order
is not known *abstains*, and the scan says which expression needed how many bars, of how many.

`cross_up` and `cross_down` skip bars on which both lines are equal: what counts is the last bar
on which they differed. `rank()` and `zscore()` without a window compare the symbols of the scan
that have the value, on the last bar alone: they cannot stand inside functions that look back.

## How fast it is

Only what is wanted is computed: a moving average that is compared today reads one window; what
depends on all history (EMA, Wilder's averages, KDJ, OBV, SAR) is one pass over the bars of eight
symbols at a time, and can go on from yesterday's state with the same bytes. A new rule is planned
in milliseconds and never compiled: one compiled interpreter runs all of them.
`benchmarks/rules.py` prints the figures.

## Limits

{MAX_LETTERS} letters; {MAX_DEPTH} open brackets; {MAX_NODES} steps; windows to {MAX_WINDOW} bars;
{MAX_COLUMNS} columns. Powers, `if`, lists and text have no meaning. `beta`, `correlation` and
`turnover` need a benchmark or the number of shares, which a scan does not have.
"""

GROUPS = {
    "averages": "Averages",
    "bands": "Bands",
    "oscillators": "Oscillators",
    "trend": "Trend",
    "ranges": "Ranges",
    "changes": "Changes",
    "volume": "Volume",
    "windows": "Windows",
    "conditions": "Conditions over time",
    "market": "Across symbols",
    "arithmetic": "Arithmetic",
}


def markdown() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *_functions(), "", *_score(), *_presets()]) + "\n"


def _functions() -> Iterator[str]:
    yield "## Functions\n"
    yield "*Bars* is the history until the first value, with the settings shown; with *then all*,"
    yield "later values depend on all bars before.\n"
    for group, title in GROUPS.items():
        rows = [row for row in FUNCTIONS.values() if row.group == group]
        yield f"### {title}\n"
        yield _line(["As in", "", "", "Settings", "Looks at", "Bars", "Gives"])
        yield _line(["---"] * 7)
        for row in rows:
            yield _line(_cells(row))
        yield ""


def _cells(row: Function) -> list[str]:
    settings = [f"{s.name}" + (f" = {s.default:g}" if s.default else "") for s in row.settings]
    if row.convention:
        settings.append(f'convention = "{row.convention}"')
    if row.takes and row.must:
        looks = "what is given" if row.takes == 1 else "two that are given"
        looks = "a condition" if row.of == "condition" else looks
    else:
        looks = ", ".join(row.series) + (" or what is given" if row.takes else "")
    history = OPS[row.op].memory if row.op in OPS else ""
    bars = compile_rule(columns=[example(row)]).lookback + 1
    return [
        f"`{example(row)}`",
        row.en,
        row.zh,
        ", ".join(settings),
        looks,
        f"{bars}, then all" if history == "past" and row.op != "cross" else f"{bars}",
        row.gives,
    ]


def _score() -> Iterator[str]:
    bars = compile_rule(columns=[SCORE]).lookback + 1
    yield f"""\
## The score

`score` is the number, 0 to 100, that `sw.analyze` gives the same bars, to the last bit:
[analysis.md](analysis.md). It is a number like any other: `rank="score"`, `score > 70 and
rising(score, 3)`, `cross_up(score, 60)`. Each condition that holds earns its points; one that
cannot be judged abstains. The score is the percentage of the judged points that were earned; with
less than {LEAST_COVERAGE:.0%} of the points judged there is none, and the symbol is a failure that
says so ({bars} bars are enough as a rule).
"""
    yield _line(["Condition", "Family", "Points"])
    yield _line(["---"] * 3)
    for question in QUESTIONS:
        yield _line([f"`{question.text}`", question.family, f"{points(question):g}"])
    yield ""


def _presets() -> Iterator[str]:
    yield "## Presets\n"
    yield "A preset is a word like any other: `golden_cross and volume_ratio > 2`.\n"
    yield _line(["Word", "", "", "Rule", "Bars"])
    yield _line(["---"] * 5)
    for row in PRESETS.values():
        bars = compile_rule(columns=[row.rule]).lookback + 1
        yield _line([f"`{row.name}`", row.why_en, row.why_zh, f"`{row.rule}`", str(bars)])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
