"""The parts of a result document that judge: score, signals, levels, risk, record, as plain values.

Names stand as ``key``s of ``stockwidget.analysis.terms``; what cannot be said is None beside a
reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from stockwidget.analysis import levels, record, risk, seasonality
from stockwidget.analysis.lines import Lines, Mask
from stockwidget.analysis.score import Row, judge
from stockwidget.analysis.scorecard import Band, Scorecard
from stockwidget.analysis.signals import Signal, readings
from stockwidget.analysis.summary import YEAR
from stockwidget.indicators.arrays import Floats

Part = dict[str, Any]
CAPITAL = 100_000.0
"""What the sizing hint reckons with, quote currency."""
SIZING_RISK = 0.01
SIZING_MULTIPLE = 2.0


def score(lines: Lines, card: Scorecard, scores: Floats, source: str) -> Part:
    """The verdict on the last bar with every point's reason, and what each earlier bar got."""
    found = judge(lines, card, source=source)
    reason = {
        "key": "low_coverage",
        "params": {
            "coverage": int(100 * found.coverage),
            "needed": round(100 * card.least_coverage),
        },
    }
    scaled = {"key": "scaled", "params": {"kept": round(100 * card.kept)}}
    return {
        "value": found.score,
        "band": found.band.name if found.band else None,
        "coverage": found.coverage,
        "least_coverage": card.least_coverage,
        "date": found.date,
        "reason": None if found.band else reason,
        "scaled": None if card.kept == 1.0 else scaled,
        "families": [
            {
                "key": family.family,
                "weight": card.weights[family.family],
                "score": family.score,
                "points": family.points,
                "judged": family.judged,
                "max": family.possible,
                "coverage": family.coverage,
                "factors": [_factor(row) for row in found.rows if row.family == family.family],
            }
            for family in found.families
        ],
        "bands": [{"key": band.name, "least": band.least} for band in card.bands],
        "history": nulls(scores),
    }


def signals(lines: Lines, masks: Mapping[str, Mask], by_name: Mapping[str, Signal]) -> Part:
    """Every event, one list a column, in order of date and then of the signals' table."""
    rows = [
        (row, place, name, value, threshold)
        for place, (name, mask) in enumerate(masks.items())
        for row, value, threshold in readings(lines, by_name[name], np.flatnonzero(mask))
    ]
    rows.sort(key=lambda each: each[:2])
    index = [row for row, *_ in rows]
    return {
        "row": index,
        "date": np.datetime_as_string(lines.dates[index]).tolist() if index else [],
        "key": [name for _, _, name, _, _ in rows],
        "direction": [by_name[name].direction for _, _, name, _, _ in rows],
        "price": lines.close[index].tolist(),
        "value": [value for *_, value, _ in rows],
        "threshold": [threshold for *_, threshold in rows],
    }


def found_levels(lines: Lines) -> list[Part]:
    """Support and resistance, the nearest first within each kind."""
    return [asdict(level) for level in levels.levels(lines)]


def trend(lines: Lines) -> Part:
    """The state of the trend on the last bar and the questions it rests on."""
    found = levels.trend(lines).to_dict()
    reasons = [
        {"key": each.pop("name"), **each} for each in (dict(r) for r in found.pop("reasons"))
    ]
    return {**found, "strong_adx": levels.STRONG_ADX, "reasons": reasons}


def risks(
    view: pd.DataFrame,
    *,
    reported: pd.Series[float],
    benchmark: tuple[str, pd.Series[float]] | None,
    risk_free: float,
) -> Part:
    """Risk of holding, over all bars; ``benchmark`` is a symbol and its closes."""
    name, closes = benchmark or (None, None)
    found = risk.assess(view, reported=reported, benchmark=closes, risk_free=risk_free).to_dict()
    return {**found, "benchmark": name, "risk_free": risk_free, "year": YEAR}


def seasons(close: pd.Series[float]) -> Part:
    """Returns by calendar month: twelve rows, and each month that was seen."""
    found = seasonality.monthly_returns(close)
    periods = pd.PeriodIndex(found.index)
    return {
        "months": [month.to_dict() for month in seasonality.seasonality(close)],
        "returns": {
            "year": periods.year.tolist(),
            "month": periods.month.tolist(),
            "value": found.tolist(),
        },
        "least_years": seasonality.FEW_YEARS,
    }


def sizing(lines: Lines) -> Part:
    """How much a stop of two average true ranges allows, for a stated capital; a hint."""
    close, atr = float(lines.close[-1]), float(lines.atr[-1])
    basis = {
        "close": close,
        "atr": atr if np.isfinite(atr) else None,
        "multiple": SIZING_MULTIPLE,
        "risk": SIZING_RISK,
        "capital": CAPITAL,
    }
    if not atr > 0:
        empty = dict.fromkeys(("stop", "shares", "value", "at_risk"))
        return {**basis, **empty, "reason": {"key": "no_atr", "params": {}}}
    hint = risk.size(close, atr, capital=CAPITAL, risk=SIZING_RISK, multiple=SIZING_MULTIPLE)
    return {**basis, **asdict(hint), "reason": None}


def records(
    lines: Lines,
    masks: Mapping[str, Mask],
    scores: Floats,
    by_name: Mapping[str, Signal],
    bands: Sequence[Band],
) -> Part:
    """What followed each signal and each band of the score on this symbol."""
    return {
        "horizons": list(record.HORIZONS),
        "level": record.LEVEL,
        "draws": record.DRAWS,
        "least": record.SMALL,
        "signals": [_record(r) for r in record.signal_records(lines, masks, by_name=by_name)],
        "score": [_record(r) for r in record.score_records(lines, scores, bands=bands)],
    }


def nulls(values: Floats) -> list[float | None]:
    """The same numbers, None for NaN."""
    found: list[float | None] = values.tolist()
    for row in np.flatnonzero(np.isnan(values)).tolist():
        found[row] = None
    return found


def _factor(row: Row) -> Part:
    abstains = row.points is None
    reason = "no_value" if row.value is None else "no_threshold"
    how = {} if row.how == "compared" else {"how": row.how}
    return {
        "key": row.name,
        "value": row.value,
        "threshold": row.threshold,
        "above": row.above,
        **how,
        "points": row.points,
        "max": row.possible,
        "date": row.date,
        "source": row.source,
        "abstained": abstains,
        "reason": {"key": reason, "params": {}} if abstains else None,
    }


def _record(found: record.Record) -> Part:
    plain = found.to_dict()
    return {"key": plain.pop("name"), **plain, "warnings": list(found.warnings)}
