"""Hits in order, equal ones by symbol; and which of them are worth telling while more come in."""

from __future__ import annotations

import bisect
from collections.abc import Iterable

from stockwidget.scan.findings import Row

_Key = tuple[float, str]


class Ranking:
    """All hits so far that may be among the best.

    ``place`` is where in a row the number stands that orders them.
    """

    def __init__(self, *, place: int, descending: bool, top: int | None) -> None:
        self._place = place
        self._sign = -1.0 if descending else 1.0
        self._top = top
        self._rows: list[Row] = []
        self._best: list[_Key] = []

    def add(self, rows: Iterable[Row]) -> list[Row]:
        """Take rows in; return those that are among the ``top`` best now, as they came."""
        new = list(rows)
        if self._top is not None:
            keys = [self._key(row) for row in new]
            for key in keys:
                if len(self._best) < self._top or key < self._best[-1]:
                    bisect.insort(self._best, key)
                    del self._best[self._top :]
            new = [row for row, key in zip(new, keys, strict=True) if key <= self._best[-1]]
        self._rows += new
        return new

    def ranked(self) -> list[Row]:
        """Hits in order, cut to ``top``."""
        return sorted(self._rows, key=self._key)[: self._top]

    def _key(self, row: Row) -> _Key:
        return self._sign * float(row[self._place] or 0.0), str(row[0])
