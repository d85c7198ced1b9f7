"""How long an analysis takes, part by part, and its indicators beside TA-Lib, pandas, pandas-ta-classic and stockstats.

    python benchmarks/analysis.py [--rounds 31]

- compute: everything that an analysis of 2 520 bars says, warm, in this process: without the record of signals and
  scores (2 000 bootstrap samples of each of 96 rows), and with it. Reading the bars is part of it.
- sample: the same of the sample's AAPL (2 699 bars), whose record is also taken across the nine symbols of the sample:
  the first time in a process, and after that.
- kernel: submit -> result from a process that has a Jupyter server, each an analysis of its own (``force=True``).
- fresh: from the start of a new worker process to the result of its first analysis, machine code already on disk: a worker
  that was started to stand ready (it loads what any job needs), and one that is started for this analysis.
- indicators: the 21 series of the document by each library. pandas-ta-classic and stockstats run in a scratch
  environment that ``uv`` makes; ``agree`` counts the series whose last value is within 1e-6 of ours (others seed or
  smooth differently, as docs/indicators.md says of TA-Lib and Chinese software).

The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from lab_driver import running_lab  # noqa: E402
from other_answers import answer  # noqa: E402
from workers import first_answer  # noqa: E402

from stockwidget import jobs  # noqa: E402
from stockwidget.analysis.study import PARTS, Study  # noqa: E402
from stockwidget.analysis.universe import forget  # noqa: E402
from stockwidget.indicators.table import CHARTED  # noqa: E402
from stockwidget.params import AnalysisParams  # noqa: E402
from stockwidget.sources.registry import get_source  # noqa: E402

PEERS = Path(__file__).parent / "peers"
AIMS = {
    "compute_ms": 25,
    "compute_with_record_ms": 150,
    "submit_to_result_ms": 150,
    "fresh_worker_ms": 1500,
    "worker_on_demand_ms": 1500,
}
KERNEL = """
import sys, time
import stockwidget as sw
times = []
for _ in range(int(sys.argv[1]) + 2):
    start = time.perf_counter()
    sw.analyze('AAPL', force=True).result()
    times.append(1e3 * (time.perf_counter() - start))
print(*times[2:])
"""
FIRST = "stockwidget.jobs:analysis", {"symbol": "AAPL"}


def median(call: Callable[[], object], rounds: int) -> float:
    """Milliseconds, after two rounds that warm up."""
    times = []
    for _ in range(rounds + 2):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times[2:])


def compute(params: AnalysisParams, *, record: bool) -> dict[str, Any]:
    """All parts of the document but perhaps the record."""
    study = Study(get_source(params.source), params)
    for _ in study.compute():
        pass
    found = {**study.head(), **study.chart()}
    return found | {name: study.part(name) for name in PARTS if record or name != "record"}


def by_part(params: AnalysisParams, rounds: int) -> dict[str, float]:
    """Milliseconds of each part, best of the rounds; later parts use what earlier ones computed."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        start = time.perf_counter()
        study = Study(get_source(params.source), params)
        laps = {"bars": time.perf_counter() - start}

        def lap(name: str, call: Callable[[], object], laps: dict[str, float] = laps) -> None:
            start = time.perf_counter()
            call()
            laps[name] = time.perf_counter() - start

        lap("indicators", lambda study=study: list(study.compute()))
        lap("chart", study.chart)
        for name in PARTS:
            lap(name, lambda study=study, name=name: study.part(name))
        best = {name: min(best.get(name, math.inf), 1e3 * took) for name, took in laps.items()}
    return best


def submit_to_result(rounds: int) -> list[float]:
    """Milliseconds of each analysis asked for by a process of the user, through a real server."""
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab:
        server = {"STOCKWIDGET_SERVER": lab.url, "STOCKWIDGET_TOKEN": lab.token}
        done = subprocess.run(
            [sys.executable, "-c", KERNEL, str(rounds)],
            env={**lab.environment, **server},
            check=True,
            capture_output=True,
            text=True,
        )
    return [float(each) for each in done.stdout.split()]


def indicators(rounds: int) -> dict[str, dict[str, Any]]:
    """The document's series by each library."""
    params = AnalysisParams(symbol="SYN00001", source="synthetic")
    frame = Study(get_source("synthetic"), params).view
    columns = {name: frame[name].to_numpy(copy=True) for name in frame}
    ours = {name: values for row in CHARTED for name, values in row(columns).items()}
    talib = {
        name: values
        for row in CHARTED
        for name, values in zip(
            row.outputs, answer(row.function.__name__, columns, row.settings), strict=True
        )
    }
    found: dict[str, dict[str, Any]] = {
        "stockwidget": {"p50_ms": median(lambda: [row(columns) for row in CHARTED], rounds)},
        "ta_lib": {
            "p50_ms": median(
                lambda: [answer(r.function.__name__, columns, r.settings) for r in CHARTED], rounds
            )
        },
    }
    last = {"stockwidget": ours, "ta_lib": talib}
    ends = {
        who: {name: float(series[-1]) for name, series in each.items()}
        for who, each in last.items()
    }
    with tempfile.NamedTemporaryFile(suffix=".csv") as bars:
        frame.to_csv(bars.name)
        needs = ("pandas-ta-classic==0.8.32", "stockstats==0.6.10")
        command = [
            "uv",
            "run",
            "--no-project",
            "--quiet",
            *(f"--with={each}" for each in needs),
            "python",
        ]
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            [*command, str(PEERS / "indicators.py"), bars.name, str(rounds)],
            capture_output=True, text=True, check=False, env={**os.environ, "PATH": path},
        )  # fmt: skip
    if done.returncode:
        found["peers"] = {"error": (done.stderr.strip().splitlines() or ["it failed"])[-1]}
    else:
        for who, row in json.loads(done.stdout.splitlines()[-1]).items():
            ends[who] = row.pop("last")
            found[who] = row
    for who, values in ends.items():
        same = [math.isclose(values[n], ends["stockwidget"][n], rel_tol=1e-6) for n in values]
        found[who] = {
            "p50_ms": round(found[who]["p50_ms"], 3),
            "outputs": len(values),
            "agree": sum(same),
        }
    return found


def main(rounds: int) -> dict[str, Any]:
    """Measure and print."""
    jobs.warm()
    made = AnalysisParams(symbol="SYN00001", source="synthetic")
    sample = AnalysisParams(symbol="AAPL")
    figures = {
        "compute_ms": median(lambda: compute(made, record=False), rounds),
        "compute_with_record_ms": median(lambda: compute(made, record=True), rounds),
        "sample_ms": median(lambda: compute(sample, record=True), rounds),
    }

    def first() -> None:
        forget()
        compute(sample, record=True)

    figures["sample_first_ms"] = median(first, 5)
    kernel = submit_to_result(rounds)
    figures["submit_to_result_ms"] = statistics.median(kernel)
    figures["submit_to_result_p95_ms"] = statistics.quantiles(kernel, n=20)[18]
    figures["fresh_worker_ms"] = 1e3 * first_answer(*FIRST, warm=True)
    figures["worker_on_demand_ms"] = 1e3 * first_answer(*FIRST, warm=False)
    bare = [sys.executable, "-c", "import numpy, pandas, numba, pyarrow.parquet"]
    figures["imports_alone_ms"] = median(lambda: subprocess.run(bare, check=True), 5)
    for name, value in figures.items():
        aim = f"   aim {AIMS[name]}" if name in AIMS else ""
        print(f"{name:28}{value:10.1f}{aim}")
    parts = by_part(made, 7)
    print("parts, ms:", ", ".join(f"{name} {took:.1f}" for name, took in parts.items()))
    libraries = indicators(rounds)
    for who, row in libraries.items():
        print(f"{who:20}", *(f"{name} {value}" for name, value in row.items()))
    rounded = {name: round(value, 2) for name, value in figures.items()}
    return {"benchmark": "analysis", "rounds": rounds, **rounded,
            "parts_ms": {name: round(took, 2) for name, took in parts.items()},
            "indicators": libraries}  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=31)
    print(json.dumps(main(parser.parse_args().rounds)))
