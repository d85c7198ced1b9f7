"""``docs/indicators.md`` is what the table says, and its calls can be made."""

from pathlib import Path

import numpy as np
import pytest

from stockwidget import indicators
from stockwidget.indicators.handbook import call, markdown
from stockwidget.indicators.table import TABLE

PAGE = Path(__file__).parents[2] / "docs" / "indicators.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == markdown(), (
        "python -m stockwidget.indicators.handbook > docs/indicators.md"
    )


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_calls_of_the_page_give_the_rows_numbers(row, ibm):
    found = eval(call(row), {**vars(indicators), **ibm})
    for ours, theirs in zip(
        found if isinstance(found, tuple) else (found,), row(ibm).values(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
