"""What a study found, as pandas objects made from its result document (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from stockwidget.notebook.many_symbols import ManySymbols
from stockwidget.notebook.settings import card_settings

COUNTS = ("members", "traded", "judged", "hits")
TURNOVER = ("new", "gone", "new_share", "gone_share")


class StudyResult(ManySymbols):
    """The same rule on many days, and what followed. docs/studies.md defines each number."""

    @cached_property
    def hits(self) -> pd.DataFrame:
        """A row a day, indexed by ``date``: ``members traded judged hits``, then mean returns.

        ``after_5`` is the mean return of the day's hits after 5 bars, ``base_5`` that of all
        symbols judged on the day; fractions, NaN where not known.
        """
        frame = days_frame(self._dates, {name: self.document["days"][name] for name in COUNTS})
        for horizon, found in self.document["after"].items():
            for name, key in (("after", "hits"), ("base", "base")):
                frame[f"{name}_{horizon}"] = pd.array(found[key], dtype="float64")
        return frame

    @cached_property
    def turnover(self) -> pd.DataFrame:
        """A row a day: hits that are ``new`` since the day before, and those that are ``gone``.

        ``new_share`` is their share of the day's hits, ``gone_share`` that of the hits of the day
        before; NaN on the first day, and where there were none.
        """
        days = self.document["days"]
        frame = days_frame(self._dates, {name: days[name] for name in TURNOVER})
        return frame.astype("float64")

    @cached_property
    def forward(self) -> pd.DataFrame:
        """What followed the hits beside the universe, indexed by ``horizon`` in bars.

        ``n`` returns on ``days`` days; ``mean``, ``base_mean`` and their difference ``edge`` with
        its 95 % interval, fractions; ``up`` and ``base_up`` the shares above zero; ``independent``
        days that share no bar; hits whose return is ``unknown``, and of these whose bars ``ended``;
        ``warnings`` (``few``, ``spans_zero``) say where it means little.
        """
        rows = [{**row, "warnings": ", ".join(row["warnings"])} for row in self.document["forward"]]
        frame = pd.DataFrame(rows).set_index("horizon")
        numbers = ["mean", "base_mean", "edge", "edge_low", "edge_high", "up", "base_up"]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    @cached_property
    def events(self) -> pd.DataFrame:
        """The hits one by one: ``date symbol``, and the return after each horizon.

        Empty if there are more than 100,000; their counts are in ``hits``.
        """
        part = self.document["events"] or {"day": [], "symbol": [], "after": {}}
        dates = pd.to_datetime([self._dates[day] for day in part["day"]])
        frame = pd.DataFrame({"date": dates, "symbol": pd.array(part["symbol"], dtype=object)})
        for horizon, values in part["after"].items():
            frame[f"after_{horizon}"] = pd.array(values, dtype="float64")
        return frame

    @property
    def summary(self) -> str:
        """The result in sentences; ``report("zh")`` has them in Chinese."""
        return self.report()

    def report(self, locale: Literal["en", "zh"] = "en") -> str:
        """Say the result in words, a line a sentence, warnings among them."""
        card_settings(locale=locale)
        return "\n".join(self.document["words"][locale])

    @property
    def warnings(self) -> tuple[str, ...]:
        """``survivors`` (today's list was used for the past), ``ended`` (hits left the market)."""
        return tuple(self.document["warnings"])

    @property
    def _dates(self) -> Sequence[str]:
        dates: Sequence[str] = self.document["dates"]
        return dates

    def __len__(self) -> int:
        return len(self._dates)

    def __repr__(self) -> str:
        return f"<StudyResult {self.document['label']}, {len(self)} days>\n{self.summary}"

    def _repr_html_(self) -> str:
        from stockwidget.notebook.static_output import study_html

        return study_html(self.document)

    def _repr_markdown_(self) -> str:
        from stockwidget.notebook.static_study import study_markdown

        return study_markdown(self.document)


def days_frame(dates: Sequence[str], columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """One row a date; missing values become NaN."""
    index = pd.DatetimeIndex(pd.to_datetime(list(dates)), name="date")
    return pd.DataFrame({name: list(values) for name, values in columns.items()}, index=index)
