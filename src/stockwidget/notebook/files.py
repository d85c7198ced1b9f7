"""Result documents as files; as a program, one document from standard input to standard output.

The server's own process imports neither NumPy nor pyarrow: it starts this one for whoever asks for
another media type than JSON.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import orjson
import pyarrow.parquet as pq
from pyarrow import lib as pa

from stockwidget.notebook.arrow import STREAM, stream, table

PARQUET = "application/vnd.apache.parquet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXCEL_ROWS = 1_048_576


def parquet(made: pa.Table) -> bytes:
    """The table as one Parquet file, compressed by zstd."""
    sink = io.BytesIO()
    pq.write_table(made, sink, compression="zstd")  # type: ignore[no-untyped-call]
    return sink.getvalue()


def xlsx(made: pa.Table) -> bytes:
    """The table as a workbook of one sheet: a frozen row of names, then a row each.

    Dates are dates, numbers have 16 digits (of the 17 that a float64 can need), what is missing is
    an empty cell. Raises ValueError if there are more rows than a sheet has.
    """
    import xlsxwriter

    if made.num_rows >= _EXCEL_ROWS:
        raise ValueError(f"a sheet of Excel has {_EXCEL_ROWS:,} rows")
    sink = io.BytesIO()
    # In memory, for there may be no disk to write on; no text of ours becomes a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(sink, options) as book:
        # Else the file says when it was made, and the same result is never the same bytes.
        book.set_properties({"created": date(2000, 1, 1)})
        sheet = book.add_worksheet("stockwidget")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for place, (name, column) in enumerate(zip(made.column_names, made.columns, strict=True)):
            sheet.write_string(0, place, name, bold)
            sheet.set_column(place, place, max(12, len(name) + 2))
            put: Callable[..., Any] = sheet.write
            form = day if column.type == pa.date32() else None
            for row, value in enumerate(column.to_pylist(), 1):
                if isinstance(value, str):
                    sheet.write_string(row, place, value)
                elif value is not None:
                    put(row, place, value, form)
        sheet.freeze_panes(1, 1)
    return sink.getvalue()


WRITERS: Mapping[str, Callable[[pa.Table], bytes]] = {
    STREAM: stream,
    PARQUET: parquet,
    XLSX: xlsx,
}
"""Media type → what writes it."""


def main() -> None:
    """Write standard input as the media type that the argument names."""
    document = orjson.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(WRITERS[sys.argv[1]](table(document)))


if __name__ == "__main__":
    main()
