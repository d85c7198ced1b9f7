"""``docs/analysis.md`` is what the tables of the analysis say."""

from pathlib import Path

from stockwidget.analysis.handbook import markdown

PAGE = Path(__file__).parents[2] / "docs" / "analysis.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == markdown(), (
        "python -m stockwidget.analysis.handbook > docs/analysis.md"
    )
