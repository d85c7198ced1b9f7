"""Write the documents that the harness shows: real analyses and scans, by the jobs themselves.

Run ``python src/stockwidget/js/dev/documents.py FOLDER``.
"""

import json
import linecache
import sys
from pathlib import Path
from typing import Any

import pandas as pd

import stockwidget as sw
from stockwidget import jobs
from stockwidget.errors import StockwidgetError
from stockwidget.parts.packing import pack
from stockwidget.sources.sample import SampleSource
from stockwidget.tasks.steps import Log, Partial, Result, Step

CARD = {
    "families": {
        "trend": {
            "weight": 0.6,
            "title": "Trend",
            "title_zh": "趋势",
            "rules": {"close > sma(200)": 2, "cross_up(macd_dif, macd_dea, within=10)": 1},
        },
        "calm": {"weight": 0.4, "title": "Calm", "title_zh": "平静", "rules": {"natr(14) < 3": 1}},
    },
    "bands": {"good": 50, "bad": 0},
}


@sw.signal(title="Inside day", title_zh="孕日", direction="up")
def inside_day(bars: Any) -> Any:
    """High and low lie within those of the bar before."""
    return (bars.high < bars.high.shift()) & (bars.low > bars.low.shift())


@sw.signal(title="Tomorrow", title_zh="明日", direction="up")
def tomorrow(bars: Any) -> Any:
    return (bars.close.shift(-1) > bars.close * 1.05).rolling(20).sum() == 1


@sw.factor(weight=0.2, title="Quiet", title_zh="平静度")
def quiet(bars: Any) -> Any:
    moves = bars.close.pct_change().rolling(20).std()
    return 1 - moves.rolling(252).rank(pct=True)


CELL = """@sw.signal(title="Broken")
def broken(bars):
    return bars["Close"] > bars["Open"]
"""
linecache.cache["Cell In[3]"] = (len(CELL), None, CELL.splitlines(keepends=True), "Cell In[3]")
exec(compile(CELL, "Cell In[3]", "exec"))  # noqa: S102 - as a notebook does


@sw.rule(title="In a mood", title_zh="看心情")
def moody(bars: Any) -> Any:
    if len(bars) < 1000:
        raise ValueError("too short for me")
    return None if bars.close.iloc[-1] > 200 else True


def company(folder: Path) -> dict[str, Any]:
    """IBM in a store with made-up facts, each of a kind that the page must show."""
    store = sw.store(folder / "bars")
    if not store.exists:
        store.append(SampleSource().bars("IBM").frame, symbol="IBM", names={"IBM": "Example Corp."})
        rows = [
            ("eps", 14.41, "2012-12-31", "2013-01-22", "USD"),
            ("book_value_per_share", 16.9, "2009-12-31", "2010-02-23", "USD"),
            ("shares_outstanding", 1.117e9, "2012-12-31", "2013-02-26", ""),
            ("revenue", 104.5e9, "2012-12-31", "2013-01-22", "USD"),
            ("revenue_growth", -0.0228, "2012-12-31", "2013-01-22", ""),
            ("roe", 0.853, "2012-12-31", "2013-02-26", ""),
            ("gross_margin", 0.481, "2012-12-31", None, ""),
            ("free_cash_flow", 15.2e9, "2009-12-31", "2010-02-23", "USD"),
            ("earnings", 5.39, "2013-01-22", "2013-01-22", "USD"),
            ("earnings", None, "2013-04-18", "2013-02-01", ""),
        ]
        columns = ["item", "value", "period_end", "published", "currency"]
        store.put_facts(pd.DataFrame(rows, columns=columns).assign(source="example"), symbol="IBM")
    return {"symbol": "IBM", "source": f"store:{store.path}"}


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
    "own": ("analysis", {"symbol": "AAPL", "scorecard": CARD}),
    "broken": ("analysis", {"symbol": "AAPL"}),
    "moody": ("scan", {"universe": "sample"}),
    "study": ("study", {"universe": "synthetic:300", "rule": "rsi(14) < 30"}),
    "studyclear": (
        "study",
        {"universe": "synthetic:500", "rule": "rank(ret(252)) > 90", "every": "week"},
    ),
    "studynone": ("study", {"universe": "sample", "rule": "rsi(14) < 1"}),
}
FUNCTIONS = {
    "own": {"signals": [inside_day, tomorrow], "factors": [quiet]},
    "broken": {"signals": [locals()["broken"]]},
    "moody": {"rule": moody},
}


def run(kind: str, data: dict, functions: dict) -> dict:
    """One task from start to end, without a runner."""
    spec = jobs.KINDS[kind]
    own, more = {}, {}
    if functions:
        own, code = pack(**functions)
        more = {"code": code.payload}
    params, title = spec.prepare({**data, **own})
    steps, logs, result, error = [], [], None, None
    try:
        for item in getattr(jobs, kind)(params, **more):
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
    REQUESTS["company"] = ("analysis", company(folder))
    for name, (kind, data) in REQUESTS.items():
        (folder / f"{name}.json").write_text(
            json.dumps(run(kind, data, FUNCTIONS.get(name, {})), ensure_ascii=False)
        )
