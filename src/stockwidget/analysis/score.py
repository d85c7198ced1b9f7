"""A score from 0 to 100 of which every point can be traced to a rule, a value and a date.

A rule without a value abstains: its points are neither given nor counted. Coverage is the share of
points that were judged; below the scorecard's least coverage there is no score, and a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.analysis.lines import Lines
from stockwidget.analysis.scorecard import Band, How, Rule, Scorecard
from stockwidget.indicators.arrays import Floats
from stockwidget.scorecards import total


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One rule's answer on the last bar."""

    family: str
    name: str
    rule: str
    rule_zh: str
    value: float | None
    threshold: float | None
    points: float | None
    """Given; None if the rule abstains."""
    possible: float
    date: str
    source: str
    above: bool = True
    how: How = "compared"


@dataclass(frozen=True, kw_only=True, slots=True)
class FamilyScore:
    """A family's points among those judged, and its coverage, 0 to 1."""

    family: str
    score: float | None
    """0 to 100; None if every rule of it abstains."""
    points: float
    judged: float
    possible: float
    coverage: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """The verdict on the last bar."""

    score: float | None
    band: Band | None
    coverage: float
    """Share of the possible points that were judged, 0 to 1."""
    date: str
    reason: str | None
    """Why there is no score."""
    families: tuple[FamilyScore, ...]
    rows: tuple[Row, ...]

    def explain(self) -> list[dict[str, Any]]:
        """One dict a rule; 100 · points given / points judged is the score."""
        return [asdict(row) for row in self.rows]

    def to_frame(self) -> pd.DataFrame:
        """``explain()`` as a table."""
        return pd.DataFrame(self.explain())

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def judge(lines: Lines, card: Scorecard | None = None, *, source: str = "bars") -> Score:
    """Score the last bar. ``source`` is cited in each row: where the bars come from."""
    card = card or Scorecard()
    rows = [_row(rule, lines, card, source) for rule in card.rules if card.points(rule) > 0]
    possible = total(row.possible for row in rows)
    judged = total(row.possible for row in rows if row.points is not None)
    coverage = judged / possible
    value = None
    reason = None
    if not _enough(judged, possible, card):
        missing = ", ".join(row.name for row in rows if row.points is None)
        reason = (
            f"No score: {coverage:.0%} of the points could be judged, "
            f"{card.least_coverage:.0%} are needed. Without a value: {missing}."
        )
    else:
        value = _percent(total(row.points or 0.0 for row in rows), judged)
    return Score(
        score=value,
        band=None if value is None else card.band(value),
        coverage=coverage,
        date=str(lines.dates[-1]),
        reason=reason,
        families=_families(rows),
        rows=tuple(rows),
    )


def history(lines: Lines, card: Scorecard | None = None) -> Floats:
    """The score of every bar (n,) as it could be known then; NaN below the least coverage."""
    card = card or Scorecard()
    given, judged = np.zeros(len(lines)), np.zeros(len(lines))
    possible = 0.0
    for rule in card.rules:
        points = card.points(rule)
        share = rule.shares(lines, *rule.reading(lines))
        known = np.isfinite(share)
        given += points * np.where(known, share, 0.0)
        judged += points * known
        possible += points
    enough = _enough(judged, possible, card)
    found = np.divide(100.0 * given, judged, out=np.full(len(lines), np.nan), where=enough)
    return np.asarray(np.minimum(found, 100.0))


def _row(rule: Rule, lines: Lines, card: Scorecard, source: str) -> Row:
    reading = rule.reading(lines)
    share = float(rule.shares(lines, *reading)[-1])
    value, threshold = (float(values[-1]) for values in reading)
    possible = card.points(rule)
    return Row(
        family=rule.family,
        name=rule.name,
        rule=rule.rule,
        rule_zh=rule.rule_zh,
        value=value if np.isfinite(value) else None,
        threshold=threshold if np.isfinite(threshold) else None,
        points=possible * share if np.isfinite(share) else None,
        possible=possible,
        date=str(lines.dates[-1]),
        source=source,
        above=rule.above,
        how=rule.how,
    )


def _families(rows: Sequence[Row]) -> tuple[FamilyScore, ...]:
    found = []
    for family in dict.fromkeys(row.family for row in rows):
        mine = [row for row in rows if row.family == family]
        points = total(row.points or 0.0 for row in mine)
        judged = total(row.possible for row in mine if row.points is not None)
        possible = total(row.possible for row in mine)
        found.append(
            FamilyScore(
                family=family,
                score=_percent(points, judged) if judged else None,
                points=points,
                judged=judged,
                possible=possible,
                coverage=judged / possible,
            )
        )
    return tuple(found)


def _enough(judged: Any, possible: float, card: Scorecard) -> Any:
    """Whether so many points make a score; where just enough are judged, whatever was rounded."""
    return (judged > 0) & (judged >= card.least_coverage * possible - 1e-9)


def _percent(points: float, judged: float) -> float:
    return min(100.0 * points / judged, 100.0)  # sums of the same points may differ by a rounding
