"""Stock analyses and market scans that run beside the notebook kernel.

``analyze``, ``scan`` and ``study`` return a handle at once; display it to watch, call ``.result()``
or ``await`` it for DataFrames. Names are looked up on first use: importing costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# First the modules, then the functions that take their names as attributes of the package: the
# other way round, the first import of a module would put it in the place of the function.
import stockwidget.scan
import stockwidget.store
import stockwidget.study
import stockwidget.symbols
import stockwidget.tasks  # noqa: F401

# isort: split
from stockwidget.notebook.api import (
    analyze,
    attach,
    compare,
    connection,
    diff,
    doctor,
    monitor,
    scan,
    stats,
    store,
    study,
    symbols,
    tasks,
    watchlist,
)

if TYPE_CHECKING:
    from stockwidget.errors import (
        AmbiguousTask,
        CodeNotAllowed,
        DamagedStore,
        InsufficientHistory,
        InterpreterUnusable,
        InvalidBars,
        InvalidFacts,
        InvalidRequest,
        InvalidRule,
        JobFailed,
        NotAuthorized,
        PartFailed,
        PortInUse,
        ServerError,
        ServerUnreachable,
        SourceUnavailable,
        StockwidgetError,
        StoreUnavailable,
        TaskCancelled,
        TaskError,
        TaskExpired,
        UnknownParameter,
        UnknownSymbol,
        UnknownTask,
        WorkerCrashed,
        WrongTaskState,
    )
    from stockwidget.notebook.comparison import Comparison
    from stockwidget.notebook.handle import Analysis, Scan, Study
    from stockwidget.notebook.results import AnalysisResult
    from stockwidget.notebook.scan_diff import ScanDiff
    from stockwidget.notebook.scan_result import ScanResult
    from stockwidget.notebook.study_result import StudyResult
    from stockwidget.parts.decorators import factor, rule, signal
    from stockwidget.scan.rules.explain import Explanation, explain
    from stockwidget.scorecards import Scorecard
    from stockwidget.store.barstore import BarStore

    __version__: str

__all__ = [
    "AmbiguousTask",
    "Analysis",
    "AnalysisResult",
    "BarStore",
    "CodeNotAllowed",
    "Comparison",
    "DamagedStore",
    "Explanation",
    "InsufficientHistory",
    "InterpreterUnusable",
    "InvalidBars",
    "InvalidFacts",
    "InvalidRequest",
    "InvalidRule",
    "JobFailed",
    "NotAuthorized",
    "PartFailed",
    "PortInUse",
    "Scan",
    "ScanDiff",
    "ScanResult",
    "Scorecard",
    "ServerError",
    "ServerUnreachable",
    "SourceUnavailable",
    "StockwidgetError",
    "StoreUnavailable",
    "Study",
    "StudyResult",
    "TaskCancelled",
    "TaskError",
    "TaskExpired",
    "UnknownParameter",
    "UnknownSymbol",
    "UnknownTask",
    "WorkerCrashed",
    "WrongTaskState",
    "__version__",
    "analyze",
    "attach",
    "compare",
    "connection",
    "diff",
    "doctor",
    "explain",
    "factor",
    "monitor",
    "rule",
    "scan",
    "signal",
    "stats",
    "store",
    "study",
    "symbols",
    "tasks",
    "watchlist",
]

_HOMES = {
    "Analysis": "stockwidget.notebook.handle",
    "AnalysisResult": "stockwidget.notebook.results",
    "BarStore": "stockwidget.store.barstore",
    "Comparison": "stockwidget.notebook.comparison",
    "Explanation": "stockwidget.scan.rules.explain",
    "Scan": "stockwidget.notebook.handle",
    "ScanDiff": "stockwidget.notebook.scan_diff",
    "ScanResult": "stockwidget.notebook.scan_result",
    "Scorecard": "stockwidget.scorecards",
    "Study": "stockwidget.notebook.handle",
    "StudyResult": "stockwidget.notebook.study_result",
    "explain": "stockwidget.scan.rules.explain",
    "factor": "stockwidget.parts.decorators",
    "rule": "stockwidget.parts.decorators",
    "signal": "stockwidget.parts.decorators",
}


if not TYPE_CHECKING:  # To a checker, any name would be one of the package's then.

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            from difflib import get_close_matches

            near = [] if name.startswith("_") else get_close_matches(name, __all__, n=1)
            said = f". Did you mean {near[0]!r}?" if near else ""
            raise AttributeError(f"module 'stockwidget' has no attribute {name!r}{said}")
        if name == "__version__":
            from importlib.metadata import version

            value: Any = version("stockwidget")
        else:
            value = getattr(import_module(_HOMES.get(name, "stockwidget.errors")), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
