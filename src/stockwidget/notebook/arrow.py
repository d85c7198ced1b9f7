"""Result documents as Arrow tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
import pyarrow.ipc as pa_ipc
from pyarrow import lib as pa

STREAM = "application/vnd.apache.arrow.stream"
META = b"stockwidget"
_TEXTS = frozenset({"symbol", "name", "sector", "market", "currency"})
_DATES = frozenset({"date", "last_date"})


def table(document: Mapping[str, Any]) -> pa.Table:
    """The rows of a result; all else of the document is JSON in the schema's ``stockwidget``.

    The sparks of a scan are left out: they are for tables on a screen.

    Of an analysis: a row a bar, ``date`` (date32), the bars' and the indicators' columns (float64).
    Of a study: a row a day, ``date``, the counts of ``days``, and ``after_<horizon>`` and
    ``base_<horizon>``. Of a scan: a row a hit, its ``columns``; dates are date32, texts strings,
    the rest float64 where it is numbers. What is missing is null.
    """
    if document["kind"] == "scan":
        columns = dict(_by_column(document["columns"], document["rows"]))
        rest = {key: value for key, value in document.items() if key not in {"rows", "sparks"}}
    elif document["kind"] == "study":
        columns = {"date": document["dates"], **document["days"]}
        for horizon, found in document["after"].items():
            columns |= {f"after_{horizon}": found["hits"], f"base_{horizon}": found["base"]}
        rest = {k: v for k, v in document.items() if k not in {"dates", "days", "after"}}
    else:
        columns = {**document["bars"], **document["indicators"]}
        rest = {k: v for k, v in document.items() if k not in {"bars", "indicators"}}
    arrays = {name: _array(name, values) for name, values in columns.items()}
    return pa.Table.from_pydict(arrays).replace_schema_metadata({META: orjson.dumps(rest)})


def stream(made: pa.Table) -> bytes:
    """The table as an Arrow IPC stream, its buffers compressed by zstd."""
    sink = pa.BufferOutputStream()
    options = pa.IpcWriteOptions(compression="zstd")
    with pa_ipc.new_stream(sink, made.schema, options=options) as writer:  # type: ignore[no-untyped-call]
        writer.write_table(made)
    return bytes(sink.getvalue())


def _by_column(
    names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[tuple[str, Sequence[Any]]]:
    return [(name, [row[i] for row in rows]) for i, name in enumerate(names)]


def _array(name: str, values: Sequence[Any]) -> pa.Array:
    if name in _DATES:
        return pa.array([None if v is None else date.fromisoformat(v) for v in values], pa.date32())
    if name in _TEXTS or any(isinstance(value, str) for value in values):
        return pa.array([None if v is None else str(v) for v in values], pa.string())
    if any(isinstance(value, bool) for value in values):
        return pa.array(values, pa.bool_())
    return pa.array(values, pa.float64())
