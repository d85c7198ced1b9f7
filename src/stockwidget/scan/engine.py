"""A plain scan: symbol after symbol, in chunks, so that hits and progress can stream out.

A symbol without a value that a condition or the order needs is a *failure* with its reason; it is
neither a hit nor a silent miss. If every symbol failed, so does the scan.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stockwidget.bars import validate, view
from stockwidget.errors import InsufficientHistory, StockwidgetError
from stockwidget.params import ScanParams
from stockwidget.scan import columns
from stockwidget.scan.universe import Universe
from stockwidget.scan.values import last_values
from stockwidget.sources.base import Bars, Provenance

SCHEMA = 1
CHUNK = 50
"""Symbols between two reports; about 50 ms of work."""
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
Cell = str | float | None
Row = tuple[Cell, ...]
"""Symbol, name, last_date, then one number (or None) a shown column."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A symbol that could not be judged, and why."""

    symbol: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Counters:
    """How far a scan is; ``found`` counts hits before ``top`` cuts them."""

    total: int
    processed: int = 0
    found: int = 0
    failed: int = 0

    def plus(self, *, found: int, failed: int, processed: int) -> Counters:
        """Return the counters after another chunk."""
        return Counters(
            total=self.total,
            processed=self.processed + processed,
            found=self.found + found,
            failed=self.failed + failed,
        )

    def to_dict(self) -> dict[str, int]:
        """As events and documents have them."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """What the symbols of one chunk gave; ``counters`` are those of the scan so far."""

    rows: tuple[Row, ...]
    failures: tuple[Failure, ...]
    counters: Counters


class Scan:
    """One scan. Iterate ``run()`` to its end, then ask for ``document()``."""

    def __init__(self, *, params: ScanParams, universe: Universe) -> None:
        columns.check_params(params)
        self.params = params
        self.universe = universe
        self.columns = (*columns.IDENTITY, *columns.shown(params))
        self.counters = Counters(total=len(universe.symbols))
        self._rows: list[Row] = []
        self._failures: list[Failure] = []
        self._errors: list[StockwidgetError] = []
        self._origins: dict[Provenance, None] = {}  # an ordered set

    def run(self) -> Iterator[Chunk]:
        """Scan chunk after chunk.

        Raises the symbols' own error at the end if every single one failed.
        """
        symbols = self.universe.symbols
        for start in range(0, len(symbols), CHUNK):
            yield self._chunk(symbols[start : start + CHUNK])
        if self._errors and len(self._errors) == len(symbols):
            raise self._common_error()

    def ranked(self) -> list[Row]:
        """Hits in order, equal ones by symbol, cut to ``top``."""
        place = self.columns.index(self.params.sort)
        by_symbol = sorted(self._rows, key=lambda row: str(row[0]))
        rows = sorted(by_symbol, key=operator.itemgetter(place), reverse=self.params.descending)
        return rows[: self.params.top]

    def document(self) -> dict[str, Any]:
        """Return the result document of ``docs/protocol.md``."""
        universe = self.params.universe
        return {
            "schema": SCHEMA,
            "kind": "scan",
            "universe": universe if isinstance(universe, str) else list(universe),
            "params": self.params.to_dict(),
            "provenance": self._provenance(),
            "columns": list(self.columns),
            "sort": self.params.sort,
            "descending": self.params.descending,
            "rows": [list(row) for row in self.ranked()],
            "failures": [asdict(failure) for failure in self._failures],
            "counters": self.counters.to_dict(),
        }

    def _chunk(self, symbols: tuple[str, ...]) -> Chunk:
        rows: list[Row] = []
        failures: list[Failure] = []
        for symbol in symbols:
            try:
                row = self._judge(symbol)
            except StockwidgetError as error:
                self._errors.append(error)
                failures.append(Failure(symbol=symbol, code=error.code, message=error.message))
            else:
                if row is not None:
                    rows.append(row)
        self._rows += rows
        self._failures += failures
        self.counters = self.counters.plus(
            found=len(rows), failed=len(failures), processed=len(symbols)
        )
        return Chunk(rows=tuple(rows), failures=tuple(failures), counters=self.counters)

    def _judge(self, symbol: str) -> Row | None:
        bars = self.universe.source.bars(symbol)
        frame = validate(bars.frame, symbol=symbol)
        self._origins.setdefault(bars.provenance)
        shown = self.columns[len(columns.IDENTITY) :]
        values = last_values(view(frame, "adjusted"), shown)
        for name in columns.needed(self.params):
            if values[name] is None:
                raise _lacking(bars, name)
        for condition in self.params.where:
            value = values[condition.column]
            if value is None or not COMPARE[condition.op](value, condition.value):
                return None
        last = frame.index[-1].date().isoformat()
        return (symbol, bars.name, last, *(values[name] for name in shown))

    def _common_error(self) -> StockwidgetError:
        codes = [error.code for error in self._errors]
        first = self._errors[codes.index(max(codes, key=codes.count))]
        if len(self._errors) == 1:
            return first
        return type(first)(
            f"None of the {len(codes)} symbols could be scanned. {first.message}",
            hint=first.hint,
            **first.data,
        )

    def _provenance(self) -> dict[str, Any]:
        origins = list(self._origins)
        lasts = sorted({origin.last for origin in origins})
        notes = list(dict.fromkeys(origin.note for origin in origins))
        if len(lasts) > 1:
            notes = [f"Last bars differ by symbol, from {lasts[0]} to {lasts[-1]}: see last_date."]
        return {
            "source": self.universe.source.name,
            "synthetic": any(origin.synthetic for origin in origins),
            "adjust": "adjusted",
            "first": min(origin.first for origin in origins),
            "last": lasts[-1],
            "origin": "; ".join(dict.fromkeys(origin.origin for origin in origins)),
            "licence": "; ".join(dict.fromkeys(origin.licence for origin in origins)),
            "note": " ".join(notes),
        }


def _lacking(bars: Bars, column: str) -> InsufficientHistory:
    count = len(bars.frame)
    needed = columns.COLUMNS[column].bars
    return InsufficientHistory(
        f"{column} needs {needed} bars; {bars.symbol} has {count}.",
        hint=f"Leave out {column}, or the symbols with less history.",
        symbol=bars.symbol,
        bars=count,
        needed=needed,
    )
