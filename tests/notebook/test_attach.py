"""A task is found again, kept, labelled, gone on with and listed: with a server and without, by the same calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

import stockwidget as sw
from stockwidget.notebook import runners
from stockwidget.notebook.durations import seconds

SMALL = ["AAPL", "FB", "MSFT"]


@pytest.fixture(params=["server", "child"])
def anywhere(request):
    """Each test twice: tasks of a Jupyter server, and of a child process."""
    request.getfixturevalue("on_server" if request.param == "server" else "local_runner")
    return request.param


@pytest.fixture
def fresh(anywhere, monkeypatch, request):
    """A name nobody used before."""
    return f"{request.node.name}-{datetime.now(UTC).timestamp()}"


def test_attach_by_name_id_and_last(fresh):
    task = sw.analyze("AAPL", name=fresh, tags=["etf", "x"], notes="first look")
    task.result(60)
    for word in (fresh, task.id, task.id[:8], "last"):
        again = sw.attach(word)
        assert (type(again), again.id, again.status) == (sw.Analysis, task.id, "completed")
        assert (again.name, again.tags, again.notes) == (fresh, ("etf", "x"), "first look")
    assert again.result(10).symbol == "AAPL"
    assert len(sw.tasks(name=fresh)) == 1, "nothing was computed again"


def test_an_attached_scan_has_its_rows(fresh):
    first = sw.scan("synthetic:40", where={"rsi_14": (">", 0)}, name=fresh)
    rows = len(first.result(60))
    again = sw.attach(fresh)
    assert isinstance(again, sw.Scan)
    assert len(again.result(10)) == rows > 0
    assert again.counters["processed"] == 40


def test_what_is_not_there_says_what_to_do(fresh):
    sw.analyze("AAPL", name=fresh)
    with pytest.raises(sw.UnknownTask, match="Did you mean"):
        sw.attach(fresh[:-1] + "~")
    sw.analyze("AAPL", name=fresh, force=True)
    with pytest.raises(sw.AmbiguousTask, match="eight letters"):
        sw.attach(fresh)
    for nothing in ("", "  ", 7, None):
        with pytest.raises(sw.InvalidRequest, match="last"):
            sw.attach(nothing)


def test_pin_unpin_and_keep(fresh):
    task = sw.analyze("AAPL", name=fresh, force=True)
    task.result(60)
    kept = task.expires
    assert timedelta(hours=1.9) < kept - datetime.now(UTC) < timedelta(hours=2.1)
    task.pin()
    assert (task.pinned, task.expires) == (True, None)
    assert sw.attach(task.id).pinned
    task.unpin()
    assert not task.pinned
    task.keep_for("3d")
    assert task.expires - datetime.now(UTC) > timedelta(days=2.9)
    with pytest.raises(sw.InvalidRequest):
        task.keep_for(-1)


def test_kept_for_as_long_as_the_call_asked(fresh):
    task = sw.analyze("AAPL", name=fresh, keep_for=timedelta(days=2))
    task.result(60)
    assert task.expires - datetime.now(UTC) > timedelta(days=1.9)


def test_labels_may_change_after_the_end(fresh):
    task = sw.analyze("AAPL", name=fresh)
    task.result(60)
    task.name, task.tags, task.notes = f"{fresh}-2", ["a", "b"], "odd volume"
    found = sw.attach(f"{fresh}-2")
    assert (found.id, found.tags, found.notes) == (task.id, ("a", "b"), "odd volume")
    task.name = task.notes = None
    assert (task.name, task.notes, task.title) == (None, None, "AAPL")
    with pytest.raises(sw.InvalidRequest):
        task.tags = "letters"


def test_retry_failed_and_resume_give_the_successor(fresh):
    task = sw.scan(SMALL, sort="ret_252", name=fresh, force=True)
    assert list(task.result(60).failures.index) == ["FB"]
    again = task.retry_failed()
    assert (type(again), again.name) == (sw.Scan, fresh)
    assert again.id != task.id
    pd.testing.assert_frame_equal(again.result(60).table, task.result().table)
    assert sw.attach(fresh).id == again.id
    with pytest.raises(sw.WrongTaskState):
        again.resume()
    long = sw.scan("synthetic:20000", name=f"{fresh}-long")
    long.cancel()
    with pytest.raises(sw.TaskCancelled):
        long.result(30)
    resumed = long.resume()
    assert resumed.id != long.id
    resumed.cancel()


def test_rerun_computes_anew(fresh):
    task = sw.analyze("AAPL", name=fresh)
    task.result(60)
    again = task.rerun()
    assert again.id != task.id
    assert again.result(60).summary.equals(task.result().summary)


def test_tasks_is_a_table(fresh):
    one = sw.analyze("AAPL", name=fresh, tags=[fresh])
    two = sw.scan(SMALL, tags=[fresh], force=True)
    one.result(60), two.result(60)
    table = sw.tasks(tag=fresh)
    assert [task.id for task in table] == [two.id, one.id]
    frame = table.frame
    assert list(frame.index) == [two.id, one.id]
    assert frame.loc[one.id, "name"] == fresh
    assert (
        str(frame["created_at"].dtype).startswith("datetime64")
        and frame["created_at"].dt.tz is not None
    )
    assert (frame["expires"] > frame["ended_at"]).all()
    assert isinstance(table[0], sw.Scan)
    assert [type(task) for task in table[1:]] == [sw.Analysis]
    assert len(sw.tasks(tag=fresh, kind="scan")) == 1
    assert len(sw.tasks(tag=fresh, status=["failed", "running"])) == 0
    assert len(sw.tasks(tag=fresh, status="completed", limit=1)) == 1
    text = repr(table)
    assert one.id[:8] in text and fresh[:20] in text and "completed" in text
    assert "暂无任务" in repr(sw.tasks(tag=f"{fresh}-none", locale="zh"))
    html = table._repr_mimebundle_()[0]["text/html"]
    assert "<table" in html and "<script" not in html


@pytest.mark.parametrize(
    ("query", "field"),
    [({"status": "done"}, "status"), ({"limit": 0}, "limit"), ({"limit": True}, "limit"), ({"kind": 3}, "kind"), ({"locale": "de"}, "locale")],
)  # fmt: skip
def test_bad_queries_name_their_field(query, field, monkeypatch):
    monkeypatch.setattr(runners, "current", pytest.fail)
    with pytest.raises(sw.InvalidRequest) as caught:
        sw.tasks(**query)
    assert caught.value.data["field"] == field


def test_html_of_names_is_escaped(fresh):
    sw.analyze("AAPL", name=f"<b>{fresh}", force=True)
    html = sw.tasks(name=f"<b>{fresh}")._repr_mimebundle_()[0]["text/html"]
    assert "&lt;b&gt;" in html and "<b>" not in html


@pytest.mark.parametrize(
    ("written", "expected"),
    [("90min", 5_400), ("12h", 43_200), ("1.5 d", 129_600), ("2w", 1_209_600), (7, 7), (timedelta(hours=1), 3_600)],
)  # fmt: skip
def test_lengths_of_time(written, expected):
    assert seconds(written) == expected


@pytest.mark.parametrize("written", ["", "soon", "3 months", True, None, "-1h"])
def test_no_length_of_time(written):
    with pytest.raises(sw.InvalidRequest, match="3d"):
        seconds(written)


def test_without_any_task_nothing_is_started(monkeypatch, forget_runner):
    monkeypatch.setenv("STOCKWIDGET_SERVER", "off")
    with pytest.raises(sw.UnknownTask, match="outlive the kernel"):
        sw.attach("last")
    assert len(sw.tasks()) == 0
    assert runners.current().pid is None
