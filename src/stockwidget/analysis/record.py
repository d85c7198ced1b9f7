"""How often a signal or a score was right on these bars, beside what any day would have given.

A signal known at a close can be acted on at the next open, so the forward return over h bars runs
from the open of the next bar to the close h bars after the signal. The rules have no number that
was fitted to these bars, so all of it is out of sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stockwidget.analysis.lines import Lines, Mask
from stockwidget.analysis.scorecard import BANDS, Band
from stockwidget.analysis.signals import BY_NAME, Signal
from stockwidget.indicators.arrays import Floats

HORIZONS = (5, 20, 60)
SMALL = 20
"""Fewer independent events are an anecdote."""
DRAWS = 2000
LEVEL = 0.95
SEED = 20_240_607


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One signal (or band of the score) over one horizon. Returns are fractions."""

    name: str
    direction: int
    horizon: int
    """Bars."""
    n: int
    """Events whose forward return is known."""
    independent: int
    """Of these, events at least ``horizon`` bars apart: overlapping returns count once."""
    hit_rate: float | None
    """Share of the independent ones that went the signal's way (up, if it takes no side)."""
    base_hit_rate: float | None
    """The same share among all bars."""
    median: float | None
    base_median: float | None
    edge: float | None
    """Median − base median; a fall beyond the base rate is below zero, whatever the direction."""
    edge_low: float | None
    edge_high: float | None
    """Bootstrap interval of the edge, 95 %; None for fewer than two events."""
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def gained(paid: Floats, worth: Floats) -> Floats:
    """Return of what was bought at ``paid``, a fraction; prices that did not move give 0.

    An adjusted price is a product, so that equal ones differ by a rounding, which would count as a
    rise or a fall.
    """
    change = worth / paid - 1.0
    return np.where(np.abs(change) < 1e-12, 0.0, change)


def forward_returns(lines: Lines, horizon: int) -> Floats:
    """From the next bar's open to the close ``horizon`` bars on; (n,), NaN where not yet known."""
    out = np.full(len(lines), np.nan)
    if len(lines) > horizon:
        out[:-horizon] = gained(lines.open[1 : len(lines) - horizon + 1], lines.close[horizon:])
    return out


def signal_records(
    lines: Lines,
    masks: Mapping[str, Mask],
    *,
    by_name: Mapping[str, Signal] = BY_NAME,
    seed: int = SEED,
) -> tuple[Record, ...]:
    """Records of ``signals.masks(lines)``, one a signal and horizon."""
    directions = {name: by_name[name].direction for name in masks}
    return _records(lines, masks, directions, seed)


def score_records(
    lines: Lines, scores: Floats, *, bands: Sequence[Band] = BANDS, seed: int = SEED
) -> tuple[Record, ...]:
    """Records of the bars on which ``score.history`` lay in each band."""
    return _records(lines, band_masks(scores, bands), band_directions(bands), seed)


def band_directions(bands: Sequence[Band] = BANDS) -> dict[str, int]:
    """Band → what it announces."""
    return {band.name: band.direction for band in bands}


def band_masks(scores: Floats, bands: Sequence[Band] = BANDS) -> dict[str, Mask]:
    """Bars on which the score lay in each band, the highest band first."""
    masks: dict[str, Mask] = {}
    top = np.inf
    for band in bands:
        with np.errstate(invalid="ignore"):
            masks[band.name] = (scores >= band.least) & (scores < top)
        top = band.least
    return masks


def _records(
    lines: Lines, masks: Mapping[str, Mask], directions: Mapping[str, int], seed: int
) -> tuple[Record, ...]:
    found = []
    for horizon in HORIZONS:
        returns = forward_returns(lines, horizon)
        known = np.isfinite(returns)
        base = Base(returns[known])
        for name, mask in masks.items():
            rows = np.flatnonzero(mask & known)
            # One generator a record: leaving out a signal changes no other's interval.
            draws = np.random.default_rng([seed, horizon, *name.encode()])
            sample = returns[_apart(rows, horizon)]
            found.append(measure(name, directions[name], horizon, len(rows), sample, base, draws))
    return tuple(found)


class Base:
    """Returns after any day, (n,) and finite: what a record is compared with."""

    def __init__(self, returns: Floats) -> None:
        some = len(returns) > 0
        self.median = float(np.median(returns)) if some else None
        self.hit_rates = {
            side: float((side * returns > 0).mean()) if some else None for side in (1, -1)
        }


def measure(
    name: str,
    direction: int,
    horizon: int,
    n: int,
    sample: Floats,
    base: Base,
    draws: np.random.Generator,
) -> Record:
    """Record of ``n`` events; ``sample`` (m,) are their independent returns, finite.

    ``draws`` decides the bootstrap.
    """
    side = direction or 1
    median = float(np.median(sample)) if len(sample) else None
    low = high = None
    if median is not None and base.median is not None and len(sample) > 1:
        low, high = (q - base.median for q in interval(resampled_medians(sample, draws)))
    return Record(
        name=name,
        direction=direction,
        horizon=horizon,
        n=n,
        independent=len(sample),
        hit_rate=float((side * sample > 0).mean()) if len(sample) else None,
        base_hit_rate=base.hit_rates[side],
        median=median,
        base_median=base.median,
        edge=None if median is None or base.median is None else median - base.median,
        edge_low=low,
        edge_high=high,
        warnings=_warnings(len(sample), low, high),
    )


def interval(values: Floats) -> tuple[float, float]:
    """Percentiles that hold ``LEVEL`` of ``values`` (n,), linear between neighbours."""
    places = [share * (len(values) - 1) for share in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)]
    rows = [int(place) for place in places]
    ordered = np.partition(values, [row + step for row in rows for step in (0, 1)])
    low, high = (
        float(ordered[row] + (place - row) * (ordered[row + 1] - ordered[row]))
        for place, row in zip(places, rows, strict=True)
    )
    return low, high


def resampled_medians(sample: Floats, draws: np.random.Generator, count: int = DRAWS) -> Floats:
    """Return ``count`` medians of samples drawn from ``sample`` (n,) with replacement.

    Of n draws only the middle ones are needed. The m-th smallest of n uniform numbers has the
    distribution Beta(m, n + 1 − m), and the next one lies above it as the least of the n − m others
    (David, Nagaraja: Order Statistics), so no n · count table has to be sorted.
    """
    ordered = np.sort(sample)
    n = len(ordered)
    m = (n + 1) // 2
    lower = draws.beta(m, n + 1 - m, count)
    first = ordered[np.minimum((lower * n).astype(np.intp), n - 1)]
    if n % 2:
        return np.asarray(first)
    upper = 1.0 - (1.0 - lower) * draws.random(count) ** (1.0 / (n - m))
    second = ordered[np.minimum((upper * n).astype(np.intp), n - 1)]
    return np.asarray((first + second) / 2.0)


def _apart(rows: npt.NDArray[np.intp], horizon: int) -> npt.NDArray[np.intp]:
    """Greedily, from the first: rows at least ``horizon`` apart."""
    kept: list[int] = []
    for row in rows.tolist():
        if not kept or row - kept[-1] >= horizon:
            kept.append(row)
    return np.array(kept, dtype=np.intp)


def _warnings(independent: int, low: float | None, high: float | None) -> tuple[str, ...]:
    found = []
    if independent < SMALL:
        found.append("few")
    if low is None or high is None or low <= 0.0 <= high:
        found.append("spans_zero")
    return tuple(found)
