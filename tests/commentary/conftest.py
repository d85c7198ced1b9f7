"""Commentators as another package would install them."""

import textwrap

import pytest

MODULE = """
import time
from stockwidget.commentary import CommentaryFailed

def speaks(facts, locale):
    close = facts["summary"]["last_close"]
    yield {"en": "It closed at ", "zh": "收于"}[locale]
    yield f"{close:.2f}. "
    time.sleep(0.5)
    yield "The P/E is 28.7."

def raises(facts, locale):
    yield "Beginning "
    raise RuntimeError("sk-secret")

def hangs(facts, locale):
    yield "Beginning "
    time.sleep(60)

def never_ends(facts, locale):
    while True:
        yield "word " * 100

def gives_numbers(facts, locale):
    return [1, 2]

def says_why(facts, locale):
    raise CommentaryFailed("No model is loaded.")

def silent(facts, locale):
    return []

def whole(facts, locale):
    return "All at once."
"""
NAMES = (
    "speaks",
    "raises",
    "hangs",
    "never_ends",
    "gives_numbers",
    "says_why",
    "silent",
    "whole",
    "absent",
)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Those of MODULE, and one whose module cannot be imported; their names."""
    (tmp_path / "talkers_for_tests.py").write_text(textwrap.dedent(MODULE), "utf-8")
    info = tmp_path / "talkers_for_tests-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: talkers-for-tests\nVersion: 1.0\n")
    lines = [f"{n} = talkers_for_tests:{n}" for n in NAMES if n != "absent"]
    lines.append("absent = no_such_module_here:speaks")
    (info / "entry_points.txt").write_text(
        "\n".join(["[stockwidget.commentators]", *lines]), "utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return NAMES
