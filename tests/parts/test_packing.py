"""Marked functions travel as data and bytes, and arrive able to run where nothing else is known."""

import importlib
import subprocess
import sys
import threading

import pytest

import stockwidget as sw
from stockwidget.errors import InvalidRequest, RequestTooLarge
from stockwidget.parts import packing
from stockwidget.parts.packing import pack

LEVEL = 3


@sw.signal(title="Above", title_zh="高于", direction="up")
def above(bars):
    """The close is above three.

    More of it.
    """
    return helper(bars) > LEVEL


def helper(bars):
    return bars.close


@sw.factor(weight=0.2)
def calm(bars):
    return bars.close * 0


@sw.rule
def yes(bars):
    return True


def test_what_is_said_of_them_is_data():
    params, code = pack(signals=[above], factors=[calm])
    (signal,), (factor,) = params["signals"], params["factors"]
    assert signal | {"source": ""} == {
        "name": "above", "title": "Above", "title_zh": "高于", "direction": 1, "source": "",
        "about": "The close is above three.",
    }  # fmt: skip
    assert (factor["weight"], factor["family"], factor["title"]) == (0.2, "calm", "calm")
    assert params["code"] == code.digest
    assert code.executable == sys.executable


def test_the_same_functions_have_the_same_digest_and_others_another():
    assert pack(signals=[above])[1].digest == pack(signals=[above])[1].digest
    assert pack(signals=[above])[1].digest != pack(factors=[calm])[1].digest


def test_they_run_in_a_process_that_has_never_seen_this_file():
    _, code = pack(signals=[above], rule=yes)
    script = """
import sys, pandas as pd
from stockwidget.parts.unpacking import unpack
found = unpack(sys.stdin.buffer.read())
print(found.signals["above"](pd.DataFrame({"close": [1.0, 5.0]})).tolist(), found.rules["yes"](None))
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], input=code.payload, capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == "[False, True] True"


def test_functions_stay_functions():
    import pandas as pd

    assert above(pd.DataFrame({"close": [4.0]})).tolist() == [True]
    assert above.__name__ == "above"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"signals": [helper]}, "@sw.signal"),
        ({"signals": [calm]}, "@sw.signal"),
        ({"factors": [above]}, "@sw.factor(weight=0.2)"),
        ({"rule": helper}, "@sw.rule"),
        ({"signals": above}, "brackets"),
        ({"signals": "above"}, "brackets"),
    ],
)
def test_what_is_not_marked_so_is_refused_with_what_to_write(asked, said):
    with pytest.raises(InvalidRequest) as caught:
        pack(**asked)
    assert said in caught.value.hint


def test_a_function_that_holds_a_lock_is_refused():
    lock = threading.Lock()

    @sw.signal
    def locked(bars):
        return lock

    with pytest.raises(InvalidRequest, match="cannot be sent") as caught:
        pack(signals=[locked])
    assert "inside the function" in caught.value.hint


def test_a_function_that_carries_data_is_too_large():
    import random

    data = random.Random(1).randbytes(600_000)

    @sw.signal
    def heavy(bars):
        return data

    with pytest.raises(RequestTooLarge, match="524,288") as caught:
        pack(signals=[heavy])
    assert "file" in caught.value.hint


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package that offers a signal."""
    info = tmp_path / "mypkg-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mypkg\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[stockwidget.signals]\ninside_day = mypkg_parts:inside_day\nlost = mypkg_parts:nothing\n"
    )
    (tmp_path / "mypkg_parts.py").write_text(
        "import stockwidget as sw\n@sw.signal\ndef inside_day(bars):\n    return bars.close > 0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield
    sys.modules.pop("mypkg_parts", None)


@pytest.mark.parametrize("name", ["inside_day", "mypkg.inside_day"])
def test_installed_parts_go_by_their_name(installed, name):
    params, _ = pack(signals=[name])
    assert params["signals"][0]["name"] == "inside_day"


def test_a_name_that_nobody_offers_gets_the_nearest(installed):
    with pytest.raises(InvalidRequest) as caught:
        pack(signals=["mypkg.inside_dy"])
    assert "mypkg.inside_day" in caught.value.hint
    with pytest.raises(InvalidRequest, match="could not be loaded"):
        pack(signals=["lost"])
    with pytest.raises(InvalidRequest) as caught:
        pack(factors=["inside_day"])
    assert caught.value.hint == "None is installed."


def test_a_module_beside_the_notebook_counts_by_its_text(tmp_path, monkeypatch):
    place = tmp_path / "beside_notebook.py"
    text = "import stockwidget as sw\n@sw.signal\ndef mine(bars):\n    return bars.close > {}\n"
    place.write_text(text.format(1))
    monkeypatch.syspath_prepend(tmp_path)
    import beside_notebook

    first = pack(signals=[beside_notebook.mine])[1]
    assert str(tmp_path) in first.about["path"]
    place.write_text(text.format(2))
    assert pack(signals=[beside_notebook.mine])[1].digest != first.digest
    del sys.modules["beside_notebook"]


def test_text_of_a_cell_goes_along_up_to_a_bound(monkeypatch):
    import linecache

    source = "def mine(bars):\n    return bars.close\n"
    space: dict = {}
    exec(compile(source, "<cell 3>", "exec"), space)
    monkeypatch.setitem(
        linecache.cache, "<cell 3>", (len(source), None, source.splitlines(True), "<cell 3>")
    )
    assert packing._texts([space["mine"]]) == ({"<cell 3>": ("<cell 3>", source)}, {})
    monkeypatch.setattr(packing, "CELL_BYTES", 10)
    assert packing._texts([space["mine"]]) == ({}, {})
