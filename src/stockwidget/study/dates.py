"""The days of a study, taken from the data's own trading days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stockwidget.errors import InvalidRequest, StockwidgetError
from stockwidget.params.study import MAX_DATES, Every, StudyParams
from stockwidget.scan.past import number_of
from stockwidget.scan.supply import Supply
from stockwidget.store.snapshot import EPOCH

Days = npt.NDArray[np.int64]
"""Days since 1970-01-01, rising."""
PROBED = 16
"""Symbols, spread over the universe, whose bars say which days were trading days."""
PROBED_IN_STORES = 64
"""The same where reading them costs next to nothing."""
YEARS = 5


def chosen(params: StudyParams, supply: Supply, symbols: Sequence[str]) -> Days:
    """The days that are asked for. Raises InvalidRequest if there is none, or too many."""
    if params.dates:
        return np.array([number_of(day) for day in params.dates], np.int64)
    traded = trading_days(supply, symbols)
    if params.end is not None:
        traded = traded[traded <= number_of(params.end)]
    if len(traded):
        first = number_of(params.start) if params.start else years_before(int(traded[-1]))
        traded = traded[traded >= first]
    days = last_of_each(traded, params.every)
    if not len(days):
        raise InvalidRequest(
            "There is no trading day in the range of the study.",
            hint="Choose other start= and end=; sw.symbols(source) says what the bars cover.",
            field="start",
        )
    if len(days) > MAX_DATES:
        raise InvalidRequest(
            f"A study of every {params.every} has {len(days)} days here; {MAX_DATES} is the most.",
            hint='Choose a later start=, or every="month".',
            field="start",
        )
    return days


def trading_days(supply: Supply, symbols: Sequence[str]) -> Days:
    """Days on which any of a few symbols was traded; the first one's error if none has bars."""
    count = PROBED_IN_STORES if supply.ahead else PROBED
    steps = -(-len(symbols) // count)
    errors: list[StockwidgetError] = []
    for first in range(steps):  # the next ones only where none of these has bars
        few = symbols[first::steps]
        supply.prepare(few)
        found = supply.history(few)
        if len(found.run.dates):
            return np.unique(found.run.dates).astype(np.int64)
        errors += found.errors.values()
    raise errors[0]


def last_of_each(days: Days, every: Every) -> Days:
    """The last of ``days`` in each period; of the newest, unfinished one too."""
    if not len(days):
        return days
    if every == "week":
        periods = (days + 3) // 7  # 1970-01-01 was a Thursday: weeks begin on Mondays
    else:
        months = (EPOCH + days).astype("datetime64[M]").astype(np.int64)
        periods = months if every == "month" else months // 3
    return np.asarray(days[np.append(periods[1:] != periods[:-1], True)])


def years_before(day: int) -> int:
    """The day after the same one ``YEARS`` years ago."""
    then = np.datetime64(day, "D")
    month = then.astype("datetime64[M]")
    into = (then - month.astype("datetime64[D]")).astype(np.int64)
    ago = (month - np.timedelta64(12 * YEARS, "M")).astype("datetime64[D]") + into
    return int((ago - EPOCH).astype(np.int64)) + 1
