"""Analyses of one symbol, and of several side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from stockwidget.arguments import named

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from stockwidget.notebook.api.options import Colors, Locale, Part
    from stockwidget.notebook.comparison import Comparison
    from stockwidget.notebook.durations import Duration
    from stockwidget.notebook.handle import Analysis
    from stockwidget.notebook.own_bars import Place
    from stockwidget.notebook.results import AnalysisResult
    from stockwidget.scorecards import Scorecard


@named
def analyze(
    symbol: str | pd.DataFrame,
    *,
    source: Place = "sample",
    facts: pd.DataFrame | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    adjust: Literal["adjusted", "raw"] = "adjusted",
    as_of: str | date | None = None,
    benchmark: str | None = None,
    risk_free: float = 0.0,
    weights: Mapping[str, float] | None = None,
    scorecard: Scorecard | Mapping[str, Any] | None = None,
    signals: Sequence[Part] = (),
    factors: Sequence[Part] = (),
    commentary: str | None = None,
    name: str | None = None,
    tags: Sequence[str] = (),
    notes: str | None = None,
    keep_for: Duration | None = None,
    force: bool = False,
    locale: Locale | None = None,
    colors: Colors | None = None,
) -> Analysis:
    """Start an analysis of one symbol and return its handle at once.

    ``sw.analyze("AAPL")`` at the end of a cell shows it live; ``.result()`` or ``await`` gives
    bars, indicators, score, signals, levels, risk and their record as pandas objects.

    ``source`` names where its bars are: ``"sample"``, ``"synthetic"``, a store (also as
    ``"store:path"``), a folder of files (``Path`` or ``"folder:path"``), or a DataFrame of bars. A
    DataFrame in place of ``symbol`` is enough if it has one symbol. ``facts`` beside a DataFrame of
    bars has what is known of the company (docs/store.md), with its days of publication.

    ``start`` and ``end`` are inclusive dates; prices are in the symbol's currency, adjusted for
    splits and dividends unless ``adjust="raw"``. ``as_of`` instead of ``end`` gives the analysis
    as it would have been at the close of that day: no later bar is looked at, no later dividend
    adjusts a price, and of the company only what was published by then is used. ``benchmark`` is a
    symbol of the same source, for beta and alpha; ``risk_free`` a year's rate (0.03 is 3 %).
    ``weights`` are shares of the factor families ``trend technical volume volatility momentum`` in
    the score, which sum to one, by default 0.30, 0.25, 0.20, 0.15 and 0.10. ``locale`` and
    ``colors`` override the page's language and the market's habit (red or green for a rise).

    ``signals`` and ``factors`` are functions marked by ``@sw.signal`` and ``@sw.factor``, or names
    of installed ones; ``scorecard`` is a ``sw.Scorecard`` or the same as a mapping
    (docs/own_parts.md). The functions run in a worker process with this process's interpreter.

    ``commentary`` names an installed commentator, such as ``"openai-compatible"``
    (docs/commentary.md): a language model's words below the report, in the language of ``locale``
    or English, with every number checked against the facts. Off by default.

    ``name`` (for ``sw.attach``), ``tags`` (for ``sw.tasks``) and ``notes`` are the reader's own.
    The result is kept for two hours after its end, or for ``keep_for`` ("3d", a timedelta, seconds)
    if that is longer. The same analysis that runs already, or whose result is kept and whose data
    have not changed, is shared; ``force`` runs another one.

    Raises InvalidRequest or UnknownParameter at once for bad parameters, InvalidBars or
    InvalidFacts for bad frames, ServerUnreachable or NotAuthorized if the server named by
    ``STOCKWIDGET_SERVER`` cannot be used, CodeNotAllowed if it runs no functions of users. What
    only the run can know (UnknownSymbol, InsufficientHistory, PartFailed) is raised by
    ``.result()`` and shown by the card.
    """
    from stockwidget.notebook.handle import Analysis
    from stockwidget.notebook.own_bars import place_of
    from stockwidget.notebook.submit import Wishes, submit

    symbol, source = place_of(symbol, source, facts)
    params: dict[str, Any] = {
        "symbol": symbol,
        "source": source,
        "start": start,
        "end": end,
        "adjust": adjust,
        "as_of": as_of,
        "benchmark": benchmark,
        "risk_free": risk_free,
        "weights": weights,
        "scorecard": scorecard,
        "commentary": commentary,
        "commentary_locale": locale if commentary is not None else None,
    }
    code = None
    if signals or factors:
        from stockwidget.parts.packing import pack

        own, code = pack(signals=signals, factors=factors)
        params |= own
    wishes = Wishes(name=name, tags=tags, notes=notes, keep_for=keep_for, force=force)
    return submit(Analysis, params, wishes, code=code, locale=locale, colors=colors)


@named
def compare(
    *symbols: str | Analysis | AnalysisResult | Sequence[str | Analysis | AnalysisResult],
    source: Place = "sample",
    start: str | date | None = None,
    end: str | date | None = None,
    adjust: Literal["adjusted", "raw"] = "adjusted",
    as_of: str | date | None = None,
    benchmark: str | None = None,
    risk_free: float = 0.0,
    weights: Mapping[str, float] | None = None,
    scorecard: Scorecard | Mapping[str, Any] | None = None,
    timeout: float | None = None,
    locale: Locale | None = None,
    colors: Colors | None = None,
) -> Comparison:
    """Analyse 2 to 12 symbols side by side, each as a task of its own; returns at once.

    ``sw.compare("AAPL", "NVDA", benchmark="MSFT")``.

    Takes symbols (or a list of them), which are analysed with the other parameters (as in
    ``analyze``), and handles or results of analyses made before, with signals and factors of your
    own if they have some. Show it to watch them arrive on one chart. ``.prices`` are closes on the
    common dates, from 100; ``.correlation`` is that of daily log returns; ``.families`` and
    ``.table`` have scores and key figures, ``.figure()`` a picture: they wait for all analyses, at
    most ``timeout`` seconds. A symbol whose analysis failed is a row of ``.failures``, and
    ``.notes()`` say what to know before comparing. ``.cancel()`` stops those that still run.

    Raises InvalidRequest or ServerUnreachable at once; what waits raises TimeoutError.
    """
    from stockwidget.notebook.comparison import compare as compared
    from stockwidget.notebook.durations import check_timeout
    from stockwidget.notebook.own_bars import place_name

    check_timeout(timeout)

    asked = {
        "source": place_name(source),
        "start": start,
        "end": end,
        "adjust": adjust,
        "as_of": as_of,
        "benchmark": benchmark,
        "risk_free": risk_free,
        "weights": weights,
        "scorecard": scorecard,
    }
    return compared(symbols, asked, timeout=timeout, locale=locale, colors=colors)
