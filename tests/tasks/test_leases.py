"""A follower's signs of life reach the journal at once where it matters, and else once a minute."""

import pytest

from stockwidget.tasks.leases import LEASE_MS, Leases

NOW = 1_700_000_000_000


@pytest.fixture
def leases():
    return Leases()


def write(leases, now):
    taken = leases.take()
    leases.written(taken, now)
    return [(x.task_id, x.at - NOW, x.until - NOW) for x in taken]


def test_the_first_sign_is_urgent_and_the_next_is_not(leases):
    assert leases.touch("t", NOW)
    assert write(leases, NOW) == [("t", 0, LEASE_MS)]
    assert not leases.touch("t", NOW + 1_000)
    assert write(leases, NOW + 5_000) == [("t", 1_000, 1_000 + LEASE_MS)]


def test_the_last_of_many_polls_is_what_the_journal_learns(leases):
    leases.touch("t", NOW)
    write(leases, NOW)
    for second in range(1, 50):
        leases.touch("t", NOW + second * 1_000)
    assert write(leases, NOW + 50_000) == [("t", 49_000, 49_000 + LEASE_MS)]
    assert write(leases, NOW + 50_000) == []


def test_who_stays_connected_costs_a_row_a_minute(leases):
    rows = 0
    for second in range(0, 600, 5):
        leases.present(["t"], NOW + second * 1_000)
        rows += len(write(leases, NOW + second * 1_000))
    assert rows == 10


def test_a_shorter_lease_never_shortens_a_longer_one(leases):
    leases.touch("t", NOW, 500_000)
    leases.touch("t", NOW + 1, 1_000)
    assert write(leases, NOW) == [("t", 1, 500_000)]


def test_what_could_not_be_written_is_kept_for_the_next_time(leases):
    leases.touch("t", NOW)
    leases.touch("u", NOW)
    taken = leases.take()
    leases.touch("t", NOW + 9)
    leases.unwritten(taken)
    assert sorted(write(leases, NOW)) == [("t", 9, 9 + LEASE_MS), ("u", 0, LEASE_MS)]


def test_memory_follows_those_who_follow(leases):
    for i in range(1_000):
        leases.touch(f"t{i}", NOW)
    write(leases, NOW)
    assert len(leases) == 1_000
    write(leases, NOW + LEASE_MS)
    assert len(leases) == 0
