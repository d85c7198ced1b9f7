"""A commentator is heard as it speaks; one that raises, hangs or never ends costs only its words."""

import threading
import time

import pytest

from stockwidget import jobs
from stockwidget.commentary import registry
from stockwidget.commentary.hearing import MOST, Hearing
from stockwidget.errors import InvalidRequest
from stockwidget.tasks.documents import to_json
from stockwidget.tasks.events import merge
from stockwidget.tasks.steps import Log, Partial, Result, Step

FACTS = {"summary": {"last_close": 173.93}}


def heard(name, limit_s=5.0):
    hearing = Hearing(lambda: registry.load(name), FACTS, "en", limit_s=limit_s)
    return hearing, [piece for piece in hearing if piece]


def test_pieces_come_as_they_are_said_and_the_whole_is_checked(installed):
    hearing, pieces = heard("speaks")
    assert len(pieces) > 1
    assert hearing.document("speaks") == {
        "by": "speaks",
        "locale": "en",
        "parts": [
            {"text": "It closed at 173.93. The P/E is ", "unmatched": False},
            {"text": "28.7", "unmatched": True},
            {"text": ".", "unmatched": False},
        ],
        "numbers": 2,
        "unmatched": 1,
        "missing": None,
    }


def test_a_number_is_doubted_once_its_sentence_has_ended_and_only_once():
    said = ["It closed at 17", "3.93 and not at 1", "8.5. It is", " at 99.9", "! Well, 5.5"]
    hearing = Hearing(lambda: lambda _facts, _locale: iter(()), FACTS, "en")
    found = []
    for piece in said:
        hearing.text += piece
        found.append([hearing.text[start:end] for start, end in hearing.doubts()])
    # The text ends right behind "8.5." and "!": only what follows tells that a sentence has ended.
    assert found == [[], [], ["18.5"], [], ["99.9"]]
    hearing.text += "\n收盘价 12.3。"
    assert [hearing.text[s:e] for s, e in hearing.doubts()] == ["5.5", "12.3"]
    assert hearing.doubts() == []


@pytest.mark.parametrize(
    ("name", "text", "missing"),
    [
        ("raises", "Beginning ", {"key": "failed", "detail": "RuntimeError"}),
        ("hangs", "Beginning ", {"key": "late", "detail": "0.6 s"}),
        ("never_ends", ("word " * MOST)[:MOST], {"key": "long", "detail": "12,000"}),
        ("gives_numbers", "", {"key": "failed", "detail": "It gave a int instead of text."}),
        ("says_why", "", {"key": "failed", "detail": "No model is loaded."}),
        ("silent", "", {"key": "empty", "detail": ""}),
        ("absent", "", {"key": "failed", "detail": "ModuleNotFoundError"}),
        ("whole", "All at once.", None),
    ],
)
def test_what_goes_wrong_is_said_and_what_was_heard_is_kept(installed, name, text, missing):
    hearing, _ = heard(name, limit_s=0.6)
    assert (hearing.text, hearing.missing) == (text, missing)


def test_one_that_never_ends_is_told_to(installed):
    before = set(threading.enumerate())
    heard("never_ends")
    deadline = time.monotonic() + 10
    while set(threading.enumerate()) - before:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def run(**params):
    return list(jobs.analysis(jobs.prepare_analysis({"symbol": "AAPL", **params})[0]))


def test_an_analysis_with_a_commentary_is_the_analysis_and_the_commentary(installed):
    alone = run()[-1].data
    steps = run(commentary="speaks", commentary_locale="zh")
    result = dict(steps[-1].data)
    said = result.pop("commentary")
    assert result.pop("params") == {
        "symbol": "AAPL",
        "commentary": "speaks",
        "commentary_locale": "zh",
    }
    assert to_json(result) == to_json({k: v for k, v in alone.items() if k != "params"})
    text = "".join(part["text"] for part in said["parts"])
    assert text == "收于173.93. The P/E is 28.7."
    assert (said["numbers"], said["unmatched"], said["locale"]) == (2, 1, "zh")
    told = {}
    for step in steps:
        if isinstance(step, Partial):
            told = merge(told, {"set": step.set, "append": step.append})
    assert "".join(told["commentary_pieces"]) == text
    assert told["report"] == result["report"], "to read meanwhile"
    assert isinstance(steps[-1], Result)
    assert [s.progress for s in steps if isinstance(s, Step)][-1] == 1.0


def test_an_analysis_survives_its_commentator(installed):
    steps = run(commentary="raises")
    said = steps[-1].data["commentary"]
    assert said["missing"] == {"key": "failed", "detail": "RuntimeError"}
    assert b"sk-secret" not in b"".join(to_json(vars_of(step)) for step in steps)
    assert any(isinstance(s, Log) and s.level == "warning" and "raises" in s.message for s in steps)


def vars_of(step):
    return {name: getattr(step, name) for name in step.__slots__}


def test_without_the_wish_there_is_none():
    assert "commentary" not in run()[-1].data


def test_an_unknown_name_is_refused_at_submit_with_those_there_are(installed):
    with pytest.raises(InvalidRequest) as refused:
        jobs.prepare_analysis({"symbol": "AAPL", "commentary": "speeks"})
    assert refused.value.data["field"] == "commentary"
    assert "'speaks'" in refused.value.hint
    assert "openai-compatible" in refused.value.hint


@pytest.mark.parametrize(("spoken", "offered"), [([], "None is offered"), (["whole"], "whole")])
def test_a_server_may_allow_none_or_some(installed, spoken, offered):
    kind = jobs.allowing(jobs.KINDS["analysis"], ["sample"], spoken)
    with pytest.raises(InvalidRequest, match=offered):
        kind.prepare({"symbol": "AAPL", "commentary": "speaks"})
    kind.prepare({"symbol": "AAPL"})
    if spoken:
        kind.prepare({"symbol": "AAPL", "commentary": "whole"})


def test_words_are_never_shared_with_another_task(installed):
    plain, _ = jobs.prepare_analysis({"symbol": "AAPL"})
    spoken, _ = jobs.prepare_analysis({"symbol": "AAPL", "commentary": "speaks"})
    assert jobs.version_of_analysis(plain) is not None
    assert jobs.version_of_analysis(spoken) is None
