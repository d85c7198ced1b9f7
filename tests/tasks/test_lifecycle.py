"""The table keeps its four promises, and the documentation shows the table that runs."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.tasks.events import TERMINAL, Snapshot
from stockwidget.tasks.lifecycle import (
    LEAP,
    STATES,
    TABLE,
    TRIGGERS,
    Happening,
    advance,
    diagram,
    submitted,
)
from stockwidget.tasks.steps import Log, Partial, Step

DOC = Path(__file__).parents[2] / "docs" / "lifecycle.md"

shares = st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 1)
items = {
    "step": st.builds(Step, stage=st.sampled_from(["one", "two"]), progress=shares),
    "partial": st.builds(Partial, append=st.just({"rows": [[1]]})),
    "log": st.builds(Log, message=st.text(max_size=5)),
}


def happening(trigger):
    return st.builds(
        Happening,
        trigger=st.just(trigger),
        ts=st.integers(1, 10**6),
        item=items.get(trigger, st.none()),
        owner=st.just("b"),
        retention_s=st.just(60),
        error=st.just({"code": "x", "message": "m", "hint": "h"}),
    )


# Half of what happens is ordinary work: with all triggers alike, a life ends before its second step.
happenings = st.sampled_from(["start", "step", "step", "partial"]).flatmap(happening) | (
    st.sampled_from(TRIGGERS).flatmap(happening)
)
lives = st.lists(happenings, min_size=8, max_size=30)


@pytest.fixture
def fresh(make_record):
    return submitted(make_record(), ts=1)


def walk(outcome, life):
    """Each step of a life as (record before, outcome)."""
    record = outcome.record
    for happening in life:
        after = advance(record, happening)
        yield record, after
        record = after.record


def fresh_outcome():
    from stockwidget.tasks.events import TaskRecord

    record = TaskRecord(
        id="t", kind="k", title="t", params={}, key="k", status="queued", created_at=1, owner="a"
    )
    return submitted(record, ts=1)


def a_final_state_never_changes_but_by_expiry(life):
    for before, outcome in life:
        if before.status in TERMINAL and outcome.record != before:
            assert (outcome.record.status, outcome.events[0].kind) == ("expired", "gone")
            assert before.status != "expired"


def progress_never_decreases_within_an_attempt(life):
    for before, outcome in life:
        after = outcome.record
        assert 0 <= after.progress <= 100
        assert after.attempt in {before.attempt, before.attempt + 1}
        if after.attempt == before.attempt:
            assert after.progress >= before.progress


def who_asked_for_a_stop_never_finds_a_result(life):
    asked = False
    for before, outcome in life:
        asked = asked or before.status == "cancelling"
        assert not (asked and outcome.record.status in {"completed", "failed", "running", "queued"})


def numbers_rise_and_only_progress_spares_q(life):
    for before, outcome in life:
        for event in outcome.events:
            assert event.s > before.s
            assert event.q == before.q + (event.kind != "progress")
            assert (event.s, event.q) == (outcome.record.s, outcome.record.q)


def a_reader_who_applies_the_events_knows_the_record(life):
    snapshot = Snapshot(record=life[0][0])
    for _, outcome in life:
        for event in outcome.events:
            snapshot = snapshot.apply(event)
        unseen = {
            "owner": outcome.record.owner,
            "retried": outcome.record.retried,
            "s": outcome.record.s,
            "eta_s": None,
        }
        assert replace(snapshot.record, **unseen) == replace(outcome.record, eta_s=None)


RULES = (
    a_final_state_never_changes_but_by_expiry,
    progress_never_decreases_within_an_attempt,
    who_asked_for_a_stop_never_finds_a_result,
    numbers_rise_and_only_progress_spares_q,
    a_reader_who_applies_the_events_knows_the_record,
)


@given(lives)
def test_whatever_happens_the_rules_hold(life):
    """All are judged on the same lives: to make these up takes longer than to judge them."""
    steps = list(walk(fresh_outcome(), life))
    for rule in RULES:
        rule(steps)


def test_every_state_can_be_reached_and_every_live_one_can_end():
    reached = {"queued"}
    for _ in STATES:
        reached |= {rule.to for (state, _), rule in TABLE.items() if state in reached}
    assert reached == set(STATES)
    for state in set(STATES) - TERMINAL:
        assert any(rule.to in TERMINAL for (s, _), rule in TABLE.items() if s == state), state


def test_the_same_step_again_is_no_news(fresh):
    running = advance(fresh.record, Happening(trigger="start", ts=2)).record
    step = Step(stage="one", progress=0.5, counters={"n": 1})
    first = advance(running, Happening(trigger="step", ts=3, item=step, eta_s=9.0))
    again = advance(first.record, Happening(trigger="step", ts=4, item=step, eta_s=8.0))
    assert [e.kind for e in first.events] == ["progress"]
    assert again.events == ()
    assert again.record == first.record


def test_adoption_of_a_running_task_voids_its_partials_and_leaps_over_lost_numbers(fresh):
    running = advance(fresh.record, Happening(trigger="start", ts=2)).record
    piece = Happening(trigger="partial", ts=3, item=Partial(append={"rows": [[1]]}))
    outcome = advance(running, piece)
    snapshot = Snapshot(record=running).apply(outcome.events[0])
    assert snapshot.partial == {"rows": [[1]]}

    adopted = advance(outcome.record, Happening(trigger="adopt", ts=9, owner="b"))
    assert adopted.then == "enqueue"
    assert adopted.record.owner == "b"
    assert adopted.record.s > outcome.record.s + LEAP
    assert adopted.record.q == outcome.record.q + 1
    after = snapshot.apply(adopted.events[0])
    assert (after.record.status, after.record.attempt, after.record.progress) == ("queued", 2, 0)
    assert after.partial == {}


def test_cancel_while_running_asks_the_runner_to_stop_the_work(fresh):
    running = advance(fresh.record, Happening(trigger="start", ts=2)).record
    outcome = advance(running, Happening(trigger="cancel", ts=3))
    assert (outcome.record.status, outcome.then) == ("cancelling", "stop_work")
    again = advance(outcome.record, Happening(trigger="cancel", ts=4))
    assert (again.events, again.then) == ((), None)


def test_retention_counts_from_the_end(fresh):
    running = advance(fresh.record, Happening(trigger="start", ts=2)).record
    done = advance(running, Happening(trigger="finish", ts=5_000, retention_s=60, summary={"n": 1}))
    assert done.record.ended_at == 5_000
    assert done.record.retain_until == 65_000
    assert done.record.progress == 100
    assert done.record.summary == {"n": 1}


def test_the_documentation_shows_this_table():
    assert f"```mermaid\n{diagram()}\n```" in DOC.read_text(encoding="utf-8"), (
        "docs/lifecycle.md is not the table's diagram; paste the output of "
        "`python -c 'from stockwidget.tasks.lifecycle import diagram; print(diagram())'`."
    )
