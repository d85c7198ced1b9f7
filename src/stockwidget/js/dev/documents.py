"""Write the documents that the harness shows: real analyses and scans, by the jobs themselves.

Run ``python src/stockwidget/js/dev/documents.py FOLDER``.
"""

import json
import sys
from pathlib import Path

from stockwidget import jobs
from stockwidget.errors import StockwidgetError
from stockwidget.tasks.steps import Log, Partial, Result, Step

REQUESTS = {
    "aapl": ("analysis", {"symbol": "AAPL"}),
    "msft": ("analysis", {"symbol": "MSFT"}),
    "short": ("analysis", {"symbol": "FB"}),
    "young": ("analysis", {"symbol": "NVDA", "start": "2023-07-20"}),
    "synthetic": ("analysis", {"symbol": "SYN00007", "source": "synthetic"}),
    "unknown": ("analysis", {"symbol": "APPL"}),
    "scan": ("scan", {"universe": "sample", "where": {"rsi_14": ["<", 70]}}),
    "big": (
        "scan",
        {
            "universe": "synthetic:2000",
            "columns": ["close", "volume", "ret_1", "ret_20", "volatility_252"],
        },
    ),
    "empty": ("scan", {"universe": "sample", "where": {"rsi_14": ["<", 1]}}),
}


def run(kind: str, data: dict) -> dict:
    """One task from start to end, without a runner."""
    spec = jobs.KINDS[kind]
    params, title = spec.prepare(data)
    steps, logs, result, error = [], [], None, None
    try:
        for item in getattr(jobs, kind)(params):
            match item:
                case Step():
                    steps.append(
                        {
                            "stage": item.stage,
                            "progress": item.progress,
                            "counters": dict(item.counters),
                        }
                    )
                case Log():
                    logs.append({"level": item.level, "message": item.message})
                case Result():
                    result = item.data
                case Partial():
                    pass
    except StockwidgetError as failure:
        error = failure.to_dict()
    return {
        "kind": kind,
        "title": title,
        "params": params,
        "stages": spec.stages,
        "steps": steps,
        "logs": logs,
        "result": result,
        "error": error,
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (kind, data) in REQUESTS.items():
        (folder / f"{name}.json").write_text(json.dumps(run(kind, data), ensure_ascii=False))
