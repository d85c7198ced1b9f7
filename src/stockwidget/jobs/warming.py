"""What a fresh worker does before its first job."""

from __future__ import annotations

import importlib
import threading

from stockwidget import compiled
from stockwidget.jobs.analyses import analysis
from stockwidget.jobs.scans import scan


def warm() -> None:
    """Do what the first jobs on a machine, and in a process, would otherwise wait for."""
    for _ in analysis({"symbol": "AAPL"}):
        pass
    for _ in scan({"universe": ["SYN00001"], "rule": "close > sma(200) and rsi(14) < 101"}):
        pass
    from stockwidget.store.gather import compile_both

    compile_both()
    compiled.note()


def get_ready() -> None:
    """Warm up a fresh worker; what compiling would keep waiting goes on beside its first job."""
    if compiled.before():
        warm()
        return
    importlib.import_module("stockwidget.analysis.study")
    importlib.import_module("stockwidget.scan.engine")
    threading.Thread(target=warm, daemon=True).start()
