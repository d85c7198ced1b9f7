"""A result as an Arrow table: the same numbers as its JSON, missing as null, all else in the metadata."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from datetime import date
from xml.etree import ElementTree as ET

import httpx
import pandas as pd
import pyarrow as pa
import pytest

import stockwidget as sw
from stockwidget.notebook.arrow import META, STREAM, stream, table
from stockwidget.notebook.files import PARQUET, XLSX, parquet, xlsx


def test_an_analysis(on_server):
    task = sw.analyze("AAPL")
    result = task.result(100)
    made = result.to_arrow()
    assert made.schema.field("date").type == pa.date32()
    assert made.schema.field("close").type == made.schema.field("sma_20").type == pa.float64()
    frame = made.to_pandas()
    assert (frame["close"].to_numpy() == result.bars["close"].to_numpy()).all()
    assert made["sma_20"].null_count == 19 + result.bars["close"].isna().sum()
    rest = json.loads(made.schema.metadata[META])
    assert rest["summary"] == result.document["summary"] and "bars" not in rest
    headers = {"Authorization": f"token {on_server.token}", "Accept": STREAM}
    url = f"{on_server.url}stockwidget/api/v1/tasks/{task.id}/result"
    answer = httpx.get(url, headers=headers, timeout=60)
    assert answer.headers["content-type"] == STREAM
    assert pa.ipc.open_stream(answer.content).read_all().equals(made, check_metadata=True)
    plain = httpx.get(url, headers={**headers, "Accept": "application/json"}, timeout=60)
    assert "Accept" in plain.headers["vary"]
    assert plain.json() == json.loads(json.dumps(dict(result.document)))


def test_a_scan(on_server):
    result = sw.scan(
        ["AAPL", "FB", "MSFT"], columns=["name", "last_date", "close", "ret_252"]
    ).result(100)
    made = result.to_arrow()
    assert made.column_names == list(result.document["columns"])
    assert made.schema.field("symbol").type == pa.string()
    assert made.schema.field("last_date").type == pa.date32()
    assert made.schema.field("close").type == pa.float64()
    assert made.num_rows == len(result)
    assert json.loads(made.schema.metadata[META])["counters"] == result.counters


def test_files_of_a_scan_for_other_programs(on_server):
    scan = sw.scan(["AAPL", "FB", "MSFT"], columns=["close", "ret_252"])
    frame = scan.result(100).to_arrow().to_pandas()

    def file(kind: str) -> io.BytesIO:
        headers = {"Authorization": f"token {on_server.token}", "Accept": kind}
        url = f"{on_server.url}stockwidget/api/v1/tasks/{scan.id}/result"
        answer = httpx.get(url, headers=headers, timeout=60)
        assert answer.headers["content-type"] == kind
        return io.BytesIO(answer.content)

    pd.testing.assert_frame_equal(pd.read_parquet(file(PARQUET)), frame)
    assert cells(file(XLSX).getvalue())[0] == list(frame.columns)
    assert [row[0] for row in cells(file(XLSX).getvalue())[1:]] == list(frame["symbol"])


def cells(book: bytes) -> list[list[str | float | None]]:
    """What stands in the sheet, read by its XML alone."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))
        texts = ET.fromstring(parts.read("xl/sharedStrings.xml"))
    shared = ["".join(text.itertext()) for text in texts]
    rows = []
    for row in sheet.findall(".//{*}row"):
        line: list[str | float | None] = []
        for cell in row:
            at = ord(cell.get("r", "")[0]) - ord("A")
            value = cell.findtext("{*}v")
            line += [None] * (at - len(line))
            assert cell.find("{*}f") is None, "no formula"
            line.append(shared[int(value)] if cell.get("t") == "s" else float(value))
        rows.append(line)
    return rows


def test_a_workbook_has_dates_sixteen_digits_and_no_formula():
    columns = ["symbol", "name", "last_date", "close"]
    rows = [["A", "=1+1", "2024-03-01", 0.1234567891234567], ["B", None, None, None]]
    made = table({"kind": "scan", "columns": columns, "rows": rows})
    days = (date(2024, 3, 1) - date(1899, 12, 30)).days  # as Excel counts
    assert cells(xlsx(made)) == [columns, ["A", "=1+1", days, 0.1234567891234567], ["B"]]
    assert xlsx(made) == xlsx(made)
    assert parquet(made) == parquet(made)


@pytest.mark.parametrize("rows", [[], [["A", None]], [["A", 1], ["B", None]]])
def test_no_rows_and_missing_values(rows):
    made = table({"kind": "scan", "columns": ["symbol", "close"], "rows": rows})
    assert [made.schema.field(i).type for i in (0, 1)] == [pa.string(), pa.float64()]
    assert made.to_pylist() == [{"symbol": s, "close": c} for s, c in rows]
    assert pa.ipc.open_stream(stream(made)).read_all().equals(made)


def test_the_server_s_process_stays_light():
    program = (
        "import sys, stockwidget_server.files as a, asyncio, json\n"
        "d = json.dumps({'kind': 'scan', 'columns': ['symbol'], 'rows': [['A']]}).encode()\n"
        "made = asyncio.run(a.to_file(d, next(iter(a.NAMES))))\n"
        "print(len(made) > 100, {'numpy', 'pandas', 'pyarrow'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True set()"
    broken = program.replace("'kind': 'scan', ", "'kind': 'scan', 'x': 1, ").replace("['A']", "7")
    done = subprocess.run(
        [sys.executable, "-c", broken], capture_output=True, text=True, check=False
    )
    assert "could not be turned into an Arrow stream" in done.stderr
