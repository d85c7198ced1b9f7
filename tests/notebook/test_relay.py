"""A card whose page reaches no server gets the same frames from its kernel, once and in order.

Real tasks and real widget models; the comm is recorded instead of a page.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import comm
import pytest

import stockwidget as sw
from stockwidget.notebook import runners
from stockwidget.notebook.relay import Relay
from stockwidget.notebook.relayed import SOURCES
from stockwidget.notebook.widgets import STATIC, TaskCard, part, travelling

pytestmark = pytest.mark.usefixtures("local_runner")
EVERY = {"close": (">", 0)}
_numbers = itertools.count()
"""A scan like one before would be given its result."""


class Recorder(comm.base_comm.BaseComm):
    """What a page would have got."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.published: list[tuple[str, dict[str, Any]]] = []
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys) -> None:
        self.published.append((msg_type, data or {}))


class Page:
    """The other side of one card."""

    def __init__(self, task: sw.Scan | sw.Analysis, *, shown: bool = False) -> None:
        if shown:
            self.card = task._shown()._model()
            return
        followed = task._followed
        self.card = TaskCard(task_id=task.id, epoch=followed.epoch, mode="kernel")
        self.relay = Relay(self.card, task, followed, runners.current(), pytest.fail)

    def say(self, **content: object) -> None:
        self.card._handle_custom_msg(content, [])

    def got(self, kind: str) -> list[dict[str, Any]]:
        customs = [
            data["content"]
            for _msg, data in list(self.card.comm.published)
            if data.get("method") == "custom"
        ]
        return [content for content in customs if content["type"] == kind]

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [frame for message in self.got("frames") for frame in message["frames"]]

    @property
    def traits(self) -> list[dict[str, Any]]:
        updates = [data.get("state", {}) for _msg, data in list(self.card.comm.published)[1:]]
        return [state["snapshot"] for state in updates if "snapshot" in state]

    def kinds(self) -> list[str]:
        return [frame["k"] for frame in self.frames]


@pytest.fixture(autouse=True)
def recorded(monkeypatch) -> None:
    monkeypatch.setattr(comm, "create_comm", Recorder)


@pytest.fixture
def task() -> Iterator[sw.Scan]:
    task = sw.scan(f"synthetic:{60 + next(_numbers)}", where=EVERY, pace_s=2)
    yield task
    with contextlib.suppress(sw.WrongTaskState):  # it has ended
        task.cancel()


def contiguous(frames: list[dict[str, Any]]) -> bool:
    q = None
    for frame in frames:
        if frame["k"] == "snapshot":
            q = frame["q"]
        elif q is None or frame["q"] != q + (frame["k"] != "progress"):
            return False
        else:
            q = frame["q"]
    return True


def of_tasks(page: Page) -> list[dict[str, Any]]:
    return [frame for frame in page.frames if "t" in frame]


def test_a_page_that_subscribes_gets_everything_once(task, eventually):
    page = Page(task)
    page.say(type="subscribe", tasks={task.id: None})
    eventually(lambda: "end" in page.kinds(), 60)
    assert page.kinds()[:2] == ["hello", "snapshot"]
    told = of_tasks(page)
    assert contiguous(told)
    rows = list(told[0]["d"]["partial"].get("rows", ()))
    for frame in told[1:]:
        rows += frame["d"].get("append", {}).get("rows", ()) if frame["k"] == "partial" else []
    assert {row[0] for row in rows} == set(task.result(30).table.index)
    assert len(rows) == len(task.result(30).table)
    eventually(lambda: page.got("result"))
    assert page.got("result")[0]["result"]["kind"] == "scan"
    assert page.traits[-1]["state"]["status"] == "completed"
    assert len(page.traits) == 1  # the trait is for first paint: once the page speaks, only the end


def test_a_page_that_cannot_be_heard_has_the_trait(task, eventually):
    page = Page(task)
    page.relay.start()
    eventually(lambda: task._followed.settled, 60)
    eventually(lambda: page.got("result"))
    assert len(page.traits) > 2
    assert page.traits[-1]["state"]["status"] == "completed"
    assert page.frames == []


def test_a_cursor_is_gone_on_from(task, eventually):
    page, again = Page(task), Page(task)
    page.say(type="subscribe", tasks={task.id: None})
    eventually(lambda: page.kinds().count("partial") > 2)
    last = of_tasks(page)[-1]
    again.say(type="subscribe", tasks={task.id: {"e": last["e"], "s": last["s"], "q": last["q"]}})
    eventually(lambda: len(of_tasks(again)) > 2)
    first = of_tasks(again)[0]
    assert (first["k"], first["d"]["recovered"], first["q"]) == ("snapshot", True, last["q"])
    assert contiguous(of_tasks(again))


def test_unsubscribing_ends_it_and_a_ping_is_answered(task, eventually):
    page = Page(task)
    page.say(type="subscribe", tasks={task.id: None})
    eventually(lambda: len(of_tasks(page)) > 1)
    page.say(type="unsubscribe", tasks=[task.id])
    page.say(type="ping")
    eventually(lambda: "hb" in page.kinds())
    count = len(of_tasks(page))
    progress = task.progress
    eventually(lambda: task.progress > progress + 2 or task._followed.settled, 30)
    assert len(of_tasks(page)) == count


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"type": "subscribe"}, "tasks"),
        ({"type": "subscribe", "tasks": {"": None}}, "tasks"),
        ({"type": "visible", "visible": 3}, "visible"),
    ],
)
def test_a_bad_message_is_told_its_field(task, eventually, message, field):
    page = Page(task)
    page.say(**message)
    eventually(lambda: "error" in page.kinds())
    [error] = [frame for frame in page.frames if frame["k"] == "error"]
    assert error["d"]["field"] == field


def test_what_this_kernel_does_not_show_is_unknown(task, eventually):
    page = Page(task)
    page.say(type="subscribe", tasks={"somebody-elses": None})
    eventually(lambda: "error" in page.kinds())
    [error] = [frame for frame in page.frames if frame["k"] == "error"]
    assert (error["t"], error["d"]["code"]) == ("somebody-elses", "unknown_task")


def test_cancel_and_result_are_answered(task, eventually):
    page = Page(task)
    page.say(type="subscribe", tasks={task.id: None})
    page.say(type="result")
    assert page.got("result") == []
    eventually(lambda: "progress" in page.kinds())  # Earlier, its end may come as a snapshot.
    page.say(type="cancel")
    eventually(lambda: "end" in page.kinds(), 30)
    page.say(type="cancel")
    assert page.got("error")[-1]["error"]["code"] == "wrong_state"


def test_a_page_that_shows_an_ended_task_keeps_its_result(task, eventually, monkeypatch):
    """Whoever is found by the runner counts as a follower of the task; while it runs, it is one anyway."""
    page, found = Page(task), []
    find = type(runners.current()).find

    def counted(backend, word):
        found.append(word)
        return find(backend, word)

    monkeypatch.setattr(type(runners.current()), "find", counted)
    page.say(type="present")
    page.relay.start()
    eventually(lambda: task._followed.settled, 60)
    assert found == []
    page.say(type="present")
    eventually(lambda: found == [task.id])


def test_a_new_journal_is_a_new_session(task, eventually):
    """What the server lost, the page hears as a whole snapshot under the new epoch."""
    page = Page(task)
    page.say(type="subscribe", tasks={task.id: None})
    eventually(lambda: len(of_tasks(page)) > 1)
    followed = task._followed
    state = {**followed.to_dict()["state"], "status": "failed", "seq": 1, "q": 1}
    frame = {"k": "snapshot", "t": task.id, "e": "another", "s": 1, "q": 1, "ts": 1}
    followed.accept({**frame, "d": {"state": state, "recovered": False}})
    eventually(lambda: of_tasks(page)[-1]["e"] == "another")
    last = of_tasks(page)[-1]
    assert (last["k"], last["d"]["state"]["status"], last["q"]) == ("snapshot", "failed", 1)
    assert page.kinds().count("hello") == 2
    runners.current().ask("cancel", task.id)


def test_a_closed_card_is_let_go(task, eventually):
    page = Page(task)
    page.say(type="subscribe", tasks={task.id: None})
    eventually(lambda: len(of_tasks(page)) > 1)
    page.card.close()
    eventually(lambda: page.relay._pump is None)


def test_two_cards_of_a_task_share_a_source(task):
    one, two = SOURCES.of(task._followed), SOURCES.of(task._followed)
    assert one is two


def test_a_page_gets_the_part_of_its_bundle_that_it_asks_for_and_no_other_file(task):
    page = Page(task)
    page.say(type="bundle", name="analysis.js")
    page.say(type="bundle", name="../widgets.py")
    given, refused = page.got("bundle")
    assert given["text"] == (STATIC / "analysis.js").read_text(encoding="utf-8")
    assert refused == {"type": "bundle", "name": "../widgets.py", "text": None}


@pytest.mark.parametrize("heard", [False, True])
def test_a_page_that_cannot_be_heard_is_sent_what_draws_an_analysis(heard, eventually):
    task = sw.analyze("AAPL")
    page = Page(task)
    if heard:
        page.say(type="bundle", name="analysis.js")
    page.relay.start()
    eventually(lambda: page.got("result"))
    expected = ["analysis.js"] if heard else ["analysis.js", "details.js"]
    eventually(lambda: [each["name"] for each in page.got("bundle")] == expected)


def test_the_page_steers_and_the_card_goes_on_with_the_successor(eventually):
    task = sw.scan("synthetic:62", pace_s=20)
    page = Page(task, shown=True)
    page.say(type="subscribe", tasks={task.id: None})
    page.say(type="do", verb="retry_failed")
    assert page.got("error")[-1]["error"]["code"] == "wrong_state"
    page.say(type="do", verb="explode")
    assert page.got("error")[-1]["error"]["field"] == "verb"
    page.say(type="cancel")
    eventually(lambda: "end" in page.kinds(), 30)
    page.say(type="do", verb="pin")
    assert page.got("amended")[-1]["state"]["pinned"] is True
    old = task.id
    page.say(type="do", verb="resume")
    assert task.id != old
    assert (page.card.task_id, page.card.snapshot["state"]["predecessor"]) == (task.id, old)
    page.say(type="subscribe", tasks={task.id: None})
    eventually(lambda: any(f.get("t") == task.id and f["k"] == "snapshot" for f in page.frames))
    page.say(type="cancel")
    eventually(lambda: task.status == "cancelled", 30)


def test_a_page_that_went_on_by_itself_takes_its_handle_along():
    task = sw.analyze("AAPL")
    task.result(60)
    page = Page(task, shown=True)
    other = sw.analyze("MSFT", force=True)
    with page.card.hold_trait_notifications():
        page.card.snapshot = {"state": other.record, "partial": {}, "logs": []}
        page.card.task_id = other.id
    assert task.id == other.id
    assert task.result(60).symbol == "MSFT"


def test_the_table_of_a_scan_travels_with_a_card_that_only_the_kernel_feeds():
    assert travelling("kernel", "scan") == {
        "scan.js": (STATIC / "scan.js").read_text(encoding="utf-8")
    }
    assert list(travelling("kernel", "study")) == ["study.js"]
    assert travelling("server", "scan") == travelling("kernel", "analysis") == {}


def test_the_words_for_errors_are_sent_to_a_page_that_asks_for_them():
    assert part("errors.js")["text"] == (STATIC / "errors.js").read_text(encoding="utf-8")
    assert part("../pyproject.toml")["text"] is None


def test_a_wish_that_moves_the_card_on_is_granted_once(eventually):
    task = sw.analyze("APPL")
    page = Page(task, shown=True)
    eventually(lambda: task.status == "failed", 60)
    before = {task.id, *(each.id for each in sw.tasks(kind="analysis"))}
    page.say(type="do", verb="rerun")
    now = {each.id for each in sw.tasks(kind="analysis")}
    assert now - before == {task.id}
