"""A run that nobody watches ends with finished, still outputs: nbclient, papermill, a plain script."""

from __future__ import annotations

import base64
import os
import pty
import subprocess
import sys

import nbformat
import papermill
import pytest
from nbclient import NotebookClient

CELLS = (
    "import stockwidget as sw\ntask = sw.analyze('AAPL')\ntask",
    "sw.scan('sample', where={'rsi_14': ('<', 100)})",
    "sw.analyze('APPL')",
    "(await task).symbol",
)


@pytest.fixture(autouse=True)
def no_server(monkeypatch, tmp_path):
    monkeypatch.delenv("STOCKWIDGET_SERVER", raising=False)
    monkeypatch.delenv("STOCKWIDGET_CONNECTION_FILE", raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


def notebook(*cells: str) -> nbformat.NotebookNode:
    new = nbformat.v4
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new.new_notebook(cells=[new.new_code_cell(cell) for cell in cells], metadata=kernel)


def shown(cell: nbformat.NotebookNode) -> list[dict[str, str]]:
    return [output["data"] for output in cell.outputs if "data" in output]


def test_nbclient_keeps_finished_cards_and_no_widget():
    run = notebook(*CELLS)
    NotebookClient(run, timeout=100).execute()
    analysis, scan, failed = (shown(cell)[-1] for cell in run.cells[:3])
    for data in (analysis, scan):
        assert data.keys() == {"text/plain", "text/html", "image/png"}
        assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
        assert "completed" in data["text/plain"]
        assert "<script" not in data["text/html"]
    assert "Last close" in analysis["text/html"]
    assert "Did you mean AAPL?" in failed["text/html"]
    assert failed.keys() == {"text/plain", "text/html"}
    assert shown(run.cells[3])[0]["text/plain"] == "'AAPL'"
    assert len(nbformat.writes(run)) < 400_000
    assert not run.metadata.get("widgets")


def test_papermill_report_is_complete(tmp_path):
    source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    nbformat.write(notebook(CELLS[0]), source)
    papermill.execute_notebook(source, target, progress_bar=False)
    [cell] = [c for c in nbformat.read(target, 4).cells if c.cell_type == "code"]
    assert "image/png" in shown(cell)[-1]


PROGRAM = "import stockwidget as sw; print(len(sw.scan('synthetic:3000', pace_s=2).result()))"


def test_a_terminal_gets_a_line_of_progress(tmp_path):
    """On the terminal of standard error, gone at the end; standard output holds the answer alone."""
    leader, follower = pty.openpty()
    run = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=follower)
    os.close(follower)
    drawn = b""
    try:
        while piece := os.read(leader, 4096):
            drawn += piece
    except OSError:
        pass  # Linux ends a terminal whose other side is closed with an error
    os.close(leader)
    out, _ = run.communicate(timeout=60)
    assert int(out) > 0
    text = drawn.decode()
    assert "synthetic:3000" in text
    assert "%|" in text
    assert "/3000" in text
    assert text.endswith("\r")


def test_a_script_prints_its_answer_and_nothing_else(tmp_path):
    """No line without a terminal; a signal.py in the working folder shadows nothing of the runner's."""
    (tmp_path / "signal.py").write_text("raise RuntimeError('shadowed')")
    program = f"import os, stockwidget as sw; os.chdir({str(tmp_path)!r}); print(sw.analyze('AAPL').result(60).symbol)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert (done.stdout, done.stderr) == ("AAPL\n", "")
