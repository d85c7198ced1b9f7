"""How far each indicator is from TA-Lib (or pandas, where TA-Lib has none), and how fast beside it.

Every row of the table on the whole sample and on seeded random walks, some of which start with missing
bars. TA-Lib cannot look past a gap in the middle: there, each run between gaps is given to it alone. The
error is relative to the value, but to 1e-3 of the series' largest one for values smaller than that, since
nothing has a relative error where it crosses zero. %B and band width are compared with NumPy: on the walks,
%B by TA-Lib's running squares is itself off by 1e-9, by pandas' by 2e-8. The last line is one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "indicators")]

from other_answers import Columns, answer  # noqa: E402

from conftest import NAMES, columns, walk  # noqa: E402
from stockwidget.indicators.indicator import Indicator  # noqa: E402
from stockwidget.indicators.table import TABLE  # noqa: E402

SEEDS = range(20)
ROUNDS = 7
TIMED_BARS = 2520


def series() -> list[Columns]:
    """The sample, walks, walks with leading gaps and walks with gaps in the middle."""
    found = [columns(name) for name in NAMES]
    for seed in SEEDS:
        made = walk(100 + seed, 800, 10.0 ** (seed % 6 - 1))
        rows = [*range(seed % 5), *np.random.default_rng(seed).integers(5, 800, seed % 3)]
        for column in made.values():
            column[rows] = np.nan
        found.append(made)
    return found


def expected(row: Indicator, data: Columns) -> tuple[np.ndarray, ...]:
    """The other library's numbers, each run without gaps on its own."""
    fine = np.all([np.isfinite(data[name]) for name in row.inputs], axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fine.astype(int), [0]])))
    mask = row.unit == "true or false"
    whole = tuple(np.full(len(fine), 0.0 if mask else np.nan) for _ in row.outputs)
    for start, end in edges.reshape(-1, 2):
        run = {name: column[start:end].copy() for name, column in data.items()}
        if end - start <= row.lookback:
            continue
        for out, part in zip(whole, answer(row.function.__name__, run, row.settings), strict=True):
            out[start:end] = part
    return whole


def error(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Largest relative error; infinite if one has a value where the other has none."""
    ours = ours.astype(float)
    known = np.isfinite(theirs)
    if not known.any():
        return 0.0
    if not np.isfinite(ours[known]).all():
        return float("inf")
    apart = np.abs(ours - theirs)[known]
    size = np.abs(theirs[known])
    floor = max(1e-3 * size.max(), 1e-300)
    return float((apart / np.maximum(size, floor)).max())


def seconds(call: object) -> float:
    """Best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()  # type: ignore[operator]
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Measure and print."""
    everything = series()
    timed = walk(1, TIMED_BARS, 100.0)
    rows = {}
    print(f"{'indicator':18}{'reference':46}{'max rel error':>14}{'µs':>9}{'µs theirs':>11}")
    for row in TABLE:
        worst = max(
            error(ours, theirs)
            for data in everything
            for ours, theirs in zip(row(data).values(), expected(row, data), strict=True)
        )
        own = seconds(lambda row=row: row(timed)) * 1e6
        other = seconds(lambda row=row: answer(row.function.__name__, timed, row.settings)) * 1e6
        rows[row.name] = {"error": worst, "us": round(own, 1), "us_reference": round(other, 1)}
        print(f"{row.name:18}{row.reference:46}{worst:14.1e}{own:9.1f}{other:11.1f}")
    worst = max(row["error"] for row in rows.values())
    document = {"benchmark": "parity", "series": len(everything), "max_error": worst, "rows": rows}
    print(json.dumps(document))
    if not worst <= 1e-9:
        sys.exit(f"parity: {worst:g} is more than 1e-9")


if __name__ == "__main__":
    main()
