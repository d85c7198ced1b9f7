"""The indicators of an analysis by pandas, pandas-ta-classic and stockstats: median ms and last values.

    python indicators.py BARS.csv ROUNDS

Run by ``benchmarks/analysis.py`` in an environment of their own; prints one JSON object.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import pandas as pd


def by_pandas(bars: pd.DataFrame) -> dict[str, pd.Series]:
    """As one writes them by hand, vectorised."""
    high, low, close, volume = (bars[name] for name in ("high", "low", "close", "volume"))
    found = {f"sma_{n}": close.rolling(n).mean() for n in (20, 50, 200)}
    fast, slow = (close.ewm(span=n, adjust=False).mean() for n in (12, 26))
    dif = fast - slow
    dea = dif.ewm(span=9, adjust=False).mean()
    found |= {
        "ema_12": fast,
        "ema_26": slow,
        "macd_dif": dif,
        "macd_dea": dea,
        "macd_hist": dif - dea,
    }
    change = close.diff()
    wilder = {"alpha": 1 / 14, "adjust": False}
    gain, loss = (x.clip(lower=0).ewm(**wilder).mean() for x in (change, -change))
    found["rsi_14"] = 100 * gain / (gain + loss)
    mid, width = found["sma_20"], 2 * close.rolling(20).std(ddof=0)
    found |= {"boll_upper": mid + width, "boll_mid": mid, "boll_lower": mid - width}
    before = close.shift()
    true_range = pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1).max(
        axis=1
    )
    found["atr_14"] = true_range.ewm(**wilder).mean()
    bottom, top = low.rolling(9).min(), high.rolling(9).max()
    k = (100 * (close - bottom) / (top - bottom)).ewm(alpha=1 / 3, adjust=False).mean()
    d = k.ewm(alpha=1 / 3, adjust=False).mean()
    found |= {"kdj_k": k, "kdj_d": d, "kdj_j": 3 * k - 2 * d}
    up, down = high.diff(), -low.diff()
    plus = up.where((up > down) & (up > 0), 0.0).ewm(**wilder).mean()
    minus = down.where((down > up) & (down > 0), 0.0).ewm(**wilder).mean()
    plus, minus = 100 * plus / found["atr_14"], 100 * minus / found["atr_14"]
    adx = (100 * (plus - minus).abs() / (plus + minus)).ewm(**wilder).mean()
    found |= {"adx_14_adx": adx, "adx_14_plus_di": plus, "adx_14_minus_di": minus}
    side = change.gt(0).astype(int) - change.lt(0).astype(int)
    found["obv"] = (side * volume).cumsum() + volume.iloc[0]
    typical = (high + low + close) / 3
    flow, turned = typical * volume, typical.diff()
    rose, fell = (flow.where(turned * s > 0, 0.0).rolling(14).sum() for s in (1, -1))
    found["mfi_14"] = 100 * rose / (rose + fell)
    return found


def by_pandas_ta(bars: pd.DataFrame) -> dict[str, pd.Series]:
    """By pandas-ta-classic."""
    import pandas_ta_classic as ta

    high, low, close, volume = (bars[name] for name in ("high", "low", "close", "volume"))
    found = {f"sma_{n}": ta.sma(close, n) for n in (20, 50, 200)}
    found |= {f"ema_{n}": ta.ema(close, n) for n in (12, 26)}
    macd = ta.macd(close)
    found |= dict(zip(("macd_dif", "macd_hist", "macd_dea"), (macd[c] for c in macd), strict=True))
    found["rsi_14"] = ta.rsi(close)
    bands = ta.bbands(close, 20, 2.0, ddof=0)
    found |= dict(
        zip(("boll_lower", "boll_mid", "boll_upper"), (bands[c] for c in bands), strict=False)
    )
    found["atr_14"] = ta.atr(high, low, close)
    kdj = ta.kdj(high, low, close)
    found |= dict(zip(("kdj_k", "kdj_d", "kdj_j"), (kdj[c] for c in kdj), strict=True))
    adx = ta.adx(high, low, close)
    names = {"adx_14_adx": "ADX_14", "adx_14_plus_di": "DMP_14", "adx_14_minus_di": "DMN_14"}
    found |= {ours: adx[theirs] for ours, theirs in names.items()}
    found["obv"] = ta.obv(close, volume)
    found["mfi_14"] = ta.mfi(high, low, close, volume)
    return found


def by_stockstats(bars: pd.DataFrame) -> dict[str, pd.Series]:
    """By stockstats, which has no on-balance volume."""
    from stockstats import wrap

    table = wrap(bars.copy())
    names = {
        **{f"sma_{n}": f"close_{n}_sma" for n in (20, 50, 200)},
        **{f"ema_{n}": f"close_{n}_ema" for n in (12, 26)},
        "macd_dif": "macd", "macd_dea": "macds", "macd_hist": "macdh", "rsi_14": "rsi_14",
        "boll_upper": "boll_ub", "boll_mid": "boll", "boll_lower": "boll_lb", "atr_14": "atr_14",
        "kdj_k": "kdjk", "kdj_d": "kdjd", "kdj_j": "kdjj",
        "adx_14_adx": "adx", "adx_14_plus_di": "pdi", "adx_14_minus_di": "ndi", "mfi_14": "mfi_14",
    }  # fmt: skip
    return {ours: table[theirs] for ours, theirs in names.items()}


def timed(
    compute: Callable[[pd.DataFrame], dict[str, pd.Series]], bars: pd.DataFrame, rounds: int
) -> dict:
    """Median of ``rounds`` after two that warm up, and where the series end."""
    times = []
    found: dict[str, pd.Series] = {}
    for _ in range(rounds + 2):
        start = time.perf_counter()
        found = compute(bars)
        times.append(time.perf_counter() - start)
    last = {name: float(series.iloc[-1]) for name, series in found.items()}
    return {
        "p50_ms": round(1e3 * statistics.median(times[2:]), 3),
        "outputs": len(last),
        "last": last,
    }


if __name__ == "__main__":
    table = pd.read_csv(sys.argv[1], index_col="date", parse_dates=True)
    ways = {"pandas": by_pandas, "pandas_ta_classic": by_pandas_ta, "stockstats": by_stockstats}
    print(json.dumps({name: timed(way, table, int(sys.argv[2])) for name, way in ways.items()}))
