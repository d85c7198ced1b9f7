"""What leaves a worker is little, loses nothing that matters, and keeps its order."""

import itertools
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockwidget.tasks.events import merge
from stockwidget.tasks.frames import LENGTHS, Finished, decode
from stockwidget.tasks.outbox import FULL, Batch, Outbox, join
from stockwidget.tasks.steps import Checkpoint, Log, Partial, Step

keys = st.sampled_from("ab")
rows = st.lists(st.integers(0, 9), max_size=3)
partials = st.builds(Partial, set=st.dictionaries(keys, rows), append=st.dictionaries(keys, rows))


def plain(partial):
    return {"set": partial.set, "append": partial.append}


@given(st.dictionaries(keys, rows), partials, partials)
def test_joined_partials_have_the_effect_of_both(start, first, second):
    one_by_one = merge(merge(start, plain(first)), plain(second))
    joined = merge(start, plain(join(first, second)))
    assert {k: v for k, v in joined.items() if v} == {k: v for k, v in one_by_one.items() if v}


def test_steps_of_a_stage_are_conflated_and_stages_are_kept():
    batch = Batch()
    for stage in ("one", "two"):
        for i in range(10):
            batch.add(Step(stage=stage, progress=i / 10))
    assert batch.take() == [Step(stage="one", progress=0.9), Step(stage="two", progress=0.9)]


def test_a_step_that_says_nothing_new_is_dropped_even_after_it_was_sent():
    batch = Batch()
    batch.add(Step(stage="one", progress=0.5))
    batch.take()
    batch.add(Step(stage="one", progress=0.5))
    assert batch.take() == []


def test_order_is_kept_across_kinds():
    batch = Batch()
    said = [
        Log(message="a"),
        Partial(append={"rows": [1]}),
        Step(stage="one", progress=0.1),
        Log(message="b"),
        Partial(append={"rows": [2]}),
    ]
    for item in said:
        batch.add(item)
    assert batch.take() == said


def test_partials_are_one_across_steps_and_checkpoints():
    batch = Batch()
    for i in range(5):
        batch.add(Checkpoint(chunk=str(i), data={}))
        batch.add(Partial(append={"rows": [i]}))
        batch.add(Step(stage="one", progress=i / 10))
    items = batch.take()
    assert [i for i in items if isinstance(i, Partial)] == [Partial(append={"rows": [*range(5)]})]
    assert len([i for i in items if isinstance(i, Checkpoint)]) == 5


def test_the_newest_counters_stand_before_the_rows_of_a_frame():
    batch = Batch()
    for i in range(1, 4):
        batch.add(Checkpoint(chunk=str(i), data={}))
        batch.add(Step(stage="scan", progress=i / 10, counters={"found": i}))
        batch.add(Partial(append={"rows": [i]}))
    batch.add(Step(stage="rank", progress=0.98, counters={"found": 3}))
    said = [item for item in batch.take() if not isinstance(item, Checkpoint)]
    assert said == [
        Step(stage="scan", progress=0.3, counters={"found": 3}),
        Partial(append={"rows": [1, 2, 3]}),
        Step(stage="rank", progress=0.98, counters={"found": 3}),
    ]


def test_a_batch_fills_up_also_with_partials_folded_into_one():
    batch = Batch()
    for _ in range(FULL):
        assert not batch.full
        batch.add(Partial(append={"rows": [1]}))
    assert batch.full
    assert len(batch.take()) == 1
    assert not batch.full


def unframe(frame):
    head, body = LENGTHS.unpack(frame[: LENGTHS.size])
    rest = frame[LENGTHS.size :]
    assert len(rest) == head + body
    return decode(rest[:head], rest[head:])


def test_a_job_waits_while_the_server_does_not_read():
    may_write = threading.Event()
    frames = []
    outbox = Outbox(7, lambda frame: (may_write.wait(), frames.append(frame)))
    count = 0

    def job():
        nonlocal count
        for count in range(10 * FULL):
            outbox.put(Log(message=str(count)))
        outbox.end(Finished(document=b"{}"))

    thread = threading.Thread(target=job)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    assert count <= 2 * FULL
    may_write.set()
    thread.join(30)
    said = [item for frame in frames for item in unframe(frame)[1]]
    assert [item.message for item in said[:-1]] == [str(i) for i in range(10 * FULL)]
    assert said[-1] == Finished(document=b"{}")


def test_rows_leave_at_once_and_then_at_most_ten_times_a_second():
    sent = []
    outbox = Outbox(1, lambda frame: sent.append((time.monotonic(), unframe(frame)[1])))
    outbox.put(Partial(set={"columns": ["symbol"]}))
    time.sleep(0.01)
    start = time.monotonic()
    while time.monotonic() < start + 0.35:
        outbox.put(Partial(append={"rows": [1]}))
        time.sleep(0.002)
    outbox.end(Finished(document=b"{}"))
    at = [when for when, items in sent if any(getattr(item, "append", None) for item in items)]
    assert at[0] - start < 0.03
    assert min(b - a for a, b in itertools.pairwise(at[:-1])) >= 0.09


def test_what_json_cannot_hold_is_the_jobs_error():
    outbox = Outbox(1, lambda frame: None)
    with pytest.raises(TypeError, match="JSON"):
        for _ in range(10 * FULL):
            outbox.put(Partial(set={"what": object()}))
            outbox.put(Log(message="more"))
