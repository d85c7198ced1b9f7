"""A function that knows the future is found out, one that does not is not accused."""

import itertools

import numpy as np
import pytest

from stockwidget.errors import PartFailed
from stockwidget.parts.foresight import foresight


@pytest.mark.parametrize(
    "honest",
    [
        lambda x: x.close > x.open,
        lambda x: np.asarray(x.frame().close.ewm(span=10).mean()),
        lambda x: np.asarray(x.frame().close.rolling(60).mean()),
        lambda x: np.asarray(x.frame().close.expanding().rank(pct=True)),
    ],
)
def test_looking_back_is_fine(lines, honest):
    assert foresight("mine", honest, lines) is None


@pytest.mark.parametrize(
    ("peeps", "since"),
    [
        (lambda x: np.asarray(x.frame().close.shift(-1) > x.frame().close), None),
        (lambda x: x.close / x.close[-1], "2020-01-01"),
        (lambda x: np.asarray(x.frame().close.rolling(5, center=True).mean()), None),
        (lambda x: (x.close > x.open) & (len(x) > 399), None),
    ],
)
def test_looking_ahead_is_said_with_a_day(lines, peeps, since):
    found = foresight("mine", peeps, lines)
    assert found.key == "looks_ahead"
    assert found.level == "warning"
    assert found.params["date"] <= found.params["cut"]
    assert since in {None, found.params["date"]}


def test_a_rare_mark_is_looked_at_on_its_own_day(lines):
    """A jump of the day after, which four dates in four hundred would miss."""
    jumps = lambda x: np.asarray(x.frame().close.shift(-1) > x.frame().close * 1.045)  # noqa: E731
    rows = np.flatnonzero(jumps(lines))
    assert 0 < len(rows) < 20
    assert not {len(lines) - 2, 359, 299, 199} & set(rows.tolist())
    assert foresight("mine", jumps, lines).key == "looks_ahead"


def test_chance_is_said(lines):
    chance = itertools.count()
    found = foresight("mine", lambda x: np.full(len(x), float(next(chance))), lines)
    assert found.key == "not_repeatable"


def test_failing_on_fewer_bars_is_no_offence_but_failing_on_all_is(lines):
    def needs_all(x):
        if len(x) < 400:
            raise PartFailed("too few")
        return x.close

    assert foresight("mine", needs_all, lines) is None

    def fails(_):
        raise PartFailed("always")

    with pytest.raises(PartFailed, match="always"):
        foresight("mine", fails, lines)
