"""Bars from files: read in pieces, so that a market does not have to fit into memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockwidget.errors import InvalidBars, InvalidRequest
from stockwidget.store import members
from stockwidget.store.members import Time
from stockwidget.store.tables import Table, is_symbol_column, join, read, spelling

if TYPE_CHECKING:
    import pandas as pd

MEMBERS = "members"
"""Stem of the file in a folder that says who was in an index, and when; it has no bars."""
_KINDS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".gz": "csv"}
GATHERED = 200_000
"""Rows of small files that are taken in together."""
BATCH = 650_000
"""Rows of a large file that are held at a time; about a partition of ten years."""


def tables(bars: pd.DataFrame | str | Path, *, symbol: str | None) -> Iterator[Table]:
    """Checked tables of a frame, a file or a folder."""
    if not isinstance(bars, str | Path):
        yield read(bars, symbol=symbol)
        return
    path = Path(bars).expanduser()
    if path.is_dir():
        told = set(_members_files(path))
        files = sorted(
            each for each in path.rglob("*") if each.suffix.lower() in _KINDS and each not in told
        )
        if not files:
            raise InvalidRequest(
                f"{path} holds no Parquet or CSV file.", hint="Name another folder.", field="bars"
            )
        yield from _gathered(files)
    elif path.exists():
        yield from _file(path, symbol)
    else:
        raise InvalidRequest(f"There is no {path}.", hint="Check the path.", field="bars")


def members_in(bars: object) -> dict[str, list[Time]]:
    """Times of members that a folder of files states; nothing of a frame or a file.

    Raises InvalidRequest naming the file and the row.
    """
    if not isinstance(bars, str | Path):
        return {}
    files = _members_files(Path(bars).expanduser())
    if len(files) > 1:
        raise InvalidRequest(
            f"Two files say who is in an index: {files[0].name} and {files[1].name}.",
            hint="Leave one of them.",
            field="members",
        )
    return {name: times for path in files for name, times in members_of(path).items()}


def members_of(
    given: pd.DataFrame | str | Path, *, index: str | None = None
) -> dict[str, list[Time]]:
    """Times of members that a frame states, or a Parquet or CSV file. Raises InvalidRequest."""
    if not isinstance(given, str | Path):
        return members.read(given, index=index)
    frame = frame_of(given, codes=True)
    with _naming(Path(given)):
        return members.read(frame, index=index)


def _members_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        each
        for each in folder.iterdir()
        if each.suffix.lower() in _KINDS and _stem(each).lower() == MEMBERS
    )


def _gathered(files: list[Path]) -> Iterator[Table]:
    """Small files, each of one symbol, are joined: a segment a file would be thousands."""
    waiting: list[Table] = []
    rows = 0
    for path in files:
        with _naming(path):
            columns = _columns(path)
        if any(is_symbol_column(name) for name in columns):
            yield from _file(path, None)
            continue
        waiting.append(_told(path, symbol=_stem(path)))
        rows += len(waiting[-1])
        if rows >= GATHERED:
            yield join(waiting)
            waiting, rows = [], 0
    if waiting:
        yield join(waiting)


def _file(path: Path, symbol: str | None) -> Iterator[Table]:
    with _naming(path):
        names = [name for name in _columns(path) if is_symbol_column(name)]
    if _KINDS[path.suffix.lower()] != "parquet" or not names:
        yield _told(path, symbol=symbol or (None if names else _stem(path)))
        return
    with _naming(path):
        yield from _batches(path, names[0])


def frame_of(path: str | Path, *, codes: bool = False) -> pd.DataFrame:
    """What a Parquet or CSV file holds; with ``codes`` CSV as text, so that 000300 keeps its zeros.

    Raises InvalidRequest.
    """
    place = Path(path).expanduser()
    if not place.is_file() or place.suffix.lower() not in _KINDS:
        raise InvalidRequest(
            f"There is no Parquet or CSV file {place}.", hint="Check the path.", field="path"
        )
    with _naming(place):
        return _frame(place, dtype=str if codes else None)


def _told(path: Path, *, symbol: str | None) -> Table:
    """The bars of a file; what is wrong with them is told with its name."""
    with _naming(path):
        return read(_frame(path), symbol=symbol)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say in which file an error is. Raises InvalidBars for a file that cannot be read."""
    try:
        yield
    except InvalidRequest as error:
        error.message = f"{path.name}: {error.message}"
        error.data["file"] = str(path)
        raise
    except (OSError, ValueError) as error:  # as parsers of CSV and Parquet raise
        raise InvalidBars(
            f"{path.name} cannot be read: {error}.",
            hint="Take it out of the folder, or write it again.",
            rule="columns",
            file=str(path),
        ) from error


def _batches(path: Path, column: str) -> Iterator[Table]:
    """A Parquet file of many symbols: some hundred thousand rows at a time if it is in order."""
    import pyarrow.parquet as pq

    file: Any = pq.ParquetFile(path, read_dictionary=[column])  # type: ignore[no-untyped-call]
    if not _in_order(file, column):
        yield read(file.read().to_pandas(date_as_object=False))
        return
    rest: Any = None
    for batch in file.iter_batches(BATCH):
        frame = batch.to_pandas(date_as_object=False)
        frame = frame if rest is None else _joined(rest, frame, column)
        codes = frame[column].cat.codes.to_numpy()
        # The last symbol goes on in the next batch: each is taken in as a whole where it can be.
        cut = len(codes) - int((codes[::-1] != codes[-1]).argmax()) if len(codes) else 0
        if cut == len(codes):
            cut = 0
        rest, frame = frame.iloc[cut:], frame.iloc[:cut]
        if len(frame):
            yield read(frame)
    if rest is not None and len(rest):
        yield read(rest)


def _joined(first: pd.DataFrame, second: pd.DataFrame, column: str) -> pd.DataFrame:
    """One frame of two; categories of both, so that symbols stay codes."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    parts = union_categoricals([first[column], second[column]])
    return pd.concat([first, second]).assign(**{column: parts})


def _in_order(file: Any, column: str) -> bool:
    """Whether each symbol's dates rise throughout the file."""
    import numpy as np

    dates = [name for name in file.schema_arrow.names if spelling(name) == "date"]
    if not dates:
        return False
    keys = file.read(columns=[column, dates[0]]).unify_dictionaries()
    names = keys.column(column).combine_chunks()
    if not hasattr(names, "indices"):  # numbers, which ``read`` refuses
        return False
    codes = names.indices.to_numpy()
    days = keys.column(dates[0]).to_numpy()
    if days.dtype.kind != "M":
        return False
    order = np.argsort(codes, kind="stable")
    rises = np.diff(days[order]) > np.timedelta64(0, "ns")
    return bool((rises | (np.diff(codes[order]) != 0)).all())


def _columns(path: Path) -> list[str]:
    if _KINDS[path.suffix.lower()] == "parquet":
        import pyarrow.parquet as pq

        return list(pq.read_schema(path).names)  # type: ignore[no-untyped-call]
    import pandas as pd

    return [str(name) for name in pd.read_csv(path, nrows=0).columns]


def _frame(path: Path, dtype: type | None = None) -> pd.DataFrame:
    import pandas as pd

    if _KINDS[path.suffix.lower()] == "parquet":
        return pd.read_parquet(path)
    # As text, so that 000001 keeps its zeros.
    symbols = {name: str for name in _columns(path) if is_symbol_column(name)}
    return pd.read_csv(path, dtype=dtype or symbols)


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (".gz", ".csv", ".parquet", ".pq"):
        name = name.removesuffix(suffix)
    return name
