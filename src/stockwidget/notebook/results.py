"""What an analysis found, as pandas objects made from its result document (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import pandas as pd

from stockwidget.errors import InvalidRequest
from stockwidget.notebook.score import Score
from stockwidget.notebook.settings import card_settings
from stockwidget.notebook.static_analysis import score_line
from stockwidget.notebook.terms import Terms

if TYPE_CHECKING:
    from pyarrow import lib as pa

    from stockwidget.notebook.commentary import Commentary
    from stockwidget.notebook.earlier import Since
    from stockwidget.notebook.report import Report

RATES = ["hit_rate", "base_hit_rate", "median", "base_median", "edge", "edge_low", "edge_high"]


class Result:
    """What is alike in all results. ``document`` is the JSON it was made from."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @property
    def provenance(self) -> dict[str, Any]:
        """Source, adjustment, range, origin and licence of the bars; if they are ``synthetic``."""
        return dict(self.document["provenance"])

    if not TYPE_CHECKING:  # A checker says it at once.

        def __await__(self) -> NoReturn:
            raise InvalidRequest(
                "This is the result already; nothing is left to wait for.",
                hint="Write r = await t, or r = t.result(), not both.",
            )

    def to_arrow(self) -> pa.Table:
        """Return what has a row a bar, a hit or a day; the rest in the schema's metadata."""
        from stockwidget.notebook.arrow import table

        return table(self.document)


class AnalysisResult(Result):
    """Bars, indicators, score, signals, levels, risk and their record of one symbol.

    ``document`` is the JSON it was made from (docs/protocol.md), ``task`` the id of the task that
    made it, if that is known.
    """

    def __init__(self, document: Mapping[str, Any], *, task: str | None = None) -> None:
        super().__init__(document)
        self.task = task

    @property
    def symbol(self) -> str:
        """The symbol, normalised."""
        return str(self.document["symbol"])

    @property
    def summary(self) -> pd.Series[Any]:
        """Key figures. Returns, volatility and drawdown are fractions (0.01 is 1 %)."""
        return pd.Series(self.document["summary"], name=self.symbol, dtype=object)

    @cached_property
    def bars(self) -> pd.DataFrame:
        """``open high low close volume``, float64, on ``date``; in the symbol's currency."""
        columns = {k: v for k, v in self.document["bars"].items() if k != "date"}
        return pd.DataFrame(columns, index=self._dates, dtype="float64")

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """One float64 column an output, on the index of ``bars``; NaN until the window is full."""
        return pd.DataFrame(self.document["indicators"], index=self._dates, dtype="float64")

    @cached_property
    def score(self) -> Score:
        """The score with its reasons; ``score.explain()`` traces every point."""
        return Score(self._part("score"), self.terms, self.symbol, self._dates)

    def report(
        self,
        locale: Literal["en", "zh"] = "en",
        *,
        since: Since = None,
    ) -> Report:
        """Say the result in words, in English or Chinese: templates filled with its numbers.

        Summary, the case for, the case against, levels, risk, fundamentals and data quality.
        ``print`` it, or show it as Markdown. ``since`` adds what changed: since an earlier result
        of the same symbol (or its handle), since ``"last"``, the newest one kept that was made
        before this one, or since a date: then the same analysis is made as of that day, and waited
        for.

        Raises InvalidRequest if there is none, or if it is of another symbol or ends later; for a
        date also what ``sw.analyze(…, as_of=…).result()`` raises.
        """
        from stockwidget.notebook.earlier import earlier
        from stockwidget.notebook.report import Report

        card_settings(locale=locale)
        self._part("score")
        return Report(self.document, locale, earlier=earlier(self.document, self.task, since))

    @property
    def commentary(self) -> Commentary | None:
        """A language model's words, if they were asked for; None otherwise.

        ``.text``, ``.unmatched`` (numbers that no fact bears out), ``.numbers`` (how many were
        checked) and ``.missing`` (why there is none); docs/commentary.md.
        """
        from stockwidget.notebook.commentary import Commentary

        part = self.document.get("commentary")
        return None if part is None else Commentary(part)

    @cached_property
    def signals(self) -> pd.DataFrame:
        """Every signal in order of time, indexed by ``date``; it was known at that day's close.

        ``key title direction`` (1 is said to announce a rise, −1 a fall, 0 takes no side) ``price``
        (the close), and what the rule compared: ``value threshold``, NaN for candlestick patterns
        and divergences. docs/analysis.md has the rules.
        """
        part = self._part("signals")
        frame = pd.DataFrame({name: part[name] for name in part if name not in {"row", "date"}})
        titles = [self.terms.title("signals", key) for key in part["key"]]
        frame.insert(1, "title", pd.Series(titles, dtype=object))
        numbers = ["price", "value", "threshold"]
        frame[numbers] = frame[numbers].astype("float64")
        frame["direction"] = frame["direction"].astype("int64")
        return frame.set_index(pd.DatetimeIndex(pd.to_datetime(part["date"]), name="date"))

    @cached_property
    def levels(self) -> pd.DataFrame:
        """Support and resistance: ``kind price touches first last distance``, nearest first.

        ``distance`` from the last close is a fraction; ``first`` and ``last`` are its touches.
        """
        columns = ["kind", "price", "touches", "first", "last", "distance"]
        frame = pd.DataFrame(list(self._part("levels")), columns=columns)
        return frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("first", "last")})

    @property
    def trend(self) -> pd.Series[Any]:
        """``state`` (up, down, sideways, unknown), ``strong``, ``adx`` and each reason."""
        part = self._part("trend")
        reasons = {each["key"]: each["holds"] for each in part["reasons"]}
        found = {key: part[key] for key in ("state", "strong", "adx", "date")}
        return pd.Series({**found, **reasons}, name=self.symbol, dtype=object)

    @property
    def risk(self) -> pd.Series[Any]:
        """Risk of holding over the range; fractions unless docs/analysis.md names another unit.

        A number that cannot be said (too few returns, no benchmark) is None.
        """
        return pd.Series(self._part("risk"), name=self.symbol, dtype=object)

    @cached_property
    def seasonality(self) -> pd.DataFrame:
        """Returns by calendar month, indexed 1 to 12: ``n median mean hit_rate worst best few``."""
        frame = pd.DataFrame(self._part("seasonality")["months"]).set_index("month")
        numbers = ["median", "mean", "hit_rate", "worst", "best"]
        return frame.astype(dict.fromkeys(numbers, "float64"))

    @cached_property
    def monthly_returns(self) -> pd.DataFrame:
        """Return of each month that was seen whole: a row a year, columns 1 to 12, fractions."""
        found = pd.DataFrame(self._part("seasonality")["returns"])
        table = found.pivot_table(index="year", columns="month", values="value")
        return table.reindex(columns=pd.Index(range(1, 13), name="month")).astype("float64")

    @property
    def sizing(self) -> pd.Series[Any]:
        """Shares for which a stop of two ATR costs 1 % of ``capital``; a hint, no advice."""
        part = {**self._part("sizing")}
        part["reason"] = self.terms.reason(part["reason"])
        return pd.Series(part, name=self.symbol, dtype=object)

    @cached_property
    def record(self) -> pd.DataFrame:
        """What followed signals and scores, indexed by ``across of key horizon``.

        ``across`` is ``symbol`` (this one) or ``universe`` (all of a small source), ``of`` is
        ``signal`` or ``score`` (its bands), ``horizon`` in bars. Returns are fractions, from the
        next open; ``n`` events, of which ``independent`` count; ``edge`` is the median less the
        base median (any day), with its 95 % bootstrap interval; ``warnings`` (``few``,
        ``spans_zero``) say where it means little. docs/analysis.md defines each.
        """
        part = self._part("record")
        index = ["across", "of", "key", "horizon"]
        rows = [
            {"across": across, "of": of, **row, "warnings": ", ".join(row["warnings"])}
            for across, source in (("symbol", part), ("universe", part["universe"]))
            for of, name in (("signal", "signals"), ("score", "score"))
            for row in source.get(name, ())
        ]
        frame = pd.DataFrame(rows).set_index(index).sort_index()
        return frame.astype(dict.fromkeys(RATES, "float64"))

    @cached_property
    def fundamentals(self) -> pd.DataFrame:
        """What was known of the company on the day of the analysis, indexed by ``item``.

        ``title value unit currency period_end published source of date stale``; ``of`` names what
        a ratio was made of, at the close of ``date``. Fractions are 0.01 for 1 %. A ratio that
        cannot be had is NaN. ``.attrs["notes"]`` says in words what is missing, and why.
        """
        from stockwidget.notebook.company import figures_frame

        return figures_frame(self._part("fundamentals"), self.terms)

    @cached_property
    def events(self) -> pd.DataFrame:
        """Dividends, splits and earnings dates, indexed by ``date``; some may lie ahead.

        ``key title value currency fraction published source``: a dividend's amount for a share and
        its part of the close before, a split's new shares for an old one. Without a ``source`` it
        was read from how adjusted closes leave the closes, so that an amount is right to a few
        percent.
        """
        from stockwidget.notebook.company import events_frame

        return events_frame(self._part("fundamentals"), self.terms)

    @property
    def dividends(self) -> pd.DataFrame:
        """Dividends by ex-date: ``amount`` for a share, ``fraction`` of the close before."""
        paid = self.events[self.events["key"] == "dividend"]
        return paid[["value", "fraction"]].rename(columns={"value": "amount"})

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What is odd about the bars, by ``key``: ``level`` (warning, info), ``text``."""
        rows = [
            (each["key"], each["level"], self.terms.reason(each, "findings"))
            for each in self._part("quality")["findings"]
        ]
        return pd.DataFrame(rows, columns=["key", "level", "text"]).set_index("key")

    @cached_property
    def terms(self) -> Terms:
        """Names and definitions of every key; ``terms.speaking("zh")`` has them in Chinese."""
        return Terms(self._part("terms"))

    def _part(self, name: str) -> Any:
        if name not in self.document:
            raise InvalidRequest(
                f"This result of {self.symbol} has no {name}: an earlier version made it.",
                hint="Run the analysis again with force=True.",
                field=name,
            )
        return self.document[name]

    @cached_property
    def _dates(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(pd.to_datetime(self.document["bars"]["date"]), name="date")

    def __repr__(self) -> str:
        about = self.document["provenance"]
        score = self.document.get("score")
        said = f", {score_line(score, self.terms)}" if score else ""
        return (
            f"<AnalysisResult {self.symbol} {about['first']} to {about['last']}: "
            f"{len(self.bars)} bars, {self.indicators.shape[1]} indicators{said}>"
        )

    def _repr_html_(self) -> str:
        from stockwidget.notebook.static_output import analysis_html

        return analysis_html(self.document)
