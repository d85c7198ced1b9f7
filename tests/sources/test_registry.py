"""Sources are found by name; checking a name loads nothing; a wrong one names the nearest."""

import subprocess
import sys

import pytest

from stockwidget.errors import InvalidRequest
from stockwidget.sources.registry import NAMES, check, get_source


@pytest.mark.parametrize("name", NAMES)
def test_each_name_gives_its_source(name):
    assert get_source(name).name == name
    assert get_source(name) is get_source(name)


def test_a_wrong_name():
    with pytest.raises(InvalidRequest, match="Did you mean 'synthetic'") as caught:
        get_source("sintetic")
    assert caught.value.data["field"] == "source"
    with pytest.raises(InvalidRequest, match="Known: sample, synthetic"):
        check("zzz")


def test_listing_the_sample_needs_no_pandas():
    code = (
        "import sys; from stockwidget.sources.registry import get_source;"
        "print(len(get_source('sample').listings()), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["9", "False"]
