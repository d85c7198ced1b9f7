"""The functions of the package. Light: what is heavy is imported inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from stockwidget.notebook.comparison import Comparison
    from stockwidget.notebook.connection import Connection
    from stockwidget.notebook.doctor import Report
    from stockwidget.notebook.durations import Duration
    from stockwidget.notebook.handle import Analysis, Scan, Study, Task
    from stockwidget.notebook.monitor import Monitor
    from stockwidget.notebook.own_bars import Place
    from stockwidget.notebook.results import AnalysisResult, ScanResult
    from stockwidget.notebook.scan_diff import ScanDiff
    from stockwidget.notebook.task_table import TaskTable
    from stockwidget.notebook.universes import Askable
    from stockwidget.scorecards import Scorecard
    from stockwidget.store.barstore import BarStore
    from stockwidget.tasks.code import Code

Part = Any
"""A function marked by ``sw.signal`` or ``sw.factor``, or the name of an installed one."""
Locale = Literal["en", "zh"]
Colors = Literal["red-up", "green-up"]


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


def scan(
    universe: Askable = "sample",
    *,
    rule: str | Callable[..., Any] | None = None,
    where: Mapping[str, tuple[str, float]] | None = None,
    sort: str = "ret_20",
    rank: str | None = None,
    descending: bool = True,
    top: int | None = None,
    pace_s: float | None = None,
    sparklines: bool = True,
    columns: Sequence[str] | None = None,
    source: str | BarStore | None = None,
    as_of: str | date | None = None,
    cluster: object = None,
    market: str | None = None,
    min_bars: int | None = None,
    min_turnover: float | None = None,
    name: str | None = None,
    tags: Sequence[str] = (),
    notes: str | None = None,
    keep_for: Duration | None = None,
    force: bool = False,
    locale: Locale | None = None,
    colors: Colors | None = None,
) -> Scan:
    """Start a scan over many symbols and return its handle at once.

    ``universe`` is ``"sample"``, ``"synthetic:N"``, ``"watchlist:name"``, a market of ``source``
    (``"US"``, ``"HK"``, ``"CN"``), an index whose members ``source``, a store, knows
    (``"index:CSI300"``), a store, a folder of
    files (``Path`` or ``"folder:path"``), a DataFrame of bars, or a list of symbols, which are
    read from ``source``. ``market`` (``"CN"``), ``min_bars`` and ``min_turnover`` (mean of
    close × volume over 20 bars) cut it before anything is computed.

    ``rule`` is a condition as text, ``"close > sma(200) and rsi(14) < 70"`` (docs/rules.md), or
    a function of a symbol's bars marked by ``@sw.rule`` (docs/own_parts.md);
    ``where`` maps columns to conditions that must hold too, ``{"rsi_14": ("<", 70)}``. Hits are
    ordered by the expression ``rank``, or the column ``sort``, and cut to ``top``; ``columns`` are
    expressions to show. A symbol that cannot be judged becomes a row of ``.failures``, never one
    of zeros. ``cluster`` (a Dask scheduler's address, a ``Client``, or ``"local:N"``) has chunks
    computed there, with the same bytes. ``name``, ``tags``, ``notes``, ``keep_for`` and ``force``
    as in ``analyze``; results of scans are kept for four hours.

    ``as_of`` judges each symbol by the bars and the adjustments that were known at the close of
    that day; one that was not traded then is a failure. ``study`` judges a rule on many days.

    ``pace_s`` tells the rows over so many seconds, for whoever wants to watch or to teach.
    ``sparklines=False`` leaves out the small pictures of each hit's last 60 closes.

    Raises InvalidRequest or UnknownParameter at once for bad parameters, ServerUnreachable or
    NotAuthorized if the server named by ``STOCKWIDGET_SERVER`` cannot be used.
    """
    from stockwidget.notebook.handle import Scan
    from stockwidget.notebook.submit import Wishes, submit
    from stockwidget.notebook.universes import cluster_of, universe_of

    rule, own, code = _rule_of(rule)
    params: dict[str, Any] = {
        "universe": universe_of(universe),
        "rule": rule,
        "where": where,
        "sort": sort,
        "rank": rank,
        "descending": descending,
        "top": top,
        "pace_s": pace_s,
        "sparklines": sparklines,
        "columns": columns,
        "source": source if source is None or isinstance(source, str) else universe_of(source),
        "as_of": as_of,
        "cluster": cluster_of(cluster),
        "market": market,
        "min_bars": min_bars,
        "min_turnover": min_turnover,
        **own,
    }
    wishes = Wishes(name=name, tags=tags, notes=notes, keep_for=keep_for, force=force)
    return submit(Scan, params, wishes, code=code, locale=locale, colors=colors)


def study(
    universe: Askable = "sample",
    rule: str | Callable[..., Any] | None = None,
    *,
    where: Mapping[str, tuple[str, float]] | None = None,
    rank: str | None = None,
    descending: bool = True,
    top: int | None = None,
    every: Literal["week", "month", "quarter"] | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    dates: Iterable[str | date] | None = None,
    source: str | BarStore | None = None,
    market: str | None = None,
    min_bars: int | None = None,
    min_turnover: float | None = None,
    name: str | None = None,
    tags: Sequence[str] = (),
    notes: str | None = None,
    keep_for: Duration | None = None,
    force: bool = False,
    locale: Locale | None = None,
    colors: Colors | None = None,
) -> Study:
    """Start a study, the same rule on many days of the past, and return its handle at once.

    ``universe``, ``rule``, ``where``, ``source`` and the filters as in ``scan``; ``rank`` with
    ``top`` cuts the hits of each day to the first ones. The hits of a day are those of
    ``scan(…, as_of=day)``: bars, adjustments, filters and, where the universe has dates of
    membership, members are those of the day.

    The days are the last trading days of ``every`` week, month (as it is left out) or quarter from
    ``start`` to ``end``, the last five years if these are left out; or those listed in ``dates``.

    The result has the ``.hits`` of each day, their ``.turnover``, and in ``.forward`` the returns
    that followed after 5, 20 and 60 bars beside those of all symbols judged on the same days, with
    a bootstrap interval and warnings; ``.summary`` says it in words (docs/studies.md). ``name``,
    ``tags``, ``notes``, ``keep_for`` and ``force`` as in ``analyze``; kept for four hours.

    Raises InvalidRequest or UnknownParameter at once for bad parameters, ServerUnreachable or
    NotAuthorized if the server named by ``STOCKWIDGET_SERVER`` cannot be used.
    """
    from stockwidget.notebook.handle import Study
    from stockwidget.notebook.submit import Wishes, submit
    from stockwidget.notebook.universes import universe_of

    rule, own, code = _rule_of(rule)
    listed = dates is None or isinstance(dates, str)
    params: dict[str, Any] = {
        "universe": universe_of(universe),
        "rule": rule,
        "where": where,
        "rank": rank,
        "descending": descending,
        "top": top,
        "every": every,
        "start": start,
        "end": end,
        "dates": dates if listed else list(cast("Iterable[Any]", dates)),
        "source": source if source is None or isinstance(source, str) else universe_of(source),
        "market": market,
        "min_bars": min_bars,
        "min_turnover": min_turnover,
        **own,
    }
    wishes = Wishes(name=name, tags=tags, notes=notes, keep_for=keep_for, force=force)
    return submit(Study, params, wishes, code=code, locale=locale, colors=colors)


def attach(task: str, *, locale: Locale | None = None, colors: Colors | None = None) -> Task[Any]:
    """Return the handle of a task that is there already; nothing is computed again.

    ``task`` is an id or six letters and more of its beginning, a ``name``, or ``"last"`` for the
    newest task. Works from any kernel of the user, also after a restart of it.

    Raises UnknownTask (with near names), TaskExpired, AmbiguousTask (with the ids in question), or
    ServerUnreachable.
    """
    from stockwidget.notebook.attach import attach as attached

    return attached(task, locale=locale, colors=colors)


def tasks(
    *,
    status: str | Sequence[str] | None = None,
    kind: str | None = None,
    name: str | None = None,
    tag: str | None = None,
    limit: int = 100,
    locale: Locale | None = None,
) -> TaskTable:
    """Return the tasks of all the user's kernels, newest first: a table, live in a notebook.

    ``status`` is one state or several; ``name`` and ``tag`` are matched whole; ``limit`` is 1 to
    1000. ``.frame`` is a DataFrame, ``tasks()[0]`` the handle of the first one.

    Raises InvalidRequest or ServerUnreachable.
    """
    from stockwidget.notebook.task_table import list_tasks

    query = {"status": status, "kind": kind, "name": name, "tag": tag, "limit": limit}
    return list_tasks(query, locale=locale)


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
    from stockwidget.notebook.universes import universe_of

    asked = {
        "source": universe_of(source),
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


def diff(old: Scan | ScanResult, new: Scan | ScanResult) -> ScanDiff:
    """Compare two scans: ``.entered``, ``.left`` and ``.stayed`` are DataFrames by symbol.

    Takes handles (and waits for them) or results. ``.changed`` names what they were asked
    differently. Raises InvalidRequest for anything else than scans.
    """
    from stockwidget.notebook.scan_diff import diff as compare

    return compare(old, new)


def watchlist(name: str, symbols: Sequence[str] | None = None) -> list[str]:
    """Save ``symbols`` as a list called ``name``, for ``scan("watchlist:name")``, or return it.

    Raises InvalidRequest with the nearest names if there is no such list.
    """
    from stockwidget.notebook.universes import watchlist as kept

    return kept(name, symbols)


def store(path: str | Path) -> BarStore:
    """Open the store of bars in the folder ``path``; it is made when bars are appended.

    ``.append(frame | file | folder)`` adds bars as a new version, ``.symbols``,
    ``.bars(symbol)`` and ``.version`` read; docs/store.md has the rest. A store is a universe for
    ``scan``.
    """
    from stockwidget.store.barstore import BarStore

    return BarStore(path)


def symbols(source: str = "sample") -> pd.DataFrame:
    """Return what ``source`` holds: one row a symbol, indexed by it.

    Columns: ``name``, ``market``, ``first`` and ``last`` (dates of its first and last bar),
    ``bars`` (count) and ``origin``. Raises InvalidRequest for an unknown source.
    """
    from stockwidget.notebook.listing import list_symbols

    return list_symbols(source)


def connection() -> Connection:
    """How news of this process's tasks travel now: state, transport, since when and why.

    Starts nothing: before the first task it is ``idle`` and names no server.
    """
    from stockwidget.notebook.connection import connection as now

    return now()


def doctor(task: Task[Any] | str | None = None, *, locale: Locale | None = None) -> Report:
    """Look, step by step, whether tasks and their news work from here; else why not and what to do.

    Show it, or read ``.ok``, ``.checks`` and ``.to_dict()``. With ``task`` (a handle or an id) it
    also says what has become of that one. Takes a few seconds, up to half a minute where
    something is held back; runs one small analysis of the sample. Names no secret. It speaks the
    language of ``locale``; messages of errors stay English.
    """
    from stockwidget.notebook.doctor import examine

    return examine(task, locale=locale)


def stats() -> dict[str, Any]:
    """Return what delivery did: connections, tasks by state, frames, polls, delays, changes.

    The numbers are those of the Jupyter server that runs this process's tasks, of all its readers
    since its start, or of the child process where there is no server; ``kernel`` has those of this
    process where it feeds pages itself. docs/statistics.md explains each. Nothing measured is
    None. Raises ServerUnreachable or NotAuthorized.
    """
    from stockwidget.notebook.monitor import read
    from stockwidget.notebook.runners import current

    return read(current())


def monitor(*, locale: Locale | None = None) -> Monitor:
    """Return the statistics to be shown: live in a notebook, still in a terminal or a report."""
    from stockwidget.notebook.monitor import Monitor
    from stockwidget.notebook.runners import current

    return Monitor(current(), locale=locale or "")


def _rule_of(rule: Any) -> tuple[Any, dict[str, Any], Code | None]:
    """Return the text of a rule, and a function's own parameters and code. See ``pack``."""
    if not callable(rule):
        return rule, {}, None
    from stockwidget.parts.packing import pack

    return None, *pack(rule=rule)
