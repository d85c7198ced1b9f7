"""A plain scan: symbol after symbol, in chunks, so that hits and progress can stream out.

A symbol without a value that a condition or the order needs is a *failure* with its reason; it is
neither a hit nor a silent miss. If every symbol failed, so does the scan.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stockwidget.bars import validate, view
from stockwidget.errors import InsufficientHistory, StockwidgetError
from stockwidget.params import ScanParams
from stockwidget.scan import columns
from stockwidget.scan.findings import Findings, Row, chunk_key
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

    key: str
    fresh: bool
    """False if it was taken over from an earlier scan of the same."""
    rows: tuple[Row, ...]
    failures: tuple[Failure, ...]
    counters: Counters
    data: Mapping[str, Any]
    """All of it as JSON can hold it, to be handed to a later scan as ``done[key]``."""


class Scan:
    """One scan. Iterate ``run()`` to its end, then ask for ``document()``."""

    def __init__(
        self,
        *,
        params: ScanParams,
        universe: Universe,
        done: Mapping[str, Mapping[str, Any]] | None = None,
        retry: Collection[str] = (),
    ) -> None:
        """Take over the chunks ``done``; of those in ``retry``, try the failed symbols again."""
        columns.check_params(params)
        self._done = done or {}
        self._retry = frozenset(retry)
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
            yield self._chunk(start, symbols[start : start + CHUNK])
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

    def _chunk(self, start: int, symbols: tuple[str, ...]) -> Chunk:
        key = chunk_key(start, symbols)
        found, todo = Findings.read(self._done.get(key)), symbols
        if key in self._done:
            todo = tuple(found.errors) if key in self._retry else ()
        for symbol in todo:
            found.errors.pop(symbol, None)
            try:
                row = self._judge(symbol, found)
            except StockwidgetError as error:
                found.errors[symbol] = error
            else:
                if row is not None:
                    found.rows.append(row)
        if todo:
            found.arrange(symbols)
        return self._add(key, found, size=len(symbols), fresh=bool(todo))

    def _add(self, key: str, found: Findings, *, size: int, fresh: bool) -> Chunk:
        failures = tuple(
            Failure(symbol=symbol, code=error.code, message=error.message)
            for symbol, error in found.errors.items()
        )
        self._rows += found.rows
        self._failures += failures
        self._errors += found.errors.values()
        for _, origin in found.origins:
            self._origins.setdefault(origin)
        self.counters = self.counters.plus(
            found=len(found.rows), failed=len(failures), processed=size
        )
        return Chunk(
            key=key,
            fresh=fresh,
            rows=tuple(found.rows),
            failures=failures,
            counters=self.counters,
            data=found.plain(),
        )

    def _judge(self, symbol: str, found: Findings) -> Row | None:
        bars = self.universe.source.bars(symbol)
        frame = validate(bars.frame, symbol=symbol)
        found.origins.append((symbol, bars.provenance))
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
