"""Stores that scans make belong to the test run."""

import os

import pytest

from stockwidget.store.places import VARIABLE


@pytest.fixture(scope="session", autouse=True)
def data_dir(tmp_path_factory):
    before = os.environ.get(VARIABLE)
    folder = tmp_path_factory.mktemp("data")
    os.environ[VARIABLE] = str(folder)
    yield folder
    if before is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = before
