"""A result as an Arrow table: the same numbers as its JSON, missing as null, all else in the metadata."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx
import pyarrow as pa
import pytest

import stockwidget as sw
from stockwidget.notebook.arrow import META, STREAM, stream, table


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


@pytest.mark.parametrize("rows", [[], [["A", None]], [["A", 1], ["B", None]]])
def test_no_rows_and_missing_values(rows):
    made = table({"kind": "scan", "columns": ["symbol", "close"], "rows": rows})
    assert [made.schema.field(i).type for i in (0, 1)] == [pa.string(), pa.float64()]
    assert made.to_pylist() == [{"symbol": s, "close": c} for s, c in rows]
    assert pa.ipc.open_stream(stream(made)).read_all().equals(made)


def test_the_server_s_process_stays_light():
    program = (
        "import sys, stockwidget_server.arrow as a, asyncio, json\n"
        "d = json.dumps({'kind': 'scan', 'columns': ['symbol'], 'rows': [['A']]}).encode()\n"
        "made = asyncio.run(a.to_arrow(d))\n"
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
