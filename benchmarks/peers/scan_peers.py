"""The same 18 numbers by other libraries, each as its users would write it: run by ``benchmarks/scan.py``.

``python scan_peers.py <peer> <folder> <symbols>`` reads float64 (symbols, bars) arrays from the folder, computes the numbers of
the last bar of the first so many symbols once to get warm (on a few) and once by the clock, writes them to ``<peer>.npy`` and prints
one JSON line. Reading and reshaping the data into the library's own form is not timed.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")
NAMES = ("open", "high", "low", "close", "volume")
OUT = (
    "sma_5", "sma_20", "sma_50", "sma_200", "ema_12", "ema_26", "macd", "rsi_14", "boll_upper", "atr_14",
    "kdj_k", "obv", "adx_14", "ret_20", "volatility_20", "drawdown_252", "high_252", "volume_ratio_5",
)  # fmt: skip
Data = dict[str, np.ndarray]
NAN = float("nan")


def talib_loop(data: Data) -> Callable[[], np.ndarray]:
    import talib as t

    def one(h: Any, lo: Any, c: Any, v: Any) -> list[float]:
        dif, _, _ = t.MACD(c, 12, 26, 9)
        upper, _, _ = t.BBANDS(c, 20, 2.0, 2.0)
        k = t.KDJ(h, lo, c)[0] if hasattr(t, "KDJ") else t.STOCHF(h, lo, c, 9, 1)[0]
        logs = np.log(c[-21:])
        return [
            *(t.SMA(c, w)[-1] for w in (5, 20, 50, 200)),
            *(t.EMA(c, w)[-1] for w in (12, 26)),
            dif[-1], t.RSI(c, 14)[-1], upper[-1], t.ATR(h, lo, c, 14)[-1], k[-1], t.OBV(c, v)[-1],
            t.ADX(h, lo, c, 14)[-1], t.ROCP(c, 20)[-1], np.diff(logs).std(ddof=1) * np.sqrt(252),
            c[-1] / t.MAX(c, 252)[-1] - 1, c[-1] / t.MAX(h, 252)[-1] - 1, v[-1] / t.SMA(v, 5)[-2],
        ]  # fmt: skip

    return lambda: np.array(
        [one(*(data[n][k] for n in NAMES[1:])) for k in range(len(data["close"]))]
    )


def pandas_wide(data: Data) -> Callable[[], np.ndarray]:
    import pandas as pd

    h, lo, c, v = (pd.DataFrame(data[n].T.copy()) for n in NAMES[1:])

    def run() -> np.ndarray:
        def wilder(x: Any) -> Any:
            return x.ewm(alpha=1 / 14, adjust=False).mean()

        found = [c.rolling(w).mean().iloc[-1] for w in (5, 20, 50, 200)]
        fast, slow = (c.ewm(span=w, adjust=False).mean() for w in (12, 26))
        move = c.diff()
        up, down = wilder(move.clip(lower=0)), wilder(-move.clip(upper=0))
        before = c.shift()
        true = np.maximum(h - lo, np.maximum((h - before).abs(), (lo - before).abs()))
        atr = wilder(true)
        top, bottom = h.rolling(9).max(), lo.rolling(9).min()
        k = ((c - bottom) / (top - bottom) * 100).ewm(alpha=1 / 3, adjust=False).mean()
        rise, fall = h.diff(), -lo.diff()
        plus = wilder(rise.where((rise > fall) & (rise > 0), 0.0)) / atr
        minus = wilder(fall.where((fall > rise) & (fall > 0), 0.0)) / atr
        adx = wilder(((plus - minus).abs() / (plus + minus)) * 100)
        obv = (np.sign(move) * v).fillna(0).cumsum()
        found += [
            fast.iloc[-1], slow.iloc[-1], (fast - slow).iloc[-1], (100 - 100 / (1 + up / down)).iloc[-1],
            (c.rolling(20).mean() + 2 * c.rolling(20).std(ddof=0)).iloc[-1], atr.iloc[-1], k.iloc[-1],
            (obv + v.iloc[0]).iloc[-1], adx.iloc[-1], c.pct_change(20).iloc[-1],
            np.log(c).diff().rolling(20).std().iloc[-1] * np.sqrt(252),
            (c / c.rolling(252).max() - 1).iloc[-1], (c / h.rolling(252).max() - 1).iloc[-1],
            (v / v.rolling(5).mean().shift()).iloc[-1],
        ]  # fmt: skip
        return np.column_stack(found)

    return run


def pandas_groups(data: Data) -> Callable[[], np.ndarray]:
    """As most notebooks have it: one frame, ``groupby("symbol").apply``."""
    import pandas as pd

    symbols, bars = data["close"].shape
    frame = pd.DataFrame(
        {"symbol": np.repeat(np.arange(symbols), bars), **{n: data[n].ravel() for n in NAMES}}
    )

    def one(g: Any) -> Any:
        single = {n: g[n].to_numpy()[None] for n in NAMES}
        return pd.Series(pandas_wide(single)()[0], index=OUT)

    return lambda: frame.groupby("symbol")[list(NAMES)].apply(one).to_numpy()


def polars_expressions(data: Data) -> Callable[[], np.ndarray]:
    import polars as pl

    symbols, bars = data["close"].shape
    frame = pl.DataFrame(
        {"symbol": np.repeat(np.arange(symbols), bars), **{n: data[n].ravel() for n in NAMES}}
    )
    h, lo, c, v = (pl.col(n) for n in NAMES[1:])

    def wilder(x: Any) -> Any:
        return x.ewm_mean(alpha=1 / 14, adjust=False, ignore_nulls=True)

    move, before = c.diff(), c.shift()
    true = pl.max_horizontal(h - lo, (h - before).abs(), (lo - before).abs())
    rise, fall = h.diff(), -lo.diff()
    zero = pl.lit(0.0)
    plus = wilder(pl.when((rise > fall) & (rise > 0)).then(rise).otherwise(zero)) / wilder(true)
    minus = wilder(pl.when((fall > rise) & (fall > 0)).then(fall).otherwise(zero)) / wilder(true)
    bottom, top = lo.rolling_min(9), h.rolling_max(9)
    fast, slow = (c.ewm_mean(span=w, adjust=False) for w in (12, 26))
    up, down = wilder(move.clip(lower_bound=0)), wilder(-move.clip(upper_bound=0))
    wanted = [
        *(c.rolling_mean(w) for w in (5, 20, 50, 200)), fast, slow, fast - slow, 100 - 100 / (1 + up / down),
        c.rolling_mean(20) + 2 * c.rolling_std(20, ddof=0), wilder(true),
        ((c - bottom) / (top - bottom) * 100).ewm_mean(alpha=1 / 3, adjust=False),
        (move.sign() * v).fill_null(0).cum_sum() + v.first(),
        wilder((plus - minus).abs() / (plus + minus) * 100), c.pct_change(20),
        c.log().diff().rolling_std(20) * np.sqrt(252), c / c.rolling_max(252) - 1, c / h.rolling_max(252) - 1,
        v / v.rolling_mean(5).shift(),
    ]  # fmt: skip
    last = [x.last().alias(n) for n, x in zip(OUT, wanted, strict=True)]
    return lambda: frame.group_by("symbol", maintain_order=True).agg(last).drop("symbol").to_numpy()


def duckdb_windows(data: Data) -> Callable[[], np.ndarray]:
    """The ten without recursion: SQL's windows have none."""
    import duckdb
    import pyarrow as pa

    symbols, bars = data["close"].shape
    table = pa.table(
        {
            "symbol": np.repeat(np.arange(symbols), bars),
            "day": np.tile(np.arange(bars), symbols),
            **{n: data[n].ravel() for n in NAMES},
        }
    )
    db = duckdb.connect()
    db.execute("PRAGMA threads=2")
    db.register("arrow_bars", table)
    db.execute("create table bars as select * from arrow_bars")

    def window(n: int, back: int = 0) -> str:
        return (
            f"(partition by symbol order by day rows between {n - 1 + back} preceding "
            f"and {back} preceding)"
        )

    sql = f"""
    with logs as (select *, ln(close / lag(close) over w) as step, lag(close, 20) over w as then20
                  from bars window w as (partition by symbol order by day)),
    every as (select symbol, day,
      {", ".join(f"avg(close) over {window(n)} as sma_{n}" for n in (5, 20, 50, 200))},
      avg(close) over {window(20)} + 2 * stddev_pop(close) over {window(20)} as boll_upper,
      close / then20 - 1 as ret_20,
      stddev_samp(step) over {window(20)} * sqrt(252) as volatility_20,
      close / max(close) over {window(252)} - 1 as drawdown_252,
      close / max(high) over {window(252)} - 1 as high_252,
      volume / avg(volume) over {window(5, 1)} as volume_ratio_5
      from logs)
    select * from every where day = {bars - 1} order by symbol"""

    def run() -> np.ndarray:
        found = db.execute(sql).fetchnumpy()
        blank = np.full(symbols, NAN)
        return np.column_stack([np.asarray(found.get(n, blank), float) for n in OUT])

    return run


def vectorbt_wide(data: Data) -> Callable[[], np.ndarray]:
    """Its own indicators (a span of 27 is Wilder's 14); KDJ, ADX and the last five are pandas, as vectorbt has none of them."""
    import pandas as pd
    import vectorbt as vbt

    h, lo, c, v = (pd.DataFrame(data[n].T.copy()) for n in NAMES[1:])
    rest = pandas_rest(c, h, lo, v)

    def run() -> np.ndarray:
        n = c.shape[1]
        sma = vbt.MA.run(c, window=[5, 20, 50, 200]).ma.iloc[-1].to_numpy().reshape(4, n)
        ema = vbt.MA.run(c, window=[12, 26], ewm=True).ma.iloc[-1].to_numpy().reshape(2, n)
        macd = vbt.MACD.run(c, macd_ewm=True, signal_ewm=True).macd.iloc[-1].to_numpy()
        rsi = vbt.RSI.run(c, window=27, ewm=True).rsi.iloc[-1].to_numpy()
        upper = vbt.BBANDS.run(c, window=20, alpha=2).upper.iloc[-1].to_numpy()
        atr = vbt.ATR.run(h, lo, c, window=27, ewm=True).atr.iloc[-1].to_numpy()
        obv = vbt.OBV.run(c, v).obv.iloc[-1].to_numpy()
        k, adx, *others = rest()
        return np.column_stack([*sma, *ema, macd, rsi, upper, atr, k, obv, adx, *others])

    return run


def pandas_rest(c: Any, h: Any, lo: Any, v: Any) -> Callable[[], list[Any]]:
    def run() -> list[Any]:
        def wilder(x: Any) -> Any:
            return x.ewm(alpha=1 / 14, adjust=False).mean()

        before = c.shift()
        atr = wilder(np.maximum(h - lo, np.maximum((h - before).abs(), (lo - before).abs())))
        top, bottom = h.rolling(9).max(), lo.rolling(9).min()
        k = ((c - bottom) / (top - bottom) * 100).ewm(alpha=1 / 3, adjust=False).mean()
        rise, fall = h.diff(), -lo.diff()
        plus = wilder(rise.where((rise > fall) & (rise > 0), 0.0)) / atr
        minus = wilder(fall.where((fall > rise) & (fall > 0), 0.0)) / atr
        adx = wilder(((plus - minus).abs() / (plus + minus)) * 100)
        return [
            k.iloc[-1], adx.iloc[-1], c.pct_change(20).iloc[-1],
            np.log(c).diff().rolling(20).std().iloc[-1] * np.sqrt(252),
            (c / c.rolling(252).max() - 1).iloc[-1], (c / h.rolling(252).max() - 1).iloc[-1],
            (v / v.rolling(5).mean().shift()).iloc[-1],
        ]  # fmt: skip

    return run


def stockstats_loop(data: Data) -> Callable[[], np.ndarray]:
    import pandas as pd
    import stockstats

    names = (
        "close_5_sma", "close_20_sma", "close_50_sma", "close_200_sma", "close_12_ema", "close_26_ema", "macd",
        "rsi_14", "boll_ub", "atr_14", "kdjk", "adx", "close_-20_r",
    )  # fmt: skip
    frames = [
        pd.DataFrame({n: data[n][k] for n in NAMES}, index=pd.bdate_range("2015-01-01", periods=data["close"].shape[1]))
        for k in range(len(data["close"]))
    ]  # fmt: skip

    def one(frame: Any) -> list[float]:
        s = stockstats.wrap(frame.copy())
        v = {n: float(s[n].iloc[-1]) for n in names}
        c, h, volume = frame["close"], frame["high"], frame["volume"]
        return [
            *(v[n] for n in names[:11]),
            float((np.sign(c.diff()).fillna(1) * volume).sum()),
            v["adx"], v["close_-20_r"] / 100,
            float(np.log(c).diff().rolling(20).std().iloc[-1] * np.sqrt(252)),
            float((c / c.rolling(252).max() - 1).iloc[-1]), float((c / h.rolling(252).max() - 1).iloc[-1]),
            float((volume / volume.rolling(5).mean().shift()).iloc[-1]),
        ]  # fmt: skip

    return lambda: np.array([one(frame) for frame in frames])


PEERS = {
    "talib": talib_loop,
    "pandas": pandas_wide,
    "pandas_groupby": pandas_groups,
    "polars": polars_expressions,
    "duckdb": duckdb_windows,
    "vectorbt": vectorbt_wide,
    "stockstats": stockstats_loop,
}


def main(peer: str, folder: Path, symbols: int, rounds: int) -> None:
    every = {n: np.load(folder / f"{n}.npy", mmap_mode="r") for n in NAMES}
    few = {n: np.array(array[:8]) for n, array in every.items()}
    PEERS[peer](few)()
    run = PEERS[peer]({n: np.array(array[:symbols]) for n, array in every.items()})
    best, found = float("inf"), None
    for _ in range(rounds):
        start = time.perf_counter()
        found = run()
        best = min(best, time.perf_counter() - start)
    np.save(folder / f"{peer}.npy", found)
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024
    print(json.dumps({"s": round(best, 4), "symbols": symbols, "peak_mb": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
