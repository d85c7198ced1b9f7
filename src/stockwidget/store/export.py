"""Bars out of a store, for everything else that reads bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pyarrow import lib as pa

from stockwidget.bars import COLUMNS
from stockwidget.store.manifest import PARTITION
from stockwidget.store.segment import Run
from stockwidget.store.snapshot import EPOCH, Snapshot


def to_parquet(snapshot: Snapshot, path: Path) -> Path:
    """One row group a partition; columns symbol, date and those of ``stockwidget.bars``."""
    draft = path.with_name(f".{path.name}.draft")
    schema = _table(snapshot.raw(snapshot.symbols[:1])).schema
    with pq.ParquetWriter(draft, schema, compression="zstd") as writer:  # type: ignore[no-untyped-call]
        for start in range(0, len(snapshot.symbols), PARTITION):
            run = snapshot.raw(snapshot.symbols[start : start + PARTITION])
            writer.write_table(_table(run))
    return draft.replace(path)


def to_frame(snapshot: Snapshot, symbols: Sequence[str]) -> pd.DataFrame:
    """Indexed by symbol and date."""
    run = snapshot.raw(symbols)
    codes = np.repeat(np.arange(len(symbols)), np.diff(run.offsets))
    days = pd.DatetimeIndex((EPOCH + run.dates).astype("datetime64[ms]"))
    index = pd.MultiIndex.from_arrays(
        [pd.Categorical.from_codes(codes, pd.Index(symbols)), days], names=["symbol", "date"]
    )
    return pd.DataFrame(dict(zip(COLUMNS, run.columns, strict=True)), index=index)


def _table(run: Run) -> pa.Table:
    codes = np.repeat(np.arange(len(run.symbols), dtype=np.int32), np.diff(run.offsets))
    symbol = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(run.symbols)))
    dates = pa.array(run.dates).view(pa.date32())
    return pa.table(
        {"symbol": symbol, "date": dates, **dict(zip(COLUMNS, run.columns, strict=True))}
    )
