"""What one chunk of a scan found, in a form that a later scan of the same can take over.

Everything is kept in the order of the chunk's symbols, so that a scan that was interrupted, or had
some of its symbols tried again, ends with the same bytes as one that ran through.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from stockwidget.errors import StockwidgetError, from_dict
from stockwidget.sources.base import Provenance

Cell = str | float | None
Row = tuple[Cell, ...]
"""Symbol, name, last_date, then one number (or None) a shown column."""


def chunk_key(start: int, symbols: Sequence[str]) -> str:
    """Name a chunk by its place and its symbols: a universe that changed has other chunks."""
    digest = hashlib.blake2b(",".join(symbols).encode(), digest_size=6).hexdigest()
    return f"{start}:{digest}"


@dataclass(kw_only=True)
class Findings:
    """Hits, errors by symbol, and where the bars came from, with the first symbol of each."""

    rows: list[Row] = field(default_factory=list)
    errors: dict[str, StockwidgetError] = field(default_factory=dict)
    origins: list[tuple[str, Provenance]] = field(default_factory=list)
    values: list[list[Any]] = field(default_factory=list)
    """Lines of ``judge.Judged`` where only all symbols together can be judged."""
    sparks: dict[str, str] = field(default_factory=dict)
    """Of hits, or of all that may be some; see ``sparks``."""
    beaten: int = 0
    """Hits left out of ``rows``, as others before them fill the ``top`` already."""

    @property
    def hits(self) -> int:
        """All that there were."""
        return len(self.rows) + self.beaten

    def cut(self, rows: list[Row]) -> None:
        """Leave ``rows`` alone of the hits: no other can be among the ``top`` best any more."""
        self.beaten = self.hits - len(rows)
        self.rows = rows
        names = {str(row[0]) for row in rows}
        self.sparks = {symbol: s for symbol, s in self.sparks.items() if symbol in names}

    @classmethod
    def read(cls, data: Mapping[str, Any] | None) -> Findings:
        """Read what ``plain`` wrote; nothing of nothing."""
        if data is None:
            return cls()
        return cls(
            rows=[tuple(row) for row in data["rows"]],
            errors={symbol: from_dict(error) for symbol, error in data["errors"].items()},
            origins=[(symbol, Provenance(**origin)) for symbol, origin in data["origins"]],
            values=[list(line) for line in data.get("values", ())],
            sparks=dict(data.get("sparks", ())),
            beaten=data.get("beaten", 0),
        )

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        plain: dict[str, Any] = {
            "rows": [list(row) for row in self.rows],
            "errors": {symbol: error.to_dict() for symbol, error in self.errors.items()},
            "origins": [[symbol, asdict(origin)] for symbol, origin in self.origins],
        }
        if self.values:
            plain["values"] = self.values
        if self.sparks:
            plain["sparks"] = self.sparks
        if self.beaten:
            plain["beaten"] = self.beaten
        return plain

    def arrange(self, symbols: Sequence[str]) -> None:
        """Put everything in the order of ``symbols``, each origin once, at its first symbol."""
        place = {symbol: number for number, symbol in enumerate(symbols)}
        self.rows.sort(key=lambda row: place[str(row[0])])
        self.values.sort(key=lambda line: place[line[0]])
        self.errors = dict(sorted(self.errors.items(), key=lambda item: place[item[0]]))
        first: dict[Provenance, str] = {}
        for symbol, origin in sorted(self.origins, key=lambda pair: place[pair[0]]):
            first.setdefault(origin, symbol)
        self.origins = [(symbol, origin) for origin, symbol in first.items()]
