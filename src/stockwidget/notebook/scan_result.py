"""What a scan found, as pandas objects made from its result document (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from stockwidget.notebook.many_symbols import ManySymbols


class ScanResult(ManySymbols):
    """The table a scan found."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a hit, indexed by ``symbol``, sorted as asked; a missing number is NaN."""
        return rows_frame(self.document["columns"], self.document["rows"])

    @property
    def index(self) -> pd.Index[Any]:
        """The symbols of the hits, best first."""
        return self.table.index

    def __getattr__(self, name: str) -> Any:
        # What a DataFrame can, the table does: head, to_csv, sort_values, …
        if name.startswith("_") or name in {"document", "table"}:
            raise AttributeError(name)
        return getattr(self.table, name)

    def __getitem__(self, key: Any) -> Any:
        return self.table[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.document["rows"])

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(n for n in dir(self.table) if not n.startswith("_"))})

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


def ranked_frame(partial: Mapping[str, Any]) -> pd.DataFrame:
    """Rows that a scan has told so far, in the order of its result."""
    columns, rows = partial.get("columns", ()), list(partial.get("rows", ()))
    if partial.get("sort") in columns:
        place = list(columns).index(partial["sort"])
        sign = -1 if partial.get("descending", True) else 1
        rows.sort(key=lambda row: (sign * float(row[place] or 0.0), row[0]))
    return rows_frame(columns, rows[: partial.get("top")])


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
