"""``since=`` finds the right earlier analysis, or says in words that there is none."""

import pytest

from stockwidget.errors import InvalidRequest, TaskExpired
from stockwidget.notebook import runners
from stockwidget.notebook.earlier import LOOKED_AT, earlier


def document(last, **params):
    params = {"symbol": "A", "source": "store:/a", **params}
    return {"symbol": params["symbol"], "params": params, "provenance": {"last": last}}


class Kept:
    """A runner with these results, newest first; None has just been removed."""

    def __init__(self, *documents):
        self.documents = documents
        self.read = 0

    def tasks(self, query):
        assert query["status"] == "completed"
        return [{"id": str(n), "params": (d or document(""))["params"]} for n, d in enumerate(self.documents)]  # fmt: skip

    def result(self, task_id):
        self.read += 1
        found = self.documents[int(task_id)]
        if found is None:
            raise TaskExpired("removed")
        return found


@pytest.fixture
def keep(monkeypatch):
    def having(*documents):
        runner = Kept(*documents)
        monkeypatch.setattr(runners, "using", lambda call: (runner, call(runner)))
        return runner

    return having


NOW = document("2024-03-01")


def test_the_last_one_is_older_than_the_task_and_of_the_same_symbol(keep):
    newer, then = document("2024-02-29"), document("2024-02-01", source="store:/b")
    other, elsewhere = document("2024-02-15", symbol="B"), document("2024-02-20", source="sample")
    keep(newer, NOW, other, None, elsewhere, then, document("2024-01-01"))
    assert earlier(NOW, "1", "last") is then
    assert earlier(NOW, None, "last") is newer, "of a result whose task is not known, the newest"


def test_one_that_ends_later_is_none(keep):
    keep(document("2024-03-04"), NOW)
    with pytest.raises(InvalidRequest, match="no earlier analysis of A") as caught:
        earlier(NOW, None, "last")
    assert caught.value.data["field"] == "since"
    assert "since='2024-01-31'" in caught.value.hint


def test_the_search_ends(keep):
    runner = keep(*[document("2024-03-04")] * 50)
    with pytest.raises(InvalidRequest):
        earlier(NOW, None, "last")
    assert runner.read == LOOKED_AT


def test_a_day_with_functions_of_the_user(keep):
    with pytest.raises(InvalidRequest, match="functions of yours"):
        earlier(document("2024-03-01", factors=[{"name": "quiet"}]), None, "2024-01-31")


@pytest.mark.parametrize("since", [5, {"symbol": "A"}, object()])
def test_what_is_no_analysis(since):
    with pytest.raises(InvalidRequest, match="must be a result, a date or 'last'"):
        earlier(NOW, None, since)


def test_a_day_that_is_none():
    with pytest.raises(InvalidRequest, match="must be a date, not 'lats'"):
        earlier(NOW, None, "lats")


def test_nothing_is_nothing():
    assert earlier(NOW, None, None) is None
