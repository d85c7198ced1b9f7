"""Where kernels have never been compiled, the first job says why it takes so long, and waits for no more than it needs."""

import subprocess
import sys

import pytest

from stockwidget import compiled, jobs
from stockwidget.tasks.steps import Log


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path))
    return tmp_path


def said(kind, params):
    return [y.message for y in getattr(jobs, kind)(params) if isinstance(y, Log)]


@pytest.mark.parametrize(
    ("kind", "params"), [("analysis", {"symbol": "AAPL"}), ("scan", {"universe": "sample"})]
)
def test_the_first_job_says_what_it_waits_for(fresh, kind, params):
    assert said(kind, params)[:1] == [jobs.COMPILING]
    compiled.note()
    assert jobs.COMPILING not in said(kind, params)


def test_other_sources_or_another_python_are_compiled_anew(fresh, monkeypatch):
    compiled.note()
    compiled._name.cache_clear()
    monkeypatch.setattr(compiled, "stamp", lambda *_: "changed")
    assert not compiled.before()


def test_a_folder_that_cannot_be_written_is_no_error(fresh, monkeypatch):
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", "/dev/null/nowhere")
    compiled.note()
    assert not compiled.before()


def test_it_is_light():
    code = "import sys, stockwidget.compiled as c; c.before(); print({'numba', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
