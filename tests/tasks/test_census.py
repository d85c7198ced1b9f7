"""Only tasks of servers that are really dead may be adopted."""

import os
import socket

from stockwidget.tasks.census import LOOKS, STALE_MS, Census, pid_alive
from stockwidget.tasks.store import Server

NOW = 1_000_000
HERE = socket.gethostname()


def server(name="x", *, host=HERE, pid=77, age=0, stopped=False):
    return Server(id=name, host=host, pid=pid, beat=NOW - age, stopped=stopped)


def living(*servers, alive=lambda pid: True, me="me"):
    return Census(me, alive=alive).living_at_start(servers, NOW)


def test_at_the_start():
    assert living(server()) == {"x"}
    assert living(server(), alive=lambda pid: False) == set()
    assert living(server(host="elsewhere"), alive=lambda pid: False) == {"x"}
    assert living(server(age=STALE_MS)) == {"x"}
    assert living(server(age=STALE_MS + 1)) == set()
    assert living(server(stopped=True)) == set()
    assert living(server("me")) == set(), "what this id owned in an earlier life is its own"


def test_the_pid_of_this_process_is_no_proof_of_life():
    assert living(server("other", pid=os.getpid())) == set()
    Census("neighbour")
    assert living(server("neighbour", pid=os.getpid())) == {"neighbour"}


def test_later_a_beat_must_stand_still_for_a_while():
    census = Census("me")
    for _ in range(LOOKS - 1):
        assert "x" in census.living([server()])
    assert "x" in census.living([server(age=-1)]), "it beat again"
    for _ in range(LOOKS - 1):
        assert "x" in census.living([server(age=-1)])
    assert census.living([server(age=-1)]) == {"me"}


def test_two_looks_are_enough_if_the_process_was_here_and_is_gone():
    census = Census("me", alive=lambda _: False)
    here = {"host": socket.gethostname(), "pid": 1}
    for known in (server(**here), server("y", stopped=True)):
        assert known.id in census.living([known])
        assert census.living([known]) == {"me"}
    far = server("z", host="elsewhere")
    for _ in range(4):
        assert "z" in census.living([far])


def test_the_age_of_a_beat_alone_kills_nobody_later_on():
    assert "x" in Census("me").living([server(age=10 * STALE_MS)])


def test_a_process_is_alive_until_it_is_not():
    assert pid_alive(os.getpid())
    child = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(child, 0)
    assert not pid_alive(child)
