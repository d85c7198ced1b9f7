"""The score of an analysis and its explanation, as text, table and picture."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from stockwidget.analysis.report_pen import reading
from stockwidget.notebook.settings import card_settings
from stockwidget.notebook.terms import Terms

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FACTOR_COLUMNS = [
    "family", "rule", "value", "threshold", "above", "points", "max", "abstained", "reason",
    "date", "source",
]  # fmt: skip


class Score:
    """What a result says in one number, and why. ``float(score)`` is NaN where there is none."""

    def __init__(
        self, part: Mapping[str, Any], terms: Terms, symbol: str, dates: pd.DatetimeIndex
    ) -> None:
        self.part = part
        """The ``score`` of the result document (docs/protocol.md)."""
        self._terms = terms
        self._symbol = symbol
        self._dates = dates

    @property
    def value(self) -> float | None:
        """0 to 100; None if too little could be judged, see ``reason``."""
        value: float | None = self.part["value"]
        return value

    @property
    def band(self) -> str | None:
        """``strong_buy buy hold reduce sell``, made of the score alone; None without a score."""
        band: str | None = self.part["band"]
        return band

    @property
    def coverage(self) -> float:
        """Share of the points that could be judged, 0 to 1."""
        return float(self.part["coverage"])

    @property
    def reason(self) -> str | None:
        """Why there is no score; None if there is one."""
        return self._terms.reason(self.part["reason"])

    @cached_property
    def families(self) -> pd.DataFrame:
        """``weight score points judged max coverage``, indexed by family; a silent one has NaN."""
        rows = [{k: v for k, v in f.items() if k != "factors"} for f in self.part["families"]]
        return pd.DataFrame(rows).rename(columns={"key": "family"}).set_index("family")

    @cached_property
    def history(self) -> pd.Series[float]:
        """The score of each bar as it could be known then, by date; NaN where there was none."""
        return pd.Series(self.part["history"], index=self._dates, dtype="float64", name="score")

    def explain(self, locale: Literal["en", "zh"] = "en") -> Explanation:
        """Every rule with its value, threshold, points and date, in English or Chinese."""
        card_settings(locale=locale)
        return Explanation(self, self._terms.speaking(locale), self._symbol)

    def __float__(self) -> float:
        return float("nan") if self.value is None else self.value

    def __repr__(self) -> str:
        return f"<Score of {self.explain().headline}>"

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_()


class Explanation:
    """Why a score is what it is: ``print`` it, take ``frame`` or ``figure()``."""

    def __init__(self, score: Score, terms: Terms, symbol: str) -> None:
        self._score = score
        self._terms = terms
        self.symbol = symbol

    @property
    def headline(self) -> str:
        """Symbol, day, score, band and coverage in a line."""
        say, score = self._terms.say, self._score
        about = f"{self.symbol} {score.part['date']}: "
        if score.value is None:
            return about + str(self._terms.reason(score.part["reason"]))
        band = self._terms.title("bands", str(score.band))
        return (
            about
            + say("score_line", score=f"{score.value:.0f}", band=band)
            + ("" if score.coverage == 1.0 else f" · {say('coverage')} {score.coverage:.0%}")
        )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a rule, indexed by ``factor``: points of those judged add up to the score.

        ``value`` and ``threshold`` in the rule's own unit, ``points`` of ``max``; NaN if the rule
        abstained, and then ``reason`` says why.
        """
        rows = [
            {
                **row,
                "family": family["key"],
                "factor": row["key"],
                "rule": self._terms.title("factors", row["key"]),
                "reason": self._terms.reason(row["reason"]),
            }
            for family in self._score.part["families"]
            for row in family["factors"]
        ]
        frame = pd.DataFrame(rows).set_index("factor")[FACTOR_COLUMNS]
        numbers = ["value", "threshold", "points", "max"]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    def figure(self) -> Figure:
        """Draw points given, missed and not judged, by family; labels in English."""
        from stockwidget.notebook.score_png import figure

        return figure(self._score.part, self._terms.speaking("en"), self.symbol)

    def __str__(self) -> str:
        lines = [self.headline]
        if scaled := self._terms.reason(self._score.part.get("scaled")):
            lines.append(scaled)
        for family in self._score.part["families"]:
            title = self._terms.title("families", family["key"])
            lines.append(f"{title}: {family['points']:g} / {family['max']:g}")
            lines += [f"  {self._line(row)}" for row in family["factors"]]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _line(self, row: Mapping[str, Any]) -> str:
        rule = self._terms.title("factors", row["key"])
        if row["abstained"]:
            reason = self._terms.reason(row["reason"])
            return f"– /{row['max']:g}  {rule}: {self._terms.say('abstains')}. {reason}"
        given = f"{row['points']:.3g}/{row['max']:g}  {rule}"
        if row.get("how") == "share":
            return f"{given}: {row['value']:.0%}"
        if row.get("how") == "holds":
            return given
        sign = ">" if row["value"] > row["threshold"] else "≤"
        if not row["above"]:
            sign = "<" if row["value"] < row["threshold"] else "≥"
        value, threshold = (
            reading(row["key"], row[name], self._terms.language) for name in ("value", "threshold")
        )
        numbers = f"{value} {sign} {threshold}"
        return f"{row['points']:g}/{row['max']:g}  {rule}: {numbers}"

    def _repr_html_(self) -> str:
        from stockwidget.notebook.static_analysis import explanation_html

        return explanation_html(self.headline, self._score.part, self._terms)
