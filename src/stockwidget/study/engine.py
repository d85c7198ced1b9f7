"""A study, chunk after chunk, so that counts and progress can stream out.

Each chunk of symbols is read once and replayed over all days. The result does not depend on
interruptions: a chunk is taken over whole, or done anew whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np

from stockwidget.analysis.record import HORIZONS
from stockwidget.errors import InsufficientHistory, InvalidRequest, StockwidgetError
from stockwidget.params import StudyParams
from stockwidget.scan.columns import compile_params
from stockwidget.scan.counters import Counters
from stockwidget.scan.engine import Failure, common_error
from stockwidget.scan.findings import chunk_key
from stockwidget.scan.past import known
from stockwidget.scan.provenance import provenance
from stockwidget.scan.supply import Judge, frame_of
from stockwidget.scan.universe import Universe, resolve
from stockwidget.sources.base import Provenance
from stockwidget.store.segment import Run
from stockwidget.study.dates import chosen
from stockwidget.study.document import document
from stockwidget.study.findings import Findings, together
from stockwidget.study.replay import Filters, Mask, Replayed, replay
from stockwidget.study.tally import Hit, Seen, Tally, nothing, tally


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """What one chunk gave; ``counters`` are those of the study so far."""

    key: str
    fresh: bool
    """False if it was taken over from an earlier attempt."""
    failures: tuple[Failure, ...]
    counters: Counters
    data: Mapping[str, Any]
    """All of it as JSON can hold it, to be handed to a later attempt as ``done[key]``."""


class Study:
    """One study. Iterate ``run()`` to its end, then ask for ``document()``."""

    def __init__(
        self,
        *,
        params: StudyParams,
        done: Mapping[str, Mapping[str, Any]] | None = None,
        retry: Collection[str] = (),
        own: Judge | None = None,
    ) -> None:
        """Take over the chunks ``done``; do those in ``retry`` anew in which a symbol failed.

        ``own`` judges what the rule lets pass, by the bars that were known on the day. Raises
        InvalidRequest if there is no symbol, or no day.
        """
        self.params = params
        self._filters = Filters(
            min_bars=params.scan.min_bars, min_turnover=params.scan.min_turnover
        )
        asked = replace(params.scan, min_bars=None, min_turnover=None, columns=())
        self.universe: Universe = resolve(asked, past=True)
        self.plan = compile_params(asked)
        self._where = [condition.column for condition in params.scan.where]
        self.days = chosen(params, self.universe.supply, self.universe.symbols)
        if self.universe.members is not None:
            self.universe = replace(self.universe, symbols=self._members())
        self.dates = [str(np.datetime64(int(day), "D")) for day in self.days]
        self.counters = Counters(total=len(self.universe.symbols))
        self.tally: Tally = nothing(len(self.days), len(HORIZONS))
        self._own = own
        self._done = done or {}
        self._retry = frozenset(retry)
        self._waiting: list[Findings] = []
        self._errors: dict[str, StockwidgetError] = {}
        self._origins: dict[Provenance, None] = {}  # an ordered set
        self._filtered = 0
        version = self.universe.supply.version
        stamp = blake2b(f"{version}:{','.join(self.dates)}".encode(), digest_size=6)
        self._stamp = stamp.hexdigest()  # counts of other days, or of other bars, do not add up

    def run(self) -> Iterator[Chunk]:
        """Study chunk after chunk.

        Raises the symbols' own error at the end if every single one failed.
        """
        supply = self.universe.supply
        try:
            for start in range(0, len(self.universe.symbols), supply.chunk):
                symbols = self.universe.symbols[start : start + supply.chunk]
                key = f"{chunk_key(start, symbols)}:{self._stamp}"
                again = key in self._retry and self._done[key]["errors"]
                fresh = key not in self._done or bool(again)
                if fresh:
                    supply.prepare(symbols)
                    found = self.findings(symbols)
                else:
                    found = Findings.read(self._done[key])
                yield self._add(key, found, len(symbols), fresh=fresh)
        finally:
            supply.close()
        if self.plan.across:
            yield self._judge_all()
        if self._errors and len(self._errors) == len(self.universe.symbols):
            raise common_error(list(self._errors.values()))

    def findings(self, symbols: Sequence[str]) -> Findings:
        """Read and replay some symbols, in their order."""
        history = self.universe.supply.history(symbols)
        run = history.run
        replayed = replay(self.plan, run, self.days, HORIZONS, self._filters)
        found = Findings(
            symbols=tuple(run.symbols),
            errors={**history.errors, **self._absent(run, replayed)},
            origins=list(history.origins),
            filtered=int((replayed.present.any(axis=0) & ~replayed.traded.any(axis=0)).sum()),
        )
        if self.plan.across:
            found.replayed = replayed
        else:
            seen = self._seen(run.symbols, replayed)
            found.tally, errors = tally(self.plan, seen, self._where, self._asking(run, seen))
            found.errors.update(errors)
        place = {symbol: k for k, symbol in enumerate(symbols)}
        found.errors = dict(sorted(found.errors.items(), key=lambda item: place[item[0]]))
        return found

    def hits(self) -> list[tuple[Hit, ...]]:
        """Hits of each day so far: all, or the ``top`` ones in order, as a scan cuts them."""
        top, sign = self.params.scan.top, -1.0 if self.params.scan.descending else 1.0
        if top is None:
            return list(self.tally.hits)
        return [
            tuple(sorted(day, key=lambda hit: (sign * hit.order, hit.symbol))[:top])
            for day in self.tally.hits
        ]

    def days_so_far(self) -> dict[str, list[int]]:
        """What the document will have as ``days``, of the symbols that were judged until now."""
        return {
            "judged": self.tally.judged.tolist(),
            "hits": [len(day) for day in self.hits()],
        }

    def document(self) -> dict[str, Any]:
        """Return the result document of ``docs/protocol.md``."""
        universe = self.params.scan.universe
        excluded = dict(self.universe.excluded)
        if self._filters != Filters():
            excluded["filters"] = self._filtered
        return document(
            universe=universe if isinstance(universe, str) else list(universe),
            label=self.universe.label,
            params=self.params,
            provenance=provenance(self.universe.supply, list(self._origins)),
            members=self._member(self.universe.symbols).sum(axis=1).tolist(),
            dated=self.universe.members is not None,
            days=self.days,
            tally=self.tally,
            hits=self.hits(),
            failures=[asdict(each) for each in _failures(self._errors)],
            excluded=excluded,
            counters=self.counters.to_dict(),
        )

    def _seen(self, symbols: Sequence[str], replayed: Replayed) -> Seen:
        return Seen(
            symbols=symbols,
            member=self._member(symbols),
            traded=replayed.traded,
            bars=replayed.bars,
            values=replayed.values,
            after=replayed.after,
        )

    def _asking(self, run: Run, seen: Seen) -> Callable[[int, int], bool] | None:
        """``own`` by the places of a day and of a symbol."""
        own, traced = self._own, False
        if own is None:
            return None

        def judge(day: int, k: int) -> bool:
            nonlocal traced
            block = known(run, np.array([k]), run.offsets[[k]] + seen.bars[day, k])
            try:
                return own(run.symbols[k], frame_of(block, 0))
            except StockwidgetError as error:
                if traced:
                    error.data.pop("traceback", None)  # that of the first one is enough
                traced = traced or "traceback" in error.data
                raise

        return judge

    def _member(self, symbols: Sequence[str]) -> Mask:
        """(days, symbols): in the universe on that day."""
        member = np.full((len(self.days), len(symbols)), self.universe.members is None)
        for k, symbol in enumerate(symbols if self.universe.members is not None else ()):
            for first, last in (self.universe.members or {})[symbol]:
                member[:, k] |= (first <= self.days) & (self.days <= last)
        return member

    def _members(self) -> tuple[str, ...]:
        """Symbols that are in the universe on any of the days. Raises InvalidRequest if none is."""
        symbols = self.universe.symbols
        ever: list[bool] = np.asarray(self._member(symbols).any(axis=0)).tolist()
        if not any(ever):
            raise InvalidRequest(
                f"Nobody is a member of {self.universe.label} on any day of the study.",
                hint="Choose other days; store.members(index) says who was in it, and when.",
                field="universe",
            )
        return tuple(symbol for symbol, is_in in zip(symbols, ever, strict=True) if is_in)

    def _absent(self, run: Run, replayed: Replayed) -> dict[str, StockwidgetError]:
        """Why symbols took part on no day: they were not traded."""
        errors: dict[str, StockwidgetError] = {}
        for k in np.flatnonzero(~replayed.present.any(axis=0)).tolist():
            symbol = run.symbols[k]
            first, last = run.dates[run.offsets[k]], run.dates[run.offsets[k + 1] - 1]
            errors[symbol] = InsufficientHistory(
                f"{symbol} was traded on no day of the study: its bars run from "
                f"{np.datetime64(int(first), 'D')} to {np.datetime64(int(last), 'D')}.",
                hint="Study other days, or leave the symbol out.",
                symbol=symbol,
                bars=int(run.offsets[k + 1] - run.offsets[k]),
                needed=1,
            )
        return errors

    def _add(self, key: str, found: Findings, processed: int, *, fresh: bool) -> Chunk:
        for _, origin in found.origins:
            self._origins.setdefault(origin)
        self._filtered += found.filtered
        if found.tally is not None:
            self.tally = self.tally.plus(found.tally)
        if found.replayed is not None:
            self._waiting.append(found)
        return self._told(
            key, found.errors, processed=processed, fresh=fresh, data=found.plain() if fresh else {}
        )

    def _judge_all(self) -> Chunk:
        """Judge every symbol against all others of its day."""
        parts = [found.replayed for found in self._waiting if found.replayed is not None]
        symbols = list(itertools.chain.from_iterable(found.symbols for found in self._waiting))
        errors: Mapping[str, StockwidgetError] = {}
        if symbols:
            seen = self._seen(symbols, together(parts))
            self.tally, errors = tally(self.plan, seen, self._where)
        return self._told("", errors)

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
        self.counters = replace(counted, found=sum(map(len, self.hits())))
        return Chunk(
            key=key,
            fresh=fresh,
            failures=tuple(_failures(errors)),
            counters=self.counters,
            data=data or {},
        )


def _failures(errors: Mapping[str, StockwidgetError]) -> list[Failure]:
    return [
        Failure(symbol=symbol, code=error.code, message=error.message)
        for symbol, error in errors.items()
    ]
