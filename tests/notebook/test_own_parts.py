"""What an analyst writes in a notebook: functions and a scorecard of their own, through a real runner."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import httpx
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import stockwidget as sw
from stockwidget.notebook.discovery import Target
from stockwidget.notebook.rest import Rest
from stockwidget.tasks.code import code_refused

pytestmark = pytest.mark.usefixtures("local_runner")


@sw.signal(title="Inside day", direction="up")
def inside_day(bars):
    return (bars.high < bars.high.shift()) & (bars.low > bars.low.shift())


@sw.signal
def tomorrow(bars):
    return bars.close.shift(-1) > bars.close


@sw.factor(weight=0.2, title="Quiet")
def quiet(bars):
    moves = bars.close.pct_change().rolling(20).std()
    return 1 - moves.rolling(252).rank(pct=True)


def test_signals_and_factors_stand_in_the_result():
    task = sw.analyze("AAPL", signals=[inside_day, tomorrow], factors=[quiet])
    result = task.result(60)
    bars = result.bars
    expected = (bars.high < bars.high.shift()) & (bars.low > bars.low.shift())
    found = result.signals[result.signals["key"] == "inside_day"]
    assert found.index.tolist() == bars.index[expected].tolist()
    assert set(found["title"]) == {"Inside day"}
    families = result.score.families
    assert families["weight"].sum() == pytest.approx(1.0)
    assert families.loc["trend", "weight"] == pytest.approx(0.24)
    row = result.score.explain().frame.loc["quiet"]
    moves = bars.close.pct_change().rolling(20).std()
    share = 1 - moves.rolling(252).rank(pct=True).iloc[-1]
    assert (row["value"], row["max"]) == pytest.approx((share, 20.0))
    assert row["points"] == pytest.approx(20 * share)
    assert "80 % of the score" in str(result.score.explain())
    assert "Quiet" in str(result.score.explain("zh"))
    # The one that knows the future is named, and its record is marked.
    assert [log for log in task.logs if "tomorrow looks ahead" in log]
    assert not [log for log in task.logs if "inside_day" in log]
    record = result.record.reset_index()
    assert record[record["key"] == "tomorrow"]["warnings"].str.contains("looks_ahead").all()
    assert not record[record["key"] == "inside_day"]["warnings"].str.contains("looks_ahead").any()
    again = sw.analyze("AAPL", signals=[inside_day, tomorrow], factors=[quiet], force=True)
    assert again.result(60).document == result.document
    assert f"Quiet: {row['points']:.1f} of 20 points." in str(result.report("en"))
    for html in (result._repr_html_(), result.score._repr_html_()):
        assert "Quiet" in html


def test_an_error_shows_the_users_lines():
    @sw.signal
    def broken(bars):
        return bars["Close"] > 3

    with pytest.raises(sw.PartFailed) as caught:
        sw.analyze("AAPL", signals=[broken]).result(60)
    assert caught.value.data["part"] == "broken"
    assert "KeyError: 'Close'" in caught.value.message
    assert 'return bars["Close"] > 3' in str(caught.value)


def test_a_scorecard_is_data():
    card = sw.Scorecard(
        {
            "trend": {"weight": 0.6, "rules": {"close > sma(200)": 2, "sma(50) > sma(200)": 1}},
            "calm": {"weight": 0.4, "title": "Calm", "rules": {"natr(14) < 3": 1}},
        },
        bands={"good": 50, "bad": 0},
    )
    result = sw.analyze("AAPL", scorecard=card).result(60)
    frame = result.score.explain().frame
    close = result.bars.close
    assert frame.loc["close > sma(200)", "threshold"] == pytest.approx(close.iloc[-200:].mean())
    held = frame["value"].to_numpy() > frame["threshold"].to_numpy()
    held = np.where(frame["above"], held, ~held)
    assert result.score.value == pytest.approx((frame["max"] * held).sum())
    assert result.score.band in {"good", "bad"}
    assert set(result.score.families.index) == {"trend", "calm"}
    both = sw.compare(result, sw.analyze("IBM", scorecard=card))
    assert set(both.families.index) == {"trend", "calm"}
    assert not [note for note in both.notes() if "scorecard" in note]
    assert [note for note in sw.compare(result, "IBM").notes() if "scorecard" in note]
    with pytest.raises(sw.InvalidRule) as caught:
        sw.analyze("AAPL", scorecard={"families": {"a": {"weight": 1, "rules": {"clse > 1": 1}}}})
    assert "close" in str(caught.value)


def test_a_rule_fails_and_abstains_symbol_by_symbol():
    @sw.rule
    def moody(bars):
        if len(bars) < 1_000:
            raise ValueError("too short for me")
        return None if bars.close.iloc[-1] > 200 else True

    scan = sw.scan("sample", rule=moody, columns=["close"])
    result = scan.result(60)
    assert (result.table["close"] <= 200).all()
    reasons = result.failures
    listed = sw.symbols()
    short = listed.index[listed["bars"] < 1_000]
    assert reasons.loc[short, "code"].eq("part_failed").all()
    assert reasons.loc[short, "message"].str.contains("too short for me").all()
    assert scan.counters["abstained"] == (reasons["code"] == "no_value").sum() > 0
    assert len(result.table) + len(reasons) == len(listed)


def test_a_rule_that_fails_everywhere_is_a_failed_scan():
    @sw.rule
    def never(bars):
        return bars.nope

    with pytest.raises(sw.PartFailed, match="None of the 60 symbols") as caught:
        sw.scan("synthetic:60", rule=never).result(60)
    assert "return bars.nope" in str(caught.value)


def test_what_failed_is_tried_again_by_the_same_function(tmp_path):
    there = str(tmp_path / "there")

    @sw.rule
    def needs(bars):
        if bars.close.iloc[-1] > 200:
            Path(there).read_bytes()
        return True

    first = sw.scan("sample", rule=needs)
    failed = first.result(60).failures
    assert failed["message"].str.contains("FileNotFoundError").all()
    assert 0 < len(failed) < 9
    Path(there).touch()
    again = first.retry_failed()
    assert again.result(60).failures.empty
    assert len(again.result().table) == 9


def test_rules_of_text_and_functions_go_together():
    @sw.rule
    def rises(bars):
        return bool(bars.close.iloc[-1] > bars.close.iloc[-2])

    both = sw.scan("synthetic:60", rule=rises, where={"rsi_14": ("<", 50)}).result(60)
    alone = sw.scan("synthetic:60", where={"rsi_14": ("<", 50)}, columns=["ret_1"]).result(60)
    assert set(both.table.index) == set(alone.table.index[alone.table["ret_1"] > 0])
    with pytest.raises(sw.InvalidRequest, match="sees one"):
        sw.scan("synthetic:60", rule=rises, rank="rank(ret(20))")


def test_another_environment_runs_it(tmp_path, monkeypatch):
    """The kernel's interpreter is another one than the runner's: the function says which it saw."""
    folder = tmp_path / "kernel"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = folder / "lib" / version / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    base = Path(sys.base_prefix) / "bin" / "python3"
    (folder / "bin" / "python").symlink_to(base)
    home = f"home = {base.parent}\ninclude-system-site-packages = false\n"
    (folder / "pyvenv.cfg").write_text(home)
    root = Path(sw.__file__).parents[1]
    (site / "ours.pth").write_text(f"{sysconfig.get_path('purelib')}\n{root}\n")
    (site / "only_there.py").write_text("NAME = 'a package of the kernel'\n")
    monkeypatch.setattr(sys, "executable", str(folder / "bin" / "python"))

    @sw.signal
    def where(bars):
        import only_there

        raise RuntimeError(f"{only_there.NAME} in {sys.prefix}")

    with pytest.raises(sw.PartFailed, match=f"a package of the kernel in {folder}"):
        sw.analyze("AAPL", signals=[where]).result(60)


def test_a_server_runs_it_and_runs_it_again(on_server):
    task = sw.analyze("AAPL", signals=[inside_day])
    assert (task.result(60).signals["key"] == "inside_day").sum() > 100
    again = task.rerun()
    assert again.id != task.id
    assert again.result(60).document == task.result().document


def test_a_refusal_is_typed():
    rest = Rest(Target(url="http://127.0.0.1:1/", authorization="token x", rung="variable"))
    refusal = code_refused()
    answer = httpx.Response(403, json=refusal.to_dict())
    error = rest._error(answer, refusal.to_dict())
    rest.close()
    assert isinstance(error, sw.CodeNotAllowed)
    assert "allow_code" in error.hint


def test_cells_are_called_as_the_notebook_calls_them(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_SERVER", "off")
    cells = [
        "import stockwidget as sw",
        "def helper(bars):\n    return bars.Close",
        "@sw.signal\ndef mine(bars):\n    return helper(bars) > 3",
        """try:
    sw.analyze("AAPL", signals=[mine]).result(60)
except sw.PartFailed as error:
    print(error)""",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=90, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = "".join(o["text"] for o in notebook.cells[3]["outputs"] if o["output_type"] == "stream")
    assert "  Cell In[3], line 3, in mine\n    return helper(bars) > 3" in said
    assert "  Cell In[2], line 2, in helper\n    return bars.Close" in said
    assert "ipykernel" not in said
