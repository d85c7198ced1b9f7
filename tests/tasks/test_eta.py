"""The time left is right for an even pace, and follows a change of pace without jumping."""

import pytest

from stockwidget.tasks.eta import Eta


def test_an_even_pace_gives_the_exact_time_left():
    eta = Eta(0)
    for tenth in range(1, 10):
        assert eta.update(tenth / 10, tenth * 1_000) == pytest.approx(10 - tenth)
    assert eta.update(1.0, 10_000) == 0


def test_too_little_known_gives_nothing():
    assert Eta(0).update(0.0, 5_000) is None
    assert Eta(0).update(0.5, 0) is None
    assert Eta(0).update(float("nan"), 5_000) is None


def test_a_change_of_pace_is_followed_smoothly():
    eta = Eta(0)
    eta.update(0.5, 1_000)
    # 4 s for the next percent: the raw estimate jumps from 1 s to 4.8 s.
    assert 1 < eta.update(0.51, 5_000) < 2
    for step in range(52, 60):
        last = eta.update(step / 100, 5_000 + (step - 51) * 4_000)
    assert last > 10
