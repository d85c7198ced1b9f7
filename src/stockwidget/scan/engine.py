"""A scan, chunk after chunk, so that hits and progress can stream out.

A symbol without a value that the rule or the order needs is a *failure* with its reason; it is
neither a hit nor a silent miss. If every symbol failed, so does the scan.

Chunks of a store are computed by two threads, since the kernels do not hold the GIL, and told in
the order of the universe: neither threads nor interruptions change a byte of the result. At most
three chunks are held at a time, besides the pages of the store that the system maps.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stockwidget.errors import StockwidgetError
from stockwidget.params import ScanParams
from stockwidget.scan import past
from stockwidget.scan.ahead import THREADS, computed
from stockwidget.scan.chunk import Chunk, Failure, common_error, failures_of
from stockwidget.scan.cluster import Cluster, asked_for, compute
from stockwidget.scan.columns import IDENTITY, compile_params, sorted_by
from stockwidget.scan.counters import Counters
from stockwidget.scan.findings import Findings, Row, chunk_key
from stockwidget.scan.judge import Judged, Verdict, judged, last_values
from stockwidget.scan.provenance import provenance
from stockwidget.scan.ranking import Ranking
from stockwidget.scan.sparks import BARS, sparks_of
from stockwidget.scan.supply import Judge, Loaded, frame_of
from stockwidget.scan.universe import Universe
from stockwidget.sources.base import Provenance
from stockwidget.store.snapshot import Block

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class ScanChunk(Chunk):
    """Also with its hits."""

    rows: tuple[Row, ...]
    """Hits that may be among the ``top`` best."""
    sparks: tuple[str, ...]
    """One a row, if the scan has any."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Symbols of a chunk, and what is known of it already."""

    key: str
    symbols: tuple[str, ...]
    todo: tuple[str, ...]
    found: Findings

    def take(self, fresh: Findings) -> None:
        """Take in what was found of ``todo``."""
        found = self.found
        for symbol in self.todo:
            found.errors.pop(symbol, None)
        found.values += fresh.values
        found.rows += fresh.rows
        found.sparks.update(fresh.sparks)
        found.errors.update(fresh.errors)
        found.origins += fresh.origins
        if len(self.todo) < len(self.symbols):
            found.arrange(self.symbols)


class Scan:
    """One scan. Iterate ``run()`` to its end, then ask for ``document()``."""

    def __init__(
        self,
        *,
        params: ScanParams,
        universe: Universe,
        done: Mapping[str, Mapping[str, Any]] | None = None,
        retry: Collection[str] = (),
        threads: int = THREADS,
        own: Judge | None = None,
    ) -> None:
        """Take over the chunks ``done``; of those in ``retry``, try the failed symbols again.

        ``own`` judges what the rule lets pass, symbol by symbol and by all bars of each.
        """
        self.params = params
        self.universe = universe
        self.plan = compile_params(params)
        labels = [output.label for output in self.plan.outputs]
        self.columns = (*IDENTITY, *(labels[place] for place in self.plan.columns))
        self.sort = labels[sorted_by(self.plan)]
        self.counters = Counters(total=len(universe.symbols))
        self._done = done or {}
        self._retry = frozenset(retry)
        self._threads = threads if own is None else 1  # not every function bears threads
        self._own = own
        self._verdict = Verdict(self.plan, where=[c.column for c in params.where])
        self._ranking = Ranking(
            place=self.columns.index(self.sort), descending=params.descending, top=params.top
        )
        self._failures: list[Failure] = []
        self._errors: list[StockwidgetError] = []
        self._origins: dict[Provenance, None] = {}  # an ordered set
        self._waiting: list[Findings] = []
        self._sparks: dict[str, str] = {}

    def run(self) -> Iterator[ScanChunk]:
        """Scan chunk after chunk.

        Raises the symbols' own error at the end if every single one failed.
        """
        kept = self._own is None and self.params.as_of is None
        if self.params.cluster is None and kept:
            self.universe.supply.remember(self.plan)
        found = computed(
            self._parts(),
            self.findings,
            self._remote,
            supply=self.universe.supply,
            cluster=self.params.cluster,
            threads=self._threads,
        )
        try:
            with contextlib.closing(found) as parts:
                for part, fresh in parts:
                    if fresh is not None:
                        part.take(fresh)
                    yield self._add(part, fresh=fresh is not None)
        finally:
            self.universe.supply.close()
        if self.plan.across:
            yield self._judge_all()
        if self._errors and len(self._errors) == len(self.universe.symbols):
            raise common_error(self._errors)

    def ranked(self) -> list[Row]:
        """Hits in order, equal ones by symbol, cut to ``top``."""
        return self._ranking.ranked()

    def document(self) -> dict[str, Any]:
        """Return the result document of ``docs/protocol.md``."""
        universe, rows = self.params.universe, self.ranked()
        # Of a day of the past all hits are fresh.
        ended = [] if self.params.as_of is not None else [str(row[2]) for row in rows]
        return {
            "schema": SCHEMA,
            "kind": "scan",
            "universe": universe if isinstance(universe, str) else list(universe),
            "params": self.params.shown(),
            "provenance": provenance(self.universe.supply, list(self._origins), ended),
            "columns": list(self.columns),
            "sort": self.sort,
            "descending": self.params.descending,
            **self._shown(rows),
            "failures": [asdict(failure) for failure in self._failures],
            "excluded": dict(self.universe.excluded),
            "counters": self.counters.to_dict(),
        }

    def _shown(self, rows: Sequence[Row]) -> dict[str, Any]:
        found: dict[str, Any] = {"rows": [list(row) for row in rows]}
        if self.params.sparklines:
            found["sparks"] = [self._sparks[str(row[0])] for row in rows]
        return found

    def _parts(self) -> Iterator[_Part]:
        symbols, size = self.universe.symbols, self.universe.supply.chunk
        for start in range(0, len(symbols), size):
            within = symbols[start : start + size]
            key = chunk_key(start, within)
            found, todo = Findings.read(self._done.get(key)), within
            if key in self._done:
                todo = tuple(found.errors) if key in self._retry else ()
            yield _Part(key=key, symbols=within, todo=todo, found=found)

    def _remote(self, cluster: Cluster, part: _Part) -> Future[Findings]:
        params = asked_for(self.params.to_dict(), part.todo)
        opened = self.universe.supply.opened
        return cluster.submit(compute, params, part.todo, opened, read=Findings.read)

    def findings(self, symbols: Sequence[str]) -> Findings:
        """Load and evaluate some symbols, in their order."""
        found = Findings()
        if not symbols:
            return found
        supply, day = self.universe.supply, self.params.as_of
        loaded = supply.load(symbols) if day is None else past.load(supply, symbols, day)
        values = loaded.values
        if values is None:
            values = last_values(self.plan, loaded.block)
        every = judged(values, loaded.block, loaded.names, loaded.bars)
        if self.plan.across:
            found.values = every.plain()
        else:
            found.rows, found.errors = self._verdict.rows(every)
        if self._own is not None:
            self._ask(self._own, loaded.block, found)
        if self.params.sparklines:
            found.sparks = self._pictures(loaded, found)
        found.errors.update(loaded.errors)
        found.origins = list(loaded.origins)
        if found.errors or len(found.origins) > 1:  # all else comes in their order
            found.arrange(symbols)
        return found

    def _pictures(self, loaded: Loaded, found: Findings) -> dict[str, str]:
        """Sparks of what may be a hit, from bars that a memory did not have to read if need be."""
        names = {str(row[0]) for row in (found.values if self.plan.across else found.rows)}
        block = loaded.block
        which = [k for k, symbol in enumerate(block.symbols) if symbol in names]
        held = np.diff(block.offsets)
        if any(held[k] < min(loaded.bars[k], BARS) for k in which):
            block = self.universe.supply.recent([block.symbols[k] for k in which], BARS)
            which = list(range(len(which)))
        return sparks_of(block, which)

    @staticmethod
    def _ask(own: Judge, block: Block, found: Findings) -> None:
        """Leave of the rows those of which ``own`` says yes."""
        kept, traced = [], False
        places = {symbol: place for place, symbol in enumerate(block.symbols)}
        for row in found.rows:
            symbol = str(row[0])
            try:
                if own(symbol, frame_of(block, places[symbol])):
                    kept.append(row)
            except StockwidgetError as error:
                if traced:
                    error.data.pop("traceback", None)  # that of the first one is enough
                traced = traced or "traceback" in error.data
                found.errors[symbol] = error
        found.rows = kept

    def _add(self, part: _Part, *, fresh: bool) -> ScanChunk:
        found = part.found
        for _, origin in found.origins:
            self._origins.setdefault(origin)
        if self.plan.across:
            self._waiting.append(found)
        return self._told(part.key, found, processed=len(part.symbols), fresh=fresh)

    def _judge_all(self) -> ScanChunk:
        """Judge every symbol against all others."""
        every = Judged.read([line for found in self._waiting for line in found.values], self.plan)
        rows, errors = self._verdict.rows(every)
        sparks = {s: spark for found in self._waiting for s, spark in found.sparks.items()}
        return self._told("", Findings(rows=rows, errors=errors, sparks=sparks))

    def _told(
        self, key: str, found: Findings, *, processed: int = 0, fresh: bool = False
    ) -> ScanChunk:
        failures, errors = failures_of(found.errors), found.errors.values()
        self._failures += failures
        self._errors += errors
        self.counters = self.counters.plus(processed=processed, found=found.hits, errors=errors)
        told = self._ranking.add(found.rows)
        if len(told) < len(found.rows):
            found.cut(told)
        if self.params.sparklines:
            self._sparks |= {str(row[0]): found.sparks.get(str(row[0]), "") for row in told}
        return ScanChunk(
            key=key,
            fresh=fresh,
            rows=tuple(told),
            sparks=tuple(self._sparks[str(row[0])] for row in told) if self._sparks else (),
            failures=failures,
            counters=self.counters,
            data=found.plain() if fresh else {},
        )
