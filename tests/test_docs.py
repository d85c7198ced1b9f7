"""What README and docs show can be typed: examples run, names and parameters exist, links lead somewhere.

Nothing is computed: a request is checked as a real call checks it, up to the runner.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock, create_autospec

import numpy as np
import pandas as pd
import pytest
from made_up_market import bars, market

import stockwidget as sw
from stockwidget.notebook import runners
from stockwidget.notebook.commentary import Commentary
from stockwidget.notebook.score import Score

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`(sw\.\w+\([^`]*\))`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


class Asked(Exception):
    """A request was found good and would go to a runner now."""


def handle(kind, result) -> MagicMock:
    """What has the names of a task and of its result, and no others."""
    found = create_autospec(kind, instance=True)
    found.partial.return_value = MagicMock()
    answer = found.result.return_value = create_autospec(result, instance=True)
    for name in dir(result):
        if isinstance(inspect.getattr_static(result, name), property | cached_property):
            setattr(answer, name, MagicMock())
    return found


def offered() -> SimpleNamespace:
    """The package, with handles of nothing in place of those of a runner."""
    analysis, scan = handle(sw.Analysis, sw.AnalysisResult), handle(sw.Scan, sw.ScanResult)
    found = analysis.result.return_value
    found.score = create_autospec(Score, instance=True)
    found.commentary = Commentary({"by": "", "parts": [], "numbers": 0, "missing": None})
    analysis.events.return_value = ()
    scan.result.return_value.index = ["AAPL"]
    made = {
        "analyze": analysis,
        "scan": scan,
        "study": handle(sw.Study, sw.StudyResult),
        "compare": create_autospec(sw.Comparison, instance=True),
        "attach": analysis,
        "tasks": MagicMock(),
    }
    names = {name: getattr(sw, name) for name in sw.__all__}
    names |= {name: checked(getattr(sw, name), answer) for name, answer in made.items()}
    for name in (
        "connection",
        "diff",
        "doctor",
        "monitor",
        "stats",
    ):  # these look at a runner first
        names[name] = create_autospec(getattr(sw, name))
    return SimpleNamespace(**names)


def checked(function, answer):
    def call(*args, **kwargs):
        with contextlib.suppress(Asked):
            function(*args, **kwargs)
        return answer

    return call


def blocks(page: Path) -> list[str]:
    return [text for text in BLOCK.findall(page.read_text()) if ">>>" not in text]


@sw.signal
def mine(frame):
    return frame.close > frame.open


@pytest.fixture
def reader(tmp_path, monkeypatch) -> dict[str, object]:
    """Names that the text takes for granted, and the files that it speaks of."""

    def ask(*_: object) -> None:
        raise Asked

    monkeypatch.setattr(runners, "using", ask)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STOCKWIDGET_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    frame = market(["AAPL", "MSFT"])
    facts = {
        "symbol": "AAPL",
        "item": "roe",
        "value": 0.1,
        "period_end": "2020-01-31",
        "published": "2020-02-03",
    }
    for folder in ("download", "csv"):
        (tmp_path / folder).mkdir()
    frame.reset_index().to_parquet(tmp_path / "download" / "2026-03.parquet")
    pd.DataFrame([facts]).to_csv(tmp_path / "download" / "reports.csv", index=False)
    one = bars("AAPL")
    package = offered()
    return {
        "sw": package,
        "pd": pd,
        "np": np,
        "Path": Path,
        "frame": frame,
        "bars": frame,
        "members": pd.DataFrame({"symbol": ["AAPL"], "from": ["2005-04-08"], "to": [None]}),
        "mine": mine,
        "card": {"families": {"trend": {"weight": 1, "rules": {"close > sma(200)": 1}}}},
        "task": package.attach("last"),
        "yesterday": package.scan(),
        "close": one.close,
        "high": one.high,
        "low": one.low,
    }


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda p: p.name)
def test_examples_run(page, reader):
    package = reader["sw"]
    for text in blocks(page):
        typed = text.replace("import stockwidget as sw\n", "")
        exec(compile(typed, str(page), "exec"), reader)
        assert reader["sw"] is package


def test_calls_within_sentences_have_names_that_exist():
    texts = [text for page in PAGES for text in INLINE.findall(page.read_text())]
    assert len(texts) > 15
    for text in texts:
        for node in ast.walk(ast.parse(text.replace("…", "..."), mode="eval")):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("sw."):
                known = inspect.signature(getattr(sw, node.func.attr)).parameters
                assert {each.arg for each in node.keywords} <= set(known), text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target, anchor in LINK.findall(text):
        file = (page.parent / target) if target else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Where the headings of a page can be jumped to, as GitHub names them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
