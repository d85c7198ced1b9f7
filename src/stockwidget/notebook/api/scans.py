"""One rule over many symbols, now or on many days of the past, and what changed between two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from stockwidget.arguments import named

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from stockwidget.notebook.api.options import Colors, Locale
    from stockwidget.notebook.durations import Duration
    from stockwidget.notebook.handle import Scan, Study
    from stockwidget.notebook.scan_diff import ScanDiff
    from stockwidget.notebook.scan_result import ScanResult
    from stockwidget.notebook.universes import Askable
    from stockwidget.tasks.code import Code


@named
def scan(
    universe: Askable = "sample",
    rule: str | Callable[..., Any] | None = None,
    *,
    where: Mapping[str, tuple[str, float]] | None = None,
    sort: str = "ret_20",
    rank: str | None = None,
    descending: bool = True,
    top: int | None = None,
    pace_s: float | None = None,
    sparklines: bool = True,
    columns: Sequence[str] | None = None,
    source: Askable | None = None,
    members: pd.DataFrame | None = None,
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

    ``sw.scan("synthetic:500", "rsi(14) < 30 and close > sma(200)", rank="ret(20)", top=20)``.

    ``universe`` is ``"sample"``, ``"synthetic:N"``, ``"watchlist:name"``, a market of ``source``
    (``"US"``, ``"HK"``, ``"CN"``), an index whose members ``source`` knows (``"index:CSI300"``), a
    store, a folder of files (``Path`` or ``"folder:path"``), a DataFrame of bars, or a list of
    symbols, which are read from ``source``: a name, a store, a folder or a DataFrame, beside which
    ``members`` says who was in an index, and when (docs/store.md). ``market`` (``"CN"``),
    ``min_bars`` and ``min_turnover`` (mean of close × volume over 20 bars) cut it before anything
    is computed.

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
    from stockwidget.notebook.universes import cluster_of, source_of, universe_of

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
        "source": source_of(source, members, universe),
        "as_of": as_of,
        "cluster": cluster_of(cluster),
        "market": market,
        "min_bars": min_bars,
        "min_turnover": min_turnover,
        **own,
    }
    wishes = Wishes(name=name, tags=tags, notes=notes, keep_for=keep_for, force=force)
    return submit(Scan, params, wishes, code=code, locale=locale, colors=colors)


@named
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
    source: Askable | None = None,
    members: pd.DataFrame | None = None,
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
) -> Study:
    """Start a study, the same rule on many days of the past, and return its handle at once.

    ``sw.study("synthetic:500", "rank(ret(252)) > 90", every="month", start="2018-01-01")``.

    ``universe``, ``rule``, ``where``, ``source``, ``members``, ``cluster`` and the filters as in
    ``scan``; ``rank`` with ``top`` cuts the hits of each day to the first ones. The hits of a day
    are those of ``scan(…, as_of=day)``: bars, adjustments, filters and, where the universe has
    dates of membership, members are those of the day.

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
    from stockwidget.notebook.universes import cluster_of, source_of, universe_of

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
        "source": source_of(source, members, universe),
        "cluster": cluster_of(cluster),
        "market": market,
        "min_bars": min_bars,
        "min_turnover": min_turnover,
        **own,
    }
    wishes = Wishes(name=name, tags=tags, notes=notes, keep_for=keep_for, force=force)
    return submit(Study, params, wishes, code=code, locale=locale, colors=colors)


@named
def diff(old: Scan | ScanResult, new: Scan | ScanResult) -> ScanDiff:
    """Compare two scans: ``.entered``, ``.left`` and ``.stayed`` are DataFrames by symbol.

    Takes handles (and waits for them) or results. ``.changed`` names what they were asked
    differently. Raises InvalidRequest for anything else than scans.
    """
    from stockwidget.notebook.scan_diff import diff as compare

    return compare(old, new)


def _rule_of(rule: Any) -> tuple[Any, dict[str, Any], Code | None]:
    """Return the text of a rule, and a function's own parameters and code. See ``pack``."""
    if not callable(rule):
        return rule, {}, None
    from stockwidget.parts.packing import pack

    return None, *pack(rule=rule)
