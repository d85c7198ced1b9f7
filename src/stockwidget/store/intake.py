"""Bars from files: read in pieces, so that a market does not have to fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockwidget.errors import InvalidRequest
from stockwidget.store.manifest import PARTITION
from stockwidget.store.tables import Table, is_symbol_column, join, read

if TYPE_CHECKING:
    import pandas as pd

_KINDS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".gz": "csv"}
GATHERED = 200_000
"""Rows of small files that are taken in together."""


def tables(bars: pd.DataFrame | str | Path, *, symbol: str | None) -> Iterator[Table]:
    """Checked tables of a frame, a file or a folder."""
    if not isinstance(bars, str | Path):
        yield read(bars, symbol=symbol)
        return
    path = Path(bars).expanduser()
    if path.is_dir():
        files = sorted(each for each in path.rglob("*") if each.suffix.lower() in _KINDS)
        if not files:
            raise InvalidRequest(
                f"{path} holds no Parquet or CSV file.", hint="Name another folder.", field="bars"
            )
        yield from _gathered(files)
    elif path.exists():
        yield from _file(path, symbol)
    else:
        raise InvalidRequest(f"There is no {path}.", hint="Check the path.", field="bars")


def _gathered(files: list[Path]) -> Iterator[Table]:
    """Small files, each of one symbol, are joined: a segment a file would be thousands."""
    waiting: list[Table] = []
    rows = 0
    for path in files:
        columns = _columns(path)
        if any(is_symbol_column(name) for name in columns):
            yield from _file(path, None)
            continue
        waiting.append(read(_frame(path), symbol=_stem(path)))
        rows += len(waiting[-1])
        if rows >= GATHERED:
            yield join(waiting)
            waiting, rows = [], 0
    if waiting:
        yield join(waiting)


def _file(path: Path, symbol: str | None) -> Iterator[Table]:
    names = [name for name in _columns(path) if is_symbol_column(name)]
    if _KINDS[path.suffix.lower()] != "parquet" or not names:
        yield read(_frame(path), symbol=symbol or (None if names else _stem(path)))
        return
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    data: Any = ds.dataset(path, format="parquet")  # type: ignore[no-untyped-call]
    compute: Any = pc
    column = names[0]
    known = compute.unique(data.to_table(columns=[column]).column(column).combine_chunks())
    for start in range(0, len(known), PARTITION):
        wanted = known.slice(start, PARTITION)
        if hasattr(wanted, "dictionary_decode"):
            wanted = wanted.dictionary_decode()
        part = data.to_table(filter=compute.field(column).isin(wanted))
        yield read(part.to_pandas())


def _columns(path: Path) -> list[str]:
    if _KINDS[path.suffix.lower()] == "parquet":
        import pyarrow.parquet as pq

        return list(pq.read_schema(path).names)  # type: ignore[no-untyped-call]
    import pandas as pd

    return [str(name) for name in pd.read_csv(path, nrows=0).columns]


def _frame(path: Path) -> pd.DataFrame:
    import pandas as pd

    if _KINDS[path.suffix.lower()] == "parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path)


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (".gz", ".csv", ".parquet", ".pq"):
        name = name.removesuffix(suffix)
    return name
