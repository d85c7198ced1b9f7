"""Where a scan's bars come from, a chunk of symbols at a time: a source, or a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockwidget.bars import COLUMNS, OHLCV, validate
from stockwidget.errors import StockwidgetError, UnknownSymbol
from stockwidget.scan.memory import Memory
from stockwidget.scan.patient import PatientSource
from stockwidget.scan.rules import Plan
from stockwidget.sources.base import Provenance, Source
from stockwidget.sources.registry import check, embedded, entry, get_source
from stockwidget.sources.stored import provenance
from stockwidget.store.barstore import BarStore
from stockwidget.store.segment import Run
from stockwidget.store.snapshot import EPOCH, Block, Snapshot

Floats = npt.NDArray[np.float64]
Judge = Callable[[str, pd.DataFrame], bool]
"""Symbol and bars → whether it is a hit; raises StockwidgetError where that cannot be said."""
SOURCE_CHUNK = 50
"""Symbols between two reports; about 50 ms of reading."""
STORE_CHUNK = 256
"""Symbols of a partition: what a worker holds of a store at a time, besides mapped pages."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Bars of the symbols that have some, and why the others have none."""

    block: Block
    names: Sequence[str | None]
    bars: Sequence[int]
    """How many each symbol has, also where ``block`` holds the newest alone."""
    values: Floats | None = None
    """Last values of the plan, where a memory gave them."""
    errors: Mapping[str, StockwidgetError] = field(default_factory=dict)
    origins: Sequence[tuple[str, Provenance]] = ()
    """Where they come from, each with the first symbol of which it is true."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Bars as reported, with their adjusted closes, and why other symbols have none."""

    run: Run
    names: Sequence[str | None]
    errors: Mapping[str, StockwidgetError] = field(default_factory=dict)
    origins: Sequence[tuple[str, Provenance]] = ()


class Supply(Protocol):
    """Bars by symbol."""

    name: str
    """Of the source, for the result."""
    chunk: int
    """Symbols to be loaded at a time."""
    version: int | None
    """Of the store, if it is one that changes."""
    opened: int | str | None
    """What tells whether another process reads the same: version of a store, state of a folder."""
    ahead: bool
    """Whether ``load`` may be called from threads, before its turn."""

    def symbols(self, count: int | None) -> tuple[str, ...]:
        """All it has, or the first ``count``."""

    def counts(self, symbols: Sequence[str]) -> Mapping[str, int]:
        """Bars of each symbol that it has."""

    def turnover(self, symbols: Sequence[str], bars: int) -> Mapping[str, float]:
        """Mean of close × volume over the last ``bars`` bars, of each symbol that it has."""

    def remember(self, plan: Plan) -> None:
        """From now on read only what is new to ``plan``, if the supply can."""

    def close(self) -> None:
        """All is read: keep what the next scan may start from."""

    def prepare(self, symbols: Sequence[str]) -> None:
        """Do what must be done in order before ``load`` of the same symbols."""

    def load(self, symbols: Sequence[str]) -> Loaded:
        """Bars of ``symbols``, or why there are none."""

    def recent(self, symbols: Sequence[str], bars: int, /) -> Block:
        """At least the newest ``bars`` bars of symbols that have been loaded."""

    def history(self, symbols: Sequence[str]) -> History:
        """The same as reported, so that they can be adjusted as on a day of the past."""


class SourceSupply:
    """Symbol after symbol from a source."""

    chunk = SOURCE_CHUNK
    version: int | None = None
    opened: int | str | None = None
    ahead = False

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name = source.name

    def symbols(self, count: int | None) -> tuple[str, ...]:
        """As the source lists them."""
        return tuple(self._source.symbols()[:count])

    def counts(self, symbols: Sequence[str]) -> dict[str, int]:
        """Read from the bars themselves, since not every source can tell."""
        block = self.load(symbols).block
        return dict(zip(block.symbols, np.diff(block.offsets).tolist(), strict=True))

    def turnover(self, symbols: Sequence[str], bars: int) -> dict[str, float]:
        """Read from the bars."""
        return turnover(self.history(symbols).run, bars)

    def remember(self, plan: Plan) -> None:
        """Nothing: a source keeps no versions."""

    def close(self) -> None:
        """End the process of a source that has one."""
        if isinstance(self._source, PatientSource):
            self._source.close()

    def prepare(self, symbols: Sequence[str]) -> None:
        """Nothing is to be done."""

    def load(self, symbols: Sequence[str]) -> Loaded:
        """See ``of_source``."""
        return of_source(self._source, symbols)

    def recent(self, symbols: Sequence[str], _bars: int, /) -> Block:
        """All of them."""
        return self.load(symbols).block

    def history(self, symbols: Sequence[str]) -> History:
        """See ``history_of``."""
        return history_of(self._source, symbols)


def of_source(source: Source, symbols: Sequence[str]) -> Loaded:
    """Ask for one symbol after the other; what one raises is its own failure."""
    found = history_of(source, symbols)
    run = found.run
    close, adjusted = run.columns[3], run.columns[5]
    last = run.offsets[1:] - 1
    basis = np.repeat(close[last] / adjusted[last], np.diff(run.offsets))
    factor = adjusted * basis / close  # as bars.adjusted(bars.as_known(frame)): an analysis
    columns = [*(column * factor for column in run.columns[:4]), run.columns[4]]
    block = Block(
        symbols=run.symbols,
        offsets=run.offsets,
        dates=run.dates,
        **dict(zip(OHLCV, columns, strict=True)),
    )
    bars = np.diff(run.offsets).tolist()
    return Loaded(
        block=block, names=found.names, bars=bars, errors=found.errors, origins=found.origins
    )


def history_of(source: Source, symbols: Sequence[str]) -> History:
    """Bars of a source as reported, one symbol after the other."""
    frames: dict[str, pd.DataFrame] = {}
    names: list[str | None] = []
    errors: dict[str, StockwidgetError] = {}
    origins: list[tuple[str, Provenance]] = []
    for symbol in symbols:
        try:
            bars = source.bars(symbol)
            frames[symbol] = validate(bars.frame, symbol=symbol)
        except StockwidgetError as error:
            errors[symbol] = error
        else:
            names.append(bars.name or None)
            origins.append((symbol, bars.provenance))
    return History(run=_run(frames), names=names, errors=errors, origins=origins)


class StoreSupply:
    """From one version of a store."""

    chunk = STORE_CHUNK
    ahead = True

    def __init__(self, snapshot: Snapshot, *, state: str | None = None) -> None:
        """``state`` is that of the folder whose bars they are, as ``places.state`` gives it."""
        self.snapshot = snapshot
        self.name = snapshot.manifest.about.source
        self.version: int | None = snapshot.version if state is None else None
        self.opened: int | str | None = self.version if state is None else state
        self._provenance = provenance(snapshot)
        self._memory: Memory | None = None

    def symbols(self, count: int | None) -> tuple[str, ...]:
        """In the order of their first arrival."""
        return self.snapshot.symbols[:count]

    def counts(self, symbols: Sequence[str]) -> dict[str, int]:
        """Without reading a bar."""
        held = self.snapshot.held(symbols)
        return dict(zip(held, self.snapshot.counts(held).tolist(), strict=True))

    def turnover(self, symbols: Sequence[str], bars: int) -> dict[str, float]:
        """Of the newest bars alone."""
        held = self.snapshot.held(symbols)
        return turnover(self.snapshot.raw(held, bars=bars), bars)

    def remember(self, plan: Plan) -> None:
        """See ``memory.Memory``."""
        self._memory = Memory(self.snapshot, plan)

    def close(self) -> None:
        """Keep the memory."""
        if self._memory is not None:
            self._memory.save()

    def prepare(self, symbols: Sequence[str]) -> None:
        """Nothing is to be done."""

    def load(self, symbols: Sequence[str]) -> Loaded:
        """Where they lie in the file as they are needed, nothing is copied."""
        held = self.snapshot.held(symbols)
        if self._memory is None or not held:
            values, block = None, self.snapshot.block(held)
        else:
            values, block = self._memory.values(held)
        return Loaded(
            block=block,
            values=values,
            bars=self.snapshot.counts(held).tolist(),
            names=self._names(held),
            errors=self._unknown(symbols, held),
            origins=[(held[0], self._provenance)] if held else [],
        )

    def recent(self, symbols: Sequence[str], bars: int, /) -> Block:
        """No others are read."""
        return self.snapshot.block(symbols, bars=bars)

    def history(self, symbols: Sequence[str]) -> History:
        """Copied out of the files."""
        held = self.snapshot.held(symbols)
        return History(
            run=self.snapshot.raw(held),
            names=self._names(held),
            errors=self._unknown(symbols, held),
            origins=[(held[0], self._provenance)] if held else [],
        )

    def _names(self, symbols: Sequence[str]) -> list[str | None]:
        names = self.snapshot.manifest.names
        return [names.get(symbol) for symbol in symbols] if names else [None] * len(symbols)

    def _unknown(self, symbols: Sequence[str], held: Sequence[str]) -> dict[str, UnknownSymbol]:
        if len(held) == len(symbols):
            return {}
        return {s: self.snapshot.unknown(s) for s in symbols if s not in self.snapshot.places}


def supply_of(name: str) -> Supply:
    """The supply of ``sample``, ``synthetic``, ``store:<folder>`` or ``folder:<folder>``."""
    from stockwidget.scan.made_up import SyntheticSupply
    from stockwidget.store.folder import store_of

    kind, _, rest = name.partition(":")
    if kind == "synthetic":
        return SyntheticSupply()
    if kind == "store":
        return StoreSupply(BarStore(rest).snapshot)
    if kind == "folder":
        store = store_of(Path(rest))
        return StoreSupply(store.snapshot, state=store.path.name)
    check(name)
    return SourceSupply(get_source(name) if embedded(name) else PatientSource(name, entry(name)))


def turnover(run: Run, bars: int) -> dict[str, float]:
    """Mean of close × volume over the last ``bars`` bars of each symbol, quote currency.

    Both as reported: an adjusted close times a volume that is not is what nobody paid.
    """
    ends = run.offsets[1:].tolist()
    return {
        symbol: paid(run, k, end, bars)
        for k, (symbol, end) in enumerate(zip(run.symbols, ends, strict=True))
    }


def paid(run: Run, k: int, end: int, bars: int) -> float:
    """The same of symbol number ``k``, of its bars until row ``end``."""
    rows = slice(max(int(run.offsets[k]), end - bars), end)
    return float(np.mean(run.columns[3][rows] * run.columns[4][rows]))


def frame_of(block: Block, place: int) -> pd.DataFrame:
    """Adjusted OHLCV of one symbol of a block, by date; a copy."""
    rows = slice(int(block.offsets[place]), int(block.offsets[place + 1]))
    days = (EPOCH + block.dates[rows]).astype("datetime64[ns]")
    columns = {name: np.array(getattr(block, name)[rows]) for name in OHLCV}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(days, name="date"))


def _run(frames: Mapping[str, pd.DataFrame]) -> Run:
    """Bars of some frames, one after the other."""
    counts = [len(frame) for frame in frames.values()]
    days = [f.index.to_numpy().astype("datetime64[D]").astype(np.int32) for f in frames.values()]
    return Run(
        symbols=tuple(frames),
        offsets=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
        dates=np.concatenate([np.empty(0, np.int32), *days]),
        columns=tuple(
            np.concatenate([np.empty(0), *(frame[name].to_numpy() for frame in frames.values())])
            for name in COLUMNS
        ),
    )
