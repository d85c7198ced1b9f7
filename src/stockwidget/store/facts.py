"""Facts in a store: one Parquet file a version, sorted by symbol; NaT is an unknown day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from pyarrow import lib as pa

from stockwidget.facts.table import COLUMNS, KEY, TYPES, offence
from stockwidget.store.files import crc32, to_disk
from stockwidget.store.manifest import Segment, damaged
from stockwidget.store.segment import MappedSegment

_ROWS = 4_096
"""Rows of a group: what is read for one symbol is the group or two that it stands in."""
SCHEMA = pa.schema(
    [
        ("symbol", pa.string()),
        ("item", pa.string()),
        ("value", pa.float64()),
        ("currency", pa.string()),
        ("period_end", pa.timestamp("s")),
        ("published", pa.timestamp("s")),
        ("source", pa.string()),
    ]
)


def merge(stored: pd.DataFrame | None, given: pd.DataFrame, *, replacing: bool) -> pd.DataFrame:
    """Stored facts and checked ``given`` ones. A fact that is stored keeps its value.

    ``replacing`` takes out all that is stored of the given symbols. Raises InvalidFacts.
    """
    if stored is None:
        return given
    if replacing:
        kept = stored[~stored["symbol"].isin(given["symbol"])]
    else:
        both = given.reset_index().merge(stored, on=KEY, suffixes=("", "_stored"))
        same = both["value"].eq(both["value_stored"]) | (
            both["value"].isna() & both["value_stored"].isna()
        )
        if not same.all():
            first = both[~same].iloc[0]
            what = f"its value was {first['value_stored']:g} and is now {first['value']:g}"
            raise offence("revised", int(first["index"]), given, what)
        kept = stored
        known = given.reset_index()["index"].isin(both["index"]).to_numpy()
        given = given[~known]
    found = pd.concat([each for each in (kept, given) if len(each)])
    return found.sort_values(KEY, kind="stable", ignore_index=True)


def write(path: Path, frame: pd.DataFrame) -> Segment:
    """Write a sorted frame of facts; have it reach the disk."""
    table = pa.Table.from_pandas(frame[list(COLUMNS)], schema=SCHEMA, preserve_index=False)
    pq.write_table(table, path, compression="zstd", row_group_size=_ROWS)  # type: ignore[no-untyped-call]
    to_disk(path)
    to_disk(path.parent)
    return Segment(size=path.stat().st_size, crc32=crc32(path))


def read(segment: MappedSegment, symbol: str | None = None) -> pd.DataFrame:
    """Facts of one symbol, or of all. Raises DamagedStore."""
    try:
        file: Any = pq.ParquetFile(pa.BufferReader(segment.content))  # type: ignore[no-untyped-call]
        groups = [g for g in range(file.num_row_groups) if _has(file.metadata, g, symbol)]
        frame: pd.DataFrame = file.read_row_groups(groups).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise damaged(segment.path, f"cannot be read ({error})") from error
    found = frame if symbol is None else frame[frame["symbol"] == symbol]
    return found.astype(TYPES).reset_index(drop=True)


def _has(metadata: Any, group: int, symbol: str | None) -> bool:
    """Whether a group may hold the symbol."""
    bounds = metadata.row_group(group).column(0).statistics
    return symbol is None or bounds is None or bool(bounds.min <= symbol <= bounds.max)
