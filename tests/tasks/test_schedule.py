"""First come, first served; a short task never waits behind a long one; nothing starves."""

from hypothesis import given
from hypothesis import strategies as st

from stockwidget.errors import QueueFull
from stockwidget.tasks.schedule import Schedule


def drain(schedule):
    taken = []
    while (task := schedule.take()) is not None:
        taken.append(task)
    return taken


def test_first_come_first_served():
    schedule = Schedule(slots=1)
    for task in "abc":
        schedule.add(task, long=task == "b")
    order = []
    while taken := drain(schedule):
        order += taken
        schedule.ended(taken[0])
    assert order == ["a", "b", "c"]


def test_a_short_task_does_not_wait_behind_long_ones():
    schedule = Schedule(slots=2, reserve=1)
    for i in range(10):
        schedule.add(f"scan{i}", long=True)
    assert drain(schedule) == ["scan0", "scan1"]
    schedule.add("analysis", long=False)
    assert drain(schedule) == ["analysis"]
    schedule.add("another", long=False)
    assert drain(schedule) == [], "the reserved slot is one"
    schedule.ended("analysis")
    assert drain(schedule) == ["another"]


def test_a_stream_of_short_tasks_does_not_starve_a_long_one():
    schedule = Schedule(slots=1, reserve=1)
    schedule.add("s0", long=False)
    schedule.add("scan", long=True)
    running = drain(schedule)
    for i in range(1, 50):
        schedule.add(f"s{i}", long=False)
        schedule.ended(running.pop(0))
        running += drain(schedule)
        if "scan" in running:
            return
    raise AssertionError("the scan never ran")


def test_what_was_withdrawn_neither_runs_nor_counts():
    schedule = Schedule(slots=1, most=2)
    schedule.add("a", long=False)
    schedule.add("b", long=True)
    assert schedule.full
    refusal = schedule.refusal()
    assert isinstance(refusal, QueueFull)
    assert refusal.data == {"waiting": 2, "retry_after_s": 10}
    schedule.withdraw("a")
    assert not schedule.full
    assert drain(schedule) == ["b"]


moves = st.lists(
    st.tuples(st.sampled_from(["short", "long", "end", "withdraw"]), st.integers(0, 9)), max_size=60
)


@given(moves, st.integers(1, 3), st.integers(0, 2))
def test_bounds_hold_and_slots_are_never_left_empty(moves, slots, reserve):
    schedule = Schedule(slots=slots, reserve=reserve)
    waiting, running = {}, {}
    for number, (move, which) in enumerate(moves):
        match move:
            case "short" | "long":
                task = f"{move}{number}"
                waiting[task] = move == "long"
                schedule.add(task, long=move == "long")
            case "end" if running:
                task = sorted(running)[which % len(running)]
                del running[task]
                schedule.ended(task)
            case "withdraw" if waiting:
                task = sorted(waiting)[which % len(waiting)]
                del waiting[task]
                schedule.withdraw(task)
        for task in drain(schedule):
            running[task] = waiting.pop(task)
        assert len(schedule) == len(waiting)
        assert sum(running.values()) <= slots
        assert len(running) <= slots + reserve
        assert not waiting or len(running) >= slots
        if len(running) < slots + reserve and sum(running.values()) == slots:
            assert all(waiting.values()), "a short task waits though a reserved slot is free"
