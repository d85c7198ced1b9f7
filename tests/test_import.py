"""`import stockwidget` stays light, and the server side never loads the number crunchers."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    "numpy",
    "pandas",
    "numba",
    "pyarrow",
    "matplotlib",
    "ipywidgets",
    "IPython",
    "httpx",
    "websockets",
)


def modules_after(statement: str) -> set[str]:
    program = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_is_light() -> None:
    assert modules_after("import stockwidget").isdisjoint(HEAVY)


@pytest.mark.parametrize(
    "module", ["stockwidget_server.app", "stockwidget.tasks.runner", "stockwidget.jobs"]
)
def test_the_server_side_crunches_no_numbers(module: str) -> None:
    loaded = modules_after(f"import {module}")
    assert loaded.isdisjoint({"numpy", "pandas", "numba", "pyarrow", "matplotlib"})


def test_every_public_name_exists() -> None:
    import stockwidget

    assert stockwidget.__all__ == sorted(stockwidget.__all__)
    assert [name for name in stockwidget.__all__ if not hasattr(stockwidget, name)] == []
