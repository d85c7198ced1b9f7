"""``sw.compare``: analyses of several symbols side by side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.notebook.handle import Analysis
from stockwidget.notebook.many_symbols import failures_frame
from stockwidget.notebook.results import AnalysisResult
from stockwidget.notebook.settings import CardSettings, card_settings
from stockwidget.notebook.words import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from stockwidget.notebook.comparison_display import ComparisonDisplay

MOST = 12
"""More lines than that nobody tells apart."""
LEAST = 20
"""Fewer common returns have no correlation worth the name."""
YEAR = 252
SUMMED = ("last_close", "return_20d", "return_1y", "volatility_1y", "max_drawdown")
NUMBERS = ["score", "coverage", *SUMMED, "sharpe", "beta", "common_return", "common_volatility",
           "common_drawdown"]  # fmt: skip
WITHOUT = {"failed", "cancelled", "expired"}
"""States in which an analysis has ended and has no result."""


class Comparison:
    """Analyses side by side, by symbol and in the order asked for.

    Display it to watch them arrive. What needs their results waits for all of them, at most
    ``timeout`` seconds, and raises TimeoutError or ServerUnreachable; the analyses go on.
    """

    def __init__(
        self,
        given: Mapping[str, Analysis | AnalysisResult],
        failures: Iterable[Mapping[str, Any]] = (),
        settings: CardSettings | None = None,
        timeout: float | None = None,
    ) -> None:
        self.given = dict(given)
        """Handles and results, as they were given or started."""
        self.settings = settings or CardSettings()
        self._failures = list(failures)
        self._timeout = timeout
        self._display: ComparisonDisplay | None = None

    @property
    def locale(self) -> str:
        """The language of its words; ``""`` follows the page."""
        return self.settings.locale

    @property
    def tasks(self) -> dict[str, Analysis]:
        """The handles among what is compared, by symbol."""
        return {s: each for s, each in self.given.items() if isinstance(each, Analysis)}

    @property
    def done(self) -> bool:
        """Whether nothing has to be waited for."""
        return all(task._followed.settled for task in self.tasks.values())  # noqa: SLF001

    @property
    def analyses(self) -> dict[str, AnalysisResult]:
        """The results, by symbol."""
        return self._gathered[0]

    @property
    def failures(self) -> pd.DataFrame:
        """Symbols without an analysis: ``code`` and ``message``, indexed by ``symbol``."""
        return failures_frame(self._gathered[1])

    def cancel(self) -> None:
        """Ask those that still run to stop; the others are compared."""
        for task in self.tasks.values():
            if not task._followed.settled:  # noqa: SLF001 - our own handle
                task.cancel()

    @cached_property
    def _gathered(self) -> tuple[dict[str, AnalysisResult], list[Mapping[str, Any]]]:
        found: dict[str, AnalysisResult] = {}
        failures = list(self._failures)
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        for name, each in self.given.items():
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                found[name] = each if isinstance(each, AnalysisResult) else each.result(left)
            except StockwidgetError as error:
                if isinstance(each, AnalysisResult) or each.status not in WITHOUT:
                    raise
                failures.append({"symbol": name, "code": error.code, "message": str(error)})
        return found, failures

    def _forget(self) -> None:
        """An analysis was run again: what was made of the old ones holds no more."""
        for name in ("_gathered", "prices", "returns", "correlation", "families", "table"):
            self.__dict__.pop(name, None)

    @cached_property
    def prices(self) -> pd.DataFrame:
        """Closes on the dates that all have, each divided by its first and times 100.

        A column a symbol, in its own currency and as each analysis adjusts; empty where there is
        no common date.
        """
        closes = [result.bars["close"].rename(s) for s, result in self.analyses.items()]
        if not closes:
            return pd.DataFrame(dtype="float64")
        common = pd.concat(closes, axis=1, join="inner").sort_index()
        return common / common.iloc[0] * 100.0 if len(common) else common

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Log returns from each common date to the next; a date fewer than ``prices``."""
        logs: pd.DataFrame = self.prices.apply(np.log).diff().iloc[1:]
        return logs

    @cached_property
    def correlation(self) -> pd.DataFrame:
        """Pearson's correlation of ``returns``; NaN with under 20 of them, or a still price."""
        found = self.returns.corr(min_periods=LEAST)
        still = self.returns.columns[~(self.returns.std() > 0)]
        found.loc[still, :] = found.loc[:, still] = np.nan
        return found

    @cached_property
    def families(self) -> pd.DataFrame:
        """Share of the points in each family of the score, 0 to 100; NaN where it is silent."""
        columns = {s: result.score.families["score"] for s, result in self.analyses.items()}
        return pd.DataFrame(columns, dtype="float64").rename_axis(index="family")

    @cached_property
    def table(self) -> pd.DataFrame:
        """Key figures, a row a symbol: NaN is unknown; rates are fractions (0.01 is 1 %).

        ``score band coverage last_date currency last_close return_20d return_1y volatility_1y
        max_drawdown sharpe beta`` are those of each analysis, on its own range. ``common_return``,
        ``common_volatility`` (of log returns, ddof 1, · √252) and ``common_drawdown`` are taken on
        the common dates alone, so that they can be compared.
        """
        rows = [{"symbol": s, **self._figures(s)} for s in self.analyses]
        columns = ["symbol", "band", "last_date", "currency", *NUMBERS]
        frame = pd.DataFrame(rows, columns=columns).set_index("symbol")
        return frame.astype(dict.fromkeys(NUMBERS, "float64"))

    @property
    def range(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """First and last common date; None where there is none."""
        index = self.prices.index
        return (index[0], index[-1]) if len(index) else None

    def notes(self, locale: str | None = None) -> list[str]:
        """What to know before comparing, in English or Chinese (``zh``)."""
        words = self.locale if locale is None else locale
        about = [result.provenance for result in self.analyses.values()]
        currencies = {str(r.document["currency"]) for r in self.analyses.values()} - {""}
        last = sorted({str(each["last"]) for each in about})
        found = []
        if len(self.analyses) < 2:
            found.append(say(words, "compare_alone"))
        elif len(self.returns) < LEAST:
            found.append(say(words, "compare_few", n=len(self.prices), least=LEAST))
        if len(last) > 1:
            found.append(say(words, "compare_last", first=last[0], last=last[-1]))
        if len(currencies) > 1:
            found.append(say(words, "compare_currencies", names=", ".join(sorted(currencies))))
        if len({each["adjust"] for each in about}) > 1:
            found.append(say(words, "compare_adjust"))
        cards = [
            [r.document["params"].get(name) for name in ("weights", "scorecard", "factors")]
            for r in self.analyses.values()
        ]
        if any(card != cards[0] for card in cards):
            found.append(say(words, "compare_cards"))
        if any(each["synthetic"] for each in about):
            found.append(say(words, "synthetic"))
        return found

    def figure(self) -> Figure:
        """Draw prices, the families as a radar and the correlation; labels in English."""
        from stockwidget.notebook.comparison_png import figure

        return figure(self)

    def __repr__(self) -> str:
        from stockwidget.notebook.comparison_html import text

        return text(self)

    def _repr_html_(self) -> str:
        from stockwidget.notebook.comparison_html import html

        return html(self)

    def _ipython_display_(self) -> None:
        self._shown().show()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._shown().bundle()

    def _shown(self) -> ComparisonDisplay:
        from stockwidget.notebook.comparison_display import ComparisonDisplay

        if self._display is None:
            self._display = ComparisonDisplay(self)
        return self._display

    def _figures(self, symbol: str) -> dict[str, Any]:
        result, prices = self.analyses[symbol], self.prices[symbol].to_numpy()
        score, summary = result.score, result.summary
        known = len(prices) > 1
        moves = self.returns[symbol].std() * YEAR**0.5 if len(self.returns) >= LEAST else None
        fall = (prices / np.maximum.accumulate(prices) - 1.0).min() if known else None
        return {
            "score": score.value,
            "band": score.band,
            "coverage": score.coverage,
            "last_date": pd.Timestamp(summary["last_date"]),
            "currency": result.document["currency"],
            **{key: summary[key] for key in SUMMED},
            "sharpe": result.risk["sharpe"],
            "beta": result.risk["beta"],
            "common_return": prices[-1] / prices[0] - 1.0 if known else None,
            "common_volatility": moves,
            "common_drawdown": fall,
        }


def compare(
    symbols: tuple[Any, ...],
    asked: Mapping[str, Any],
    *,
    timeout: float | None,
    locale: str | None,
    colors: str | None,
) -> Comparison:
    """See ``stockwidget.compare``."""
    from stockwidget.notebook.submit import Wishes, submit

    settings = card_settings(locale=locale, colors=colors)
    if len(symbols) == 1 and isinstance(symbols[0], (list, tuple)):
        symbols = tuple(symbols[0])
    names = [_name(each) for each in symbols]
    _check(names)
    given = [
        submit(Analysis, {"symbol": each, **asked}, Wishes(), locale=locale, colors=colors)
        if isinstance(each, str)
        else each
        for each in symbols
    ]
    return Comparison(dict(zip(names, given, strict=True)), (), settings, timeout)


def _name(each: Any) -> str:
    if isinstance(each, str):
        from stockwidget.symbols import normalize

        return normalize(each)
    if isinstance(each, AnalysisResult):
        return each.symbol
    if isinstance(each, Analysis):
        record = each._followed.snapshot.record  # noqa: SLF001 - our own handle
        return str(record.params["symbol"])
    raise InvalidRequest(
        f"compare takes symbols, analyses or their results, not {type(each).__name__}.",
        hint='For example sw.compare("AAPL", "MSFT", "IBM").',
        field="symbols",
    )


def _check(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidRequest(
            f"{', '.join(twice)} is asked for twice.", hint="Name each once.", field="symbols"
        )
    if not 2 <= len(names) <= MOST:
        raise InvalidRequest(
            f"compare takes 2 to {MOST} symbols, not {len(names)}.",
            hint='For example sw.compare("AAPL", "MSFT", "IBM"); sw.scan ranks many.',
            field="symbols",
        )
