"""A study, chunk after chunk, so that counts and progress can stream out.

Each chunk of symbols is read once and replayed over all days. The result does not depend on
interruptions: a chunk is taken over whole, or done anew whole.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np

from stockwidget.analysis.record import HORIZONS
from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.params import StudyParams
from stockwidget.scan.ahead import THREADS, computed
from stockwidget.scan.chunk import Chunk, common_error, failures_of
from stockwidget.scan.cluster import Cluster, asked_for
from stockwidget.scan.counters import Counters
from stockwidget.scan.findings import chunk_key
from stockwidget.scan.provenance import provenance
from stockwidget.scan.supply import Judge
from stockwidget.scan.universe import Universe, resolve
from stockwidget.sources.base import Provenance
from stockwidget.study.dates import chosen
from stockwidget.study.document import document
from stockwidget.study.findings import FORMAT, Findings, together
from stockwidget.study.observer import Observer, observe
from stockwidget.study.replay import Filters
from stockwidget.study.tally import Tally, nothing


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Symbols of a chunk, all of them or none to be done, and what is known of them already."""

    key: str
    symbols: tuple[str, ...]
    todo: tuple[str, ...]
    found: Findings


class Study:
    """One study. Iterate ``run()`` to its end, then ask for ``document()``."""

    def __init__(
        self,
        *,
        params: StudyParams,
        done: Mapping[str, Mapping[str, Any]] | None = None,
        retry: Collection[str] = (),
        threads: int = THREADS,
        own: Judge | None = None,
    ) -> None:
        """Take over the chunks ``done``; do those in ``retry`` anew in which a symbol failed.

        ``own`` judges what the rule lets pass, by the bars that were known on the day. Raises
        InvalidRequest if there is no symbol, or no day.
        """
        self.params = params
        asked = replace(params.scan, min_bars=None, min_turnover=None)  # each day has its own
        self.universe: Universe = resolve(asked, past=True)
        self.days = chosen(params, self.universe.supply, self.universe.symbols)
        self.observer = Observer(
            params=params,
            days=self.days,
            supply=self.universe.supply,
            members=self.universe.members,
            own=own,
        )
        if self.universe.members is not None:
            self.universe = replace(self.universe, symbols=self._members())
        self.dates = [str(np.datetime64(int(day), "D")) for day in self.days]
        self.counters = Counters(total=len(self.universe.symbols))
        self.tally: Tally = nothing(len(self.days), len(HORIZONS))
        self._threads = threads if own is None else 1  # not every function bears threads
        self._done = done or {}
        self._retry = frozenset(retry)
        self._waiting: list[Findings] = []
        self._errors: dict[str, StockwidgetError] = {}
        self._origins: dict[Provenance, None] = {}  # an ordered set
        self._filtered = 0
        opened = self.universe.supply.opened
        stamp = blake2b(f"{FORMAT}:{opened}:{','.join(self.dates)}".encode(), digest_size=6)
        self._stamp = stamp.hexdigest()  # counts of other days, or of other bars, do not add up

    def run(self) -> Iterator[Chunk]:
        """Study chunk after chunk.

        Raises the symbols' own error at the end if every single one failed.
        """
        found = computed(
            self._parts(),
            self.observer.findings,
            self._remote,
            supply=self.universe.supply,
            cluster=self.params.scan.cluster,
            threads=self._threads,
        )
        try:
            with contextlib.closing(found) as parts:
                for part, fresh in parts:
                    yield self._add(part, fresh)
        finally:
            self.universe.supply.close()
        if self.observer.plan.across:
            yield self._judge_all()
        if self._errors and len(self._errors) == len(self.universe.symbols):
            raise common_error(list(self._errors.values()))

    def _parts(self) -> Iterator[_Part]:
        symbols, size = self.universe.symbols, self.universe.supply.chunk
        for start in range(0, len(symbols), size):
            within = symbols[start : start + size]
            key = f"{chunk_key(start, within)}:{self._stamp}"
            found = Findings.read(self._done[key]) if key in self._done else Findings(symbols=())
            again = key not in self._done or (key in self._retry and bool(found.errors))
            todo = within if again else ()
            yield _Part(key=key, symbols=within, todo=todo, found=found)

    def _remote(self, cluster: Cluster, part: _Part) -> Future[Findings]:
        symbols, members = part.todo, self.universe.members
        params = asked_for(self.params.to_dict(), symbols)
        times = None if members is None else {symbol: members[symbol] for symbol in symbols}
        chunk = (params, symbols, self.universe.supply.opened, self.days.tolist(), times)
        return cluster.submit(observe, *chunk, read=Findings.read)

    def days_so_far(self) -> dict[str, list[int]]:
        """What the document will have as ``days``, of the symbols that were judged until now."""
        return {
            "judged": self.tally.judged.tolist(),
            "hits": [len(day) for day in self.tally.hits],
        }

    def document(self) -> dict[str, Any]:
        """Return the result document of ``docs/protocol.md``."""
        universe = self.params.scan.universe
        excluded = dict(self.universe.excluded)
        if self.observer.filters != Filters():
            excluded["filters"] = self._filtered
        return document(
            universe=universe if isinstance(universe, str) else list(universe),
            label=self.universe.label,
            params=self.params,
            provenance=provenance(self.universe.supply, list(self._origins)),
            members=self.observer.member(self.universe.symbols).sum(axis=1).tolist(),
            dated=self.universe.members is not None,
            days=self.days,
            tally=self.tally,
            hits=self.tally.hits,
            failures=[asdict(each) for each in failures_of(self._errors)],
            excluded=excluded,
            counters=self.counters.to_dict(),
        )

    def _members(self) -> tuple[str, ...]:
        """Symbols that are in the universe on any of the days. Raises InvalidRequest if none is."""
        symbols = self.universe.symbols
        ever: list[bool] = np.asarray(self.observer.member(symbols).any(axis=0)).tolist()
        if not any(ever):
            raise InvalidRequest(
                f"Nobody is a member of {self.universe.label} on any day of the study.",
                hint="Choose other days; store.members(index) says who was in it, and when.",
                field="universe",
            )
        return tuple(symbol for symbol, is_in in zip(symbols, ever, strict=True) if is_in)

    def _add(self, part: _Part, fresh: Findings | None) -> Chunk:
        found = part.found if fresh is None else fresh
        for _, origin in found.origins:
            self._origins.setdefault(origin)
        self._filtered += found.filtered
        if found.tally is not None:
            self.tally = self._cut(self.tally.plus(found.tally))
        if found.replayed is not None:
            self._waiting.append(found)
        return self._told(
            part.key,
            found.errors,
            processed=len(part.symbols),
            fresh=fresh is not None,
            data={} if fresh is None else fresh.plain(),
        )

    def _judge_all(self) -> Chunk:
        """Judge every symbol against all others of its day."""
        parts = [found.replayed for found in self._waiting if found.replayed is not None]
        symbols = list(itertools.chain.from_iterable(found.symbols for found in self._waiting))
        errors: Mapping[str, StockwidgetError] = {}
        if symbols:
            every, errors = self.observer.tally(symbols, together(parts))
            self.tally = self._cut(every)
        return self._told("", errors)

    def _cut(self, tally: Tally) -> Tally:
        """Of the hits of each day the ``top`` ones in order, as a scan cuts them."""
        top, sign = self.params.scan.top, -1.0 if self.params.scan.descending else 1.0
        if top is None:
            return tally
        hits = (
            tuple(sorted(day, key=lambda hit: (sign * hit.order, hit.symbol))[:top])
            for day in tally.hits
        )
        return replace(tally, hits=tuple(hits))

    def _told(
        self,
        key: str,
        errors: Mapping[str, StockwidgetError],
        *,
        processed: int = 0,
        fresh: bool = False,
        data: Mapping[str, Any] | None = None,
    ) -> Chunk:
        self._errors.update(errors)
        counted = self.counters.plus(processed=processed, errors=errors.values())
        self.counters = replace(counted, found=sum(map(len, self.tally.hits)))
        return Chunk(
            key=key,
            fresh=fresh,
            failures=failures_of(errors),
            counters=self.counters,
            data=data or {},
        )
