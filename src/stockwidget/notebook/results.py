"""What a task found, as pandas objects made from its result document (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd


class AnalysisResult:
    """Bars, indicators and summary of one symbol. ``document`` is the JSON it was made from."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @property
    def symbol(self) -> str:
        """The symbol, normalised."""
        return str(self.document["symbol"])

    @property
    def provenance(self) -> dict[str, Any]:
        """Source, adjustment, range, origin and licence of the bars."""
        return dict(self.document["provenance"])

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
    def _dates(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(pd.to_datetime(self.document["bars"]["date"]), name="date")

    def __repr__(self) -> str:
        about = self.document["provenance"]
        return (
            f"<AnalysisResult {self.symbol} {about['first']} to {about['last']}: "
            f"{len(self.bars)} bars, {self.indicators.shape[1]} indicators>"
        )

    def _repr_html_(self) -> str:
        from stockwidget.notebook.static_output import analysis_html

        return analysis_html(self.document)


class ScanResult:
    """The table a scan found. ``document`` is the JSON it was made from."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a hit, indexed by ``symbol``, sorted as asked; a missing number is NaN."""
        return rows_frame(self.document["columns"], self.document["rows"])

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Symbols that could not be scanned: ``code`` and ``message``, indexed by ``symbol``."""
        found = pd.DataFrame(list(self.document["failures"]), columns=["symbol", "code", "message"])
        return found.set_index("symbol")

    @property
    def counters(self) -> dict[str, int]:
        """``total processed found failed``."""
        return dict(self.document["counters"])

    @property
    def provenance(self) -> dict[str, Any]:
        """Source and range of the bars; ``synthetic`` if they are made up."""
        return dict(self.document["provenance"])

    def __len__(self) -> int:
        return len(self.document["rows"])

    def __repr__(self) -> str:
        count = self.counters
        head = (
            f"<ScanResult {count.get('found', len(self))} of {count.get('total', '?')} symbols"
            f", {count.get('failed', 0)} failed>"
        )
        return f"{head}\n{self.table}" if len(self) else head

    def _repr_html_(self) -> str:
        from stockwidget.notebook.static_output import scan_html

        return scan_html(self.document)


def rows_frame(columns: Iterable[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Rows of a scan as a frame indexed by symbol; None in a numeric column becomes NaN."""
    names = list(columns) or ["symbol"]
    frame = pd.DataFrame([list(row) for row in rows], columns=names)
    for name in names:
        if name == "last_date":
            frame[name] = pd.to_datetime(frame[name])
        elif name not in {"symbol", "name"}:
            frame[name] = pd.to_numeric(frame[name])
    return frame.set_index("symbol")
