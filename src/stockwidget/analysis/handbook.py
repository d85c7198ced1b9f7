"""The handbook of the analysis, ``docs/analysis.md``, made from its tables.

``python -m stockwidget.analysis.handbook`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stockwidget.analysis import risk, signals
from stockwidget.analysis.record import DRAWS, HORIZONS, LEVEL, SMALL
from stockwidget.analysis.scorecard import BANDS, RULES, Scorecard

INTRODUCTION = """\
# What an analysis says, and how it knows

This page is made from the tables of `stockwidget.analysis`: `python -m
stockwidget.analysis.handbook > docs/analysis.md`. The indicators are in
[indicators.md](indicators.md). Nothing here looks ahead: on bars cut off at a day, each answer
is the one of that day. What cannot be said is missing, never zero.
"""
SCORE = """\
## Score

100 times the points given, by the points judged. A rule whose value or threshold is not known
abstains; below a coverage of {least:.0%} of the points there is no score, and the reason is
said. Other weights: `Scorecard(weights={{"trend": 0.5, "momentum": 0.5}})`; they must sum to
one.
"""
RECORD = """\
## Record

Each signal, and each band of the score, stands beside what followed on the same bars, after
{horizons} bars: from the open after the signal to the close that many bars later. Returns that
overlap count once. The edge is the median less the median of all bars; its {level:.0%} interval
comes from {draws} seeded bootstrap samples. Warnings: `few` (under {small} independent events),
`spans_zero` (the interval holds no sign).
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
        RECORD.format(horizons=horizons, level=LEVEL, draws=DRAWS, small=SMALL),
        "## Risk\n\nr is the simple return from close to close; a year has 252 of them.\n",
        _table(
            ("Number", "Definition"),
            ([f"`{name}`", text.replace("|", "\\|")] for name, text in risk.DEFINITIONS.items()),
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
