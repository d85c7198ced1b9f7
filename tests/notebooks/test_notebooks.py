"""Every notebook runs from top to bottom without a Jupyter server, and keeps a static result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    notebook = nbformat.read(request.param, as_version=4)
    folder = str(tmp_path_factory.mktemp("run"))
    client = NotebookClient(notebook, timeout=100, resources={"metadata": {"path": folder}})
    client.execute()
    return notebook


def test_cards_are_saved_as_static_results(executed: Any) -> None:
    rich = [
        output["data"]
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if "data" in output and "image/png" in output["data"]
    ]
    assert rich, "no card left a picture"
    for data in rich:
        assert "<script" not in data["text/html"]
        assert data["text/plain"].strip()


def test_nothing_was_saved_as_unfinished(executed: Any) -> None:
    texts = [
        output["data"].get("text/plain", "")
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    assert not [text for text in texts if "running" in text or "queued" in text]


def test_notebooks_are_committed_without_outputs() -> None:
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        assert not any(cell.get("outputs") for cell in cells), path.name
