"""What a scan costs: ours and six other libraries on the same data in one run, results compared.

``python benchmarks/scan.py [symbols]`` (5 000) works below ``.benchmark/scan``: a synthetic market of 2 520 bars a symbol, and an
environment for the libraries that are compared (uv). The last line is one JSON object. Slow libraries get fewer symbols; their time
is then multiplied, which is said beside it. Run it on a quiet machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from confined import LIMIT, confined, peak_of_own
from workers import first_answer

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".benchmark" / "scan"
os.environ["STOCKWIDGET_DATA_DIR"] = str(HOME / "data")
os.environ["STOCKWIDGET_SERVER"] = "off"

from stockwidget.params import ScanParams  # noqa: E402
from stockwidget.scan.engine import Scan  # noqa: E402
from stockwidget.scan.made_up import SyntheticSupply  # noqa: E402
from stockwidget.scan.rules import compile_rule  # noqa: E402
from stockwidget.scan.supply import STORE_CHUNK  # noqa: E402
from stockwidget.scan.universe import resolve  # noqa: E402
from stockwidget.scan.vm import empty, evaluate  # noqa: E402
from stockwidget.sources.synthetic import universe  # noqa: E402
from stockwidget.store.barstore import BarStore  # noqa: E402
from stockwidget.store.snapshot import Block  # noqa: E402
from stockwidget.store.tables import Table  # noqa: E402

NAMES = ("open", "high", "low", "close", "volume")
COLUMNS = (
    "sma(5)", "sma(20)", "sma(50)", "sma(200)", "ema(12)", "ema(26)", "macd_dif", "rsi(14)", "boll_upper", "atr(14)",
    "kdj_k", "obv", "adx(14)", "ret(20)", "volatility(20)", "close / highest(close, 252) - 1",
    "close / highest(high, 252) - 1", "volume_ratio(5)",
)  # fmt: skip
RULE = "close > sma(200) and rsi(14) < 70 and macd_dif > macd_dea"
JOB = {"rule": RULE, "rank": "ret(20) / volatility(20)", "top": 50, "columns": list(COLUMNS)}
PEERS = {
    "talib": 1, "polars": 2, "pandas": 2, "pandas_groupby": 10, "duckdb": 2, "vectorbt": 2, "stockstats": 50,
}  # fmt: skip
"""Library → what part of the symbols it gets, as a divisor."""
LIBRARIES = ("numpy", "pandas", "polars", "duckdb", "vectorbt", "stockstats", "TA-Lib", "pyarrow")
DAYS = 2520
MEBI = 1 << 20


def best(call: Callable[[], Any], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def market(symbols: int) -> Block:
    """The synthetic market's bars, in memory; made once."""
    supply = SyntheticSupply()
    names = universe(symbols)
    for start in range(0, symbols, STORE_CHUNK):
        supply.prepare(names[start : start + STORE_CHUNK])
    return supply.load(names).block


def whole(block: Block, plan: Any, threads: int) -> np.ndarray:
    """All last values, chunk by chunk."""
    count = len(block.symbols)
    out = empty(plan, count)

    def part(lo: int) -> None:
        evaluate(
            plan, block.open, block.high, block.low, block.close, block.volume, block.dates, block.offsets,
            lo, min(lo + STORE_CHUNK, count), out,
        )  # fmt: skip

    if threads == 1:
        for lo in range(0, count, STORE_CHUNK):
            part(lo)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(part, range(0, count, STORE_CHUNK)))
    return out


def in_memory(block: Block) -> dict[str, Any]:
    plan = compile_rule(columns=COLUMNS)
    whole(block, plan, 1)
    arrays = [getattr(block, name) for name in NAMES]
    chunks = [a[k : k + MEBI] for a in arrays for k in range(0, len(a), MEBI)]
    found: dict[str, Any] = {
        "bars": len(block.close),
        "mb": round(sum(a.nbytes for a in arrays) / 1e6),
    }
    found["threads_1_s"] = best(lambda: whole(block, plan, 1))
    found["threads_2_s"] = best(lambda: whole(block, plan, 2))
    found["read_limit_1_s"] = best(lambda: [a.sum() for a in chunks])
    with ThreadPoolExecutor(2) as pool:
        found["read_limit_2_s"] = best(lambda: list(pool.map(np.sum, chunks)))
    return found


def peers(block: Block) -> dict[str, Any]:
    """The other libraries, each in a process of its own; its numbers beside ours."""
    folder = HOME / "arrays"
    folder.mkdir(exist_ok=True)
    symbols = len(block.symbols)
    for name in NAMES:
        np.save(folder / f"{name}.npy", getattr(block, name).reshape(symbols, DAYS))
    python = HOME / "venv" / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run(
            [uv, "venv", "--quiet", "--python", sys.executable, HOME / "venv"], check=True
        )
        subprocess.run(
            [uv, "pip", "install", "--quiet", *LIBRARIES],
            check=True,
            env={**os.environ, "VIRTUAL_ENV": str(HOME / "venv")},
        )
    ours = whole(block, compile_rule(columns=COLUMNS), 1)
    found: dict[str, Any] = {}
    for peer, share in PEERS.items():
        count = max(symbols // share, 20)
        command = [
            python,
            ROOT / "benchmarks/peers/scan_peers.py",
            peer,
            folder,
            str(count),
            "3" if share < 10 else "1",
        ]
        done = subprocess.run(
            [str(c) for c in command], capture_output=True, text=True, check=False
        )
        if done.returncode:
            found[peer] = {"error": done.stderr.strip().splitlines()[-1:]}
            continue
        said = json.loads(done.stdout.splitlines()[-1])
        said["s_all"] = round(said["s"] * symbols / count, 3)
        theirs = np.load(folder / f"{peer}.npy")
        known = np.isfinite(theirs)
        apart = np.abs(theirs - ours[:count]) / np.maximum(np.abs(ours[:count]), 1e-3)
        said["numbers"] = int(known.any(axis=0).sum())
        agree = np.where(known, apart, 0).max(axis=0) < 1e-6
        said["apart"] = {
            COLUMNS[k]: float(apart[:, k].max()) for k in np.flatnonzero(~agree & known.all(axis=0))
        }
        said["agree_1e-6"] = int((agree & known.any(axis=0)).sum())
        found[peer] = said
        print(peer, said, flush=True)
    return found


def repeated(block: Block) -> dict[str, Any]:
    """A store of all but the last day, scanned; the last day appended; the same scan again."""
    store = BarStore(HOME / "repeat")
    if store.path.exists():
        subprocess.run(["rm", "-r", store.path], check=True)
    symbols = len(block.symbols)
    rows = np.arange(symbols * DAYS).reshape(symbols, DAYS)

    def table(lo: int, hi: int, days: slice) -> Table:
        at = rows[lo:hi, days].ravel()
        columns = tuple(np.ascontiguousarray(getattr(block, n)[at]) for n in (*NAMES, "close"))
        return Table(
            symbols=tuple(block.symbols[lo:hi]),
            offsets=np.arange(hi - lo + 1) * rows[:, days].shape[1],
            dates=block.dates[at],
            columns=columns,
            adjusted=True,
        )

    steps = range(0, symbols, STORE_CHUNK)
    start = time.perf_counter()
    store.extend(table(k, min(k + STORE_CHUNK, symbols), slice(DAYS - 1)) for k in steps)
    imported = time.perf_counter() - start
    first = scan_store(store)
    start = time.perf_counter()
    store.extend([table(0, symbols, slice(DAYS - 1, DAYS))])
    appended = time.perf_counter() - start
    kept = {path: path.read_bytes() for path in (store.path / "states").iterdir()}
    times = []
    for _ in range(5):
        for path, content in kept.items():
            path.write_bytes(content)
        again, seconds = scan_store(store)
        times.append(seconds)
    subprocess.run(["rm", "-r", store.path / "states"], check=True)
    full, anew = scan_store(store)
    return {
        "import_s": imported, "append_day_s": appended, "first_s": first[1], "repeat_s": min(times),
        "full_again_s": anew, "identical": again == full,
    }  # fmt: skip


def scan_store(store: BarStore, **more: Any) -> tuple[str, float]:
    """The job over a store in this process: its document, and the seconds from plan to document."""
    params = ScanParams.from_dict({"universe": f"store:{store.path}", **JOB, **more})
    start = time.perf_counter()
    work = Scan(params=params, universe=resolve(params))
    for _ in work.run():
        pass
    document = work.document()
    return json.dumps(document), time.perf_counter() - start


def clustered() -> dict[str, Any]:
    """The job over the store of ``repeated`` by a Dask cluster of 1 and 2 processes of this machine."""
    import distributed

    store = BarStore(HOME / "repeat")
    here, alone = scan_store(store)
    found: dict[str, Any] = {"here_s": alone}
    for workers in (1, 2):
        with distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster:
            address = cluster.scheduler_address
            times = []
            for _ in range(3):  # the first one has the workers load the kernels
                there, seconds = scan_store(store, cluster=address)
                times.append(seconds)
        same = {**json.loads(there), "params": None} == {**json.loads(here), "params": None}
        found |= {
            f"workers_{workers}_first_s": times[0],
            f"workers_{workers}_s": min(times),
            f"workers_{workers}_identical": same,
        }
    return found


def system(symbols: int) -> dict[str, Any]:
    """From ``sw.scan`` to the ranked table in this process, by the runner and a warm worker."""
    import stockwidget as sw

    sw.analyze("AAPL").result()
    times, firsts = [], []
    for _ in range(5):
        start = time.perf_counter()
        task = sw.scan(f"synthetic:{symbols}", force=True, **JOB)
        first = None
        for event in task.events():
            if (
                first is None
                and event.kind == "partial"
                and event.data.get("append", {}).get("rows")
            ):
                first = time.perf_counter() - start
        table = task.result().table
        times.append(time.perf_counter() - start)
        firsts.append(first or times[-1])
    return {
        "submit_to_table_s": min(times),
        "submit_to_first_hit_s": min(firsts),
        "rows": len(table),
    }


def parquet(symbols: int) -> dict[str, Any]:
    """The same bars in one zstd Parquet file: taken into a store, and scanned."""
    path = HOME / "all.parquet"
    names = universe(symbols)
    store = BarStore(next((HOME / "data").glob("synthetic-*")))
    if not path.exists():
        store.to_parquet(path)
    subprocess.run(["rm", "-rf", HOME / "from_parquet"], check=True)
    start = time.perf_counter()
    taken = BarStore(HOME / "from_parquet")
    taken.append(path)
    into = time.perf_counter() - start
    _, seconds = scan_store(taken)
    return {
        "mb": round(path.stat().st_size / 1e6),
        "symbols": len(taken),
        "of": len(names),
        "append_s": into,
        "scan_s": seconds,
    }


def sizes(counts: tuple[int, ...]) -> list[dict[str, Any]]:
    """Time and own memory (pages of mapped files are the system's) of a scan in a fresh process.

    The process lives in a memory cgroup of 1 GiB, as a container does, where one can be made (root
    on Linux); else its own memory and private mappings together may not exceed that.
    """
    code = (
        "import json,sys,time; sys.path.insert(0, sys.argv[1]); import scan;"
        "print(json.dumps(scan.sized(int(sys.argv[2]))))"
    )
    found = []
    for count in counts:
        market(count)
        command = [sys.executable, "-c", code, str(ROOT / "benchmarks"), str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
        print(found[-1], flush=True)
    return found


def sized(count: int) -> dict[str, Any]:
    """A scan in a process that has no more than 1 GiB of memory."""
    held_by = confined()
    params = ScanParams.from_dict({"universe": f"synthetic:{count}", **JOB})
    warm = ScanParams.from_dict({"universe": "synthetic:300", **JOB})
    for _ in Scan(params=warm, universe=resolve(warm)).run():
        pass
    with peak_of_own() as peak:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            work = Scan(params=params, universe=resolve(params))
            for _ in work.run():
                pass
            work.document()
            times.append(time.perf_counter() - start)
    before, most = peak
    return {
        "symbols": count,
        "s": min(times),
        "own_mb_before": before // MEBI,
        "own_mb_peak": most // MEBI,
        "limit_mb": LIMIT // MEBI,
        "limit": held_by,
    }


def rules() -> dict[str, Any]:
    """Plans of rules never seen before, and the first values by them."""
    rng = np.random.default_rng(1)
    texts = [
        f"cross_up(ema({a}), sma({b}), within={c}) and rsi({d}) < {50 + d} and close > highest(high, {b}) * 0.9"
        for a, b, c, d in rng.integers(2, 40, (200, 4)).tolist()
    ]
    times = []
    for text in texts:
        start = time.perf_counter()
        compile_rule(rule=text, rank="ret(20)", columns=["close", "rsi(14)"])
        times.append(time.perf_counter() - start)
    return {
        "median_ms": float(np.median(times)) * 1e3,
        "p99_ms": float(np.percentile(times, 99)) * 1e3,
    }


def fresh() -> dict[str, Any]:
    """A worker process from its start to the answer of its first scan, warmed before it or not."""
    entry, params = "stockwidget.jobs:scan", {"universe": ["SYN00001"], "rule": RULE}
    return {
        "warmed_s": first_answer(entry, params, warm=True),
        "on_demand_s": first_answer(entry, params, warm=False),
    }


def main(symbols: int) -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    block = market(symbols)
    found: dict[str, Any] = {"symbols": symbols}
    steps: dict[str, Callable[[], Any]] = {
        "memory": lambda: in_memory(block),
        "repeat": lambda: repeated(block),
        "dask": clustered,
        "system": lambda: system(symbols),
        "rules": rules,
        "fresh_worker": fresh,
        "peers": lambda: peers(block),
        "parquet": lambda: parquet(symbols),
        "sizes": lambda: sizes((symbols // 10, symbols, 4 * symbols)),
    }
    for name, step in steps.items():
        found[name] = step()
        print(name, found[name], flush=True)
    ours = found["memory"]["threads_2_s"]
    found["times_faster"] = {
        peer: round(said["s_all"] / ours, 1)
        for peer, said in found["peers"].items()
        if "s_all" in said
    }
    found["times_the_read_limit"] = round(ours / found["memory"]["read_limit_2_s"], 1)
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
