"""The functions of the package. Light: what is heavy is imported inside."""

from stockwidget.notebook.api.analyses import analyze, compare
from stockwidget.notebook.api.data import store, symbols, watchlist
from stockwidget.notebook.api.handles import attach, tasks
from stockwidget.notebook.api.scans import diff, scan, study
from stockwidget.notebook.api.watching import connection, doctor, monitor, stats

__all__ = [
    "analyze",
    "attach",
    "compare",
    "connection",
    "diff",
    "doctor",
    "monitor",
    "scan",
    "stats",
    "store",
    "study",
    "symbols",
    "tasks",
    "watchlist",
]
