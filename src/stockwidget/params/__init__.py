"""What an analysis, a scan or a study is asked for: validated, frozen, in one canonical form.

Light on purpose: the server validates requests in its own process, without numpy or pandas.
Names that only a source or the column table can know are checked by ``stockwidget.jobs``.
"""

from stockwidget.params.analysis import Adjust, AnalysisParams
from stockwidget.params.scan import OPS, Condition, Op, ScanParams
from stockwidget.params.study import StudyParams
from stockwidget.params.universes import MAX_SYMBOLS, MAX_SYNTHETIC, PLACES
from stockwidget.params.weights import WEIGHTS, check_weights

__all__ = [
    "MAX_SYMBOLS",
    "MAX_SYNTHETIC",
    "OPS",
    "PLACES",
    "WEIGHTS",
    "Adjust",
    "AnalysisParams",
    "Condition",
    "Op",
    "ScanParams",
    "StudyParams",
    "check_weights",
]
